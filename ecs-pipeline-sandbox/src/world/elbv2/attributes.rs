//! Attributes of load balancers and target groups.
//!
//! `deregistration_delay.timeout_seconds` and `deletion_protection.enabled` have their effect;
//! the others are kept and reported. Sticky sessions, which would change where requests go, are
//! refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::ApiError;

use super::Elbv2;
use super::input::{invalid, pairs};

type Attributes = BTreeMap<String, String>;

/// A new target group's attributes, with AWS's defaults.
pub(super) fn target_group_defaults() -> Attributes {
    owned(&[
        ("deregistration_delay.timeout_seconds", "300"),
        ("stickiness.enabled", "false"),
        ("stickiness.type", "lb_cookie"),
        ("stickiness.lb_cookie.duration_seconds", "86400"),
        ("stickiness.app_cookie.cookie_name", ""),
        ("stickiness.app_cookie.duration_seconds", "86400"),
        ("load_balancing.algorithm.type", "round_robin"),
        ("load_balancing.algorithm.anomaly_mitigation", "off"),
        (
            "load_balancing.cross_zone.enabled",
            "use_load_balancer_configuration",
        ),
        ("slow_start.duration_seconds", "0"),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.percentage",
            "off",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
            "off",
        ),
    ])
}

/// A new load balancer's attributes, with AWS's defaults.
pub(super) fn load_balancer_defaults() -> Attributes {
    owned(&[
        ("deletion_protection.enabled", "false"),
        ("idle_timeout.timeout_seconds", "60"),
        ("client_keep_alive.seconds", "3600"),
        ("access_logs.s3.enabled", "false"),
        ("access_logs.s3.bucket", ""),
        ("access_logs.s3.prefix", ""),
        ("connection_logs.s3.enabled", "false"),
        ("load_balancing.cross_zone.enabled", "true"),
        ("routing.http2.enabled", "true"),
        ("routing.http.drop_invalid_header_fields.enabled", "false"),
        ("routing.http.desync_mitigation_mode", "defensive"),
        ("routing.http.preserve_host_header.enabled", "false"),
        ("routing.http.xff_header_processing.mode", "append"),
        ("routing.http.xff_client_port.enabled", "false"),
        (
            "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
            "false",
        ),
        ("waf.fail_open.enabled", "false"),
        ("zonal_shift.config.enabled", "false"),
    ])
}

fn owned(attributes: &[(&str, &str)]) -> Attributes {
    attributes
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect()
}

fn described(attributes: &Attributes) -> Value {
    let attributes: Vec<Value> = attributes
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    json!({ "Attributes": attributes })
}

fn change(attributes: &mut Attributes, input: &Value) -> Result<(), ApiError> {
    let changes = pairs(input, "Attributes")?;
    for (key, value) in &changes {
        if !attributes.contains_key(key) {
            return Err(invalid(format!(
                "The provided attribute '{key}' is not recognized"
            )));
        }
        check(key, value)?;
    }
    attributes.extend(changes);
    Ok(())
}

fn check(key: &str, value: &str) -> Result<(), ApiError> {
    let range = match key {
        "deregistration_delay.timeout_seconds" => 0..=3600,
        "idle_timeout.timeout_seconds" => 1..=4000,
        "stickiness.enabled" if value == "true" => {
            return Err(ApiError::not_implemented("ELBv2", "sticky sessions"));
        }
        _ => return Ok(()),
    };
    if value
        .parse()
        .is_ok_and(|number: u32| range.contains(&number))
    {
        Ok(())
    } else {
        Err(invalid(format!(
            "'{key}' must be a value between '{}' and '{}' inclusive",
            range.start(),
            range.end()
        )))
    }
}

impl Elbv2 {
    pub(super) fn describe_load_balancer_attributes(
        &mut self,
        input: &Value,
    ) -> Result<Value, ApiError> {
        Ok(described(&self.load_balancer_mut(input)?.attributes))
    }

    pub(super) fn modify_load_balancer_attributes(
        &mut self,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let lb = self.load_balancer_mut(input)?;
        change(&mut lb.attributes, input)?;
        Ok(described(&lb.attributes))
    }

    pub(super) fn describe_target_group_attributes(
        &mut self,
        input: &Value,
    ) -> Result<Value, ApiError> {
        Ok(described(&self.target_group_mut(input)?.attributes))
    }

    pub(super) fn modify_target_group_attributes(
        &mut self,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let group = self.target_group_mut(input)?;
        change(&mut group.attributes, input)?;
        Ok(described(&group.attributes))
    }
}
