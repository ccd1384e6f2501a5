//! ECS's own strategies on tokio's paused clock: the real SDK, deployer and engine against the
//! sandbox. An hour of baking takes milliseconds.

use std::time::Duration;

use ecs_pipeline_core::ErrorKind;
use ecs_pipeline_core::aws::ecs::EcsTaskRunner;
use ecs_pipeline_core::contract::{self, DeployerWorld};
use ecs_pipeline_core::engine::{Report, Run, Settings};
use ecs_pipeline_core::event::{Event, EventKind, Events};
use ecs_pipeline_core::model::{
    Change, Deployment, DeploymentState, EcsStrategy, End, Observation, ServiceRef,
};
use ecs_pipeline_core::provider::{Deployer, Rollback, TaskRequest, TaskRunner, TaskState};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_sandbox::world::{ProbeOutcome, Service as Aws};
use ecs_pipeline_tests::{Scripted, aws_of, change_to, definition, published, say};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// A service behind two target groups, with a listener rule for production and one for test.
struct Scene {
    scripted: Scripted,
    blue: String,
    green: String,
    production: String,
    test: String,
}

impl Scene {
    /// The load balancer, and no service yet.
    async fn set(script: Script) -> Self {
        let sandbox = Sandbox::scripted(script).start().await.unwrap();
        let aws = aws_of(&sandbox).await;
        let scripted = Scripted { sandbox, aws };
        scripted.ecs("CreateCluster", json!({"clusterName": "demo"}));
        let balancer = json!({"Name": "web", "Subnets": ["subnet-1", "subnet-2"]});
        let balancer = elb(&scripted, "CreateLoadBalancer", balancer);
        let balancer = &balancer["LoadBalancers"][0]["LoadBalancerArn"];
        let (blue, green) = (group(&scripted, "blue"), group(&scripted, "green"));
        let production = rule(&scripted, balancer, 80, &blue);
        let test = rule(&scripted, balancer, 81, &blue);
        Self {
            scripted,
            blue,
            green,
            production,
            test,
        }
    }

    /// With the service, steady on `web:1`. Its lifecycle hooks come afterwards: the first
    /// deployment would be held by them too.
    async fn steady(configuration: Value, script: Script) -> Self {
        let scene = Self::set(script).await;
        scene
            .scripted
            .ecs("RegisterTaskDefinition", definition("1"));
        let mut service = scene.service_body();
        service["cluster"] = json!("demo");
        service["serviceName"] = json!("web");
        service["taskDefinition"] = json!("web:1");
        service["deploymentConfiguration"] =
            with(configuration.clone(), "lifecycleHooks", json!([]));
        scene.scripted.ecs("CreateService", service);
        sleep(Duration::from_secs(600)).await;
        let whole = json!({
            "cluster": "demo", "service": "web", "deploymentConfiguration": configuration,
        });
        scene.scripted.ecs("UpdateService", whole);
        assert_eq!(scene.scripted.history(), ["SUCCESSFUL"]);
        scene
    }

    fn service_body(&self) -> Value {
        json!({
            "desiredCount": 2, "launchType": "EC2",
            "loadBalancers": [{
                "targetGroupArn": self.blue, "containerName": "web", "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": self.green,
                    "productionListenerRule": self.production,
                    "testListenerRule": self.test,
                    "roleArn": "arn:aws:iam::123456789012:role/ecsInfrastructureRole",
                },
            }],
        })
    }

    async fn deploy(&self, change: &Change) -> (Report, Vec<Event>) {
        self.scripted.deploy(change, Settings::default(), &[]).await
    }

    /// How many of a hundred requests the production rule sends to the first target group, and
    /// how many to its alternate.
    fn weights(&self) -> (u64, u64) {
        let input = json!({"RuleArns": [self.production]});
        let rules = elb(&self.scripted, "DescribeRules", input);
        let action = &rules["Rules"][0]["Actions"][0];
        let groups = action["ForwardConfig"]["TargetGroups"].as_array().unwrap();
        let of = |arn: &str| {
            let found = groups.iter().find(|group| group["TargetGroupArn"] == arn);
            found.map_or(0, |group| group["Weight"].as_u64().unwrap())
        };
        (of(&self.blue), of(&self.green))
    }

    /// Starts a deployment that nobody follows yet.
    async fn start(&self, change: &Change) -> Deployment {
        let deployer = self.scripted.deployer();
        let plan = deployer.plan(change).await.unwrap();
        let release = deployer.register(&plan).await.unwrap();
        deployer.start(&plan, &release).await.unwrap()
    }

    /// Looks, with a deployer that knows nothing, every 5 seconds until `wanted` is seen.
    async fn until(
        &self,
        deployment: &Deployment,
        wanted: impl Fn(&Observation) -> bool,
    ) -> Observation {
        let deployer = self.scripted.deployer();
        for _ in 0..4000 {
            let seen = deployer.observe(deployment).await.unwrap();
            if wanted(&seen) {
                return seen;
            }
            sleep(Duration::from_secs(5)).await;
        }
        panic!("never seen: {:#?}", deployer.observe(deployment).await);
    }

    async fn until_stage(&self, deployment: &Deployment, name: &str) -> Observation {
        self.until(deployment, |seen| {
            seen.stage.as_ref().is_some_and(|stage| stage.name == name)
        })
        .await
    }
}

fn elb(scripted: &Scripted, operation: &str, input: Value) -> Value {
    let answer = scripted.sandbox.call(Aws::Elbv2, operation, input);
    answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
}

fn group(scripted: &Scripted, name: &str) -> String {
    let input = json!({
        "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
        "TargetType": "instance", "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
    });
    let made = elb(scripted, "CreateTargetGroup", input);
    text(&made["TargetGroups"][0]["TargetGroupArn"])
}

/// The rule of a new listener, which forwards to `group`.
fn rule(scripted: &Scripted, balancer: &Value, port: u16, group: &str) -> String {
    let input = json!({
        "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
    });
    let listener = elb(scripted, "CreateListener", input);
    let listener = &listener["Listeners"][0]["ListenerArn"];
    let rules = elb(scripted, "DescribeRules", json!({"ListenerArn": listener}));
    text(&rules["Rules"][0]["RuleArn"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn blue_green(bake: u32) -> Value {
    json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": bake})
}

fn canary(canary_bake: u32) -> Value {
    json!({
        "strategy": "CANARY", "bakeTimeInMinutes": 1,
        "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": canary_bake},
    })
}

fn with(mut configuration: Value, member: &str, value: Value) -> Value {
    configuration[member] = value;
    configuration
}

fn breaker(configuration: Value) -> Value {
    let breaker = json!({"enable": true, "rollback": true});
    with(configuration, "deploymentCircuitBreaker", breaker)
}

fn change() -> Change {
    change_to(definition("2"))
}

/// The stages, in the order in which they were told.
fn stages(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter_map(|event| match &event.event {
        EventKind::DeploymentProgress { stage, .. } => stage.clone(),
        _ => None,
    });
    let mut stages: Vec<String> = told.collect();
    stages.dedup();
    stages
}

/// The shares of production traffic, in the order in which they were told.
fn shares(events: &[Event]) -> Vec<f64> {
    let told = events.iter().filter_map(|event| match &event.event {
        EventKind::DeploymentProgress { traffic, .. } => {
            traffic.as_ref().map(|traffic| traffic.production)
        }
        _ => None,
    });
    let mut shares: Vec<f64> = told.collect();
    shares.dedup();
    shares
}

#[tokio::test(start_paused = true)]
async fn blue_green_is_followed_from_stage_to_stage() {
    let scene = Scene::steady(blue_green(30), Script::healthy()).await;
    let began = Instant::now();
    let (report, events) = scene.deploy(&change()).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    // Longer than the time limit of a quarter of an hour: it waits by design.
    assert!(began.elapsed() > Duration::from_secs(30 * 60));
    assert_eq!(scene.scripted.revision(), "web:2");
    assert_eq!(scene.weights(), (0, 100));
    let told = stages(&events);
    for stage in ["SCALE_UP", "BAKE_TIME", "CLEAN_UP"] {
        assert!(told.contains(&stage.to_owned()), "{stage}: {told:?}");
    }
    assert_eq!(shares(&events), [0.0, 100.0]);
    // The plan, perhaps one for messages, and the confirmation of the end.
    let looks = scene.scripted.calls("DescribeServices");
    assert!(looks <= 3, "{looks}");
}

#[tokio::test(start_paused = true)]
async fn a_canary_bakes_for_an_hour() {
    let scene = Scene::steady(canary(60), Script::healthy()).await;
    let began = Instant::now();
    let (report, events) = scene.deploy(&change()).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert!(began.elapsed() > Duration::from_secs(61 * 60));
    assert_eq!(shares(&events), [0.0, 10.0, 100.0]);
    assert_eq!(scene.scripted.history(), ["SUCCESSFUL", "SUCCESSFUL"]);
}

#[tokio::test(start_paused = true)]
async fn linear_moves_the_traffic_in_equal_steps() {
    let steps = json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": 1,
        "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 10},
    });
    let scene = Scene::steady(steps, Script::healthy()).await;
    let (report, events) = scene.deploy(&change()).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(shares(&events), [0.0, 25.0, 50.0, 75.0, 100.0]);
}

/// Tasks of `web:2` never answer their health checks.
fn never_healthy() -> Script {
    let refused = ProbeOutcome::Failed("connection refused".to_owned());
    Script::by(move |task| match task.task_definition.as_str() {
        "web:2" => Plan::healthy().answering(Duration::ZERO, refused.clone()),
        _ => Plan::healthy(),
    })
}

#[tokio::test(start_paused = true)]
async fn a_green_side_that_never_is_healthy_gets_no_traffic_and_is_rolled_back() {
    let scene = Scene::steady(breaker(blue_green(5)), never_healthy()).await;
    let (report, events) = scene.deploy(&change()).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert_eq!(scene.scripted.revision(), "web:1");
    assert_eq!(scene.weights(), (100, 0));
    assert_eq!(shares(&events), [0.0]);
    assert_eq!(scene.scripted.history()[0], "ROLLBACK_SUCCESSFUL");
    let diagnosis = report.diagnosis.unwrap();
    assert!(diagnosis.cause.contains("health check"), "{diagnosis:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_alarm_takes_it_back_and_is_named() {
    let alarms = json!({"alarmNames": ["web-5xx"], "enable": true, "rollback": true});
    let configuration = with(canary(60), "alarms", alarms);
    let scene = Scene::steady(configuration, Script::healthy()).await;
    let cloud_watch = |operation: &str, input: Value| {
        let sandbox = &scene.scripted.sandbox;
        sandbox.call(Aws::CloudWatch, operation, input).unwrap()
    };
    cloud_watch(
        "PutMetricAlarm",
        json!({
            "AlarmName": "web-5xx", "MetricName": "HTTPCode_Target_5XX_Count",
            "Namespace": "AWS/ApplicationELB", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }),
    );
    let change = change();
    let alarm = async {
        sleep(Duration::from_secs(20 * 60)).await;
        let input = json!({
            "AlarmName": "web-5xx", "StateValue": "ALARM", "StateReason": "errors",
        });
        cloud_watch("SetAlarmState", input);
    };
    let ((report, _), ()) = tokio::join!(scene.deploy(&change), alarm);
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert_eq!(scene.weights(), (100, 0));
    let diagnosis = report.diagnosis.unwrap();
    assert!(diagnosis.cause.contains("web-5xx"), "{diagnosis:#?}");
}

#[tokio::test(start_paused = true)]
async fn stopped_half_way_the_traffic_goes_back() {
    let scene = Scene::steady(canary(60), Script::healthy()).await;
    let deployment = scene.start(&change()).await;
    let halfway = |seen: &Observation| {
        let share = seen.traffic.map(|traffic| traffic.production);
        share.is_some_and(|share| share > 0.0)
    };
    let seen = scene.until(&deployment, halfway).await;
    assert_eq!(seen.state, DeploymentState::InProgress);
    assert_eq!(scene.weights(), (90, 10));
    let deployer = scene.scripted.deployer();
    let back = deployer.rollback(&deployment).await.unwrap();
    assert_eq!(back, Rollback::UnderWay);
    let ended = |seen: &Observation| matches!(seen.state, DeploymentState::RolledBack { .. });
    scene.until(&deployment, ended).await;
    assert_eq!(scene.weights(), (100, 0));
    assert_eq!(scene.scripted.revision(), "web:1");
    let again = deployer.rollback(&deployment).await.unwrap();
    assert_eq!(again, Rollback::AlreadyDone);
}

#[tokio::test(start_paused = true)]
async fn after_its_success_the_former_revision_is_shifted_to() {
    let scene = Scene::steady(blue_green(1), Script::healthy()).await;
    let deployment = scene.start(&change()).await;
    let succeeded = |seen: &Observation| seen.state == DeploymentState::Succeeded;
    scene.until(&deployment, succeeded).await;
    let deployer = scene.scripted.deployer();
    let Rollback::Started(back) = deployer.rollback(&deployment).await.unwrap() else {
        panic!("nothing started");
    };
    assert_eq!(back.waits, Duration::from_secs(60));
    scene.until(&back, succeeded).await;
    assert_eq!(scene.scripted.revision(), "web:1");
}

/// The way back does not repeat the steps of the way there, and the next deployment has them again.
#[tokio::test(start_paused = true)]
async fn the_way_back_from_a_canary_is_all_at_once() {
    let scene = Scene::steady(breaker(canary(60)), Script::healthy()).await;
    let own = scene.scripted.service()["deploymentConfiguration"].clone();
    let deployment = scene.start(&change()).await;
    scene
        .until(&deployment, |seen| seen.state == DeploymentState::Succeeded)
        .await;
    let deployer = scene.scripted.deployer();
    let (events, mut stream) = Events::channel();
    let run = Run::new(Settings::default(), events, CancellationToken::new());
    let began = Instant::now();
    let report = run.roll_back(&deployer, &deployment).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert!(
        began.elapsed() < Duration::from_secs(20 * 60),
        "it took no step"
    );
    assert_eq!(scene.scripted.revision(), "web:1");
    drop(run);
    let mut told = Vec::new();
    while let Some(event) = stream.try_next() {
        told.push(event);
    }
    assert_eq!(shares(&told), [0.0, 100.0]);
    assert_eq!(scene.scripted.service()["deploymentConfiguration"], own);
}

fn paused() -> Value {
    let hook = json!({
        "targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
        "timeoutConfiguration": {"timeoutInMinutes": 600, "action": "ROLLBACK"},
    });
    with(blue_green(1), "lifecycleHooks", json!([hook]))
}

fn is_held(seen: &Observation) -> bool {
    seen.stage
        .as_ref()
        .is_some_and(|stage| stage.held.is_some())
}

#[tokio::test(start_paused = true)]
async fn a_pause_goes_on_at_somebodys_word() {
    let scene = Scene::steady(paused(), Script::healthy()).await;
    let deployment = scene.start(&change()).await;
    let seen = scene.until(&deployment, is_held).await;
    let stage = seen.stage.unwrap();
    assert_eq!(stage.name, "POST_TEST_TRAFFIC_SHIFT");
    let held = stage.held.unwrap();
    assert!(
        held.contains("PAUSE hook") && held.contains("rolled back"),
        "{held}"
    );
    let share = seen.traffic.unwrap();
    assert_eq!((share.production, share.test), (0.0, Some(100.0)));
    let deployer = scene.scripted.deployer();
    deployer.proceed(&deployment).await.unwrap();
    let succeeded = |seen: &Observation| seen.state == DeploymentState::Succeeded;
    scene.until(&deployment, succeeded).await;
    let error = deployer.proceed(&deployment).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_can_be_taken_back_from() {
    let scene = Scene::steady(paused(), Script::healthy()).await;
    let deployment = scene.start(&change()).await;
    scene.until(&deployment, is_held).await;
    let deployer = scene.scripted.deployer();
    let back = deployer.rollback(&deployment).await.unwrap();
    assert_eq!(back, Rollback::UnderWay);
    assert_eq!(scene.scripted.calls("ContinueServiceDeployment"), 1);
    assert_eq!(scene.scripted.calls("StopServiceDeployment"), 0);
    let ended = |seen: &Observation| matches!(seen.state, DeploymentState::RolledBack { .. });
    scene.until(&deployment, ended).await;
    assert_eq!(scene.weights(), (100, 0));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_refuses_takes_it_back_and_is_named() {
    let hook = json!({
        "hookTargetArn": "arn:aws:lambda:us-east-1:123456789012:function:smoke-test",
        "roleArn": "arn:aws:iam::123456789012:role/hooks",
        "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
    });
    let configuration = with(blue_green(1), "lifecycleHooks", json!([hook]));
    let scene = Scene::steady(configuration, Script::healthy()).await;
    let functions = scene.scripted.sandbox.functions();
    functions.answer_with("smoke-test", |_| {
        Box::pin(async { Ok(json!({"hookStatus": "FAILED"})) })
    });
    let (report, _) = scene.deploy(&change()).await;
    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    let diagnosis = report.diagnosis.unwrap();
    assert_eq!(
        diagnosis.cause,
        "lifecycle hook smoke-test refused the new version"
    );
}

#[tokio::test(start_paused = true)]
async fn a_newer_deployment_is_told_from_a_failure() {
    let scene = Scene::steady(canary(60), Script::healthy()).await;
    let change = change();
    let somebody = async {
        sleep(Duration::from_secs(20 * 60)).await;
        scene.scripted.somebody_deploys(definition("3"));
    };
    let ((report, _), ()) = tokio::join!(scene.deploy(&change), somebody);
    assert_eq!(report.end, End::Superseded, "{}", report.summary);
    assert_eq!(scene.scripted.revision(), "web:3");
}

#[tokio::test(start_paused = true)]
async fn another_strategy_is_set_on_the_way_and_the_breaker_stays() {
    let rolling = breaker(json!({"strategy": "ROLLING"}));
    let scene = Scene::steady(rolling, Script::healthy()).await;
    let wanted = EcsStrategy::Canary {
        percent: 20.0,
        canary_bake: Duration::from_secs(600),
        bake: Duration::from_secs(60),
    };
    let (report, events) = scene.deploy(&change().with_strategy(wanted)).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(shares(&events), [0.0, 20.0, 100.0]);
    let configuration = &scene.scripted.service()["deploymentConfiguration"];
    assert_eq!(configuration["strategy"], "CANARY");
    let breaker = &configuration["deploymentCircuitBreaker"];
    assert_eq!(*breaker, json!({"enable": true, "rollback": true}));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_there_is_created() {
    let scene = Scene::set(Script::healthy()).await;
    let strategy = EcsStrategy::BlueGreen {
        bake: Duration::from_secs(60),
    };
    let change = change()
        .or_create(scene.service_body())
        .with_strategy(strategy);
    let (report, _) = scene.deploy(&change).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(scene.scripted.revision(), "web:1");
    let configuration = &scene.scripted.service()["deploymentConfiguration"];
    assert_eq!(configuration["strategy"], "BLUE_GREEN");
    // It is there now: the same change deploys nothing, and another one deploys.
    let (report, _) = scene.deploy(&change).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert_eq!(scene.scripted.history().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_service_that_never_is_healthy_has_failed_and_nothing_is_gone_back_to() {
    let sick = ProbeOutcome::Status(500);
    let script = Script::by(move |_| Plan::healthy().answering(Duration::ZERO, sick.clone()));
    let scene = Scene::set(script).await;
    let mut body = scene.service_body();
    body["deploymentConfiguration"] = breaker(blue_green(5));
    let (report, _) = scene.deploy(&change().or_create(body)).await;
    assert_eq!(report.end, End::Failed, "{}", report.summary);
    let diagnosis = report.diagnosis.unwrap();
    assert_eq!(
        diagnosis.cause,
        "the load balancer's health check was answered with 500"
    );
}

#[tokio::test(start_paused = true)]
async fn a_one_off_task_runs_to_its_exit() {
    let script = Script::by(|task| match task.task_definition.as_str() {
        "web:2" => Plan::healthy()
            .logging(["applied 3 migrations"])
            .exiting_after(Duration::from_secs(20), 7),
        _ => Plan::healthy(),
    });
    let scene = Scene::steady(blue_green(1), script).await;
    let mut logged = definition("2");
    logged["containerDefinitions"][0]["logConfiguration"] = json!({
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/web", "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "ecs", "awslogs-create-group": "true",
        },
    });
    let registered = scene.scripted.ecs("RegisterTaskDefinition", logged);
    let revision = text(&registered["taskDefinition"]["taskDefinitionArn"]);
    let revision = revision.parse().unwrap();
    let runner = EcsTaskRunner::new(&scene.scripted.aws).with_logs(&scene.scripted.aws);
    let command = vec!["./migrate".to_owned()];
    let request = TaskRequest::new("migrate", ServiceRef::new("demo", "web"), "web", command);
    let task = runner.start(&request, &revision).await.unwrap();
    let mut lines = Vec::new();
    for _ in 0..100 {
        let seen = runner.observe(&task).await.unwrap();
        lines.extend(seen.lines);
        if let TaskState::Stopped { exit_code, .. } = seen.state {
            assert_eq!(exit_code, Some(7));
            assert_eq!(lines, ["applied 3 migrations"], "each line once");
            return;
        }
        sleep(Duration::from_secs(2)).await;
    }
    panic!("it never stopped");
}

#[tokio::test(start_paused = true)]
async fn the_current_deployment_of_a_shifting_service_is_taken_up() {
    let scene = Scene::steady(canary(30), Script::healthy()).await;
    let deployment = scene.start(&change()).await;
    scene
        .until_stage(&deployment, "PRODUCTION_TRAFFIC_SHIFT")
        .await;
    // A run of the same change in another process finds it under way.
    let (report, events) = scene.deploy(&change()).await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    let resumed = events.iter().any(|event| {
        matches!(
            &event.event,
            EventKind::DeploymentStarted { resumed: true, .. }
        )
    });
    assert!(resumed);
    assert_eq!(
        scene.scripted.registered(),
        2,
        "nothing is registered twice"
    );
}

/// Tasks of image `web:bad` exit before they were ever healthy.
fn script_by_image() -> Script {
    Script::by(|task| match task.containers[0].image.as_str() {
        "web:bad" => Plan::healthy()
            .answering(
                Duration::ZERO,
                ProbeOutcome::Failed("connection refused".to_owned()),
            )
            .exiting_after(Duration::from_secs(3), 1),
        _ => Plan::healthy(),
    })
}

fn change_of(marker: &str) -> Change {
    let image = format!("web:{marker}");
    change_to(definition(marker)).with_image("web", published(&image))
}

#[tokio::test(start_paused = true)]
async fn with_every_strategy_the_deployer_keeps_the_contract() {
    for configuration in [
        json!({"strategy": "ROLLING"}),
        blue_green(1),
        canary(2),
        json!({
            "strategy": "LINEAR", "bakeTimeInMinutes": 0,
            "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1},
        }),
    ] {
        let scenes = std::sync::Mutex::new(Vec::new());
        contract::deployer(|| async {
            let scene = Scene::steady(breaker(configuration.clone()), script_by_image()).await;
            let world = DeployerWorld {
                deployer: std::sync::Arc::new(scene.scripted.deployer()),
                service: ServiceRef::new("demo", "web"),
                good: change_of("2"),
                newer: change_of("3"),
                unhealthy: Some(change_of("bad")),
                interval: Duration::from_secs(5),
                looks: 400,
            };
            scenes.lock().unwrap().push(scene);
            world
        })
        .await;
    }
}

/// The budgets: from the end that ECS reports to the run's own end 2 s at the median, and 20 calls
/// for a deployment of some minutes.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_shift_is_seen_soon_and_with_few_calls() {
    let mut lateness = Vec::new();
    for start in [5, 14, 27, 40, 60] {
        let script = Script::by(move |_| Plan::healthy().starting_in(Duration::from_secs(start)));
        let scene = Scene::steady(blue_green(0), script).await;
        let change = change();
        let began = Instant::now();
        let ended = async {
            // A look of the test's own is no call.
            while scene.scripted.history() != ["SUCCESSFUL", "SUCCESSFUL"] {
                sleep(Duration::from_millis(200)).await;
            }
            Instant::now()
        };
        let ((report, _), ended) = tokio::join!(scene.deploy(&change), ended);
        let late = ended.elapsed();
        assert_eq!(report.end, End::Succeeded, "{}", report.summary);
        let calls = scene.scripted.sandbox.calls().total();
        say(format!(
            "shift of {:.0} s: {calls} calls, {:.1} s late",
            (ended - began).as_secs_f64(),
            late.as_secs_f64()
        ));
        lateness.push(late);
    }
    lateness.sort();
    let median = lateness[lateness.len() / 2];
    assert!(median <= Duration::from_secs(2), "{median:?}");
}
