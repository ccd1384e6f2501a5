//! What CreateService and UpdateService refuse about a service's load balancers.

use super::deployment::{AdvancedConfiguration, LoadBalancer, ServiceRevision};
use super::input::invalid;
use super::service::not_yet;
use super::strategy::Strategy;
use super::{ApiError, Outside};

/// Checks a revision's load balancers against what exists, and against its strategy.
pub(super) fn check_load_balancers(
    out: &Outside<'_>,
    revision: &ServiceRevision,
    strategy: Strategy,
) -> Result<(), ApiError> {
    let balancers = &revision.load_balancers;
    // A blue/green deployment without a load balancer is possible; the others shift traffic in
    // parts, and must have some.
    if balancers.is_empty() && matches!(strategy, Strategy::Linear | Strategy::Canary) {
        return Err(invalid(format!(
            "The {} deployment strategy needs a load balancer.",
            strategy.name()
        )));
    }
    for lb in balancers {
        check_load_balancer(out, revision, lb)?;
        match strategy.shifts() {
            true => check_crossing(out, revision, lb, strategy)?,
            false => check_in_use(out, lb)?,
        }
    }
    Ok(())
}

fn check_load_balancer(
    out: &Outside<'_>,
    revision: &ServiceRevision,
    lb: &LoadBalancer,
) -> Result<(), ApiError> {
    let definition = &revision.definition.parsed;
    let (name, port) = (&lb.container_name, lb.container_port);
    let Some(container) = definition.container(name) else {
        return Err(invalid(format!(
            "The container {name} does not exist in the task definition."
        )));
    };
    if !container.maps_port(port) {
        return Err(invalid(format!(
            "The container {name} did not have a container port {port} defined."
        )));
    }
    let Some(group) = &lb.target_group_arn else {
        return Err(not_yet("Classic Load Balancers"));
    };
    check_target_group(out, revision, group)
}

/// A rule that shifts traffic names its target groups by itself; others must be named before.
fn check_in_use(out: &Outside<'_>, lb: &LoadBalancer) -> Result<(), ApiError> {
    match &lb.target_group_arn {
        Some(group) if !out.elbv2.is_in_use(group) => Err(invalid(format!(
            "The target group with targetGroupArn {group} does not have an associated load balancer."
        ))),
        _ => Ok(()),
    }
}

fn check_target_group(
    out: &Outside<'_>,
    revision: &ServiceRevision,
    group: &str,
) -> Result<(), ApiError> {
    let definition = &revision.definition.parsed;
    if !out.elbv2.has_target_group(group) {
        return Err(invalid(format!("The target group {group} does not exist.")));
    }
    let target_type = out.elbv2.target_type(group).unwrap_or_default();
    let mode = definition.network_mode.as_deref().unwrap_or("bridge");
    if (target_type == "ip") != definition.is_awsvpc() {
        return Err(invalid(format!(
            "The provided target group {group} has target type {target_type}, which is incompatible with the {mode} network mode specified in the task definition."
        )));
    }
    Ok(())
}

/// The second target group, and the rules between it and the first.
fn check_crossing(
    out: &Outside<'_>,
    revision: &ServiceRevision,
    lb: &LoadBalancer,
    strategy: Strategy,
) -> Result<(), ApiError> {
    let strategy = strategy.name();
    let missing = |member: &str| {
        invalid(format!(
            "advancedConfiguration.{member} must be specified for the {strategy} deployment strategy."
        ))
    };
    let advanced = lb.advanced_configuration.as_ref().ok_or_else(|| {
        invalid(format!(
            "advancedConfiguration must be specified for the {strategy} deployment strategy."
        ))
    })?;
    let alternate = advanced.alternate_target_group_arn.as_ref();
    let alternate = alternate.ok_or_else(|| missing("alternateTargetGroupArn"))?;
    let production = advanced.production_listener_rule.as_ref();
    let production = production.ok_or_else(|| missing("productionListenerRule"))?;
    if advanced.role_arn.is_none() {
        return Err(missing("roleArn"));
    }
    check_target_group(out, revision, alternate)?;
    let primary = lb.target_group_arn.as_ref();
    if primary == Some(alternate) {
        return Err(invalid(
            "The alternateTargetGroupArn must not be the targetGroupArn.",
        ));
    }
    check_rules(
        out,
        advanced,
        production,
        &[primary.unwrap_or(alternate), alternate],
    )
}

fn check_rules(
    out: &Outside<'_>,
    advanced: &AdvancedConfiguration,
    production: &str,
    groups: &[&String],
) -> Result<(), ApiError> {
    let test = advanced.test_listener_rule.as_deref();
    if test == Some(production) {
        return Err(invalid(
            "The testListenerRule must not be the productionListenerRule.",
        ));
    }
    for (member, rule) in [
        ("productionListenerRule", Some(production)),
        ("testListenerRule", test),
    ] {
        let Some(rule) = rule else { continue };
        // Of an Application Load Balancer the rule is meant, never the listener.
        if !rule.contains(":listener-rule/") {
            return Err(invalid(format!(
                "The {member} {rule} is not a listener rule."
            )));
        }
        let weights = out.elbv2.weights(rule);
        if weights.is_empty() {
            return Err(invalid(format!(
                "The {member} {rule} does not exist, or does not forward to a target group."
            )));
        }
        if !weights.iter().any(|(group, _)| groups.contains(&group)) {
            return Err(invalid(format!(
                "The {member} {rule} does not forward to a target group of the service."
            )));
        }
    }
    Ok(())
}
