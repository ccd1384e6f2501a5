//! The document: what is accepted, what is taken off it, how it is written.

use std::fmt;

use serde_json::{Map, Value};

use super::layout::Layout;
use crate::json::{self, ParseError};

/// Members that `DescribeTaskDefinition` returns and `RegisterTaskDefinition` refuses: the difference
/// between the two shapes in the ECS service model.
pub(crate) const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// A task definition in the form that `RegisterTaskDefinition` takes, with members in the order in
/// which the user wrote them, known or not.
///
/// # Examples
///
/// ```
/// use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
///
/// let mut taskdef = TaskDefinitionDocument::parse(
///     r#"{
///         "family": "shop",
///         "newMember": {"nobody": "knows it"},
///         "containerDefinitions": [{"name": "web", "image": "shop:1"}]
///     }"#,
/// )?;
/// taskdef.set_image("web", "shop@sha256:42")?;
///
/// let sent = taskdef.into_register_input();
/// assert_eq!(sent["containerDefinitions"][0]["image"], "shop@sha256:42");
/// assert_eq!(sent["newMember"]["nobody"], "knows it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TaskDefinitionDocument {
    pub(super) root: Map<String, Value>,
    dropped: Vec<String>,
    layout: Layout,
}

impl TaskDefinitionDocument {
    /// Reads a task definition: the input of `RegisterTaskDefinition`, or what
    /// `aws ecs describe-task-definition` prints, whole or only its `taskDefinition`.
    ///
    /// Read-only members are taken off, and tags that stand beside `taskDefinition` join its own.
    /// [`dropped_members`](Self::dropped_members) says what was taken off.
    ///
    /// # Examples
    ///
    /// The output of `describe-task-definition` can be registered again as it is:
    ///
    /// ```
    /// use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    ///
    /// let described = r#"{
    ///     "taskDefinition": {"family": "shop", "revision": 7, "containerDefinitions": []},
    ///     "tags": [{"key": "team", "value": "blue"}]
    /// }"#;
    /// let taskdef = TaskDefinitionDocument::parse(described)?;
    /// assert_eq!(taskdef.dropped_members(), ["revision"]);
    /// assert_eq!(
    ///     taskdef.into_register_input(),
    ///     serde_json::json!({
    ///         "family": "shop",
    ///         "containerDefinitions": [],
    ///         "tags": [{"key": "team", "value": "blue"}]
    ///     })
    /// );
    /// # Ok::<(), ecs_pipeline_artifacts::json::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the text is not JSON (see [`json::parse`]), or is no task definition: not an object, or
    /// one with neither `family` nor `containerDefinitions`.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        let value = json::parse(text.as_ref())?;
        Ok(Self::from_value(value)?.laid_out_as(json::decode(text.as_ref())?))
    }

    /// Takes a task definition that has been parsed already, for example a response of AWS. Accepts
    /// what [`parse`](Self::parse) accepts.
    ///
    /// # Errors
    ///
    /// Where the value is no task definition.
    pub fn from_value(value: Value) -> Result<Self, ParseError> {
        let Value::Object(mut root) = value else {
            return Err(not_an_object(&value));
        };
        let mut dropped = Vec::new();
        if let Some((inner, beside)) = unwrap_description(&mut root) {
            root = inner;
            dropped.extend(merge_described(&mut root, beside));
        }
        if !root.contains_key("family") && !root.contains_key("containerDefinitions") {
            return Err(not_a_task_definition(&root));
        }
        for member in READ_ONLY {
            if root.shift_remove(member).is_some() {
                dropped.push(member.to_owned());
            }
        }
        Ok(Self {
            root,
            dropped,
            layout: Layout::default(),
        })
    }

    /// The same, to be written in the layout of the text that it was read from.
    pub(super) fn laid_out_as(mut self, text: &str) -> Self {
        self.layout = Layout::of(text);
        self
    }

    /// The members that were taken off while reading, because `RegisterTaskDefinition` refuses them:
    /// the read-only ones, and what stood beside `taskDefinition` in a response.
    pub fn dropped_members(&self) -> &[String] {
        &self.dropped
    }

    /// The request body for `RegisterTaskDefinition`.
    pub fn into_register_input(self) -> Value {
        Value::Object(self.root)
    }

    /// The document as a file: JSON with each member and item on a line of its own.
    ///
    /// The indentation and the line ends, that of the last line too, are those of the text that was
    /// [parsed](Self::parse), where it had more than one line; otherwise two spaces, and a newline at
    /// each line's end.
    ///
    /// ```
    /// use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    ///
    /// let text = "{\r\n\t\"family\": \"shop\",\r\n\t\"cpu\": \"256\"\r\n}\r\n";
    /// let mut taskdef = TaskDefinitionDocument::parse(text)?;
    /// taskdef.set_cpu("512");
    /// assert_eq!(taskdef.to_json_string(), text.replace("256", "512"));
    /// # Ok::<(), ecs_pipeline_artifacts::json::ParseError>(())
    /// ```
    pub fn to_json_string(&self) -> String {
        // `{:#}` of a value is its indented JSON, and unlike a serializer it has no error to return.
        let pretty = format!("{:#}", Value::Object(self.root.clone()));
        self.layout.apply(&pretty)
    }
}

/// Documents that say the same are equal, however they are laid out.
impl PartialEq for TaskDefinitionDocument {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root && self.dropped == other.dropped
    }
}

/// Names the document and not its contents, which may hold secrets.
impl fmt::Debug for TaskDefinitionDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskDefinitionDocument")
            .field("family", &self.family())
            .field("containers", &self.container_names())
            .finish_non_exhaustive()
    }
}

/// Takes `{"taskDefinition": {…}, …}` apart into the task definition and what stood beside it.
pub(super) fn unwrap_description(
    root: &mut Map<String, Value>,
) -> Option<(Map<String, Value>, Map<String, Value>)> {
    if root.contains_key("containerDefinitions")
        || !root.get("taskDefinition").is_some_and(Value::is_object)
    {
        return None;
    }
    match root.shift_remove("taskDefinition") {
        Some(Value::Object(inner)) => Some((inner, std::mem::take(root))),
        _ => None,
    }
}

/// Joins the tags of a response to the task definition, and returns the names of what else stood there.
///
/// Tags that begin with `aws:` are AWS's own (CloudFormation sets them), and cannot be sent back.
pub(super) fn merge_described(
    inner: &mut Map<String, Value>,
    mut beside: Map<String, Value>,
) -> Vec<String> {
    if let Some(Value::Array(mut tags)) = beside.shift_remove("tags") {
        tags.retain(|tag| !key_of(tag).is_some_and(|key| key.starts_with("aws:")));
        match inner.get_mut("tags") {
            Some(Value::Array(own)) => {
                tags.retain(|tag| !own.iter().any(|mine| key_of(mine) == key_of(tag)));
                own.extend(tags);
            }
            _ if tags.is_empty() => {}
            _ => drop(inner.insert("tags".to_owned(), Value::Array(tags))),
        }
    }
    beside.into_iter().map(|(name, _)| name).collect()
}

fn key_of(tag: &Value) -> Option<&str> {
    tag.get("key").and_then(Value::as_str)
}

fn not_an_object(value: &Value) -> ParseError {
    match value {
        Value::Array(items) if items.iter().any(|item| item.get("imageUri").is_some()) => {
            ParseError::of_document(
                "this is imagedefinitions.json, not a task definition",
                Some("name the task definition instead, usually taskdef.json"),
            )
        }
        Value::Array(_) => ParseError::of_document(
            "a task definition is an object, and this is a list",
            Some(
                "a list of container definitions goes into {\"family\": …, \"containerDefinitions\": [ … ]}",
            ),
        ),
        _ => ParseError::of_document("a task definition is an object", None),
    }
}

fn not_a_task_definition(root: &Map<String, Value>) -> ParseError {
    let has = |member: &str| root.contains_key(member);
    let hint = if has("ContainerDefinitions") || has("Family") {
        Some(
            "members begin with a lower-case letter here; `ContainerDefinitions` is CloudFormation's spelling",
        )
    } else if has("Resources") || has("AWSTemplateFormatVersion") {
        Some("this looks like a CloudFormation template")
    } else if has("ImageURI") {
        Some("this looks like imageDetail.json")
    } else if has("image") && has("name") {
        Some(
            "this looks like one container definition: it goes into \"containerDefinitions\": [ … ]",
        )
    } else {
        None
    };
    ParseError::of_document(
        "no task definition: neither `family` nor `containerDefinitions` is there",
        hint,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_described_revision_becomes_an_input_again() {
        let described = json!({
            "taskDefinition": {
                "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7",
                "containerDefinitions": [{"name": "web", "status": "mine", "revision": 1}],
                "family": "shop", "revision": 7, "status": "ACTIVE",
                "requiresAttributes": [], "compatibilities": ["EC2"], "registeredAt": "x", "registeredBy": "y",
                "deregisteredAt": "z", "deleteRequestedAt": "z", "enableFaultInjection": false,
                "tags": [{"key": "a", "value": "mine"}]
            },
            "tags": [
                {"key": "a", "value": "described"},
                {"key": "aws:cloudformation:stack-name", "value": "s"},
                {"key": "b", "value": "2"}
            ],
            "failures": []
        });
        let document = TaskDefinitionDocument::from_value(described).unwrap();
        assert_eq!(
            document.dropped_members().len(),
            10,
            "{:?}",
            document.dropped_members()
        );
        assert_eq!(
            document.into_register_input(),
            json!({
                "containerDefinitions": [{"name": "web", "status": "mine", "revision": 1}],
                "family": "shop", "enableFaultInjection": false,
                "tags": [{"key": "a", "value": "mine"}, {"key": "b", "value": "2"}]
            })
        );
    }

    #[test]
    fn what_is_no_task_definition_is_named() {
        for (text, hint) in [
            ("[]", "containerDefinitions"),
            (r#"[{"name": "web", "imageUri": "x"}]"#, "taskdef.json"),
            (r#"{"Family": "x"}"#, "lower-case"),
            (r#"{"Resources": {}}"#, "CloudFormation"),
            (r#"{"ImageURI": "x"}"#, "imageDetail"),
            (r#"{"name": "web", "image": "x"}"#, "one container"),
        ] {
            let error = TaskDefinitionDocument::parse(text).unwrap_err();
            assert!(
                error.hint.as_deref().unwrap().contains(hint),
                "{text}: {error:?}"
            );
        }
        assert!(TaskDefinitionDocument::parse("3").is_err());
    }

    #[test]
    fn debug_output_holds_no_values() {
        let document = TaskDefinitionDocument::parse(
            r#"{"family": "f", "containerDefinitions": [{"name": "web", "environment": [{"name": "P", "value": "s3cret"}]}]}"#,
        )
        .unwrap();
        assert!(!format!("{document:?}").contains("s3cret"));
    }
}
