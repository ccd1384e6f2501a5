//! Commands that check nothing.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "health-check-command",
    severity: Severity::Warning,
    summary: "a health check command that does not run as written",
    explanation: "The first item says how the command is run. CMD runs the second item as a program with the \
                  others as arguments, and no shell looks at `||` or `|`. CMD-SHELL gives the second item to \
                  a shell, and further items are not part of the command. AWS takes a list with neither of \
                  the two, though it says that one of them must be first, and Docker then runs no check at \
                  all, so that the container's health stays UNKNOWN.",
    remedy: "Write `[\"CMD-SHELL\", \"curl -f http://localhost/ || exit 1\"]`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let health = container.parts.health_check;
        let Some(node) = health.and_then(|health| health.get("command")) else {
            continue;
        };
        let is_list = matches!(node.value, Value::List(_));
        if let Some(problem) = problem(node.items()).filter(|_| is_list) {
            let message = format!("{}: the health check command {problem}", container.title());
            findings.value(node, message);
        }
    }
}

fn problem(command: &[Node<'_>]) -> Option<&'static str> {
    let Some((first, arguments)) = command.split_first() else {
        return Some("is empty");
    };
    match first.literal()? {
        "CMD" | "CMD-SHELL" if arguments.is_empty() => Some("has nothing to run"),
        "CMD-SHELL" if arguments.len() > 1 => {
            Some("has several items after CMD-SHELL, of which the shell runs only the first")
        }
        "CMD-SHELL" => None,
        "CMD" if has_shell_syntax(arguments) => {
            Some("has shell syntax, and CMD runs no shell; CMD-SHELL does")
        }
        "CMD" => None,
        _ => Some("starts with neither CMD nor CMD-SHELL, so that nothing is checked"),
    }
}

fn has_shell_syntax(arguments: &[Node<'_>]) -> bool {
    let mut texts = arguments.iter().filter_map(Node::as_str);
    if texts
        .clone()
        .any(|text| matches!(text, "||" | "&&" | "|" | ";"))
    {
        return true;
    }
    // A program whose name has a blank is a whole command line.
    texts
        .next()
        .is_some_and(|program| program.trim().contains(' ') && !program.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |command: &str| {
            format!(r#"{{"containerDefinitions": [{{"healthCheck": {{"command": {command}}}}}]}}"#)
        };
        let found: &[&str] = &["containerDefinitions[0].healthCheck.command"];
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    &of(r#"["CMD-SHELL", "curl -f http://localhost/ || exit 1"]"#),
                    &[],
                ),
                (&of(r#"["CMD", "curl", "-f", "http://localhost/"]"#), &[]),
                (&of(r#"["CMD", "sh", "-c", "a || b"]"#), &[]),
                (&of("[]"), found),
                (&of(r#"["CMD"]"#), found),
                (&of(r#"["CMD-SHELL"]"#), found),
                (&of(r#""curl""#), &[]),
                (&of(r#"["${CHECK}"]"#), &[]),
                (&of(r#"["curl -f http://localhost/"]"#), found),
                (
                    &of(r#"["CMD", "curl -f http://localhost/ || exit 1"]"#),
                    found,
                ),
                (
                    &of(r#"["CMD", "curl", "-f", "http://localhost/", "||", "exit", "1"]"#),
                    found,
                ),
                (
                    &of(r#"["CMD-SHELL", "curl", "-f", "http://localhost/"]"#),
                    found,
                ),
            ],
        );
    }
}
