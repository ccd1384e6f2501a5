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
