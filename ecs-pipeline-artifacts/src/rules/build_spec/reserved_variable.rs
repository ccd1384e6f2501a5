//! A variable with CodeBuild's prefix.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-reserved-variable",
    severity: Severity::Warning,
    summary: "a variable that begins with `CODEBUILD_`",
    explanation: "The reference asks not to set variables with this prefix: it is reserved for CodeBuild's own.",
    remedy: "Choose another name.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for (_, variables) in spec.variables() {
        for member in variables.members() {
            if member.name.starts_with("CODEBUILD_") {
                findings.name(
                    &member.node,
                    format!(
                        "`{}` begins with `CODEBUILD_`, which is CodeBuild's own",
                        member.name
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
                ("env: {variables: {MY_CODEBUILD_A: a}}\nphases: {}", &[]),
                (
                    "env: {variables: {CODEBUILD_A: a}, secrets-manager: {CODEBUILD_B: b}}\nphases: {}",
                    &[
                        "env.variables.CODEBUILD_A",
                        "env.secrets-manager.CODEBUILD_B",
                    ],
                ),
            ],
        );
    }
}
