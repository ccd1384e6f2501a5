//! The service scheduler: looks at a service, plans one step ([`super::plan`]), carries it out,
//! and goes on until there is nothing left to do now.

use std::collections::BTreeMap;

use super::deployment::Rollout;
use super::ending::conclude_side_by_side;
use super::events::{self, Condition};
use super::plan::{Picture, Plan, Seen, Side, Standing};
use super::service::{Mode, Service, Status};
use super::service_deployment::State;
use super::side_by_side;
use super::task::{Birth, Ending, Owner, Phase, Stop};
use super::task_health::{Cause, Health, health};
use super::{Ecs, Outside, TaskId, Time, earliest};

/// More steps than this in one moment would be a cycle; the rest waits for the next one.
const STEPS_AT_ONCE: usize = 64;

/// What is known of a live task at this moment.
struct Assessed {
    id: TaskId,
    seen: Seen,
    cause: Option<Cause>,
}

impl Ecs {
    /// Moves every service as far as it can be moved now.
    pub(super) fn reconcile(&mut self, out: &mut Outside<'_>) {
        // Out of the map, so that a service and the tasks can be changed side by side.
        let mut services = std::mem::take(&mut self.services);
        for service in services.values_mut() {
            self.reconcile_service(out, service);
        }
        self.services = services;
    }

    fn reconcile_service(&mut self, out: &mut Outside<'_>, service: &mut Service) {
        if service.status == Status::Inactive {
            return;
        }
        for _ in 0..STEPS_AT_ONCE {
            if !self.step(out, service) {
                break;
            }
        }
    }

    /// One step; whether another may follow at once.
    fn step(&mut self, out: &mut Outside<'_>, service: &mut Service) -> bool {
        advance_records(out.now, service);
        service.wake = None;
        self.forget_stopped_tasks(service);
        if service.mode == Mode::SideBySide {
            self.forget_deployments_that_left(service);
        }
        let tasks = self.assess(out, service);
        let moved = match service.mode {
            Mode::Rolling => self.fail_rolling(out, service),
            Mode::SideBySide => {
                let healthy = healthy_by_deployment(service, &tasks);
                self.advance_run(out, service, &healthy)
            }
        };
        if moved {
            return true;
        }
        let picture = self.picture(out, service, &tasks);
        let plan = match service.mode {
            Mode::Rolling => picture.plan(),
            Mode::SideBySide => side_by_side::plan(&picture),
        };
        report_obstacles(
            out,
            service,
            &plan,
            &self.clusters[&service.key.cluster].instance.arn,
        );
        let started = self.start_planned(out, service, &plan);
        let stopped = self.stop_planned(out, service, &tasks, &plan);
        if started || stopped {
            service.steady = false;
            return true;
        }
        match service.mode {
            Mode::Rolling => self.conclude(out, service, &picture),
            Mode::SideBySide => conclude_side_by_side(out, service, &picture),
        }
        false
    }

    fn forget_stopped_tasks(&self, service: &mut Service) {
        service
            .tasks
            .retain(|id| self.tasks.get(id).is_some_and(|t| !t.is_stopped()));
    }

    fn forget_deployments_that_left(&self, service: &mut Service) {
        let mut kept = std::mem::take(&mut service.deployments);
        kept.retain(|d| !d.leaving || self.has_tasks(service, &d.id));
        service.deployments = kept;
    }

    /// Looks at every live task, and takes note of those that have become healthy.
    fn assess(&mut self, out: &mut Outside<'_>, service: &mut Service) -> Vec<Assessed> {
        let grace = service.grace_period();
        let breaker = service.config.breaker();
        let resets = breaker.is_none_or(super::breaker::Breaker::resets_on_healthy_task);
        let mut assessed = Vec::with_capacity(service.tasks.len());
        for id in &service.tasks {
            let Some(task) = self.tasks.get_mut(id).filter(|t| t.is_live()) else {
                continue;
            };
            let Some(deployment) = service
                .deployments
                .iter()
                .position(|d| task.belongs_to(&d.id))
            else {
                continue;
            };
            let (standing, cause) = match health(task, out.elbv2, out.now, grace) {
                Health::Starting => (Standing::Starting, None),
                Health::Unknown { until } => {
                    service.wake = earliest(service.wake, until);
                    (Standing::Warming, None)
                }
                Health::Healthy => {
                    if !std::mem::replace(&mut task.ever_healthy, true) {
                        service.deployments[deployment].count_healthy(resets);
                    }
                    (Standing::Healthy, None)
                }
                Health::Unhealthy(cause) if task.ever_healthy => (Standing::Sick, Some(cause)),
                Health::Unhealthy(cause) => (Standing::NeverHealthy, Some(cause)),
            };
            assessed.push(Assessed {
                id: id.clone(),
                seen: Seen {
                    deployment,
                    standing,
                },
                cause,
            });
        }
        assessed
    }

    fn picture(&self, out: &Outside<'_>, service: &mut Service, tasks: &[Assessed]) -> Picture {
        let active = service.status == Status::Active;
        let mut wake = service.wake;
        let deployments = service
            .deployments
            .iter()
            .enumerate()
            .map(|(index, d)| {
                let failed = d.rollout == Rollout::Failed;
                if !failed && d.not_before > out.now {
                    wake = earliest(wake, Some(d.not_before));
                }
                Side {
                    wanted: service.wanted_of(index),
                    failed,
                    may_start: active && !failed && d.not_before <= out.now,
                    placeable: self.placeable(service, index),
                }
            })
            .collect();
        service.wake = wake;
        Picture {
            desired: service.desired,
            bounds: service.bounds(),
            deployments,
            tasks: tasks.iter().map(|t| t.seen).collect(),
        }
    }

    /// How many tasks of a deployment fit now: a fixed host port is there once per instance.
    fn placeable(&self, service: &Service, deployment: usize) -> u32 {
        let revision = &service.deployments[deployment].revision;
        if !revision.runs_on_instance() {
            return u32::MAX;
        }
        let ports = revision.definition.parsed.fixed_host_ports();
        if ports.is_empty() {
            return u32::MAX;
        }
        let taken = self.tasks.values().any(|t| {
            t.on_instance
                && t.cluster == service.key.cluster
                && t.phase < Phase::Deprovisioning
                && t.definition
                    .parsed
                    .fixed_host_ports()
                    .iter()
                    .any(|p| ports.contains(p))
        });
        u32::from(!taken)
    }

    fn start_planned(&mut self, out: &mut Outside<'_>, service: &mut Service, plan: &Plan) -> bool {
        let mut started = Vec::new();
        for (index, count) in plan.start.iter().enumerate() {
            for _ in 0..*count {
                started.push(self.start_task(out, service, index));
            }
        }
        if started.is_empty() {
            return false;
        }
        // Those that failed at once are in there too: their failure was counted on the way.
        let message = events::started(&service.key.name, &started);
        service.events.add(out, message);
        for id in &started {
            let failed = self.tasks.get(id).is_some_and(|t| !t.is_live());
            if failed {
                self.count_death_in(out.now, service, id);
            }
        }
        true
    }

    fn start_task(&mut self, out: &mut Outside<'_>, service: &mut Service, index: usize) -> TaskId {
        let deployment = &service.deployments[index];
        let revision = &deployment.revision;
        let propagate = service
            .settings
            .get("propagateTags")
            .and_then(|v| v.as_str());
        let tags = match propagate {
            Some("SERVICE") => service.tags.clone(),
            Some("TASK_DEFINITION") => self
                .revision(&revision.definition.arn)
                .map(|r| r.tags.clone())
                .unwrap_or_default(),
            _ => super::tags::Tags::default(),
        };
        let birth = Birth {
            cluster: service.key.cluster.clone(),
            definition: revision.definition.clone(),
            launch_type: revision.launch_type().to_owned(),
            group: format!("service:{}", service.key.name),
            started_by: Some(deployment.id.clone()),
            owner: Some(Owner {
                service: service.key.clone(),
                deployment: deployment.id.clone(),
                revision: revision.clone(),
                lane: deployment.lane,
            }),
            overrides: serde_json::json!({"containerOverrides": []}),
            specs: revision.definition.parsed.container_specs(),
            tags,
        };
        let id = self.create_task(out, birth);
        service.tasks.push(id.clone());
        id
    }

    fn stop_planned(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        tasks: &[Assessed],
        plan: &Plan,
    ) -> bool {
        let mut stops = Announcement::default();
        for index in &plan.stop {
            let task = &tasks[*index];
            let stop = self.reason_to_stop(out, service, task);
            let groups = self.tasks.get(&task.id).map(|t| t.targets.clone());
            let deployment = &mut service.deployments[task.seen.deployment];
            match task.cause {
                Some(_) => deployment.count_failure(out.now),
                None if service.mode == Mode::Rolling => {
                    deployment.wanted = deployment.wanted.saturating_sub(1);
                }
                None => {}
            }
            deployment.updated_at = out.now;
            match self.end_task(out, &task.id, stop) {
                Some(Ending::Draining) => {
                    stops.draining += 1;
                    for (group, _) in groups.into_iter().flatten() {
                        *stops.deregistered.entry(group).or_default() += 1;
                    }
                }
                Some(Ending::Running) => stops.running.push(task.id.clone()),
                Some(Ending::Pending) => stops.pending.push(task.id.clone()),
                None => {}
            }
        }
        stops.announce(out, service);
        !plan.stop.is_empty()
    }

    /// `stopCode` and `stoppedReason` of a task that the scheduler stops; an unhealthy one gets
    /// an event of its own.
    fn reason_to_stop(
        &self,
        out: &mut Outside<'_>,
        service: &mut Service,
        task: &Assessed,
    ) -> Stop {
        let name = service.key.name.clone();
        let reason = match &task.cause {
            None => {
                let primary = service.deployments.first().map_or("", |d| d.id.as_str());
                format!("Scaling activity initiated by (deployment {primary})")
            }
            Some(Cause::Target { group, port, why }) => {
                let message = events::unhealthy_target(&name, *port, group, why);
                service.events.add(out, message);
                format!("Task failed ELB health checks in (target-group {group})")
            }
            Some(Cause::ContainerCheck) => {
                let message = events::failed_container_checks(&name, &task.id);
                service.events.add(out, message);
                "Task failed container health checks".into()
            }
        };
        Stop {
            code: "ServiceSchedulerInitiated",
            reason,
        }
    }

    /// How many tasks a deployment has that are not on their way out.
    pub(super) fn live_tasks(&self, service: &Service, deployment: &str) -> u32 {
        let tasks = service.tasks.iter().filter_map(|id| self.tasks.get(id));
        let live = tasks.filter(|t| t.is_live() && t.belongs_to(deployment));
        u32::try_from(live.count()).unwrap_or(u32::MAX)
    }

    pub(super) fn has_tasks(&self, service: &Service, deployment: &str) -> bool {
        let mut tasks = service.tasks.iter().filter_map(|t| self.tasks.get(t));
        tasks.any(|t| t.belongs_to(deployment))
    }

    /// A task ended by itself. It counts as failed when it was never healthy.
    pub(super) fn count_death(&mut self, out: &mut Outside<'_>, id: &TaskId) {
        let owner = self.tasks.get(id).and_then(|t| t.owner.as_ref());
        let Some(key) = owner.map(|o| o.service.clone()) else {
            return;
        };
        // While a service is being reconciled it is not in the map; then the reconciler counts.
        if let Some(mut service) = self.services.remove(&key) {
            self.count_death_in(out.now, &mut service, id);
            self.services.insert(key, service);
        }
    }

    fn count_death_in(&self, now: Time, service: &mut Service, id: &TaskId) {
        let Some(task) = self.tasks.get(id) else {
            return;
        };
        service.steady = false;
        let of = |d: &&mut super::deployment::Deployment| task.belongs_to(&d.id);
        if let Some(deployment) = service.deployments.iter_mut().find(of)
            && !task.ever_healthy
        {
            deployment.count_failure(now);
            deployment.back_off(now);
        }
    }
}

/// How many healthy tasks each deployment has.
fn healthy_by_deployment(service: &Service, tasks: &[Assessed]) -> Vec<u32> {
    let mut healthy = vec![0; service.deployments.len()];
    for task in tasks
        .iter()
        .filter(|t| t.seen.standing == Standing::Healthy)
    {
        if let Some(count) = healthy.get_mut(task.seen.deployment) {
            *count += 1;
        }
    }
    healthy
}

/// Requests to start, stop and roll back take effect.
fn advance_records(now: Time, service: &mut Service) {
    for record in service.history.iter_mut().rev().take(6) {
        match record.state {
            State::Pending => record.enter(now, State::InProgress, None),
            State::StopRequested => record.enter(
                now,
                State::Stopped,
                Some("The service deployment was replaced by a newer one."),
            ),
            State::RollbackRequested => record.enter(now, State::RollbackInProgress, None),
            _ => {}
        }
    }
}

fn report_obstacles(out: &mut Outside<'_>, service: &mut Service, plan: &Plan, instance: &str) {
    let name = service.key.name.clone();
    let badly = service
        .deployments
        .first()
        .is_some_and(|d| d.starts_badly());
    for (condition, holds, message) in [
        (
            Condition::Stuck,
            plan.stuck,
            events::stuck as fn(&str) -> String,
        ),
        (
            Condition::CannotStartConsistently,
            badly,
            events::cannot_start_consistently,
        ),
    ] {
        match holds {
            true => service.events.add_lasting(out, condition, message(&name)),
            false => service.events.resolve(condition),
        }
    }
    match plan.unplaceable {
        true => {
            let message = events::port_in_use(&name, super::input::last_part(instance));
            service
                .events
                .add_lasting(out, Condition::Unplaceable, message);
        }
        false => service.events.resolve(Condition::Unplaceable),
    }
}

/// The events of one round of stopping.
#[derive(Default)]
struct Announcement {
    draining: usize,
    deregistered: BTreeMap<String, usize>,
    running: Vec<TaskId>,
    pending: Vec<TaskId>,
}

impl Announcement {
    fn announce(self, out: &mut Outside<'_>, service: &mut Service) {
        let name = service.key.name.clone();
        for (group, targets) in self.deregistered {
            let message = events::deregistered(&name, targets, &group);
            service.events.add(out, message);
        }
        if self.draining > 0 {
            let message = events::draining(&name, self.draining);
            service.events.add(out, message);
        }
        for (running, tasks) in [(true, self.running), (false, self.pending)] {
            if !tasks.is_empty() {
                let message = events::stopped(&name, running, &tasks);
                service.events.add(out, message);
            }
        }
    }
}
