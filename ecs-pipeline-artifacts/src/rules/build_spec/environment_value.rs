//! A variable whose value is no text.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-environment-value",
    severity: Severity::Error,
    summary: "an environment variable whose value is an object or a list",
    explanation: "Variables are text. CodeBuild cannot read the file where the value of one is anything else.",
    remedy: "Put the value in quotes.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for (name, variables) in spec.variables() {
        if no_object(variables) {
            findings.value(
                variables,
                format!(
                    "`{name}` is an object of names and values, and this is {}",
                    variables.kind()
                ),
            );
        }
        for member in variables.members() {
            if !is_plain(&member.node) && !member.node.is_null() {
                findings.value(
                    &member.node,
                    format!(
                        "variable `{}`: the value is {}, not text",
                        member.name,
                        member.node.kind()
                    ),
                );
            }
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
                    "env: {variables: {A: a, B: 1, C: true, D: }, parameter-store: {E: /e}}\nphases: {}",
                    &[],
                ),
                (
                    "env: {variables: {A: {b: c}}, secrets-manager: {S: [a]}, parameter-store: [a]}\nphases: {}",
                    &[
                        "env.variables.A",
                        "env.secrets-manager.S",
                        "env.parameter-store",
                    ],
                ),
            ],
        );
    }
}
