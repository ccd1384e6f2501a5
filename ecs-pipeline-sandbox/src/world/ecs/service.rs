//! Services: creating, changing and deleting them.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::arithmetic::Bounds;
use super::configuration::{self, DeploymentConfiguration};
use super::deployment::{Deployment, ServiceRevision};
use super::events::Events;
use super::input::{client, invalid, last_part, read, without_nulls};
use super::load_balancing::check_load_balancers;
use super::service_deployment::ServiceDeployment;
use super::strategy::Run;
use super::tags::Tags;
use super::task_api::check_placement;
use super::task_definition::TaskDefinition;
use super::{ApiError, Ecs, Outside, TaskId, Time};

/// A service's cluster and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ServiceKey {
    pub(super) cluster: String,
    pub(super) name: String,
}

/// A service's `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Draining,
    Inactive,
}

/// How a service's deployments stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// PRIMARY replaces the others within the two percentages.
    #[default]
    Rolling,
    /// Each keeps the tasks that it wants, whatever the others have.
    SideBySide,
}

/// The revision that a rollback goes back to.
#[derive(Debug, Clone)]
pub(super) struct LastGood {
    pub(super) deployment: String,
    pub(super) revision: Arc<ServiceRevision>,
}

#[derive(Debug)]
pub(super) struct Service {
    pub(super) key: ServiceKey,
    pub(super) arn: String,
    pub(super) cluster_arn: String,
    pub(super) status: Status,
    pub(super) mode: Mode,
    /// The newest deployment that shifted traffic, unless another kind came after it.
    pub(super) run: Option<Run>,
    pub(super) desired: u32,
    /// Every member that CreateService and UpdateService were given, under its own name.
    pub(super) settings: Map<String, Value>,
    pub(super) config: DeploymentConfiguration,
    pub(super) created_at: Time,
    pub(super) tags: Tags,
    /// PRIMARY first, then from the newest to the oldest.
    pub(super) deployments: Vec<Deployment>,
    /// Service deployments from the oldest to the newest.
    pub(super) history: Vec<ServiceDeployment>,
    pub(super) revisions: Vec<Arc<ServiceRevision>>,
    pub(super) last_good: Option<LastGood>,
    pub(super) events: Events,
    /// Tasks that are not STOPPED, from the oldest to the youngest.
    pub(super) tasks: Vec<TaskId>,
    /// When something is due that depends on time alone.
    pub(super) wake: Option<Time>,
    /// Whether it has said that it reached a steady state.
    pub(super) steady: bool,
}

/// Members whose change starts a new deployment, beside `taskDefinition`.
const STARTS_DEPLOYMENT: [&str; 7] = [
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Members that a service shows, or a revision takes along, without more to them here.
const KEPT: [&str; 11] = [
    "launchType",
    "capacityProviderStrategy",
    "placementConstraints",
    "placementStrategy",
    "healthCheckGracePeriodSeconds",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "propagateTags",
    "availabilityZoneRebalancing",
    "deploymentController",
    "schedulingStrategy",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    cluster: Option<String>,
    service_name: String,
    task_definition: Option<String>,
    desired_count: Option<u32>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateInput {
    cluster: Option<String>,
    service: String,
    task_definition: Option<String>,
    desired_count: Option<u32>,
    #[serde(default)]
    force_new_deployment: bool,
}

#[derive(Deserialize)]
struct DeleteInput {
    cluster: Option<String>,
    service: String,
    #[serde(default)]
    force: bool,
}

impl Service {
    pub(super) fn bounds(&self) -> Bounds {
        self.config.bounds(self.desired)
    }

    /// How many tasks a deployment is to have, by its place in `deployments`.
    pub(super) fn wanted_of(&self, deployment: usize) -> u32 {
        let own = self.deployments.get(deployment).map_or(0, |d| d.wanted);
        match (self.mode, self.status, deployment) {
            (Mode::Rolling, _, 0) => self.desired,
            (Mode::Rolling, _, _) | (Mode::SideBySide, Status::Active, _) => own,
            (Mode::SideBySide, Status::Draining | Status::Inactive, _) => 0,
        }
    }

    pub(super) fn grace_period(&self) -> Duration {
        let seconds = self.settings.get("healthCheckGracePeriodSeconds");
        Duration::from_secs(seconds.and_then(Value::as_u64).unwrap_or(0))
    }

    pub(super) fn record(&mut self, arn: &str) -> Option<&mut ServiceDeployment> {
        self.history.iter_mut().rev().find(|d| d.arn == arn)
    }

    /// Takes over a request's members.
    fn adopt(&mut self, input: &Map<String, Value>) -> Result<(), ApiError> {
        for member in STARTS_DEPLOYMENT.iter().chain(&KEPT) {
            if let Some(value) = input.get(*member) {
                self.settings.insert((*member).into(), value.clone());
            }
        }
        if let Some(new) = input
            .get("deploymentConfiguration")
            .and_then(Value::as_object)
        {
            configuration::merge(&mut self.settings, new);
        }
        self.config = DeploymentConfiguration::read(&self.settings)?;
        Ok(())
    }

    /// A revision from the settings as they are.
    pub(super) fn new_revision(
        &self,
        out: &mut Outside<'_>,
        definition: Arc<TaskDefinition>,
    ) -> Result<Arc<ServiceRevision>, ApiError> {
        let load_balancers = match self.settings.get("loadBalancers") {
            Some(given) => read(given)?,
            None => Vec::new(),
        };
        let ServiceKey { cluster, name } = &self.key;
        let mut settings = self.settings.clone();
        settings.retain(|member, _| {
            STARTS_DEPLOYMENT.contains(&member.as_str())
                || matches!(member.as_str(), "launchType" | "capacityProviderStrategy")
        });
        Ok(Arc::new(ServiceRevision {
            arn: out.arns.ecs(&format!(
                "service-revision/{cluster}/{name}/{}",
                out.ids.digits19()
            )),
            definition,
            load_balancers,
            created_at: out.now,
            settings,
        }))
    }

    /// Goes back to what a revision says.
    pub(super) fn restore(&mut self, revision: &ServiceRevision) {
        for member in STARTS_DEPLOYMENT {
            match revision.settings.get(member) {
                Some(value) => self.settings.insert(member.into(), value.clone()),
                None => self.settings.remove(member),
            };
        }
    }
}

impl Ecs {
    /// Where a service is, by name or ARN; inactive ones included.
    pub(super) fn service_key(&self, cluster: &str, named: &str) -> Option<ServiceKey> {
        let key = ServiceKey {
            cluster: cluster.into(),
            name: last_part(named).into(),
        };
        self.services.contains_key(&key).then_some(key)
    }

    /// A service that is not INACTIVE.
    pub(super) fn active_service(
        &self,
        cluster: &str,
        named: &str,
    ) -> Result<ServiceKey, ApiError> {
        let key = self
            .service_key(cluster, named)
            .ok_or_else(|| ApiError::client("ServiceNotFoundException", "Service not found."))?;
        if self.services[&key].status == Status::Active {
            return Ok(key);
        }
        Err(ApiError::client(
            "ServiceNotActiveException",
            "Service was not ACTIVE.",
        ))
    }

    pub(super) fn create_service(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let typed: CreateInput = read(&input)?;
        let members = members(&input);
        typed.tags.check()?;
        check_supported(&members)?;
        let cluster = self.cluster(typed.cluster.as_deref())?;
        let key = ServiceKey {
            cluster: cluster.name.clone(),
            name: typed.service_name,
        };
        let cluster_arn = cluster.arn.clone();
        self.check_free(&key)?;
        let named = typed
            .task_definition
            .ok_or_else(|| invalid("TaskDefinition must be specified."))?;
        let definition = self.usable_definition(&named)?;
        let mut service = Service {
            arn: out
                .arns
                .ecs(&format!("service/{}/{}", key.cluster, key.name)),
            cluster_arn,
            status: Status::Active,
            mode: Mode::default(),
            run: None,
            desired: typed.desired_count.unwrap_or(0),
            settings: Map::new(),
            config: DeploymentConfiguration::default(),
            created_at: out.now,
            tags: typed.tags,
            deployments: Vec::new(),
            history: Vec::new(),
            revisions: Vec::new(),
            last_good: None,
            events: Events::default(),
            tasks: Vec::new(),
            wake: None,
            steady: false,
            key: key.clone(),
        };
        service.adopt(&members)?;
        service.config.check()?;
        let revision = service.new_revision(out, definition)?;
        check_revision(out, &service, &revision)?;
        match service.is_code_deploy() {
            true => service.begin_with_task_set(out, revision)?,
            false => self.deploy(out, &mut service, revision),
        }
        self.services.insert(key.clone(), service);
        Ok(json!({ "service": self.describe_service(&self.services[&key], true) }))
    }

    fn check_free(&self, key: &ServiceKey) -> Result<(), ApiError> {
        let name = &key.name;
        let valid = (1..=255).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !valid {
            return Err(invalid("Service name contains invalid characters."));
        }
        match self.services.get(key).map(|s| s.status) {
            Some(Status::Active) => Err(invalid("Creation of service was not idempotent.")),
            Some(Status::Draining) => {
                Err(invalid("Unable to Start a service that is still Draining."))
            }
            Some(Status::Inactive) | None => Ok(()),
        }
    }

    pub(super) fn update_service(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let typed: UpdateInput = read(&input)?;
        let members = members(&input);
        check_supported(&members)?;
        let cluster = self.cluster(typed.cluster.as_deref())?.name.clone();
        let key = self.active_service(&cluster, &typed.service)?;
        let definition = match &typed.task_definition {
            Some(named) => Some(self.usable_definition(named)?),
            None => None,
        };
        // On a refusal nothing of the request may stay behind, so it is tried on the side.
        let Some(mut service) = self.services.remove(&key) else {
            return Err(client("Service not found."));
        };
        let before = (service.settings.clone(), service.config.clone());
        let result = self.update(out, &mut service, &typed, &members, definition);
        if result.is_err() {
            (service.settings, service.config) = before;
        }
        self.services.insert(key.clone(), service);
        result?;
        Ok(json!({ "service": self.describe_service(&self.services[&key], true) }))
    }

    fn update(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        typed: &UpdateInput,
        members: &Map<String, Value>,
        definition: Option<Arc<TaskDefinition>>,
    ) -> Result<(), ApiError> {
        if service.is_code_deploy() {
            let definition = definition.as_ref().map(|d| d.arn.as_str());
            service.refuse_what_codedeploy_does(members, definition)?;
            service.adopt(members)?;
            service.config.check()?;
            if let Some(desired) = typed.desired_count {
                service.scale_task_sets(out.now, desired);
            }
            return Ok(());
        }
        let current = Arc::clone(&service.deployments[0].revision);
        let changed = STARTS_DEPLOYMENT.iter().any(|m| {
            members
                .get(*m)
                .is_some_and(|new| current.settings.get(*m) != Some(new))
        }) || definition
            .as_ref()
            .is_some_and(|new| new.arn != current.definition.arn);
        service.adopt(members)?;
        service.config.check()?;
        if changed || typed.force_new_deployment {
            let definition = definition.unwrap_or_else(|| Arc::clone(&current.definition));
            let revision = service.new_revision(out, definition)?;
            check_revision(out, service, &revision)?;
            if service.deployments.len() >= 5 {
                return Err(invalid(
                    "5 active deployments exist, unable to create new deployment.",
                ));
            }
            self.deploy(out, service, revision);
        }
        if let Some(desired) = typed.desired_count.filter(|d| *d != service.desired) {
            service.desired = desired;
            service.steady = false;
            if let Some(primary) = service.deployments.first_mut() {
                primary.updated_at = out.now;
            }
        }
        Ok(())
    }

    pub(super) fn delete_service(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let input: DeleteInput = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?.name.clone();
        let not_found = || ApiError::client("ServiceNotFoundException", "Service not found.");
        let key = self
            .service_key(&cluster, &input.service)
            .ok_or_else(not_found)?;
        let service = self
            .services
            .get_mut(&key)
            .filter(|s| s.status != Status::Inactive)
            .ok_or_else(not_found)?;
        if service.desired > 0 && !input.force {
            return Err(invalid(
                "The service cannot be stopped while it is scaled above 0.",
            ));
        }
        service.desired = 0;
        service.status = Status::Draining;
        service.abandon_deployment(out.now);
        Ok(json!({ "service": self.describe_service(&self.services[&key], true) }))
    }
}

fn members(input: &Value) -> Map<String, Value> {
    match without_nulls(input) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

pub(super) fn not_yet(what: &str) -> ApiError {
    ApiError::client(
        "UnsupportedFeatureException",
        format!("the sandbox does not implement {what} yet"),
    )
}

/// Refuses what exists in AWS and not here, rather than to act as if it were done.
fn check_supported(members: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |pointer: &[&str]| {
        let mut at = members.get(pointer[0])?;
        for part in &pointer[1..] {
            at = at.get(part)?;
        }
        at.as_str()
    };
    if let Some(other) =
        text(&["deploymentController", "type"]).filter(|t| !matches!(*t, "ECS" | "CODE_DEPLOY"))
    {
        return Err(not_yet(&format!("the deployment controller {other}")));
    }
    if let Some(other) = text(&["schedulingStrategy"]).filter(|s| *s != "REPLICA") {
        return Err(not_yet(&format!("the scheduling strategy {other}")));
    }
    Ok(())
}

/// What CreateService and UpdateService refuse about a revision.
pub(super) fn check_revision(
    out: &Outside<'_>,
    service: &Service,
    revision: &ServiceRevision,
) -> Result<(), ApiError> {
    let definition = &revision.definition.parsed;
    let has_network = revision.settings.contains_key("networkConfiguration");
    check_placement(definition, revision.launch_type(), has_network)?;
    check_load_balancers(out, revision, service.config.strategy.strategy)
}
