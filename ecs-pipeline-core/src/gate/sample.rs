//! A gate over many requests: how many of them may fail, and how slow they may be.

use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::HttpGate;
use crate::error::{ErrorKind, ProviderError};
use crate::model::GateState;
use crate::provider::{GateReading, HealthGate};

/// Requests that are under way at the same time: enough that a hundred take seconds, and too few to
/// be a load.
const AT_ONCE: usize = 8;

/// Sends a number of requests and judges them together. Unlike a single request, what is over a
/// limit [fails](GateState::Failing): read [during](crate::engine::Gate::during) a deployment, it
/// rolls it back.
///
/// ```
/// use std::time::Duration;
/// use ecs_pipeline_core::gate::{HttpGate, Percentile, SampleGate};
///
/// let gate = SampleGate::new(HttpGate::new("http://web.example.com/")?, 100)?
///     .errors_at_most(1.0)?
///     .latency_at_most(Percentile::P95, Duration::from_millis(300));
/// # Ok::<(), ecs_pipeline_core::ProviderError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SampleGate {
    probe: HttpGate,
    requests: u32,
    error_percent: f64,
    latency: Vec<(Percentile, Duration)>,
}

/// Which of the answers, ordered by the time they took, a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Percentile {
    /// Half of them are faster.
    P50,
    /// 90 % are faster.
    P90,
    /// 95 % are faster.
    P95,
    /// 99 % are faster.
    P99,
    /// The slowest.
    Max,
}

impl Percentile {
    fn percent(self) -> usize {
        match self {
            Self::P50 => 50,
            Self::P90 => 90,
            Self::P95 => 95,
            Self::P99 => 99,
            Self::Max => 100,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "the slowest",
        }
    }

    /// By the nearest rank: one of the measured times, never one between two of them.
    fn of(self, ordered: &[Duration]) -> Duration {
        let rank = (ordered.len() * self.percent()).div_ceil(100).max(1);
        ordered.get(rank - 1).copied().unwrap_or_default()
    }
}

impl SampleGate {
    /// So many requests as `probe` makes them, none of which may fail.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) for no request, or more than 10 000.
    pub fn new(probe: HttpGate, requests: u32) -> Result<Self, ProviderError> {
        if !(1..=10_000).contains(&requests) {
            return Err(invalid(&probe, "it sends between 1 and 10000 requests"));
        }
        Ok(Self {
            probe,
            requests,
            error_percent: 0.0,
            latency: Vec::new(),
        })
    }

    /// How many of the requests may fail, in percent.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when it is not between 0 and 100.
    pub fn errors_at_most(mut self, percent: f64) -> Result<Self, ProviderError> {
        if !(0.0..=100.0).contains(&percent) {
            let message = "the share of errors is between 0 and 100 percent";
            return Err(invalid(&self.probe, message));
        }
        self.error_percent = percent;
        Ok(self)
    }

    /// How long the answers may take; each call adds a limit. Requests that failed are not
    /// counted here.
    #[must_use]
    pub fn latency_at_most(mut self, percentile: Percentile, limit: Duration) -> Self {
        self.latency.push((percentile, limit));
        self
    }

    async fn sample(&self) -> Result<Sample, ProviderError> {
        let mut sample = Sample::default();
        let mut under_way = JoinSet::new();
        for _ in 0..self.requests {
            if under_way.len() == AT_ONCE
                && let Some(done) = under_way.join_next().await
            {
                sample.add(done.map_err(|error| internal(&self.probe, &error))??);
            }
            let probe = self.probe.clone();
            under_way.spawn(async move {
                let began = Instant::now();
                let reading = probe.read().await?;
                Ok::<_, ProviderError>((reading, began.elapsed()))
            });
        }
        while let Some(done) = under_way.join_next().await {
            sample.add(done.map_err(|error| internal(&self.probe, &error))??);
        }
        sample.times.sort_unstable();
        Ok(sample)
    }

    fn judge(&self, sample: &Sample) -> GateReading {
        let share = f64::from(sample.failed) * 100.0 / f64::from(self.requests);
        let mut told = vec![format!(
            "{} of {} requests failed ({share:.1} %, at most {} %)",
            sample.failed, self.requests, self.error_percent
        )];
        let mut well = share <= self.error_percent;
        for (percentile, limit) in &self.latency {
            let time = percentile.of(&sample.times);
            well &= time <= *limit && !sample.times.is_empty();
            told.push(format!(
                "{} {} ms (at most {} ms)",
                percentile.name(),
                time.as_millis(),
                limit.as_millis()
            ));
        }
        if let Some(why) = &sample.first_failure {
            told.push(format!("the first failure: {why}"));
        }
        let detail = told.join(", ");
        match well {
            true => GateReading::passing(detail),
            false => GateReading::failing(detail),
        }
    }
}

#[async_trait]
impl HealthGate for SampleGate {
    fn describe(&self) -> String {
        format!("{} requests, {}", self.requests, self.probe.describe())
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let sample = self.sample().await?;
        Ok(self.judge(&sample))
    }
}

/// What came of the requests.
#[derive(Debug, Default)]
struct Sample {
    failed: u32,
    first_failure: Option<String>,
    /// How long the answers took that were as expected.
    times: Vec<Duration>,
}

impl Sample {
    fn add(&mut self, (reading, took): (GateReading, Duration)) {
        if reading.state == GateState::Passing {
            self.times.push(took);
            return;
        }
        self.failed += 1;
        self.first_failure.get_or_insert(reading.detail);
    }
}

fn invalid(probe: &HttpGate, message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, "HTTP gate", probe.describe(), message)
}

fn internal(probe: &HttpGate, error: &tokio::task::JoinError) -> ProviderError {
    let message = error.to_string();
    ProviderError::new(ErrorKind::Internal, "HTTP gate", probe.describe(), message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::Ordering;

    use super::super::http::tests::server;
    use super::*;

    fn gate() -> SampleGate {
        SampleGate::new(HttpGate::new("http://127.0.0.1:1/").unwrap(), 100).unwrap()
    }

    fn sample(failed: u32, millis: impl Iterator<Item = u64>) -> Sample {
        Sample {
            failed,
            first_failure: (failed > 0).then(|| "answered 503".to_owned()),
            times: millis.map(Duration::from_millis).collect(),
        }
    }

    #[test]
    fn the_share_of_errors_is_judged_with_its_limit() {
        let gate = gate().errors_at_most(2.0).unwrap();
        for (failed, expected) in [
            (0, GateState::Passing),
            (2, GateState::Passing),
            (3, GateState::Failing),
        ] {
            let reading = gate.judge(&sample(failed, 0..100 - u64::from(failed)));
            assert_eq!(reading.state, expected, "{}", reading.detail);
        }
        let reading = gate.judge(&sample(3, 0..97));
        assert_eq!(
            reading.detail,
            "3 of 100 requests failed (3.0 %, at most 2 %), the first failure: answered 503"
        );
    }

    #[test]
    fn a_percentile_is_one_of_the_measured_times() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        for (percentile, millis) in [
            (Percentile::P50, 50),
            (Percentile::P90, 90),
            (Percentile::P95, 95),
            (Percentile::P99, 99),
            (Percentile::Max, 100),
        ] {
            assert_eq!(percentile.of(&times), Duration::from_millis(millis));
        }
        let one = [Duration::from_millis(7)];
        assert_eq!(Percentile::P50.of(&one), one[0]);
    }

    #[test]
    fn slow_answers_fail_and_no_answers_prove_nothing() {
        let limit = Duration::from_millis(95);
        let gate = gate()
            .errors_at_most(100.0)
            .unwrap()
            .latency_at_most(Percentile::P95, limit);
        for (times, expected) in [
            (1..101, GateState::Passing),
            (2..102, GateState::Failing),
            (0..0, GateState::Failing),
        ] {
            let reading = gate.judge(&sample(0, times));
            assert_eq!(reading.state, expected, "{}", reading.detail);
        }
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        let probe = HttpGate::new("http://127.0.0.1:1/").unwrap();
        for requests in [0, 10_001] {
            assert!(SampleGate::new(probe.clone(), requests).is_err());
        }
        for percent in [-1.0, 100.1, f64::NAN] {
            assert!(gate().errors_at_most(percent).is_err());
        }
    }

    #[tokio::test]
    async fn every_request_is_sent_and_counted() {
        let (address, connections) = server().await;
        let gate = |path: &str| {
            let probe = HttpGate::new(&format!("http://{address}/{path}")).unwrap();
            SampleGate::new(probe, 30).unwrap()
        };
        let reading = gate("").read().await.unwrap();
        assert_eq!(reading.state, GateState::Passing, "{}", reading.detail);
        assert_eq!(connections.load(Ordering::SeqCst), 30);
        let reading = gate("503").read().await.unwrap();
        assert_eq!(reading.state, GateState::Failing);
        assert!(
            reading.detail.starts_with("30 of 30 requests failed"),
            "{}",
            reading.detail
        );
        crate::contract::health_gate(&gate(""), &gate("503")).await;
    }
}
