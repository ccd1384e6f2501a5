//! What stands in a file that should be a task definition.

use crate::document::DocumentKind;
use crate::shape::is_pascal_of;
use crate::source::{Node, Value};

/// The forms in which people keep task definitions, and what is found in their place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form<'t> {
    /// The input of `RegisterTaskDefinition`.
    Input,
    /// What `describe-task-definition` prints, with the value of its `taskDefinition`.
    Described(&'t Node<'t>),
    /// The value of `containerDefinitions` alone.
    ContainerList,
    /// The input, in CloudFormation's or .NET's spelling.
    Pascal,
    /// Something else: what it is, with its article.
    Other(&'static str),
}

impl<'t> Form<'t> {
    pub(super) fn of(document: &'t Node<'t>) -> Self {
        match &document.value {
            Value::Object(_) => Self::of_object(document),
            Value::List(items) => Self::of_list(items),
            _ => Self::Other(document.kind()),
        }
    }

    /// Whether it is a task definition of which rules can ask what it means.
    pub(crate) fn is_whole(self) -> bool {
        match self {
            Self::Input => true,
            Self::Described(inner) => !is_pascal(inner),
            Self::ContainerList | Self::Pascal | Self::Other(_) => false,
        }
    }

    fn of_object(document: &'t Node<'t>) -> Self {
        let has = |name| document.get(name).is_some();
        if has("containerDefinitions") {
            return Self::Input;
        }
        if let Some(inner) = document.get("taskDefinition") {
            return match &inner.value {
                Value::Object(members) if !members.is_empty() => Self::Described(inner),
                _ if has("serviceName") || has("cluster") => Self::Other("a service definition"),
                _ => Self::Input,
            };
        }
        if is_template(document) {
            return Self::Other("a CloudFormation template");
        }
        if has("services") && !has("family") {
            return Self::Other("a Compose file");
        }
        match DocumentKind::of_content(document) {
            Some(DocumentKind::AppSpec) => Self::Other("an AppSpec"),
            Some(DocumentKind::BuildSpec) => Self::Other("a build specification"),
            Some(DocumentKind::ImageDetail) => Self::Other("the content of imageDetail.json"),
            _ if is_pascal(document) => Self::Pascal,
            _ => Self::Input,
        }
    }

    fn of_list(items: &[Node<'_>]) -> Self {
        let has = |name| items.first().is_some_and(|item| item.get(name).is_some());
        if has("imageUri") && !has("image") {
            Self::Other("the content of imagedefinitions.json")
        } else if has("containerDefinitions") {
            Self::Other("a list of task definitions")
        } else if has("taskDefinition") {
            Self::Other("a list of describe-task-definition outputs")
        } else {
            Self::ContainerList
        }
    }
}

fn is_template(document: &Node<'_>) -> bool {
    let resources = document.get("Resources").map(Node::members);
    document.get("AWSTemplateFormatVersion").is_some()
        || resources.unwrap_or_default().iter().any(|resource| {
            let kind = resource.node.get("Type").and_then(Node::as_str);
            kind.is_some_and(|kind| kind.contains("::"))
        })
}

fn is_pascal(document: &Node<'_>) -> bool {
    let mut members = document.members().iter();
    members.any(|member| is_pascal_of(&member.name, "containerDefinitions"))
}
