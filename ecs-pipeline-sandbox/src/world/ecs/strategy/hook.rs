//! Lifecycle hooks: a function that is called, or a pause that somebody ends.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::input::invalid;
use super::super::{ApiError, Time};
use super::stage::Stage;

/// "The function must complete the work, or return IN_PROGRESS within 15 minutes"
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html>).
const ANSWERS_WITHIN: Duration = Duration::from_secs(15 * 60);

/// When a function that answered IN_PROGRESS is called again, unless it says when.
const CALLED_BACK_AFTER: Duration = Duration::from_secs(30);

/// `targetType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TargetType {
    #[default]
    AwsLambda,
    Pause,
}

/// What becomes of a deployment: when a hook's time is over, or because somebody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Action {
    #[default]
    Rollback,
    Continue,
}

/// An element of `lifecycleHooks`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hook {
    #[serde(default)]
    target_type: TargetType,
    hook_target_arn: Option<String>,
    role_arn: Option<String>,
    #[serde(default)]
    lifecycle_stages: Vec<Stage>,
    hook_details: Option<Value>,
    #[serde(default)]
    timeout_configuration: Timeout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timeout {
    timeout_in_minutes: Option<u32>,
    #[serde(default)]
    action: Action,
}

impl Timeout {
    fn minutes(self) -> u32 {
        self.timeout_in_minutes.unwrap_or(1440)
    }
}

impl Hook {
    pub(super) fn runs_in(&self, stage: Stage) -> bool {
        self.lifecycle_stages.contains(&stage)
    }

    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.lifecycle_stages.is_empty() {
            return Err(invalid("A lifecycle hook must have lifecycleStages."));
        }
        if !(1..=20_160).contains(&self.timeout_configuration.minutes()) {
            return Err(invalid("timeoutInMinutes must be between 1 and 20160."));
        }
        let takes = match self.target_type {
            TargetType::AwsLambda => Stage::takes_hooks,
            TargetType::Pause => Stage::takes_pauses,
        };
        if let Some(stage) = self.lifecycle_stages.iter().find(|s| !takes(**s)) {
            return Err(invalid(format!(
                "The lifecycle stage {} does not support this lifecycle hook.",
                stage.name()
            )));
        }
        self.check_target()
    }

    fn check_target(&self) -> Result<(), ApiError> {
        let refusal = match (self.target_type, &self.hook_target_arn, &self.role_arn) {
            (TargetType::AwsLambda, None, _) => "hookTargetArn must be specified for AWS_LAMBDA",
            (TargetType::AwsLambda, _, None) => "roleArn must be specified for AWS_LAMBDA",
            (TargetType::Pause, Some(_), _) => "hookTargetArn must not be specified for PAUSE",
            _ => return Ok(()),
        };
        Err(invalid(format!("{refusal} lifecycle hooks.")))
    }
}

/// How a hook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    AwaitingAction,
    /// It was called; its answer must be there by then.
    Called {
        answers_by: Time,
    },
    /// It answered IN_PROGRESS, and is called again then.
    Waits {
        call_at: Time,
    },
    Succeeded,
    Failed {
        why: String,
    },
    TimedOut,
}

/// One run of a hook in one stage of a deployment.
#[derive(Debug)]
pub(in crate::world::ecs) struct HookRun {
    /// `hookId`.
    pub(super) id: String,
    hook: Hook,
    state: State,
    expires_at: Time,
    details: Option<Value>,
}

/// What a stage's hooks say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There are none, or all are done.
    Passed,
    /// At least one is not done; time alone changes that at `until`. A pause may take longer
    /// than a stage may.
    Open {
        until: Time,
        pauses: bool,
    },
    Failed(String),
}

impl HookRun {
    /// A run that begins now. A function is to be called at once.
    pub(super) fn new(now: Time, hook: Hook, digits: &str) -> Self {
        let (prefix, state) = match hook.target_type {
            TargetType::AwsLambda => ("ecs-hook", State::Waits { call_at: now }),
            TargetType::Pause => ("ecs-pause", State::AwaitingAction),
        };
        let minutes = u64::from(hook.timeout_configuration.minutes());
        Self {
            id: format!("{prefix}-{digits}"),
            state,
            expires_at: now + Duration::from_secs(minutes * 60),
            details: hook.hook_details.clone(),
            hook,
        }
    }

    /// The function to call now, if any; from then on its answer is waited for.
    pub(super) fn call(&mut self, now: Time) -> Option<String> {
        match self.state {
            State::Waits { call_at } if call_at <= now => {
                self.state = State::Called {
                    answers_by: now + ANSWERS_WITHIN,
                };
                self.hook.hook_target_arn.clone()
            }
            _ => None,
        }
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, now: Time) {
        match self.state {
            State::AwaitingAction | State::Called { .. } | State::Waits { .. }
                if self.expires_at <= now =>
            {
                self.state = State::TimedOut;
            }
            State::Called { answers_by } if answers_by <= now => {
                self.fail("The function did not answer within 15 minutes.");
            }
            _ => {}
        }
    }

    fn fail(&mut self, why: impl Into<String>) {
        self.state = State::Failed { why: why.into() };
    }

    /// Nobody waits for it any more: the deployment went another way.
    pub(in crate::world::ecs) fn abandon(&mut self) {
        if matches!(self.verdict(), Verdict::Open { .. }) {
            self.fail("The deployment was stopped.");
        }
    }

    /// Takes the function's answer; one that nobody waits for is dropped.
    pub(super) fn answered(&mut self, now: Time, answer: Result<Value, String>) {
        if !matches!(self.state, State::Called { .. }) {
            return;
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return self.fail(error),
        };
        match answer.get("hookStatus").and_then(Value::as_str) {
            Some("SUCCEEDED") => self.state = State::Succeeded,
            Some("FAILED") => self.fail("The function returned FAILED."),
            Some("IN_PROGRESS") => {
                self.merge_details(&answer);
                let seconds = answer.get("callBackDelay").and_then(Value::as_u64);
                let delay = seconds.map_or(CALLED_BACK_AFTER, Duration::from_secs);
                self.state = State::Waits {
                    call_at: now + delay.max(Duration::from_secs(1)),
                };
            }
            _ => self.fail("The function returned no valid hookStatus."),
        }
    }

    /// What a function returns in `hookDetails` is passed to its next call.
    fn merge_details(&mut self, answer: &Value) {
        let Some(new) = answer.get("hookDetails").and_then(Value::as_object) else {
            return;
        };
        let mut merged = match self.details.take() {
            Some(Value::Object(old)) => old,
            _ => Map::new(),
        };
        merged.extend(new.clone());
        self.details = Some(merged.into());
    }

    /// Ends a pause; false when there is none to end.
    pub(super) fn resolve(&mut self, action: Action) -> bool {
        if self.state != State::AwaitingAction {
            return false;
        }
        match action {
            Action::Continue => self.state = State::Succeeded,
            Action::Rollback => self.fail("A rollback was requested by ContinueServiceDeployment."),
        }
        true
    }

    /// Which function a call of this hook gets, as `details` stand now.
    pub(super) fn details(&self) -> Option<&Value> {
        self.details.as_ref()
    }

    fn verdict(&self) -> Verdict {
        match &self.state {
            State::Succeeded => Verdict::Passed,
            State::Failed { why } => Verdict::Failed(why.clone()),
            State::TimedOut if self.hook.timeout_configuration.action == Action::Continue => {
                Verdict::Passed
            }
            State::TimedOut => Verdict::Failed("The lifecycle hook timed out.".into()),
            State::AwaitingAction => Verdict::Open {
                until: self.expires_at,
                pauses: true,
            },
            State::Called { answers_by: then } | State::Waits { call_at: then } => Verdict::Open {
                until: (*then).min(self.expires_at),
                pauses: false,
            },
        }
    }

    /// As DescribeServiceDeployments shows it in `lifecycleHookDetails`.
    pub(in crate::world::ecs) fn describe(&self) -> Value {
        let mut shown = json!({
            "hookId": self.id,
            "targetType": match self.hook.target_type {
                TargetType::AwsLambda => "AWS_LAMBDA",
                TargetType::Pause => "PAUSE",
            },
            "status": match self.state {
                State::AwaitingAction => "AWAITING_ACTION",
                State::Called { .. } | State::Waits { .. } => "IN_PROGRESS",
                State::Succeeded => "SUCCEEDED",
                State::Failed { .. } => "FAILED",
                State::TimedOut => "TIMED_OUT",
            },
            "expiresAt": self.expires_at.epoch_seconds(),
            "timeoutAction": match self.hook.timeout_configuration.action {
                Action::Rollback => "ROLLBACK",
                Action::Continue => "CONTINUE",
            },
        });
        if let Some(arn) = &self.hook.hook_target_arn {
            shown["targetArn"] = json!(arn);
        }
        shown
    }
}

/// What hooks that run side by side say together.
pub(super) fn verdict(hooks: &[HookRun]) -> Verdict {
    let mut all = Verdict::Passed;
    for hook in hooks {
        all = match (all, hook.verdict()) {
            (failed @ Verdict::Failed(_), _) | (_, failed @ Verdict::Failed(_)) => failed,
            (Verdict::Passed, other) | (other, Verdict::Passed) => other,
            (
                Verdict::Open { until, pauses },
                Verdict::Open {
                    until: other,
                    pauses: also,
                },
            ) => Verdict::Open {
                until: until.min(other),
                pauses: pauses || also,
            },
        };
    }
    all
}
