//! A deployment: its state, and how it ends.

use ecs_pipeline_artifacts::app_spec::{AppSpec, HookEvent};
use serde_json::{Value, json};

use super::config::Routing;
use super::hook::Hook;
use super::lifecycle::{LifecycleEvent, Step};
use super::rollback::RollbackInfo;
use super::settings::{AlarmConfiguration, AutoRollback, RollbackEvent, Settings};
use super::{ApiError, CodeDeploy, Time, World};

/// `status` of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Created,
    InProgress,
    /// It waits for somebody to let the traffic go over.
    Ready,
    Succeeded,
    Failed,
    Stopped,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::InProgress => "InProgress",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }

    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// `errorInformation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}

/// A task set and the target group in which its tasks are registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) task_set: String,
    /// ARN.
    pub(super) target_group: String,
}

/// Everything about a deployment that is known when it is created.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) application: String,
    pub(super) group: String,
    pub(super) config: String,
    pub(super) routing: Routing,
    /// As the client gave it; null where there is none to go back to.
    pub(super) revision: Value,
    pub(super) previous_revision: Value,
    pub(super) app_spec: Option<AppSpec>,
    pub(super) description: Option<String>,
    /// The group as it was when the deployment was created.
    pub(super) settings: Settings,
    /// The group's, unless the request overrides them.
    pub(super) alarms: AlarmConfiguration,
    pub(super) auto_rollback: AutoRollback,
    /// Members of the group and of the request that GetDeployment shows.
    pub(super) shown: Value,
}

#[derive(Debug)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) order: Order,
    pub(super) created_at: Time,
    pub(super) started_at: Option<Time>,
    pub(super) completed_at: Option<Time>,
    pub(super) updated_at: Time,
    pub(super) status: Status,
    pub(super) fault: Option<Fault>,
    /// What is still to be done; the first one is going on.
    pub(super) steps: Vec<Step>,
    /// Since when the first step goes on.
    pub(super) began: Option<Time>,
    /// When time alone may move it on.
    pub(super) wake: Option<Time>,
    pub(super) events: Vec<LifecycleEvent>,
    /// How many of the traffic's steps have been made.
    pub(super) shifts: usize,
    /// The replacement's share of the production traffic, in percent.
    pub(super) percent: u32,
    pub(super) blue: Option<Side>,
    pub(super) green: Option<Side>,
    pub(super) hook: Option<Hook>,
    /// Executions that are over.
    pub(super) past_hooks: Vec<String>,
    /// Somebody ended the wait that is going on.
    pub(super) continued: bool,
    pub(super) rollback: RollbackInfo,
    /// The deployment that this one takes back.
    pub(super) undoes: Option<String>,
    /// A rollback deployment is to be made.
    pub(super) rollback_wanted: bool,
}

impl Deployment {
    pub(super) fn new(id: String, now: Time, order: Order, steps: Vec<Step>) -> Self {
        Self {
            id,
            events: steps.iter().filter_map(LifecycleEvent::of).collect(),
            order,
            created_at: now,
            started_at: None,
            completed_at: None,
            updated_at: now,
            status: Status::Created,
            fault: None,
            steps,
            began: None,
            wake: None,
            shifts: 0,
            percent: 0,
            blue: None,
            green: None,
            hook: None,
            past_hooks: Vec::new(),
            continued: false,
            rollback: RollbackInfo::default(),
            undoes: None,
            rollback_wanted: false,
        }
    }

    /// The function that the AppSpec names for an event.
    pub(super) fn function(&self, event: HookEvent) -> Option<&str> {
        let hooks = self.order.app_spec.iter().flat_map(|spec| &spec.hooks);
        let mut named = hooks.filter(|hook| hook.event == event);
        named.next().map(|hook| hook.function.as_str())
    }

    pub(super) fn succeed(&mut self, now: Time) {
        self.end(now, Status::Succeeded);
    }

    /// It failed by itself, and goes back if it may.
    pub(super) fn fail(&mut self, now: Time, fault: Fault) {
        self.fault = Some(fault);
        self.end(now, Status::Failed);
        self.want_rollback(RollbackEvent::Failure, None);
    }

    /// It is stopped, and goes back if it may; `asked` says so where somebody decided.
    pub(super) fn stop(
        &mut self,
        now: Time,
        fault: Fault,
        event: RollbackEvent,
        asked: Option<bool>,
    ) {
        self.fault = Some(fault);
        self.end(now, Status::Stopped);
        self.want_rollback(event, asked);
    }

    fn end(&mut self, now: Time, status: Status) {
        self.status = status;
        self.completed_at = Some(now);
        self.updated_at = now;
        self.steps.clear();
        self.began = None;
        self.wake = None;
        if let Some(hook) = self.hook.take() {
            self.past_hooks.push(hook.execution);
        }
        for event in &mut self.events {
            event.close(now, self.fault.as_ref());
        }
    }

    /// There is nothing to take back before the replacement task set is there.
    fn want_rollback(&mut self, event: RollbackEvent, asked: Option<bool>) {
        let may = asked.unwrap_or(self.order.auto_rollback.covers(event));
        self.rollback_wanted = may && self.green.is_some() && self.undoes.is_none();
    }

    /// `lastSuccessfulDeployment` and `lastAttemptedDeployment` of its group.
    pub(super) fn brief(&self) -> Value {
        let mut shown = json!({
            "deploymentId": self.id,
            "status": self.status.name(),
            "createTime": self.created_at.epoch_seconds(),
        });
        if let Some(at) = self.completed_at {
            shown["endTime"] = json!(at.epoch_seconds());
        }
        shown
    }

    pub(super) fn belongs_to(&self, application: &str, group: &str) -> bool {
        self.order.application == application && self.order.group == group
    }
}

impl CodeDeploy {
    pub(super) fn deployment(&self, id: &str) -> Result<&Deployment, ApiError> {
        self.find(id).ok_or_else(|| missing(id))
    }

    pub(super) fn deployment_mut(&mut self, id: &str) -> Result<&mut Deployment, ApiError> {
        let found = self.deployments.iter_mut().find(|d| d.id == id);
        found.ok_or_else(|| missing(id))
    }

    /// Each group's newest success.
    pub(super) fn note_successes(&mut self) {
        for deployment in &self.deployments {
            if deployment.status != Status::Succeeded {
                continue;
            }
            let order = &deployment.order;
            let application = self.applications.get_mut(&order.application);
            let group = application.and_then(|a| a.groups.get_mut(&order.group));
            if let Some(group) = group {
                group.last_successful = Some(deployment.id.clone());
            }
        }
    }
}

/// What access control asks of CodeDeploy.
impl World {
    /// The application and the group of a deployment that is there.
    pub(crate) fn deployment_group_of(&self, id: &str) -> Option<(String, String)> {
        let order = &self.codedeploy.find(id)?.order;
        Some((order.application.clone(), order.group.clone()))
    }

    /// The configuration with which a group deploys, unless a deployment says another one.
    pub(crate) fn deployment_config_of(&self, application: &str, group: &str) -> Option<String> {
        let group = self.codedeploy.group(application, group).ok()?;
        Some(group.settings.config.clone())
    }
}

fn missing(id: &str) -> ApiError {
    ApiError::client(
        "DeploymentDoesNotExistException",
        format!("The deployment {id} could not be found"),
    )
}
