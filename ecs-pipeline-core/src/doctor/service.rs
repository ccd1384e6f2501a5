//! The service, who deploys to it, and what it needs of a task definition.

use super::finding::known;
use super::{Attachment, Finding, Service, Strategy, TaskDefinition, View, task_definition};

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let mut findings = vec![is_there(view)];
    findings.extend(view.service.map(|service| controller(view, service)));
    let (file, gets_image) = (view.wanted.task_definition.as_ref(), &view.wanted.container);
    findings.extend(file.map(|file| task_definition::file(file, gets_image.as_deref())));
    findings.extend(what_it_runs(view));
    if let Some(definition) = &view.task_definition {
        findings.extend(container(view, definition));
        let ports = view.facts.attachments().iter();
        findings.extend(ports.map(|attachment| container_port(attachment, definition)));
    }
    if let Some(service) = view.service {
        findings.push(desired_count(service));
        findings.extend(circuit_breaker(view, service));
        findings.extend(view.facts.service.known().map(under_way));
    }
    findings
}

fn is_there(view: &View<'_>) -> Finding {
    const CHECK: &str = "service";
    let service = &view.wanted.service;
    let to_be_created = || {
        let message = format!("{service} is not there, and will be created");
        Finding::ok(CHECK, message)
    };
    let fix =
        "create it, or name the file of its definition in deploy.create; or correct deploy.service";
    let absent = || match view.facts.to_be_created.is_some() {
        true => to_be_created(),
        false => Finding::problem(CHECK, format!("there is no service {service}"), fix),
    };
    match known(&view.facts.service, CHECK, absent) {
        Err(finding) => finding,
        Ok(found) if found.status == "ACTIVE" => Finding::ok(CHECK, format!("{service} is ACTIVE")),
        Ok(found) if found.status == "INACTIVE" && view.facts.to_be_created.is_some() => {
            to_be_created()
        }
        Ok(found) => Finding::problem(CHECK, format!("{service} is {}", found.status), fix),
    }
}

fn controller(view: &View<'_>, service: &Service) -> Finding {
    const CHECK: &str = "deployment-controller";
    let told = match service.controller.as_str() {
        "ECS" => "ECS",
        "CODE_DEPLOY" => "CodeDeploy",
        _ => {
            return Finding::problem(
                CHECK,
                "somebody else controls its deployments (EXTERNAL)",
                "create a service whose deployment controller is ECS or CODE_DEPLOY",
            );
        }
    };
    match (view.wanted.strategy, told) {
        (Some(Strategy::CodeDeploy), "ECS") => Finding::problem(
            CHECK,
            "deploy.strategy is codedeploy, and the service's deployment controller is ECS",
            "choose a strategy of ECS's own, or create the service with the controller CODE_DEPLOY",
        ),
        (Some(strategy), "CodeDeploy") if strategy != Strategy::CodeDeploy => Finding::problem(
            CHECK,
            "deploy.strategy is one of ECS's own, and the service's deployment controller is CODE_DEPLOY",
            "set deploy.strategy to codedeploy, or move the service to the controller ECS",
        ),
        _ => Finding::ok(CHECK, format!("{told} deploys to it")),
    }
}

/// Only where no file takes its place.
fn what_it_runs(view: &View<'_>) -> Option<Finding> {
    const CHECK: &str = "task-definition";
    if view.wanted.task_definition.is_some() {
        return None;
    }
    let absent = || {
        Finding::problem(
            CHECK,
            "the service's task definition is not there any more",
            "name a task definition file in deploy.task-definition",
        )
    };
    Some(match known(view.facts.running.as_ref()?, CHECK, absent) {
        Err(finding) => finding,
        Ok(running) => Finding::ok(CHECK, format!("{} is the model", running.origin)),
    })
}

fn container(view: &View<'_>, definition: &TaskDefinition) -> Option<Finding> {
    const CHECK: &str = "container";
    let container = view.wanted.container.as_deref()?;
    let (names, origin) = (definition.container_names(), &definition.origin);
    Some(match names.contains(&container) {
        true => Finding::ok(CHECK, format!("{origin} has the container {container}")),
        false => Finding::problem(
            CHECK,
            format!(
                "{origin} has no container {container}: it has {}",
                names.join(", ")
            ),
            "correct deploy.container, or the container's name",
        ),
    })
}

/// AWS: "The container X does not exist in the task definition", and "did not have a container port
/// P defined".
fn container_port(attachment: &Attachment, definition: &TaskDefinition) -> Finding {
    const CHECK: &str = "container-port";
    let Attachment {
        container, port, ..
    } = attachment;
    let origin = &definition.origin;
    if !definition.container_names().contains(&container.as_str()) {
        return Finding::problem(
            CHECK,
            format!(
                "the service's load balancer sends to the container {container}, and {origin} has none of that name"
            ),
            "give the container the name that the service's loadBalancers have",
        );
    }
    if definition.ports_of(container).contains(port) {
        let message = format!("the load balancer finds {container} at port {port}");
        return Finding::ok(CHECK, message);
    }
    Finding::problem(
        CHECK,
        format!(
            "the service's load balancer sends to port {port} of {container}, and {origin} does not map it"
        ),
        format!("add {{\"containerPort\": {port}}} to the container's portMappings"),
    )
}

fn desired_count(service: &Service) -> Finding {
    const CHECK: &str = "desired-count";
    match service.desired {
        0 if !service.is_daemon => Finding::warning(
            CHECK,
            "the service wants no tasks: a new version is not tried",
            "set its desired count",
        ),
        count => Finding::ok(CHECK, format!("{count} tasks are wanted")),
    }
}

/// CodeDeploy and the strategies that shift traffic go back by themselves.
fn circuit_breaker(view: &View<'_>, service: &Service) -> Option<Finding> {
    const CHECK: &str = "circuit-breaker";
    if view.strategy != Some(Strategy::Rolling) {
        return None;
    }
    Some(match service.breaks || !service.alarms.is_empty() {
        true => Finding::ok(CHECK, "ECS notices a deployment that fails"),
        false => Finding::warning(
            CHECK,
            "neither circuit breaker nor alarms: a deployment that fails goes on for ever",
            "set deploymentCircuitBreaker={enable=true,rollback=true} in the service's deploymentConfiguration",
        ),
    })
}

fn under_way(service: &Service) -> Finding {
    const CHECK: &str = "deployment-under-way";
    match service.under_way.as_slice() {
        [] => Finding::ok(CHECK, "no deployment of ECS is under way"),
        [first, ..] => Finding::warning(
            CHECK,
            format!("the deployment {first} is under way: a new one takes its place"),
            "wait for its end; `ecs-pipeline status` shows it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Stage, broken};
    use super::super::{Fact, Status};
    use super::*;

    /// A check, what it comes to, and what is changed.
    type Case = (&'static str, Status, fn(&mut Stage));

    #[test]
    fn a_service_fits_what_is_deployed_to_it() {
        let table: [Case; 13] = [
            ("service", Status::Problem, |stage| {
                stage.service(|one| one.status = "DRAINING".to_owned())
            }),
            ("service", Status::Problem, |stage| {
                stage.facts.service = Fact::Absent
            }),
            ("service", Status::Ok, |stage| {
                stage.facts.service = Fact::Absent;
                stage.facts.to_be_created = Some(Service::to_be(&json!({})));
            }),
            ("deployment-controller", Status::Problem, |stage| {
                stage.wanted.strategy = Some(Strategy::CodeDeploy);
            }),
            ("deployment-controller", Status::Problem, |stage| {
                stage.wanted.strategy = Some(Strategy::Canary);
                stage.service(|one| one.controller = "CODE_DEPLOY".to_owned());
            }),
            ("deployment-controller", Status::Problem, |stage| {
                stage.service(|one| one.controller = "EXTERNAL".to_owned());
            }),
            ("task-definition", Status::Problem, |stage| {
                stage.facts.running = Some(Fact::Absent)
            }),
            ("container", Status::Problem, |stage| {
                stage.wanted.container = Some("api".to_owned())
            }),
            ("container-port", Status::Problem, |stage| {
                stage.service(|one| one.load_balancers[0].port = 9090)
            }),
            ("container-port", Status::Problem, |stage| {
                stage.service(|one| one.load_balancers[0].container = "api".to_owned());
            }),
            ("desired-count", Status::Warning, |stage| {
                stage.service(|one| one.desired = 0)
            }),
            ("circuit-breaker", Status::Warning, |stage| {
                stage.service(|one| one.breaks = false)
            }),
            ("deployment-under-way", Status::Warning, |stage| {
                stage.service(|one| one.under_way = vec!["ecs-svc/1".to_owned()]);
            }),
        ];
        for (check, expected, change) in table {
            assert_eq!(broken(check, |_| {}), [Status::Ok], "{check}");
            assert_eq!(broken(check, change), [expected], "{check}");
        }
    }

    /// Alarms notice, too; and the other strategies go back by themselves.
    #[test]
    fn a_circuit_breaker_is_not_missed_where_something_else_notices() {
        let alarmed = broken("circuit-breaker", |stage| {
            stage.service(|one| (one.breaks, one.alarms) = (false, vec!["5xx".to_owned()]));
        });
        assert_eq!(alarmed, [Status::Ok]);
        let shifting = broken("circuit-breaker", |stage| {
            stage.shifts();
            stage.service(|one| one.breaks = false);
        });
        assert_eq!(shifting, []);
    }
}
