//! What is deployed, and the names under which AWS knows it.

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use serde::Serialize;

mod task;

pub use task::{LogGroup, Task};

/// An application as its pipeline knows it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Application {
    /// Its own name; those of its stacks begin with it.
    pub name: String,
    /// The ECS cluster.
    pub cluster: String,
    /// The ECS service.
    pub service: String,
    /// The container that gets the image, and the requests.
    pub container: String,
    /// That container's port behind the load balancer.
    pub port: u16,
    /// The ECR repository.
    pub repository: String,
    /// Whether the pipeline creates the repository where there is none.
    pub creates_repository: bool,
    /// Whether the pipeline creates the service where there is none.
    pub creates_service: bool,
    /// Whether one-off tasks run before or after a deployment.
    pub runs_tasks: bool,
    /// How a new revision takes over.
    pub strategy: Strategy,
    /// CloudWatch alarms that are read as gates.
    pub alarm_gates: Vec<String>,
    /// What is known of its tasks.
    pub task: Task,
}

impl Application {
    /// An application that is deployed by rolling updates, all its names being `name`.
    #[must_use]
    pub fn new(name: &str, task: &TaskDefinitionDocument) -> Self {
        let own = || name.to_owned();
        let containers = task.container_names();
        let container = containers.first().copied().unwrap_or(name);
        Self {
            name: own(),
            cluster: own(),
            service: own(),
            container: container.to_owned(),
            port: task
                .container_ports(container)
                .first()
                .copied()
                .unwrap_or(80),
            repository: own(),
            creates_repository: false,
            creates_service: false,
            runs_tasks: false,
            strategy: Strategy::Rolling,
            alarm_gates: Vec::new(),
            task: Task::read(name, task),
        }
    }
}

/// How a new revision takes over. Times are in whole minutes, shares in percent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
#[non_exhaustive]
pub enum Strategy {
    /// ECS replaces tasks a few at a time.
    Rolling,
    /// ECS moves all traffic at once.
    BlueGreen {
        /// How long both revisions stay afterwards.
        bake: u32,
    },
    /// ECS moves the traffic in equal steps.
    Linear {
        /// The share of a step.
        percent: f64,
        /// How long a step lasts.
        step: u32,
        /// How long both revisions stay afterwards.
        bake: u32,
    },
    /// ECS moves a first share, and then the rest.
    Canary {
        /// The first share.
        percent: f64,
        /// How long it lasts.
        step: u32,
        /// How long both revisions stay afterwards.
        bake: u32,
    },
    /// CodeDeploy moves the traffic.
    Codedeploy {
        /// CodeDeploy's application.
        application: String,
        /// The deployment group.
        group: String,
        /// The deployment configuration, such as `CodeDeployDefault.ECSAllAtOnce`.
        config: String,
        /// The bucket that revisions are put into; none where they are sent along.
        bucket: Option<String>,
    },
}

impl Strategy {
    /// Whether two target groups are needed.
    #[must_use]
    pub fn shifts(&self) -> bool {
        *self != Self::Rolling
    }

    /// Whether ECS itself moves the traffic, with a role of its own.
    #[must_use]
    pub fn is_shifted_by_ecs(&self) -> bool {
        self.shifts() && !matches!(self, Self::Codedeploy { .. })
    }
}
