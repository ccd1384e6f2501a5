//! The variables that a build begins with. (CodeBuild user guide, "Environment variables in build
//! environments".)

use std::collections::BTreeMap;

use ecs_pipeline_artifacts::build_spec::Env;
use serde_json::Value;

use crate::access::BUILD_ACCESS_KEY;

use super::log::Log;
use super::project::{Project, Start};
use super::report::Failure;

/// Names that CodeBuild keeps for itself.
const RESERVED: &str = "CODEBUILD_";

/// Those of CodeBuild that depend on who starts the build, and so are the start's.
const OF_THE_START: [&str; 4] = [
    "CODEBUILD_INITIATOR",
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
    "CODEBUILD_SOURCE_",
    "CODEBUILD_WEBHOOK_",
];

/// What is known of one build.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) number: u64,
    /// In milliseconds since the epoch.
    pub(super) started: u128,
}

/// The later goes before the former: this machine's, the build specification's, the project's, those that
/// the build is started with, and CodeBuild's own.
///
/// # Errors
///
/// If a parameter or a secret is not there.
pub(super) fn variables(
    project: &Project,
    start: &Start,
    env: &Env,
    identity: &Identity,
    directories: BTreeMap<String, String>,
    log: &mut Log,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut variables = BTreeMap::from([
        // The service role's key, by which the sandbox knows the build.
        ("AWS_ACCESS_KEY_ID".to_owned(), BUILD_ACCESS_KEY.to_owned()),
        ("AWS_DEFAULT_REGION".to_owned(), project.region.clone()),
        ("AWS_REGION".to_owned(), project.region.clone()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), "sandbox".to_owned()),
    ]);
    variables.extend(project.machine.clone());
    let plain = env.variables.iter();
    variables.extend(plain.map(|(name, value)| (name.clone(), value.as_str().to_owned())));
    variables.extend(kept_secret(project, env, log)?);
    variables.extend(project.variables.clone());
    for name in variables.keys().filter(|name| name.starts_with(RESERVED)) {
        log.notes(&format!("{name} is CodeBuild's own name and is not set"));
    }
    variables.retain(|name, _| !name.starts_with(RESERVED));
    variables.insert("CODEBUILD_INITIATOR".to_owned(), "ecs-pipeline".to_owned());
    let started = start.variables.iter().filter(|(name, _)| {
        !name.starts_with(RESERVED) || OF_THE_START.iter().any(|own| name.starts_with(own))
    });
    variables.extend(started.map(|(name, value)| (name.clone(), value.clone())));
    variables.extend(own(project, identity));
    variables.extend(directories);
    Ok(variables)
}

/// CodeBuild's own variables.
fn own(project: &Project, identity: &Identity) -> BTreeMap<String, String> {
    let Project {
        name,
        region,
        account,
        ..
    } = project;
    let own = [
        ("BUILD_ARN", identity.arn.clone()),
        ("BUILD_ID", identity.id.clone()),
        ("BUILD_NUMBER", identity.number.to_string()),
        ("BUILD_SUCCEEDING", "1".to_owned()),
        ("CI", "true".to_owned()),
        (
            "PROJECT_ARN",
            format!("arn:aws:codebuild:{region}:{account}:project/{name}"),
        ),
        ("START_TIME", identity.started.to_string()),
    ];
    let own = own.into_iter();
    own.map(|(name, value)| (format!("{RESERVED}{name}"), value))
        .collect()
}

/// Parameters and secrets, which the log does not show from here on.
fn kept_secret(
    project: &Project,
    env: &Env,
    log: &mut Log,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut values = BTreeMap::new();
    for (variable, parameter) in &env.parameter_store {
        let value = project.parameters.get(parameter).ok_or_else(|| {
            let message = format!("parameter does not exist: {parameter}");
            Failure::new("Decrypted Variables Error", message)
        })?;
        values.insert(variable.clone(), value.clone());
    }
    for (variable, reference) in &env.secrets_manager {
        let value = secret(project, reference)
            .map_err(|message| Failure::new("Secrets Manager Error", message))?;
        values.insert(variable.clone(), value);
    }
    for value in values.values() {
        log.hide(value);
    }
    Ok(values)
}

/// The value that `id:json-key:version-stage:version-id` means.
fn secret(project: &Project, reference: &str) -> Result<String, String> {
    // The id may be an ARN, which has seven parts itself.
    let colons = if reference.starts_with("arn:") { 7 } else { 1 };
    let parts: Vec<&str> = reference.split(':').collect();
    let (id, rest) = parts.split_at(colons.min(parts.len()));
    let id = id.join(":");
    let [key, stage, version] = [0, 1, 2].map(|at| rest.get(at).copied().unwrap_or_default());
    if !matches!(stage, "" | "AWSCURRENT") || !version.is_empty() {
        return Err(format!("{id}: only its current version is known here"));
    }
    let value = project.secrets.get(&id).ok_or_else(|| {
        format!("ResourceNotFoundException: Secrets Manager can't find the specified secret: {id}")
    })?;
    if key.is_empty() {
        return Ok(value.clone());
    }
    let members = serde_json::from_str::<Value>(value).unwrap_or_default();
    match members.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => Err(format!("{id} is no JSON with a member {key}")),
    }
}

#[cfg(test)]
mod tests {
    use ecs_pipeline_artifacts::build_spec::BuildSpec;

    use super::*;

    fn of(
        project: &Project,
        start: &Start,
        env: &str,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let text = format!("version: 0.2\nenv: {env}\nphases: {{build: {{commands: ['true']}}}}\n");
        let spec = BuildSpec::parse(text).unwrap();
        let identity = Identity {
            id: "p:1".into(),
            arn: "arn".into(),
            number: 7,
            started: 5,
        };
        let directories = BTreeMap::from([("CODEBUILD_SRC_DIR".into(), "/src".into())]);
        let mut log = Log::default();
        variables(project, start, &spec.env, &identity, directories, &mut log)
    }

    #[test]
    fn which_variable_wins() {
        let project = Project::new("p")
            .region("eu-west-1")
            .machine("A", "machine")
            .machine("B", "machine")
            .machine("C", "machine")
            .machine("D", "machine")
            .variable("C", "project")
            .variable("D", "project")
            .variable("CODEBUILD_BUILD_NUMBER", "project")
            .variable("AWS_DEFAULT_REGION", "ap-northeast-2");
        let start = Start::default()
            .variable("D", "start")
            .variable("CODEBUILD_BUILD_ID", "start")
            .variable("CODEBUILD_SRC_DIR", "start")
            .variable("CODEBUILD_MADE_UP", "start")
            .variable("CODEBUILD_INITIATOR", "codepipeline/shop")
            .variable("CODEBUILD_RESOLVED_SOURCE_VERSION", "abc");
        let env = "{variables: {B: spec, C: spec, D: spec}}";
        let variables = of(&project, &start, env).unwrap();
        for (name, expected) in [
            ("A", Some("machine")),
            ("B", Some("spec")),
            ("C", Some("project")),
            ("D", Some("start")),
            ("AWS_REGION", Some("eu-west-1")),
            ("AWS_DEFAULT_REGION", Some("ap-northeast-2")),
            ("CODEBUILD_BUILD_ID", Some("p:1")),
            ("CODEBUILD_BUILD_NUMBER", Some("7")),
            ("CODEBUILD_BUILD_SUCCEEDING", Some("1")),
            ("CODEBUILD_INITIATOR", Some("codepipeline/shop")),
            ("CODEBUILD_MADE_UP", None),
            ("CODEBUILD_RESOLVED_SOURCE_VERSION", Some("abc")),
            ("CODEBUILD_SRC_DIR", Some("/src")),
            ("CODEBUILD_START_TIME", Some("5")),
        ] {
            let value = variables.get(name).map(String::as_str);
            assert_eq!(value, expected, "{name}");
        }
    }

    #[test]
    fn parameters_and_secrets() {
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
        let project = Project::new("p")
            .parameter("/shop/tag", "v1")
            .secret("db", r#"{"user": "admin", "port": 5432}"#)
            .secret(arn, "whole");
        for (env, expected) in [
            ("{parameter-store: {X: /shop/tag}}".to_owned(), Ok("v1")),
            (
                "{parameter-store: {X: /no}}".to_owned(),
                Err("parameter does not exist: /no"),
            ),
            ("{secrets-manager: {X: 'db:user'}}".to_owned(), Ok("admin")),
            (
                "{secrets-manager: {X: 'db:port:AWSCURRENT'}}".to_owned(),
                Ok("5432"),
            ),
            (format!("{{secrets-manager: {{X: '{arn}'}}}}"), Ok("whole")),
            (
                "{secrets-manager: {X: 'db:none'}}".to_owned(),
                Err("db is no JSON with a member none"),
            ),
            (
                "{secrets-manager: {X: 'db:user:AWSPREVIOUS'}}".to_owned(),
                Err("db: only its current version is known here"),
            ),
            (
                "{secrets-manager: {X: other}}".to_owned(),
                Err(
                    "ResourceNotFoundException: Secrets Manager can't find the specified secret: other",
                ),
            ),
        ] {
            let variables = of(&project, &Start::default(), &env);
            let value = variables.map(|variables| variables["X"].clone());
            let value = value.map_err(|failure| failure.message);
            assert_eq!(value.as_deref().map_err(String::as_str), expected, "{env}");
        }
    }
}
