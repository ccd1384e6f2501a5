use crate::model::ECS_STAGES;

/// How a simulated deployment goes. It moves with the looks that are taken at it, never with
/// time; `looks` is how often it is seen in progress before what is told here happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rollout {
    /// It completes.
    Succeeds {
        /// Looks that see it in progress.
        looks: u32,
    },
    /// It fails, and the controller brings the former revision back by a deployment of its own,
    /// as the ECS circuit breaker does.
    FailsAndRollsBack {
        /// Looks that see it in progress.
        looks: u32,
        /// Looks that see it being rolled back.
        rolling_back: u32,
    },
    /// It fails, and so does the controller's rollback.
    RollbackFails {
        /// Looks that see it in progress.
        looks: u32,
        /// Looks that see it being rolled back.
        rolling_back: u32,
    },
    /// It fails, and the controller does nothing more.
    Fails {
        /// Looks that see it in progress.
        looks: u32,
    },
    /// It goes through the stages of an ECS deployment that shifts traffic, one a look, and
    /// succeeds.
    Shifts {
        /// The stage that it does not leave before somebody lets it go on.
        held_at: Option<&'static str>,
    },
    /// It stays in progress, as an ECS deployment without a circuit breaker does when its tasks
    /// never become healthy.
    NeverEnds,
    /// Somebody else deploys another revision meanwhile.
    Superseded {
        /// Looks that see it in progress.
        looks: u32,
    },
    /// Somebody deletes the service meanwhile.
    ServiceDeleted {
        /// Looks that see it in progress.
        looks: u32,
    },
}

impl Rollout {
    /// Looks that see it in progress; `None` when it stays so.
    pub(super) fn looks(self) -> Option<u32> {
        match self {
            Self::Succeeds { looks }
            | Self::FailsAndRollsBack { looks, .. }
            | Self::RollbackFails { looks, .. }
            | Self::Fails { looks }
            | Self::Superseded { looks }
            | Self::ServiceDeleted { looks } => Some(looks),
            Self::Shifts { .. } => u32::try_from(ECS_STAGES.len()).ok(),
            Self::NeverEnds => None,
        }
    }
}

impl Default for Rollout {
    fn default() -> Self {
        Self::Succeeds { looks: 2 }
    }
}
