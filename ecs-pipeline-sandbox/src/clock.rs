//! How fast the sandbox's time passes.

use std::time::Duration;

use tokio::time::Instant;

use crate::world::Time;

/// Maps tokio's clock to the sandbox's: real time, or `speed` times as fast. Under tokio's
/// paused clock the sandbox's time is the test's.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    epoch: Time,
    speed: f64,
}

impl Clock {
    /// A clock that shows `epoch` now and runs `speed` times as fast as tokio's.
    #[must_use]
    pub fn start(epoch: Time, speed: f64) -> Self {
        Self {
            started: Instant::now(),
            epoch,
            speed,
        }
    }

    /// The sandbox's time now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.epoch + self.started.elapsed().mul_f64(self.speed)
    }

    /// When, on tokio's clock, the sandbox will show `time`.
    #[must_use]
    pub fn instant_of(&self, time: Time) -> Instant {
        self.started + time.since(self.epoch).div_f64(self.speed)
    }

    /// How long `sandbox` takes in real time.
    #[must_use]
    pub fn real(&self, sandbox: Duration) -> Duration {
        sandbox.div_f64(self.speed)
    }
}

/// The date of a day since 1970-01-01, by Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub(crate) fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}
