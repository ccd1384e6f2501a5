//! What every service must have.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-required-member",
    severity: Severity::Error,
    summary: "a member that CodeDeploy requires is missing or empty",
    explanation: "`TaskDefinition` and `LoadBalancerInfo` with `ContainerName` and `ContainerPort` are \
                  \"Required\" in the user guide: without them CodeDeploy knows neither what to run nor \
                  where to send requests.",
    remedy: "Add the member, or correct its name.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    objects(root, |object, shape| {
        for (name, missing) in shape.missing(object) {
            match missing {
                Missing::Nothing => {
                    findings.name(object, format!("`{name}` is missing"));
                }
                Missing::Empty(node) => {
                    findings.name(node, format!("`{name}` has no value"));
                }
                Missing::Misspelt(member) => {
                    let message = format!("`{name}` is missing, and `{}` is not read", member.name);
                    findings
                        .name(&member.node, message)
                        .did_you_mean(Some(name))
                        .rename(&member.node, name);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::rules::tests::fixed;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                (
                    "TaskDefinition: <TASK_DEFINITION>",
                    "X: y",
                    &[AT_PROPERTIES],
                ),
                ("<TASK_DEFINITION>", "\"\"", &[&at("TaskDefinition")]),
                ("TaskDefinition:", "TaskDefintion:", &[&at("TaskDefintion")]),
                ("ContainerPort: 80", "containerPort: 80", &[]),
                (
                    "ContainerPort: 80",
                    "ContainerPort:",
                    &[&at("LoadBalancerInfo.ContainerPort")],
                ),
                (
                    "          ContainerPort: 80\n",
                    "",
                    &[&at("LoadBalancerInfo")],
                ),
                (
                    "ContainerName: web",
                    "Container_Name: web",
                    &[&at("LoadBalancerInfo.Container_Name")],
                ),
                (
                    "CapacityProvider: FARGATE_SPOT",
                    "Base: 0",
                    &[&at("CapacityProviderStrategy[1]")],
                ),
                (
                    "Properties:",
                    "Propertis:",
                    &["Resources[0].TargetService.Propertis"],
                ),
            ],
        );
    }

    #[test]
    fn a_misspelt_name_is_put_right() {
        let text = with("ContainerPort", "ContainerPrt");
        assert_eq!(fixed(&super::RULE, "appspec.yaml", &text), GOOD);
    }

    /// An alias stands for its anchor's text, and an edit there would take the whole of it.
    #[test]
    fn what_comes_from_an_alias_has_no_fix() {
        use crate::validate::{Options, SourceFile, validate};
        let text = with(
            "LoadBalancerInfo:\n          ContainerName: web\n          ContainerPort: 80",
            "LoadBalancerInfo: *lb",
        );
        let text = format!("x: &lb {{ContainerName: web, ContainerPrt: 80}}\n{text}");
        let report = validate(
            &[SourceFile::new("appspec.yaml", text)],
            &Options::default(),
        );
        let found = report
            .findings
            .iter()
            .find(|found| found.rule == &super::RULE);
        assert!(found.is_some_and(|found| found.fix.is_none()));
    }
}
