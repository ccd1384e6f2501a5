//! Waiting: how long to sleep between two looks. What a look means is decided by pure functions
//! elsewhere ([`crate::rolling`]); time comes from `tokio::time` alone, so that tests can pause it.

use std::time::Duration;

use tokio::time::Instant;

/// The moment after `time` from now. A year stands for everything longer, which the clock could not
/// hold.
pub(crate) fn after(time: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    Instant::now() + time.min(YEAR)
}

/// How near the end seems, as the last look has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nearness {
    /// No telling.
    Far,
    /// Expected after this time, more or less.
    In(Duration),
    /// Any moment now.
    Near,
}

/// How often a deployment is looked at: soon at first, then less and less, and often again when
/// the end is near. DescribeServices allows 20 calls a second for a whole account, so that a
/// fixed short interval in many pipelines would throttle all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// The first interval.
    pub first: Duration,
    /// What each interval is multiplied by to give the next.
    pub factor: f64,
    /// The longest interval.
    pub longest: Duration,
    /// The interval when the end is near.
    pub near: Duration,
    /// How many times as fast as here time passes in the world that is looked at. It is 1 but in
    /// a sandbox.
    pub speed: f64,
}

impl Default for Pace {
    /// 2 s growing by 1.6 to 20 s, and 1.5 s near the end: at most 20 calls for a three-minute
    /// rollout, and about a second from its end to ours.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            factor: 1.6,
            longest: Duration::from_secs(20),
            near: Duration::from_millis(1500),
            speed: 1.0,
        }
    }
}

impl Pace {
    /// The same pace for a world whose time passes `speed` times as fast, though never more often
    /// than every 50 ms.
    #[must_use]
    pub fn scaled(&self, speed: f64) -> Self {
        let scale = |time: Duration| time.div_f64(speed).max(Duration::from_millis(50));
        Self {
            first: scale(self.first),
            factor: self.factor,
            longest: scale(self.longest),
            near: scale(self.near),
            speed: self.speed * speed,
        }
    }

    /// Starts counting intervals.
    #[must_use]
    pub fn start(&self) -> Intervals {
        Intervals {
            pace: self.clone(),
            far: self.first,
            near: self.near,
        }
    }
}

/// The intervals of one wait.
#[derive(Debug, Clone)]
pub struct Intervals {
    pace: Pace,
    far: Duration,
    near: Duration,
}

impl Intervals {
    /// How long to sleep before the next look.
    pub fn next(&mut self, nearness: Nearness) -> Duration {
        match nearness {
            Nearness::Near => {
                let now = self.near;
                // Slower and slower here too: an end that seems near may still not come.
                self.near = self.grown(now, 1.2);
                now
            }
            // Connections that end early let it come sooner: it is not slept through.
            Nearness::In(time) => time.clamp(self.pace.near, self.pace.longest.mul_f64(1.5)),
            Nearness::Far => {
                self.near = self.pace.near;
                let now = self.far;
                self.far = self.grown(now, self.pace.factor);
                now
            }
        }
    }

    fn grown(&self, interval: Duration, factor: f64) -> Duration {
        interval.mul_f64(factor).min(self.pace.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_to_the_longest_and_shorten_near_the_end() {
        let mut intervals = Pace::default().start();
        let far: Vec<u64> = (0..8)
            .map(|_| intervals.next(Nearness::Far).as_secs())
            .collect();
        assert_eq!(far, [2, 3, 5, 8, 13, 20, 20, 20]);
        assert_eq!(intervals.next(Nearness::Near), Duration::from_millis(1500));
        assert_eq!(intervals.next(Nearness::Near), Duration::from_millis(1800));
        let long = Duration::from_secs(300);
        assert_eq!(intervals.next(Nearness::In(long)), Duration::from_secs(30));
        let short = Duration::from_millis(10);
        assert_eq!(
            intervals.next(Nearness::In(short)),
            Duration::from_millis(1500)
        );
    }

    #[test]
    fn three_minutes_take_few_looks() {
        let mut intervals = Pace::default().start();
        let (mut waited, mut looks) = (Duration::ZERO, 0);
        while waited < Duration::from_secs(180) {
            waited += intervals.next(Nearness::Far);
            looks += 1;
        }
        assert!(looks <= 13, "{looks}");
    }
}
