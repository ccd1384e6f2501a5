//! Service events, in AWS's words.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Outside, TaskId, Time};

/// A service shows so many of its newest events.
const SHOWN: usize = 100;

/// An event about a condition that lasts is repeated after this time.
const REPEATED_AFTER: Duration = Duration::from_secs(6 * 60 * 60);

#[derive(Debug)]
struct Event {
    id: String,
    at: Time,
    message: String,
}

/// The events of a service, the newest first.
#[derive(Debug, Default)]
pub(super) struct Events {
    events: VecDeque<Event>,
    /// Conditions that were reported and have not been resolved.
    lasting: BTreeMap<Condition, Time>,
}

/// Something that lasts, and is therefore not reported over and over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Condition {
    Stuck,
    Unplaceable,
    CannotStartConsistently,
}

impl Events {
    pub(super) fn add(&mut self, out: &mut Outside<'_>, message: String) {
        let digits = out.ids.hex32();
        let (a, b, c, d, e) = (
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..],
        );
        self.events.push_front(Event {
            id: format!("{a}-{b}-{c}-{d}-{e}"),
            at: out.now,
            message,
        });
        self.events.truncate(SHOWN);
    }

    /// Reports a condition, unless it was reported lately and is not resolved.
    pub(super) fn add_lasting(
        &mut self,
        out: &mut Outside<'_>,
        condition: Condition,
        message: String,
    ) {
        let reported = self.lasting.get(&condition);
        if reported.is_none_or(|at| out.now.since(*at) >= REPEATED_AFTER) {
            self.lasting.insert(condition, out.now);
            self.add(out, message);
        }
    }

    pub(super) fn resolve(&mut self, condition: Condition) {
        self.lasting.remove(&condition);
    }

    pub(super) fn describe(&self) -> Value {
        self.events
            .iter()
            .map(|e| json!({"id": e.id, "createdAt": e.at.epoch_seconds(), "message": e.message}))
            .collect()
    }
}

fn tasks_in_brackets(tasks: &[TaskId]) -> String {
    let each: Vec<String> = tasks.iter().map(|t| format!("(task {})", t.0)).collect();
    each.join(" ")
}

pub(super) fn started(service: &str, tasks: &[TaskId]) -> String {
    format!(
        "(service {service}) has started {} tasks: {}.",
        tasks.len(),
        tasks_in_brackets(tasks)
    )
}

pub(super) fn stopped(service: &str, running: bool, tasks: &[TaskId]) -> String {
    format!(
        "(service {service}) has stopped {} {} tasks: {}.",
        tasks.len(),
        if running { "running" } else { "pending" },
        tasks_in_brackets(tasks)
    )
}

pub(super) fn registered(service: &str, targets: usize, group: &str) -> String {
    format!("(service {service}) registered {targets} targets in (target-group {group})")
}

pub(super) fn deregistered(service: &str, targets: usize, group: &str) -> String {
    format!("(service {service}) deregistered {targets} targets in (target-group {group})")
}

pub(super) fn draining(service: &str, tasks: usize) -> String {
    format!("(service {service}) has begun draining connections on {tasks} tasks.")
}

pub(super) fn unhealthy_target(service: &str, port: u16, group: &str, why: &str) -> String {
    format!(
        "(service {service}) (port {port}) is unhealthy in (target-group {group}) due to (reason {why})"
    )
}

pub(super) fn failed_container_checks(service: &str, task: &TaskId) -> String {
    format!(
        "(service {service}) (task {}) failed container health checks.",
        task.0
    )
}

pub(super) fn completed(service: &str, deployment: &str) -> String {
    format!("(service {service}) (deployment {deployment}) deployment completed.")
}

pub(super) fn rolling_back(service: &str, deployment: &str) -> String {
    format!("(service {service}) rolling back to deployment {deployment}.")
}

pub(super) fn steady(service: &str) -> String {
    format!("(service {service}) has reached a steady state.")
}

pub(super) fn stuck(service: &str) -> String {
    format!(
        "service ({service}) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
    )
}

pub(super) fn port_in_use(service: &str, instance: &str) -> String {
    format!(
        "(service {service}) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance {instance}) is already using a port required by your task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
    )
}

pub(super) fn cannot_start_consistently(service: &str) -> String {
    format!(
        "(service {service}) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
    )
}
