//! Why a deployment failed, in AWS's words.

use super::strategy::Stage;

/// `statusReason` where there is nothing to go back to.
pub(super) const NO_CANDIDATE: &str = "No rollback candidate was found to run the rollback.";

/// Why a deployment failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The circuit breaker counted enough failed tasks.
    Breaker,
    /// A deployment alarm went off.
    Alarm,
    /// A lifecycle hook said so, or said nothing.
    Hook { stage: Stage, why: String },
    /// A stage, or the whole deployment, took longer than it may.
    TimedOut(Stage),
    /// The target revision had traffic, and none of its tasks was healthy any more.
    Unhealthy,
    /// The load balancer's traffic could not be shifted.
    Traffic(String),
}

impl Failure {
    /// What a service event says after "deployment failed: ".
    fn in_short(&self) -> &'static str {
        match self {
            Self::Breaker => "tasks failed to start",
            Self::Alarm => "alarm detected",
            Self::Hook { .. } => "lifecycle hook failed",
            Self::TimedOut(_) => "lifecycle stage timed out",
            Self::Unhealthy => "tasks failed health checks",
            Self::Traffic(_) => "traffic could not be shifted",
        }
    }

    pub(super) fn event(&self, service: &str, deployment: &str) -> String {
        format!(
            "(service {service}) (deployment {deployment}) deployment failed: {}.",
            self.in_short()
        )
    }

    /// `rolloutStateReason` of the deployment that failed.
    pub(super) fn rollout_reason(&self) -> String {
        match self {
            Self::Breaker => "ECS deployment circuit breaker: tasks failed to start.".into(),
            other => format!("ECS deployment failed: {}.", other.in_short()),
        }
    }

    /// `rolloutStateReason` of the deployment that is gone back to.
    pub(super) fn rollback_reason(&self, good: &str) -> String {
        match self {
            Self::Breaker => {
                format!("ECS deployment circuit breaker: rolling back to deploymentId {good}.")
            }
            _ => format!("ECS deployment failed: rolling back to deploymentId {good}."),
        }
    }

    /// `statusReason` of a service deployment that rolls back.
    pub(super) fn status_reason(&self) -> String {
        let because = match self {
            Self::Breaker => "the circuit breaker threshold was exceeded".into(),
            Self::Alarm => "one or more CloudWatch alarms were triggered".into(),
            Self::Hook { stage, why } => {
                format!(
                    "a lifecycle hook failed at the lifecycle stage {}: {why}",
                    stage.name()
                )
            }
            Self::TimedOut(stage) => format!("the lifecycle stage {} timed out", stage.name()),
            Self::Unhealthy => "no task of the target service revision was healthy".into(),
            Self::Traffic(why) => format!("its traffic could not be shifted: {why}"),
        };
        let end = if because.ends_with('.') { "" } else { "." };
        format!("Service deployment rolled back because {because}{end}")
    }
}
