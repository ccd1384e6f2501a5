//! Service deployments: the history of what was deployed, and how each attempt ended.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::alarm_watch::AlarmWatch;
use super::deployment::{Deployment, ServiceRevision};
use super::input::{client, invalid, missing, read};
use super::service::{Mode, Service, ServiceKey};
use super::service_view::configuration;
use super::strategy::{HookRun, Shares};
use super::{ApiError, Ecs, Outside, Time};

/// `status` of a service deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Pending,
    InProgress,
    Successful,
    StopRequested,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    pub(super) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed
        )
    }
}

/// `deploymentCircuitBreaker.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Monitor {
    Disabled,
    Monitoring,
    Complete,
    Triggered,
}

impl Monitor {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Monitoring => "MONITORING",
            Self::Complete => "MONITORING_COMPLETE",
            Self::Triggered => "TRIGGERED",
        }
    }
}

#[derive(Debug)]
struct Rollback {
    reason: String,
    started_at: Time,
    revision_arn: String,
}

#[derive(Debug)]
pub(super) struct ServiceDeployment {
    pub(super) arn: String,
    pub(super) state: State,
    status_reason: Option<String>,
    created_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    stopped_at: Option<Time>,
    updated_at: Time,
    sources: Vec<Arc<ServiceRevision>>,
    /// The revision that served when it began.
    serving: Option<String>,
    target: Arc<ServiceRevision>,
    rollback: Option<Rollback>,
    pub(super) stage: Option<&'static str>,
    pub(super) monitor: Monitor,
    pub(super) failures: u32,
    pub(super) threshold: u32,
    pub(super) alarms: AlarmWatch,
    /// Every run of a lifecycle hook, in their order.
    pub(super) hooks: Vec<HookRun>,
    /// How the traffic is shared, where it is shifted.
    pub(super) shares: Shares,
    configuration: Value,
}

impl ServiceDeployment {
    /// Moves on to another state, and takes note of when.
    pub(super) fn enter(&mut self, now: Time, state: State, reason: Option<&str>) {
        if self.state == state {
            return;
        }
        self.state = state;
        self.updated_at = now;
        if let Some(reason) = reason {
            self.status_reason = Some(reason.into());
        }
        if state == State::InProgress {
            self.started_at.get_or_insert(now);
        }
        if state == State::Stopped {
            self.stopped_at = Some(now);
        }
        if state.is_final() {
            self.finished_at = Some(now);
            if self.monitor == Monitor::Monitoring {
                self.monitor = Monitor::Complete;
            }
            self.alarms.end();
        }
    }

    /// It goes back to another revision.
    pub(super) fn roll_back(&mut self, now: Time, why: &str, revision_arn: String) {
        self.rollback = Some(Rollback {
            reason: why.into(),
            started_at: now,
            revision_arn,
        });
        self.enter(now, State::RollbackRequested, Some(why));
    }

    fn brief(&self, service: &Service) -> Value {
        let mut shown = json!({
            "serviceDeploymentArn": self.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": self.created_at.epoch_seconds(),
            "targetServiceRevisionArn": self.target.arn,
            "status": self.state.name(),
        });
        self.add_moments(&mut shown);
        shown
    }

    fn add_moments(&self, shown: &mut Value) {
        for (member, at) in [
            ("startedAt", self.started_at),
            ("finishedAt", self.finished_at),
            ("stoppedAt", self.stopped_at),
        ] {
            if let Some(at) = at {
                shown[member] = json!(at.epoch_seconds());
            }
        }
        if let Some(reason) = &self.status_reason {
            shown["statusReason"] = json!(reason);
        }
    }
}

impl Service {
    /// The current deployment gives way: to a newer one, or because the service is deleted.
    pub(super) fn abandon_deployment(&mut self, now: Time) {
        let Some(arn) = self
            .deployments
            .first()
            .map(|d| d.service_deployment.clone())
        else {
            return;
        };
        if let Some(record) = self.record(&arn).filter(|r| !r.state.is_final()) {
            record.enter(now, State::StopRequested, None);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    service: String,
    cluster: Option<String>,
    #[serde(default)]
    status: Vec<String>,
    created_at: Option<CreatedAt>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct CreatedAt {
    before: Option<f64>,
    after: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    service_deployment_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevisionsInput {
    service_revision_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopInput {
    service_deployment_arn: String,
    stop_type: Option<String>,
}

impl Ecs {
    /// Starts a new deployment of `revision`.
    pub(super) fn deploy(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        revision: Arc<ServiceRevision>,
    ) {
        let serving = self.serving(out, service);
        service.abandon_deployment(out.now);
        let ServiceKey { cluster, name } = &service.key;
        let arn = out.arns.ecs(&format!(
            "service-deployment/{cluster}/{name}/{}",
            out.ids.hex32()
        ));
        let breaker = service.config.breaker();
        let monitor = breaker.map_or(Monitor::Disabled, |_| Monitor::Monitoring);
        let threshold = breaker.map_or(0, |b| b.threshold(service.desired));
        let served = service
            .deployments
            .iter()
            .find(|d| Some(&d.id) == serving.as_ref());
        let serving_revision = served.map(|d| d.revision.arn.clone());
        let sources = service.deployments.iter().map(|d| Arc::clone(&d.revision));
        service.history.push(ServiceDeployment {
            arn: arn.clone(),
            state: State::Pending,
            status_reason: None,
            created_at: out.now,
            started_at: None,
            finished_at: None,
            stopped_at: None,
            updated_at: out.now,
            sources: sources.collect(),
            serving: serving_revision,
            target: Arc::clone(&revision),
            rollback: None,
            stage: None,
            monitor,
            failures: 0,
            threshold,
            alarms: AlarmWatch::new(service.config.alarms(), out.alarms),
            hooks: Vec::new(),
            shares: Shares::default(),
            configuration: configuration(service),
        });
        service.revisions.push(Arc::clone(&revision));
        let id = format!("ecs-svc/{}", out.ids.digits19());
        let deployment = Deployment::new(out.now, id, revision, arn);
        match service.config.strategy.strategy.shifts() {
            true => self.begin_run(out, service, deployment, serving),
            false => self.begin_rolling(out, service, deployment, serving.as_deref()),
        }
    }

    /// Starts a rolling deployment, where what serves now has its traffic.
    fn begin_rolling(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        mut deployment: Deployment,
        serving: Option<&str>,
    ) {
        self.end_side_by_side(out, service, serving);
        let served = service
            .deployments
            .iter()
            .find(|d| Some(d.id.as_str()) == serving);
        deployment.lane = served.map(|d| d.lane).unwrap_or_default();
        self.make_primary(service, deployment);
    }

    /// Puts a deployment in front; what runs of the others stays until it is replaced.
    fn make_primary(&self, service: &mut Service, deployment: Deployment) {
        if let Some(old) = service.deployments.first() {
            let running = self.count_tasks(service, |t| t.belongs_to(&old.id)).running;
            service.deployments[0].wanted = running;
        }
        service.deployments.insert(0, deployment);
        service.steady = false;
    }

    /// Goes back to the last revision that was deployed completely, as a new deployment; false
    /// when there is none.
    pub(super) fn roll_back(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        why: &str,
        rollout_reason: impl FnOnce(&str, &str) -> String,
    ) -> bool {
        let (Some(good), Some(primary)) = (service.last_good.clone(), service.deployments.first())
        else {
            return false;
        };
        let arn = primary.service_deployment.clone();
        let id = format!("ecs-svc/{}", out.ids.digits19());
        let mut deployment = Deployment::new(out.now, id, Arc::clone(&good.revision), arn.clone());
        deployment.is_rollback = true;
        deployment.lane = primary.lane;
        deployment.reason = rollout_reason(&deployment.id, &good.deployment);
        let message = super::events::rolling_back(&service.key.name, &good.deployment);
        service.events.add(out, message);
        service.restore(&good.revision);
        if let Some(record) = service.record(&arn) {
            record.roll_back(out.now, why, good.revision.arn.clone());
        }
        self.make_primary(service, deployment);
        true
    }

    pub(super) fn stop_service_deployment(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let input: StopInput = read(&input)?;
        let arn = input.service_deployment_arn;
        match input.stop_type.as_deref().unwrap_or("ROLLBACK") {
            "ROLLBACK" => {}
            "ABORT" => {
                return Err(invalid(
                    "The stop type ABORT is not supported. Use ROLLBACK.",
                ));
            }
            other => return Err(invalid(format!("Invalid stopType: {other}"))),
        }
        let key = self.key_of_deployment(&arn).ok_or_else(|| {
            ApiError::client(
                "ServiceDeploymentNotFoundException",
                "Service deployment not found.",
            )
        })?;
        let conflict = |message: String| Err(ApiError::client("ConflictException", message));
        let Some(mut service) = self.services.remove(&key) else {
            return Err(client("Service not found."));
        };
        let state = service.record(&arn).map(|r| r.state);
        let stopped = match state {
            Some(State::Pending | State::InProgress) => {
                let why =
                    "Service deployment was stopped with a rollback by StopServiceDeployment.";
                let rolls_back = match service.mode {
                    Mode::SideBySide => self.stop_run(out, &mut service, why),
                    Mode::Rolling => self.roll_back(out, &mut service, why, |new, _| {
                        format!("ECS deployment {new} in progress.")
                    }),
                };
                match rolls_back {
                    true => Ok(()),
                    false => {
                        conflict("The service has no completed deployment to roll back to.".into())
                    }
                }
            }
            Some(state) if state.is_final() => conflict(format!(
                "The service deployment cannot be stopped because its status is {}.",
                state.name()
            )),
            _ => Ok(()),
        };
        self.services.insert(key, service);
        stopped.map(|()| json!({ "serviceDeploymentArn": arn }))
    }

    fn key_of_deployment(&self, arn: &str) -> Option<ServiceKey> {
        self.services
            .values()
            .find(|s| s.history.iter().any(|d| d.arn == arn))
            .map(|s| s.key.clone())
    }

    pub(super) fn list_service_deployments(&self, input: Value) -> Result<Value, ApiError> {
        let input: ListInput = read(&input)?;
        let cluster = &self.cluster(input.cluster.as_deref())?.name;
        let key = self
            .service_key(cluster, &input.service)
            .ok_or_else(|| ApiError::client("ServiceNotFoundException", "Service not found."))?;
        let service = &self.services[&key];
        let in_time = |at: Time| {
            let at = at.epoch_seconds();
            input.created_at.as_ref().is_none_or(|c| {
                c.before.is_none_or(|before| at < before) && c.after.is_none_or(|after| at > after)
            })
        };
        let found: Vec<Value> = service
            .history
            .iter()
            .rev()
            .filter(|d| input.status.is_empty() || input.status.iter().any(|s| s == d.state.name()))
            .filter(|d| in_time(d.created_at))
            .map(|d| d.brief(service))
            .collect();
        let start: usize = match &input.next_token {
            None => 0,
            Some(token) => token.parse().map_err(|_| invalid("Invalid token."))?,
        };
        let end = start
            .saturating_add(input.max_results.unwrap_or(20).clamp(1, 100))
            .min(found.len());
        let mut answer = json!({ "serviceDeployments": found.get(start..end).unwrap_or_default() });
        if end < found.len() {
            answer["nextToken"] = json!(end.to_string());
        }
        Ok(answer)
    }

    pub(super) fn describe_service_deployments(&self, input: Value) -> Result<Value, ApiError> {
        let input: DescribeInput = read(&input)?;
        if !(1..=20).contains(&input.service_deployment_arns.len()) {
            return Err(invalid("serviceDeploymentArns must have 1 to 20 elements."));
        }
        let (mut shown, mut failures) = (Vec::new(), Vec::new());
        for arn in &input.service_deployment_arns {
            let found = self
                .services
                .values()
                .find_map(|s| s.history.iter().find(|d| d.arn == *arn).map(|d| (s, d)));
            match found {
                Some((service, record)) => {
                    shown.push(self.describe_service_deployment(service, record));
                }
                None => failures.push(missing(arn)),
            }
        }
        Ok(json!({ "serviceDeployments": shown, "failures": failures }))
    }

    fn describe_service_deployment(&self, service: &Service, record: &ServiceDeployment) -> Value {
        let mut target = self.describe_revision_counts(service, &record.target);
        record.shares.show(&mut target, true);
        let mut shown = json!({
            "serviceDeploymentArn": record.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": record.created_at.epoch_seconds(),
            "updatedAt": record.updated_at.epoch_seconds(),
            "status": record.state.name(),
            "sourceServiceRevisions": record
                .sources
                .iter()
                .map(|r| self.describe_source(service, record, r))
                .collect::<Value>(),
            "targetServiceRevision": target,
            "deploymentConfiguration": record.configuration,
            "deploymentCircuitBreaker": {
                "status": record.monitor.name(),
                "failureCount": record.failures,
                "threshold": record.threshold,
            },
            "alarms": record.alarms.describe(),
        });
        record.add_moments(&mut shown);
        if let Some(stage) = record.stage {
            shown["lifecycleStage"] = json!(stage);
        }
        if !record.hooks.is_empty() {
            shown["lifecycleHookDetails"] = record.hooks.iter().map(HookRun::describe).collect();
        }
        if let Some(rollback) = &record.rollback {
            shown["rollback"] = json!({
                "reason": rollback.reason,
                "startedAt": rollback.started_at.epoch_seconds(),
                "serviceRevisionArn": rollback.revision_arn,
            });
        }
        shown
    }

    /// A revision that is replaced. What the target has not got of the traffic is with the one
    /// that served before it.
    fn describe_source(
        &self,
        service: &Service,
        record: &ServiceDeployment,
        revision: &Arc<ServiceRevision>,
    ) -> Value {
        let mut shown = self.describe_revision_counts(service, revision);
        let serves = record.serving.as_ref() == Some(&revision.arn);
        if serves {
            record.shares.show(&mut shown, false);
        }
        shown
    }

    fn describe_revision_counts(&self, service: &Service, revision: &ServiceRevision) -> Value {
        let counts = self.count_tasks(service, |t| {
            t.owner
                .as_ref()
                .is_some_and(|o| o.revision.arn == revision.arn)
        });
        let requested: u32 = service
            .deployments
            .iter()
            .enumerate()
            .filter(|(_, d)| d.revision.arn == revision.arn)
            .map(|(index, _)| service.wanted_of(index))
            .sum();
        json!({
            "arn": revision.arn,
            "requestedTaskCount": requested,
            "runningTaskCount": counts.running,
            "pendingTaskCount": counts.pending,
        })
    }

    pub(super) fn describe_service_revisions(&self, input: Value) -> Result<Value, ApiError> {
        let input: RevisionsInput = read(&input)?;
        if !(1..=20).contains(&input.service_revision_arns.len()) {
            return Err(invalid("serviceRevisionArns must have 1 to 20 elements."));
        }
        let (mut shown, mut failures) = (Vec::new(), Vec::new());
        for arn in &input.service_revision_arns {
            let found = self
                .services
                .values()
                .find_map(|s| s.revisions.iter().find(|r| r.arn == *arn).map(|r| (s, r)));
            match found {
                Some((service, revision)) => shown.push(describe_revision(service, revision)),
                None => failures.push(missing(arn)),
            }
        }
        Ok(json!({ "serviceRevisions": shown, "failures": failures }))
    }
}

fn describe_revision(service: &Service, revision: &ServiceRevision) -> Value {
    let mut shown = Value::Object(revision.settings.clone());
    let images: Value = revision
        .definition
        .parsed
        .container_definitions
        .iter()
        .map(|c| {
            let mut shown = json!({"containerName": c.name, "image": c.image});
            if c.image.contains('@') {
                shown["imageDigest"] = json!(c.image.rsplit('@').next());
            }
            shown
        })
        .collect();
    for (member, value) in [
        ("serviceRevisionArn", json!(revision.arn)),
        ("serviceArn", json!(service.arn)),
        ("clusterArn", json!(service.cluster_arn)),
        ("taskDefinition", json!(revision.definition.arn)),
        ("launchType", json!(revision.launch_type())),
        ("containerImages", images),
        ("guardDutyEnabled", json!(false)),
        ("createdAt", json!(revision.created_at.epoch_seconds())),
    ] {
        shown[member] = value;
    }
    shown
}
