//! Tasks and how they move from PROVISIONING to STOPPED.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::deployment::{Lane, ServiceRevision};
use super::events;
use super::service::ServiceKey;
use super::tags::Tags;
use super::task_definition::TaskDefinition;
use super::{Ecs, Outside};
use crate::world::elbv2::Backing;
use crate::world::{
    ContainerSpec, Effect, Observation, PublishedPort, Target, TaskId, TaskSpec, Time,
};

/// How long ECS takes to attach, and later to detach, a task's network interface.
const NETWORK_INTERFACE_TIME: Duration = Duration::from_secs(2);

/// How long a stopped task can still be described.
const SHOWN_AFTER_STOP: Duration = Duration::from_secs(60 * 60);

/// Where a task is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Its network interface is being attached.
    Provisioning,
    /// Its containers are being started.
    Pending,
    Running,
    /// Its targets are draining.
    Deactivating,
    /// Its containers are being stopped.
    Stopping,
    /// Its network interface is being detached.
    Deprovisioning,
    Stopped,
}

/// The service that a task belongs to.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) service: ServiceKey,
    /// `ecs-svc/…`.
    pub(super) deployment: String,
    pub(super) revision: Arc<ServiceRevision>,
    pub(super) lane: Lane,
}

/// Why a task ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    /// `stopCode`.
    pub(super) code: &'static str,
    /// `stoppedReason`.
    pub(super) reason: String,
}

/// A container of a task.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) exited: bool,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
    pub(super) healthy: Option<bool>,
    /// What was pulled for it.
    pub(super) image_digest: Option<String>,
}

#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: TaskId,
    pub(super) arn: String,
    pub(super) cluster: String,
    pub(super) cluster_arn: String,
    pub(super) instance_arn: String,
    pub(super) instance_ec2_id: String,
    /// Whether it runs on the cluster's container instance.
    pub(super) on_instance: bool,
    pub(super) launch_type: String,
    pub(super) definition: Arc<TaskDefinition>,
    pub(super) group: String,
    pub(super) started_by: Option<String>,
    pub(super) owner: Option<Owner>,
    pub(super) overrides: Value,
    pub(super) specs: Vec<ContainerSpec>,
    pub(super) tags: Tags,
    pub(super) phase: Phase,
    /// When it moves on by itself; an entry of [`Ecs::due`] with another moment is outdated.
    due: Option<Time>,
    pub(super) containers: Vec<Container>,
    pub(super) private_ip: Option<String>,
    pub(super) attachment: String,
    pub(super) ports: Vec<PublishedPort>,
    /// Target groups and the target that it is in each.
    pub(super) targets: Vec<(String, Target)>,
    pub(super) ever_healthy: bool,
    pub(super) stop: Option<Stop>,
    /// Its execution role may not write logs.
    pub(super) muted: bool,
    pub(super) created_at: Time,
    pub(super) pull_started_at: Option<Time>,
    pub(super) started_at: Option<Time>,
    pub(super) stopping_at: Option<Time>,
    pub(super) execution_stopped_at: Option<Time>,
    pub(super) stopped_at: Option<Time>,
}

impl Task {
    pub(super) fn last_status(&self) -> &'static str {
        match self.phase {
            Phase::Provisioning => "PROVISIONING",
            Phase::Pending => "PENDING",
            Phase::Running => "RUNNING",
            Phase::Deactivating => "DEACTIVATING",
            Phase::Stopping => "STOPPING",
            Phase::Deprovisioning => "DEPROVISIONING",
            Phase::Stopped => "STOPPED",
        }
    }

    /// Whether it is to run, and not on its way out.
    pub(super) fn is_live(&self) -> bool {
        self.phase <= Phase::Running
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    pub(super) fn belongs_to(&self, deployment: &str) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|o| o.deployment == deployment)
    }

    /// The verdict of the essential containers' own checks; `None` where there is no check, or
    /// no verdict yet.
    pub(super) fn container_health(&self) -> Option<bool> {
        let mut verdicts = self.checked_containers().map(|c| c.healthy).peekable();
        verdicts.peek()?;
        let mut all = Some(true);
        for verdict in verdicts {
            match verdict {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = None,
            }
        }
        all
    }

    pub(super) fn has_container_check(&self) -> bool {
        self.checked_containers().next().is_some()
    }

    fn checked_containers(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(|c| {
            let defined = self.definition.parsed.container(&c.name);
            defined.is_some_and(|d| d.is_essential() && d.health_check.is_some())
        })
    }

    /// The log group and stream of a container with the `awslogs` driver.
    pub(super) fn log_stream(&self, container: &str) -> Option<(String, String)> {
        let defined = self.definition.parsed.container(container)?;
        defined.log_stream(&self.id)
    }

    /// The target that this task is for a container's port, and where it really is.
    fn target(
        &self,
        container: &str,
        port: u16,
        spare: impl FnOnce() -> u16,
    ) -> (Target, Option<std::net::SocketAddr>) {
        let address = self
            .ports
            .iter()
            .find(|p| p.container == container && p.container_port == port)
            .map(|p| p.address);
        let target = match &self.private_ip {
            Some(ip) => Target {
                id: ip.clone(),
                port,
            },
            None => Target {
                id: self.instance_ec2_id.clone(),
                port: self
                    .fixed_host_port(container, port)
                    .or(address.map(|a| a.port()))
                    .unwrap_or_else(spare),
            },
        };
        (target, address)
    }

    fn fixed_host_port(&self, container: &str, port: u16) -> Option<u16> {
        let spec = self.specs.iter().find(|c| c.name == container)?;
        let mapping = spec.ports.iter().find(|p| p.container_port == port)?;
        mapping.host_port
    }
}

/// What a new task is made from.
pub(super) struct Birth {
    pub(super) cluster: String,
    pub(super) definition: Arc<TaskDefinition>,
    pub(super) launch_type: String,
    pub(super) group: String,
    pub(super) started_by: Option<String>,
    pub(super) owner: Option<Owner>,
    pub(super) overrides: Value,
    pub(super) specs: Vec<ContainerSpec>,
    pub(super) tags: Tags,
}

impl Ecs {
    /// Brings a task into the world; its containers start when its network interface is there.
    pub(super) fn create_task(&mut self, out: &mut Outside<'_>, birth: Birth) -> TaskId {
        let id = TaskId(out.ids.hex32());
        let cluster = &self.clusters[&birth.cluster];
        let awsvpc = birth.definition.parsed.is_awsvpc();
        let containers = birth.definition.parsed.container_definitions.iter();
        let arn = |kind: &str, out: &Outside<'_>, tail: &str| {
            out.arns
                .ecs(&format!("{kind}/{}/{}{tail}", birth.cluster, id.0))
        };
        let containers = containers
            .map(|c| Container {
                name: c.name.clone(),
                arn: arn("container", out, &format!("/{}", c.name)),
                exited: false,
                exit_code: None,
                reason: None,
                healthy: None,
                image_digest: None,
            })
            .collect();
        let task = Task {
            arn: arn("task", out, ""),
            cluster_arn: cluster.arn.clone(),
            instance_arn: cluster.instance.arn.clone(),
            instance_ec2_id: cluster.instance.ec2_id.clone(),
            on_instance: birth.launch_type == "EC2",
            launch_type: birth.launch_type,
            private_ip: awsvpc.then(|| self.addresses.ip()),
            attachment: out.ids.hex32(),
            id: id.clone(),
            cluster: birth.cluster,
            definition: birth.definition,
            group: birth.group,
            started_by: birth.started_by,
            owner: birth.owner,
            overrides: birth.overrides,
            specs: birth.specs,
            tags: birth.tags,
            phase: Phase::Provisioning,
            due: None,
            containers,
            ports: Vec::new(),
            targets: Vec::new(),
            ever_healthy: false,
            stop: None,
            muted: false,
            created_at: out.now,
            pull_started_at: None,
            started_at: None,
            stopping_at: None,
            execution_stopped_at: None,
            stopped_at: None,
        };
        self.tasks.insert(id.clone(), task);
        match awsvpc {
            true => self.wake_task(&id, Some(out.now + NETWORK_INTERFACE_TIME)),
            false => self.start_containers(out, &id),
        }
        id
    }

    /// Sets when a task moves on by itself.
    fn wake_task(&mut self, id: &TaskId, at: Option<Time>) {
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        if let Some(old) = task.due.take() {
            self.due.remove(&(old, id.clone()));
        }
        task.due = at;
        if let Some(at) = at {
            self.due.insert((at, id.clone()));
        }
    }

    /// Moves on every task whose time has come.
    pub(super) fn advance_tasks(&mut self, out: &mut Outside<'_>) {
        let mut drained = Vec::new();
        while let Some((at, _)) = self.due.first() {
            if *at > out.now {
                break;
            }
            let Some((_, id)) = self.due.pop_first() else {
                break;
            };
            let Some(task) = self.tasks.get_mut(&id) else {
                continue;
            };
            task.due = None;
            match task.phase {
                Phase::Provisioning => self.start_containers(out, &id),
                Phase::Deactivating => {
                    self.stop_containers(out, &id);
                    drained.push(id);
                }
                Phase::Deprovisioning => self.mark_stopped(out, &id),
                Phase::Stopped => {
                    self.tasks.remove(&id);
                }
                Phase::Pending | Phase::Running | Phase::Stopping => {}
            }
        }
        self.announce_stopped(out, drained);
    }

    /// One event per service for tasks whose containers have just been told to stop.
    fn announce_stopped(&mut self, out: &mut Outside<'_>, tasks: Vec<TaskId>) {
        let mut by_service = std::collections::BTreeMap::<ServiceKey, Vec<TaskId>>::new();
        for id in tasks {
            if let Some(owner) = self.tasks.get(&id).and_then(|t| t.owner.as_ref()) {
                by_service
                    .entry(owner.service.clone())
                    .or_default()
                    .push(id);
            }
        }
        for (key, tasks) in by_service {
            if let Some(service) = self.services.get_mut(&key) {
                let message = events::stopped(&key.name, true, &tasks);
                service.events.add(out, message);
            }
        }
    }

    fn start_containers(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        let denied = self.denied_by_execution_role(out, id);
        let missing = || self.missing_log_group(out, id);
        if let Some(reason) = denied.or_else(missing) {
            self.fail_to_start(out, id, None, reason);
            return;
        }
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        task.phase = Phase::Pending;
        task.pull_started_at = Some(out.now);
        out.effects.push(Effect::StartTask(TaskSpec {
            task: id.clone(),
            task_definition: task.definition.name(),
            group: task.group.clone(),
            containers: self.images.pinned(task),
        }));
    }

    /// Why the log driver cannot be initialised, where a log group is missing and may not be
    /// created.
    fn missing_log_group(&self, out: &mut Outside<'_>, id: &TaskId) -> Option<String> {
        let task = self.tasks.get(id)?;
        for container in &task.definition.parsed.container_definitions {
            let Some(group) = container.awslogs("awslogs-group") else {
                continue;
            };
            if container.awslogs("awslogs-create-group") == Some("true") {
                out.logs.ensure_group(out.now, group);
            } else if !out.logs.has_group(group) {
                return Some("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1".into());
            }
        }
        None
    }

    /// Takes note of something that happened to a task outside.
    pub(super) fn observe(&mut self, out: &mut Outside<'_>, observation: Observation) {
        match observation {
            Observation::TaskStarted { task, ports } => self.task_started(out, &task, ports),
            Observation::Pulled {
                task,
                container,
                digest,
            } => self.image_pulled(&task, &container, digest),
            Observation::TaskFailedToStart {
                task,
                container,
                reason,
            } => {
                if self
                    .tasks
                    .get(&task)
                    .is_some_and(|t| t.phase == Phase::Pending)
                {
                    // What the runner made so far is removed like any other task.
                    out.effects.push(Effect::StopTask {
                        task: task.clone(),
                        grace: Duration::ZERO,
                    });
                    self.fail_to_start(out, &task, Some(&container), reason);
                }
            }
            Observation::ContainerExited {
                task,
                container,
                exit_code,
                reason,
            } => {
                self.container_exited(out, &task, &container, exit_code, reason);
            }
            Observation::ContainerHealth {
                task,
                container,
                healthy,
            } => {
                let task = self.tasks.get_mut(&task);
                let found =
                    task.and_then(|t| t.containers.iter_mut().find(|c| c.name == container));
                if let Some(container) = found {
                    container.healthy = Some(healthy);
                }
            }
            Observation::TaskStopped { task } => self.task_stopped(out, &task),
            Observation::Probed { .. }
            | Observation::Logged { .. }
            | Observation::Invoked { .. }
            | Observation::Built { .. } => {}
        }
    }

    fn task_started(&mut self, out: &mut Outside<'_>, id: &TaskId, ports: Vec<PublishedPort>) {
        let Some(task) = self.tasks.get_mut(id).filter(|t| t.phase == Phase::Pending) else {
            return;
        };
        task.phase = Phase::Running;
        task.started_at = Some(out.now);
        task.ports = ports;
        let Some(owner) = task.owner.clone() else {
            return;
        };
        for lb in &owner.revision.load_balancers {
            let Some(group) = lb.target_group(owner.lane) else {
                continue;
            };
            let (target, address) = task.target(&lb.container_name, lb.container_port, || {
                self.addresses.port()
            });
            let backing = Backing {
                task: id.clone(),
                task_definition: task.definition.name(),
                address,
            };
            out.elbv2.register(out.now, group, target.clone(), backing);
            task.targets.push((group.to_owned(), target));
            if let Some(service) = self.services.get_mut(&owner.service) {
                let message = events::registered(&owner.service.name, 1, group);
                service.events.add(out, message);
            }
        }
    }

    fn container_exited(
        &mut self,
        out: &mut Outside<'_>,
        id: &TaskId,
        name: &str,
        exit_code: Option<i32>,
        reason: Option<String>,
    ) {
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        if let Some(container) = task.containers.iter_mut().find(|c| c.name == name) {
            container.exited = true;
            container.exit_code = exit_code;
            container.reason = reason;
        }
        let defined = task.definition.parsed.container(name);
        let essential = defined.is_some_and(|c| c.is_essential());
        let up = matches!(
            task.phase,
            Phase::Pending | Phase::Running | Phase::Deactivating
        );
        if essential && up {
            self.died(out, id);
            self.deregister_targets(out, id);
            self.stop_containers(out, id);
        }
    }

    fn task_stopped(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        let Some(phase) = self.tasks.get(id).map(|t| t.phase) else {
            return;
        };
        if phase >= Phase::Deprovisioning {
            return;
        }
        if phase != Phase::Stopping {
            self.died(out, id);
            self.deregister_targets(out, id);
        }
        self.deprovision(out, id);
    }

    /// The task ended by itself; for a task that is draining that changes nothing but the time.
    fn died(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        if task.stop.is_none() {
            let stop = Stop {
                code: "EssentialContainerExited",
                reason: "Essential container in task exited".into(),
            };
            self.count_death(out, id);
            self.set_stop(out, id, stop);
        }
    }

    fn fail_to_start(
        &mut self,
        out: &mut Outside<'_>,
        id: &TaskId,
        container: Option<&str>,
        reason: String,
    ) {
        self.count_death(out, id);
        if let Some(task) = self.tasks.get_mut(id) {
            let at_fault = task
                .containers
                .iter_mut()
                .find(|c| Some(c.name.as_str()) == container);
            if let Some(container) = at_fault {
                container.reason = Some(reason.clone());
            }
        }
        let code = "TaskFailedToStart";
        self.set_stop(out, id, Stop { code, reason });
        self.deprovision(out, id);
    }

    fn set_stop(&mut self, out: &Outside<'_>, id: &TaskId, stop: Stop) {
        if let Some(task) = self.tasks.get_mut(id) {
            task.stop.get_or_insert(stop);
            task.stopping_at.get_or_insert(out.now);
        }
    }

    /// Ends a task in order: its targets drain first, and then its containers are stopped.
    /// Answers how it was before.
    pub(super) fn end_task(
        &mut self,
        out: &mut Outside<'_>,
        id: &TaskId,
        stop: Stop,
    ) -> Option<Ending> {
        let phase = self.tasks.get(id).filter(|t| t.is_live())?.phase;
        self.set_stop(out, id, stop);
        match phase {
            Phase::Provisioning => {
                self.deprovision(out, id);
                Some(Ending::Pending)
            }
            Phase::Running => {
                let delay = self.deregister_targets(out, id);
                match delay {
                    Some(delay) => {
                        if let Some(task) = self.tasks.get_mut(id) {
                            task.phase = Phase::Deactivating;
                        }
                        self.wake_task(id, Some(out.now + delay));
                        Some(Ending::Draining)
                    }
                    None => {
                        self.stop_containers(out, id);
                        Some(Ending::Running)
                    }
                }
            }
            _ => {
                self.stop_containers(out, id);
                Some(Ending::Pending)
            }
        }
    }

    /// Deregisters the task's targets, and answers how long they drain; `None` without targets.
    fn deregister_targets(&mut self, out: &mut Outside<'_>, id: &TaskId) -> Option<Duration> {
        let task = self.tasks.get_mut(id)?;
        if task.phase == Phase::Deactivating {
            return None;
        }
        let mut longest = None;
        for (group, target) in &task.targets {
            out.elbv2.deregister(out.now, group, target);
            longest = longest.max(Some(out.elbv2.deregistration_delay(group)));
        }
        longest
    }

    fn stop_containers(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        self.wake_task(id, None);
        if let Some(task) = self.tasks.get_mut(id) {
            task.phase = Phase::Stopping;
            let grace = task.definition.parsed.stop_timeout();
            out.effects.push(Effect::StopTask {
                task: id.clone(),
                grace,
            });
        }
    }

    fn deprovision(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        task.phase = Phase::Deprovisioning;
        task.execution_stopped_at.get_or_insert(out.now);
        match task.private_ip {
            Some(_) => self.wake_task(id, Some(out.now + NETWORK_INTERFACE_TIME)),
            None => self.mark_stopped(out, id),
        }
    }

    fn mark_stopped(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        task.phase = Phase::Stopped;
        task.stopped_at = Some(out.now);
        let owner = task.owner.as_ref().map(|o| o.service.clone());
        if let Some(service) = owner.and_then(|key| self.services.get_mut(&key)) {
            service.tasks.retain(|t| t != id);
        }
        self.wake_task(id, Some(out.now + SHOWN_AFTER_STOP));
    }
}

/// How [`Ecs::end_task`] ended a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It was not RUNNING yet.
    Pending,
    /// Its targets drain first.
    Draining,
    /// Its containers were told to stop.
    Running,
}
