//! What has reached its end: rollouts, deployments that nobody needs any more, deleted services.

use super::deployment::Rollout;
use super::events::{self, Condition};
use super::plan::{Picture, Standing};
use super::service::{LastGood, Service, Status};
use super::service_deployment::State;
use super::strategy::Run;
use super::{Ecs, Outside, Time, alarm_watch, earliest, side_by_side};

impl Ecs {
    /// Ends what has reached its end: old deployments without tasks, the rollout, the service.
    pub(super) fn conclude(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        picture: &Picture,
    ) {
        let healthy = picture
            .tasks
            .iter()
            .filter(|t| t.deployment == 0 && t.standing == Standing::Healthy)
            .count();
        let covered = healthy >= service.desired as usize;
        self.drop_old_deployments(service, covered);
        set_stage(service, covered);
        if end_drained_service(service) {
            return;
        }
        let quiet = covered
            && service.deployments.len() == 1
            && service.tasks.len() == service.desired as usize
            && service.status == Status::Active;
        if quiet {
            if has_baked(out.now, service) {
                self.complete(out, service);
            }
            be_steady(out, service);
        }
    }

    /// An old deployment is gone when none of its tasks is left and none will be started.
    fn drop_old_deployments(&self, service: &mut Service, covered: bool) {
        for old in service.deployments.iter_mut().skip(1) {
            if covered || old.rollout == Rollout::Failed {
                old.wanted = 0;
            }
        }
        let keep: Vec<bool> = service
            .deployments
            .iter()
            .enumerate()
            .map(|(index, d)| index == 0 || d.wanted > 0 || self.has_tasks(service, &d.id))
            .collect();
        let mut keep = keep.into_iter();
        service.deployments.retain(|_| keep.next().unwrap_or(true));
    }

    fn complete(&mut self, out: &mut Outside<'_>, service: &mut Service) {
        let name = service.key.name.clone();
        let Some(primary) = service.deployments.first_mut() else {
            return;
        };
        if primary.rollout != Rollout::InProgress {
            return;
        }
        let reason = format!("ECS deployment {} completed.", primary.id);
        primary.settle(out.now, Rollout::Completed, reason);
        let (arn, is_rollback) = (primary.service_deployment.clone(), primary.is_rollback);
        let message = events::completed(&name, &primary.id);
        service.last_good = Some(LastGood {
            deployment: primary.id.clone(),
            revision: primary.revision.clone(),
        });
        service.events.add(out, message);
        if let Some(record) = service.record(&arn) {
            let state = match is_rollback {
                true => State::RollbackSuccessful,
                false => State::Successful,
            };
            record.enter(out.now, state, None);
        }
    }
}

/// Whether a rolling deployment's bake time is over. "This time starts after all tasks for a
/// target service revision are running and in a healthy state" and the source's are gone
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html>).
fn has_baked(now: Time, service: &mut Service) -> bool {
    let alarms = service.config.alarms().map(|_| alarm_watch::DEFAULT_BAKE);
    let bake = service.config.strategy.bake().or(alarms);
    let Some(primary) = service.deployments.first_mut() else {
        return true;
    };
    if primary.rollout != Rollout::InProgress || primary.is_rollback {
        return true;
    }
    let end = *primary.bakes_since.get_or_insert(now) + bake.unwrap_or_default();
    if end > now {
        service.wake = earliest(service.wake, Some(end));
    }
    end <= now
}

/// Ends what has reached its end side by side.
pub(super) fn conclude_side_by_side(
    out: &mut Outside<'_>,
    service: &mut Service,
    picture: &Picture,
) {
    if end_drained_service(service) {
        return;
    }
    let wanted: u32 = picture.deployments.iter().map(|d| d.wanted).sum();
    let over = service.run.as_ref().is_none_or(Run::is_over);
    if over && side_by_side::is_settled(picture) && service.tasks.len() == wanted as usize {
        be_steady(out, service);
    }
}

/// A deleted service is INACTIVE when its last task is gone; whether it is.
fn end_drained_service(service: &mut Service) -> bool {
    let ended = service.status == Status::Draining && service.tasks.is_empty();
    if ended {
        service.status = Status::Inactive;
        service.wake = None;
    }
    ended
}

fn be_steady(out: &mut Outside<'_>, service: &mut Service) {
    if !std::mem::replace(&mut service.steady, true) {
        let message = events::steady(&service.key.name);
        service.events.add(out, message);
        service.events.resolve(Condition::CannotStartConsistently);
    }
}

fn set_stage(service: &mut Service, covered: bool) {
    let Some(primary) = service.deployments.first() else {
        return;
    };
    let arn = primary.service_deployment.clone();
    if let Some(record) = service.record(&arn).filter(|r| !r.state.is_final()) {
        record.stage = Some(if covered { "CLEAN_UP" } else { "SCALE_UP" });
    }
}
