//! What CreateService refuses about the load balancers of a deployment that shifts traffic.

use serde_json::{Value, json};

use super::crossing::{Crossing, blue_green, canary};
use crate::world::ecs::script::{FINE, Play, behind};

#[test]
fn what_cannot_shift_traffic_is_refused() {
    let mut play = Play::new((), |_, _| FINE);
    play.register();
    let crossing = Crossing::set_up(&mut play);
    let but = |member: &str, value: Value| {
        let mut balancers = crossing.load_balancers();
        let advanced = balancers[0]["advancedConfiguration"]
            .as_object_mut()
            .unwrap();
        match value {
            Value::Null => advanced.remove(member),
            value => advanced.insert(member.into(), value),
        };
        balancers
    };
    let listener = crossing.production.replace(":listener-rule/", ":listener/");
    for (balancers, part) in [
        (
            behind(&crossing.primary),
            "advancedConfiguration must be specified",
        ),
        (
            but("alternateTargetGroupArn", json!(null)),
            "alternateTargetGroupArn must be specified",
        ),
        (
            but("productionListenerRule", json!(null)),
            "productionListenerRule must be specified",
        ),
        (but("roleArn", json!(null)), "roleArn must be specified"),
        (
            but("alternateTargetGroupArn", json!("arn:none")),
            "does not exist",
        ),
        (
            but("alternateTargetGroupArn", json!(crossing.primary)),
            "must not be the targetGroupArn",
        ),
        (
            but("productionListenerRule", json!(listener)),
            "is not a listener rule",
        ),
        (
            but("productionListenerRule", json!(crossing.test)),
            "must not be the productionListenerRule",
        ),
        (
            but("testListenerRule", json!("arn:none")),
            "is not a listener rule",
        ),
        (
            but("testListenerRule", json!("arn:aws:x:listener-rule/none")),
            "does not exist, or does not forward",
        ),
    ] {
        let input = json!({
            "cluster": "c", "serviceName": "s", "taskDefinition": "web", "desiredCount": 1,
            "loadBalancers": balancers, "deploymentConfiguration": blue_green(5),
        });
        let refusal = play.try_ecs("CreateService", input).unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterException");
        assert!(
            refusal.message.contains(part),
            "{part}: {}",
            refusal.message
        );
    }
    let input = json!({
        "cluster": "c", "serviceName": "s", "taskDefinition": "web", "desiredCount": 1,
        "deploymentConfiguration": canary(5.0, 1, 1),
    });
    let refusal = play.try_ecs("CreateService", input).unwrap_err();
    assert!(
        refusal.message.contains("needs a load balancer"),
        "{}",
        refusal.message
    );
}
