//! Statements as they stand in a template.

use std::fmt::Write;

use super::Statement;

/// A YAML list that begins in the first column. What has a parameter in it is for `Fn::Sub`.
pub(super) fn statements(statements: &[Statement]) -> String {
    let mut yaml = String::new();
    for statement in statements {
        // Writing to a String does not fail.
        let _ = writeln!(yaml, "- Sid: {}", statement.sid);
        let _ = writeln!(yaml, "  Effect: {}", statement.effect);
        list(&mut yaml, "  ", "Action", &statement.actions);
        list(&mut yaml, "  ", "Resource", &statement.resources);
        if !statement.conditions.is_empty() {
            yaml.push_str("  Condition:\n");
        }
        for (operator, keys) in &statement.conditions {
            let _ = writeln!(yaml, "    {operator}:");
            for (key, values) in keys {
                list(&mut yaml, "      ", key, values);
            }
        }
    }
    yaml
}

/// One value stands on the name's line.
fn list(yaml: &mut String, indent: &str, name: &str, values: &[impl AsRef<str>]) {
    let mut values = values.iter().map(|value| scalar(value.as_ref()));
    match (values.next(), values.len()) {
        (Some(only), 0) => {
            let _ = writeln!(yaml, "{indent}{name}: {only}");
        }
        (Some(first), _) => {
            let _ = writeln!(yaml, "{indent}{name}:");
            for value in std::iter::once(first).chain(values) {
                let _ = writeln!(yaml, "{indent}  - {value}");
            }
        }
        (None, _) => {}
    }
}

fn scalar(value: &str) -> String {
    match value {
        "*" => "\"*\"".to_owned(),
        _ if value.contains("${") => format!("!Sub {value}"),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_parameter_is_substituted() {
        let pass = Statement::new("Pass", ["iam:PassRole"], ["arn:${A}".to_owned()]);
        let both = Statement::anywhere("Both", ["a:B", "a:C"]);
        let pass = pass.when("StringEquals", "iam:PassedToService", ["x.y".to_owned()]);
        assert_eq!(
            statements(&[pass, both]),
            "- Sid: Pass\n  Effect: Allow\n  Action: iam:PassRole\n  Resource: !Sub arn:${A}\n  \
             Condition:\n    StringEquals:\n      iam:PassedToService: x.y\n\
             - Sid: Both\n  Effect: Allow\n  Action:\n    - a:B\n    - a:C\n  Resource: \"*\"\n"
        );
    }
}
