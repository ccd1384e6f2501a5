//! CodeDeploy's application, group and service fit together.

use super::finding::known;
use super::shifting::both_sides;
use super::{DeploymentGroup, Fact, Finding, Strategy, TargetGroup, View, group_name, short};

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let Some(code_deploy) = &view.facts.code_deploy else {
        return Vec::new();
    };
    if view.strategy != Some(Strategy::CodeDeploy) {
        return Vec::new();
    }
    // The group names the service, and can only be created when that is there.
    if view.facts.to_be_created.is_some() && matches!(code_deploy.group, Fact::Absent) {
        return vec![Finding::warning(
            "deployment-group",
            "there is none yet: the first deployment creates the service without CodeDeploy",
            "create the application and the deployment group after the first deployment",
        )];
    }
    let (name, group) = &code_deploy.names;
    let mut findings = vec![application(name, &code_deploy.application)];
    let absent = || {
        Finding::problem(
            "deployment-group",
            format!("there is no deployment group {group} of the application {name}"),
            "create it, or name the service's own in deploy.codedeploy.deployment-group",
        )
    };
    match known(&code_deploy.group, "deployment-group", absent) {
        Err(finding) => findings.push(finding),
        Ok(group) => {
            findings.push(service(view, group));
            findings.push(style(group));
            findings.extend(pair(view, group));
            findings.extend(listeners(view, group));
            findings.push(rolls_back(group));
            findings.push(busy(group));
        }
    }
    findings.extend(config(view));
    findings
}

fn application(name: &str, fact: &Fact<String>) -> Finding {
    const CHECK: &str = "codedeploy-application";
    let absent = || {
        Finding::problem(
            CHECK,
            format!("there is no application {name}"),
            "create it with --compute-platform ECS, or name the service's own in deploy.codedeploy.application",
        )
    };
    match known(fact, CHECK, absent) {
        Err(finding) => finding,
        Ok(platform) if platform == "ECS" => Finding::ok(CHECK, format!("{name} is for ECS")),
        Ok(platform) => Finding::problem(
            CHECK,
            format!("{name} is for the compute platform {platform}"),
            "create one with --compute-platform ECS: that of an application cannot be changed",
        ),
    }
}

fn service(view: &View<'_>, group: &DeploymentGroup) -> Finding {
    const CHECK: &str = "deployment-group";
    let service = &view.wanted.service;
    let own = format!("{}/{}", short(&service.cluster), short(&service.service));
    if group.services.contains(&own) {
        return Finding::ok(CHECK, format!("it deploys {own}"));
    }
    let deploys = match group.services.as_slice() {
        [] => "no service".to_owned(),
        services => services.join(", "),
    };
    Finding::problem(
        CHECK,
        format!("the deployment group deploys {deploys}, not {own}"),
        "name the service's own in deploy.codedeploy.deployment-group",
    )
}

fn style(group: &DeploymentGroup) -> Finding {
    const CHECK: &str = "deployment-style";
    let (kind, option) = &group.style;
    match (kind.as_str(), option.as_str()) {
        ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL") => {
            Finding::ok(CHECK, "BLUE_GREEN with traffic control")
        }
        _ => Finding::problem(
            CHECK,
            format!("the deployment group's style is {kind} {option}"),
            "update it with --deployment-style deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL",
        ),
    }
}

/// Its two target groups are there and alike, and one of them is the service's.
fn pair(view: &View<'_>, group: &DeploymentGroup) -> Vec<Finding> {
    const CHECK: &str = "target-group-pair";
    let [one, other] = group.target_groups.as_slice() else {
        return vec![Finding::problem(
            CHECK,
            format!(
                "the deployment group has {} target groups, and CodeDeploy needs two",
                group.target_groups.len()
            ),
            "give it a pair of target groups in --load-balancer-info",
        )];
    };
    let attachments = view.facts.attachments();
    let own = attachments
        .iter()
        .filter_map(|one| one.target_group.as_deref());
    let own: Vec<_> = own.map(group_name).collect();
    if !own.is_empty()
        && !own
            .iter()
            .any(|name| [one, other].iter().any(|side| side == name))
    {
        return vec![Finding::problem(
            CHECK,
            format!(
                "the deployment group has the target groups {one} and {other}, and the service is behind {}",
                own.join(", ")
            ),
            "give the deployment group the service's target group and a second one",
        )];
    }
    match (named(view, one), named(view, other)) {
        (Some(one), Some(other)) => vec![both_sides(one, other)],
        _ => missing(view, [one, other]),
    }
}

fn named<'v>(view: &'v View<'_>, name: &str) -> Option<&'v TargetGroup> {
    let mut groups = view.facts.target_groups.values().filter_map(Fact::known);
    groups.find(|group| group.name == name)
}

/// Those that are known not to be there, or may not be looked at.
fn missing(view: &View<'_>, names: [&String; 2]) -> Vec<Finding> {
    const CHECK: &str = "target-group-pair";
    let names = names.into_iter().filter(|name| named(view, name).is_none());
    let judged = names.filter_map(|name| {
        let absent = || {
            Finding::problem(
                CHECK,
                format!("there is no target group {name}"),
                "create it, like the other one of the pair",
            )
        };
        let mut facts = view.facts.target_groups.iter();
        let (_, fact) = facts.find(|(arn, _)| group_name(arn) == name)?;
        known(fact, CHECK, absent).err()
    });
    judged.collect()
}

/// "Primary taskset target group must be behind listener".
fn listeners(view: &View<'_>, group: &DeploymentGroup) -> Vec<Finding> {
    const CHECK: &str = "production-listener";
    let fix = "name a listener of the load balancer that forwards to one of the two target groups";
    if group.production.is_empty() {
        let message = "the deployment group names no production listener";
        return vec![Finding::problem(CHECK, message, fix)];
    }
    let balancers = view.facts.load_balancers.values();
    let there: Vec<_> = balancers
        .filter_map(|balancer| balancer.listeners.known())
        .flatten()
        .collect();
    if there.is_empty() {
        // Why they are not known, the target group's own check says.
        return Vec::new();
    }
    let judged = group.production.iter().chain(&group.test).map(|arn| {
        let Some(listener) = there.iter().find(|one| one.arn == *arn) else {
            let message =
                format!("the listener {arn} is not one of the target groups' load balancer");
            return Finding::problem(CHECK, message, fix);
        };
        let by_rules = listener.rules.known().map_or(&[][..], Vec::as_slice);
        let by_rules = by_rules.iter().flat_map(|rule| &rule.forwards);
        let mut forwards = listener.forwards.iter().chain(by_rules);
        let is_side = |arn: &String| {
            group
                .target_groups
                .iter()
                .any(|name| name == group_name(arn))
        };
        match forwards.any(is_side) {
            true => Finding::ok(
                CHECK,
                format!("port {} forwards to the pair", listener.port),
            ),
            false => Finding::problem(
                CHECK,
                format!(
                    "the listener at port {} forwards to neither target group of the pair",
                    listener.port
                ),
                fix,
            ),
        }
    });
    judged.collect()
}

fn rolls_back(group: &DeploymentGroup) -> Finding {
    const CHECK: &str = "auto-rollback";
    match group.rolls_back {
        true => Finding::ok(CHECK, "CodeDeploy rolls a failed deployment back"),
        false => Finding::warning(
            CHECK,
            "CodeDeploy does not roll a failed deployment back: only this tool will, while it runs",
            "set deploy.codedeploy.auto-rollback to [failure, alarm, stop], or turn it on in the deployment group",
        ),
    }
}

fn busy(group: &DeploymentGroup) -> Finding {
    const CHECK: &str = "deployment-under-way";
    match &group.busy_with {
        None => Finding::ok(CHECK, "CodeDeploy deploys nothing"),
        Some(id) => Finding::warning(
            CHECK,
            format!("the deployment {id} is under way, and the group takes one at a time"),
            "wait for its end, or deploy with --wait-for-previous or --supersede",
        ),
    }
}

/// It is there; and a Network Load Balancer moves all traffic at once.
fn config(view: &View<'_>) -> Option<Finding> {
    const CHECK: &str = "deployment-config";
    let (name, fact) = view.facts.code_deploy.as_ref()?.config.as_ref()?;
    let absent = || {
        Finding::problem(
            CHECK,
            format!("there is no deployment configuration {name}"),
            "correct deploy.codedeploy.deployment-config, such as CodeDeployDefault.ECSAllAtOnce",
        )
    };
    if let Err(finding) = known(fact, CHECK, absent) {
        return Some(finding);
    }
    let groups = view.facts.target_groups.values().filter_map(Fact::known);
    let in_steps = name.contains("Canary") || name.contains("Linear");
    let mut by_connection = groups.filter(|group| !group.protocol.starts_with("HTTP"));
    Some(match by_connection.next() {
        Some(group) if in_steps => Finding::problem(
            CHECK,
            format!(
                "{name} moves traffic in steps, and {} is behind a Network Load Balancer, which cannot",
                group.name
            ),
            "use CodeDeployDefault.ECSAllAtOnce",
        ),
        _ => Finding::ok(CHECK, name),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{self, GREEN, Stage};
    use super::*;

    /// The check, what it comes to, and what is changed.
    type Case = (&'static str, Status, fn(&mut DeploymentGroup));

    fn broken(check: &str, change: impl FnOnce(&mut Stage)) -> Vec<Status> {
        testing::broken(check, |stage| {
            stage.by_code_deploy();
            change(stage);
        })
    }

    #[test]
    fn a_group_fits_its_service() {
        let table: [Case; 8] = [
            ("deployment-group", Status::Problem, |group| {
                group.services = vec!["c/other".to_owned()]
            }),
            ("deployment-style", Status::Problem, |group| {
                group.style.0 = "IN_PLACE".to_owned()
            }),
            ("target-group-pair", Status::Problem, |group| {
                group.target_groups.truncate(1)
            }),
            ("target-group-pair", Status::Problem, |group| {
                group.target_groups = vec!["a".to_owned(), "b".to_owned()]
            }),
            ("production-listener", Status::Problem, |group| {
                group.production.clear()
            }),
            ("production-listener", Status::Problem, |group| {
                group.production = vec!["other".to_owned()]
            }),
            ("auto-rollback", Status::Warning, |group| {
                group.rolls_back = false
            }),
            ("alternate-target-group", Status::Ok, |_| {}),
        ];
        for (check, expected, change) in table {
            let found = broken(check, |stage| stage.deployment_group(change));
            assert_eq!(found, [expected], "{check}");
        }
        let busy = broken("deployment-under-way", |stage| {
            stage.deployment_group(|group| group.busy_with = Some("d-1".to_owned()));
        });
        assert_eq!(busy, [Status::Ok, Status::Warning]);
        let gone = broken("target-group-pair", |stage| {
            stage
                .facts
                .target_groups
                .insert(GREEN.to_owned(), Fact::Absent);
        });
        assert_eq!(gone, [Status::Problem]);
    }

    #[test]
    fn application_and_configuration_are_there() {
        let application = |fact: Fact<String>| {
            broken("codedeploy-application", |stage| {
                stage.facts.code_deploy.as_mut().unwrap().application = fact;
            })
        };
        assert_eq!(application(Fact::Known("ECS".to_owned())), [Status::Ok]);
        assert_eq!(
            application(Fact::Known("Server".to_owned())),
            [Status::Problem]
        );
        assert_eq!(application(Fact::Absent), [Status::Problem]);
        let config = |name: &str, fact: Fact<()>, protocol: &str| {
            broken("deployment-config", |stage| {
                stage.facts.code_deploy.as_mut().unwrap().config = Some((name.to_owned(), fact));
                stage.group(GREEN, |group| group.protocol = protocol.to_owned());
            })
        };
        let canary = "CodeDeployDefault.ECSCanary10Percent5Minutes";
        assert_eq!(config(canary, Fact::Known(()), "HTTP"), [Status::Ok]);
        assert_eq!(config(canary, Fact::Known(()), "TCP"), [Status::Problem]);
        assert_eq!(config(canary, Fact::Absent, "HTTP"), [Status::Problem]);
    }
}
