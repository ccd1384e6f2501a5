//! Running a deployment's lifecycle hooks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{invalid, read};
use super::super::service::Service;
use super::super::service_deployment::State;
use super::super::{ApiError, Ecs, Outside, Time};
use super::begin::whereabouts;
use super::hook::{Action, HookRun};
use super::stage::Stage;
use super::{Run, Shares};
use crate::world::{Effect, Invocation};

impl Run {
    /// Starts the hooks of the stage that was just entered.
    pub(super) fn start_hooks(&mut self, out: &mut Outside<'_>, service: &mut Service) {
        self.close_hooks(service);
        let Some(record) = service.record(&self.service_deployment) else {
            return;
        };
        let stage = self.at.stage;
        for hook in self.hooks.iter().filter(|hook| hook.runs_in(stage)) {
            let run = HookRun::new(out.now, hook.clone(), &out.ids.hex32());
            record.hooks.push(run);
        }
    }

    /// What the hooks so far say does not matter any more.
    pub(super) fn close_hooks(&mut self, service: &mut Service) {
        let record = service.record(&self.service_deployment);
        self.open_hooks = record.map_or(0, |record| record.hooks.len());
    }

    /// Lets time pass for the hooks of this stage, and calls the functions that are due.
    pub(super) fn advance_hooks(&mut self, out: &mut Outside<'_>, service: &mut Service) {
        let context = self.context(service);
        let Some(record) = service.record(&self.service_deployment) else {
            return;
        };
        for hook in record.hooks.iter_mut().skip(self.open_hooks) {
            hook.advance(out.now);
            if let Some(function) = hook.call(out.now) {
                out.effects.push(Effect::Invoke(Invocation {
                    id: hook.id.clone(),
                    function,
                    payload: payload(&context, hook),
                }));
            }
        }
    }

    /// The members of a function's event that all hooks of a stage share.
    fn context(&self, service: &Service) -> Value {
        let revision = |id: &str| whereabouts(service, id).map(|(revision, _)| revision);
        let source = self.source.as_deref().and_then(revision);
        let Some(target) = revision(&self.target) else {
            return json!({});
        };
        let (mut production, mut test) = (json!({}), json!({}));
        let weights = |share| Shares::by_revision(share, &target, source.as_deref());
        match self.at.stage {
            Stage::ProductionTrafficShift => production = weights(self.at.production),
            Stage::TestTrafficShift => test = weights(self.at.test),
            _ => {}
        }
        json!({
            "lifecycleStage": self.at.stage.name(),
            "resourceArn": self.service_deployment,
            "executionDetails": {
                "serviceArn": service.arn,
                "targetServiceRevisionArn": target.arn,
                "testTrafficWeights": test,
                "productionTrafficWeights": production,
            },
        })
    }
}

fn payload(context: &Value, hook: &HookRun) -> Value {
    let mut payload = context.clone();
    payload["executionId"] = json!(hook.id);
    if let Some(details) = hook.details() {
        payload["hookDetails"] = details.clone();
    }
    payload
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContinueInput {
    service_deployment_arn: String,
    hook_id: String,
    #[serde(default = "continues")]
    action: Action,
}

fn continues() -> Action {
    Action::Continue
}

impl Ecs {
    /// Hands a function's answer to the hook that called it.
    pub(in crate::world) fn hook_answered(
        &mut self,
        now: Time,
        id: &str,
        answer: Result<Value, String>,
    ) {
        let records = self.services.values_mut().flat_map(|s| &mut s.history);
        let mut hooks = records.flat_map(|record| &mut record.hooks);
        if let Some(hook) = hooks.find(|hook| hook.id == id) {
            hook.answered(now, answer);
        }
    }

    pub(in crate::world::ecs) fn continue_service_deployment(
        &mut self,
        input: Value,
    ) -> Result<Value, ApiError> {
        let input: ContinueInput = read(&input)?;
        let arn = input.service_deployment_arn;
        let records = self.services.values_mut().flat_map(|s| &mut s.history);
        let mut named = records.filter(|record| record.arn == arn);
        let record = named.next().ok_or_else(|| {
            ApiError::client(
                "ServiceDeploymentNotFoundException",
                "Service deployment not found.",
            )
        })?;
        if record.state != State::InProgress {
            return Err(invalid(format!(
                "The service deployment cannot be continued because its status is {}.",
                record.state.name()
            )));
        }
        let hook = record
            .hooks
            .iter_mut()
            .find(|hook| hook.id == input.hook_id);
        let hook = hook.ok_or_else(|| invalid("The lifecycle hook was not found."))?;
        match hook.resolve(input.action) {
            true => Ok(json!({ "serviceDeploymentArn": arn })),
            false => Err(invalid(
                "The lifecycle hook is not in the AWAITING_ACTION status.",
            )),
        }
    }
}
