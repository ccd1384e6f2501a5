//! What each scenario has to come to.

use ecs_pipeline_core::exit;

use crate::args::Scenario;

/// What a rehearsal has to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Promise {
    pub(super) exit_code: u8,
    /// Whether the new version runs at the end, and not the old one.
    pub(super) new_version: bool,
}

impl Promise {
    pub(super) fn of(scenario: Scenario) -> Self {
        match scenario {
            Scenario::Good => Self {
                exit_code: exit::SUCCEEDED,
                new_version: true,
            },
            // Going back is what was asked for.
            Scenario::RollbackAfter => Self {
                exit_code: exit::SUCCEEDED,
                new_version: false,
            },
            Scenario::Unhealthy
            | Scenario::CrashLoop
            | Scenario::MissingImage
            | Scenario::Alarm
            | Scenario::Rollback => Self {
                exit_code: exit::ROLLED_BACK,
                new_version: false,
            },
        }
    }
}
