//! A phase that does nothing.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-commands-missing",
    severity: Severity::Warning,
    summary: "a phase without commands",
    explanation: "The reference asks for `commands` in every phase that is there; `install` may have `runtime-versions` alone.",
    remedy: "Give the phase `commands`, or leave it out.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for phase in spec.phases().filter(|phase| is_known_phase(&phase.name)) {
        let has = |name: &str| {
            phase.node.get(name).is_some_and(|node| {
                is_plain(node) || !node.items().is_empty() || !node.members().is_empty()
            })
        };
        if !no_object(&phase.node)
            && !["commands", "finally", "runtime-versions"]
                .into_iter()
                .any(has)
        {
            findings.name(
                &phase.node,
                format!("phase `{}` has no commands", phase.name),
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
                    "phases: {install: {runtime-versions: {nodejs: 20}}, build: {commands: a}, post_build: {commands: [a]}}",
                    &[],
                ),
                (
                    "phases: {install: , build: {commands: }, post_build: {commands: []}}",
                    &["phases.install", "phases.build", "phases.post_build"],
                ),
            ],
        );
    }
}
