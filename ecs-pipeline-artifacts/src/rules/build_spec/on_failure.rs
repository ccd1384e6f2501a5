//! An `on-failure` that is none.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-on-failure",
    severity: Severity::Warning,
    summary: "`on-failure` has a value that it cannot have",
    explanation: "It is `ABORT`, `CONTINUE`, `RETRY`, `RETRY-` and how often (0 to 100), `RETRY-` and a regular expression, or both: `RETRY-3-pattern`.",
    remedy: "Use one of these, in capitals.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

const VALUES: [&str; 3] = ["ABORT", "CONTINUE", "RETRY"];

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for phase in spec.phases() {
        let Some(node) = phase.node.present("on-failure") else {
            continue;
        };
        let text = node.as_str().unwrap_or_default();
        if crate::build_spec::OnFailure::parse(text).is_none()
            && !crate::source::has_placeholder(text)
        {
            findings
                .value(node, "`on-failure` is `ABORT`, `CONTINUE` or `RETRY`, with how often (up to 100) and a pattern if wanted")
                .did_you_mean(crate::suggest::closest(text, VALUES));
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
                    "phases: {build: {on-failure: ABORT}, post_build: {on-failure: RETRY-3-x}}",
                    &[],
                ),
                (
                    "phases: {build: {on-failure: abort}, post_build: {on-failure: RETRY-101}}",
                    &["phases.build.on-failure", "phases.post_build.on-failure"],
                ),
            ],
        );
    }
}
