//! What went through the load balancer, counted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Requests that were counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Requests received. A request whose client left before the answer has no status.
    pub requests: u64,
    /// Answers by HTTP status.
    pub statuses: BTreeMap<u16, u64>,
    /// Answers that the load balancer had to make up itself, for want of a target or of the
    /// target's answer: 502, 503 and 504. CloudWatch's `HTTPCode_ELB_5XX_Count`.
    pub gateway_errors: u64,
    /// Answers whose body broke off.
    pub broken: u64,
}

impl Counts {
    /// Answers of a class: 2 for 200 to 299, and so on.
    #[must_use]
    pub fn class(&self, class: u16) -> u64 {
        self.statuses
            .iter()
            .filter(|(status, _)| **status / 100 == class)
            .map(|(_, count)| count)
            .sum()
    }
}

/// The load balancer's traffic so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// By the listener's ARN.
    pub listeners: BTreeMap<String, Counts>,
    /// By the target group's ARN.
    pub target_groups: BTreeMap<String, Counts>,
    /// By the `family:revision` of the task that got the request.
    pub task_definitions: BTreeMap<String, Counts>,
}

impl Traffic {
    /// All listeners together.
    #[must_use]
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.listeners.values() {
            total.requests += counts.requests;
            total.gateway_errors += counts.gateway_errors;
            total.broken += counts.broken;
            for (status, count) in &counts.statuses {
                *total.statuses.entry(*status).or_default() += count;
            }
        }
        total
    }
}

/// Who a request concerns.
#[derive(Debug, Clone, Default)]
pub(super) struct Parties {
    pub(super) listener: String,
    pub(super) target_group: Option<String>,
    pub(super) task_definition: Option<String>,
}

/// Counts; clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Arc<Mutex<Traffic>>);

impl Counter {
    pub(super) fn snapshot(&self) -> Traffic {
        self.lock().clone()
    }

    pub(super) fn answered(&self, parties: &Parties, status: u16, by_load_balancer: bool) {
        self.each(parties, |counts| {
            *counts.statuses.entry(status).or_default() += 1;
            counts.gateway_errors += u64::from(by_load_balancer && status >= 500);
        });
    }

    pub(super) fn received(&self, parties: &Parties) {
        self.each(parties, |counts| counts.requests += 1);
    }

    pub(super) fn broke(&self, parties: &Parties) {
        self.each(parties, |counts| counts.broken += 1);
    }

    fn each(&self, parties: &Parties, change: impl Fn(&mut Counts)) {
        let mut traffic = self.lock();
        change(
            traffic
                .listeners
                .entry(parties.listener.clone())
                .or_default(),
        );
        if let Some(arn) = &parties.target_group {
            change(traffic.target_groups.entry(arn.clone()).or_default());
        }
        if let Some(revision) = &parties.task_definition {
            change(
                traffic
                    .task_definitions
                    .entry(revision.clone())
                    .or_default(),
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, Traffic> {
        // Numbers cannot be left half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
