//! Service deployments: the history of what was deployed, and how each attempt ended.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::alarm_watch::AlarmWatch;
use super::deployment::{Deployment, Lane, ServiceRevision};
use super::input::{client, invalid, read};
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
pub(super) struct Rollback {
    pub(super) reason: String,
    pub(super) started_at: Time,
    pub(super) revision_arn: String,
}

#[derive(Debug)]
pub(super) struct ServiceDeployment {
    pub(super) arn: String,
    pub(super) state: State,
    pub(super) status_reason: Option<String>,
    pub(super) created_at: Time,
    pub(super) started_at: Option<Time>,
    pub(super) finished_at: Option<Time>,
    pub(super) stopped_at: Option<Time>,
    pub(super) updated_at: Time,
    pub(super) sources: Vec<Arc<ServiceRevision>>,
    /// The revision that served when it began.
    pub(super) serving: Option<String>,
    pub(super) target: Arc<ServiceRevision>,
    /// Where the target's tasks are registered.
    pub(super) lane: Lane,
    pub(super) rollback: Option<Rollback>,
    pub(super) stage: Option<&'static str>,
    pub(super) monitor: Monitor,
    pub(super) failures: u32,
    pub(super) threshold: u32,
    pub(super) alarms: AlarmWatch,
    /// Every run of a lifecycle hook, in their order.
    pub(super) hooks: Vec<HookRun>,
    /// How the traffic is shared, where it is shifted.
    pub(super) shares: Shares,
    pub(super) configuration: Value,
}

impl ServiceDeployment {
    /// A deployment of `target`, of which nothing is done yet.
    fn new(
        out: &Outside<'_>,
        service: &Service,
        arn: &str,
        target: &Arc<ServiceRevision>,
        serving: Option<&str>,
    ) -> Self {
        let breaker = service.config.breaker();
        let sources = service.deployments.iter();
        let mut serving = sources.clone().filter(|d| Some(d.id.as_str()) == serving);
        Self {
            arn: arn.into(),
            state: State::Pending,
            status_reason: None,
            created_at: out.now,
            started_at: None,
            finished_at: None,
            stopped_at: None,
            updated_at: out.now,
            serving: serving.next().map(|d| d.revision.arn.clone()),
            sources: sources.map(|d| Arc::clone(&d.revision)).collect(),
            target: Arc::clone(target),
            lane: Lane::default(),
            rollback: None,
            stage: None,
            monitor: breaker.map_or(Monitor::Disabled, |_| Monitor::Monitoring),
            failures: 0,
            threshold: breaker.map_or(0, |b| b.threshold(service.desired)),
            alarms: AlarmWatch::new(service.config.alarms(), out.alarms),
            hooks: Vec::new(),
            shares: Shares::default(),
            configuration: configuration(service),
        }
    }

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
        let may_wait = matches!(state, State::InProgress | State::RollbackInProgress);
        if !may_wait {
            self.hooks.iter_mut().for_each(HookRun::abandon);
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

/// Why a service's first deployment cannot be stopped.
pub(super) const NOTHING_TO_GO_BACK_TO: &str =
    "The service has no completed deployment to roll back to.";

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
        let record = ServiceDeployment::new(out, service, &arn, &revision, serving.as_deref());
        service.history.push(record);
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
        self.end_side_by_side(out, service, serving, &deployment.id);
        let served = service
            .deployments
            .iter()
            .find(|d| Some(d.id.as_str()) == serving);
        deployment.lane = served.map(|d| d.lane).unwrap_or_default();
        if let Some(record) = service.record(&deployment.service_deployment) {
            record.lane = deployment.lane;
        }
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
        let Some(mut service) = self.services.remove(&key) else {
            return Err(client("Service not found."));
        };
        let stopped = self.stop(out, &mut service, &arn);
        self.services.insert(key, service);
        stopped
            .map(|()| json!({ "serviceDeploymentArn": arn }))
            .map_err(|why| ApiError::client("ConflictException", why))
    }

    /// Rolls a service deployment back that is not over, or says why that cannot be.
    fn stop(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        arn: &str,
    ) -> Result<(), String> {
        let state = service.record(arn).map(|record| record.state);
        match state {
            Some(State::Pending | State::InProgress) => {}
            Some(state) if state.is_final() => {
                return Err(format!(
                    "The service deployment cannot be stopped because its status is {}.",
                    state.name()
                ));
            }
            _ => return Ok(()),
        }
        let why = "Service deployment was stopped with a rollback by StopServiceDeployment.";
        if service.mode == Mode::SideBySide {
            return self.stop_run(out, service, why);
        }
        let reason = |new: &str, _: &str| format!("ECS deployment {new} in progress.");
        match self.roll_back(out, service, why, reason) {
            true => Ok(()),
            false => Err(NOTHING_TO_GO_BACK_TO.into()),
        }
    }

    fn key_of_deployment(&self, arn: &str) -> Option<ServiceKey> {
        self.services
            .values()
            .find(|s| s.history.iter().any(|d| d.arn == arn))
            .map(|s| s.key.clone())
    }
}
