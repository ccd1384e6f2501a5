//! The steps of a deployment, in CodeDeploy's order for ECS.
//!
//! Each step either is done, waits (for time, for tasks, for a function, for somebody), or fails
//! the deployment. One thing is stricter than AWS: without a test listener CodeDeploy cannot know
//! a replacement's health before it has traffic, and sends traffic all the same. Here its target
//! group is put behind the production listener with weight 0 as soon as it is there, so that its
//! health is known, and no request goes to tasks that are not healthy.

use std::time::Duration;

use ecs_pipeline_artifacts::app_spec::HookEvent;
use serde_json::{Value, json};

use super::deployment::{Deployment, Fault, Status};
use super::settings::{Ready, RollbackEvent};
use super::{Time, World};

/// So long a replacement task set may take to become healthy
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
const LONGEST_INSTALL: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A function of the AppSpec is called.
    Hook(HookEvent),
    /// The replacement task set is created and becomes healthy.
    Install,
    AllowTestTraffic,
    /// Somebody is to say that the traffic may go over.
    WaitForGo,
    AllowTraffic,
    /// The original task set stays for a while, and is then deleted.
    WaitAndTerminate,
    /// In a rollback: the traffic goes back at once.
    ReturnTraffic,
    /// In a rollback: the replacement task set is deleted.
    RemoveReplacement,
}

impl Step {
    /// The steps of a deployment whose AppSpec has these hooks.
    pub(super) fn plan(hooked: impl Fn(HookEvent) -> bool, tests: bool, waits: bool) -> Vec<Self> {
        use HookEvent::{
            AfterAllowTestTraffic, AfterAllowTraffic, AfterInstall, BeforeAllowTraffic,
            BeforeInstall,
        };
        [
            (Self::Hook(BeforeInstall), hooked(BeforeInstall)),
            (Self::Install, true),
            (Self::Hook(AfterInstall), hooked(AfterInstall)),
            (Self::AllowTestTraffic, tests),
            (
                Self::Hook(AfterAllowTestTraffic),
                hooked(AfterAllowTestTraffic),
            ),
            (Self::WaitForGo, waits),
            (Self::Hook(BeforeAllowTraffic), hooked(BeforeAllowTraffic)),
            (Self::AllowTraffic, true),
            (Self::Hook(AfterAllowTraffic), hooked(AfterAllowTraffic)),
            (Self::WaitAndTerminate, true),
        ]
        .into_iter()
        .filter_map(|(step, there)| there.then_some(step))
        .collect()
    }

    /// The lifecycle event that a step is shown as.
    fn event(self) -> Option<&'static str> {
        match self {
            Self::Hook(event) => Some(event.name()),
            Self::Install => Some("Install"),
            Self::AllowTestTraffic => Some("AllowTestTraffic"),
            Self::AllowTraffic | Self::ReturnTraffic => Some("AllowTraffic"),
            Self::WaitForGo | Self::WaitAndTerminate | Self::RemoveReplacement => None,
        }
    }
}

/// What becomes of the step that is going on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Done,
    /// Time alone may change something at this moment.
    Wait(Option<Time>),
    Fail(Fault),
    /// Nobody let the traffic go over in time.
    Expire(Fault),
}

/// An element of `lifecycleEvents`.
#[derive(Debug)]
pub(super) struct LifecycleEvent {
    name: &'static str,
    status: &'static str,
    started: Option<Time>,
    ended: Option<Time>,
    message: Option<String>,
}

impl LifecycleEvent {
    pub(super) fn of(step: &Step) -> Option<Self> {
        Some(Self {
            name: step.event()?,
            status: "Pending",
            started: None,
            ended: None,
            message: None,
        })
    }

    /// The deployment is over, and with it this event.
    pub(super) fn close(&mut self, now: Time, fault: Option<&Fault>) {
        match self.status {
            "InProgress" => {
                self.status = "Failed";
                self.ended = Some(now);
                self.message = fault.map(|f| f.message.clone());
            }
            "Pending" => self.status = "Skipped",
            _ => {}
        }
    }

    pub(super) fn describe(&self) -> Value {
        let mut shown = json!({"lifecycleEventName": self.name, "status": self.status});
        for (member, at) in [("startTime", self.started), ("endTime", self.ended)] {
            if let Some(at) = at {
                shown[member] = json!(at.epoch_seconds());
            }
        }
        if let Some(message) = &self.message {
            shown["diagnostics"] = json!({
                "errorCode": "ScriptFailed",
                "scriptName": "",
                "message": message,
                "logTail": "",
            });
        }
        shown
    }
}

impl Deployment {
    /// Moves on as far as possible now; whether it moved.
    pub(super) fn advance(&mut self, world: &mut World) -> bool {
        let mut moved = false;
        while !self.status.is_final() {
            if let Some(fault) = self.alarm(world) {
                self.stop(world.now, fault, RollbackEvent::StopOnAlarm, None);
                return true;
            }
            match self.step(world) {
                true => moved = true,
                false => break,
            }
        }
        moved
    }

    /// An alarm that stops it. A rollback is not stopped by what it is to cure.
    fn alarm(&self, world: &World) -> Option<Fault> {
        let mut names = self.order.alarms.names();
        let active = names.find(|name| world.alarms.in_alarm(name))?;
        self.undoes.is_none().then(|| {
            Fault::new(
                "ALARM_ACTIVE",
                format!(
                    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <{active}>"
                ),
            )
        })
    }

    /// Lets the first step go on; whether something changed.
    fn step(&mut self, world: &mut World) -> bool {
        let Some(step) = self.steps.first().copied() else {
            self.succeed(world.now);
            return true;
        };
        let first_look = self.began.is_none();
        let began = self.enter(world.now, step);
        self.wake = None;
        match self.carry_out(world, step, began) {
            Next::Done => self.leave(world.now),
            Next::Wait(until) => {
                self.wake = until;
                return first_look;
            }
            Next::Fail(fault) => self.fail(world.now, fault),
            Next::Expire(fault) => self.stop(world.now, fault, RollbackEvent::StopOnRequest, None),
        }
        true
    }

    fn carry_out(&mut self, world: &mut World, step: Step, began: Time) -> Next {
        match step {
            Step::Hook(event) => self.judge(world, event, began),
            Step::Install => self.install(world, began),
            Step::AllowTestTraffic => self.allow_test_traffic(world),
            Step::WaitForGo => self.wait_for_go(world.now, began),
            Step::AllowTraffic => self.allow_traffic(world, began),
            Step::WaitAndTerminate => self.wait_and_terminate(world, began),
            Step::ReturnTraffic => self.return_traffic(world),
            Step::RemoveReplacement => self.remove_replacement(world),
        }
    }

    fn enter(&mut self, now: Time, step: Step) -> Time {
        if let Some(began) = self.began {
            return began;
        }
        self.began = Some(now);
        self.started_at.get_or_insert(now);
        self.updated_at = now;
        self.status = match step {
            Step::WaitForGo => Status::Ready,
            _ => Status::InProgress,
        };
        if step.event().is_some()
            && let Some(event) = self.events.iter_mut().find(|e| e.status == "Pending")
        {
            event.status = "InProgress";
            event.started = Some(now);
        }
        now
    }

    fn leave(&mut self, now: Time) {
        let step = self.steps.remove(0);
        self.began = None;
        self.continued = false;
        self.updated_at = now;
        if step.event().is_some()
            && let Some(event) = self.events.iter_mut().find(|e| e.status == "InProgress")
        {
            event.status = "Succeeded";
            event.ended = Some(now);
        }
    }

    /// Creates the replacement, and waits until all its tasks are healthy.
    fn install(&mut self, world: &mut World, began: Time) -> Next {
        if self.green.is_none() {
            let alarms = self.may_look_at_alarms(world);
            if let Err(fault) = alarms.and_then(|()| self.create_replacement(world)) {
                return Next::Fail(fault);
            }
        }
        let Some(green) = self.green_now(world) else {
            return Next::Fail(self.lost_service());
        };
        let deadline = began + LONGEST_INSTALL;
        if green.healthy >= green.desired {
            return Next::Done;
        }
        if world.now < deadline {
            return Next::Wait(Some(deadline));
        }
        Next::Fail(Fault::new(
            "TIMEOUT",
            "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.",
        ))
    }

    fn wait_for_go(&self, now: Time, began: Time) -> Next {
        let Ready::Wait(longest) = self.order.settings.ready else {
            return Next::Done;
        };
        if self.continued {
            return Next::Done;
        }
        match now < began + longest {
            true => Next::Wait(Some(began + longest)),
            false => Next::Expire(Fault::new(
                "TIMEOUT",
                "The deployment was stopped because traffic rerouting was not started before the wait time was over.",
            )),
        }
    }

    /// Keeps the original for a while, so that going back takes no time, and then deletes it.
    fn wait_and_terminate(&mut self, world: &mut World, began: Time) -> Next {
        let settings = &self.order.settings;
        let until = began + settings.termination_wait;
        if !settings.terminates_blue {
            return Next::Done;
        }
        if !self.continued && world.now < until {
            return Next::Wait(Some(until));
        }
        let service = &settings.service;
        if let Some(blue) = &self.blue {
            if let Err(fault) = self.may_delete_task_set(world, &blue.task_set) {
                return Next::Fail(fault);
            }
            world.delete_task_set(service.cluster(), service.service(), &blue.task_set);
        }
        Next::Done
    }
}
