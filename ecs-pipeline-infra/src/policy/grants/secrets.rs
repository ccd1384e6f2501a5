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
    let mut managed: Vec<_> = managed
        .into_iter()
        .flat_map(|arn| secret_arns(arn))
        .collect();
    let mut parameters: Vec<_> = parameters
        .into_iter()
        .map(|name| parameter_arn(name, scope))
        .collect();
    managed.sort_unstable();
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
/// version; and the six characters that end its name may be left out. Where the name itself ends as if it had
/// them, both may be meant.
fn secret_arns(value_from: &str) -> Vec<String> {
    let parts: Vec<_> = value_from.splitn(8, ':').take(7).collect();
    let arn = parts.join(":");
    let without = format!("{arn}-??????");
    match has_suffix(&arn) {
        true => vec![arn, without],
        false => vec![without],
    }
}

fn has_suffix(arn: &str) -> bool {
    let suffix = arn.rsplit_once('-').map(|(_, suffix)| suffix);
    suffix.is_some_and(|it| it.len() == 6 && it.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// To read what environment variables come from in S3.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>
pub(in crate::policy) fn environment_files(application: &Application) -> Vec<Statement> {
    let files = &application.task.environment_files;
    if files.is_empty() {
        return Vec::new();
    }
    let buckets = files
        .iter()
        .filter_map(|file| Some(file.split_once('/')?.0.to_owned()));
    let mut buckets: Vec<_> = buckets.collect();
    buckets.dedup();
    vec![
        Statement::new("ReadEnvironmentFiles", ["s3:GetObject"], files.clone()),
        Statement::new("FindEnvironmentFiles", ["s3:GetBucketLocation"], buckets),
    ]
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
            (format!("{arn}-secret"), vec!["-secret", "-secret-??????"]),
            (
                format!("{arn}-AbCdEf:password::"),
                vec!["-AbCdEf", "-AbCdEf-??????"],
            ),
            (arn.to_owned(), vec!["-??????"]),
            (format!("{arn}:password::"), vec!["-??????"]),
        ] {
            let expected: Vec<_> = expected.iter().map(|end| format!("{arn}{end}")).collect();
            assert_eq!(secret_arns(&value_from), expected);
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
