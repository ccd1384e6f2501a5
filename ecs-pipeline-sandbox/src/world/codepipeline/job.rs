//! What an action does: how each kind begins, and how it is looked after until it ends.

use std::collections::BTreeMap;
use std::time::Duration;

use super::action_type::{ActionType, Kind};
use super::approval::Approval;
use super::artifact::Artifact;
use super::blue_green::BlueGreen;
use super::build::BuildJob;
use super::declaration::Action;
use super::ecs::EcsJob;
use super::execution::SourceRevision;
use super::failure::Failure;
use super::{World, source};

/// All that an action is told.
#[derive(Debug)]
pub(super) struct Order {
    /// The id of the action's execution.
    pub(super) id: String,
    pub(super) pipeline: String,
    /// The action's role, or else the pipeline's.
    pub(super) role: Option<String>,
    /// The pipeline's bucket.
    pub(super) bucket: String,
    pub(super) action: Action,
    /// The configuration, with its variables replaced.
    pub(super) configuration: BTreeMap<String, String>,
    pub(super) inputs: Vec<Artifact>,
    /// What the execution was started with instead of the newest revision.
    pub(super) instead: Option<SourceRevision>,
}

impl Order {
    /// A member of the configuration.
    pub(super) fn configured(&self, member: &str) -> Option<&str> {
        self.configuration.get(member).map(String::as_str)
    }

    /// A member of the configuration that is there, as the declaration was checked.
    pub(super) fn setting(&self, member: &str) -> &str {
        self.configured(member).unwrap_or_default()
    }

    /// An input artifact by its name.
    pub(super) fn input(&self, name: &str) -> Option<&Artifact> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// How long the action may take.
    pub(super) fn limit(&self) -> Duration {
        let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        let of_the_type = ActionType::of(&self.action.action_type_id).map(|known| known.timeout);
        let deployment = self.configured("DeploymentTimeout");
        let configured = deployment.and_then(|given| given.parse().ok()).map(minutes);
        let asked = self.action.timeout_in_minutes.map(minutes);
        [of_the_type, configured, asked]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_default()
    }
}

/// What an action that succeeded leaves behind.
#[derive(Debug, Clone, Default)]
pub(super) struct Product {
    pub(super) artifacts: Vec<Artifact>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) summary: Option<String>,
}

/// How far an action is.
#[derive(Debug)]
pub(super) enum Progress {
    Waiting,
    Done(Product),
    Failed(Failure),
}

/// An action that goes on.
#[derive(Debug)]
pub(super) enum Job {
    /// It is over as soon as it begins.
    Source(Product),
    Build(BuildJob),
    Ecs(EcsJob),
    BlueGreen(BlueGreen),
    Approval(Approval),
}

impl Job {
    pub(super) fn begin(order: &Order, world: &mut World) -> Result<Self, Failure> {
        let kind = ActionType::of(&order.action.action_type_id).map(|known| known.kind);
        match kind {
            Some(Kind::S3Source) => source::fetch(order, world).map(Self::Source),
            Some(Kind::CodeBuild) => BuildJob::begin(order, world).map(Self::Build),
            Some(Kind::Ecs) => EcsJob::begin(order, world).map(Self::Ecs),
            Some(Kind::CodeDeployToEcs) => BlueGreen::begin(order, world).map(Self::BlueGreen),
            Some(Kind::Approval) => Ok(Self::Approval(Approval::begin(world))),
            // A declaration with another type is refused.
            None => Err(Failure::configuration("The action's type is not here")),
        }
    }

    pub(super) fn look(&mut self, order: &Order, world: &mut World) -> Progress {
        match self {
            Self::Source(product) => Progress::Done(std::mem::take(product)),
            Self::Build(build) => build.look(order, world),
            Self::Ecs(ecs) => ecs.look(order, world),
            Self::BlueGreen(deployment) => deployment.look(order, world),
            Self::Approval(approval) => approval.look(),
        }
    }

    /// What is said of an action that takes longer than it may.
    pub(super) fn timed_out(&self, limit: Duration) -> Failure {
        let minutes = limit.as_secs() / 60;
        match self {
            Self::Ecs(ecs) => ecs.timed_out(minutes),
            _ => Failure::job(format!("The action did not end within {minutes} minutes")),
        }
    }

    /// What it is called where it is carried out.
    pub(super) fn external_id(&self) -> Option<&str> {
        match self {
            Self::Build(build) => build.id(),
            Self::Ecs(ecs) => Some(&ecs.deployment),
            Self::BlueGreen(deployment) => Some(&deployment.id),
            Self::Source(_) | Self::Approval(_) => None,
        }
    }
}
