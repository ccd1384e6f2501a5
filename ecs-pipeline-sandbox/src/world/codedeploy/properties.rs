//! Whatever happens to deployments, and in whatever order: no request goes where nobody is
//! healthy, everything ends, and the next deployment succeeds.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use ecs_pipeline_artifacts::app_spec::{AppSpec, HookEvent};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::world::ecs::script::{Fate, Manner};

/// Something that happens.
#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Deploy(Option<HookEvent>),
    Stop(Option<bool>),
    Continue(&'static str),
    /// The last function that was called says how it ended.
    Verdict(&'static str),
    Scale(u32),
    Alarm(&'static str),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_u64..400).prop_map(Act::Pass),
        3 => prop::option::of(prop::sample::select(&HookEvent::ALL[..])).prop_map(Act::Deploy),
        1 => prop::option::of(any::<bool>()).prop_map(Act::Stop),
        1 => prop::sample::select(&["READY_WAIT", "TERMINATION_WAIT"][..]).prop_map(Act::Continue),
        2 => prop::sample::select(&["Succeeded", "Failed"][..]).prop_map(Act::Verdict),
        1 => (1_u32..4).prop_map(Act::Scale),
        1 => prop::sample::select(&["ALARM", "OK"][..]).prop_map(Act::Alarm),
    ]
}

/// How later revisions behave. None of them gets sick once it was healthy: that would not be the
/// deployment's doing.
fn manner() -> impl Strategy<Value = Manner> {
    let fates = [Fate::Fine, Fate::Fine, Fate::SickAfter(0), Fate::CannotPull];
    (1_u64..90, prop::sample::select(fates.to_vec())).prop_map(|(slow, fate)| Manner { slow, fate })
}

fn group() -> impl Strategy<Value = Value> {
    let config = prop::sample::select(
        &[
            "AllAtOnce",
            "Canary10Percent5Minutes",
            "Linear10PercentEvery1Minutes",
        ][..],
    );
    let ready = prop::sample::select(&["CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT"][..]);
    let action = prop::sample::select(&["TERMINATE", "KEEP_ALIVE"][..]);
    (config, ready, action, any::<bool>()).prop_map(|(config, ready, action, enabled)| {
        json!({
            "deploymentConfigName": format!("CodeDeployDefault.ECS{config}"),
            "alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
            "autoRollbackConfiguration": {"enabled": enabled, "events": [
                "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]},
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": action, "terminationWaitTimeInMinutes": 3},
                "deploymentReadyOption": {"actionOnTimeout": ready, "waitTimeInMinutes": 5},
            },
        })
    })
}

/// Requests that come too late or too early are refused; that is not what is looked at here.
fn happen(stage: &mut Stage, act: &Act) {
    let listed = stage.ok("ListDeployments", json!({}));
    let id = listed["deployments"][0].clone();
    let asked = match act {
        Act::Pass(seconds) => return stage.play.pass(*seconds),
        Act::Scale(count) => {
            stage.play.update(json!({"desiredCount": count}));
            return;
        }
        Act::Alarm(state) => return stage.play.alarm("errors", state),
        Act::Deploy(hook) => {
            let mut spec = AppSpec::new(stage.play.register(), "app", 80);
            if let Some(event) = hook {
                spec = spec.with_hook(*event, "f");
            }
            stage.ask("CreateDeployment", creation(&spec))
        }
        Act::Stop(back) => stage.ask(
            "StopDeployment",
            json!({"deploymentId": id, "autoRollbackEnabled": back}),
        ),
        Act::Continue(wait) => stage.ask(
            "ContinueDeployment",
            json!({"deploymentId": id, "deploymentWaitType": wait}),
        ),
        Act::Verdict(status) => {
            let Some(call) = stage.play.invoked.last().cloned() else {
                return;
            };
            let input = json!({
                "deploymentId": call.payload["DeploymentId"],
                "lifecycleEventHookExecutionId": call.payload["LifecycleEventHookExecutionId"],
                "status": status,
            });
            stage.ask("PutLifecycleEventHookExecutionStatus", input)
        }
    };
    drop(asked);
}

fn creation(spec: &AppSpec) -> Value {
    json!({
        "applicationName": "a", "deploymentGroupName": "g",
        "revision": {"revisionType": "String", "string": {"content": spec.to_json_string()}},
    })
}

fn active(stage: &mut Stage) -> usize {
    let input = json!({"includeOnlyStatuses": ["Created", "InProgress", "Ready"]});
    let listed = stage.ok("ListDeployments", input);
    listed["deployments"].as_array().unwrap().len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_request_fails_and_everything_ends(
        manner in manner(),
        group in group(),
        acts in prop::collection::vec(act(), 1..16),
    ) {
        let mut stage = Stage::new(manner, group);
        for act in &acts {
            happen(&mut stage, act);
            prop_assert!(active(&mut stage) <= 1, "after {act:?}");
            let (blue, green) = stage.weights();
            // Before the first deployment the listener has the weight that its client gave it.
            prop_assert!(matches!(blue + green, 1 | 100));
        }
        // The longest wait: a function that says nothing, after an installation that took long.
        stage.play.pass(3 * 60 * 60);
        prop_assert_eq!(active(&mut stage), 0);

        stage.play.alarm("errors", "OK");
        let created = stage.ok("CreateDeployment", creation(&AppSpec::new("web:1", "app", 80)));
        let id = created["deploymentId"].as_str().unwrap().to_owned();
        stage.play.pass(4 * 60);
        let go = json!({"deploymentId": id, "deploymentWaitType": "READY_WAIT"});
        drop(stage.ask("ContinueDeployment", go));
        stage.until(&id, 60 * 60, "Succeeded");
        let sets = stage.sets();
        prop_assert!(sets[0].starts_with("PRIMARY web:1 "), "{sets:?}");
        let (blue, green) = stage.weights();
        prop_assert!(blue == 100 || green == 100);
    }
}
