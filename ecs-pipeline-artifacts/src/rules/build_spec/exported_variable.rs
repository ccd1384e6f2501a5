//! A variable that cannot be exported.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-exported-variable",
    severity: Severity::Warning,
    summary: "an exported variable that begins with `AWS_`",
    explanation: "CodeBuild does not export variables that begin with `AWS_` or come from Secrets Manager.",
    remedy: "Copy the value into a variable of another name, and export that.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let exported = spec
        .root
        .get("env")
        .and_then(|env| env.get("exported-variables"));
    for item in exported.map(Node::items).unwrap_or_default() {
        if item.as_str().is_some_and(|name| name.starts_with("AWS_")) {
            findings.value(item, "a variable that begins with `AWS_` is not exported");
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
                    "env: {exported-variables: [TAG, MY_AWS_TAG]}\nphases: {}",
                    &[],
                ),
                (
                    "env: {exported-variables: [TAG, AWS_TAG]}\nphases: {}",
                    &["env.exported-variables[1]"],
                ),
            ],
        );
    }
}
