//! What a deployment that shifts traffic does next, as a pure function of what it sees.
//!
//! One rule bounds everything: traffic goes only where tasks are healthy. So it is shifted
//! before anything is drained, and away as soon as nobody is healthy where it goes.

use std::time::Duration;

use super::super::Time;
use super::super::failure::Failure;
use super::hook::Verdict;
use super::stage::Stage;
use super::steps::{Share, Step};

/// "Each lifecycle stage can last up to 24 hours"; "the overall deployment timeout is 30 days"
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html>).
const STAGE_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
const DEPLOYMENT_LIMIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where a deployment is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Forward,
    /// It failed, or was stopped, and goes back to its source.
    Back,
    Succeeded,
    /// It is over, and its source serves; or what served when it failed, where it may not go
    /// back.
    Failed,
}

/// Where a deployment stands.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) course: Course,
    pub(super) stage: Stage,
    pub(super) began: Time,
    /// When it entered its stage.
    pub(super) entered: Time,
    /// How many steps of production traffic are behind it, the present one included.
    pub(super) step: usize,
    /// What the target revision has of each kind of traffic.
    pub(super) production: Share,
    pub(super) test: Share,
}

/// What does not change while it goes.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) steps: Vec<Step>,
    pub(super) bake: Duration,
}

/// What it sees.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) now: Time,
    pub(super) desired: u32,
    /// Healthy tasks of the target revision, and of the source.
    pub(super) green: u32,
    pub(super) blue: u32,
    /// Whether there is nothing but the target and the source.
    pub(super) reconciled: bool,
    pub(super) green_is_gone: bool,
    pub(super) blue_is_gone: bool,
    pub(super) hooks: Verdict,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    /// Nothing, before `until` at least.
    Wait {
        until: Option<Time>,
    },
    /// Enters a stage, with the traffic that it shifts.
    Enter(Stage),
    Fail(Failure),
    /// Takes all traffic away from the target at once.
    Retreat,
    /// The end, by the way that it was on.
    Finish,
}

impl Position {
    pub(super) fn next(&self, route: &Route, view: &View) -> Move {
        match self.course {
            Course::Forward => self.next_forward(route, view),
            Course::Back => self.next_back(view),
            Course::Failed if self.is_stranded(view) => Move::Retreat,
            Course::Failed | Course::Succeeded => Move::Wait { until: None },
        }
    }

    /// Whether requests go where nobody is healthy, while somebody is elsewhere.
    fn is_stranded(&self, view: &View) -> bool {
        self.production > Share::NONE && view.green == 0 && view.blue > 0
    }

    fn next_forward(&self, route: &Route, view: &View) -> Move {
        if self.stage < Stage::CleanUp && self.is_stranded(view) {
            return Move::Fail(Failure::Unhealthy);
        }
        match &view.hooks {
            Verdict::Failed(why) => Move::Fail(Failure::Hook {
                stage: self.stage,
                why: why.clone(),
            }),
            Verdict::Open { until, .. } => self.wait(view, Some(*until)),
            Verdict::Passed => self.leave_stage(route, view),
        }
    }

    /// When it has taken too long. The time of a pause does not count against its stage.
    fn limit(&self, hooks: &Verdict) -> Time {
        let whole = self.began + DEPLOYMENT_LIMIT;
        match hooks {
            Verdict::Open { pauses: true, .. } => whole,
            _ => whole.min(self.entered + STAGE_LIMIT),
        }
    }

    fn wait(&self, view: &View, until: Option<Time>) -> Move {
        if self.stage == Stage::CleanUp {
            return Move::Wait { until };
        }
        let limit = self.limit(&view.hooks);
        if limit <= view.now {
            return Move::Fail(Failure::TimedOut(self.stage));
        }
        Move::Wait {
            until: Some(until.map_or(limit, |until| until.min(limit))),
        }
    }

    /// What follows a stage whose hooks are done.
    fn leave_stage(&self, route: &Route, view: &View) -> Move {
        let scaled_up = view.green >= view.desired;
        let bakes_until = |bake: Duration| {
            let end = self.entered + bake;
            (view.now < end).then_some(end)
        };
        let (next, waits, until) = match self.stage {
            Stage::ReconcileService => (Stage::PreScaleUp, !view.reconciled, None),
            Stage::PreScaleUp => (Stage::ScaleUp, false, None),
            Stage::ScaleUp => (Stage::PostScaleUp, !scaled_up, None),
            Stage::PostScaleUp => (Stage::TestTrafficShift, !scaled_up, None),
            Stage::TestTrafficShift => (Stage::PostTestTrafficShift, false, None),
            Stage::PostTestTrafficShift => (Stage::PreProductionTrafficShift, false, None),
            Stage::PreProductionTrafficShift => (Stage::ProductionTrafficShift, !scaled_up, None),
            Stage::ProductionTrafficShift => {
                let taken = self.step.saturating_sub(1);
                let bake = route.steps.get(taken).map_or(Duration::ZERO, |s| s.bake);
                let next = match self.step < route.steps.len() {
                    true => Stage::PreProductionTrafficShift,
                    false => Stage::PostProductionTrafficShift,
                };
                (next, false, bakes_until(bake))
            }
            Stage::PostProductionTrafficShift => (Stage::BakeTime, false, None),
            Stage::BakeTime => (Stage::CleanUp, !scaled_up, bakes_until(route.bake)),
            Stage::CleanUp if view.blue_is_gone && scaled_up => return Move::Finish,
            Stage::CleanUp => return self.wait(view, None),
        };
        match waits || until.is_some() {
            true => self.wait(view, until),
            false => Move::Enter(next),
        }
    }

    /// Back: the production traffic first, then the test traffic, then the tasks. A rollback
    /// goes on whatever its hooks say: there is nothing left to go back to.
    fn next_back(&self, view: &View) -> Move {
        if self.production > Share::NONE {
            return match view.blue > 0 || view.green == 0 {
                true => Move::Enter(Stage::ProductionTrafficShift),
                false => Move::Wait { until: None },
            };
        }
        if let Verdict::Open { until, .. } = view.hooks {
            return Move::Wait { until: Some(until) };
        }
        if self.test > Share::NONE {
            return Move::Enter(Stage::TestTrafficShift);
        }
        match self.stage {
            Stage::CleanUp if view.green_is_gone && view.blue >= view.desired => Move::Finish,
            Stage::CleanUp => Move::Wait { until: None },
            _ => Move::Enter(Stage::CleanUp),
        }
    }
}
