//! What a task's health checks say.

use std::time::Duration;

use super::service::Service;
use super::task::{Phase, Task};
use super::{Ecs, Time};
use crate::world::elbv2::{Elbv2, TargetState};

/// A task without any health check counts as healthy when it has been RUNNING for so long.
const PRESUMED_HEALTHY_AFTER: Duration = Duration::from_secs(40);

/// Why a task is unhealthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    Target {
        group: String,
        port: u16,
        why: String,
    },
    ContainerCheck,
}

/// How a task's health checks stand.
pub(super) enum Health {
    Starting,
    /// Nothing is known; `until` is when time alone may change that.
    Unknown {
        until: Option<Time>,
    },
    Healthy,
    Unhealthy(Cause),
}

pub(super) fn health(task: &Task, elbv2: &Elbv2, now: Time, grace: Duration) -> Health {
    let (Phase::Running, Some(started)) = (task.phase, task.started_at) else {
        return Health::Starting;
    };
    let verdict = match checked(task, elbv2) {
        Some(verdict) => verdict,
        None if now.since(started) >= PRESUMED_HEALTHY_AFTER => Health::Healthy,
        None => Health::Unknown {
            until: Some(started + PRESUMED_HEALTHY_AFTER),
        },
    };
    let graced = now.since(started) < grace;
    match verdict {
        Health::Unhealthy(_) if graced => Health::Unknown {
            until: Some(started + grace),
        },
        verdict => verdict,
    }
}

/// What the checks that a task has say together; `None` when it has none.
fn checked(task: &Task, elbv2: &Elbv2) -> Option<Health> {
    let has_check = task.has_container_check();
    if !has_check && task.targets.is_empty() {
        return None;
    }
    let mut all = true;
    if has_check {
        match task.container_health() {
            Some(false) => return Some(Health::Unhealthy(Cause::ContainerCheck)),
            verdict => all = verdict == Some(true),
        }
    }
    for (group, target) in &task.targets {
        let health = elbv2.health(group, target);
        match health.state {
            TargetState::Healthy => {}
            TargetState::Unhealthy => {
                return Some(Health::Unhealthy(Cause::Target {
                    group: group.clone(),
                    port: target.port,
                    why: health
                        .description
                        .unwrap_or_else(|| "Health checks failed".into()),
                }));
            }
            TargetState::Initial | TargetState::Draining | TargetState::Unused => all = false,
        }
    }
    Some(match all {
        true => Health::Healthy,
        false => Health::Unknown { until: None },
    })
}

impl Ecs {
    /// How many of a deployment's tasks are healthy at this moment.
    pub(super) fn healthy_tasks(
        &self,
        elbv2: &Elbv2,
        now: Time,
        service: &Service,
        deployment: &str,
    ) -> u32 {
        let grace = service.grace_period();
        let tasks = service.tasks.iter().filter_map(|id| self.tasks.get(id));
        let healthy = tasks
            .filter(|t| t.belongs_to(deployment))
            .filter(|t| matches!(health(t, elbv2, now, grace), Health::Healthy))
            .count();
        u32::try_from(healthy).unwrap_or(u32::MAX)
    }
}
