//! A task definition that has no place for the new image.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "literal-image",
    severity: Severity::Warning,
    summary: "the build pushes an image, and the task definition of the blue/green deployment names a fixed one",
    explanation: "The blue/green action puts the new image where taskdef.json has a placeholder such as `<IMAGE1_NAME>`. With a fixed image there is nothing to replace: every deployment runs what that name stands for.",
    remedy: "Write `<IMAGE1_NAME>` for the image, and give the action `Image1ContainerName: IMAGE1_NAME` and `Image1ArtifactName`.",
    reference: BLUE_GREEN,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    let mut specs = set.build_specs().iter();
    let pushes = specs.any(|(_, spec)| spec.script().pushes_anything());
    if !pushes || set.is_blue_green().is_none() {
        return;
    }
    let mut images = set
        .containers()
        .filter_map(|(_, container)| container.node.get("image"));
    if images.any(|image| image.literal().is_none()) {
        return;
    }
    for (file, taskdef) in set.taskdefs() {
        if let Some((image, name)) = built(set, taskdef).filter(|_| !set.may_be_changed(*file)) {
            findings
                .in_file(file.index)
                .value(image, format!("container `{name}`: the image is fixed, so that the one that the build pushes is not deployed"));
        }
    }
}

/// The image that is built, most likely: that of the container which the load balancer asks.
fn built<'t>(set: &FileSet<'_>, taskdef: &TaskDefinition<'t>) -> Option<(&'t Node<'t>, &'t str)> {
    let served = |container: &&Container<'_>| {
        set.services().any(|(_, service)| {
            let info = service.get_any_case("loadbalancerinfo");
            let name = info.and_then(|info| info.get_any_case("containername"));
            name.is_some_and(|name| name.as_str() == container.name)
        })
    };
    let containers = &taskdef.containers;
    let container = containers.iter().find(served).or(containers.first())?;
    let image = container.node.get("image")?;
    (image.as_str() != Some("")).then_some((image, container.name?))
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let appspec = appspec("web", 80, "<TASK_DEFINITION>");
        let push = buildspec(
            &["docker push $URI:$TAG"],
            "{files: [taskdef.json, appspec.yaml]}",
        );
        let make = buildspec(&["make"], "{files: [taskdef.json, appspec.yaml]}");
        let sed = buildspec(
            &["docker push a:1", "sed -i s/x/y/ taskdef.json"],
            "{files: [taskdef.json, appspec.yaml]}",
        );
        let literal = with_image("shop:1");
        sets(
            &super::RULE,
            &[
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        ("appspec.yaml", &appspec),
                        ("buildspec.yml", &push),
                    ],
                    &[],
                ),
                (
                    &[
                        ("taskdef.json", &literal),
                        ("appspec.yaml", &appspec),
                        ("buildspec.yml", &make),
                    ],
                    &[],
                ),
                (
                    &[
                        ("taskdef.json", &literal),
                        ("appspec.yaml", &appspec),
                        ("buildspec.yml", &sed),
                    ],
                    &[],
                ),
                (&[("taskdef.json", &literal), ("buildspec.yml", &push)], &[]),
                (
                    &[
                        ("taskdef.json", &literal),
                        ("appspec.yaml", &appspec),
                        ("buildspec.yml", &push),
                    ],
                    &["taskdef.json containerDefinitions[0].image"],
                ),
            ],
        );
    }
}
