//! The sandbox's state and everything that may happen to it: pure, deterministic, without I/O
//! and without a clock.
//!
//! Three things move it, and nothing else does: a request ([`World::call`]), something seen
//! outside ([`World::observe`]), and the passing of time ([`World::tick`]). Each may leave
//! [`Effect`]s behind, which whoever drives the world takes and carries out.

mod access;
mod alarms;
mod arn;
mod codedeploy;
mod codepipeline;
mod ecr;
mod ecs;
mod effect;
mod elbv2;
mod error;
mod functions;
mod iam;
mod id;
mod input;
mod json;
mod logs;
pub(crate) mod s3;
mod sts;
mod time;

use std::net::SocketAddr;

use serde_json::Value;

pub(crate) use ecr::Password;
pub use effect::{
    BuildOrder, ContainerSpec, Effect, HealthCheckSpec, Invocation, Observation, PortSpec, Probe,
    ProbeOutcome, PublishedPort, Target, TaskId, TaskSpec,
};
pub use elbv2::routes::{Destination, Forward, ListenerRoutes, Route, Routes, Weighted};
pub use error::ApiError;
pub use time::Time;

use crate::access::{Control, Principal};
use arn::Arns;
use id::Ids;

/// What the world takes for granted about where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The twelve-digit account id.
    pub account: String,
    /// The Region in every ARN.
    pub region: String,
    /// The registry's host, with its port where that is not the usual one, as image references
    /// name it.
    pub registry: String,
}

impl Place {
    /// Where clients find the registry. They follow Docker's rule: HTTP on a loopback address,
    /// HTTPS everywhere else.
    pub(crate) fn registry_url(&self) -> String {
        let host = &self.registry;
        let address = host.parse::<SocketAddr>();
        match address.is_ok_and(|address| address.ip().is_loopback()) {
            true => format!("http://{host}"),
            false => format!("https://{host}"),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            registry: "127.0.0.1:4566".into(),
        }
    }
}

/// The services that the world speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Security Token Service.
    Sts,
    /// Identity and Access Management.
    Iam,
    /// Elastic Container Registry (the AWS API; images themselves live in the registry).
    Ecr,
    /// Elastic Container Service.
    Ecs,
    /// Elastic Load Balancing v2.
    Elbv2,
    /// CloudWatch Logs.
    Logs,
    /// CloudWatch: alarms.
    CloudWatch,
    /// CodeDeploy, for ECS.
    CodeDeploy,
    /// CodePipeline: S3, CodeBuild, and both ways to ECS.
    CodePipeline,
}

impl Service {
    /// Its name, as calls are counted by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sts => "STS",
            Self::Iam => "IAM",
            Self::Ecr => "ECR",
            Self::Ecs => "ECS",
            Self::Elbv2 => "ELBv2",
            Self::Logs => "Logs",
            Self::CloudWatch => "CloudWatch",
            Self::CodeDeploy => "CodeDeploy",
            Self::CodePipeline => "CodePipeline",
        }
    }
}

/// All state of the sandbox.
#[derive(Debug)]
pub struct World {
    now: Time,
    arns: Arns,
    ids: Ids,
    ecs: ecs::Ecs,
    elbv2: elbv2::Elbv2,
    ecr: ecr::Ecr,
    logs: logs::Logs,
    alarms: alarms::Alarms,
    s3: s3::S3,
    codedeploy: codedeploy::CodeDeploy,
    codepipeline: codepipeline::CodePipeline,
    iam: iam::Iam,
    control: Control,
    /// Who asks, while a request is answered.
    caller: Principal,
    effects: Vec<Effect>,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(place: Place, now: Time) -> Self {
        Self {
            now,
            arns: Arns::new(place.clone()),
            ids: Ids::default(),
            ecs: ecs::Ecs::default(),
            elbv2: elbv2::Elbv2::default(),
            ecr: ecr::Ecr::new(&place),
            logs: logs::Logs::default(),
            alarms: alarms::Alarms::default(),
            s3: s3::S3::default(),
            codedeploy: codedeploy::CodeDeploy::default(),
            codepipeline: codepipeline::CodePipeline::new(&place),
            iam: iam::Iam::default(),
            control: Control::default(),
            caller: Principal::Caller,
            effects: Vec::new(),
        }
    }

    /// Answers a request. `input` and the answer are the members of the operation's shapes as
    /// the service model names them, whatever the protocol on the wire.
    ///
    /// # Errors
    ///
    /// What AWS would answer: see [`ApiError`].
    pub fn call(
        &mut self,
        now: Time,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        self.call_as(now, Principal::Caller, service, operation, input)
    }

    /// The same for one of several principals. Whether it may is another question
    /// ([`World::authorize`]).
    pub(crate) fn call_as(
        &mut self,
        now: Time,
        caller: Principal,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        self.now = self.now.max(now);
        self.caller = caller;
        let answer = match service {
            Service::Ecs => self.call_ecs(operation, input),
            Service::Elbv2 => self.call_elbv2(operation, input),
            Service::Ecr => self.call_ecr(operation, input),
            Service::Logs => self.call_logs(operation, input),
            Service::CodeDeploy => self.call_codedeploy(operation, input),
            Service::CodePipeline => self.call_codepipeline(operation, &input),
            Service::CloudWatch => self.call_cloudwatch(operation, &input),
            Service::Sts => self.call_sts(operation, input),
            Service::Iam => self.call_iam(operation, &input),
        };
        self.settle();
        answer
    }

    /// Takes note of something that happened outside.
    pub fn observe(&mut self, now: Time, observation: Observation) {
        self.now = self.now.max(now);
        match observation {
            Observation::Probed {
                target_group,
                target,
                outcome,
            } => self
                .elbv2
                .probed(self.now, &target_group, &target, &outcome),
            Observation::Logged {
                task,
                container,
                line,
            } => self.container_logged(&task, &container, line),
            Observation::Invoked { id, answer } => self.function_answered(id, answer),
            Observation::Built { id, answer } => self.codepipeline.build_answered(&id, &answer),
            of_a_task => self.observe_task(of_a_task),
        }
        self.settle();
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.settle();
    }

    /// When the world wants to be ticked next, if nothing else happens before.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Time> {
        [
            self.elbv2.next_wakeup(),
            self.next_ecs_wakeup(),
            self.codedeploy.next_wakeup(),
            self.codepipeline.next_wakeup(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What is to be done outside, in order; they are handed out once.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Where each listener sends its traffic at this moment.
    #[must_use]
    pub fn routes(&self) -> Routes {
        self.elbv2.routes()
    }

    /// Carries out all that is due now.
    fn settle(&mut self) {
        self.elbv2.tick(self.now, &mut self.effects);
        self.reconcile_services();
        // A deployment that moves on changes what services are to do, and a pipeline that does, both.
        while self.advance_deployments() || self.advance_pipelines() {
            self.reconcile_services();
        }
    }
}
