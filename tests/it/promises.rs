//! What a deployment's end means, promise by promise: the real SDK, deployer and engine against the
//! scripted sandbox, all on tokio's paused clock.

use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_core::engine::{Gate, OnTimeout, Report, Settings};
use ecs_pipeline_core::event::{Event, EventKind};
use ecs_pipeline_core::exit;
use ecs_pipeline_core::memory::MemoryGate;
use ecs_pipeline_core::model::End;
use ecs_pipeline_core::provider::GateReading;
use ecs_pipeline_sandbox::faults::ApiFault;
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_sandbox::world::ProbeOutcome;
use ecs_pipeline_tests::{Scripted, Wanted, change_to, definition, say};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Tasks need 20 s to start; those of image `web:sick` never pass a health check.
fn slow() -> Script {
    Script::by(|task| {
        let plan = Plan::healthy().starting_in(Duration::from_secs(20));
        match task.containers[0].image.as_str() {
            "web:sick" => plan.answering(Duration::ZERO, ProbeOutcome::Status(503)),
            _ => plan,
        }
    })
}

async fn deploy(scripted: &Scripted, marker: &str) -> (Report, Vec<Event>) {
    let change = change_to(definition(marker));
    scripted.deploy(&change, Settings::default(), &[]).await
}

/// Deploys, and lets `meanwhile` happen after so many seconds.
async fn deploy_while(
    scripted: &Scripted,
    marker: &str,
    seconds: u64,
    meanwhile: impl FnOnce(&Scripted),
) -> Report {
    let happening = async {
        sleep(Duration::from_secs(seconds)).await;
        meanwhile(scripted);
    };
    let ((report, _), ()) = tokio::join!(deploy(scripted, marker), happening);
    report
}

fn impatient() -> Settings {
    let mut settings = Settings::default();
    settings.limit = Duration::from_secs(300);
    settings.on_timeout = OnTimeout::Rollback;
    settings
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_deployment_supersedes_ours_and_is_left_alone() {
    let scripted = Wanted::tasks(3, slow()).start().await;
    let somebody = |scripted: &Scripted| scripted.somebody_deploys(definition("theirs"));
    let report = deploy_while(&scripted, "ours", 10, somebody).await;
    assert_eq!(report.end, End::Superseded, "{}", report.summary);
    assert_eq!(report.exit_code, exit::SUPERSEDED);
    assert!(report.summary.contains("(web:3)"), "{}", report.summary);
    assert_eq!(scripted.revision(), "web:3");
    sleep(Duration::from_secs(600)).await;
    assert_eq!(scripted.revision(), "web:3");
    assert_eq!(scripted.calls("UpdateService"), 1);
    assert_eq!(scripted.calls("StopServiceDeployment"), 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_circuit_breaker_the_tool_stops_and_rolls_back() {
    let scripted = Wanted::tasks(2, slow())
        .without_breaker()
        .draining(30)
        .start()
        .await;
    let change = change_to(definition("sick"));
    let (report, _) = scripted.deploy(&change, impatient(), &[]).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert_eq!(report.exit_code, exit::ROLLED_BACK);
    assert!(report.diagnosis.is_some());
    assert_eq!(scripted.revision(), "web:1");
    assert_eq!(scripted.history()[0], "ROLLBACK_SUCCESSFUL");
    assert_eq!(scripted.calls("StopServiceDeployment"), 1);
    assert_eq!(scripted.calls("UpdateService"), 1, "ECS itself goes back");
    assert_eq!(scripted.service()["runningCount"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stopped_is_replaced_by_the_former_revision() {
    let scripted = Wanted::tasks(2, slow())
        .without_breaker()
        .draining(30)
        .start()
        .await;
    let refused = ApiFault::Refuse {
        code: "AccessDeniedException".to_owned(),
        message: "not authorized to perform: ecs:StopServiceDeployment".to_owned(),
    };
    scripted
        .sandbox
        .faults()
        .fail_api("StopServiceDeployment", refused, 9);
    let change = change_to(definition("sick"));
    let (report, _) = scripted.deploy(&change, impatient(), &[]).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert_eq!(scripted.revision(), "web:1");
    assert_eq!(scripted.calls("UpdateService"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_whose_time_is_up_is_left_going_on() {
    let scripted = Wanted::tasks(2, slow())
        .without_breaker()
        .draining(30)
        .start()
        .await;
    let mut settings = impatient();
    settings.on_timeout = OnTimeout::Detach;
    let began = Instant::now();
    let change = change_to(definition("sick"));
    let (report, _) = scripted.deploy(&change, settings, &[]).await;
    assert_eq!(report.end, End::StillRunning, "{}", report.summary);
    assert!(
        began.elapsed() < Duration::from_secs(305),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(scripted.revision(), "web:2");
    assert_eq!(scripted.history()[0], "IN_PROGRESS");
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_fails_brings_the_former_revision_back() {
    let scripted = Wanted::tasks(2, slow()).draining(30).start().await;
    let readings = [GateReading::failing("the page says 500")];
    let gate = Gate::new(Arc::new(MemoryGate::new("page", readings)));
    let change = change_to(definition("2"));
    let (report, _) = scripted.deploy(&change, Settings::default(), &[gate]).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert!(
        report.summary.contains("the page says 500"),
        "{}",
        report.summary
    );
    assert_eq!(scripted.revision(), "web:1");
    assert_eq!(scripted.history()[..2], ["SUCCESSFUL", "SUCCESSFUL"]);
    let service = scripted.service();
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(scripted.calls("UpdateService"), 2);
    assert_eq!(
        scripted.registered(),
        2,
        "the former revision is not registered anew"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_deleted_is_no_success() {
    let scripted = Wanted::tasks(2, slow()).start().await;
    let delete = |scripted: &Scripted| {
        let input = json!({"cluster": "demo", "service": "web", "force": true});
        scripted.ecs("DeleteService", input);
    };
    let report = deploy_while(&scripted, "2", 10, delete).await;
    assert_eq!(report.end, End::Stuck, "{}", report.summary);
    assert!(
        report.summary.contains("the service is "),
        "{}",
        report.summary
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_scaled_meanwhile_still_succeeds() {
    for tasks in [1, 6] {
        let scripted = Wanted::tasks(3, slow()).draining(30).start().await;
        let scale = |scripted: &Scripted| {
            let input = json!({"cluster": "demo", "service": "web", "desiredCount": tasks});
            scripted.ecs("UpdateService", input);
        };
        let report = deploy_while(&scripted, "2", 10, scale).await;
        assert_eq!(report.end, End::Succeeded, "{tasks}: {}", report.summary);
        let service = scripted.service();
        assert_eq!(
            service["desiredCount"], tasks,
            "the tool does not set it back"
        );
        assert_eq!(service["runningCount"], tasks);
        assert_eq!(scripted.revision(), "web:2");
    }
}

/// A passing fault of a changing operation changes nothing twice, whether or not its answer was
/// lost, and is no failure.
#[tokio::test(start_paused = true)]
async fn nothing_is_registered_or_deployed_twice_for_a_fault() {
    for operation in ["RegisterTaskDefinition", "UpdateService"] {
        for fault in [
            ApiFault::Throttle,
            ApiFault::ServerError,
            ApiFault::HtmlError,
            ApiFault::DropBefore,
            ApiFault::DropAfter,
        ] {
            for times in [1, 2] {
                let scripted = Wanted::tasks(2, slow()).start().await;
                scripted
                    .sandbox
                    .faults()
                    .fail_api(operation, fault.clone(), times);
                let (report, _) = deploy(&scripted, "2").await;
                let case = format!("{operation} {fault:?} {times} times: {}", report.summary);
                assert_eq!(report.end, End::Succeeded, "{case}");
                assert_eq!(scripted.registered(), 2, "{case}");
                assert_eq!(scripted.history().len(), 2, "{case}");
            }
        }
    }
}

/// Forcing a deployment twice would deploy twice.
#[tokio::test(start_paused = true)]
async fn a_forced_deployment_is_not_forced_twice_for_a_fault() {
    for fault in [ApiFault::Throttle, ApiFault::HtmlError, ApiFault::DropAfter] {
        let scripted = Wanted::tasks(2, slow()).start().await;
        scripted
            .sandbox
            .faults()
            .fail_api("UpdateService", fault.clone(), 2);
        let mut change = change_to(definition("1"));
        change.force_new_deployment = true;
        let (report, _) = scripted.deploy(&change, Settings::default(), &[]).await;
        assert_eq!(report.end, End::Succeeded, "{fault:?}: {}", report.summary);
        assert_eq!(scripted.history().len(), 2, "{fault:?}");
        assert_eq!(scripted.registered(), 1, "{fault:?}");
    }
}

/// A fault that does not pass is told, and what it left is taken up by the next run.
#[tokio::test(start_paused = true)]
async fn what_a_lasting_fault_leaves_is_taken_up() {
    for operation in ["RegisterTaskDefinition", "UpdateService"] {
        for fault in [
            ApiFault::Throttle,
            ApiFault::HtmlError,
            ApiFault::DropBefore,
            ApiFault::DropAfter,
        ] {
            let scripted = Wanted::tasks(2, slow()).start().await;
            let faults = scripted.sandbox.faults();
            faults.fail_api(operation, fault.clone(), 100);
            let (report, _) = deploy(&scripted, "2").await;
            let case = format!("{operation} {fault:?}: {}", report.summary);
            while faults.take_api(operation).is_some() {}
            if fault == ApiFault::DropAfter {
                // It looks whether the request has taken effect all the same.
                assert_eq!(report.end, End::Succeeded, "{case}");
            } else {
                assert_ne!(report.end, End::Succeeded, "{case}");
                assert_eq!(scripted.revision(), "web:1", "{case}");
            }
            let (report, _) = deploy(&scripted, "2").await;
            assert_eq!(
                report.end,
                End::Succeeded,
                "{case}, then {}",
                report.summary
            );
            assert_eq!(scripted.registered(), 2, "{case}");
            assert_eq!(scripted.history().len(), 2, "{case}");
        }
    }
}

/// Looking may fail for a while, too.
#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_no_verdict() {
    for fault in [ApiFault::Throttle, ApiFault::HtmlError, ApiFault::DropAfter] {
        let scripted = Wanted::tasks(2, slow()).draining(30).start().await;
        let fail = |scripted: &Scripted| {
            scripted
                .sandbox
                .faults()
                .fail_api("DescribeServices", fault.clone(), 7);
        };
        let report = deploy_while(&scripted, "2", 5, fail).await;
        assert_eq!(report.end, End::Succeeded, "{fault:?}: {}", report.summary);
    }
}

#[tokio::test(start_paused = true)]
async fn a_killed_run_is_taken_up() {
    // Within the calls before the deployment, soon after its start, and while old tasks drain.
    for cut_off in [0, 5, 25, 60] {
        let scripted = Wanted::tasks(2, slow()).draining(60).start().await;
        let limit = Duration::from_secs(cut_off);
        let killed = tokio::time::timeout(limit, deploy(&scripted, "2")).await;
        assert!(killed.is_err(), "{cut_off} s");
        let left = scripted.service()["deployments"][0]["id"].take();
        let (report, events) = deploy(&scripted, "2").await;
        assert_eq!(
            report.end,
            End::Succeeded,
            "{cut_off} s: {}",
            report.summary
        );
        if scripted.calls("UpdateService") == 1 && cut_off > 0 {
            let resumed = events.iter().any(|event| {
                matches!(
                    event.event,
                    EventKind::DeploymentStarted { resumed: true, .. }
                )
            });
            assert!(resumed, "{cut_off} s: the deployment is taken up");
            assert_eq!(report.deployment.unwrap().id.as_str(), left, "{cut_off} s");
        }
        assert_eq!(scripted.calls("UpdateService"), 1, "{cut_off} s");
        assert_eq!(scripted.calls("RegisterTaskDefinition"), 1, "{cut_off} s");
        assert_eq!(scripted.registered(), 2, "{cut_off} s");
        assert_eq!(
            scripted.history(),
            ["SUCCESSFUL", "SUCCESSFUL"],
            "{cut_off} s"
        );
    }
}

/// A run that cannot read any more: the next one registers and deploys nothing twice.
#[tokio::test(start_paused = true)]
async fn a_run_that_loses_its_answers_for_good_is_taken_up() {
    for operation in [
        "DescribeServices",
        "DescribeTaskDefinition",
        "DescribeTargetGroupAttributes",
    ] {
        for fault in [ApiFault::HtmlError, ApiFault::DropAfter] {
            let scripted = Wanted::tasks(2, slow()).draining(30).start().await;
            let faults = scripted.sandbox.faults();
            faults.fail_api(operation, fault.clone(), 100);
            let (report, _) = deploy(&scripted, "2").await;
            let case = format!("{operation} {fault:?}: {}", report.summary);
            while faults.take_api(operation).is_some() {}
            let (again, _) = deploy(&scripted, "2").await;
            assert_eq!(again.end, End::Succeeded, "{case}, then {}", again.summary);
            assert_eq!(scripted.registered(), 2, "{case}");
            assert_eq!(scripted.history().len(), 2, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_that_no_sdk_knows_reaches_ecs() {
    let scripted = Wanted::tasks(2, slow()).start().await;
    let mut document = definition("2");
    document["novelty"] = json!({"of": ["next", "year"], "exact": 12345678901234567890_u64});
    document["containerDefinitions"][0]["newKnob"] = json!("on");
    // The way from a file: text, document, plan, request.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), document.to_string()).unwrap();
    let text = std::fs::read(file.path()).unwrap();
    let parsed: Value = serde_json::from_slice(&text).unwrap();
    let change = change_to(parsed);
    let (report, _) = scripted.deploy(&change, Settings::default(), &[]).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    let described = scripted.ecs("DescribeTaskDefinition", json!({"taskDefinition": "web:2"}));
    let registered = &described["taskDefinition"];
    assert_eq!(registered["novelty"], document["novelty"]);
    assert_eq!(registered["containerDefinitions"][0]["newKnob"], "on");
    // And it stays the same revision to the next run, and is kept when only an image changes.
    let (again, _) = scripted.deploy(&change, Settings::default(), &[]).await;
    assert_eq!(again.end, End::Succeeded, "{}", again.summary);
    assert_eq!(scripted.registered(), 2);
}

/// How many calls a rollout takes, and how long after its true end the run ends: both have a budget,
/// and virtual time makes them exact.
#[tokio::test(start_paused = true)]
async fn a_three_minute_rollout_takes_few_calls_and_ends_soon_after_its_end() {
    let mut lateness = Vec::new();
    let mut most_calls = 0;
    for start in [5, 14, 27, 40, 60] {
        let script = Script::by(move |_| Plan::healthy().starting_in(Duration::from_secs(start)));
        let scripted = Wanted::tasks(3, script).draining(120).start().await;
        let began = Instant::now();
        let change = change_to(definition("2"));
        let running = scripted.deploy(&change, Settings::default(), &[]);
        let ended = async {
            // A look of the test's own is no call.
            while scripted.service()["deployments"][0]["rolloutState"] != "COMPLETED"
                || scripted.revision() != "web:2"
            {
                sleep(Duration::from_millis(200)).await;
            }
            Instant::now()
        };
        let ((report, _), ended) = tokio::join!(running, ended);
        let late = ended.elapsed();
        assert_eq!(report.end, End::Succeeded, "{}", report.summary);
        let calls = scripted.sandbox.calls().total();
        say(format!(
            "rollout of {:.0} s: {calls} calls, {:.1} s late",
            (ended - began).as_secs_f64(),
            late.as_secs_f64()
        ));
        most_calls = most_calls.max(calls);
        lateness.push(late);
    }
    lateness.sort();
    let median = lateness[lateness.len() / 2];
    say(format!(
        "median lateness {:.1} s, at most {most_calls} calls",
        median.as_secs_f64()
    ));
    assert!(most_calls <= 20, "{most_calls} calls");
    assert!(median <= Duration::from_secs(2), "{median:?}");
}
