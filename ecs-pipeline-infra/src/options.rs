//! What can be chosen: the `infra` part of `ecs-pipeline.yml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::stack::build::Compute;
pub use crate::stack::cluster::ClusterOptions;
pub use crate::stack::codedeploy::CodedeployOptions;
pub use crate::stack::jenkins::{JenkinsOptions, Trust};
pub use crate::stack::network::{Nat, NetworkOptions};
pub use crate::stack::pipeline::{Deploys, PipelineOptions};
pub use crate::stack::registry::RegistryOptions;
pub use crate::stack::service::{HealthCheckOptions, ServiceOptions};

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

impl Options {
    /// Who deploys in the pipeline; without one, whoever builds.
    pub(crate) fn deploys(&self) -> Deploys {
        self.pipeline
            .as_ref()
            .map_or_else(Deploys::default, |it| it.deploy)
    }

    /// Whether builds run in the VPC. Without a NAT gateway neither GitHub nor base images can be reached
    /// from there.
    pub(crate) fn builds_in_vpc(&self) -> bool {
        self.network.nat != Nat::None
    }

    /// The connection to GitHub, where there is one already.
    pub(crate) fn connection(&self) -> Option<&str> {
        self.pipeline.as_ref()?.connection.as_deref()
    }
}
