//! What a deployment that shifts traffic shows, as pure functions over one reading of its service
//! deployment.
//!
//! While it goes on, ECS's word on the service deployment is the whole truth. What it ended as is
//! judged together with the service: see [`state_of`](super::state_of).

use super::{HookSnapshot, ServiceDeploymentSnapshot, ServiceDeploymentStatus};
use crate::model::{DeploymentState, RevisionCounts, Stage, TrafficShare};

/// How the deployment stands, by its service deployment alone; `None` where the service has to be
/// looked at: at an end, and where somebody has it stopped.
#[must_use]
pub fn in_flight(api: &ServiceDeploymentSnapshot) -> Option<DeploymentState> {
    use ServiceDeploymentStatus as Status;
    match api.status {
        Status::Pending | Status::InProgress => Some(DeploymentState::InProgress),
        Status::RollbackRequested | Status::RollbackInProgress => {
            Some(DeploymentState::RollingBack {
                reason: failure_of(api).unwrap_or_else(|| "ECS gives no reason yet".to_owned()),
            })
        }
        _ => None,
    }
}

/// Why it failed: in ECS's words, else what its monitors show.
pub(super) fn failure_of(api: &ServiceDeploymentSnapshot) -> Option<String> {
    [&api.rollback_reason, &api.status_reason]
        .into_iter()
        .flatten()
        .find(|reason| !reason.is_empty())
        .cloned()
        .or_else(|| failures(api).into_iter().next())
}

/// What went wrong by the deployment's own monitors: alarms and hooks, a sentence each.
#[must_use]
pub fn failures(api: &ServiceDeploymentSnapshot) -> Vec<String> {
    let alarms = (!api.alarms.is_empty())
        .then(|| format!("alarm detected: {} in ALARM", api.alarms.join(", ")));
    let hooks = api.hooks.iter().filter_map(|hook| {
        let what = match hook.status.as_str() {
            "FAILED" => "failed",
            "TIMED_OUT" => "timed out",
            _ => return None,
        };
        Some(format!("lifecycle {} {what}", hook.name()))
    });
    alarms.into_iter().chain(hooks).collect()
}

/// The stage that it has reached, and what holds it there.
#[must_use]
pub fn stage_of(api: &ServiceDeploymentSnapshot) -> Option<Stage> {
    let name = api.stage.clone()?;
    let held = api.held_by().map(held);
    Some(Stage { name, held })
}

fn held(hook: &HookSnapshot) -> String {
    let mut text = format!("{} waits to be told to go on", hook.name());
    if let Some(expires) = &hook.expires {
        let then = match hook.timeout_action.as_deref() {
            Some("CONTINUE") => "goes on by itself",
            _ => "is rolled back",
        };
        text.push_str(&format!("; at {expires} the deployment {then}"));
    }
    text
}

/// How much of the traffic the new revision gets.
#[must_use]
pub fn traffic_of(api: &ServiceDeploymentSnapshot) -> Option<TrafficShare> {
    let new = api.new_revision()?;
    Some(TrafficShare {
        production: new.production?,
        test: new.test,
    })
}

/// The tasks of each revision, the new one first.
#[must_use]
pub fn shifted_counts(api: &ServiceDeploymentSnapshot) -> Vec<RevisionCounts> {
    let mut counts: Vec<RevisionCounts> = api
        .revisions
        .iter()
        .filter_map(|one| {
            let is_new = one.role == crate::model::RevisionRole::New;
            one.counts(if is_new { api.failed_tasks } else { 0 })
        })
        .collect();
    counts.sort_by_key(|one| one.role == crate::model::RevisionRole::Old);
    counts
}

#[cfg(test)]
#[path = "shift_tests.rs"]
mod tests;
