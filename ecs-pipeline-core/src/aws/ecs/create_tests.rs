//! The body for CreateService, from what the user wrote.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::*;

fn web() -> ServiceRef {
    ServiceRef::new("prod", "web")
}

#[test]
fn what_was_written_is_kept_and_completed() {
    let written = json!({"desiredCount": 2, "novelty": {"kept": true}});
    let made = body(&web(), &written, None).unwrap();
    assert_eq!(
        made,
        json!({
            "desiredCount": 2, "novelty": {"kept": true},
            "serviceName": "web", "cluster": "prod",
        })
    );
    let named = json!({
        "serviceName": "web", "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
    });
    assert_eq!(body(&web(), &named, None).unwrap(), named);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let balancer = json!([{"targetGroupArn": "arn:aws:elb:x:1:targetgroup/web/1"}]);
    let table = [
        (json!([]), "not a JSON object"),
        (json!({"serviceName": "api"}), "serviceName api"),
        (json!({"serviceName": 1}), "serviceName that is no text"),
        (json!({"cluster": "test"}), "cluster test"),
        (
            json!({"deploymentController": {"type": "CODE_DEPLOY"}}),
            "CODE_DEPLOY",
        ),
        (
            json!({
                "deploymentConfiguration": {"strategy": "CANARY"}, "loadBalancers": balancer,
            }),
            "lacks alternateTargetGroupArn",
        ),
    ];
    for (written, words) in table {
        let error = body(&web(), &written, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let rolling = json!({"loadBalancers": balancer});
    body(&web(), &rolling, None).unwrap();
}

#[test]
fn the_strategy_joins_what_was_written() {
    let written = json!({"deploymentConfiguration": {"maximumPercent": 150}});
    let strategy = EcsStrategy::BlueGreen {
        bake: Duration::from_secs(300),
    };
    let made = body(&web(), &written, Some(&strategy)).unwrap();
    assert_eq!(
        made["deploymentConfiguration"],
        json!({"maximumPercent": 150, "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5})
    );
}

#[test]
fn fargate_and_target_groups_are_found() {
    assert!(on_fargate(&json!({"launchType": "FARGATE"})));
    assert!(on_fargate(
        &json!({"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]})
    ));
    assert!(!on_fargate(&json!({"launchType": "EC2"})));
    let body = json!({"loadBalancers": [{"targetGroupArn": "a"}, {"loadBalancerName": "classic"}]});
    assert_eq!(groups(&body), ["a"]);
}
