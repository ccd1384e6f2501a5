//! What containers get as secrets.

use crate::application::Application;
use crate::policy::Statement;
use crate::scope::Scope;

/// To read the secrets that the task definition names, and no other. A key of the customer's own needs
/// `kms:Decrypt` beside it: which key that is, the task definition does not say.
pub(in crate::policy) fn secrets(application: &Application, scope: &Scope) -> Vec<Statement> {
    let (managed, parameters): (Vec<_>, Vec<_>) = application
        .task
        .secrets
        .iter()
        .partition(|secret| secret.contains(":secretsmanager:"));
    let mut managed: Vec<_> = managed.into_iter().map(|arn| secret_arn(arn)).collect();
    let mut parameters: Vec<_> = parameters
        .into_iter()
        .map(|name| parameter_arn(name, scope))
        .collect();
    managed.dedup();
    parameters.dedup();
    let reads = [
        ("ReadSecrets", "secretsmanager:GetSecretValue", managed),
        ("ReadParameters", "ssm:GetParameters", parameters),
    ];
    let reads = reads.into_iter().filter(|(.., arns)| !arns.is_empty());
    reads
        .map(|(sid, action, arns)| Statement::new(sid, [action], arns))
        .collect()
}

/// The secret itself. Behind its ARN of seven parts a task definition may name a JSON key, a stage and a
/// version; and the six characters that end its name may be left out.
fn secret_arn(value_from: &str) -> String {
    let parts: Vec<_> = value_from.splitn(8, ':').take(7).collect();
    let arn = parts.join(":");
    match has_suffix(&arn) {
        true => arn,
        false => format!("{arn}-??????"),
    }
}

fn has_suffix(arn: &str) -> bool {
    let suffix = arn.rsplit_once('-').map(|(_, suffix)| suffix);
    suffix.is_some_and(|it| it.len() == 6 && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A parameter of the same Region may be named without its ARN.
fn parameter_arn(value_from: &str, scope: &Scope) -> String {
    match value_from.starts_with("arn:") {
        true => value_from.to_owned(),
        false => scope.arn(
            "ssm",
            &format!("parameter/{}", value_from.trim_start_matches('/')),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_without_what_stands_behind_it() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";
        for (value_from, expected) in [
            (format!("{arn}-AbCdEf"), format!("{arn}-AbCdEf")),
            (format!("{arn}-AbCdEf:password::"), format!("{arn}-AbCdEf")),
            (arn.to_owned(), format!("{arn}-??????")),
            (format!("{arn}:password::"), format!("{arn}-??????")),
        ] {
            assert_eq!(secret_arn(&value_from), expected);
        }
    }

    #[test]
    fn a_parameter_is_named_with_its_arn() {
        let scope = Scope::new("eu-west-1", "123456789012");
        let arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key";
        for value_from in ["/shop/key", "shop/key", arn] {
            assert_eq!(parameter_arn(value_from, &scope), arn);
        }
    }
}
