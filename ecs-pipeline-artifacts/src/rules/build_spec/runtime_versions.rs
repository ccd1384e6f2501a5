//! Runtimes without versions.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-runtime-versions",
    severity: Severity::Warning,
    summary: "`runtime-versions` does not give each runtime a version",
    explanation: "It is an object of runtimes, each with one version: `nodejs: 20`.",
    remedy: "Write `runtime: version` for each.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for phase in spec.phases() {
        let Some(node) = phase.node.present("runtime-versions") else {
            continue;
        };
        if no_object(node) {
            findings.value(
                node,
                format!(
                    "`runtime-versions` is an object such as `nodejs: 20`, and this is {}",
                    node.kind()
                ),
            );
        }
        for runtime in node
            .members()
            .iter()
            .filter(|runtime| !is_plain(&runtime.node))
        {
            findings.value(
                &runtime.node,
                format!("runtime `{}` has no version", runtime.name),
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
                    "phases: {install: {runtime-versions: {nodejs: 20, java: corretto21, python: 3.12}}}",
                    &[],
                ),
                (
                    "phases: {install: {runtime-versions: [nodejs]}}",
                    &["phases.install.runtime-versions"],
                ),
                (
                    "phases: {install: {runtime-versions: {nodejs: , java: [1]}}}",
                    &[
                        "phases.install.runtime-versions.nodejs",
                        "phases.install.runtime-versions.java",
                    ],
                ),
            ],
        );
    }
}
