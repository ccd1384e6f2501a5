//! The version of the AppSpec.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-version",
    severity: Severity::Warning,
    summary: "the version is not 0.0",
    explanation: "The user guide: \"It is required. Currently, the only allowed value is 0.0.\" CodeDeploy \
                  does not seem to hold ECS deployments to that (CircleCI's aws-ecs orb writes 1), but \
                  nothing says that it stays so.",
    remedy: "Write `version: 0.0`.",
    reference: STRUCTURE_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if form(root) != Form::Ecs || !matches!(root.value, Value::Object(_)) {
        return;
    }
    match root.get_any_case("version") {
        None => {
            findings.value(root, "the AppSpec has no `version`").fix(
                "add `version`",
                [Change::Insert {
                    into: root.id,
                    name: "version".to_owned(),
                    value: "0.0".to_owned(),
                }],
            );
        }
        Some(version) if is_zero(version) || version.is_placeholder() => {}
        Some(version) => {
            findings
                .value(version, "the only version of an AppSpec is 0.0")
                .fix("write 0.0", [Change::Replace(version.id, "0.0".to_owned())]);
        }
    }
}

fn is_zero(version: &Node<'_>) -> bool {
    match &version.value {
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => matches!(text.as_ref(), "0.0" | "0"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::rules::tests::fixed;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                ("version: 0.0", "version: \"0.0\"", &[]),
                ("version: 0.0", "version: 0", &[]),
                ("version: 0.0", "version: 1", &["version"]),
                ("version: 0.0", "version: 0.1", &["version"]),
                ("version: 0.0", "version: \"1.0\"", &["version"]),
                ("version: 0.0", "version:", &["version"]),
                ("version: 0.0\n", "", &[""]),
            ],
        );
    }

    #[test]
    fn fixes() {
        for (name, text, expected) in [
            (
                "appspec.json",
                "{\"version\": \"1.0\", \"Resources\": []}",
                "{\"version\": 0.0, \"Resources\": []}",
            ),
            (
                "appspec.json",
                "{\"Resources\": []}",
                "{\"Resources\": [], \"version\": 0.0}",
            ),
            (
                "appspec.yaml",
                "version: 1\nResources: []\n",
                "version: 0.0\nResources: []\n",
            ),
        ] {
            assert_eq!(fixed(&super::RULE, name, text), expected);
        }
    }
}
