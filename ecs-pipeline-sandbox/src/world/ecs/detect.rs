//! What makes a deployment fail: the circuit breaker and the deployment alarms; and what a
//! rolling deployment does then.

use super::deployment::Rollout;
use super::failure::{Failure, NO_CANDIDATE};
use super::service::{Service, Status};
use super::service_deployment::{Monitor, State};
use super::{Ecs, Outside};
use crate::world::alarms::Alarms;

impl Service {
    /// Looks at a deployment's breaker and alarms. Answers why it has failed, and whether that
    /// rolls it back; `None` while it has not.
    pub(super) fn detect_failure(
        &mut self,
        alarms: &Alarms,
        deployment: usize,
    ) -> Option<(Failure, bool)> {
        let watched = self.deployments.get(deployment)?;
        if watched.rollout != Rollout::InProgress || self.status != Status::Active {
            return None;
        }
        self.breaker_trips(deployment)
            .or_else(|| self.alarm_goes_off(alarms, deployment))
    }

    fn breaker_trips(&mut self, deployment: usize) -> Option<(Failure, bool)> {
        let breaker = self.config.breaker().cloned()?;
        let watched = self.deployments.get(deployment)?;
        let threshold = breaker.threshold(self.desired);
        let (arn, failures, is_rollback) = (
            watched.service_deployment.clone(),
            watched.failures,
            watched.is_rollback,
        );
        let record = self.record(&arn)?;
        if !is_rollback && !record.state.is_final() {
            record.failures = failures;
            record.threshold = threshold;
        }
        if failures < threshold {
            return None;
        }
        record.monitor = Monitor::Triggered;
        Some((Failure::Breaker, breaker.rollback))
    }

    /// A rollback is not judged by the alarms: what set them off may take its time to pass.
    fn alarm_goes_off(&mut self, alarms: &Alarms, deployment: usize) -> Option<(Failure, bool)> {
        let watched = self.deployments.get(deployment)?;
        let (arn, is_rollback) = (watched.service_deployment.clone(), watched.is_rollback);
        let watch = &mut self.record(&arn)?.alarms;
        let goes_off = !is_rollback && watch.goes_off(alarms);
        goes_off.then_some((Failure::Alarm, watch.rolls_back))
    }
}

impl Ecs {
    /// Fails a rolling deployment, and goes back where that is configured; whether it did.
    pub(super) fn fail_rolling(&mut self, out: &mut Outside<'_>, service: &mut Service) -> bool {
        let Some((failure, rolls_back)) = service.detect_failure(out.alarms, 0) else {
            return false;
        };
        let primary = &mut service.deployments[0];
        let (arn, is_rollback) = (primary.service_deployment.clone(), primary.is_rollback);
        let message = failure.event(&service.key.name, &primary.id);
        primary.settle(out.now, Rollout::Failed, failure.rollout_reason());
        service.events.add(out, message);
        let (state, reason) = match (is_rollback, rolls_back) {
            (true, _) => (
                State::RollbackFailed,
                "The rollback's tasks failed to start.".to_owned(),
            ),
            (false, false) => (State::Stopped, failure.rollout_reason()),
            (false, true) => {
                let why = failure.status_reason();
                if self.roll_back(out, service, &why, |_, good| failure.rollback_reason(good)) {
                    return true;
                }
                (State::RollbackFailed, NO_CANDIDATE.to_owned())
            }
        };
        if let Some(record) = service.record(&arn) {
            record.enter(out.now, state, Some(&reason));
        }
        true
    }
}
