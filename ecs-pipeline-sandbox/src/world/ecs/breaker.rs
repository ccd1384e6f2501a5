//! The deployment circuit breaker: how many failed tasks make a deployment fail.

use serde::Deserialize;

/// `deploymentCircuitBreaker` of a service's deployment configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Breaker {
    pub(super) enable: bool,
    pub(super) rollback: bool,
    pub(super) threshold_configuration: Option<Threshold>,
    pub(super) reset_on_healthy_task: Option<bool>,
}

/// `thresholdConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Threshold {
    #[serde(rename = "type")]
    pub(super) kind: ThresholdKind,
    pub(super) value: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ThresholdKind {
    Count,
    BoundedPercent,
    UnboundedPercent,
}

impl Breaker {
    /// The number of failures at which a deployment has failed. By default half the desired
    /// count, rounded up, and between 3 and 200.
    pub(super) fn threshold(&self, desired: u32) -> u32 {
        let (kind, value) = match &self.threshold_configuration {
            None => (ThresholdKind::BoundedPercent, 50),
            Some(threshold) => (threshold.kind, threshold.value),
        };
        let percent = (u64::from(desired) * u64::from(value)).div_ceil(100);
        let percent = u32::try_from(percent).unwrap_or(u32::MAX);
        match kind {
            ThresholdKind::Count => value.max(1),
            ThresholdKind::BoundedPercent => percent.clamp(3, 200),
            ThresholdKind::UnboundedPercent => percent.max(1),
        }
    }

    /// Whether a task that becomes healthy sets the count of failures back to zero.
    pub(super) fn resets_on_healthy_task(&self) -> bool {
        self.reset_on_healthy_task.unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(kind: ThresholdKind, value: u32) -> Breaker {
        Breaker {
            threshold_configuration: Some(Threshold { kind, value }),
            ..Breaker::default()
        }
    }

    #[test]
    fn the_default_is_half_the_desired_count_between_3_and_200() {
        for (desired, threshold) in [
            (0, 3),
            (1, 3),
            (6, 3),
            (7, 4),
            (25, 13),
            (400, 200),
            (800, 200),
        ] {
            assert_eq!(
                Breaker::default().threshold(desired),
                threshold,
                "{desired}"
            );
        }
    }

    #[test]
    fn a_threshold_may_be_configured() {
        use ThresholdKind::{BoundedPercent, Count, UnboundedPercent};
        for (kind, value, desired, threshold) in [
            (Count, 5, 100, 5),
            (BoundedPercent, 10, 10, 3),
            (BoundedPercent, 100, 500, 200),
            (UnboundedPercent, 10, 10, 1),
            (UnboundedPercent, 100, 500, 500),
        ] {
            assert_eq!(
                with(kind, value).threshold(desired),
                threshold,
                "{kind:?} {value} of {desired}"
            );
        }
    }
}
