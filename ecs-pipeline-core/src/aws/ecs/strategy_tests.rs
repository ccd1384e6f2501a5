//! What is sent for a strategy, and what is refused.
#![allow(clippy::unwrap_used)]

use aws_sdk_ecs::types::{
    AdvancedConfiguration, CanaryConfiguration, DeploymentEarlySuccessCriteria, LoadBalancer,
};

use super::*;

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

fn blue_green(bake: Duration) -> EcsStrategy {
    EcsStrategy::BlueGreen { bake }
}

fn canary_of(percent: f64, canary_bake: Duration) -> EcsStrategy {
    EcsStrategy::Canary {
        percent,
        canary_bake,
        bake: Duration::ZERO,
    }
}

fn linear_of(step_percent: f64) -> EcsStrategy {
    EcsStrategy::Linear {
        step_percent,
        step_bake: Duration::from_secs(360),
        bake: hours(1),
    }
}

#[test]
fn what_the_service_has_besides_is_kept() {
    let present = json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": 3,
        "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1},
        "minimumHealthyPercent": 50, "maximumPercent": 150,
        "alarms": {"alarmNames": ["web-5xx"], "enable": true, "rollback": true},
        "deploymentCircuitBreaker": {"enable": true, "rollback": true, "resetOnHealthyTask": false},
        "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}],
        "novelty": {"kept": true},
    });
    let kept = |value: &Value| {
        let mut rest = value.clone();
        let members = rest.as_object_mut().unwrap();
        for own in [
            "strategy",
            "bakeTimeInMinutes",
            "linearConfiguration",
            "canaryConfiguration",
        ] {
            members.remove(own);
        }
        rest
    };
    let table = [
        (EcsStrategy::Rolling, json!({"strategy": "ROLLING"})),
        (
            blue_green(hours(1)),
            json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 60}),
        ),
        (
            linear_of(12.5),
            json!({
                "strategy": "LINEAR", "bakeTimeInMinutes": 60,
                "linearConfiguration": {"stepPercent": 12.5, "stepBakeTimeInMinutes": 6},
            }),
        ),
        (
            canary_of(0.5, hours(2)),
            json!({
                "strategy": "CANARY", "bakeTimeInMinutes": 0,
                "canaryConfiguration": {"canaryPercent": 0.5, "canaryBakeTimeInMinutes": 120},
            }),
        ),
    ];
    for (strategy, own) in table {
        let sent = configured(Some(&present), &strategy);
        assert_eq!(kept(&sent), kept(&present), "{}", strategy.name());
        assert_eq!(configured(None, &strategy), own);
        for (member, value) in own.as_object().unwrap() {
            assert_eq!(&sent[member], value, "{}", strategy.name());
        }
        assert_eq!(
            sent.as_object().unwrap().len(),
            kept(&present).as_object().unwrap().len() + own.as_object().unwrap().len(),
            "nothing of the former strategy: {sent}"
        );
    }
}

#[test]
fn a_criterion_for_rolling_updates_is_taken_out_with_a_word() {
    let criteria = json!({"earlySuccessCriteria": {"enable": true}});
    let shifted = configured(Some(&criteria), &blue_green(hours(0)));
    assert_eq!(shifted.get("earlySuccessCriteria"), None);
    let rolling = configured(Some(&criteria), &EcsStrategy::Rolling);
    assert_eq!(
        rolling["earlySuccessCriteria"],
        criteria["earlySuccessCriteria"]
    );
    let criteria = DeploymentEarlySuccessCriteria::builder()
        .enable(true)
        .build();
    let service = with(
        DeploymentConfiguration::builder()
            .early_success_criteria(criteria)
            .build(),
    );
    assert!(dropped(&service, &blue_green(hours(0))).is_some());
    assert_eq!(dropped(&service, &EcsStrategy::Rolling), None);
}

fn with(configuration: DeploymentConfiguration) -> Service {
    Service::builder()
        .deployment_configuration(configuration)
        .build()
}

#[test]
fn what_a_service_does_not_say_is_what_ecs_takes() {
    let service = |strategy: DeploymentStrategy| {
        with(
            DeploymentConfiguration::builder()
                .strategy(strategy)
                .bake_time_in_minutes(60)
                .build(),
        )
    };
    assert_eq!(present(&Service::builder().build()), EcsStrategy::Rolling);
    assert_eq!(
        present(&service(DeploymentStrategy::Rolling)),
        EcsStrategy::Rolling
    );
    assert_eq!(
        present(&service(DeploymentStrategy::BlueGreen)),
        blue_green(hours(1))
    );
    assert_eq!(
        present(&service(DeploymentStrategy::Linear)),
        linear_of(10.0)
    );
    let canary = CanaryConfiguration::builder()
        .canary_percent(7.5)
        .canary_bake_time_in_minutes(120)
        .build();
    let configuration = DeploymentConfiguration::builder()
        .strategy(DeploymentStrategy::Canary)
        .canary_configuration(canary)
        .build();
    assert_eq!(present(&with(configuration)), canary_of(7.5, hours(2)));
}

#[test]
fn times_and_shares_are_checked_before_anything_is_changed() {
    let table = [
        (EcsStrategy::Rolling, None),
        (blue_green(hours(24)), None),
        (blue_green(Duration::ZERO), None),
        (blue_green(hours(25)), Some("bake time")),
        (blue_green(Duration::from_secs(90)), Some("whole minutes")),
        (
            blue_green(Duration::from_millis(60_001)),
            Some("whole minutes"),
        ),
        (linear_of(3.0), None),
        (linear_of(100.0), None),
        (linear_of(2.9), Some("3 to 100")),
        (linear_of(100.1), Some("3 to 100")),
        (linear_of(33.3), None),
        (linear_of(33.33), Some("steps of 0.1")),
        (linear_of(f64::NAN), Some("3 to 100")),
        (canary_of(0.1, hours(1)), None),
        (canary_of(0.0, hours(1)), Some("0.1 to 100")),
        (
            canary_of(5.0, Duration::from_secs(1)),
            Some("the canary's time"),
        ),
    ];
    for (strategy, expected) in table {
        let found = flaw(&strategy);
        match expected {
            None => assert_eq!(found, None, "{strategy:?}"),
            Some(words) => assert!(
                found.as_deref().is_some_and(|text| text.contains(words)),
                "{strategy:?}: {found:?}"
            ),
        }
    }
}

#[test]
fn waits_are_those_of_the_steps_and_the_bake() {
    let configuration = || DeploymentConfiguration::builder().bake_time_in_minutes(60);
    let of =
        |strategy: DeploymentStrategy| waits(&with(configuration().strategy(strategy).build()));
    assert_eq!(waits(&Service::builder().build()), Duration::ZERO);
    assert_eq!(of(DeploymentStrategy::BlueGreen), hours(1));
    // ECS's own steps: nine of 10 % with 6 minutes after each, and the tenth.
    assert_eq!(
        of(DeploymentStrategy::Linear),
        hours(1) + Duration::from_secs(54 * 60)
    );
    assert_eq!(
        of(DeploymentStrategy::Canary),
        hours(1) + Duration::from_secs(600)
    );
    assert_eq!(of(DeploymentStrategy::Rolling), Duration::ZERO);
    let alarms = aws_sdk_ecs::types::DeploymentAlarms::builder()
        .alarm_names("web-5xx")
        .enable(true)
        .rollback(true)
        .build()
        .unwrap();
    let rolling = configuration().alarms(alarms).build();
    assert_eq!(waits(&with(rolling)), hours(1));
    for (percent, steps) in [(100.0, 0), (50.0, 1), (33.3, 3), (33.4, 2), (3.0, 33)] {
        assert_eq!(steps_before_the_last(percent), steps, "{percent}");
    }
}

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-blue/6d";

#[test]
fn what_a_load_balancer_lacks_is_named() {
    let bare = LoadBalancer::builder().target_group_arn(GROUP);
    let advanced = |role: Option<&str>| {
        AdvancedConfiguration::builder()
            .alternate_target_group_arn("green")
            .production_listener_rule("rule")
            .set_role_arn(role.map(str::to_owned))
            .build()
    };
    let service = |balancer: LoadBalancer| Service::builder().load_balancers(balancer).build();
    let without = lacking(&service(bare.clone().build()));
    assert_eq!(
        without,
        [
            "the advancedConfiguration of web-blue lacks alternateTargetGroupArn (the other target group), productionListenerRule (the rule that the traffic comes by), roleArn (the role by which ECS changes that rule)"
        ]
    );
    let no_role = bare.clone().advanced_configuration(advanced(None));
    let no_role = lacking(&service(no_role.build()));
    assert!(
        no_role[0].ends_with("lacks roleArn (the role by which ECS changes that rule)"),
        "{no_role:?}"
    );
    let whole = bare.advanced_configuration(advanced(Some("role")));
    assert_eq!(lacking(&service(whole.build())), [] as [&str; 0]);
    assert_eq!(
        lacking(&Service::builder().build()),
        [] as [&str; 0],
        "headless"
    );
    let body = json!({"loadBalancers": [{"targetGroupArn": GROUP}]});
    assert_eq!(lacking_in(body.as_object().unwrap()), without);
}
