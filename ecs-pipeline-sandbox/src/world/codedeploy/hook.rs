//! Functions that judge a deployment on its way.

use std::time::Duration;

use ecs_pipeline_artifacts::app_spec::HookEvent;
use serde_json::{Value, json};

use super::deployment::{Deployment, Fault};
use super::lifecycle::Next;
use super::{CodeDeploy, Effect, Invocation, Time, World};

/// So long a function may take to say how it ended
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Marks the invocations of CodeDeploy among all that the world asks for.
pub(in crate::world) const PREFIX: &str = "cd-hook-";

/// A function that was called and has not been heard of.
#[derive(Debug)]
pub(super) struct Hook {
    /// `lifecycleEventHookExecutionId`.
    pub(super) execution: String,
    pub(super) verdict: Option<Verdict>,
}

/// How a function ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    /// With the reason, where there is one.
    Failed(Option<String>),
}

impl Verdict {
    /// `Succeeded` and `Failed`; a function cannot say anything else.
    pub(super) fn of_status(status: &str) -> Option<Self> {
        match status {
            "Succeeded" => Some(Self::Passed),
            "Failed" => Some(Self::Failed(None)),
            _ => None,
        }
    }

    /// What a function's answer says: its status, if it carries one. Without one the function is
    /// expected to call PutLifecycleEventHookExecutionStatus, as in AWS.
    fn of_answer(answer: Result<Value, String>) -> Option<Self> {
        match answer {
            Ok(answer) => Self::of_status(answer.get("status")?.as_str()?),
            Err(error) => Some(Self::Failed(Some(error))),
        }
    }
}

impl Deployment {
    /// Calls the function of an event, and waits for its verdict.
    pub(super) fn judge(&mut self, world: &mut World, event: HookEvent, began: Time) -> Next {
        let Some(hook) = &self.hook else {
            return self.call_function(world, event);
        };
        let failed = match &hook.verdict {
            Some(Verdict::Passed) => {
                self.close_hook();
                return Next::Done;
            }
            Some(Verdict::Failed(why)) => why.clone().unwrap_or_else(|| "it said Failed".into()),
            None if world.now >= began + LONGEST => "it said nothing for one hour".into(),
            None => return Next::Wait(Some(began + LONGEST)),
        };
        let function = self.function(event).unwrap_or_default();
        Next::Fail(Fault::new(
            "HOOK_EXECUTION_FAILURE",
            format!(
                "The deployment failed because the validation function {function} of the lifecycle event {} failed: {failed}",
                event.name()
            ),
        ))
    }

    fn call_function(&mut self, world: &mut World, event: HookEvent) -> Next {
        let Some(function) = self.function(event).map(str::to_owned) else {
            return Next::Done;
        };
        if let Err(fault) = self.may_invoke(world, &function) {
            return Next::Fail(fault);
        }
        let execution = world.ids.hex32();
        world.effects.push(Effect::Invoke(Invocation {
            id: format!("{PREFIX}{execution}"),
            function,
            payload: json!({
                "DeploymentId": self.id,
                "LifecycleEventHookExecutionId": execution,
            }),
        }));
        self.hook = Some(Hook {
            execution,
            verdict: None,
        });
        Next::Wait(Some(world.now + LONGEST))
    }

    fn close_hook(&mut self) {
        if let Some(hook) = self.hook.take() {
            self.past_hooks.push(hook.execution);
        }
    }
}

impl CodeDeploy {
    /// A function that a deployment called has answered.
    pub(in crate::world) fn function_answered(
        &mut self,
        execution: &str,
        answer: Result<Value, String>,
    ) {
        let mut hooks = self.deployments.iter_mut().filter_map(|d| d.hook.as_mut());
        if let Some(hook) = hooks.find(|hook| hook.execution == execution) {
            // What the function said itself, by request, counts more than its answer.
            hook.verdict = hook.verdict.take().or_else(|| Verdict::of_answer(answer));
        }
    }
}
