//! Task sets: what a service with the deployment controller CODE_DEPLOY has in place of
//! deployments.
//!
//! Inside they are deployments of a service whose deployments stand side by side, PRIMARY first.
//! CodeDeploy creates, promotes and deletes them; ECS keeps each at its count.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployment::{Deployment, ServiceRevision};
use super::input::{invalid, missing, read};
use super::service::{Mode, Service, ServiceKey, Status, check_revision};
use super::{ApiError, Ecs, Outside, Time};
use crate::world::World;

/// A task set that is to be made.
#[derive(Debug)]
pub(in crate::world) struct NewTaskSet {
    /// The CodeDeploy deployment's id.
    pub(in crate::world) external_id: String,
    /// ARN, or family and revision.
    pub(in crate::world) task_definition: String,
    /// Members of the service that it has otherwise: `loadBalancers`, `networkConfiguration`, ….
    pub(in crate::world) settings: Vec<(&'static str, Value)>,
}

/// A task set as CodeDeploy looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::world) struct TaskSet {
    /// `ecs-svc/…`.
    pub(in crate::world) id: String,
    /// The ARN of the target group in which its tasks are registered.
    pub(in crate::world) target_group: String,
    /// `PRIMARY`, `ACTIVE` or `DRAINING`.
    pub(in crate::world) status: &'static str,
    pub(in crate::world) desired: u32,
    pub(in crate::world) pending: u32,
    pub(in crate::world) running: u32,
    /// Those of the running tasks that are healthy.
    pub(in crate::world) healthy: u32,
}

/// Members that UpdateService refuses, with its words for them.
const CODEDEPLOY_ONLY: [(&str, &str); 9] = [
    ("networkConfiguration", "network parameters"),
    ("platformVersion", "platform version"),
    ("loadBalancers", "load balancers"),
    ("serviceRegistries", "service registries"),
    ("capacityProviderStrategy", "capacity provider strategy"),
    (
        "serviceConnectConfiguration",
        "Service Connect configuration",
    ),
    ("volumeConfigurations", "volume configurations"),
    ("vpcLatticeConfigurations", "VPC Lattice configurations"),
    ("enableExecuteCommand", "execute command"),
];

const BY_CODEDEPLOY: &str = "on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.";

impl Service {
    pub(super) fn is_code_deploy(&self) -> bool {
        let controller = self.settings.get("deploymentController");
        controller.and_then(|c| c.get("type")?.as_str()) == Some("CODE_DEPLOY")
    }

    /// The first task set of a new service.
    pub(super) fn begin_with_task_set(
        &mut self,
        out: &mut Outside<'_>,
        revision: Arc<ServiceRevision>,
    ) -> Result<(), ApiError> {
        if revision.load_balancers.len() != 1 {
            return Err(invalid(
                "A service with a CODE_DEPLOY deployment controller must have one load balancer with one target group.",
            ));
        }
        self.mode = Mode::SideBySide;
        let first = self.new_task_set(out, revision, None);
        self.deployments.push(first);
        Ok(())
    }

    fn new_task_set(
        &mut self,
        out: &mut Outside<'_>,
        revision: Arc<ServiceRevision>,
        external_id: Option<String>,
    ) -> Deployment {
        self.revisions.push(Arc::clone(&revision));
        let id = format!("ecs-svc/{}", out.ids.digits19());
        let mut set = Deployment::new(out.now, id, revision, String::new());
        set.wanted = self.desired;
        set.external_id = external_id;
        self.steady = false;
        set
    }

    /// UpdateService: everything that makes a revision is CodeDeploy's to change.
    pub(super) fn refuse_what_codedeploy_does(
        &self,
        members: &Map<String, Value>,
        definition: Option<&str>,
    ) -> Result<(), ApiError> {
        let primary = self.deployments.first().map(|d| &d.revision);
        let current = primary.map(|r| r.definition.arn.as_str());
        if definition.is_some() && definition != current {
            return Err(invalid(format!(
                "Unable to update task definition {BY_CODEDEPLOY}"
            )));
        }
        for (member, words) in CODEDEPLOY_ONLY {
            let new = members.get(member);
            if new.is_some() && new != self.settings.get(member) {
                return Err(invalid(format!("Unable to update {words} {BY_CODEDEPLOY}")));
            }
        }
        match members.get("forceNewDeployment") {
            Some(Value::Bool(true)) => Err(invalid(format!(
                "Cannot force a new deployment {BY_CODEDEPLOY}"
            ))),
            _ => Ok(()),
        }
    }

    /// Every task set that stays has the service's count.
    pub(super) fn scale_task_sets(&mut self, now: Time, desired: u32) {
        self.desired = desired;
        self.steady = false;
        for set in self.deployments.iter_mut().filter(|d| !d.leaving) {
            set.wanted = desired;
            set.updated_at = now;
        }
    }

    fn status_of(&self, set: &Deployment) -> &'static str {
        let is_first = self.deployments.first().is_some_and(|d| d.id == set.id);
        match (set.leaving || self.status != Status::Active, is_first) {
            (true, _) => "DRAINING",
            (false, true) => "PRIMARY",
            (false, false) => "ACTIVE",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    cluster: Option<String>,
    service: String,
    #[serde(default)]
    task_sets: Vec<String>,
}

impl Ecs {
    /// All task sets of a service, or those that are named by id or ARN.
    pub(super) fn describe_task_sets(&self, input: Value) -> Result<Value, ApiError> {
        let input: DescribeInput = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?.name.clone();
        let key = self.active_service(&cluster, &input.service)?;
        let service = &self.services[&key];
        if !service.is_code_deploy() {
            return Err(invalid("The service has no task sets."));
        }
        let is = |set: &Deployment, named: &str| {
            set.id == named || named.ends_with(&format!("/{}", set.id))
        };
        let sets = &service.deployments;
        let unknown = |named: &&String| !sets.iter().any(|set| is(set, named));
        let failures: Value = input
            .task_sets
            .iter()
            .filter(unknown)
            .map(|arn| missing(arn))
            .collect();
        let wanted = |set: &&Deployment| {
            input.task_sets.is_empty() || input.task_sets.iter().any(|named| is(set, named))
        };
        let shown: Value = sets
            .iter()
            .filter(wanted)
            .map(|set| self.describe_task_set(service, set))
            .collect();
        Ok(json!({ "taskSets": shown, "failures": failures }))
    }

    /// Shows a service's task sets, and no deployments.
    pub(super) fn show_task_sets(&self, service: &Service, shown: &mut Map<String, Value>) {
        let sets = service.deployments.iter();
        let sets: Value = sets
            .map(|set| self.describe_task_set(service, set))
            .collect();
        shown.insert("deployments".into(), json!([]));
        shown.insert("taskSets".into(), sets);
        shown.shift_remove("currentServiceDeployment");
    }

    fn describe_task_set(&self, service: &Service, set: &Deployment) -> Value {
        let counts = self.count_tasks(service, |t| t.belongs_to(&set.id));
        let healthy = self.count_tasks(service, |t| t.belongs_to(&set.id) && t.ever_healthy);
        let steady = healthy.running == set.wanted && counts.pending == 0;
        let arn = service.arn.replacen(":service/", ":task-set/", 1);
        let mut shown = Map::new();
        for member in [
            "networkConfiguration",
            "platformVersion",
            "loadBalancers",
            "serviceRegistries",
            "capacityProviderStrategy",
        ] {
            if let Some(value) = set.revision.settings.get(member) {
                shown.insert(member.into(), value.clone());
            }
        }
        for (member, value) in [
            ("id", json!(set.id)),
            ("taskSetArn", json!(format!("{arn}/{}", set.id))),
            ("serviceArn", json!(service.arn)),
            ("clusterArn", json!(service.cluster_arn)),
            ("status", json!(service.status_of(set))),
            ("taskDefinition", json!(set.revision.definition.arn)),
            ("computedDesiredCount", json!(set.wanted)),
            ("pendingCount", json!(counts.pending)),
            ("runningCount", json!(counts.running)),
            ("createdAt", json!(set.created_at.epoch_seconds())),
            ("updatedAt", json!(set.updated_at.epoch_seconds())),
            ("launchType", json!(set.revision.launch_type())),
            ("scale", json!({"value": 100.0, "unit": "PERCENT"})),
            (
                "stabilityStatus",
                json!(if steady {
                    "STEADY_STATE"
                } else {
                    "STABILIZING"
                }),
            ),
            ("stabilityStatusAt", json!(set.updated_at.epoch_seconds())),
            ("tags", json!([])),
        ] {
            shown.insert(member.into(), value);
        }
        if let Some(id) = &set.external_id {
            shown.insert("externalId".into(), json!(id));
            shown.insert("startedBy".into(), json!("CODE_DEPLOY"));
        }
        shown.into()
    }

    /// A service that CodeDeploy can deploy to.
    fn code_deploy_service(&mut self, cluster: &str, name: &str) -> Option<&mut Service> {
        let key = ServiceKey {
            cluster: cluster.into(),
            name: name.into(),
        };
        let service = self.services.get_mut(&key)?;
        let usable = service.status == Status::Active && service.is_code_deploy();
        usable.then_some(service)
    }

    fn create_task_set(
        &mut self,
        out: &mut Outside<'_>,
        (cluster, name): (&str, &str),
        new: NewTaskSet,
    ) -> Result<String, ApiError> {
        let definition = self.usable_definition(&new.task_definition)?;
        let service = self
            .code_deploy_service(cluster, name)
            .ok_or_else(|| ApiError::client("ServiceNotFoundException", "Service not found."))?;
        if service.deployments.len() >= 5 {
            return Err(invalid(
                "5 deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
            ));
        }
        let before = service.settings.clone();
        let settings = new.settings.into_iter();
        service
            .settings
            .extend(settings.map(|(member, value)| (member.to_owned(), value)));
        let revision = service.new_revision(out, definition);
        service.settings = before;
        let revision = revision?;
        check_revision(out, service, &revision)?;
        let set = service.new_task_set(out, revision, Some(new.external_id));
        let id = set.id.clone();
        service.deployments.push(set);
        Ok(id)
    }
}

/// What CodeDeploy asks of ECS. A service that is not there, or is not CodeDeploy's, is left as
/// it is: CodeDeploy finds out by [`World::task_sets`].
impl World {
    /// The task sets of a service, PRIMARY first; `None` unless it is ACTIVE and CodeDeploy's.
    pub(in crate::world) fn task_sets(&self, cluster: &str, service: &str) -> Option<Vec<TaskSet>> {
        let key = ServiceKey {
            cluster: cluster.into(),
            name: service.into(),
        };
        let found = self.ecs.services.get(&key);
        let service = found.filter(|s| s.status == Status::Active && s.is_code_deploy())?;
        let look = |set: &Deployment| {
            let counts = self.ecs.count_tasks(service, |t| t.belongs_to(&set.id));
            let lb = set.revision.load_balancers.first();
            TaskSet {
                id: set.id.clone(),
                target_group: lb
                    .and_then(|lb| lb.target_group_arn.clone())
                    .unwrap_or_default(),
                status: service.status_of(set),
                desired: set.wanted,
                pending: counts.pending,
                running: counts.running,
                healthy: self
                    .ecs
                    .healthy_tasks(&self.elbv2, self.now, service, &set.id),
            }
        };
        Some(service.deployments.iter().map(look).collect())
    }

    /// Creates a task set beside the others; answers its id.
    ///
    /// # Errors
    ///
    /// What ECS would answer CodeDeploy.
    pub(in crate::world) fn create_task_set(
        &mut self,
        cluster: &str,
        service: &str,
        new: NewTaskSet,
    ) -> Result<String, ApiError> {
        let (ecs, mut out) = self.ecs_and_outside();
        ecs.create_task_set(&mut out, (cluster, service), new)
    }

    /// Makes a task set PRIMARY: its revision is the service's from now on.
    pub(in crate::world) fn promote_task_set(&mut self, cluster: &str, service: &str, id: &str) {
        let now = self.now;
        let Some(service) = self.ecs.code_deploy_service(cluster, service) else {
            return;
        };
        let Some(at) = service.deployments.iter().position(|d| d.id == id) else {
            return;
        };
        let mut set = service.deployments.remove(at);
        set.updated_at = now;
        let revision = Arc::clone(&set.revision);
        service.deployments.insert(0, set);
        service.restore(&revision);
    }

    /// Drains and stops a task set's tasks; then it is gone. PRIMARY cannot be deleted.
    pub(in crate::world) fn delete_task_set(&mut self, cluster: &str, service: &str, id: &str) {
        let now = self.now;
        let Some(service) = self.ecs.code_deploy_service(cluster, service) else {
            return;
        };
        let mut others = service.deployments.iter_mut().skip(1);
        if let Some(set) = others.find(|d| d.id == id && !d.leaving) {
            set.leave();
            set.updated_at = now;
        }
    }
}
