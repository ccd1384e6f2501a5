//! The world's only notion of time.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment in the sandbox, as the time since the Unix epoch.
///
/// The world never reads a clock: whoever drives it passes the moment in, so that the same
/// inputs always give the same world, whether time is real, scaled or a test's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(Duration);

impl Time {
    /// A moment from the time since the Unix epoch.
    #[must_use]
    pub const fn from_epoch(since: Duration) -> Self {
        Self(since)
    }

    /// Seconds since the Unix epoch with their fraction: the timestamps of AWS JSON 1.1.
    #[must_use]
    pub fn epoch_seconds(self) -> f64 {
        // Whole milliseconds, as AWS sends them.
        self.0.as_millis() as f64 / 1000.0
    }

    /// The time since the Unix epoch.
    #[must_use]
    pub const fn since_epoch(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0 + by)
    }
}

impl Sub<Time> for Time {
    type Output = Duration;

    fn sub(self, earlier: Time) -> Duration {
        self.since(earlier)
    }
}
