//! Hours of blue/green deployments in milliseconds: the real SDK, deployer and engine against the
//! sandbox's CodeDeploy, all on tokio's paused clock.

mod stage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_core::aws::cloudwatch::AlarmGate;
use ecs_pipeline_core::aws::codedeploy::{CodeDeploySettings, WhenBusy};
use ecs_pipeline_core::contract::{self, DeployerWorld};
use ecs_pipeline_core::engine::{Gate, Run, Settings};
use ecs_pipeline_core::event::Events;
use ecs_pipeline_core::model::{Change, DeploymentState, End, ServiceRef};
use ecs_pipeline_core::provider::Deployer;
use ecs_pipeline_sandbox::faults::ApiFault;
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_sandbox::world::{ProbeOutcome, Service as Aws};
use ecs_pipeline_tests::{aws_of, create_bucket, published};
use serde_json::{Value, json};

use stage::{Stage, change, told};

fn defaults() -> CodeDeploySettings {
    CodeDeploySettings::default()
}

/// Revisions after the first never answer health checks as they should.
fn sick() -> Script {
    Script::by(|task| match task.task_definition.as_str() {
        "web:1" => Plan::healthy(),
        _ => Plan::healthy().answering(Duration::ZERO, ProbeOutcome::Status(500)),
    })
}

fn ready_wait() -> Value {
    json!({"blueGreenDeploymentConfiguration": {
        "terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
    }})
}

#[tokio::test(start_paused = true)]
async fn a_good_revision_takes_blues_place() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let (report, events) = stage.deploy(defaults(), "2", &[]).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(stage.sets(), ["PRIMARY web:2"]);
    assert_eq!(stage.share(), 100);
    let told = told(&events);
    assert!(told.contains(&"AllowTraffic Succeeded"), "{told:?}");
    let unique: BTreeSet<_> = told.iter().collect();
    assert_eq!(unique.len(), told.len(), "each is told once: {told:?}");

    let (again, _) = stage.deploy(defaults(), "2", &[]).await;
    assert_eq!(again.end, End::Succeeded, "{}", again.summary);
    assert_eq!(stage.deployments().len(), 1, "it is not deployed twice");
}

#[tokio::test(start_paused = true)]
async fn a_revision_that_is_never_healthy_is_rolled_back_and_explained() {
    let stage = Stage::new(sick(), json!({})).await;
    let (report, _) = stage.deploy(defaults(), "2", &[]).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert_eq!(stage.sets(), ["PRIMARY web:1"]);
    assert_eq!(stage.share(), 0);
    let diagnosis = report.diagnosis.unwrap();
    let all = diagnosis.evidence.join("\n");
    assert!(all.contains("TIMEOUT"), "{diagnosis:#?}");
    assert!(diagnosis.cause.contains("health check"), "{diagnosis:#?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_rollback_of_codedeploys_own_it_is_rolled_back_all_the_same() {
    let stage = Stage::new(
        sick(),
        json!({"autoRollbackConfiguration": {"enabled": false}}),
    )
    .await;
    let (report, _) = stage.deploy(defaults(), "2", &[]).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert!(
        report.summary.contains("no traffic had moved"),
        "{}",
        report.summary
    );
    assert_eq!(stage.share(), 0);
    assert_eq!(stage.sets()[0], "PRIMARY web:1");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_half_way_stops_the_shift() {
    let linear = "CodeDeployDefault.ECSLinear10PercentEvery3Minutes";
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let deployer = stage
        .deployer(defaults().with_deployment_config(linear))
        .await;
    let plan = deployer.plan(&change("2")).await.unwrap();
    let release = deployer.register(&plan).await.unwrap();
    let deployment = deployer.start(&plan, &release).await.unwrap();
    let mut shares = BTreeSet::new();
    while stage.share() < 40 {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let seen = deployer.observe(&deployment).await.unwrap();
        assert_eq!(seen.state, DeploymentState::InProgress);
        if let Some(traffic) = seen.traffic {
            assert_eq!(traffic.production, stage.share() as f64);
            shares.insert(stage.share());
        }
    }
    assert_eq!(shares.into_iter().collect::<Vec<_>>(), [10, 20, 30, 40]);
    let run = Run::new(Settings::default(), Events::discard(), stage.cancel.clone());
    let report = run.roll_back(&deployer, &deployment).await;
    assert_eq!(report.exit_code, 0, "{}", report.summary);
    assert_eq!(stage.share(), 0);
    assert_eq!(stage.sets(), ["PRIMARY web:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_linear_shift_goes_through_every_step() {
    let linear = "CodeDeployDefault.ECSLinear10PercentEvery3Minutes";
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let settings = defaults().with_deployment_config(linear);
    let deployer = stage.deployer(settings.clone()).await;
    let watch = async {
        let mut shares = BTreeSet::new();
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            let current = deployer.current(&change("2").service).await.unwrap();
            let seen = deployer.observe(&current).await.unwrap();
            shares.extend(seen.traffic.map(|traffic| traffic.production as u64));
            if stage.share() == 100 {
                return shares;
            }
        }
    };
    let ((report, _), shares) = tokio::join!(stage.deploy(settings, "2", &[]), watch);
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    let steps: Vec<u64> = (0..=10).map(|step| step * 10).collect();
    let shares: Vec<u64> = shares.into_iter().filter(|share| *share > 0).collect();
    assert_eq!(shares, steps[1..], "every step was seen");
}

#[tokio::test(start_paused = true)]
async fn traffic_waits_for_a_word_and_blue_goes_at_another() {
    let stage = Stage::new(Script::healthy(), ready_wait()).await;
    let other = stage.deployer(defaults()).await;
    let service = change("2").service;
    let person = async {
        tokio::time::sleep(Duration::from_secs(600)).await;
        let current = other.current(&service).await.unwrap();
        let seen = other.observe(&current).await.unwrap();
        let held = seen.stage.unwrap().held;
        assert_eq!(held.as_deref(), Some("the traffic waits to be moved"));
        assert_eq!(stage.share(), 0);
        other.proceed(&current).await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(stage.share(), 100);
        assert_eq!(stage.sets(), ["PRIMARY web:2", "ACTIVE web:1"]);
        other.proceed(&current).await.unwrap();
    };
    let began = tokio::time::Instant::now();
    let ((report, events), ()) = tokio::join!(stage.deploy(defaults(), "2", &[]), person);
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert!(
        began.elapsed() < Duration::from_secs(15 * 60),
        "nobody waited an hour"
    );
    let kept = "all traffic has moved; the old version is kept for a while";
    assert!(told(&events).contains(&kept), "{:?}", told(&events));
}

/// Starts a deployment of another revision, as somebody else would.
async fn somebody_deploys(stage: &Stage, marker: &str) -> String {
    let deployer = stage.deployer(defaults()).await;
    let plan = deployer.plan(&change(marker)).await.unwrap();
    let release = deployer.register(&plan).await.unwrap();
    let started = deployer.start(&plan, &release).await.unwrap();
    started.id.as_str().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_busy_group_is_refused_waited_for_or_freed() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let theirs = somebody_deploys(&stage, "2").await;
    let (refused, _) = stage.deploy(defaults(), "3", &[]).await;
    assert_eq!(refused.end, End::Refused, "{}", refused.summary);
    assert!(refused.summary.contains(&theirs), "{}", refused.summary);

    let (waited, _) = stage
        .deploy(defaults().when_busy(WhenBusy::Wait), "3", &[])
        .await;
    assert_eq!(waited.end, End::Succeeded, "{}", waited.summary);
    assert_eq!(stage.sets(), ["PRIMARY web:3"]);

    let stage = Stage::new(Script::healthy(), json!({})).await;
    let theirs = somebody_deploys(&stage, "2").await;
    let (freed, _) = stage
        .deploy(defaults().when_busy(WhenBusy::Supersede), "3", &[])
        .await;
    assert_eq!(freed.end, End::Succeeded, "{}", freed.summary);
    assert_eq!(stage.sets(), ["PRIMARY web:3"]);
    let info = stage.codedeploy("GetDeployment", json!({"deploymentId": theirs}));
    assert_eq!(info["deploymentInfo"]["status"], "Stopped");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_busy_group_can_be_stopped() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let theirs = somebody_deploys(&stage, "2").await;
    let stop = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        stage.cancel.cancel();
    };
    let waiting = stage.deploy(defaults().when_busy(WhenBusy::Wait), "3", &[]);
    let ((report, _), ()) = tokio::join!(waiting, stop);
    assert_eq!(report.end, End::Failed, "{}", report.summary);
    let told = format!("while {theirs} was waited for");
    assert!(report.summary.contains(&told), "{}", report.summary);
    assert_eq!(stage.deployments(), [theirs]);
}

#[tokio::test(start_paused = true)]
async fn a_killed_run_is_taken_up() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let theirs = somebody_deploys(&stage, "2").await;
    let (report, _) = stage.deploy(defaults(), "2", &[]).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(stage.deployments(), [theirs]);
}

fn put_alarm(stage: &Stage, name: &str, state: &str) {
    let calls = [
        (
            "PutMetricAlarm",
            json!({
                "AlarmName": name, "MetricName": "m", "Namespace": "n", "Period": 60,
                "EvaluationPeriods": 1, "Threshold": 1.0, "Statistic": "Sum",
                "ComparisonOperator": "GreaterThanThreshold",
            }),
        ),
        (
            "SetAlarmState",
            json!({"AlarmName": name, "StateValue": state, "StateReason": "too many errors"}),
        ),
    ];
    for (operation, input) in calls {
        stage
            .sandbox
            .call(Aws::CloudWatch, operation, input)
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_alarm_fails_the_gate_and_the_former_revision_comes_back() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let aws = aws_of(&stage.sandbox).await;
    put_alarm(&stage, "5xx", "OK");
    let gate = || Gate::new(Arc::new(AlarmGate::new(&aws, ["5xx"]).unwrap()));
    let (good, _) = stage.deploy(defaults(), "2", &[gate()]).await;
    assert_eq!(good.end, End::Succeeded, "{}", good.summary);

    put_alarm(&stage, "5xx", "ALARM");
    let (bad, _) = stage.deploy(defaults(), "3", &[gate()]).await;
    assert_eq!(bad.end, End::RolledBack, "{}", bad.summary);
    assert!(
        bad.summary.contains("5xx is in ALARM: too many errors"),
        "{}",
        bad.summary
    );
    assert_eq!(
        stage.sets(),
        ["PRIMARY web:2"],
        "by a deployment of its own"
    );
    let current = stage.deployer(defaults()).await;
    let current = current.current(&change("2").service).await.unwrap();
    assert_eq!(current.task_definition.short(), "web:2");
    assert_ne!(
        current.last_good.as_ref().map(|good| good.short()),
        Some("web:3"),
        "web:3 was gone back from"
    );

    let missing = Gate::new(Arc::new(AlarmGate::new(&aws, ["no-such"]).unwrap()));
    let (lost, _) = stage.deploy(defaults(), "4", &[missing]).await;
    assert!(lost.summary.contains("no-such"), "{}", lost.summary);
}

#[tokio::test(start_paused = true)]
async fn a_revision_may_lie_in_s3() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let settings = defaults().with_revision_in_s3("artifacts", "web/");
    let (lost, _) = stage.deploy(settings.clone(), "2", &[]).await;
    assert!(
        lost.summary.contains("s3://artifacts/web/"),
        "{}",
        lost.summary
    );
    assert_eq!(stage.deployments(), Vec::<String>::new());

    create_bucket(&stage.sandbox, "artifacts").await;
    let (report, _) = stage.deploy(settings.clone(), "2", &[]).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(stage.sets(), ["PRIMARY web:2"]);
    let (back, _) = stage.deploy(settings, "3", &[]).await;
    assert_eq!(back.end, End::Succeeded, "{}", back.summary);
    let deployer = stage.deployer(defaults()).await;
    let current = deployer.current(&change("3").service).await.unwrap();
    let good = current.last_good.unwrap();
    assert_eq!(good.short(), "web:2", "read from its object");
}

/// As [`change`], with an image that [`contract_script`] knows.
fn contract_change(image: &str) -> Change {
    change(image).with_image("web", published(&format!("web:{image}")))
}

fn contract_script() -> Script {
    Script::by(|task| match task.containers[0].image.as_str() {
        "web:bad" => Plan::healthy().answering(Duration::ZERO, ProbeOutcome::Status(500)),
        _ => Plan::healthy().starting_in(Duration::from_secs(5)),
    })
}

/// The suite with a deployer that does this with a deployment in its way.
async fn keeps_the_contract(when_busy: WhenBusy) {
    let stages = std::sync::Mutex::new(Vec::new());
    contract::deployer(|| async {
        let stage = Stage::new(contract_script(), json!({})).await;
        let deployer = stage.deployer(defaults().when_busy(when_busy)).await;
        // It has to outlive its case.
        stages.lock().unwrap().push(stage);
        DeployerWorld {
            deployer: Arc::new(deployer),
            service: ServiceRef::new("demo", "web"),
            good: contract_change("2"),
            newer: contract_change("3"),
            unhealthy: Some(contract_change("bad")),
            interval: Duration::from_secs(15),
            looks: 400,
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_deployer_that_waits_keeps_the_contract() {
    keeps_the_contract(WhenBusy::Wait).await;
}

#[tokio::test(start_paused = true)]
async fn the_deployer_that_supersedes_keeps_the_contract() {
    keeps_the_contract(WhenBusy::Supersede).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_starts_nothing_twice() {
    let stage = Stage::new(Script::healthy(), json!({})).await;
    let faults = stage.sandbox.faults();
    faults.fail_api("CreateDeployment", ApiFault::DropAfter, 1);
    let (report, _) = stage.deploy(defaults(), "2", &[]).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(stage.deployments().len(), 1);

    faults.fail_api("CreateDeployment", ApiFault::DropBefore, 1);
    faults.fail_api("GetDeployment", ApiFault::HtmlError, 3);
    let (report, _) = stage.deploy(defaults(), "3", &[]).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(stage.deployments().len(), 2);
}
