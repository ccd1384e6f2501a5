//! Whether the task definition can be a resource of the stack.

use ecs_pipeline_artifacts::task_definition::to_cloudformation;
use serde_json::Value;

use crate::application::Application;
use crate::problem::Problems;

const MEMBER: &str = "deploy.task-definition";

pub(super) fn check(application: &Application, problems: &mut Problems) {
    let form = to_cloudformation(application.task.document.clone());
    if !form.unknown.is_empty() {
        problems.add(
            MEMBER,
            format!(
                "CloudFormation is not known to take {}, and the service starts with this task definition",
                form.unknown.join(", ")
            ),
            "take it out, or correct its name",
        );
    }
    let containers = application.task.document.get("containerDefinitions");
    let containers = containers.and_then(Value::as_array).into_iter().flatten();
    let mut is_there = false;
    for container in containers {
        let text = |member| container.get(member).and_then(Value::as_str);
        let name = text("name").unwrap_or_default();
        is_there |= name == application.container;
        let image = text("image").unwrap_or_default();
        if name != application.container && image.contains(['<', '$']) {
            problems.add(
                MEMBER,
                format!("the container {name} has the placeholder {image} for an image, which no build fills in here"),
                "write its image, or make it the container that gets the application's",
            );
        }
    }
    if !is_there {
        problems.add(
            "deploy.container",
            format!(
                "the task definition has no container {}",
                application.container
            ),
            "write the name of one that it has",
        );
    }
}
