//! The AppSpec's container.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "app-spec-container",
    severity: Severity::Error,
    summary: "the AppSpec's `ContainerName` is no container of the task definition",
    explanation: "CodeDeploy sends the load balancer's traffic to this container. ECS refuses the task set where the task definition has no container of that name: `The container NAME does not exist in the task definition.`",
    remedy: "Use the name that the container has in the task definition.",
    reference: "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html",
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    for (file, service) in set.services() {
        let name = service
            .get_any_case("loadbalancerinfo")
            .and_then(|info| info.get_any_case("containername"));
        let Some((node, name)) = name.and_then(|node| Some((node, node.literal()?))) else {
            continue;
        };
        if !set.containers_are_known() || set.has_container(name) {
            continue;
        }
        let related = set.taskdefs().iter().filter_map(|(taskdef, definition)| {
            let containers = definition.root.get("containerDefinitions")?;
            Some(findings.in_file(taskdef.index).target(containers))
        });
        let related: Vec<_> = related.collect();
        let mut findings = findings.in_file(file.index);
        let finding = findings.value(
            node,
            format!("container `{name}` is not in the task definition"),
        );
        finding.did_you_mean(set.closest_container(name));
        for target in related {
            finding.related(target, "the containers are these");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let right = appspec("web", 80, "<TASK_DEFINITION>");
        let wrong = appspec("wbe", 80, "<TASK_DEFINITION>");
        let open = appspec("${NAME}", 80, "<TASK_DEFINITION>");
        let unnamed = TASKDEF.replace("web", "<NAME>");
        sets(
            &super::RULE,
            &[
                (&[("taskdef.json", TASKDEF), ("appspec.yaml", &right)], &[]),
                (&[("appspec.yaml", &wrong)], &[]),
                (&[("taskdef.json", TASKDEF), ("appspec.yaml", &open)], &[]),
                (&[("taskdef.json", &unnamed), ("appspec.yaml", &wrong)], &[]),
                (
                    &[("taskdef.json", TASKDEF), ("appspec.yaml", &wrong)],
                    &[
                        "appspec.yaml Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerName (taskdef.json containerDefinitions)",
                    ],
                ),
            ],
        );
    }
}
