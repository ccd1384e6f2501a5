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
    let own = &application.container;
    let text = |container: &Value, member: &str| {
        let value = container.get(member).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let containers = application.task.document.get("containerDefinitions");
    let containers = containers.and_then(Value::as_array).into_iter().flatten();
    let (ours, others): (Vec<_>, Vec<_>) = containers.partition(|it| text(it, "name") == *own);
    if ours.is_empty() {
        problems.add(
            "deploy.container",
            format!("the task definition has no container {own}"),
            "write the name of one that it has",
        );
        return;
    }
    for other in others {
        let (name, image) = (text(other, "name"), text(other, "image"));
        if image.contains(['<', '$']) {
            problems.add(
                MEMBER,
                format!(
                    "the container {name} has the placeholder {image} for an image, and the service starts \
                     before a build fills it in"
                ),
                "write an image that there is",
            );
        }
    }
}
