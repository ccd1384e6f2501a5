//! Targets: registration, health checks, draining.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::world::{ApiError, Target, Time};

use super::health::{Checks, Health};
use super::input::{invalid, list, port, required};
use super::{Backing, Elbv2, Surroundings, TargetHealth};

/// The targets of one group.
#[derive(Debug, Default)]
pub(super) struct Targets {
    registered: BTreeMap<Target, Registered>,
    /// Targets that are gone while a check of theirs was still out.
    answers_to_come: BTreeSet<Target>,
}

/// One target.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) health: Health,
    pub(super) checks: Checks,
    pub(super) backing: Option<Backing>,
    gone_at: Option<Time>,
}

impl Registered {
    pub(super) fn drains(&self) -> bool {
        self.gone_at.is_some()
    }

    /// Where the target really is: where its task is, or, for one that a client registered by a
    /// loopback address, there.
    pub(super) fn address(&self, target: &Target) -> Option<SocketAddr> {
        match &self.backing {
            Some(backing) => backing.address,
            None => target
                .id
                .parse()
                .ok()
                .filter(IpAddr::is_loopback)
                .map(|ip| SocketAddr::new(ip, target.port)),
        }
    }
}

impl Targets {
    pub(super) fn get(&self, target: &Target) -> Option<&Registered> {
        self.registered.get(target)
    }

    pub(super) fn get_mut(&mut self, target: &Target) -> Option<&mut Registered> {
        self.registered.get_mut(target)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Target, &Registered)> {
        self.registered.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&Target, &mut Registered)> {
        self.registered.iter_mut()
    }

    /// Registers a target. One that is registered already stays as it is; one that drains, or
    /// that another task stands behind now, starts anew.
    pub(super) fn register(&mut self, now: Time, target: Target, backing: Option<Backing>) {
        let before = self.registered.get(&target);
        if before.is_some_and(|before| !before.drains() && before.backing == backing) {
            return;
        }
        let answer_to_come = before.is_some_and(|before| before.checks.is_out())
            || self.answers_to_come.remove(&target);
        let checks = if answer_to_come {
            Checks::Stale
        } else {
            Checks::Due(now)
        };
        self.registered.insert(
            target,
            Registered {
                health: Health::Registering,
                checks,
                backing,
                gone_at: None,
            },
        );
    }

    /// Takes a target out of service; it is gone at `gone_at`.
    pub(super) fn drain(&mut self, gone_at: Time, target: &Target) {
        if let Some(registered) = self.registered.get_mut(target)
            && !registered.drains()
        {
            registered.gone_at = Some(gone_at);
        }
    }

    /// Forgets the targets that have drained.
    pub(super) fn forget_drained(&mut self, now: Time) {
        let answers_to_come = &mut self.answers_to_come;
        self.registered.retain(|target, registered| {
            let stays = registered.gone_at.is_none_or(|gone_at| now < gone_at);
            if !stays && registered.checks.is_out() {
                answers_to_come.insert(target.clone());
            }
            stays
        });
    }

    /// The registered targets that a request means.
    fn named(&self, named: &Named) -> Vec<Target> {
        self.registered
            .keys()
            .filter(|target| {
                target.id == named.id && named.port.is_none_or(|port| port == target.port)
            })
            .cloned()
            .collect()
    }

    /// Takes note that the last check of a target that is gone has come back.
    pub(super) fn answer_came(&mut self, target: &Target) {
        self.answers_to_come.remove(target);
    }

    pub(super) fn next_wakeup(&self) -> Option<Time> {
        self.registered
            .values()
            .filter_map(|registered| match (registered.gone_at, registered.checks) {
                (Some(gone_at), _) => Some(gone_at),
                (None, Checks::Due(due)) => Some(due),
                (None, _) => None,
            })
            .min()
    }
}

impl Elbv2 {
    pub(super) fn register_targets(
        &mut self,
        input: &Value,
        around: &Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let group = self.target_group_mut(input)?;
        let targets = targets_of(input)?;
        for target in &targets {
            check_id(&group.target_type, &target.id)?;
        }
        for target in targets {
            let target = target.at(group.port);
            // A target that ECS registered stays that task's.
            if group.targets.get(&target).is_none_or(Registered::drains) {
                group.targets.register(around.now, target, None);
            }
        }
        Ok(json!({}))
    }

    pub(super) fn deregister_targets(
        &mut self,
        input: &Value,
        around: &Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let group = self.target_group_mut(input)?;
        let arn = group.arn.clone();
        let mut targets = Vec::new();
        for named in targets_of(input)? {
            targets.extend(group.targets.named(&named));
        }
        for target in targets {
            self.deregister(around.now, &arn, &target);
        }
        Ok(json!({}))
    }

    pub(super) fn describe_target_health(&mut self, input: &Value) -> Result<Value, ApiError> {
        let group = self.target_group_mut(input)?;
        let arn = group.arn.clone();
        let mut targets = Vec::new();
        for named in targets_of(input)? {
            let found = group.targets.named(&named);
            if found.is_empty() {
                targets.push(named.at(group.port));
            }
            targets.extend(found);
        }
        if list(input, "Targets").is_empty() {
            targets = group
                .targets
                .iter()
                .map(|(target, _)| target.clone())
                .collect();
        }
        let health: Vec<Value> = targets
            .iter()
            .map(|target| described(target, &self.health(&arn, target)))
            .collect();
        Ok(json!({ "TargetHealthDescriptions": health }))
    }
}

/// A target as a request names it: without a port it may mean several, or the group's.
#[derive(Debug, Clone)]
struct Named {
    id: String,
    port: Option<u16>,
}

impl Named {
    fn at(self, default: u16) -> Target {
        Target {
            id: self.id,
            port: self.port.unwrap_or(default),
        }
    }
}

/// The `Targets` of a request.
fn targets_of(input: &Value) -> Result<Vec<Named>, ApiError> {
    list(input, "Targets")
        .iter()
        .map(|target| {
            Ok(Named {
                id: required(target, "Id")?,
                port: port(target, "Port")?,
            })
        })
        .collect()
}

/// AWS looks whether an instance runs and whether an address lies in the VPC; the sandbox has
/// no instances but those of ECS, which registers them by itself.
fn check_id(target_type: &str, id: &str) -> Result<(), ApiError> {
    match target_type {
        "ip" if id.parse::<IpAddr>().is_err() => Err(invalid(format!(
            "The IP address '{id}' is not a valid IPv4 address"
        ))),
        "instance" => Err(ApiError::client(
            "InvalidTarget",
            format!(
                "The following targets are not in a running state and cannot be registered: '{id}'"
            ),
        )),
        _ => Ok(()),
    }
}

fn described(target: &Target, health: &TargetHealth) -> Value {
    let mut told = Map::new();
    told.insert("State".into(), health.state.as_str().into());
    if let Some(reason) = &health.reason {
        told.insert("Reason".into(), reason.as_str().into());
    }
    if let Some(description) = &health.description {
        told.insert("Description".into(), description.as_str().into());
    }
    json!({
        "Target": { "Id": target.id, "Port": target.port },
        "HealthCheckPort": target.port.to_string(),
        "TargetHealth": told,
    })
}

/// When the check after one that was due at `due` is due: intervals count from start to start,
/// whatever the answer took; after a long silence there is one check, not all that were missed.
pub(super) fn following(now: Time, due: Time, interval: Duration) -> Time {
    let next = due + interval;
    if next <= now { now + interval } else { next }
}
