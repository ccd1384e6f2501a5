//! The verdict over one reading.

use super::shift::{failure_of, in_flight};
use super::{
    DeploymentSnapshot, RolloutState, ServiceDeploymentSnapshot, ServiceDeploymentStatus,
    ServiceSnapshot,
};
use crate::model::{
    Deployment, DeploymentState, RevisionCounts, RevisionRole, ServiceMessage, TaskDefinitionArn,
};

/// How `deployment` stands, by what `service` shows.
#[must_use]
pub fn state_of(deployment: &Deployment, service: &ServiceSnapshot) -> DeploymentState {
    if service.status != "ACTIVE" {
        return gone(&service.status);
    }
    let by_api = service.service_deployment.as_ref().and_then(|api| {
        let going_on = in_flight(api).filter(|_| service.shifts_traffic);
        going_on.or_else(|| by_service_deployment(deployment, service, api))
    });
    by_api.unwrap_or_else(|| by_deployments(deployment, service))
}

fn gone(status: &str) -> DeploymentState {
    let reason = match status {
        "MISSING" => "the service does not exist".to_owned(),
        other => format!("the service is {other}"),
    };
    DeploymentState::ServiceGone { reason }
}

/// The service deployment API's word; `None` where the list of deployments says more.
fn by_service_deployment(
    ours: &Deployment,
    service: &ServiceSnapshot,
    api: &ServiceDeploymentSnapshot,
) -> Option<DeploymentState> {
    use ServiceDeploymentStatus as Status;

    let primary = service.primary();
    let is_ours = primary.is_some_and(|primary| primary.task_definition == ours.task_definition);
    let reason = || api_reason(ours, service, api);
    match &api.status {
        Status::Successful if is_ours => Some(DeploymentState::Succeeded),
        Status::Successful => Some(superseded(primary)),
        Status::RollbackRequested | Status::RollbackInProgress => {
            Some(DeploymentState::RollingBack { reason: reason() })
        }
        Status::RollbackSuccessful => Some(rolled_back(ours, service, api)),
        // ECS did not try: whether there is a way back is for the run to say.
        Status::RollbackFailed if reason().contains("No rollback candidate was found") => {
            Some(DeploymentState::Failed { reason: reason() })
        }
        Status::RollbackFailed => Some(DeploymentState::RollbackFailed { reason: reason() }),
        // A newer deployment stops the older one: that is no failure of the older one.
        Status::Stopped | Status::StopRequested
            if primary.is_some_and(|primary| is_newer(primary, ours, service)) =>
        {
            Some(superseded(primary))
        }
        Status::Stopped => Some(DeploymentState::Failed { reason: reason() }),
        Status::StopRequested if service.shifts_traffic => Some(DeploymentState::InProgress),
        // The list of deployments is ahead only where it shows a failure or a newer deployment.
        Status::Pending | Status::InProgress | Status::StopRequested => {
            match by_deployments(ours, service) {
                DeploymentState::Succeeded => Some(DeploymentState::InProgress),
                _ if shows_the_former_alone(ours, service)
                    && api.status != Status::StopRequested =>
                {
                    Some(DeploymentState::InProgress)
                }
                _ => None,
            }
        }
        Status::Unknown(_) => None,
    }
}

/// Whether `primary` took our deployment's place. One that was there before did not: it is PRIMARY
/// again because ours was stopped by hand.
fn is_newer(primary: &DeploymentSnapshot, ours: &Deployment, service: &ServiceSnapshot) -> bool {
    primary.id != ours.id && service.former_primary.as_ref() != Some(&primary.id)
}

fn rolled_back(
    ours: &Deployment,
    service: &ServiceSnapshot,
    api: &ServiceDeploymentSnapshot,
) -> DeploymentState {
    let reason = api_reason(ours, service, api);
    let target = api.rollback_target.as_ref().or(ours.last_good.as_ref());
    match service.primary() {
        // ECS writes the one before the other: the service is not back yet.
        Some(primary)
            if primary.id == ours.id && primary.task_definition == ours.task_definition =>
        {
            DeploymentState::RollingBack { reason }
        }
        Some(primary) if target.is_none_or(|target| *target == primary.task_definition) => {
            DeploymentState::RolledBack {
                reason,
                to: Some(primary.task_definition.clone()),
            }
        }
        primary => superseded(primary),
    }
}

fn api_reason(
    ours: &Deployment,
    service: &ServiceSnapshot,
    api: &ServiceDeploymentSnapshot,
) -> String {
    failure_of(api).unwrap_or_else(|| failure_reason(ours, service))
}

/// The verdict by the deployment's id alone.
fn by_deployments(ours: &Deployment, service: &ServiceSnapshot) -> DeploymentState {
    let Some(primary) = service.primary() else {
        return DeploymentState::InProgress;
    };
    if primary.id == ours.id {
        return as_primary(ours, primary, service);
    }
    if may_be_stale(ours, primary, service) {
        return DeploymentState::InProgress;
    }
    if !is_rollback_of(ours, primary, service) {
        return superseded(Some(primary));
    }
    let reason = failure_reason(ours, service);
    match end_of(primary, service) {
        Some(RolloutState::Completed) => DeploymentState::RolledBack {
            reason,
            to: Some(primary.task_definition.clone()),
        },
        Some(RolloutState::Failed) => DeploymentState::RollbackFailed {
            reason: primary.rollout_state_reason.clone().unwrap_or(reason),
        },
        _ => DeploymentState::RollingBack { reason },
    }
}

fn as_primary(
    ours: &Deployment,
    primary: &DeploymentSnapshot,
    service: &ServiceSnapshot,
) -> DeploymentState {
    // Some endpoints change a deployment in place rather than start a new one.
    if primary.task_definition != ours.task_definition {
        return superseded(Some(primary));
    }
    match end_of(primary, service) {
        Some(RolloutState::Completed) => DeploymentState::Succeeded,
        Some(RolloutState::Failed) => {
            let reason = failure_reason(ours, service);
            let announced = mentions_rollback(primary.rollout_state_reason.as_deref());
            let possible = service.rolls_back && ours.last_good.is_some();
            if announced || possible {
                DeploymentState::RollingBack { reason }
            } else {
                DeploymentState::Failed { reason }
            }
        }
        _ => DeploymentState::InProgress,
    }
}

/// Where ECS leaves `rolloutState` out, a deployment has ended when nothing else is left, its
/// tasks are there, and ECS itself has called the service steady since: tasks that are seen
/// running once are no proof.
fn end_of(primary: &DeploymentSnapshot, service: &ServiceSnapshot) -> Option<RolloutState> {
    if let Some(state) = &primary.rollout_state {
        return Some(state.clone());
    }
    let alone = service.deployments.len() == 1;
    let there = primary.running == primary.desired && primary.pending == 0;
    let steady = service.events.iter().any(|event| {
        event.created_at >= primary.created_at && event.text.contains("has reached a steady state")
    });
    (alone && there && steady).then_some(RolloutState::Completed)
}

/// A reading that was taken from a copy older than the change shows the former PRIMARY, and
/// nothing of ours.
fn may_be_stale(
    ours: &Deployment,
    primary: &DeploymentSnapshot,
    service: &ServiceSnapshot,
) -> bool {
    !service.seen_before
        && service.deployment(&ours.id).is_none()
        && service.former_primary.as_ref() == Some(&primary.id)
}

/// Whether this may be a reading from before the change, although a newer one was seen: ours is not
/// in it, and the former deployment is PRIMARY.
fn shows_the_former_alone(ours: &Deployment, service: &ServiceSnapshot) -> bool {
    let former = service.former_primary.as_ref();
    service.deployment(&ours.id).is_none()
        && former.is_some()
        && service.primary().map(|primary| &primary.id) == former
}

/// Whether `primary` is the controller's rollback of our deployment, rather than somebody's newer
/// deployment: ECS says so in words, or ours has failed and the former revision is back.
fn is_rollback_of(
    ours: &Deployment,
    primary: &DeploymentSnapshot,
    service: &ServiceSnapshot,
) -> bool {
    if primary.task_definition == ours.task_definition {
        return false;
    }
    let named = events_since(ours, service)
        .iter()
        .any(|event| mentions_rollback(Some(&event.text)) && names(&event.text, &primary.id));
    if named {
        return true;
    }
    let former = ours
        .last_good
        .as_ref()
        .is_none_or(|last_good| *last_good == primary.task_definition);
    former && (failed(ours, service) || promoted_again(primary, service))
}

fn promoted_again(primary: &DeploymentSnapshot, service: &ServiceSnapshot) -> bool {
    service.seen_before && service.former_primary.as_ref() == Some(&primary.id)
}

fn failed(ours: &Deployment, service: &ServiceSnapshot) -> bool {
    let by_state = service
        .deployment(&ours.id)
        .is_some_and(|deployment| deployment.rollout_state == Some(RolloutState::Failed));
    by_state
        || service
            .events
            .iter()
            .any(|event| event.text.contains("deployment failed") && names(&event.text, &ours.id))
}

/// Whether a text names this very deployment, and not one whose id begins the same.
fn names(text: &str, id: &crate::model::DeploymentId) -> bool {
    text.match_indices(id.as_str()).any(|(at, found)| {
        let after = text
            .get(at + found.len()..)
            .and_then(|rest| rest.chars().next());
        after.is_none_or(|next| !next.is_ascii_alphanumeric())
    })
}

fn mentions_rollback(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.contains("rolling back"))
}

fn superseded(primary: Option<&DeploymentSnapshot>) -> DeploymentState {
    DeploymentState::Superseded {
        by: primary.map(|primary| primary.id.clone()),
        task_definition: primary.map(|primary| primary.task_definition.clone()),
    }
}

/// The best account of why ours failed: the event that says so, else its `rolloutStateReason`.
fn failure_reason(ours: &Deployment, service: &ServiceSnapshot) -> String {
    let by_event = service
        .events
        .iter()
        .filter(|event| names(&event.text, &ours.id))
        .find_map(|event| event.text.split_once("deployment failed: "))
        .map(|(_, reason)| reason.trim_end_matches('.').to_owned());
    let by_state = || {
        service
            .deployment(&ours.id)
            .and_then(|deployment| deployment.rollout_state_reason.clone())
    };
    by_event
        .or_else(by_state)
        .filter(|reason| !reason.is_empty())
        .unwrap_or_else(|| "ECS gives no reason".to_owned())
}

/// The counts of each deployment, ours first. A deployment that has no tasks and wants none is
/// left out, unless it is ours.
#[must_use]
pub fn revision_counts(ours: &Deployment, service: &ServiceSnapshot) -> Vec<RevisionCounts> {
    let mut counts: Vec<RevisionCounts> = service
        .deployments
        .iter()
        .filter(|one| one.id == ours.id || one.desired + one.running + one.pending > 0)
        .map(|one| {
            one.counts(if one.id == ours.id {
                RevisionRole::New
            } else {
                RevisionRole::Old
            })
        })
        .collect();
    counts.sort_by_key(|count| count.role == RevisionRole::Old);
    counts
}

/// What ECS said since the deployment started, oldest first.
#[must_use]
pub fn messages_since(ours: &Deployment, service: &ServiceSnapshot) -> Vec<ServiceMessage> {
    events_since(ours, service)
        .into_iter()
        .map(|event| ServiceMessage {
            id: event.id.clone(),
            text: event.text.clone(),
        })
        .collect()
}

/// How long after the deployment's start ECS last took tasks out of a load balancer.
#[must_use]
pub fn draining_after(ours: &Deployment, service: &ServiceSnapshot) -> Option<std::time::Duration> {
    let since = service
        .deployment(&ours.id)
        .map(|deployment| deployment.created_at)
        .or(service.since)?;
    let last = events_since(ours, service)
        .into_iter()
        .rev()
        .find(|event| event.text.contains("begun draining connections"))?;
    let after = u64::try_from(last.created_at - since).ok()?;
    Some(std::time::Duration::from_millis(after))
}

fn events_since<'a>(
    ours: &Deployment,
    service: &'a ServiceSnapshot,
) -> Vec<&'a super::ServiceEvent> {
    let first_mention = || {
        service
            .events
            .iter()
            .filter(|event| names(&event.text, &ours.id))
            .map(|event| event.created_at)
            .min()
    };
    let since = service
        .deployment(&ours.id)
        .map(|deployment| deployment.created_at)
        .or(service.since)
        .or_else(first_mention);
    let Some(since) = since else {
        return Vec::new();
    };
    // ECS lists the newest first; the stable sort keeps its order within a millisecond.
    let mut events: Vec<_> = service
        .events
        .iter()
        .rev()
        .filter(|event| event.created_at >= since)
        .collect();
    events.sort_by_key(|event| event.created_at);
    events
}

/// The revision that the service ran in its most recent completed deployment that is still
/// listed: where a rollback goes.
#[must_use]
pub fn last_good(service: &ServiceSnapshot) -> Option<TaskDefinitionArn> {
    // Behind a Classic Load Balancer nothing is called complete: what runs alone and in full is.
    let alone = service.deployments.len() == 1;
    let completed = |one: &&DeploymentSnapshot| match one.rollout_state {
        Some(RolloutState::Completed) => true,
        None => alone && one.running == one.desired && one.pending == 0,
        Some(_) => false,
    };
    service
        .deployments
        .iter()
        .filter(completed)
        .max_by_key(|deployment| deployment.created_at)
        .map(|deployment| deployment.task_definition.clone())
}

/// Whether a service event sounds like a problem, by the words that copilot-cli looks for.
#[must_use]
pub fn sounds_like_a_problem(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "fail",
        "unhealthy",
        "error",
        "throttle",
        "unable",
        "missing",
        "alarm detected",
        "rolling back",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
