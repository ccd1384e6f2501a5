//! A simulated outside for tests: a client, and a runner whose tasks follow a script.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Time;
use super::deployment::{Rollout, ServiceRevision};
use super::task_definition::TaskDefinition;
use crate::builds::{BuildAnswer, BuildRequest};
use crate::world::{
    ApiError, BuildOrder, Effect, Invocation, Observation, Place, Probe, ProbeOutcome, Service,
    TaskId, TaskSpec, World,
};

/// What becomes of a task once it is to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::world) enum Fate {
    /// It runs and is healthy.
    Fine,
    /// It is RUNNING and exits with code 1 after so many seconds.
    Exits(u64),
    /// It runs, and its health checks fail from so many seconds on.
    SickAfter(u64),
    /// Its image cannot be pulled.
    CannotPull,
}

/// How a task behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::world) struct Manner {
    /// Seconds from the start of its containers to RUNNING.
    pub(in crate::world) slow: u64,
    pub(in crate::world) fate: Fate,
}

pub(in crate::world) const FINE: Manner = Manner {
    slow: 1,
    fate: Fate::Fine,
};

/// How the tasks of a task definition behave: by `family:revision`, and by how many came before.
type Script = Box<dyn FnMut(&str, usize) -> Manner>;

/// What a function answers, and after how many seconds; `None` when it never does.
type Responder = Box<dyn FnMut(&Invocation) -> Option<(u64, Result<Value, String>)>>;

/// Looks at the world after everything that happens to it.
pub(in crate::world) trait Watch {
    fn look(&mut self, world: &World);
}

impl Watch for () {
    fn look(&mut self, _: &World) {}
}

/// A world, its time, and what is about to happen to it.
pub(in crate::world) struct Play<W = ()> {
    pub(in crate::world) world: World,
    pub(in crate::world) now: Time,
    pub(in crate::world) watch: W,
    script: Script,
    responder: Responder,
    queue: BTreeMap<(Time, u64), Observation>,
    serial: u64,
    /// Tasks and since when they are sick.
    sick: BTreeMap<TaskId, Time>,
    gone: BTreeSet<TaskId>,
    starts: usize,
    /// The digest that every tag leads to, where tags are resolved.
    pub(super) tagged: Option<String>,
    /// The image of the first container of each task that was started.
    pub(super) images: Vec<String>,
    /// What functions answer, by name, one second after they are called. Others say nothing.
    pub(in crate::world) functions: BTreeMap<String, Result<Value, String>>,
    pub(in crate::world) invoked: Vec<Invocation>,
    /// What projects answer, one second after they are started; `None` when they never do.
    pub(in crate::world) projects: BTreeMap<String, Option<BuildAnswer>>,
    pub(in crate::world) built: Vec<BuildRequest>,
}

impl<W: Watch> Play<W> {
    pub(in crate::world) fn new(
        watch: W,
        script: impl FnMut(&str, usize) -> Manner + 'static,
    ) -> Self {
        let now = Time::from_epoch(Duration::from_secs(1_700_000_000));
        let mut play = Self {
            world: World::new(Place::default(), now),
            now,
            watch,
            script: Box::new(script),
            responder: Box::new(|_| None),
            queue: BTreeMap::new(),
            serial: 0,
            sick: BTreeMap::new(),
            gone: BTreeSet::new(),
            starts: 0,
            tagged: None,
            images: Vec::new(),
            functions: BTreeMap::new(),
            invoked: Vec::new(),
            projects: BTreeMap::new(),
            built: Vec::new(),
        };
        play.ecs("CreateCluster", json!({"clusterName": "c"}));
        play
    }

    pub(in crate::world) fn try_ecs(
        &mut self,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let answer = self.world.call(self.now, Service::Ecs, operation, input);
        self.handle_effects();
        answer
    }

    pub(in crate::world) fn ecs(&mut self, operation: &str, input: Value) -> Value {
        self.try_ecs(operation, input)
            .unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    pub(in crate::world) fn elbv2(&mut self, operation: &str, input: Value) -> Value {
        self.ask(Service::Elbv2, operation, input)
            .unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    pub(in crate::world) fn ask(
        &mut self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let answer = self.world.call(self.now, service, operation, input);
        self.handle_effects();
        answer
    }

    /// Lets so many seconds pass.
    pub(in crate::world) fn pass(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while self.advance(end) {}
        self.now = end;
        self.world.tick(end);
        self.handle_effects();
    }

    /// Lets time pass until `done`; answers how many seconds that took.
    pub(in crate::world) fn pass_until(
        &mut self,
        limit: u64,
        done: impl Fn(&mut Self) -> bool,
    ) -> u64 {
        let start = self.now;
        let end = start + Duration::from_secs(limit);
        while !done(self) {
            if !self.advance(end) {
                panic!("not within {limit} s: {:#}", self.service("s"));
            }
        }
        self.now.since(start).as_secs()
    }

    /// Goes to the next moment at which something happens; false when that is after `end`.
    fn advance(&mut self, end: Time) -> bool {
        let happens = self.queue.first_key_value().map(|((at, _), _)| *at);
        let wakes = self.world.next_wakeup();
        let Some(next) = [happens, wakes].into_iter().flatten().min() else {
            return false;
        };
        if next > end {
            return false;
        }
        assert!(
            happens.is_some_and(|h| h <= next) || next > self.now,
            "the world wants to be woken in the past"
        );
        self.now = self.now.max(next);
        if happens.is_some_and(|h| h <= self.now) {
            let (_, observation) = self.queue.pop_first().unwrap();
            self.world.observe(self.now, observation);
        } else {
            self.world.tick(self.now);
        }
        self.handle_effects();
        true
    }

    fn later(&mut self, delay: Duration, observation: Observation) {
        self.serial += 1;
        self.queue
            .insert((self.now + delay, self.serial), observation);
    }

    fn handle_effects(&mut self) {
        self.watch.look(&self.world);
        for effect in self.world.take_effects() {
            match effect {
                Effect::StartTask(spec) => self.start(spec),
                Effect::StopTask { task, .. } => {
                    self.queue.retain(|_, o| !concerns(o, &task));
                    if self.gone.insert(task.clone()) {
                        self.later(Duration::from_secs(1), Observation::TaskStopped { task });
                    }
                }
                Effect::Probe(probe) => self.probe(probe),
                Effect::Invoke(invocation) => self.invoke(invocation),
                Effect::Build(order) => self.build(order),
                Effect::Listen { .. } | Effect::Unlisten { .. } => {}
            }
        }
    }

    fn invoke(&mut self, invocation: Invocation) {
        let named = self.functions.get(&invocation.function).cloned();
        let answer = named.map(|answer| (1, answer));
        if let Some((seconds, answer)) = answer.or_else(|| (self.responder)(&invocation)) {
            let id = invocation.id.clone();
            let observation = Observation::Invoked { id, answer };
            self.later(Duration::from_secs(seconds), observation);
        }
        self.invoked.push(invocation);
    }

    fn build(&mut self, order: BuildOrder) {
        let BuildOrder { id, request } = order;
        let answer = match self.projects.get(&request.project) {
            Some(Some(answer)) => Some(Some(answer.clone())),
            Some(None) => None,
            None => Some(None),
        };
        if let Some(answer) = answer {
            self.later(Duration::from_secs(1), Observation::Built { id, answer });
        }
        self.built.push(request);
    }

    fn start(&mut self, spec: TaskSpec) {
        let manner = (self.script)(&spec.task_definition, self.starts);
        self.starts += 1;
        let task = spec.task;
        let container = spec.containers[0].name.clone();
        self.pull(&task, &container, &spec.containers[0].image);
        let has_check = spec.containers[0].health_check.is_some();
        let up = Duration::from_secs(manner.slow);
        if manner.fate == Fate::CannotPull {
            let reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref repo/app:2: not found".into();
            self.later(
                up,
                Observation::TaskFailedToStart {
                    task,
                    container,
                    reason,
                },
            );
            return;
        }
        self.later(
            up,
            Observation::TaskStarted {
                task: task.clone(),
                ports: Vec::new(),
            },
        );
        let soon = up + Duration::from_secs(5);
        let health = |healthy| Observation::ContainerHealth {
            task: task.clone(),
            container: container.clone(),
            healthy,
        };
        match manner.fate {
            Fate::Fine | Fate::CannotPull => {
                if has_check {
                    self.later(soon, health(true));
                }
            }
            Fate::Exits(after) => {
                if has_check && after > 5 {
                    self.later(soon, health(true));
                }
                self.later(
                    up + Duration::from_secs(after),
                    Observation::ContainerExited {
                        task: task.clone(),
                        container: container.clone(),
                        exit_code: Some(1),
                        reason: None,
                    },
                );
            }
            Fate::SickAfter(after) => {
                let at = up + Duration::from_secs(after);
                self.sick.insert(task.clone(), self.now + at);
                if has_check {
                    if after > 5 {
                        self.later(soon, health(true));
                    }
                    self.later(at, health(false));
                }
            }
        }
    }

    fn pull(&mut self, task: &TaskId, container: &str, image: &str) {
        self.images.push(image.to_owned());
        let named = image.split_once('@').map(|(_, digest)| digest.to_owned());
        if let Some(digest) = named.or_else(|| self.tagged.clone()) {
            let pulled = Observation::Pulled {
                task: task.clone(),
                container: container.to_owned(),
                digest,
            };
            self.later(Duration::ZERO, pulled);
        }
    }

    fn probe(&mut self, probe: Probe) {
        let task = probe.task.as_ref();
        let sick = task
            .and_then(|t| self.sick.get(t))
            .is_some_and(|at| *at <= self.now);
        let outcome = match sick {
            true => ProbeOutcome::Status(503),
            false => ProbeOutcome::Status(200),
        };
        self.later(
            Duration::from_millis(20),
            Observation::Probed {
                target_group: probe.target_group,
                target: probe.target,
                outcome,
            },
        );
    }

    /// Says what functions answer from now on.
    pub(super) fn answer_functions(
        &mut self,
        functions: impl FnMut(&Invocation) -> Option<(u64, Result<Value, String>)> + 'static,
    ) {
        self.responder = Box::new(functions);
    }

    pub(in crate::world) fn alarm(&mut self, name: &str, state: &str) {
        let put = json!({
            "AlarmName": name, "MetricName": "m", "Namespace": "n", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "Statistic": "Sum",
            "ComparisonOperator": "GreaterThanThreshold",
        });
        let set = json!({"AlarmName": name, "StateValue": state, "StateReason": "test"});
        for (operation, input) in [("PutMetricAlarm", put), ("SetAlarmState", set)] {
            let answer = self
                .world
                .call(self.now, Service::CloudWatch, operation, input);
            answer.unwrap_or_else(|e| panic!("{operation}: {e}"));
            self.handle_effects();
        }
    }

    pub(in crate::world) fn service(&mut self, name: &str) -> Value {
        let found = self.ecs(
            "DescribeServices",
            json!({"cluster": "c", "services": [name]}),
        );
        found["services"][0].clone()
    }

    pub(in crate::world) fn events(&mut self, name: &str) -> Vec<String> {
        let service = self.service(name);
        let events = service["events"].as_array().unwrap();
        events
            .iter()
            .map(|e| e["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The service deployment in full, by its place in the history: 0 is the newest.
    pub(in crate::world) fn service_deployment(&mut self, index: usize) -> Value {
        let listed = self.ecs(
            "ListServiceDeployments",
            json!({"cluster": "c", "service": "s"}),
        );
        let arn = listed["serviceDeployments"][index]["serviceDeploymentArn"].clone();
        let found = self.ecs(
            "DescribeServiceDeployments",
            json!({"serviceDeploymentArns": [arn]}),
        );
        found["serviceDeployments"][0].clone()
    }

    pub(in crate::world) fn tasks(&mut self, desired_status: &str) -> Vec<Value> {
        let listed = self.ecs(
            "ListTasks",
            json!({"cluster": "c", "serviceName": "s", "desiredStatus": desired_status}),
        );
        if listed["taskArns"].as_array().unwrap().is_empty() {
            return Vec::new();
        }
        let found = self.ecs(
            "DescribeTasks",
            json!({"cluster": "c", "tasks": listed["taskArns"]}),
        );
        found["tasks"].as_array().unwrap().clone()
    }

    /// Whether the rollout is over: PRIMARY alone is there, COMPLETED, with all its tasks. It
    /// looks inside, because it is asked after everything that happens.
    pub(in crate::world) fn is_completed(&mut self) -> bool {
        let service = self.world.ecs.services.values().find(|s| s.key.name == "s");
        service.is_some_and(|s| {
            s.deployments.len() == 1
                && s.deployments[0].rollout == Rollout::Completed
                && self.world.ecs.count_tasks(s, |_| true).running == s.desired
        })
    }

    /// Registers a revision of `web`: bridge networking, no health check of its own.
    pub(in crate::world) fn register(&mut self) -> String {
        self.register_with(json!({}))
    }

    pub(in crate::world) fn register_with(&mut self, extra: Value) -> String {
        let mut container = json!({
            "name": "app", "image": "repo/app:1", "memory": 64,
            "portMappings": [{"containerPort": 80, "hostPort": 0}],
        });
        merge(&mut container, &extra);
        let input = json!({"family": "web", "containerDefinitions": [container]});
        let answer = self.ecs("RegisterTaskDefinition", input);
        answer["taskDefinition"]["taskDefinitionArn"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Creates service `s` from the newest revision of `web`.
    pub(in crate::world) fn create(&mut self, desired: u32, extra: Value) -> Value {
        let mut input = json!({
            "cluster": "c", "serviceName": "s", "taskDefinition": "web", "desiredCount": desired,
        });
        merge(&mut input, &extra);
        self.ecs("CreateService", input)["service"].clone()
    }

    pub(in crate::world) fn update(&mut self, extra: Value) -> Value {
        let mut input = json!({"cluster": "c", "service": "s"});
        merge(&mut input, &extra);
        self.ecs("UpdateService", input)["service"].clone()
    }

    /// A load balancer with a listener, and a target group for `s`; answers the group's ARN.
    pub(in crate::world) fn target_group(&mut self, target_type: &str) -> String {
        let group = self.elbv2(
            "CreateTargetGroup",
            json!({
                "Name": "tg", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
                "TargetType": target_type, "HealthCheckPath": "/",
                "HealthCheckIntervalSeconds": 5, "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 2, "HealthCheckTimeoutSeconds": 2,
            }),
        );
        let group = group["TargetGroups"][0]["TargetGroupArn"]
            .as_str()
            .unwrap()
            .to_owned();
        let balancer = self.elbv2(
            "CreateLoadBalancer",
            json!({"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]}),
        );
        self.elbv2(
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                "Protocol": "HTTP", "Port": 8080,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
            }),
        );
        group
    }
}

pub(in crate::world) fn behind(group: &str) -> Value {
    json!([{"targetGroupArn": group, "containerName": "app", "containerPort": 80}])
}

pub(super) fn merge(into: &mut Value, extra: &Value) {
    let extra = extra.as_object().unwrap().clone();
    into.as_object_mut().unwrap().extend(extra);
}

fn concerns(observation: &Observation, of: &TaskId) -> bool {
    match observation {
        Observation::TaskStarted { task, .. }
        | Observation::Pulled { task, .. }
        | Observation::TaskFailedToStart { task, .. }
        | Observation::ContainerExited { task, .. }
        | Observation::ContainerHealth { task, .. }
        | Observation::TaskStopped { task }
        | Observation::Logged { task, .. } => task == of,
        Observation::Probed { .. } | Observation::Invoked { .. } | Observation::Built { .. } => {
            false
        }
    }
}

/// A revision, where any will do.
pub(super) fn revision() -> ServiceRevision {
    ServiceRevision {
        arn: "revision".into(),
        definition: Arc::new(TaskDefinition::for_tests(json!({"family": "web"}))),
        load_balancers: Vec::new(),
        created_at: Time::default(),
        settings: Map::new(),
    }
}
