//! A phase that CodeBuild does not have.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-unknown-phase",
    severity: Severity::Error,
    summary: "a phase that CodeBuild does not have",
    explanation: "CodeBuild refuses the file: `YAML_FILE_ERROR Message: Invalid buildspec phase name: prebuild. Expecting: build,install,post_build,pre_build`. Where the name is that of another part, such as `artifacts`, it is indented too far.",
    remedy: "Name the phase `install`, `pre_build`, `build` or `post_build`.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    // Looking for the right one beside each of very many would take long.
    let few = spec.phases().count() <= 16;
    for phase in spec.phases().filter(|phase| !is_known_phase(&phase.name)) {
        let name = &phase.name;
        let finding = findings.name(
            &phase.node,
            format!(
                "`{name}` is no phase: they are `install`, `pre_build`, `build` and `post_build`"
            ),
        );
        if super::unknown_member::TOP.contains(&name.as_ref()) {
            finding.help(format!(
                "`{name}` does not belong into `phases`: take its indentation away"
            ));
            continue;
        }
        let plain: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        let meant = PHASES
            .into_iter()
            .find(|known| plain.eq_ignore_ascii_case(&known.replace('_', "")));
        finding.did_you_mean(meant.or_else(|| crate::suggest::closest(name, PHASES)));
        if let Some(meant) = meant.filter(|meant| few && spec.phase(meant).is_none()) {
            finding.fix(
                format!("rename `{name}` to `{meant}`"),
                [Change::Rename(phase.node.id, meant.to_owned())],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "version: 0.2\nphases: {install: , pre_build: , build: , post_build: , BUILD: }",
                    &[],
                ),
                (
                    "version: 0.2\nphases: {prebuild: , deploy: , artifacts: }",
                    &["phases.prebuild", "phases.deploy", "phases.artifacts"],
                ),
            ],
        );
    }
}
