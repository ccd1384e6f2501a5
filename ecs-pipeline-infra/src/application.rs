//! What is deployed, and the names under which AWS knows it.

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use serde::Serialize;

use crate::limits;
use crate::problem::{Problems, Refused};
use crate::scope::Scope;

mod task;

pub use task::{EcrRepository, LogGroup, Task};

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
    /// Whether the service gets tags when it is created.
    pub tags_service: bool,
    /// Whether one-off tasks run before or after a deployment.
    pub runs_tasks: bool,
    /// How a new revision takes over.
    pub strategy: Strategy,
    /// The Application Load Balancer.
    pub load_balancer: String,
    /// The name, with its path, of the role with which ECS moves traffic; none where it does not.
    pub infrastructure_role: Option<String>,
    /// The Lambda functions that CodeDeploy calls, by name or ARN.
    pub hooks: Vec<String>,
    /// Whether a gate has to find out where the load balancer answers.
    pub finds_address: bool,
    /// CloudWatch alarms that are read as gates.
    pub alarm_gates: Vec<String>,
    /// The revision that the service runs, as `FAMILY:NUMBER`; none where the newest one is meant.
    pub revision: Option<String>,
    /// How long a deployment may take, in minutes; none where nothing is configured.
    pub deploy_minutes: Option<u32>,
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
            tags_service: false,
            runs_tasks: false,
            strategy: Strategy::Rolling,
            load_balancer: own(),
            infrastructure_role: None,
            hooks: Vec::new(),
            finds_address: false,
            alarm_gates: Vec::new(),
            revision: None,
            deploy_minutes: None,
            task: Task::read(name, task),
        }
    }

    /// Whether its names can be those of resources: no placeholder, and no wildcard that a policy would take
    /// for more than was meant.
    ///
    /// # Errors
    ///
    /// The names that cannot.
    pub fn check_names(&self) -> Result<(), Refused> {
        let mut problems = Problems::default();
        let (role, path) = (&limits::ROLE_PATH, "deploy.task-definition");
        for (limit, member, name) in [
            (&limits::CLUSTER, "deploy.cluster", Some(&self.cluster)),
            (&limits::SERVICE, "deploy.service", Some(&self.service)),
            (
                &limits::REPOSITORY,
                "registry.repository",
                Some(&self.repository),
            ),
            (&limits::FAMILY, path, Some(&self.task.family)),
            (role, path, self.task.execution_role.as_ref()),
            (role, path, self.task.task_role.as_ref()),
        ] {
            if let Some(name) = name {
                limit.check(member, name, &mut problems);
            }
        }
        problems.none_or_refused()
    }

    /// The bucket that artifacts travel in. Its name has the account and the Region in it: the names of
    /// buckets are shared by everybody.
    #[must_use]
    pub fn artifact_bucket(&self, scope: &Scope) -> String {
        format!(
            "{}-artifacts-{}-{}",
            self.name,
            scope.account(),
            scope.region()
        )
    }

    /// The same with the templates' parameters for names.
    pub(crate) fn of_stack(&self) -> Self {
        let parameter = |name: &str| format!("${{{name}}}");
        let mut own = self.clone();
        own.name = parameter("Application");
        own.cluster = parameter("Cluster");
        own.service = parameter("Service");
        own.repository = parameter("Repository");
        own.load_balancer = parameter("LoadBalancer");
        own.task.family = parameter("Family");
        let role = |given: &Option<String>, name| given.as_ref().map(|_| parameter(name));
        own.task.execution_role = role(&own.task.execution_role, "ExecutionRole");
        own.task.task_role = role(&own.task.task_role, "TaskRole");
        // The stack's own, in the stack's Region.
        own.task
            .log_groups
            .iter_mut()
            .for_each(|group| group.region = None);
        own.infrastructure_role = role(&own.infrastructure_role, "InfrastructureRole");
        if let Strategy::Codedeploy {
            application, group, ..
        } = &mut own.strategy
        {
            *application = parameter("CodeDeployApplication");
            *group = parameter("DeploymentGroup");
        }
        own
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
