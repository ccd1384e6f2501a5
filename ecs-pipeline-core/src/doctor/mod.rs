//! Reads what is there and says what will not work, before a first deployment does.
//!
//! - [`Wanted`]: what the configuration asks for.
//! - [`Facts`]: what was read; `aws::doctor` reads them, and changes nothing.
//! - [`examine`]: the checks, which are functions of the two and of nothing else.
//!
//! ```
//! use ecs_pipeline_core::doctor::{Fact, Facts, Wanted, examine};
//! use ecs_pipeline_core::model::ServiceRef;
//!
//! let wanted = Wanted::of(ServiceRef::new("main", "web"));
//! let facts = Facts { cluster: Fact::Absent, ..Facts::nothing() };
//! assert!(examine(&wanted, &facts).fails(false));
//! ```

mod alarms;
mod caller;
mod capacity;
mod cluster;
mod code_deploy;
mod facts;
mod finding;
mod health_check;
mod image;
mod load_balancer;
mod logs;
mod roles;
mod service;
mod service_definition;
mod shifting;
mod task_definition;
mod wanted;

pub use facts::{
    Attachment, Caller, Cluster, CodeDeploy, DeploymentGroup, Fact, Facts, HealthCheck, Listener,
    LoadBalancer, Repository, Role, Rule, RunningImage, Service, TargetGroup,
};
#[cfg(feature = "schema")]
pub use finding::schema;
pub use finding::{Examination, Finding, Status, Summary};
pub use task_definition::TaskDefinition;
pub use wanted::{File, Strategy, Wanted};

/// Judges what was read, in the order in which a deployment would meet it.
#[must_use]
pub fn examine(wanted: &Wanted, facts: &Facts) -> Examination {
    let view = View::new(wanted, facts);
    let groups = [
        caller::checks,
        cluster::checks,
        service::checks,
        load_balancer::checks,
        shifting::checks,
        alarms::checks,
        roles::checks,
        image::checks,
        logs::checks,
        code_deploy::checks,
        capacity::checks,
    ];
    let findings = groups.iter().flat_map(|checks| checks(&view)).collect();
    Examination::new(wanted.service.clone(), findings)
}

/// What the checks look at: the wanted and the facts, and what follows from both.
struct View<'a> {
    wanted: &'a Wanted,
    facts: &'a Facts,
    /// The service, as it is or as it will be.
    service: Option<&'a Service>,
    /// The file, or else what the service runs.
    task_definition: Option<TaskDefinition>,
    /// The strategy that was asked for, or else the service's own.
    strategy: Option<Strategy>,
}

impl<'a> View<'a> {
    fn new(wanted: &'a Wanted, facts: &'a Facts) -> Self {
        let service = facts.service();
        let running = facts.running.as_ref().and_then(Fact::known).cloned();
        let task_definition = match &wanted.task_definition {
            Some(file) => TaskDefinition::of_file(file),
            None => running,
        };
        Self {
            wanted,
            facts,
            service,
            task_definition,
            strategy: wanted.strategy.or_else(|| service.map(strategy_of)),
        }
    }

    /// Whether ECS itself moves traffic from one side to another.
    fn shifts(&self) -> bool {
        matches!(
            self.strategy,
            Some(Strategy::BlueGreen | Strategy::Linear | Strategy::Canary)
        )
    }

    /// Whether old and new stand side by side, each whole.
    fn is_side_by_side(&self) -> bool {
        self.shifts() || self.strategy == Some(Strategy::CodeDeploy)
    }
}

/// The alarms that a deployment heeds, or that a gate reads.
pub(crate) fn alarm_names(wanted: &Wanted, facts: &Facts) -> Vec<String> {
    let of_service = facts.service().map_or(&[][..], |service| &service.alarms);
    let group = facts.deployment_group();
    let of_group = group.map_or(&[][..], |group| &group.alarms);
    let all = of_service.iter().chain(of_group).chain(&wanted.alarms);
    let mut names: Vec<_> = all.cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn strategy_of(service: &Service) -> Strategy {
    match (service.controller.as_str(), service.strategy.as_str()) {
        ("CODE_DEPLOY", _) => Strategy::CodeDeploy,
        (_, "BLUE_GREEN") => Strategy::BlueGreen,
        (_, "LINEAR") => Strategy::Linear,
        (_, "CANARY") => Strategy::Canary,
        _ => Strategy::Rolling,
    }
}

/// The last part of a name or an ARN.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The name of a target group, as its ARN has it.
fn group_name(arn: &str) -> &str {
    let after = arn.split_once(":targetgroup/").map(|(_, rest)| rest);
    after.and_then(|rest| rest.split('/').next()).unwrap_or(arn)
}

#[cfg(test)]
mod testing;
