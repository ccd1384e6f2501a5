//! A service that does not exist yet, as CreateService's input has it.

use serde_json::Value;

use super::{Attachment, Service};

impl Service {
    /// What a service will be that is created from a definition, with AWS's defaults.
    #[must_use]
    pub fn to_be(definition: &Value) -> Self {
        let configuration = &definition["deploymentConfiguration"];
        let alarms = &configuration["alarms"];
        let alarms_are_on = alarms["enable"] == true;
        let is_daemon = definition["schedulingStrategy"] == "DAEMON";
        Self {
            status: "ACTIVE".to_owned(),
            controller: text(&definition["deploymentController"]["type"], "ECS"),
            strategy: text(&configuration["strategy"], "ROLLING"),
            is_daemon,
            desired: number(&definition["desiredCount"]).unwrap_or(0),
            minimum_percent: number(&configuration["minimumHealthyPercent"])
                .unwrap_or(if is_daemon { 0 } else { 100 }),
            maximum_percent: number(&configuration["maximumPercent"]).unwrap_or(200),
            breaks: configuration["deploymentCircuitBreaker"]["enable"] == true,
            alarms: match alarms_are_on {
                true => texts(&alarms["alarmNames"]),
                false => Vec::new(),
            },
            grace_seconds: number(&definition["healthCheckGracePeriodSeconds"]).unwrap_or(0),
            launch_type: definition["launchType"].as_str().map(str::to_owned),
            capacity_providers: list(&definition["capacityProviderStrategy"])
                .iter()
                .filter_map(|one| one["capacityProvider"].as_str().map(str::to_owned))
                .collect(),
            load_balancers: list(&definition["loadBalancers"])
                .iter()
                .map(attachment)
                .collect(),
            task_definition: None,
            under_way: Vec::new(),
        }
    }
}

fn attachment(balancer: &Value) -> Attachment {
    let advanced = &balancer["advancedConfiguration"];
    let own = |value: &Value| value.as_str().map(str::to_owned);
    Attachment {
        target_group: own(&balancer["targetGroupArn"]),
        container: text(&balancer["containerName"], ""),
        port: number(&balancer["containerPort"])
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or_default(),
        alternate: own(&advanced["alternateTargetGroupArn"]),
        production_rule: own(&advanced["productionListenerRule"]),
        test_rule: own(&advanced["testListenerRule"]),
        role: own(&advanced["roleArn"]),
    }
}

fn text(value: &Value, usual: &str) -> String {
    value.as_str().unwrap_or(usual).to_owned()
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> Vec<String> {
    let texts = list(value).iter();
    texts
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_is_as_aws_has_it() {
        let bare = Service::to_be(&json!({"serviceName": "web"}));
        assert_eq!(
            (bare.controller.as_str(), bare.strategy.as_str()),
            ("ECS", "ROLLING")
        );
        assert_eq!((bare.minimum_percent, bare.maximum_percent), (100, 200));
        assert_eq!(
            (bare.desired, bare.breaks, bare.alarms.len()),
            (0, false, 0)
        );
    }

    #[test]
    fn what_is_said_is_read() {
        let whole = Service::to_be(&json!({
            "desiredCount": 3, "launchType": "FARGATE", "healthCheckGracePeriodSeconds": 30,
            "deploymentController": {"type": "CODE_DEPLOY"},
            "deploymentConfiguration": {"strategy": "CANARY", "minimumHealthyPercent": 50,
                "deploymentCircuitBreaker": {"enable": true, "rollback": true},
                "alarms": {"enable": true, "rollback": true, "alarmNames": ["5xx"]}},
            "loadBalancers": [{"targetGroupArn": "blue", "containerName": "app", "containerPort": 80,
                "advancedConfiguration": {"alternateTargetGroupArn": "green",
                    "productionListenerRule": "rule", "roleArn": "role"}}],
        }));
        assert_eq!(
            (whole.desired, whole.minimum_percent, whole.grace_seconds),
            (3, 50, 30)
        );
        assert_eq!(
            (whole.controller.as_str(), whole.strategy.as_str()),
            ("CODE_DEPLOY", "CANARY")
        );
        assert_eq!((whole.breaks, whole.alarms), (true, vec!["5xx".to_owned()]));
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(
            whole.load_balancers,
            [Attachment {
                target_group: own("blue"),
                container: "app".to_owned(),
                port: 80,
                alternate: own("green"),
                production_rule: own("rule"),
                test_rule: None,
                role: own("role"),
            }]
        );
    }
}
