//! Carries out what [`super::machine`] says comes next.

use super::super::deployment::Rollout;
use super::super::events;
use super::super::service::{LastGood, Service, Status};
use super::super::service_deployment::State;
use super::super::{Ecs, Outside, earliest};
use super::Run;
use super::hook::verdict;
use super::machine::{Course, Move, View};
use super::stage::Stage;
use super::steps::Share;
use super::traffic::{self, Traffic};

impl Run {
    /// Sends a share of the traffic to the target.
    pub(super) fn shift(
        &mut self,
        out: &mut Outside<'_>,
        traffic: Traffic,
        share: Share,
    ) -> Result<(), String> {
        traffic::shift(out, &self.crossings, traffic, share)?;
        match traffic {
            Traffic::Production => self.at.production = share,
            Traffic::Test => self.at.test = share,
        }
        Ok(())
    }

    /// The tasks that each side is to have, as the desired count may change at any time.
    fn follow_desired(&self, service: &mut Service) {
        let desired = service.desired;
        for deployment in service.deployments.iter_mut().filter(|d| !d.leaving) {
            let is_source = self.source.as_ref() == Some(&deployment.id);
            let is_target = self.target == deployment.id && self.at.stage >= Stage::ScaleUp;
            if is_source || is_target {
                deployment.wanted = desired;
            }
        }
    }

    /// Deployments that came to nothing go: at once where they have no traffic, and else when
    /// the source can do without them.
    fn dismiss_others(&self, service: &mut Service, view: &View) {
        let source = self.source.as_deref();
        let lane = source.and_then(|id| super::begin::whereabouts(service, id));
        let lane = lane.map(|(_, lane)| lane);
        for deployment in &mut service.deployments {
            let is_other = deployment.id != self.target && Some(deployment.id.as_str()) != source;
            if is_other && (Some(deployment.lane) != lane || view.blue >= view.desired) {
                deployment.leave();
            }
        }
    }
}

impl Ecs {
    /// Moves a service's run on by one step, given how many healthy tasks each deployment has;
    /// whether it moved.
    pub(in crate::world::ecs) fn advance_run(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        healthy: &[u32],
    ) -> bool {
        let Some(mut run) = service.run.take() else {
            return false;
        };
        let moved =
            service.status == Status::Active && self.advance(out, service, &mut run, healthy);
        service.run = Some(run);
        moved
    }

    fn advance(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        run: &mut Run,
        healthy: &[u32],
    ) -> bool {
        run.follow_desired(service);
        if run.at.course == Course::Forward && run.at.stage < Stage::CleanUp {
            let target = service.deployments.iter().position(|d| d.id == run.target);
            let failed = target.and_then(|index| service.detect_failure(out.alarms, index));
            if let Some((failure, rolls_back)) = failed {
                self.fail_run(out, service, run, &failure, rolls_back);
                return true;
            }
        }
        run.advance_hooks(out, service);
        let view = view(out, service, run, healthy);
        if run.at.stage == Stage::ReconcileService {
            run.dismiss_others(service, &view);
        }
        match run.at.next(&run.route, &view) {
            Move::Wait { until } => {
                service.wake = earliest(service.wake, until);
                return false;
            }
            Move::Enter(stage) => self.enter(out, service, run, stage),
            Move::Fail(failure) => self.fail_run(out, service, run, &failure, true),
            Move::Retreat => retreat(out, service, run),
            Move::Finish => finish(out, service, run),
        }
        true
    }

    pub(super) fn enter(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        run: &mut Run,
        stage: Stage,
    ) {
        if let Err(why) = shift_for(out, run, stage) {
            self.cannot_shift(out, service, run, why);
            return;
        }
        run.at.stage = stage;
        run.at.entered = out.now;
        if stage == Stage::CleanUp {
            let leaves = match run.at.course {
                Course::Back => Some(&run.target),
                _ => run.source.as_ref(),
            };
            let mut deployments = service.deployments.iter_mut();
            if let Some(leaving) = deployments.find(|d| Some(&d.id) == leaves) {
                leaving.leave();
            }
        }
        run.follow_desired(service);
        run.start_hooks(out, service);
        note(service, run);
    }
}

/// The traffic that a stage shifts when it is entered.
fn shift_for(out: &mut Outside<'_>, run: &mut Run, stage: Stage) -> Result<(), String> {
    let forward = run.at.course == Course::Forward;
    match stage {
        Stage::ProductionTrafficShift if forward => {
            let step = run.route.steps.get(run.at.step);
            let share = step.map_or(Share::ALL, |step| step.to);
            run.at.step += 1;
            run.shift(out, Traffic::Production, share)
        }
        Stage::ProductionTrafficShift => run.shift(out, Traffic::Production, Share::NONE),
        Stage::TestTrafficShift if !traffic::has(&run.crossings, Traffic::Test) => Ok(()),
        Stage::TestTrafficShift if forward => run.shift(out, Traffic::Test, Share::ALL),
        Stage::TestTrafficShift => run.shift(out, Traffic::Test, Share::NONE),
        _ => Ok(()),
    }
}

/// Shows in the service deployment where the run is.
pub(super) fn note(service: &mut Service, run: &Run) {
    let (stage, shares) = (run.at.stage.name(), run.shares());
    let lane = super::begin::whereabouts(service, &run.target).map(|(_, lane)| lane);
    if let Some(record) = service.record(&run.service_deployment) {
        record.stage = Some(stage);
        record.shares = shares;
        record.lane = lane.unwrap_or(record.lane);
    }
}

fn view(out: &Outside<'_>, service: &mut Service, run: &Run, healthy: &[u32]) -> View {
    let place = |id: &str| service.deployments.iter().position(|d| d.id == id);
    let count = |at: Option<usize>| at.and_then(|i| healthy.get(i)).copied().unwrap_or(0);
    let green = place(&run.target);
    let blue = run.source.as_deref().and_then(place);
    let both = usize::from(green.is_some()) + usize::from(blue.is_some());
    let (green_healthy, blue_healthy) = (count(green), count(blue));
    let reconciled = service.deployments.len() == both;
    let hooks = service
        .record(&run.service_deployment)
        .map_or(&[][..], |r| {
            r.hooks.get(run.open_hooks..).unwrap_or_default()
        });
    View {
        now: out.now,
        hooks: verdict(hooks),
        desired: service.desired,
        green: green_healthy,
        blue: blue_healthy,
        reconciled,
        green_is_gone: green.is_none(),
        blue_is_gone: blue.is_none(),
    }
}

/// A failed deployment that may not roll back keeps its traffic only while somebody is healthy.
fn retreat(out: &mut Outside<'_>, service: &mut Service, run: &mut Run) {
    // Where a rule is gone there is nothing to take away.
    if run.shift(out, Traffic::Production, Share::NONE).is_err() {
        run.at.production = Share::NONE;
    }
    note(service, run);
}

/// The end, by the way that the run was on.
fn finish(out: &mut Outside<'_>, service: &mut Service, run: &mut Run) {
    let forward = run.at.course == Course::Forward;
    let (course, state) = match forward {
        true => (Course::Succeeded, State::Successful),
        false => (Course::Failed, State::RollbackSuccessful),
    };
    run.at.course = course;
    let name = service.key.name.clone();
    let Some(primary) = service.deployments.first_mut() else {
        return;
    };
    let reason = format!("ECS deployment {} completed.", primary.id);
    primary.settle(out.now, Rollout::Completed, reason);
    let message = events::completed(&name, &primary.id);
    service.last_good = Some(LastGood {
        deployment: primary.id.clone(),
        revision: primary.revision.clone(),
    });
    service.events.add(out, message);
    if let Some(record) = service.record(&run.service_deployment) {
        record.enter(out.now, state, None);
    }
}
