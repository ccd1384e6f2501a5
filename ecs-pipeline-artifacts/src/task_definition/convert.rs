//! The forms in which people keep task definitions, made into the one that AWS takes.

use serde_json::{Map, Value, json};

use super::TaskDefinitionDocument;
use crate::document::DocumentKind;
use crate::json::ParseError;
use crate::rules::syntax::not_text;
use crate::shape::{REGISTER_TASK_DEFINITION_REQUEST, Shape};
use crate::validate::SourceFile;

/// A task definition that was in another form.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Converted {
    /// What `RegisterTaskDefinition` takes.
    pub document: TaskDefinitionDocument,
    /// What was changed, a clause for each kind of change; empty where nothing had to be.
    pub changes: Vec<String>,
}

/// Why a file was not converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The text cannot be read, or is no task definition in any known form.
    #[error(transparent)]
    Unreadable(#[from] ParseError),
    /// A bare list of containers, and no family to put it into.
    #[error("the file is a list of containers, and a task definition needs a family")]
    NoFamily,
}

/// Makes a task definition of whatever form the one that `RegisterTaskDefinition` takes.
///
/// Takes what [`TaskDefinitionDocument::parse`] takes, and besides: YAML, JSON with comments, stray
/// commas or placeholders without quotes where a string is wanted, a bare list of containers, members spelt with a capital as
/// in CloudFormation and .NET, members that are null, and numbers where strings are wanted or the
/// other way round. `family` is for a list of containers; a task definition keeps its own.
///
/// ```
/// use ecs_pipeline_artifacts::{task_definition::convert, validate::SourceFile};
///
/// let file = SourceFile::new("taskdef.json", r#"{
///     // what the console gave
///     "Family": "shop", "Cpu": 256, "Revision": 7,
///     "ContainerDefinitions": [{"Name": "web", "Image": <IMAGE1_NAME>, "Command": null}],
/// }"#);
/// let converted = convert(&file, None)?;
/// assert_eq!(
///     converted.document.into_register_input().to_string(),
///     r#"{"family":"shop","cpu":"256","containerDefinitions":[{"name":"web","image":"<IMAGE1_NAME>"}]}"#,
/// );
/// # Ok::<(), ecs_pipeline_artifacts::task_definition::ConvertError>(())
/// ```
///
/// # Errors
///
/// Where the text cannot be read even so, or is something else: a CloudFormation template, one of the
/// pipeline's other files, a list of containers without a `family`. Neither is one in which a number or
/// a list is still to be filled in: JSON has no place for that.
pub fn convert(file: &SourceFile, family: Option<&str>) -> Result<Converted, ConvertError> {
    let mut changes = Vec::new();
    let mut value = read(file, &mut changes)?;
    if is_container_list(&value) {
        let family = family.ok_or(ConvertError::NoFamily)?;
        changes.push(format!(
            "put the list of containers into a task definition of the family `{family}`"
        ));
        value = json!({"family": family, "containerDefinitions": value});
    }
    let mut normal = Normal::default();
    normal.object(&mut value);
    normal.describe(&mut changes);
    let document = TaskDefinitionDocument::from_value(value)?.laid_out_as(file.text());
    if !document.dropped_members().is_empty() {
        changes.push(format!(
            "dropped `{}`, which AWS returns and does not take",
            document.dropped_members().join("`, `")
        ));
    }
    Ok(Converted { document, changes })
}

fn read(file: &SourceFile, changes: &mut Vec<String>) -> Result<Value, ParseError> {
    let tree = file.tree();
    let unread = |offset, message: &str, hint: &Option<String>| {
        ParseError::at_offset(file.text(), offset, message, hint.clone())
    };
    for fault in &tree.faults {
        if fault.repair.is_none() {
            return Err(unread(fault.span.start, &fault.message, &fault.hint));
        }
        if let Some(reason) = not_text(fault, &tree, Some(DocumentKind::TaskDefinition)) {
            let message = "a placeholder without quotes cannot be kept";
            return Err(unread(fault.span.start, message, &Some(reason)));
        }
        let place = unread(fault.span.start, &fault.message, &None);
        changes.push(format!("line {}: mended ({})", place.line, place.message));
    }
    match tree.root {
        Some(root) => Ok(root.to_json()),
        None => Err(unread(0, "the file cannot be read", &None)),
    }
}

fn is_container_list(value: &Value) -> bool {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_container = |item: &Value| {
        let has = |name: &str| {
            let members = item.as_object().into_iter().flatten();
            members
                .into_iter()
                .any(|(member, _)| member.eq_ignore_ascii_case(name))
        };
        has("name") && has("image")
    };
    !items.is_empty() && items.iter().all(is_container)
}

/// Makes members what the shape wants, and counts what it did.
#[derive(Default)]
struct Normal {
    renamed: Count,
    nulls: Count,
    retyped: Count,
}

#[derive(Default)]
struct Count {
    times: usize,
    example: String,
}

impl Count {
    fn note(&mut self, example: &str) {
        if self.times == 0 {
            self.example = example.to_owned();
        }
        self.times += 1;
    }

    fn describe(&self, changes: &mut Vec<String>, singular: &str, plural: &str) {
        match self.times {
            0 => {}
            1 => changes.push(format!("{singular} `{}`", self.example)),
            times => changes.push(format!(
                "{plural}, {times} of them, such as `{}`",
                self.example
            )),
        }
    }
}

impl Normal {
    fn describe(&self, changes: &mut Vec<String>) {
        self.renamed
            .describe(changes, "spelt as AWS does:", "spelt members as AWS does");
        self.nulls.describe(
            changes,
            "removed the null",
            "removed members that were null",
        );
        self.retyped.describe(
            changes,
            "wrote as the type that AWS takes:",
            "wrote values as the types that AWS takes",
        );
    }

    /// The document: a task definition, or a response with one in it.
    fn object(&mut self, document: &mut Value) {
        if let Some(members) = document.as_object_mut() {
            self.rename(members, &["taskDefinition", "tags"]);
            if members.get("taskDefinition").is_some_and(Value::is_object) {
                members.retain(|_, value| !value.is_null());
                if let Some(inner) = members.get_mut("taskDefinition") {
                    self.value(inner, &REGISTER_TASK_DEFINITION_REQUEST, "");
                }
                return;
            }
        }
        self.value(document, &REGISTER_TASK_DEFINITION_REQUEST, "");
    }

    fn value(&mut self, value: &mut Value, shape: &'static Shape, name: &str) {
        match (shape, &mut *value) {
            (Shape::Structure { .. }, Value::Object(members)) => {
                let mut known: Vec<_> = shape.names().collect();
                // Only the document itself has read-only members.
                if name.is_empty() {
                    known.extend(super::READ_ONLY);
                }
                self.rename(members, &known);
                self.drop_nulls(members);
                for (member, value) in members {
                    if let Some(shape) = shape.member(member) {
                        self.value(value, shape, member);
                    }
                }
            }
            (Shape::List { item, .. }, Value::Array(items)) => {
                for value in items {
                    self.value(value, item, name);
                }
            }
            (Shape::Map { value: shape }, Value::Object(members)) => {
                self.drop_nulls(members);
                for (member, value) in members {
                    self.value(value, shape, member);
                }
            }
            (Shape::String { .. }, Value::Number(_) | Value::Bool(_)) => {
                *value = value.to_string().into();
                self.retyped.note(name);
            }
            (Shape::Integer { .. }, Value::String(text)) => {
                if let Ok(number) = text.trim().parse::<i64>() {
                    *value = number.into();
                    self.retyped.note(name);
                }
            }
            (Shape::Boolean, Value::String(text)) => {
                if let Ok(boolean) = text.to_ascii_lowercase().parse::<bool>() {
                    *value = boolean.into();
                    self.retyped.note(name);
                }
            }
            _ => {}
        }
    }

    /// Spells members that differ from a known one in case alone as it is spelt, in their places. One
    /// that is there in both spellings is left, so that nothing is lost.
    fn rename(&mut self, members: &mut Map<String, Value>, known: &[&'static str]) {
        let spelling = |member: &str| {
            let alike = known.iter().find(|name| name.eq_ignore_ascii_case(member));
            alike.copied().filter(|name| *name != member)
        };
        if !members.keys().any(|member| spelling(member).is_some()) {
            return;
        }
        let former = std::mem::take(members);
        let names: Vec<String> = former.keys().cloned().collect();
        for (member, value) in former {
            match spelling(&member).filter(|name| {
                !names.iter().any(|other| other == name) && !members.contains_key(*name)
            }) {
                Some(name) => {
                    self.renamed.note(name);
                    members.insert(name.to_owned(), value);
                }
                None => drop(members.insert(member, value)),
            }
        }
    }

    fn drop_nulls(&mut self, members: &mut Map<String, Value>) {
        members.retain(|member, value| {
            if value.is_null() {
                self.nulls.note(member);
            }
            !value.is_null()
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn converted(name: &str, text: &str) -> (String, Vec<String>) {
        let converted = convert(&SourceFile::new(name, text), Some("given")).unwrap();
        let json = converted.document.into_register_input().to_string();
        (json, converted.changes)
    }

    #[test]
    fn every_known_form_becomes_an_input() {
        for (name, text, expected, changes) in [
            (
                "taskdef.json",
                r#"{"family": "f", "X": null, "y": [null], "containerDefinitions": [{"name": "w", "Odd": 1}]}"#,
                r#"{"family":"f","y":[null],"containerDefinitions":[{"name":"w","Odd":1}]}"#,
                &["removed the null `X`"][..],
            ),
            (
                "taskdef.json",
                r#"{"taskDefinition": {"family": "f", "revision": 3, "cpu": 256, "containerDefinitions": []},
                    "tags": [{"key": "a", "value": "b"}], "ResponseMetadata": {}}"#,
                r#"{"family":"f","cpu":"256","containerDefinitions":[],"tags":[{"key":"a","value":"b"}]}"#,
                &[
                    "wrote as the type that AWS takes: `cpu`",
                    "dropped `ResponseMetadata`, `revision`, which AWS returns and does not take",
                ],
            ),
            (
                "containers.json",
                r#"[{"name": "w", "image": "i", "portMappings": [{"containerPort": "80", "hostPort": ""}]}]"#,
                r#"{"family":"given","containerDefinitions":[{"name":"w","image":"i","portMappings":[{"containerPort":80,"hostPort":""}]}]}"#,
                &[
                    "put the list of containers into a task definition of the family `given`",
                    "wrote as the type that AWS takes: `containerPort`",
                ],
            ),
            (
                "taskdef.json",
                r#"{"Family": "f", "ContainerDefinitions": [{"Name": "w", "DockerLabels": {"Name": "kept"},
                    "Essential": "True", "LogConfiguration": {"LogDriver": "awslogs", "Options": {"Mode": 1}}}]}"#,
                r#"{"family":"f","containerDefinitions":[{"name":"w","dockerLabels":{"Name":"kept"},"essential":true,"logConfiguration":{"logDriver":"awslogs","options":{"Mode":"1"}}}]}"#,
                &[
                    "spelt members as AWS does, 8 of them, such as `family`",
                    "wrote values as the types that AWS takes, 2 of them, such as `essential`",
                ],
            ),
            (
                "taskdef.yaml",
                "family: f\ncontainerDefinitions:\n  - name: w\n    image: <IMAGE1_NAME>\n    command: [sleep, 5]\n",
                r#"{"family":"f","containerDefinitions":[{"name":"w","image":"<IMAGE1_NAME>","command":["sleep","5"]}]}"#,
                &["wrote as the type that AWS takes: `command`"],
            ),
            (
                "taskdef.json",
                "{\"family\": \"f\", // note\n \"containerDefinitions\": [],}",
                r#"{"family":"f","containerDefinitions":[]}"#,
                &[
                    "line 1: mended (key must be a string)",
                    "line 2: mended (trailing comma)",
                ],
            ),
        ] {
            assert_eq!(
                converted(name, text),
                (
                    expected.to_owned(),
                    changes.iter().map(|change| (*change).to_owned()).collect()
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn the_layout_stays() {
        let text = "[\r\n\t{\r\n\t\t\"name\": \"w\", // note\r\n\t\t\"image\": \"i\"\r\n\t}\r\n]";
        let converted = convert(&SourceFile::new("c.json", text), Some("f")).unwrap();
        assert_eq!(
            converted.document.to_json_string(),
            "{\r\n\t\"family\": \"f\",\r\n\t\"containerDefinitions\": [\r\n\t\t{\r\n\
             \t\t\t\"name\": \"w\",\r\n\t\t\t\"image\": \"i\"\r\n\t\t}\r\n\t]\r\n}"
        );
    }

    #[test]
    fn a_member_in_two_spellings_keeps_both() {
        let (json, _) = converted(
            "taskdef.json",
            r#"{"family": "a", "Family": "b", "containerDefinitions": []}"#,
        );
        assert_eq!(
            json,
            r#"{"family":"a","Family":"b","containerDefinitions":[]}"#
        );
    }

    #[test]
    fn a_placeholder_for_a_number_is_refused() {
        let text =
            r#"{"family": "f", "containerDefinitions": [{"image": ${I}, "memory": ${MEM}}]}"#;
        let file = SourceFile::new("taskdef.json", text);
        let ConvertError::Unreadable(error) = convert(&file, None).unwrap_err() else {
            panic!("it has a family");
        };
        assert_eq!(error.column, 68);
        assert!(error.hint.unwrap().contains("an integer is wanted"));
    }

    #[test]
    fn what_is_something_else_is_refused_with_the_reason() {
        for (text, reason) in [
            (
                r#"{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition"}}}"#,
                "no task definition",
            ),
            ("{\"family\": \"f\", \"a\": \"open", "EOF"),
            (
                r#"[{"name": "w", "imageUri": "i"}]"#,
                "imagedefinitions.json",
            ),
        ] {
            let error = convert(&SourceFile::new("taskdef.json", text), None).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
        let bare = SourceFile::new("c.json", r#"[{"name": "w", "image": "i"}]"#);
        assert_eq!(convert(&bare, None).unwrap_err(), ConvertError::NoFamily);
    }
}
