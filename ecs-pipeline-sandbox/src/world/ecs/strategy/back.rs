//! Failing, and going back.

use super::super::deployment::Rollout;
use super::super::events;
use super::super::failure::{Failure, NO_CANDIDATE};
use super::super::service::Service;
use super::super::service_deployment::{NOTHING_TO_GO_BACK_TO, State};
use super::super::{Ecs, Outside};
use super::Run;
use super::machine::Course;

impl Ecs {
    /// The target failed: back to the source, or, where that is not wanted, no further.
    pub(super) fn fail_run(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        run: &mut Run,
        failure: &Failure,
        rolls_back: bool,
    ) {
        let name = service.key.name.clone();
        let mut deployments = service.deployments.iter_mut();
        if let Some(target) = deployments.find(|d| d.id == run.target) {
            target.settle(out.now, Rollout::Failed, failure.rollout_reason());
        }
        let message = failure.event(&name, &run.target);
        service.events.add(out, message);
        if let Some(source) = run.source.as_ref().filter(|_| rolls_back) {
            let rollout_reason = failure.rollback_reason(source);
            turn_back(out, service, run, &failure.status_reason(), rollout_reason);
            return;
        }
        let (state, reason) = match rolls_back {
            true => (State::RollbackFailed, NO_CANDIDATE.into()),
            false => (State::Stopped, failure.rollout_reason()),
        };
        run.end_failed(out, service, state, &reason);
    }

    /// A rule cannot be changed any more: forward that is a failure, and back it is the end.
    pub(super) fn cannot_shift(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        run: &mut Run,
        why: String,
    ) {
        match run.at.course {
            Course::Forward => {
                self.fail_run(out, service, run, &Failure::Traffic(why), true);
            }
            _ => run.end_failed(out, service, State::RollbackFailed, &why),
        }
    }

    /// Goes back because somebody asks for it, or says why that cannot be.
    pub(in crate::world::ecs) fn stop_run(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        why: &str,
    ) -> Result<(), String> {
        let Some(mut run) = service.run.take() else {
            return Err(NOTHING_TO_GO_BACK_TO.into());
        };
        let stopped = match (&run.source, run.can_turn_back()) {
            (Some(source), true) => {
                let reason = format!("ECS deployment {source} in progress.");
                turn_back(out, service, &mut run, why, reason);
                Ok(())
            }
            (Some(_), false) => Err(format!(
                "The service deployment cannot be stopped because its lifecycle stage is {}.",
                run.at.stage.name()
            )),
            (None, _) => Err(NOTHING_TO_GO_BACK_TO.into()),
        };
        service.run = Some(run);
        stopped
    }
}

impl Run {
    fn end_failed(&mut self, out: &Outside<'_>, service: &mut Service, state: State, reason: &str) {
        self.at.course = Course::Failed;
        if let Some(record) = service.record(&self.service_deployment) {
            record.enter(out.now, state, Some(reason));
        }
    }
}

/// Sets out for the source, which never stopped: its deployment is PRIMARY again. Its traffic
/// comes back in the run's next step.
fn turn_back(
    out: &mut Outside<'_>,
    service: &mut Service,
    run: &mut Run,
    why: &str,
    rollout_reason: String,
) {
    let source = run.source.as_deref();
    let Some(index) = service
        .deployments
        .iter()
        .position(|d| Some(d.id.as_str()) == source)
    else {
        run.end_failed(out, service, State::RollbackFailed, NO_CANDIDATE);
        return;
    };
    run.at.course = Course::Back;
    run.close_hooks(service);
    let mut blue = service.deployments.remove(index);
    blue.settle(out.now, Rollout::InProgress, rollout_reason);
    blue.service_deployment.clone_from(&run.service_deployment);
    blue.is_rollback = true;
    service.restore(&blue.revision);
    let message = events::rolling_back(&service.key.name, &blue.id);
    service.events.add(out, message);
    let revision = blue.revision.arn.clone();
    service.deployments.insert(0, blue);
    service.steady = false;
    if let Some(record) = service.record(&run.service_deployment) {
        record.roll_back(out.now, why, revision);
    }
}
