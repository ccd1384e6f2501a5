//! Secrets are environment variables too.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "secret-name-taken",
    severity: Severity::Error,
    summary: "a secret has the name of another secret or of an environment variable",
    explanation: "Secrets become environment variables. RegisterTaskDefinition answers `The secret name must \
                  be unique and not shared with any new or existing environment variables set on the \
                  container, such as '<name>'.`",
    remedy: "Remove the environment variable, or rename the secret.",
    reference: "https://github.com/compose-x/ecs_composex/issues/707",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let secrets = container.parts.secrets;
        if secrets.is_empty() {
            continue;
        }
        // The variables first, so that what has a name already is one of them where it can be.
        let environment = container.parts.environment;
        let both: Vec<_> = environment.iter().chain(secrets).collect();
        let first_secret = secrets.first().map(|secret| secret.id);
        let last_secret = secrets.last().map(|secret| secret.id);
        for (secret, first) in repeated(&both, |node| variable_name(node)) {
            // Two variables of one name are for a rule of their own.
            if Some(secret.id) < first_secret || Some(secret.id) > last_secret {
                continue;
            }
            let Some(node) = secret.get("name") else {
                continue;
            };
            let target = findings.target(first);
            let name = node.as_str().unwrap_or_default();
            let message = format!(
                "{}: the name `{name}` of a secret is taken",
                container.title()
            );
            findings
                .value(node, message)
                .related(target, "what has it already");
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
            "taskdef.json",
            &[
                (
                    r#"{"containerDefinitions": [{"environment": [{"name": "A"}, {"name": "A"}], "secrets": [{"name": "B"}, {"name": "<X>"}, {"name": "<X>"}]}, {"secrets": [{"name": "A"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"secrets": [{"name": "A"}, {"name": "B"}, {"name": "B"}], "environment": [{"name": "A", "value": "x"}]}]}"#,
                    &[
                        "containerDefinitions[0].secrets[0].name",
                        "containerDefinitions[0].secrets[2].name",
                    ],
                ),
            ],
        );
    }
}
