//! Where a secret comes from.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "secret-value-from",
    severity: Severity::Error,
    summary: "a secret that comes from nowhere",
    explanation: "valueFrom is the name or ARN of a parameter of SSM Parameter Store, or the ARN of a secret \
                  of Secrets Manager, which may end with `:json-key:version-stage:version-id`, with all \
                  three colons even where parts are empty, and not both stage and id. With anything else the \
                  task stops with ResourceInitializationError before its containers start.",
    remedy: "Write `arn:aws:secretsmanager:<region>:<account>:secret:<name>:<json-key>::`, or the name or \
             ARN of a parameter.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let log = container.parts.log_configuration;
        let options = log.and_then(|log| log.present("secretOptions"));
        let options = options.map(Node::items).unwrap_or_default();
        for secret in container.parts.secrets.iter().chain(options) {
            let Some(node) = secret.get("valueFrom") else {
                continue;
            };
            // Of an ARN much can be said even while account or region are to be filled in, but
            // not everything.
            if let Some(problem) = node.literal().and_then(problem) {
                let name = secret
                    .get("name")
                    .and_then(Node::as_str)
                    .unwrap_or_default();
                let message = format!("{}: the valueFrom of `{name}` {problem}", container.title());
                findings.value(node, message);
            }
        }
    }
}

fn problem(value_from: &str) -> Option<&'static str> {
    let Some(rest) = value_from.strip_prefix("arn:") else {
        // An empty one is for the rule about empty texts.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/:".contains(&byte);
        return (!value_from.bytes().all(allowed)).then_some(
            "is neither an ARN nor the name of a parameter, which has letters, digits and `_.-/`",
        );
    };
    let parts: Vec<_> = rest.splitn(12, ':').collect();
    match parts.as_slice() {
        [_, "ssm", _, _, parameter, ..] if parameter.starts_with("parameter/") => None,
        [_, "ssm", ..] => Some("is an SSM ARN, but not of a parameter"),
        [_, "secretsmanager", _, _, "secret", _] => None,
        [_, "secretsmanager", _, _, "secret", _, _, "", _] => None,
        [_, "secretsmanager", _, _, "secret", _, _, _, ""] => None,
        [_, "secretsmanager", _, _, "secret", _, _, _, _] => {
            Some("has a version stage and a version id, of which only one may stand")
        }
        [_, "secretsmanager", _, _, "secret", _, ..] => Some(
            "has not all of `:json-key:version-stage:version-id` after the secret; the colons stay where parts are empty",
        ),
        [_, "secretsmanager", ..] => Some("is a Secrets Manager ARN, but not of a secret"),
        _ => Some("is an ARN of neither Secrets Manager nor SSM"),
    }
}

#[cfg(test)]
mod tests {
    use super::problem;
    use crate::rules::tests::table;

    #[test]
    fn forms() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf";
        for fine in [
            "DB_PASSWORD",
            "/shop/prod/db.password",
            "arn:aws-cn:ssm:cn-north-1:1:parameter/a/b",
            secret,
        ] {
            assert_eq!(problem(fine), None, "{fine}");
        }
        for suffix in [
            ":password::",
            "::AWSPREVIOUS:",
            ":::id",
            ":key::id",
            ":key:AWSCURRENT:",
        ] {
            assert_eq!(problem(&format!("{secret}{suffix}")), None, "{suffix}");
        }
        for suffix in [":password", ":password:", ":key:stage:id", ":a:b:c:d"] {
            assert!(problem(&format!("{secret}{suffix}")).is_some(), "{suffix}");
        }
        for wrong in [
            "hunter 2!",
            "arn:aws:s3:::bucket/key",
            "arn:aws:ssm:eu-west-1:1:document/x",
            "arn:aws:secretsmanager:eu-west-1:1:app",
            "arn:",
        ] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[(
                r#"{"containerDefinitions": [{"secrets": [{"name": "A", "valueFrom": "a/b"}, {"name": "B", "valueFrom": "<ARN>"}, {"name": "C"}, {"name": "D", "valueFrom": "a b"}],
                    "logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "splunk-token", "valueFrom": "?"}]}}]}"#,
                &[
                    "containerDefinitions[0].secrets[3].valueFrom",
                    "containerDefinitions[0].logConfiguration.secretOptions[0].valueFrom",
                ],
            )],
        );
    }
}
