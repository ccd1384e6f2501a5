//! Whether a registered revision is what a document would become.

use ecs_pipeline_artifacts::task_definition::{TaskDefinitionDocument, lost_members};
use serde_json::{Map, Value};

/// Whether registering `body` would make a copy of the revision in `answer` (the answer of
/// DescribeTaskDefinition): nothing of the body is missing there, and nothing is there that the
/// body does not have, save what AWS adds by itself.
///
/// In doubt it says no: a revision more is harmless, a wrong one is not.
pub(super) fn same_revision(body: &Value, answer: &Value) -> bool {
    let Ok(registered) = TaskDefinitionDocument::from_value(answer.clone()) else {
        return false;
    };
    let registered = comparable(&registered.into_register_input());
    let body = comparable(body);
    lost_members(&body, &registered).is_empty() && lost_members(&registered, &body).is_empty()
}

/// What two documents have in common when they make the same revision.
fn comparable(document: &Value) -> Value {
    let mode = document.get("networkMode").and_then(Value::as_str);
    let one_port = matches!(mode, Some("awsvpc" | "host"));
    without_defaults(document, "", one_port)
}

/// Takes off what AWS adds to what it was sent: empty members, zeros for sizes, and defaults.
/// `one_port` says that a port of the host can only be the container's.
fn without_defaults(value: &Value, member: &str, one_port: bool) -> Value {
    let item = |item| without_defaults(item, member, one_port);
    match value {
        Value::Object(members) => Value::Object(slim(members, member, one_port)),
        // The first file that sets a variable wins. Lists of objects are compared as sets, lists of
        // lists in their order.
        Value::Array(items) if member == "environmentFiles" => Value::Array(
            items
                .iter()
                .map(|one| Value::Array(vec![item(one)]))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(item).collect()),
        other => other.clone(),
    }
}

fn slim(members: &Map<String, Value>, parent: &str, one_port: bool) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| (name.clone(), without_defaults(value, name, one_port)))
        .filter(|(name, value)| {
            let is_the_containers =
                || one_port && name == "hostPort" && members.get("containerPort") == Some(value);
            !is_default(parent, name, value) && !is_the_containers()
        })
        .collect()
}

/// The defaults that the ECS API reference names for members that are left out.
fn is_default(parent: &str, name: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let number = value.as_i64();
    match (parent, name) {
        (_, _) if is_empty(value) => true,
        ("containerDefinitions", "cpu") => number == Some(0),
        ("containerDefinitions", "essential") => value == &Value::Bool(true),
        ("portMappings", "protocol") => text == "tcp",
        // In bridge mode AWS sets it to 0; in awsvpc and host mode to the container's port.
        ("portMappings", "hostPort") => number == Some(0),
        ("healthCheck", "interval") => number == Some(30),
        ("healthCheck", "timeout") => number == Some(5),
        ("healthCheck", "retries") => number == Some(3),
        ("volumes", "host") => value.as_object().is_some_and(Map::is_empty),
        ("", "networkMode") => text == "bridge",
        ("", "enableFaultInjection") => value == &Value::Bool(false),
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent() -> Value {
        json!({
            "family": "web",
            "cpu": "1 vCPU",
            "networkMode": "awsvpc",
            "novelty": {"a": 1},
            "containerDefinitions": [{
                "name": "web", "image": "shop@sha256:1",
                "portMappings": [{"containerPort": 8080}],
                "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
            }]
        })
    }

    fn described() -> Value {
        json!({
            "taskDefinition": {
                "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:3",
                "family": "web", "revision": 3, "status": "ACTIVE", "cpu": "1024",
                "networkMode": "awsvpc",
                "novelty": {"a": 1}, "volumes": [], "placementConstraints": [],
                "requiresAttributes": [{"name": "x"}], "compatibilities": ["EC2"],
                "containerDefinitions": [{
                    "name": "web", "image": "shop@sha256:1", "cpu": 0, "essential": true,
                    "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
                    "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
                    "mountPoints": [], "volumesFrom": [], "systemControls": []
                }]
            },
            "tags": []
        })
    }

    #[test]
    fn what_aws_adds_makes_no_other_revision() {
        assert!(same_revision(&sent(), &described()));
    }

    #[test]
    fn any_difference_makes_another_revision() {
        let edits: [(&str, Value); 7] = [
            ("/containerDefinitions/0/image", json!("shop@sha256:2")),
            ("/containerDefinitions/0/essential", json!(false)),
            ("/containerDefinitions/0/cpu", json!(128)),
            (
                "/containerDefinitions/0/environment",
                json!([{"name": "A", "value": "1"}]),
            ),
            (
                "/containerDefinitions/0/portMappings",
                json!([{"containerPort": 8080, "hostPort": 80}]),
            ),
            ("/novelty", json!({"a": 1, "b": 2})),
            ("/family", json!("other")),
        ];
        for (path, value) in edits {
            let mut edited = described();
            let at = format!("/taskDefinition{path}");
            match edited.pointer_mut(&at) {
                Some(place) => *place = value,
                None => panic!("{at}"),
            }
            assert!(!same_revision(&sent(), &edited), "{path}");
        }
        let mut more = described();
        more["taskDefinition"]["taskRoleArn"] = json!("arn:aws:iam::1:role/r");
        assert!(
            !same_revision(&sent(), &more),
            "a member that is no longer wanted"
        );
        let mut tagged = described();
        tagged["tags"] = json!([{"key": "team", "value": "blue"}]);
        assert!(
            !same_revision(&sent(), &tagged),
            "a tag that is no longer wanted"
        );
    }

    #[test]
    fn a_fixed_port_of_the_host_is_not_a_dynamic_one() {
        let web = |host: Value, mode: &str| {
            let mapping = json!({"containerPort": 80, "hostPort": host});
            let container = json!({"name": "web", "image": "a", "portMappings": [mapping]});
            json!({"family": "web", "networkMode": mode, "containerDefinitions": [container]})
        };
        let (fixed, dynamic) = (json!(80), json!(0));
        assert!(!same_revision(
            &web(dynamic.clone(), "bridge"),
            &web(fixed.clone(), "bridge")
        ));
        assert!(!same_revision(
            &web(fixed.clone(), "bridge"),
            &web(dynamic.clone(), "bridge")
        ));
        assert!(!same_revision(
            &web(Value::Null, "bridge"),
            &web(fixed.clone(), "bridge")
        ));
        assert!(same_revision(
            &web(Value::Null, "bridge"),
            &web(dynamic.clone(), "bridge")
        ));
        assert!(same_revision(
            &web(Value::Null, "awsvpc"),
            &web(fixed, "awsvpc")
        ));
    }

    #[test]
    fn the_first_environment_file_wins_so_their_order_counts() {
        let web = |files: [&str; 2]| {
            let files = files.map(|file| json!({"value": file, "type": "s3"}));
            let container = json!({"name": "web", "image": "a", "environmentFiles": files});
            json!({"family": "web", "containerDefinitions": [container]})
        };
        assert!(same_revision(&web(["a", "b"]), &web(["a", "b"])));
        assert!(!same_revision(&web(["a", "b"]), &web(["b", "a"])));
    }

    #[test]
    fn what_is_no_task_definition_is_not_the_same() {
        assert!(!same_revision(&sent(), &Value::Null));
    }
}
