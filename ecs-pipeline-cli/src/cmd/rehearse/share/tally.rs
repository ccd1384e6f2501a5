//! What the looks at the load balancer come to.

use std::collections::BTreeMap;

/// How many requests a step must have had to be judged: one request more or less is a point then.
const JUDGED_FROM: u64 = 100;

/// How many points a share may be off.
const TOLERANCE: f64 = 3.0;

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The new version's weight, in tenths of a percent.
    pub(super) tenths: u64,
    /// Requests that it has got so far.
    pub(super) new: u64,
    /// Requests that all versions have got so far.
    pub(super) all: u64,
}

/// The requests under each weight.
#[derive(Debug, Default)]
pub(in crate::cmd::rehearse) struct Tally {
    last: Option<Look>,
    /// Whether the weight of the last look was that of the one before.
    settled: bool,
    /// Requests that the new version and all versions have got, by tenths of a percent.
    steps: BTreeMap<u64, (u64, u64)>,
}

impl Tally {
    /// Requests between two looks count where both showed the same weight, and the one before
    /// too: a request that is on its way when the weights change goes by the old ones.
    pub(super) fn add(&mut self, look: Look) {
        let last = self.last.replace(look);
        let Some(last) = last.filter(|last| last.tenths == look.tenths) else {
            self.settled = false;
            return;
        };
        if self.settled {
            let (new, all) = self.steps.entry(look.tenths).or_default();
            *new += look.new.saturating_sub(last.new);
            *all += look.all.saturating_sub(last.all);
        }
        self.settled = true;
    }

    /// The share at each weight; none where no weights were seen.
    pub(in crate::cmd::rehearse) fn shares(self) -> Option<Shares> {
        let steps = self.steps.into_iter().filter(|(_, (_, all))| *all > 0);
        let steps: Vec<Share> = steps
            .map(|(tenths, (new, all))| Share {
                weight: tenths as f64 / 10.0,
                measured: 100.0 * new as f64 / all as f64,
                requests: all,
            })
            .collect();
        (!steps.is_empty()).then_some(Shares { steps })
    }
}

/// The new version's share of the requests while it had one weight, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Share {
    weight: f64,
    measured: f64,
    requests: u64,
}

impl Share {
    fn is_judged(&self) -> bool {
        self.requests >= JUDGED_FROM
    }

    fn deviation(&self) -> f64 {
        (self.measured - self.weight).abs()
    }
}

/// The shares at all weights, lowest first.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cmd::rehearse) struct Shares {
    steps: Vec<Share>,
}

impl Shares {
    /// By how many points the share was off at most, of the steps that are judged.
    pub(in crate::cmd::rehearse) fn largest_deviation(&self) -> Option<f64> {
        let judged = self.steps.iter().filter(|step| step.is_judged());
        judged.map(Share::deviation).reduce(f64::max)
    }

    pub(in crate::cmd::rehearse) fn is_off(&self) -> bool {
        self.largest_deviation()
            .is_some_and(|deviation| deviation > TOLERANCE)
    }

    /// `5 %: 5.1 % of 632 requests; 100 %: 100.0 % of 41 requests (too few to judge)`.
    pub(in crate::cmd::rehearse) fn told(&self) -> String {
        let steps = self.steps.iter().map(|step| {
            let few = match step.is_judged() {
                true => "",
                false => " (too few to judge)",
            };
            format!(
                "{} %: {:.1} % of {} requests{few}",
                step.weight, step.measured, step.requests
            )
        });
        steps.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn tally(looks: &[(u64, u64, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (tenths, new, all) in looks.iter().copied() {
            tally.add(Look { tenths, new, all });
        }
        tally
    }

    #[test]
    fn requests_count_only_between_looks_with_the_same_weight() {
        let looks = [
            (0, 0, 0),
            (0, 0, 10),
            (0, 0, 210),
            // The weights change somewhere before this look.
            (50, 7, 230),
            (50, 9, 240),
            (50, 19, 440),
            (1000, 40, 500),
        ];
        assert_eq!(
            tally(&looks).steps,
            BTreeMap::from([(0, (0, 200)), (50, (10, 200))])
        );
    }

    #[test]
    fn a_weight_that_comes_back_goes_on_counting() {
        let looks = [
            (0, 0, 0),
            (0, 0, 0),
            (0, 0, 80),
            (50, 9, 90),
            (0, 9, 99),
            (0, 9, 99),
            (0, 9, 179),
        ];
        let shares = tally(&looks).shares().unwrap();
        assert_eq!(shares.told(), "0 %: 0.0 % of 160 requests");
    }

    #[test]
    fn the_largest_deviation_is_that_of_a_step_with_enough_requests() {
        for (new, all, deviation, is_off) in [
            (10, 100, Some(0.0), false),
            (13, 100, Some(3.0), false),
            (14, 100, Some(4.0), true),
            (6, 100, Some(4.0), true),
            (99, 99, None, false),
        ] {
            let looks = [(100, 0, 0), (100, 0, 0), (100, new, all)];
            let shares = tally(&looks).shares().unwrap();
            let off = shares
                .largest_deviation()
                .map(|d| (10.0 * d).round() / 10.0);
            assert_eq!(
                (off, shares.is_off()),
                (deviation, is_off),
                "{new} of {all}"
            );
        }
    }

    #[test]
    fn steps_that_are_not_judged_are_told_as_such() {
        let looks = [
            (125, 0, 0),
            (125, 0, 0),
            (125, 25, 200),
            (1000, 30, 205),
            (1000, 30, 205),
            (1000, 40, 215),
        ];
        let shares = tally(&looks).shares().unwrap();
        assert_eq!(
            shares.told(),
            "12.5 %: 12.5 % of 200 requests; 100 %: 100.0 % of 10 requests (too few to judge)"
        );
        assert_eq!(tally(&[]).shares(), None);
    }
}
