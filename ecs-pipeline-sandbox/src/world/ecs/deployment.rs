//! A service's revisions, and the deployments that bring them about.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Time;
use super::task_definition::TaskDefinition;

/// An entry of `loadBalancers`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadBalancer {
    pub(super) target_group_arn: Option<String>,
    #[serde(default)]
    pub(super) container_name: String,
    #[serde(default)]
    pub(super) container_port: u16,
    pub(super) advanced_configuration: Option<AdvancedConfiguration>,
}

/// `advancedConfiguration`: what a deployment that shifts traffic needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdvancedConfiguration {
    pub(super) alternate_target_group_arn: Option<String>,
    pub(super) production_listener_rule: Option<String>,
    pub(super) test_listener_rule: Option<String>,
    pub(super) role_arn: Option<String>,
}

impl LoadBalancer {
    /// The target group in which a deployment of this lane registers its tasks.
    pub(super) fn target_group(&self, lane: Lane) -> Option<&str> {
        match (lane, &self.advanced_configuration) {
            (Lane::Alternate, Some(advanced)) => advanced.alternate_target_group_arn.as_deref(),
            _ => self.target_group_arn.as_deref(),
        }
    }

    /// An element of `resolvedConfiguration.loadBalancers`: where a revision really is.
    pub(super) fn resolved(&self, lane: Lane) -> Value {
        let mut shown = json!({ "targetGroupArn": self.target_group(lane) });
        let advanced = self.advanced_configuration.as_ref();
        if let Some(rule) = advanced.and_then(|a| a.production_listener_rule.as_ref()) {
            shown["productionListenerRule"] = json!(rule);
        }
        shown
    }
}

/// Which of a load balancer's two target groups a deployment uses. Blue and green are in
/// different ones, and change places with every deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lane {
    /// `targetGroupArn`.
    #[default]
    Primary,
    /// `alternateTargetGroupArn`.
    Alternate,
}

impl Lane {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Primary => Self::Alternate,
            Self::Alternate => Self::Primary,
        }
    }
}

/// A service revision: everything of a service that only a new deployment changes.
#[derive(Debug)]
pub(super) struct ServiceRevision {
    pub(super) arn: String,
    pub(super) definition: Arc<TaskDefinition>,
    pub(super) load_balancers: Vec<LoadBalancer>,
    pub(super) created_at: Time,
    /// `networkConfiguration`, `platformVersion`, `loadBalancers`, … as the client gave them.
    pub(super) settings: Map<String, Value>,
}

impl ServiceRevision {
    pub(super) fn launch_type(&self) -> &str {
        let given = self.settings.get("launchType").and_then(Value::as_str);
        given.unwrap_or(match self.uses_fargate_capacity() {
            true => "FARGATE",
            false => "EC2",
        })
    }

    fn uses_fargate_capacity(&self) -> bool {
        self.settings
            .get("capacityProviderStrategy")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|item| item.get("capacityProvider")?.as_str())
            .any(|name| name.starts_with("FARGATE"))
    }

    pub(super) fn runs_on_instance(&self) -> bool {
        self.launch_type() == "EC2"
    }
}

/// `rolloutState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

impl Rollout {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// An element of `deployments`.
#[derive(Debug)]
pub(super) struct Deployment {
    /// `ecs-svc/…`; its tasks have it as `startedBy`.
    pub(super) id: String,
    pub(super) revision: Arc<ServiceRevision>,
    /// The service deployment that it belongs to; a rollback belongs to the one that it undoes.
    pub(super) service_deployment: String,
    pub(super) is_rollback: bool,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    pub(super) rollout: Rollout,
    pub(super) reason: String,
    /// Failed tasks in a row.
    pub(super) failed_tasks: u32,
    /// What the circuit breaker has counted.
    pub(super) failures: u32,
    /// How many tasks it keeps: while another deployment replaces it, or, side by side, always.
    pub(super) wanted: u32,
    /// Where its tasks are registered.
    pub(super) lane: Lane,
    /// Side by side: it is to be gone as soon as its last task is.
    pub(super) leaving: bool,
    /// Rolling: since when it has been complete but for its bake time.
    pub(super) bakes_since: Option<Time>,
    /// Of a task set: the CodeDeploy deployment that made it.
    pub(super) external_id: Option<String>,
    /// No task is started before this moment.
    pub(super) not_before: Time,
    /// How often it has backed off without a healthy task in between.
    retries: u32,
}

/// The longest that ECS waits between attempts to start a task.
const LONGEST_BACKOFF: Duration = Duration::from_secs(27 * 60);

impl Deployment {
    pub(super) fn new(
        now: Time,
        id: String,
        revision: Arc<ServiceRevision>,
        service_deployment: String,
    ) -> Self {
        Self {
            reason: format!("ECS deployment {id} in progress."),
            id,
            revision,
            service_deployment,
            is_rollback: false,
            created_at: now,
            updated_at: now,
            rollout: Rollout::InProgress,
            failed_tasks: 0,
            failures: 0,
            wanted: 0,
            lane: Lane::Primary,
            leaving: false,
            bakes_since: None,
            external_id: None,
            not_before: now,
            retries: 0,
        }
    }

    pub(super) fn settle(&mut self, now: Time, rollout: Rollout, reason: String) {
        self.rollout = rollout;
        self.reason = reason;
        self.updated_at = now;
    }

    /// Side by side: its tasks drain and stop, and then it is gone.
    pub(super) fn leave(&mut self) {
        self.wanted = 0;
        self.leaving = true;
    }

    /// A task of it failed: it never became healthy, or its health checks failed.
    pub(super) fn count_failure(&mut self, now: Time) {
        self.failed_tasks += 1;
        self.updated_at = now;
        if self.rollout == Rollout::InProgress {
            self.failures += 1;
        }
    }

    /// A task of it became healthy.
    pub(super) fn count_healthy(&mut self, resets_breaker: bool) {
        self.failed_tasks = 0;
        self.retries = 0;
        if resets_breaker && self.rollout == Rollout::InProgress {
            self.failures = 0;
        }
    }

    /// Waits before the next task starts: 10 s, and each time twice as long, up to 27 minutes.
    /// Tasks that fail together cost one step.
    pub(super) fn back_off(&mut self, now: Time) {
        if now < self.not_before {
            return;
        }
        let delay = Duration::from_secs(10 << self.retries.min(10));
        self.not_before = now + delay.min(LONGEST_BACKOFF);
        self.retries += 1;
    }

    /// Whether it has failed to start tasks for long enough to say so.
    pub(super) fn starts_badly(&self) -> bool {
        self.retries >= 4
    }

    pub(super) fn describe(&self, status: &str, counts: Counts) -> Value {
        let mut shown = Map::new();
        for member in [
            "networkConfiguration",
            "platformVersion",
            "platformFamily",
            "capacityProviderStrategy",
            "serviceConnectConfiguration",
            "volumeConfigurations",
            "vpcLatticeConfigurations",
        ] {
            if let Some(value) = self.revision.settings.get(member) {
                shown.insert(member.into(), value.clone());
            }
        }
        let own = json!({
            "id": self.id,
            "status": status,
            "taskDefinition": self.revision.definition.arn,
            "desiredCount": counts.desired,
            "pendingCount": counts.pending,
            "runningCount": counts.running,
            "failedTasks": self.failed_tasks,
            "createdAt": self.created_at.epoch_seconds(),
            "updatedAt": self.updated_at.epoch_seconds(),
            "launchType": self.revision.launch_type(),
            "rolloutState": self.rollout.name(),
            "rolloutStateReason": self.reason,
        });
        if let Value::Object(own) = own {
            shown.extend(own);
        }
        shown.into()
    }
}

/// Tasks of a service, a deployment or a revision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) desired: u32,
    pub(super) pending: u32,
    pub(super) running: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backing_off_takes_twice_as_long_each_time_up_to_27_minutes() {
        let revision = Arc::new(super::super::script::revision());
        let start = Time::default();
        let mut deployment = Deployment::new(start, "ecs-svc/1".into(), revision, String::new());
        let mut now = start;
        let mut delays = Vec::new();
        for _ in 0..10 {
            deployment.back_off(now);
            // Tasks that failed together with the first one.
            deployment.back_off(now);
            delays.push(deployment.not_before.since(now).as_secs());
            now = deployment.not_before;
        }
        assert_eq!(delays, [10, 20, 40, 80, 160, 320, 640, 1280, 1620, 1620]);
        deployment.count_healthy(true);
        deployment.back_off(now);
        assert_eq!(deployment.not_before.since(now).as_secs(), 10);
    }
}
