//! Secrets that everyone can read.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "environment-secret",
    severity: Severity::Warning,
    summary: "what looks like a secret stands in the environment",
    explanation: "Whoever may describe the task definition reads its environment variables, in the console \
                  too, and the file is most likely in a repository.",
    remedy: "Put the value into Secrets Manager or SSM Parameter Store, and name it in `secrets`; change it, \
             since it has been seen.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
    check: Check::TaskDefinition(check),
};

const SECRET: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIALS",
];

/// Names that end so say where a secret is, or something about it.
const NOT_SECRET: [&str; 19] = [
    "_ARN",
    "_NAME",
    "_FILE",
    "_PATH",
    "_DIR",
    "_URL",
    "_URI",
    "_ID",
    "_TTL",
    "_EXPIRY",
    "_EXPIRES",
    "_EXPIRES_IN",
    "_EXPIRATION",
    "_LIFETIME",
    "_TIMEOUT",
    "_TYPE",
    "_ENABLED",
    "_LENGTH",
    "_HEADER",
];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for variable in container.parts.environment {
            let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) else {
                continue;
            };
            let (Some(name), Some(text)) = (name.literal(), value.literal()) else {
                continue;
            };
            if looks_secret(name) && is_plain_value(text) && !is_aws_key(name) {
                let message = format!(
                    "{}: the variable `{name}` looks like a secret, and its value is here for all to read",
                    container.title()
                );
                findings.value(value, message);
            }
        }
    }
}

fn looks_secret(name: &str) -> bool {
    let contains = |part: &str| {
        let mut windows = name.as_bytes().windows(part.len());
        windows.any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
    };
    let ends = |end: &str| {
        let start = name.len().checked_sub(end.len());
        let tail = start.and_then(|start| name.as_bytes().get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
    };
    SECRET.iter().any(|part| contains(part)) && !NOT_SECRET.iter().any(|end| ends(end))
}

/// Whether it is more than a switch, a small number, or the place of the secret.
fn is_plain_value(text: &str) -> bool {
    let text = text.trim();
    let switches = [
        "", "true", "false", "yes", "no", "on", "off", "none", "null",
    ];
    let is_switch = switches.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_small_number = text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    !(is_switch || is_small_number || text.starts_with("arn:"))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;
    use crate::validate::{Options, SourceFile, validate};

    #[test]
    fn names() {
        for name in [
            "DB_PASSWORD",
            "jwtSecret",
            "GITHUB_TOKEN",
            "stripe_api_key",
            "PRIVATE_KEY",
            "SECRET_KEY",
        ] {
            assert!(super::looks_secret(name), "{name}");
        }
        for name in [
            "DB_SECRET_ARN",
            "SECRET_NAME",
            "POSTGRES_PASSWORD_FILE",
            "TOKEN_URL",
            "KEY",
            "DB_HOST",
            "é_TOKEN_ttl",
        ] {
            assert!(!super::looks_secret(name), "{name}");
        }
    }

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[(
                r#"{"containerDefinitions": [{"environment": [{"name": "DB_PASSWORD", "value": ""}, {"name": "DB_PASSWORD", "value": "${P}"}, {"name": "USE_TOKEN", "value": "true"},
                    {"name": "SECRET", "value": "arn:aws:secretsmanager:eu-west-1:1:secret:x"}, {"name": "TOKEN"}, {"name": "AWS_SECRET_ACCESS_KEY", "value": "x"},
                    {"name": "DB_PASSWORD", "value": "correct horse"}]}]}"#,
                &["containerDefinitions[0].environment[6].value"],
            )],
        );
    }

    #[test]
    fn the_value_is_not_told() {
        let text = r#"{"family": "f", "containerDefinitions": [{"name": "web", "environment": [{"name": "DB_PASSWORD", "value": "correct horse"}, {"name": "AWS_ACCESS_KEY_ID", "value": "correct horse"}]}]}"#;
        let report = validate(
            &[SourceFile::new("taskdef.json", text)],
            &Options::default(),
        );
        assert!(
            report
                .findings
                .iter()
                .any(|found| found.rule == &super::RULE)
        );
        for found in report.findings {
            let told = format!("{} {:?} {:?}", found.message, found.help, found.related);
            assert!(!told.contains("horse"), "{told}");
        }
    }
}
