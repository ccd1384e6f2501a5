//! In which steps production traffic is shifted.

use std::time::Duration;

use super::config::{CanaryConfiguration, LinearConfiguration, Strategy};

/// A share of the traffic, in tenths of a percent: AWS takes no finer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::world::ecs) struct Share(u32);

impl Share {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(1000);

    /// A share from a percentage; `None` for one that is not a multiple of 0.1 in 0 to 100.
    pub(super) fn from_percent(percent: f64) -> Option<Self> {
        let tenths = (percent * 10.0).round();
        let fits = (0.0..=1000.0).contains(&tenths) && (percent * 10.0 - tenths).abs() < 1e-6;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        fits.then_some(Self(tenths as u32))
    }

    pub(in crate::world::ecs) fn percent(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    pub(in crate::world::ecs) fn rest(self) -> Self {
        Self(1000 - self.0)
    }

    /// The weights of a rule's two target groups: of the one without and of the one with this
    /// share. A weight is 999 at most, so that tenths are used only where they are needed.
    pub(super) fn weights(self) -> (u32, u32) {
        match self.0 % 10 {
            0 => (100 - self.0 / 10, self.0 / 10),
            _ => (1000 - self.0, self.0),
        }
    }
}

/// One shift of production traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// What the target revision has after it.
    pub(super) to: Share,
    /// How long that stays so before the next step.
    pub(super) bake: Duration,
}

const AT_ONCE: Step = Step {
    to: Share::ALL,
    bake: Duration::ZERO,
};

/// The steps of a deployment to a service that runs already.
pub(super) fn steps(
    strategy: Strategy,
    linear: &LinearConfiguration,
    canary: &CanaryConfiguration,
) -> Vec<Step> {
    match strategy {
        Strategy::Rolling | Strategy::BlueGreen => all_at_once(),
        Strategy::Linear => linearly(linear.step(), linear.bake()),
        Strategy::Canary => {
            let first = Step {
                to: canary.share(),
                bake: canary.bake(),
            };
            match first.to {
                Share::ALL => all_at_once(),
                _ => vec![first, AT_ONCE],
            }
        }
    }
}

/// The one step of a deployment that has nothing to shift from, or does not shift gradually.
pub(super) fn all_at_once() -> Vec<Step> {
    vec![AT_ONCE]
}

/// Equal steps up to 100 %; after the last one there is no bake time.
fn linearly(by: Share, bake: Duration) -> Vec<Step> {
    let before_last = (1..)
        .map(|n| Share(by.0 * n))
        .take_while(|s| *s < Share::ALL);
    let mut steps: Vec<Step> = before_last.map(|to| Step { to, bake }).collect();
    steps.push(AT_ONCE);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_becomes_weights_that_a_rule_takes() {
        for (percent, blue, green) in [
            (0.0, 100, 0),
            (100.0, 0, 100),
            (5.0, 95, 5),
            (12.5, 875, 125),
            (0.1, 999, 1),
            (99.9, 1, 999),
        ] {
            let share = Share::from_percent(percent).map(Share::weights);
            assert_eq!(share, Some((blue, green)), "{percent}");
        }
        for percent in [-0.1, 100.1, 0.05, f64::NAN] {
            assert_eq!(Share::from_percent(percent), None, "{percent}");
        }
    }

    #[test]
    fn linear_steps_are_equal_and_the_last_one_does_not_bake() {
        let minute = Duration::from_secs(60);
        for (by, expected) in [
            (100.0, vec![100.0]),
            (50.0, vec![50.0, 100.0]),
            (30.0, vec![30.0, 60.0, 90.0, 100.0]),
            (33.3, vec![33.3, 66.6, 99.9, 100.0]),
        ] {
            let by = Share::from_percent(by).unwrap_or(Share::NONE);
            let steps = linearly(by, minute);
            let shares: Vec<f64> = steps.iter().map(|s| s.to.percent()).collect();
            assert_eq!(shares, expected);
            let (last, before) = steps.split_last().unwrap_or((&AT_ONCE, &[]));
            assert_eq!(last.bake, Duration::ZERO);
            assert!(before.iter().all(|s| s.bake == minute));
        }
    }
}
