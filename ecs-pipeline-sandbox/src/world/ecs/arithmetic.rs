//! How many tasks a rolling deployment may have, from the two percentages.

/// The bounds of a service's task count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// So many healthy tasks must remain.
    pub(super) lower: u32,
    /// So many tasks may be RUNNING or PENDING.
    pub(super) upper: u32,
}

impl Bounds {
    /// The lower bound rounds up, the upper one down.
    pub(super) fn new(desired: u32, minimum_percent: u32, maximum_percent: u32) -> Self {
        let (desired, min, max) = (
            u64::from(desired),
            u64::from(minimum_percent),
            u64::from(maximum_percent),
        );
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            lower: narrow((desired * min).div_ceil(100)),
            upper: narrow(desired * max / 100),
        }
    }

    /// Whether neither starting first nor stopping first is allowed.
    pub(super) fn are_stuck(self, desired: u32) -> bool {
        desired > 0 && self.lower >= desired && self.upper <= desired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_rounds_up_and_upper_rounds_down() {
        for (desired, min, max, lower, upper) in [
            (4, 100, 200, 4, 8),
            (4, 50, 100, 2, 4),
            (3, 50, 150, 2, 4),
            (1, 50, 150, 1, 1),
            (5, 33, 133, 2, 6),
            (0, 100, 200, 0, 0),
            (20, 75, 110, 15, 22),
        ] {
            let bounds = Bounds::new(desired, min, max);
            assert_eq!(bounds, Bounds { lower, upper }, "{desired} {min} {max}");
        }
    }

    #[test]
    fn percentages_that_leave_no_room_are_stuck() {
        for (desired, min, max, stuck) in [
            (1, 100, 100, true),
            (1, 50, 100, true),
            (3, 100, 125, true),
            (2, 75, 100, true),
            (1, 0, 100, false),
            (1, 100, 200, false),
            (2, 50, 100, false),
            (4, 100, 125, false),
            (0, 100, 100, false),
        ] {
            assert_eq!(
                Bounds::new(desired, min, max).are_stuck(desired),
                stuck,
                "{desired} {min} {max}"
            );
        }
    }
}
