//! Whether a deployment can move: the arithmetic of percents, and room for the new tasks.

use super::{Cluster, Fact, Finding, Service, Strategy, View};

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let Some(service) = view.service else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    findings.extend(arithmetic(view, service));
    findings.extend(launch_type(view, service));
    if let Fact::Known(cluster) = &view.facts.cluster {
        findings.extend(capacity_providers(cluster, service));
        findings.extend(instances(cluster, service));
        findings.extend(host_ports(view, cluster, service));
    }
    findings
}

/// How many tasks must be healthy, rounded up, and may run, rounded down, as ECS rounds them.
fn bounds(service: &Service) -> (u64, u64) {
    let of = |percent: u32| u64::from(service.desired) * u64::from(percent);
    let lower = of(service.minimum_percent).div_ceil(100);
    let upper = of(service.maximum_percent) / 100;
    (lower, upper)
}

/// "was unable to stop or start tasks during a deployment because of the service deployment
/// configuration".
fn arithmetic(view: &View<'_>, service: &Service) -> Option<Finding> {
    const CHECK: &str = "deployment-arithmetic";
    let desired = u64::from(service.desired);
    if view.strategy != Some(Strategy::Rolling) || service.is_daemon || desired == 0 {
        return None;
    }
    let (lower, upper) = bounds(service);
    let percents = format!(
        "minimumHealthyPercent {} and maximumPercent {}",
        service.minimum_percent, service.maximum_percent
    );
    if lower >= desired && upper <= desired {
        return Some(Finding::problem(
            CHECK,
            format!(
                "{percents} of {desired} tasks: none may stop and none more may start, so no deployment moves"
            ),
            format!(
                "set maximumPercent to at least {} where there is room for one more task, or else minimumHealthyPercent to at most {}",
                ((desired + 1) * 100).div_ceil(desired),
                (desired - 1) * 100 / desired,
            ),
        ));
    }
    if lower == 0 && upper <= desired {
        return Some(Finding::warning(
            CHECK,
            format!(
                "{percents} of {desired} tasks: all may stop before a new one runs, and then nobody answers"
            ),
            "set minimumHealthyPercent to 100 and maximumPercent to 200 where there is room for more tasks",
        ));
    }
    Some(Finding::ok(
        CHECK,
        format!("between {lower} and {upper} tasks while {desired} are replaced"),
    ))
}

fn launch_type(view: &View<'_>, service: &Service) -> Option<Finding> {
    const CHECK: &str = "launch-type";
    let definition = view.task_definition.as_ref()?;
    if !service.is_on_fargate() {
        return None;
    }
    Some(match definition.rules_out_fargate() {
        false => Finding::ok(CHECK, format!("{} runs on Fargate", definition.origin)),
        true => Finding::problem(
            CHECK,
            format!(
                "the service runs on Fargate, and {} does not",
                definition.origin
            ),
            "set networkMode to awsvpc and requiresCompatibilities to [\"FARGATE\"]",
        ),
    })
}

fn capacity_providers(cluster: &Cluster, service: &Service) -> Option<Finding> {
    const CHECK: &str = "capacity-provider";
    let named = &service.capacity_providers;
    if named.is_empty() {
        return None;
    }
    let strange = named
        .iter()
        .find(|name| !cluster.capacity_providers.contains(name));
    Some(match strange {
        None => Finding::ok(CHECK, named.join(", ")),
        Some(name) => Finding::problem(
            CHECK,
            format!("the service takes {name}, which the cluster does not have"),
            "add it: `aws ecs put-cluster-capacity-providers`",
        ),
    })
}

/// Only instances that are there run tasks where no capacity provider brings more.
fn is_on_its_own_instances(service: &Service) -> bool {
    service.launch_type.as_deref() == Some("EC2") && service.capacity_providers.is_empty()
}

fn instances(cluster: &Cluster, service: &Service) -> Option<Finding> {
    const CHECK: &str = "instances";
    is_on_its_own_instances(service).then(|| match cluster.instances {
        0 => Finding::problem(
            CHECK,
            "the service runs on EC2, and the cluster has no container instances",
            "register instances, or give the service a capacity provider or Fargate",
        ),
        count => Finding::ok(CHECK, format!("{count} are registered")),
    })
}

/// A static port of the host takes one instance for each task. A capacity provider may bring more.
fn host_ports(view: &View<'_>, cluster: &Cluster, service: &Service) -> Option<Finding> {
    const CHECK: &str = "host-port";
    let ports = view.task_definition.as_ref()?.host_ports();
    let (first, desired) = (ports.first()?, u64::from(service.desired));
    if service.is_on_fargate() || service.is_daemon {
        return None;
    }
    let (lower, _) = bounds(service);
    let needed = match view.is_side_by_side() {
        true => desired * 2,
        // One more where no task may be stopped first.
        false if lower >= desired => desired + 1,
        false => desired,
    };
    let instances = u64::from(cluster.instances);
    if instances >= needed {
        return Some(Finding::ok(
            CHECK,
            format!("{instances} instances have port {first} for {needed} tasks"),
        ));
    }
    let message = format!(
        "a task takes port {first} of its instance: a deployment of {desired} tasks needs {needed} instances, and {instances} are registered"
    );
    let fix = "set hostPort to 0 (the load balancer finds the port), or use awsvpc; or lower minimumHealthyPercent, or register more instances";
    Some(match is_on_its_own_instances(service) {
        true => Finding::problem(CHECK, message, fix),
        false => Finding::warning(CHECK, message, fix),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Status;
    use super::super::testing::{Stage, statuses};

    #[test]
    fn percents_are_rounded_as_ecs_does() {
        for (desired, minimum, maximum, expected) in [
            (1, 100, 200, Status::Ok),
            (1, 100, 100, Status::Problem),
            (1, 50, 100, Status::Problem),
            (1, 0, 100, Status::Warning),
            (2, 50, 100, Status::Ok),
            (2, 75, 100, Status::Problem),
            (3, 100, 125, Status::Problem),
            (4, 100, 125, Status::Ok),
            (4, 0, 100, Status::Warning),
            (4, 0, 200, Status::Ok),
        ] {
            let mut stage = Stage::healthy();
            stage.service(|service| {
                service.desired = desired;
                service.minimum_percent = minimum;
                service.maximum_percent = maximum;
            });
            let found = stage.found("deployment-arithmetic");
            assert_eq!(
                statuses(&found),
                [expected],
                "{desired} {minimum}/{maximum}"
            );
        }
        let mut stage = Stage::healthy();
        stage.shifts();
        stage.service(|service| service.maximum_percent = 100);
        assert_eq!(stage.found("deployment-arithmetic"), []);
    }

    /// What the fix names is enough, and the least.
    #[test]
    fn the_fix_of_the_arithmetic_fixes_it() {
        for desired in 1..=200_u32 {
            let with = |minimum: u32, maximum: u32| {
                let mut stage = Stage::healthy();
                stage.service(|service| {
                    service.desired = desired;
                    service.minimum_percent = minimum;
                    service.maximum_percent = maximum;
                });
                stage.found("deployment-arithmetic").remove(0)
            };
            let stuck = with(100, 100);
            let fix = stuck.fix.unwrap();
            let words = fix.split_whitespace().filter_map(|word| word.parse().ok());
            let numbers: Vec<u32> = words.collect();
            let [maximum, minimum] = numbers[..] else {
                panic!("{fix}");
            };
            assert_eq!(with(100, maximum).status, Status::Ok, "{desired}: {fix}");
            assert_eq!(
                with(100, maximum - 1).status,
                Status::Problem,
                "{desired}: {fix}"
            );
            assert_ne!(
                with(minimum, 100).status,
                Status::Problem,
                "{desired}: {fix}"
            );
            assert_eq!(
                with(minimum + 1, 100).status,
                Status::Problem,
                "{desired}: {fix}"
            );
        }
    }

    fn on_ec2(instances: u32, provider: Option<&str>, change: fn(&mut Stage)) -> Stage {
        let mut stage = Stage::healthy();
        stage.cluster(|cluster| cluster.instances = instances);
        stage.service(|service| {
            service.launch_type = Some("EC2".to_owned());
            if let Some(provider) = provider {
                service.launch_type = None;
                service.capacity_providers = vec![provider.to_owned()];
            }
        });
        stage.runs(|definition| {
            definition["networkMode"] = json!("bridge");
            definition["containerDefinitions"][0]["portMappings"][0]["hostPort"] = json!(80);
        });
        change(&mut stage);
        stage
    }

    #[test]
    fn a_static_port_needs_an_instance_for_each_task() {
        let any = |_: &mut Stage| {};
        let gives_one_up =
            |stage: &mut Stage| stage.service(|service| service.minimum_percent = 50);
        let shifting = |stage: &mut Stage| stage.shifts();
        for (instances, provider, change, expected) in [
            (3, None, any as fn(&mut Stage), Status::Ok),
            (2, None, any, Status::Problem),
            (2, Some("asg"), any, Status::Warning),
            (2, None, gives_one_up, Status::Ok),
            (1, None, gives_one_up, Status::Problem),
            (3, None, shifting, Status::Problem),
            (4, None, shifting, Status::Ok),
        ] {
            let found = on_ec2(instances, provider, change).found("host-port");
            assert_eq!(statuses(&found), [expected], "{instances} {provider:?}");
        }
        assert_eq!(Stage::healthy().found("host-port"), []);
    }

    #[test]
    fn there_is_somewhere_to_run() {
        assert_eq!(
            statuses(&on_ec2(0, None, |_| {}).found("instances")),
            [Status::Problem]
        );
        assert_eq!(
            statuses(&on_ec2(1, None, |_| {}).found("instances")),
            [Status::Ok]
        );
        assert_eq!(on_ec2(0, Some("asg"), |_| {}).found("instances"), []);
        let strange = on_ec2(0, Some("asg"), |_| {}).found("capacity-provider");
        assert_eq!(statuses(&strange), [Status::Problem]);
        let known = on_ec2(0, Some("asg"), |stage| {
            stage.cluster(|cluster| cluster.capacity_providers = vec!["asg".to_owned()]);
        });
        assert_eq!(statuses(&known.found("capacity-provider")), [Status::Ok]);
    }

    #[test]
    fn fargate_takes_its_own_task_definitions() {
        let mut stage = Stage::healthy();
        assert_eq!(statuses(&stage.found("launch-type")), [Status::Ok]);
        stage.runs(|definition| definition["requiresCompatibilities"] = json!(["EC2"]));
        assert_eq!(statuses(&stage.found("launch-type")), [Status::Problem]);
    }
}
