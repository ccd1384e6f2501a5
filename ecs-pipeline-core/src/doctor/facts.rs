//! What was read, without a type of the SDK: what the checks look at.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TaskDefinition;

/// What is known of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It was read.
    Known(T),
    /// It is not there.
    Absent,
    /// The caller may not read it.
    Denied {
        /// As IAM writes it: `elasticloadbalancing:DescribeRules`.
        action: String,
        /// What to allow, and on what.
        allow: String,
    },
    /// It could not be read for another reason.
    Unreadable {
        /// The reason.
        why: String,
    },
}

impl<T> Fact<T> {
    /// It, where it was read.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(known) => Some(known),
            _ => None,
        }
    }

    /// The same with something else made of what was read.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(known) => Fact::Known(change(known)),
            Self::Absent => Fact::Absent,
            Self::Denied { action, allow } => Fact::Denied { action, allow },
            Self::Unreadable { why } => Fact::Unreadable { why },
        }
    }
}

/// Everything that was read. Maps have what was asked for: what nothing names is not in them.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who asks.
    pub caller: Fact<Caller>,
    /// The Region that was asked.
    pub region: Option<String>,
    /// The service's cluster.
    pub cluster: Fact<Cluster>,
    /// The service.
    pub service: Fact<Service>,
    /// What the service will be, where it is not there and is to be created.
    pub to_be_created: Option<Service>,
    /// What the service runs now.
    pub running: Option<Fact<TaskDefinition>>,
    /// By ARN: the service's and its deployment group's.
    pub target_groups: BTreeMap<String, Fact<TargetGroup>>,
    /// By ARN: those of the target groups.
    pub load_balancers: BTreeMap<String, LoadBalancer>,
    /// By ARN, or by whatever names them.
    pub roles: BTreeMap<String, Fact<Role>>,
    /// The repository that images are pushed to.
    pub repository: Option<Fact<Repository>>,
    /// The image that the service runs now, where it is in that repository.
    pub image: Option<RunningImage>,
    /// By name.
    pub log_groups: BTreeMap<String, Fact<()>>,
    /// The states of the alarms that are there, by name; none where none are named.
    pub alarms: Option<Fact<BTreeMap<String, String>>>,
    /// What CodeDeploy has, where it deploys.
    pub code_deploy: Option<CodeDeploy>,
}

impl Facts {
    /// The service, where it is there and not being deleted; or else what it will be.
    #[must_use]
    pub fn service(&self) -> Option<&Service> {
        let there = self.service.known();
        let there = there.filter(|service| service.status == "ACTIVE");
        there.or(self.to_be_created.as_ref())
    }

    /// How the load balancer finds the service's containers.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        self.service()
            .map_or(&[], |service| &service.load_balancers)
    }

    /// CodeDeploy's deployment group, where it was read.
    #[must_use]
    pub fn deployment_group(&self) -> Option<&DeploymentGroup> {
        self.code_deploy.as_ref()?.group.known()
    }

    /// An account in which nothing is, and nothing is asked for.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            caller: Fact::Absent,
            region: None,
            cluster: Fact::Absent,
            service: Fact::Absent,
            to_be_created: None,
            running: None,
            target_groups: BTreeMap::new(),
            load_balancers: BTreeMap::new(),
            roles: BTreeMap::new(),
            repository: None,
            image: None,
            log_groups: BTreeMap::new(),
            alarms: None,
            code_deploy: None,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The twelve digits.
    pub account: String,
    /// The caller's own ARN.
    pub arn: String,
}

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// `ACTIVE`, `PROVISIONING`, `INACTIVE`, …
    pub status: String,
    /// Container instances that are registered.
    pub instances: u32,
    /// Capacity providers that it may use.
    pub capacity_providers: Vec<String>,
}

/// A service. Where CodeDeploy or somebody else controls its deployments, network and load balancer
/// are those of its primary task set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: String,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`.
    pub strategy: String,
    /// Whether each instance runs one task (`DAEMON`).
    pub is_daemon: bool,
    /// Tasks that are wanted.
    pub desired: u32,
    /// `minimumHealthyPercent`.
    pub minimum_percent: u32,
    /// `maximumPercent`.
    pub maximum_percent: u32,
    /// Whether the circuit breaker is on.
    pub breaks: bool,
    /// The alarms that make a deployment fail, where they are on.
    pub alarms: Vec<String>,
    /// For how many seconds after a task's start the load balancer's verdict is not heard.
    pub grace_seconds: u32,
    /// `FARGATE`, `EC2`, `EXTERNAL`; none with a capacity provider strategy.
    pub launch_type: Option<String>,
    /// The capacity providers of its strategy.
    pub capacity_providers: Vec<String>,
    /// How the load balancer finds its containers.
    pub load_balancers: Vec<Attachment>,
    /// What it runs: the revision's ARN.
    pub task_definition: Option<String>,
    /// Deployments of ECS that are under way.
    pub under_way: Vec<String>,
}

impl Service {
    /// Whether its tasks run on Fargate, by its launch type or by its capacity providers.
    #[must_use]
    pub fn is_on_fargate(&self) -> bool {
        let named = self.capacity_providers.iter();
        let mut named = named.map(String::as_str).chain(self.launch_type.as_deref());
        named.any(|name| matches!(name, "FARGATE" | "FARGATE_SPOT"))
    }
}

/// A container of a service behind a target group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The target group's ARN.
    pub target_group: Option<String>,
    /// The container.
    pub container: String,
    /// Its port.
    pub port: u16,
    /// The target group that it takes turns with (`alternateTargetGroupArn`).
    pub alternate: Option<String>,
    /// The rule, or the listener of a Network Load Balancer, that ECS moves.
    pub production_rule: Option<String>,
    /// The same for test traffic.
    pub test_rule: Option<String>,
    /// The role that ECS takes on to move them.
    pub role: Option<String>,
}

/// A target group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its name.
    pub name: String,
    /// `ip`, `instance`, …
    pub target_type: String,
    /// `HTTP`, `TCP`, …
    pub protocol: String,
    /// The VPC's id.
    pub vpc: Option<String>,
    /// The load balancers whose rules or listeners name it.
    pub load_balancers: Vec<String>,
    /// How its targets are asked for their health.
    pub health: HealthCheck,
}

/// A target group's health check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthCheck {
    /// `HTTP`, `HTTPS`, `TCP`.
    pub protocol: String,
    /// `traffic-port`, or a number.
    pub port: String,
    /// Where HTTP is asked.
    pub path: Option<String>,
    /// The codes that count as healthy: `200`, `200-299`, `200,302`.
    pub matcher: Option<String>,
    /// Seconds between two checks.
    pub interval: u32,
    /// How many failures in a row make a target unhealthy.
    pub unhealthy_threshold: u32,
}

/// A load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    /// `active`, `provisioning`, `active_impaired` or `failed`.
    pub state: Fact<String>,
    /// Its listeners.
    pub listeners: Fact<Vec<Listener>>,
}

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u16,
    /// The target groups that its default action forwards to.
    pub forwards: Vec<String>,
    /// Its rules; a Network Load Balancer has none.
    pub rules: Fact<Vec<Rule>>,
}

/// A listener's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// The target groups that it forwards to.
    pub forwards: Vec<String>,
    /// What else it does: `redirect`, `authenticate-oidc`, …
    pub others: Vec<String>,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its ARN, which has its path in it.
    pub arn: String,
    /// The policy that says who may take it on.
    pub trust: Value,
}

/// An ECR repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// `REGISTRY/NAME`.
    pub uri: String,
    /// `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION`, `MUTABLE_WITH_EXCLUSION`.
    pub mutability: String,
    /// The tags to which the opposite applies; `*` stands for anything.
    pub exclusions: Vec<String>,
}

/// An image that a service runs.
#[derive(Debug, Clone)]
pub struct RunningImage {
    /// As the task definition names it.
    pub name: String,
    /// What it runs on: several for an index, none where the registry cannot tell.
    pub platforms: Fact<Vec<crate::model::Platform>>,
}

/// What CodeDeploy has.
#[derive(Debug, Clone)]
pub struct CodeDeploy {
    /// The names that were looked for: the application's and the deployment group's.
    pub names: (String, String),
    /// The application's compute platform: `ECS`, `Server`, `Lambda`.
    pub application: Fact<String>,
    /// The deployment group.
    pub group: Fact<DeploymentGroup>,
    /// The deployment configuration that will be used, by its name.
    pub config: Option<(String, Fact<()>)>,
}

/// A deployment group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeploymentGroup {
    /// `CLUSTER/SERVICE`, by their names.
    pub services: Vec<String>,
    /// The names of its pair of target groups.
    pub target_groups: Vec<String>,
    /// The listeners of production.
    pub production: Vec<String>,
    /// The listeners of test traffic.
    pub test: Vec<String>,
    /// `BLUE_GREEN` and `WITH_TRAFFIC_CONTROL`, where it is as ECS needs it.
    pub style: (String, String),
    /// The deployment that it is busy with.
    pub busy_with: Option<String>,
    /// The role that CodeDeploy takes on.
    pub role: Option<String>,
    /// Whether CodeDeploy rolls a failed deployment back.
    pub rolls_back: bool,
    /// Its alarms, where they are on.
    pub alarms: Vec<String>,
    /// Its deployment configuration.
    pub config: Option<String>,
}
