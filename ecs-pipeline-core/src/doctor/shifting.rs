//! What ECS needs to shift traffic from one side to the other.

use super::finding::known;
use super::load_balancer::group;
use super::{Attachment, Fact, Finding, TargetGroup, View};

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let service = view.service.filter(|_| view.shifts());
    let attachments = service.map_or(&[][..], |service| &service.load_balancers);
    let checks = |one| [other_side(view, one), rules(view, one)].concat();
    attachments.iter().flat_map(checks).collect()
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

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{BALANCER, GREEN, RULE, Stage, balancer, broken};
    use super::*;

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
}
