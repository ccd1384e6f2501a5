//! What can be chosen: the `infra` part of `ecs-pipeline.yml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::stack::cluster::ClusterOptions;
pub use crate::stack::codedeploy::CodedeployOptions;
pub use crate::stack::jenkins::JenkinsOptions;
pub use crate::stack::network::NetworkOptions;
pub use crate::stack::pipeline::PipelineOptions;
pub use crate::stack::registry::RegistryOptions;
pub use crate::stack::service::ServiceOptions;

/// Everything that can be chosen. Whatever is left out has a default with which the stacks can be
/// deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Options {
    /// The VPC.
    pub network: NetworkOptions,
    /// The image repository.
    pub registry: RegistryOptions,
    /// The ECS cluster.
    pub cluster: ClusterOptions,
    /// The load balancer and the service.
    pub service: ServiceOptions,
    /// CodeDeploy, where it moves the traffic.
    pub codedeploy: CodedeployOptions,
    /// CodeBuild and CodePipeline; left out: none.
    pub pipeline: Option<PipelineOptions>,
    /// The role of a Jenkins agent; left out: none.
    pub jenkins: Option<JenkinsOptions>,
    /// Tags that everything gets beside `application`.
    pub tags: BTreeMap<String, String>,
}

/// What deploys, in a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deploys {
    /// The build itself.
    FromBuild,
    /// CodePipeline's ECS action.
    ByEcsAction,
    /// CodePipeline's CodeDeployToECS action.
    ByCodeDeployAction,
}

impl Options {
    pub(crate) fn deploys(&self, _application: &crate::application::Application) -> Deploys {
        Deploys::FromBuild
    }

    pub(crate) fn builds_in_vpc(&self) -> bool {
        true
    }

    pub(crate) fn connection(&self) -> Option<&str> {
        None
    }
}
