//! Target groups, and the load balancers and listeners in front of them.

use super::finding::known;
use super::{Fact, Finding, Listener, LoadBalancer, TargetGroup, View, group_name, health_check};

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let attachments = view.facts.attachments();
    for arn in attachments
        .iter()
        .filter_map(|one| one.target_group.as_deref())
    {
        findings.extend(group(view, arn));
        findings.extend(listener(view, arn));
        findings.extend(health_check::grace_period(view, arn));
    }
    findings.extend(states(view));
    findings
}

/// A target group is there, and takes the targets that the tasks are.
pub(super) fn group(view: &View<'_>, arn: &str) -> Vec<Finding> {
    const CHECK: &str = "target-group";
    let Some(fact) = view.facts.target_groups.get(arn) else {
        return Vec::new();
    };
    let absent = || {
        Finding::problem(
            CHECK,
            format!("there is no target group {}", group_name(arn)),
            "create it anew and update the service's loadBalancers",
        )
    };
    match known(fact, CHECK, absent) {
        Err(finding) => vec![finding],
        Ok(group) => vec![target_type(view, group), health_check::check(view, group)],
    }
}

/// Tasks in awsvpc mode have addresses of their own; the others have their instance's.
fn target_type(view: &View<'_>, group: &TargetGroup) -> Finding {
    const CHECK: &str = "target-group";
    let TargetGroup {
        name, target_type, ..
    } = group;
    let ok = || Finding::ok(CHECK, format!("{name} takes targets by {target_type}"));
    let Some(definition) = &view.task_definition else {
        return ok();
    };
    let mode = definition.network_mode();
    let wanted = match mode {
        "awsvpc" => "ip",
        _ => "instance",
    };
    if target_type == wanted {
        return ok();
    }
    Finding::problem(
        CHECK,
        format!(
            "{name} has the target type {target_type}, and tasks in {mode} mode are targets by {wanted}"
        ),
        format!(
            "create a target group with --target-type {wanted}: the type of one that is there cannot be changed"
        ),
    )
}

/// AWS refuses a service whose target group no load balancer uses, and CodeDeploy one whose
/// "primary taskset target group" is not behind the listener.
fn listener(view: &View<'_>, arn: &str) -> Option<Finding> {
    const CHECK: &str = "listener";
    let name = group_name(arn);
    let detached = || {
        Finding::problem(
            CHECK,
            format!("no listener forwards to {name}: no request reaches the tasks"),
            format!("let a listener or a rule of a load balancer forward to {name}"),
        )
    };
    let group = view.facts.target_groups.get(arn).and_then(Fact::known)?;
    let balancers = group.load_balancers.iter();
    let balancers = balancers.filter_map(|arn| view.facts.load_balancers.get(arn));
    let mut unseen = None;
    for balancer in balancers {
        match forwarded_by(balancer, arn) {
            Ok(Some(port)) => {
                return Some(Finding::ok(
                    CHECK,
                    format!("port {port} forwards to {name}"),
                ));
            }
            Ok(None) => {}
            Err(finding) => unseen = Some(finding),
        }
    }
    Some(unseen.unwrap_or_else(detached))
}

/// The port of the listener that forwards to a group, by its default action or by a rule.
fn forwarded_by(balancer: &LoadBalancer, group: &str) -> Result<Option<u16>, Finding> {
    const CHECK: &str = "listener";
    let gone = || Finding::problem(CHECK, "the listener is gone", "create it anew");
    let listeners = known(&balancer.listeners, CHECK, gone)?;
    let has = |forwards: &[String]| forwards.iter().any(|one| one == group);
    if let Some(listener) = listeners.iter().find(|one| has(&one.forwards)) {
        return Ok(Some(listener.port));
    }
    for Listener { port, rules, .. } in listeners {
        let rules = known(rules, CHECK, gone)?;
        if rules.iter().any(|rule| has(&rule.forwards)) {
            return Ok(Some(*port));
        }
    }
    Ok(None)
}

fn states(view: &View<'_>) -> Vec<Finding> {
    const CHECK: &str = "load-balancer";
    let balancers = view.facts.load_balancers.iter();
    let judged = balancers.map(|(arn, balancer)| {
        let name = arn.rsplit('/').nth(1).unwrap_or(arn);
        let absent = || {
            let message = format!("there is no load balancer {name}");
            Finding::problem(CHECK, message, "create it anew")
        };
        match known(&balancer.state, CHECK, absent) {
            Err(finding) => finding,
            Ok(state) if state == "active" => Finding::ok(CHECK, format!("{name} is active")),
            Ok(state) => Finding::warning(
                CHECK,
                format!("{name} is {state}"),
                "wait until it is active; a load balancer that has failed is created anew",
            ),
        }
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{BALANCER, BLUE, GREEN, Stage, balancer, broken, statuses};
    use super::super::{Fact, Status};

    #[test]
    fn a_target_group_fits_the_tasks() {
        let by = |kind: &str| {
            let kind = kind.to_owned();
            broken("target-group", |stage| {
                stage.group(BLUE, |group| group.target_type = kind)
            })
        };
        assert_eq!(by("ip"), [Status::Ok]);
        assert_eq!(by("instance"), [Status::Problem]);
        let gone = broken("target-group", |stage| {
            stage
                .facts
                .target_groups
                .insert(BLUE.to_owned(), Fact::Absent);
        });
        assert_eq!(gone, [Status::Problem]);
    }

    #[test]
    fn a_listener_forwards_by_its_default_or_by_a_rule() {
        let with = |default: &[&str], rule: &[&str]| {
            let mut of_rules = balancer(rule);
            let of_default = balancer(default);
            if let (Fact::Known(mine), Fact::Known(theirs)) =
                (&mut of_rules.listeners, of_default.listeners)
            {
                mine[0].forwards = theirs[0].forwards.clone();
            }
            broken("listener", |stage| {
                stage
                    .facts
                    .load_balancers
                    .insert(BALANCER.to_owned(), of_rules);
            })
        };
        assert_eq!(with(&[BLUE], &[]), [Status::Ok]);
        assert_eq!(with(&[], &[GREEN, BLUE]), [Status::Ok]);
        assert_eq!(with(&[GREEN], &[]), [Status::Problem]);
        let detached = broken("listener", |stage| {
            stage.group(BLUE, |one| one.load_balancers.clear())
        });
        assert_eq!(detached, [Status::Problem]);
    }

    #[test]
    fn what_may_not_be_read_is_not_checked() {
        let denied = || Fact::Denied {
            action: "elasticloadbalancing:DescribeRules".to_owned(),
            allow: "allow elasticloadbalancing:DescribeRules in the caller's IAM policy".to_owned(),
        };
        let mut stage = Stage::healthy();
        let balancer = stage.facts.load_balancers.get_mut(BALANCER).unwrap();
        if let Fact::Known(listeners) = &mut balancer.listeners {
            listeners[0].forwards.clear();
            listeners[0].rules = denied();
        }
        let found = stage.found("listener");
        assert_eq!(statuses(&found), [Status::NotChecked]);
        assert_eq!(found[0].message, "needs elasticloadbalancing:DescribeRules");
        assert!(found[0].fix.as_ref().unwrap().starts_with("allow "));
    }
}
