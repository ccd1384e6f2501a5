//! Target groups, the listeners in front of them, and how targets are asked for their health.

use super::finding::known;
use super::{
    Attachment, Fact, Finding, HealthCheck, Listener, LoadBalancer, TargetGroup, View, alarm_names,
    group_name,
};

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let attachments = view
        .service
        .map_or(&[][..], |service| &service.load_balancers);
    for attachment in attachments {
        if let Some(arn) = &attachment.target_group {
            findings.extend(group(view, arn));
            findings.push(listener(view, arn));
            findings.extend(grace_period(view, arn));
        }
        if view.shifts() {
            findings.extend(other_side(view, attachment));
            findings.extend(rules(view, attachment));
        }
    }
    findings.extend(states(view));
    findings.extend(alarms(view));
    findings
}

/// A target group is there, and takes the targets that the tasks are.
fn group(view: &View<'_>, arn: &str) -> Vec<Finding> {
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
        Ok(group) => vec![target_type(view, group), health_check(view, group)],
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

fn health_check(view: &View<'_>, group: &TargetGroup) -> Finding {
    const CHECK: &str = "health-check";
    let name = &group.name;
    let HealthCheck {
        protocol,
        port,
        path,
        matcher,
        ..
    } = &group.health;
    if let Some(codes) = matcher.as_deref().filter(|codes| counts_errors(codes)) {
        return Finding::warning(
            CHECK,
            format!("{name}: the matcher {codes} lets an answer with an error count as healthy"),
            format!(
                "aws elbv2 modify-target-group --target-group-arn … --matcher HttpCode=200 (of {name})"
            ),
        );
    }
    if let Some(finding) = other_port(view, group) {
        return finding;
    }
    let path = path.as_deref().unwrap_or_default();
    let codes = matcher.as_deref().map(|codes| format!(" for {codes}"));
    let at = match port.as_str() {
        "traffic-port" => "the container's port".to_owned(),
        port => format!("port {port}"),
    };
    let codes = codes.unwrap_or_default();
    Finding::ok(
        CHECK,
        format!("{name}: {protocol} {path} at {at}{codes}").replace("  ", " "),
    )
}

/// The health check is sent to a port of its own, which no container has.
fn other_port(view: &View<'_>, group: &TargetGroup) -> Option<Finding> {
    let definition = view.task_definition.as_ref()?;
    let port: u16 = group.health.port.parse().ok()?;
    let ports = match definition.network_mode() {
        "awsvpc" => definition
            .container_ports()
            .into_iter()
            .map(u64::from)
            .collect(),
        _ => definition.host_ports(),
    };
    (!ports.contains(&u64::from(port))).then(|| {
        Finding::warning(
            "health-check",
            format!(
                "{}: health checks go to port {port}, which {} does not map",
                group.name, definition.origin
            ),
            "set --health-check-port traffic-port, or map the port",
        )
    })
}

/// Whether 4xx or 5xx are among the codes: `200`, `200,301`, `200-499`.
fn counts_errors(matcher: &str) -> bool {
    let ends = matcher
        .split([',', '-'])
        .filter_map(|code| code.trim().parse::<u16>().ok());
    ends.max().is_some_and(|highest| highest >= 400)
}

/// AWS refuses a service whose target group no load balancer uses, and CodeDeploy one whose
/// "primary taskset target group" is not behind the listener.
fn listener(view: &View<'_>, arn: &str) -> Finding {
    const CHECK: &str = "listener";
    let name = group_name(arn);
    let detached = || {
        Finding::problem(
            CHECK,
            format!("no listener forwards to {name}: no request reaches the tasks"),
            format!("let a listener or a rule of a load balancer forward to {name}"),
        )
    };
    let group = view.facts.target_groups.get(arn).and_then(Fact::known);
    let Some(group) = group else {
        return Finding::ok(CHECK, format!("{name} is not known"));
    };
    let balancers = group.load_balancers.iter();
    let balancers = balancers.filter_map(|arn| view.facts.load_balancers.get(arn));
    let mut unseen = None;
    for balancer in balancers {
        match forwarded_by(balancer, arn) {
            Ok(Some(port)) => {
                return Finding::ok(CHECK, format!("port {port} forwards to {name}"));
            }
            Ok(None) => {}
            Err(finding) => unseen = Some(finding),
        }
    }
    unseen.unwrap_or_else(detached)
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

/// The second target group of a strategy that shifts traffic. It need not be behind a listener: ECS
/// writes it into the rule.
fn other_side(view: &View<'_>, attachment: &Attachment) -> Vec<Finding> {
    const CHECK: &str = "alternate-target-group";
    let Some(arn) = &attachment.alternate else {
        return vec![Finding::problem(
            CHECK,
            "the strategy shifts traffic between two target groups, and the service has one",
            "set advancedConfiguration in the service's loadBalancers: alternateTargetGroupArn, productionListenerRule and roleArn",
        )];
    };
    let mut findings = group(view, arn);
    let side = |arn: &str| view.facts.target_groups.get(arn).and_then(Fact::known);
    let primary = attachment.target_group.as_deref();
    if let (Some(one), Some(other)) = (primary.and_then(side), side(arn)) {
        findings.push(both_sides(one, other));
    }
    findings
}

/// Both sides take the same traffic to the same network.
pub(super) fn both_sides(one: &TargetGroup, other: &TargetGroup) -> Finding {
    const CHECK: &str = "alternate-target-group";
    let differ = |what: &str, a: &str, b: &str| {
        Finding::problem(
            CHECK,
            format!(
                "{} and {} differ in their {what}: {a} and {b}",
                one.name, other.name
            ),
            format!("create the second target group with the {what} of the first"),
        )
    };
    if one.protocol != other.protocol {
        return differ("protocol", &one.protocol, &other.protocol);
    }
    if let (Some(a), Some(b)) = (&one.vpc, &other.vpc)
        && a != b
    {
        return differ("VPC", a, b);
    }
    if one.health.path != other.health.path || one.health.matcher != other.health.matcher {
        return Finding::warning(
            CHECK,
            format!(
                "{} and {} have different health checks: every second deployment is judged otherwise",
                one.name, other.name
            ),
            "give both target groups the same health check",
        );
    }
    Finding::ok(
        CHECK,
        format!("{} takes turns with {}", one.name, other.name),
    )
}

/// The rules that ECS moves are there.
fn rules(view: &View<'_>, attachment: &Attachment) -> Vec<Finding> {
    const CHECK: &str = "production-rule";
    let production = match &attachment.production_rule {
        Some(arn) => rule(view, attachment, CHECK, arn),
        None => Finding::problem(
            CHECK,
            "the service names no productionListenerRule: ECS cannot shift its traffic",
            "set productionListenerRule in the advancedConfiguration of the service's loadBalancers",
        ),
    };
    let test = attachment.test_rule.as_ref();
    let test = test.map(|arn| rule(view, attachment, "test-rule", arn));
    [Some(production), test].into_iter().flatten().collect()
}

/// It forwards to the service. ECS fails where a rule has actions of other kinds beside.
fn rule(view: &View<'_>, attachment: &Attachment, check: &'static str, arn: &str) -> Finding {
    let problem = |message: String| {
        Finding::problem(
            check,
            message,
            "name a rule (of a Network Load Balancer: a listener) that forwards to one of the two target groups, and does nothing else",
        )
    };
    let gone = || problem(format!("{arn} is not one of the load balancer's rules"));
    let sides = [&attachment.target_group, &attachment.alternate];
    let is_side = |group: &String| sides.iter().any(|side| side.as_ref() == Some(group));
    for balancer in view.facts.load_balancers.values() {
        let listeners = match known(&balancer.listeners, check, gone) {
            Ok(listeners) => listeners,
            Err(finding) => return finding,
        };
        for listener in listeners {
            let rules = match known(&listener.rules, check, gone) {
                Ok(rules) => rules,
                Err(finding) => return finding,
            };
            let found = rules.iter().find(|rule| rule.arn == arn);
            let forwards = match found {
                Some(rule) if !rule.others.is_empty() => {
                    let others = rule.others.join(", ");
                    return problem(format!("the rule also has the action {others}"));
                }
                Some(rule) => &rule.forwards,
                None if listener.arn == arn => &listener.forwards,
                None => continue,
            };
            return match forwards.iter().any(is_side) {
                true => Finding::ok(check, format!("ECS moves a rule at port {}", listener.port)),
                false => problem("the rule forwards to neither target group".to_owned()),
            };
        }
    }
    gone()
}

/// A container may take longer to start than the load balancer waits.
fn grace_period(view: &View<'_>, arn: &str) -> Option<Finding> {
    const CHECK: &str = "health-check-grace-period";
    let service = view.service?;
    let group = view.facts.target_groups.get(arn)?.known()?;
    let start = view.task_definition.as_ref()?.start_period();
    let patience = u64::from(group.health.interval) * u64::from(group.health.unhealthy_threshold);
    let grace = u64::from(service.grace_seconds);
    if start <= patience.max(grace) {
        return Some(Finding::ok(CHECK, format!("{grace} s")));
    }
    Some(Finding::warning(
        CHECK,
        format!(
            "a container may take {start} s to start (startPeriod), and after {} s the load balancer has its tasks replaced",
            patience.max(grace)
        ),
        format!("set --health-check-grace-period-seconds {start} on the service"),
    ))
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

/// An alarm that is missing makes no deployment fail, and one that rings already makes ECS ignore it
/// and CodeDeploy stop.
fn alarms(view: &View<'_>) -> Vec<Finding> {
    const CHECK: &str = "alarms";
    let Some(fact) = &view.facts.alarms else {
        return Vec::new();
    };
    let none = || Finding::problem(CHECK, "there are no alarms", "create them");
    let there = match known(fact, CHECK, none) {
        Ok(there) => there,
        Err(finding) => return vec![finding],
    };
    let judged = alarm_names(view.wanted, view.facts)
        .into_iter()
        .map(|name| match there.get(&name) {
            None => Finding::problem(
                CHECK,
                format!("there is no alarm {name}"),
                "create it, or correct its name where it is used",
            ),
            Some(state) if state == "ALARM" => Finding::warning(
                CHECK,
                format!(
                    "{name} rings already: CodeDeploy refuses to deploy, and ECS does not heed it"
                ),
                "see to what it is about, or leave it out",
            ),
            Some(state) => Finding::ok(CHECK, format!("{name} is {state}")),
        });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::{BALANCER, BLUE, GREEN, RULE, Stage, balancer, statuses};
    use super::super::{Fact, Status};
    use super::*;

    fn broken(check: &str, change: impl FnOnce(&mut Stage)) -> Vec<Status> {
        let mut stage = Stage::healthy();
        change(&mut stage);
        let found = stage.found(check);
        let fixed = found
            .iter()
            .all(|one| one.status == Status::Ok || one.fix.is_some());
        assert!(fixed, "{found:#?}");
        statuses(&found)
    }

    #[test]
    fn matchers_that_count_errors() {
        for (matcher, counts) in [
            ("200", false),
            ("200-399", false),
            ("200,404", true),
            ("200-499", true),
            ("0", false),
        ] {
            assert_eq!(counts_errors(matcher), counts, "{matcher}");
        }
    }

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

    #[test]
    fn health_checks() {
        let table: [(&str, Status, fn(&mut HealthCheck)); 4] = [
            ("as it is", Status::Ok, |_| {}),
            ("errors", Status::Warning, |check| {
                check.matcher = Some("200-499".to_owned())
            }),
            ("the container's port", Status::Ok, |check| {
                check.port = "8080".to_owned()
            }),
            ("another port", Status::Warning, |check| {
                check.port = "9000".to_owned()
            }),
        ];
        for (name, status, change) in table {
            let found = broken("health-check", |stage| {
                stage.group(BLUE, |group| change(&mut group.health))
            });
            assert_eq!(found, [status], "{name}");
        }
    }

    #[test]
    fn a_slow_start_needs_a_grace_period() {
        let with = |start: u64, grace: u32| {
            broken("health-check-grace-period", |stage| {
                stage.runs(|definition| {
                    definition["containerDefinitions"][0]["healthCheck"]["startPeriod"] =
                        start.into()
                });
                stage.service(|service| service.grace_seconds = grace);
            })
        };
        assert_eq!(with(30, 0), [Status::Ok]);
        assert_eq!(with(120, 0), [Status::Warning]);
        assert_eq!(with(120, 120), [Status::Ok]);
    }

    #[test]
    fn a_strategy_that_shifts_has_two_sides_and_a_rule() {
        let shifting = |check: &str, change: fn(&mut Stage)| {
            broken(check, |stage| {
                stage.shifts();
                change(stage);
            })
        };
        for (check, change) in [
            (
                "alternate-target-group",
                (|stage| stage.service(|s| s.load_balancers[0].alternate = None)) as fn(&mut Stage),
            ),
            ("alternate-target-group", |stage| {
                stage.group(GREEN, |group| group.vpc = Some("vpc-2".to_owned()))
            }),
            ("alternate-target-group", |stage| {
                stage.group(GREEN, |group| group.protocol = "HTTPS".to_owned())
            }),
            ("production-rule", |stage| {
                stage.service(|s| s.load_balancers[0].production_rule = None)
            }),
            ("production-rule", |stage| {
                stage.service(|s| s.load_balancers[0].production_rule = Some("other".to_owned()))
            }),
            ("production-rule", |stage| {
                stage
                    .facts
                    .load_balancers
                    .insert(BALANCER.to_owned(), balancer(&["other"]));
            }),
        ] {
            assert_eq!(shifting(check, |_| {}), [Status::Ok]);
            assert_eq!(shifting(check, change), [Status::Problem], "{check}");
        }
        let mixed = shifting("production-rule", |stage| {
            let balancer = stage.facts.load_balancers.get_mut(BALANCER).unwrap();
            if let Fact::Known(listeners) = &mut balancer.listeners
                && let Fact::Known(rules) = &mut listeners[0].rules
            {
                assert_eq!(rules[0].arn, RULE);
                rules[0].others.push("authenticate-oidc".to_owned());
            }
        });
        assert_eq!(mixed, [Status::Problem]);
    }

    #[test]
    fn alarms_are_there_and_quiet() {
        let with = |states: &[(&str, &str)]| {
            let there = states
                .iter()
                .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()));
            let there: BTreeMap<_, _> = there.collect();
            broken("alarms", |stage| {
                stage.service(|service| service.alarms = vec!["web-5xx".to_owned()]);
                stage.facts.alarms = Some(Fact::Known(there));
            })
        };
        assert_eq!(with(&[("web-5xx", "OK")]), [Status::Ok]);
        assert_eq!(with(&[("web-5xx", "ALARM")]), [Status::Warning]);
        assert_eq!(with(&[("other", "OK")]), [Status::Problem]);
    }
}
