//! A task definition as `AWS::ECS::TaskDefinition` takes it.

use serde_json::{Map, Value};

use crate::shape::{REGISTER_TASK_DEFINITION_REQUEST, Shape};

/// A task definition in CloudFormation's form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloudFormationForm {
    /// The properties of the resource. `Tags` are among them.
    pub properties: Map<String, Value>,
    /// Members that neither `RegisterTaskDefinition` nor CloudFormation is known to take, by their
    /// path, such as `containerDefinitions[0].odd`: they are not among the properties.
    pub unknown: Vec<String>,
}

/// The input of `RegisterTaskDefinition` as a CloudFormation resource has it: members begin with a capital,
/// and what people name themselves (labels, options of a driver) is left as it is. Members that are null are
/// left out, as AWS does.
///
/// ```
/// use ecs_pipeline_artifacts::task_definition::to_cloudformation;
///
/// let form = to_cloudformation(serde_json::json!({"family": "shop", "containerDefinitions": [
///     {"name": "web", "dockerLabels": {"team": "blue"}},
/// ]}));
/// let container = &form.properties["ContainerDefinitions"][0];
/// assert_eq!(container["DockerLabels"]["team"], "blue");
/// ```
#[must_use]
pub fn to_cloudformation(input: Value) -> CloudFormationForm {
    let mut conversion = Conversion::default();
    let place = Place {
        member: "",
        path: "",
    };
    let converted = conversion.value(input, &REGISTER_TASK_DEFINITION_REQUEST, place);
    CloudFormationForm {
        properties: match converted {
            Value::Object(properties) => properties,
            _ => Map::new(),
        },
        unknown: conversion.unknown,
    }
}

#[derive(Default)]
struct Conversion {
    unknown: Vec<String>,
}

/// Where a value is.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The member that it is, or is an item of.
    member: &'p str,
    path: &'p str,
}

impl Conversion {
    // As deep as the shape at most.
    fn value(&mut self, value: Value, shape: &Shape, place: Place<'_>) -> Value {
        match (shape, value) {
            (Shape::Structure { .. }, Value::Object(members)) => {
                Value::Object(self.structure(members, shape, place))
            }
            (Shape::List { item, .. }, Value::Array(items)) => {
                let items = items.into_iter().enumerate().map(|(index, value)| {
                    let path = &format!("{}[{index}]", place.path);
                    self.value(value, item, Place { path, ..place })
                });
                items.collect()
            }
            (_, value) => value,
        }
    }

    fn structure(
        &mut self,
        members: Map<String, Value>,
        shape: &Shape,
        place: Place<'_>,
    ) -> Map<String, Value> {
        let mut properties = Map::new();
        for (name, value) in members {
            if value.is_null() {
                continue;
            }
            let dot = if place.path.is_empty() { "" } else { "." };
            let path = &format!("{}{dot}{name}", place.path);
            let Some(inner) = shape.member(&name) else {
                self.unknown.push(path.clone());
                continue;
            };
            let member = &name;
            let converted = self.value(value, inner, Place { member, path });
            properties.insert(property(place.member, &name), converted);
        }
        properties
    }
}

/// What CloudFormation calls a member of the structure `of`: the name with a capital, but for these, as
/// its schema of `AWS::ECS::TaskDefinition` has them.
fn property(of: &str, member: &str) -> String {
    let irregular = match (of, member) {
        (_, "efsVolumeConfiguration") => "EFSVolumeConfiguration",
        (_, "fsxWindowsFileServerVolumeConfiguration") => "FSxWindowsFileServerVolumeConfiguration",
        (_, "s3filesVolumeConfiguration") => "S3FilesVolumeConfiguration",
        ("efsVolumeConfiguration", "fileSystemId") => "FilesystemId",
        ("authorizationConfig", "iam") => "IAM",
        ("proxyConfiguration", "properties") => "ProxyConfigurationProperties",
        _ => "",
    };
    if !irregular.is_empty() {
        return irregular.to_owned();
    }
    let mut characters = member.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_spelt_as_cloudformation_does() {
        for (given, expected) in [
            (json!({"cpu": "256"}), json!({"Cpu": "256"})),
            (
                json!({"volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1",
                    "authorizationConfig": {"iam": "ENABLED", "accessPointId": "a"}}}]}),
                json!({"Volumes": [{"Name": "v", "EFSVolumeConfiguration": {"FilesystemId": "fs-1",
                    "AuthorizationConfig": {"IAM": "ENABLED", "AccessPointId": "a"}}}]}),
            ),
            (
                json!({"volumes": [{"fsxWindowsFileServerVolumeConfiguration": {"fileSystemId": "fs-1",
                    "authorizationConfig": {"domain": "d"}}},
                    {"s3filesVolumeConfiguration": {"fileSystemArn": "a"}}]}),
                json!({"Volumes": [{"FSxWindowsFileServerVolumeConfiguration": {"FileSystemId": "fs-1",
                    "AuthorizationConfig": {"Domain": "d"}}},
                    {"S3FilesVolumeConfiguration": {"FileSystemArn": "a"}}]}),
            ),
            (
                json!({"proxyConfiguration": {"properties": [{"name": "n", "value": "v"}]}}),
                json!({"ProxyConfiguration": {"ProxyConfigurationProperties": [{"Name": "n", "Value": "v"}]}}),
            ),
            (
                json!({"volumes": [{"dockerVolumeConfiguration": {"driverOpts": {"device": "d"},
                    "labels": {"a.b": "c"}}}]}),
                json!({"Volumes": [{"DockerVolumeConfiguration": {"DriverOpts": {"device": "d"},
                    "Labels": {"a.b": "c"}}}]}),
            ),
        ] {
            let mut whole = given.clone();
            whole["family"] = "f".into();
            whole["containerDefinitions"] = json!([]);
            let mut form = to_cloudformation(whole);
            form.properties
                .retain(|name, _| expected.get(name).is_some());
            assert_eq!(Value::from(form.properties), expected, "{given}");
            assert_eq!(form.unknown, Vec::<String>::new(), "{given}");
        }
    }

    #[test]
    fn what_people_name_themselves_keeps_its_name() {
        let form = to_cloudformation(json!({"family": "f", "containerDefinitions": [{
            "name": "web", "dockerLabels": {"team": "a"},
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}},
            "firelensConfiguration": {"type": "fluentbit", "options": {"config-file-type": "file"}},
        }]}));
        assert_eq!(
            Value::from(form.properties),
            json!({"Family": "f", "ContainerDefinitions": [{
                "Name": "web", "DockerLabels": {"team": "a"},
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "g"}},
                "FirelensConfiguration": {"Type": "fluentbit", "Options": {"config-file-type": "file"}},
            }]})
        );
    }

    #[test]
    fn unknown_members_are_named_and_left_out_and_nulls_are_left_out() {
        let form = to_cloudformation(
            json!({"family": "f", "odd": 1, "cpu": null, "containerDefinitions": [
                {"name": "a"}, {"name": "b", "healthCheck": {"commands": []}, "user": null},
            ]}),
        );
        assert_eq!(
            form.unknown,
            ["odd", "containerDefinitions[1].healthCheck.commands"]
        );
        assert_eq!(
            Value::from(form.properties),
            json!({"Family": "f", "ContainerDefinitions": [
                {"Name": "a"}, {"Name": "b", "HealthCheck": {}},
            ]})
        );
    }
}
