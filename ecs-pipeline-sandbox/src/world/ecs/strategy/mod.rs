//! Deployments that shift traffic: BLUE_GREEN, LINEAR and CANARY.
//!
//! A [`Run`] brings one service deployment about. Its source (blue) and its target (green) stand
//! side by side, each with all its tasks, in target groups of their own. [`machine`] says what
//! comes next, [`advance`] does it, and [`back`] goes back.

mod advance;
mod back;
mod begin;
mod config;
mod hook;
mod hooks;
mod machine;
mod stage;
mod steps;
mod traffic;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::deployment::ServiceRevision;
pub(super) use config::{Strategy, StrategyConfiguration};
use hook::Hook;
pub(super) use hook::HookRun;
use machine::{Course, Position, Route};
pub(super) use stage::Stage;
use steps::Share;
use traffic::Crossing;

/// A deployment that shifts traffic, while it goes and until the next one.
#[derive(Debug)]
pub(super) struct Run {
    /// The service deployment's ARN.
    service_deployment: String,
    /// Green: the id of the deployment that is to serve.
    target: String,
    /// Blue: the id of the one that serves; none when the service is created.
    source: Option<String>,
    route: Route,
    crossings: Vec<Crossing>,
    hooks: Vec<Hook>,
    /// Where the runs of the present stage's hooks begin among those of the service deployment.
    open_hooks: usize,
    at: Position,
}

impl Run {
    pub(super) fn is_over(&self) -> bool {
        matches!(self.at.course, Course::Succeeded | Course::Failed)
    }

    /// Whether it can still go back: it has not begun to take its source down.
    fn can_turn_back(&self) -> bool {
        self.at.course == Course::Forward && self.at.stage < Stage::CleanUp
    }

    /// The deployment that serves if nothing more comes of this one.
    pub(super) fn stands_on(&self) -> &str {
        let past_return = match self.at.course {
            Course::Succeeded => true,
            Course::Forward => self.at.stage == Stage::CleanUp,
            Course::Back | Course::Failed => false,
        };
        match &self.source {
            Some(source) if !past_return => source,
            _ => &self.target,
        }
    }

    fn shares(&self) -> Shares {
        let has = |traffic| traffic::has(&self.crossings, traffic);
        Shares {
            production: has(traffic::Traffic::Production).then_some(self.at.production),
            test: has(traffic::Traffic::Test).then_some(self.at.test),
        }
    }
}

/// What the target revision has of the traffic; `None` of a kind that there is not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shares {
    production: Option<Share>,
    test: Option<Share>,
}

impl Shares {
    /// Adds the weights of the target revision, or of the one that it replaces, to what
    /// DescribeServiceDeployments shows of it.
    pub(super) fn show(self, shown: &mut Value, is_target: bool) {
        for (member, share) in [
            ("requestedProductionTrafficWeight", self.production),
            ("requestedTestTrafficWeight", self.test),
        ] {
            if let Some(share) = share {
                let share = if is_target { share } else { share.rest() };
                shown[member] = json!(share.percent());
            }
        }
    }

    /// A share of the traffic by revision, as a lifecycle hook sees it.
    fn by_revision(
        share: Share,
        target: &ServiceRevision,
        source: Option<&ServiceRevision>,
    ) -> Value {
        let mut shown = json!({ &target.arn: share.percent() });
        if let Some(source) = source {
            shown[&source.arn] = json!(share.rest().percent());
        }
        shown
    }
}
