//! Deploying, following and going back.

use std::time::Duration;

use clap::{Args, ValueEnum};
use ecs_pipeline_core::engine;

use super::BuildArgs;
use crate::config::StrategyName;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServiceArgs {
    /// The cluster, instead of the configuration's.
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// The service, instead of the configuration's.
    #[arg(long)]
    pub(crate) service: Option<String>,
}

/// How the new revision takes over.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StrategyArgs {
    /// How the new revision takes over, instead of the configuration's way.
    #[arg(long, value_enum)]
    pub(crate) strategy: Option<StrategyName>,
    /// Where CodeDeploy is busy with another deployment: wait for it to end.
    #[arg(long, conflicts_with = "supersede")]
    pub(crate) wait_for_previous: bool,
    /// Where CodeDeploy is busy with another deployment: stop it, and roll it back.
    #[arg(long)]
    pub(crate) supersede: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ContinueArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WaitArgs {
    /// Follow the deployment so far and no further: until `traffic` has moved, or until a stage,
    /// such as BAKE_TIME or AllowTraffic, is reached.
    #[arg(long, value_name = "traffic|STAGE")]
    pub(crate) until: Option<String>,
    /// How long the deployment may take, such as 15m.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// What becomes of a deployment under way when this command is told to stop.
    #[arg(long, value_enum)]
    pub(crate) on_abort: Option<OnAbort>,
    /// What becomes of a deployment under way when its time is up.
    #[arg(long, value_enum)]
    pub(crate) on_timeout: Option<OnTimeout>,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnAbort {
    /// It goes on without this command.
    Detach,
    /// The former revision is brought back.
    Rollback,
    /// The command goes on to the deployment's end.
    Wait,
}

impl From<OnAbort> for engine::OnAbort {
    fn from(policy: OnAbort) -> Self {
        match policy {
            OnAbort::Detach => Self::Detach,
            OnAbort::Rollback => Self::Rollback,
            OnAbort::Wait => Self::Wait,
        }
    }
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnTimeout {
    /// It goes on without this command.
    Detach,
    /// The former revision is brought back.
    Rollback,
}

impl From<OnTimeout> for engine::OnTimeout {
    fn from(policy: OnTimeout) -> Self {
        match policy {
            OnTimeout::Detach => Self::Detach,
            OnTimeout::Rollback => Self::Rollback,
        }
    }
}

/// Which service is deployed to, how, and how far it is followed.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct HowArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    #[command(flatten)]
    pub(crate) strategy: StrategyArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DeployArgs {
    /// The pushed image's tag or digest (sha256:…), instead of the configuration's first tag.
    #[arg(long, value_name = "TAG|DIGEST")]
    pub(crate) image: Option<String>,
    /// Deploy again what the service runs now: no new revision is registered.
    #[arg(long, conflicts_with = "image")]
    pub(crate) force_new_deployment: bool,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// The revision to go back to (FAMILY:REVISION or its ARN), instead of the one that the
    /// service ran in its last completed deployment before the present one.
    #[arg(long, value_name = "REVISION", conflicts_with = "this_run")]
    pub(crate) to: Option<String>,
    /// Undo what this run of the pipeline deployed, by its --state; nothing, where it deployed
    /// nothing or has gone back already.
    #[arg(long)]
    pub(crate) this_run: bool,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}
