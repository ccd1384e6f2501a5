//! What the configuration asks for.

use serde_json::Value;

use crate::model::{Platform, ServiceRef};

/// How the new revision is to take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// ECS, a few tasks at a time.
    Rolling,
    /// ECS, all traffic at once.
    BlueGreen,
    /// ECS, in equal steps.
    Linear,
    /// ECS, a small share first.
    Canary,
    /// CodeDeploy.
    CodeDeploy,
}

/// What is to be deployed, and how: as far as it is said. What is not is taken from the service.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Wanted {
    /// Where.
    pub service: ServiceRef,
    /// The container that gets the image.
    pub container: Option<String>,
    /// How the new revision takes over.
    pub strategy: Option<Strategy>,
    /// The task definition's file.
    pub task_definition: Option<File>,
    /// CreateService's input, where the service is created if it is not there.
    pub service_definition: Option<Value>,
    /// The repository that images are pushed to.
    pub repository: Option<String>,
    /// `host[:port]` of the registry, in place of the one that ECR names.
    pub registry_host: Option<String>,
    /// Whether the repository is created where it is not there.
    pub creates_repository: bool,
    /// The tags that are the same at every run.
    pub fixed_tags: Vec<String>,
    /// What the image is built for.
    pub platform: Option<Platform>,
    /// The alarms that gates read.
    pub alarms: Vec<String>,
    /// CodeDeploy's application; left out: as its console names it.
    pub application: Option<String>,
    /// CodeDeploy's deployment group, likewise.
    pub deployment_group: Option<String>,
    /// CodeDeploy's deployment configuration; left out: the group's.
    pub deployment_config: Option<String>,
}

/// A file's name and text.
#[derive(Debug, Clone)]
pub struct File {
    /// As people know it.
    pub name: String,
    /// What it holds.
    pub text: Vec<u8>,
}

impl Wanted {
    /// The service, and nothing said of how.
    #[must_use]
    pub fn of(service: ServiceRef) -> Self {
        Self {
            service,
            container: None,
            strategy: None,
            task_definition: None,
            service_definition: None,
            repository: None,
            registry_host: None,
            creates_repository: false,
            fixed_tags: Vec::new(),
            platform: None,
            alarms: Vec::new(),
            application: None,
            deployment_group: None,
            deployment_config: None,
        }
    }
}
