//! The container that gets the requests.

use super::*;
use crate::image_definitions::is_container_name;

pub(super) const RULE: Rule = Rule {
    id: "appspec-container-name",
    severity: Severity::Error,
    summary: "a name that no container can have",
    explanation: "`ContainerName` must be a container of the task definition, and ECS takes for these 1 \
                  to 255 letters, digits, `-` and `_`.",
    remedy: "Write the name that the task definition has.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for load_balancer in load_balancers(root) {
        let Some(node) = present(load_balancer, "ContainerName") else {
            continue;
        };
        let is_wrong = |name: &str| !name.trim().is_empty() && !is_container_name(name);
        if let Some(name) = node.literal().filter(|name| is_wrong(name)) {
            findings.value(node, format!("`{name}` cannot be the name of a container"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        let path = &["Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerName"][..];
        table(
            &super::RULE,
            &[
                ("ContainerName: web", "ContainerName: web_1-A", &[]),
                ("ContainerName: web", "ContainerName: <CONTAINER_NAME>", &[]),
                ("ContainerName: web", "ContainerName: 42", &[]),
                ("ContainerName: web", "ContainerName: sample website", path),
                ("ContainerName: web", "ContainerName: \"[YOUR_NAME]\"", path),
            ],
        );
    }
}
