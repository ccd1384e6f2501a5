//! The sandbox and rehearsals in it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ecs_pipeline_sandbox::access::Principal;

use super::WaitArgs;
use crate::config::StrategyName;

/// What runs a sandbox's tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tasks {
    /// Containers where a Docker engine answers, otherwise in process.
    #[default]
    Auto,
    /// Real containers.
    Docker,
    /// Served by this process.
    InProcess,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SandboxArgs {
    /// The port for the AWS API and the registry; 0 takes a free one.
    #[arg(long, default_value_t = 4566)]
    pub(crate) port: u16,
    /// How many times as fast as real time the sandbox's time passes.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// The Region in every ARN.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// What runs tasks.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) tasks: Tasks,
    /// An IAM policy to enforce, of whoever calls, or of ROLE: codebuild, codepipeline, codedeploy or
    /// task-execution; may be given again, and a role's policies add up.
    #[arg(long = "policy", value_name = "[ROLE=]FILE", value_parser = policy)]
    pub(crate) policies: Vec<PolicyFile>,
}

/// A file with somebody's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyFile {
    pub(crate) principal: Principal,
    pub(crate) path: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RehearseArgs {
    /// The application's directory, with its ecs-pipeline.yml.
    #[arg(default_value = ".")]
    pub(crate) directory: PathBuf,
    /// How the new revision takes over; without it, the configuration's way, or else rolling.
    #[arg(long, value_enum)]
    pub(crate) strategy: Option<StrategyName>,
    /// What is to happen; without it, nothing does.
    #[arg(long, value_enum)]
    pub(crate) scenario: Option<Scenario>,
    /// Rehearse every strategy in every scenario, each in a sandbox of its own, and print a table;
    /// with --strategy or --scenario, only those of the table.
    #[arg(long)]
    pub(crate) matrix: bool,
    /// How many times as fast as real time the sandbox's time passes; without it 10, or for a
    /// strategy that waits by design so much that its waits take half a minute, at most 120.
    #[arg(long, value_parser = speed)]
    pub(crate) speed: Option<f64>,
    /// What runs tasks.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) tasks: Tasks,
    /// Tasks of the service.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) desired_count: u32,
    /// Requests a second through the load balancer.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) rate: u32,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// What happens in a rehearsal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Nothing: the new version is well.
    #[default]
    Good,
    /// The load balancer's health checks of the new version are answered with 503.
    Unhealthy,
    /// Every task of the new version is killed moments after it started.
    CrashLoop,
    /// The new version's image is gone from the registry when ECS wants it.
    MissingImage,
    /// A CloudWatch alarm of the service goes off half-way.
    Alarm,
    /// Somebody rolls back by hand half-way, as `ecs-pipeline rollback` does.
    Rollback,
    /// The new version is well, and is rolled back by hand afterwards.
    RollbackAfter,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("it must be a number from 0.1 to 1000".to_owned()),
    }
}

/// What stands before a `=` and is no role belongs to the file's name.
fn policy(text: &str) -> Result<PolicyFile, String> {
    let of_role = text.split_once('=').and_then(|(role, path)| {
        let principal = match role {
            // As `iam-policy` calls whoever deploys.
            "jenkins" => Principal::Caller,
            role => role.parse().ok()?,
        };
        Some((principal, path))
    });
    let (principal, path) = of_role.unwrap_or((Principal::Caller, text));
    match path.is_empty() {
        true => Err("a file must be named".to_owned()),
        false => Ok(PolicyFile {
            principal,
            path: path.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_of_roles() {
        for (text, expected) in [
            ("p.json", Some((Principal::Caller, "p.json"))),
            ("caller=p.json", Some((Principal::Caller, "p.json"))),
            ("jenkins=p.json", Some((Principal::Caller, "p.json"))),
            (
                "codebuild=a/p.json",
                Some((Principal::Codebuild, "a/p.json")),
            ),
            (
                "task-execution=p=1.json",
                Some((Principal::TaskExecution, "p=1.json")),
            ),
            ("a=b.json", Some((Principal::Caller, "a=b.json"))),
            ("codedeploy=", None),
            ("", None),
        ] {
            let expected = expected.map(|(principal, path)| PolicyFile {
                principal,
                path: path.into(),
            });
            assert_eq!(policy(text).ok(), expected, "{text}");
        }
    }
}
