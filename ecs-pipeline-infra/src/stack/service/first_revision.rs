//! The task definition that the service starts with: the user's own, as CloudFormation takes it.

use ecs_pipeline_artifacts::task_definition::to_cloudformation;
use serde_json::{Map, Value, json};

use crate::application::Application;
use crate::options::Options;
use crate::yaml;

/// The properties of the resource as YAML, beginning in the first column, but for the family and the roles,
/// which the template has. The image refers to the stack; everything else is as the user has it.
pub(super) fn properties(application: &Application, options: &Options) -> String {
    let document = application.task.document.clone();
    let mut properties = to_cloudformation(document).properties;
    let tags = tags(application, options, properties.get("Tags"));
    properties.retain(|name, _| !IN_TEMPLATE.contains(&name.as_str()));
    set_image(&mut properties, &application.container);
    properties.insert("Tags".to_owned(), tags);
    yaml::lines(&Value::from(properties)).join("\n")
}

const IN_TEMPLATE: [&str; 4] = ["Family", "Tags", "ExecutionRoleArn", "TaskRoleArn"];

/// The application's image is the repository's, under the first tag.
fn set_image(properties: &mut Map<String, Value>, container: &str) {
    let repository = json!({"Fn::ImportValue": {"Fn::Sub": "${RegistryStack}-RepositoryUri"}});
    let image = json!({"Fn::Sub": ["${RepositoryUri}:${FirstTag}", {"RepositoryUri": repository}]});
    let containers = properties.get_mut("ContainerDefinitions");
    let containers = containers.and_then(Value::as_array_mut);
    for definition in containers.into_iter().flatten() {
        if definition.get("Name").and_then(Value::as_str) == Some(container) {
            definition["Image"] = image.clone();
        }
    }
}

/// The task definition's own tags, and those that everything gets.
fn tags(application: &Application, options: &Options, own: Option<&Value>) -> Value {
    let tag = |(key, value): (&str, &str)| json!({"Key": key, "Value": value});
    let chosen = options.tags.iter();
    let chosen = chosen.map(|(key, value)| (key.as_str(), value.as_str()));
    let everywhere: Vec<Value> = std::iter::once(("application", application.name.as_str()))
        .chain(chosen)
        .map(tag)
        .collect();
    let own = own.and_then(Value::as_array).into_iter().flatten();
    // A key must not be there twice: RegisterTaskDefinition refuses that.
    let is_else = |own: &&Value| !everywhere.iter().any(|tag| tag["Key"] == own["Key"]);
    let own: Vec<Value> = own.filter(is_else).cloned().collect();
    Value::from([everywhere, own].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;

    use super::*;

    fn rendered(task: &Value) -> Value {
        let document = TaskDefinitionDocument::parse(task.to_string()).unwrap();
        let mut options = Options::default();
        options.tags.insert("team".to_owned(), "a: b".to_owned());
        let yaml = properties(&Application::new("web", &document), &options);
        serde_yaml::from_str(&yaml).unwrap()
    }

    #[test]
    fn the_applications_container_alone_gets_the_repositorys_image() {
        let found = rendered(&json!({"family": "web", "containerDefinitions": [
            {"name": "web", "image": "<IMAGE1_NAME>"},
            {"name": "proxy", "image": "nginx:1"},
        ]}));
        let image = &found["ContainerDefinitions"][0]["Image"]["Fn::Sub"];
        assert_eq!(image[0], "${RepositoryUri}:${FirstTag}");
        assert!(image[1]["RepositoryUri"]["Fn::ImportValue"].is_object());
        assert_eq!(found["ContainerDefinitions"][1]["Image"], "nginx:1");
    }

    #[test]
    fn what_the_template_has_is_left_to_it() {
        let role = "arn:aws:iam::123456789012:role/r";
        let found = rendered(
            &json!({"family": "web", "taskRoleArn": role, "executionRoleArn": role,
            "cpu": "256", "containerDefinitions": []}),
        );
        let names: Vec<_> = found.as_object().unwrap().keys().collect();
        assert_eq!(names, ["Cpu", "ContainerDefinitions", "Tags"]);
    }

    #[test]
    fn a_tag_is_there_once() {
        let found = rendered(
            &json!({"family": "web", "containerDefinitions": [], "tags": [
                {"key": "team", "value": "own"}, {"key": "tier", "value": "front"},
            ]}),
        );
        let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
        let expected = [
            tag("application", "web"),
            tag("team", "a: b"),
            tag("tier", "front"),
        ];
        assert_eq!(found["Tags"], Value::from(expected.to_vec()));
    }
}
