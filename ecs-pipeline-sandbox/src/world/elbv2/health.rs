//! The health of one target: a state machine that probes move.

use crate::world::{ProbeOutcome, Time};

use super::matcher::Matcher;
use super::{TargetHealth, TargetState};

/// What a target group counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thresholds {
    /// Passed checks in a row that bring an unhealthy target back.
    pub(super) healthy: u32,
    /// Failed checks in a row that make a target unhealthy.
    pub(super) unhealthy: u32,
}

/// Where a registered target stands, apart from draining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// Registered, and not yet asked.
    Registering,
    /// Asked, and neither passed nor failed often enough.
    Checking { failed: u32 },
    /// In service.
    Healthy { failed: u32 },
    /// Out of service.
    Unhealthy { passed: u32, failure: Failure },
}

/// Why a check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    Status(u16),
    Timeout,
    Broken,
}

impl Failure {
    /// The failure that this outcome is; `None` when the check passed.
    pub(super) fn of(outcome: &ProbeOutcome, matcher: &Matcher) -> Option<Self> {
        match outcome {
            ProbeOutcome::Status(status) if matcher.accepts(*status) => None,
            ProbeOutcome::Status(status) => Some(Self::Status(*status)),
            ProbeOutcome::TimedOut => Some(Self::Timeout),
            ProbeOutcome::Failed(_) => Some(Self::Broken),
        }
    }

    /// Reason and description in AWS's words.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::Status(status) => (
                "Target.ResponseCodeMismatch",
                format!("Health checks failed with these codes: [{status}]"),
            ),
            Self::Timeout => ("Target.Timeout", "Request timed out".into()),
            Self::Broken => ("Target.FailedHealthChecks", "Health checks failed".into()),
        }
    }
}

impl Health {
    /// The state after a check has been sent out.
    pub(super) fn asked(self) -> Self {
        match self {
            Self::Registering => Self::Checking { failed: 0 },
            as_it_was => as_it_was,
        }
    }

    /// The state after a check has come back.
    ///
    /// "After your target is registered, it must pass one health check to be considered healthy";
    /// HealthyThresholdCount is for a target that was unhealthy
    /// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>).
    pub(super) fn checked(self, failure: Option<Failure>, thresholds: Thresholds) -> Self {
        match (self, failure) {
            (Self::Registering | Self::Checking { .. } | Self::Healthy { .. }, None) => {
                Self::Healthy { failed: 0 }
            }
            (Self::Registering, Some(failure)) => fails(0, failure, thresholds, false),
            (Self::Checking { failed }, Some(failure)) => fails(failed, failure, thresholds, false),
            (Self::Healthy { failed }, Some(failure)) => fails(failed, failure, thresholds, true),
            (Self::Unhealthy { passed, failure }, None) => {
                let passed = passed + 1;
                if passed >= thresholds.healthy {
                    Self::Healthy { failed: 0 }
                } else {
                    Self::Unhealthy { passed, failure }
                }
            }
            (Self::Unhealthy { .. }, Some(failure)) => Self::Unhealthy { passed: 0, failure },
        }
    }

    pub(super) fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy { .. })
    }

    /// As DescribeTargetHealth reports it.
    pub(super) fn report(&self) -> TargetHealth {
        match self {
            Self::Registering => said(
                TargetState::Initial,
                "Elb.RegistrationInProgress",
                "Target registration is in progress",
            ),
            Self::Checking { .. } => said(
                TargetState::Initial,
                "Elb.InitialHealthChecking",
                "Initial health checks in progress",
            ),
            Self::Healthy { .. } => TargetHealth {
                state: TargetState::Healthy,
                reason: None,
                description: None,
            },
            Self::Unhealthy { failure, .. } => {
                let (reason, description) = failure.words();
                said(TargetState::Unhealthy, reason, &description)
            }
        }
    }
}

fn fails(failed: u32, failure: Failure, thresholds: Thresholds, in_service: bool) -> Health {
    let failed = failed + 1;
    if failed >= thresholds.unhealthy {
        Health::Unhealthy { passed: 0, failure }
    } else if in_service {
        Health::Healthy { failed }
    } else {
        Health::Checking { failed }
    }
}

/// A state with its reason.
pub(super) fn said(state: TargetState, reason: &str, description: &str) -> TargetHealth {
    TargetHealth {
        state,
        reason: Some(reason.into()),
        description: Some(description.into()),
    }
}

/// When a target is asked next, and whether an answer is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checks {
    /// The next check is due then.
    Due(Time),
    /// A check is out; the one after it is due then.
    Out { next: Time },
    /// A check is out that belongs to an earlier registration of the same target: its answer
    /// says nothing about this one.
    Stale,
    /// Nobody asks: no listener uses the target group.
    Idle,
}

impl Checks {
    pub(super) fn is_out(self) -> bool {
        matches!(self, Self::Out { .. } | Self::Stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds {
        healthy: 3,
        unhealthy: 2,
    };

    /// `.` passes, `x` answers 503, `t` times out, `b` breaks.
    fn after(history: &str) -> (TargetState, Option<String>) {
        let matcher = Matcher::default();
        let mut health = Health::Registering;
        for letter in history.chars() {
            let outcome = match letter {
                '.' => ProbeOutcome::Status(200),
                'x' => ProbeOutcome::Status(503),
                't' => ProbeOutcome::TimedOut,
                _ => ProbeOutcome::Failed("refused".into()),
            };
            health = health
                .asked()
                .checked(Failure::of(&outcome, &matcher), THRESHOLDS);
        }
        let report = health.report();
        (report.state, report.reason)
    }

    #[test]
    fn a_target_passes_through_its_states() {
        use TargetState::{Healthy, Initial, Unhealthy};
        let table = [
            ("", Initial, Some("Elb.RegistrationInProgress")),
            ("x", Initial, Some("Elb.InitialHealthChecking")),
            (".", Healthy, None),
            ("x.", Healthy, None),
            ("xx", Unhealthy, Some("Target.ResponseCodeMismatch")),
            ("xt", Unhealthy, Some("Target.Timeout")),
            ("xb", Unhealthy, Some("Target.FailedHealthChecks")),
            (".x", Healthy, None),
            (".x.x", Healthy, None),
            (".xx", Unhealthy, Some("Target.ResponseCodeMismatch")),
            ("xx.", Unhealthy, Some("Target.ResponseCodeMismatch")),
            ("xx..", Unhealthy, Some("Target.ResponseCodeMismatch")),
            ("xx...", Healthy, None),
            ("xx..t.", Unhealthy, Some("Target.Timeout")),
        ];
        for (history, state, reason) in table {
            assert_eq!(
                after(history),
                (state, reason.map(String::from)),
                "after {history:?}"
            );
        }
    }

    #[test]
    fn the_description_names_the_code() {
        let failing = Health::Registering.checked(
            Some(Failure::Status(503)),
            Thresholds {
                healthy: 2,
                unhealthy: 1,
            },
        );
        assert_eq!(
            failing.report().description.as_deref(),
            Some("Health checks failed with these codes: [503]")
        );
    }
}
