//! `imagedefinitions.json`: which image each container gets, read by CodePipeline's rolling ECS action.
//!
//! The action copies the task definition that the service runs, replaces the images of the containers
//! named here, registers the result and updates the service. Containers that are not named keep their
//! image. (CodePipeline user guide, "Image definitions file reference".)

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::{
    json::{self, ParseError},
    suggest,
};

/// The most that CodePipeline reads, in bytes ("100 KB").
pub const MAX_BYTES: usize = 100 * 1024;

/// The longest name of a container.
const MAX_NAME: usize = 255;
/// The longest image reference, without its digest.
const MAX_IMAGE: usize = 255;

/// One entry: the image for one container.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageDefinition {
    /// The name of the container in the task definition (not that of the image).
    pub name: String,
    /// The image, with a tag or pinned by digest.
    pub image_uri: String,
}

/// A valid `imagedefinitions.json`.
///
/// ```
/// use ecs_pipeline_artifacts::image_definitions::ImageDefinitions;
///
/// let definitions = ImageDefinitions::new([("web", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:42")])?;
/// assert_eq!(
///     definitions.to_json_string(),
///     "[{\"name\":\"web\",\"imageUri\":\"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:42\"}]\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDefinitions(Vec<ImageDefinition>);

/// One thing that is wrong with an `imagedefinitions.json`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The top level is not a list.
    #[error("imagedefinitions.json is a list of {{\"name\", \"imageUri\"}}, and this is {found}")]
    NotAList {
        /// What it is instead.
        found: &'static str,
    },
    /// The list is empty, so that the action would change nothing.
    #[error("the list is empty: name at least one container")]
    Empty,
    /// An entry lacks a member, or the member is not a string.
    #[error("entry {index} has no `{member}` that is a string{}", .instead.as_ref().map(|instead| format!("; `{instead}` is not read")).unwrap_or_default())]
    Missing {
        /// Position of the entry, from 0.
        index: usize,
        /// `name` or `imageUri`.
        member: &'static str,
        /// A member that was probably meant for it.
        instead: Option<String>,
    },
    /// A container name that ECS does not allow.
    #[error(
        "entry {index}: `{name}` cannot be the name of a container (1 to 255 letters, digits, `-`, `_`)"
    )]
    BadName {
        /// Position of the entry, from 0.
        index: usize,
        /// The name.
        name: String,
    },
    /// An image reference that ECS does not allow.
    #[error("entry {index}: `{image}` cannot be an image ({why})")]
    BadImage {
        /// Position of the entry, from 0.
        index: usize,
        /// The image.
        image: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A container that is named twice.
    #[error("entry {index}: container `{name}` is named twice")]
    Duplicate {
        /// Position of the second entry, from 0.
        index: usize,
        /// The name.
        name: String,
    },
    /// The file is larger than CodePipeline reads.
    #[error("the file has {bytes} bytes, and CodePipeline reads at most {MAX_BYTES}")]
    TooLarge {
        /// Size in bytes.
        bytes: usize,
    },
}

/// Why a text is not a valid `imagedefinitions.json`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageDefinitionsError {
    /// The text is not JSON.
    #[error(transparent)]
    Json(#[from] ParseError),
    /// All that is wrong, in file order; never empty.
    #[error("{}", join(.0))]
    Invalid(Vec<Problem>),
}

fn join(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(Problem::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

impl ImageDefinitions {
    /// Makes the file's content from pairs of container name and image.
    ///
    /// # Errors
    ///
    /// With every [`Problem`] that the entries have.
    pub fn new<N: Into<String>, I: Into<String>>(
        entries: impl IntoIterator<Item = (N, I)>,
    ) -> Result<Self, ImageDefinitionsError> {
        let entries = entries.into_iter().map(|(name, image)| ImageDefinition {
            name: name.into(),
            image_uri: image.into(),
        });
        let definitions = Self(entries.collect());
        let mut problems = check(&definitions.0);
        let bytes = definitions.to_json_string().len();
        if bytes > MAX_BYTES {
            problems.push(Problem::TooLarge { bytes });
        }
        if problems.is_empty() {
            Ok(definitions)
        } else {
            Err(ImageDefinitionsError::Invalid(problems))
        }
    }

    /// Reads the file and checks it. Members other than `name` and `imageUri` are passed over.
    ///
    /// # Errors
    ///
    /// Where the text is not JSON, or with every [`Problem`] that it has.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, ImageDefinitionsError> {
        let bytes = text.as_ref().len();
        if bytes > MAX_BYTES {
            return Err(ImageDefinitionsError::Invalid(vec![Problem::TooLarge {
                bytes,
            }]));
        }
        let value = json::parse(text.as_ref())?;
        let Some(items) = value.as_array() else {
            return Err(ImageDefinitionsError::Invalid(vec![Problem::NotAList {
                found: kind(&value),
            }]));
        };
        let mut problems = Vec::new();
        let mut entries = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let name = member(item, index, "name", &mut problems);
            let image = member(item, index, "imageUri", &mut problems);
            if let (Some(name), Some(image)) = (name, image) {
                entries.push((name, image));
            }
        }
        if problems.is_empty() {
            Self::new(entries)
        } else {
            Err(ImageDefinitionsError::Invalid(problems))
        }
    }

    /// The entries, in file order.
    pub fn entries(&self) -> &[ImageDefinition] {
        &self.0
    }

    /// The image for a container; `None` if the file does not name it.
    pub fn image_of(&self, container: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|entry| entry.name == container)
            .map(|entry| entry.image_uri.as_str())
    }

    /// The file's content: compact JSON with a newline at its end.
    pub fn to_json_string(&self) -> String {
        let entries = self
            .0
            .iter()
            .map(|entry| json!({"name": entry.name, "imageUri": entry.image_uri}));
        format!("{}\n", Value::Array(entries.collect()))
    }
}

fn member(
    item: &Value,
    index: usize,
    member: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    match item.get(member).and_then(Value::as_str) {
        Some(text) => Some(text.to_owned()),
        None => {
            let known = item.as_object().into_iter().flat_map(|item| item.keys());
            let unread = known
                .map(String::as_str)
                .filter(|key| !matches!(*key, "name" | "imageUri"));
            let instead = suggest::closest(member, unread).map(str::to_owned);
            problems.push(Problem::Missing {
                index,
                member,
                instead,
            });
            None
        }
    }
}

fn check(entries: &[ImageDefinition]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    if entries.is_empty() {
        problems.push(Problem::Empty);
    }
    for (index, ImageDefinition { name, image_uri }) in entries.iter().enumerate() {
        if !is_container_name(name) {
            problems.push(Problem::BadName {
                index,
                name: name.clone(),
            });
        }
        if let Some(why) = image_fault(image_uri) {
            problems.push(Problem::BadImage {
                index,
                image: image_uri.clone(),
                why,
            });
        }
        if !seen.insert(name) {
            problems.push(Problem::Duplicate {
                index,
                name: name.clone(),
            });
        }
    }
    problems
}

fn is_container_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// ECS API reference, `ContainerDefinition$image`: at most 255 of `[A-Za-z0-9_\-:./#]`, before the `@`
/// where there is a digest.
fn image_fault(image: &str) -> Option<&'static str> {
    let (reference, digest) = match image.split_once('@') {
        Some((reference, digest)) => (reference, Some(digest)),
        None => (image, None),
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-:./#".contains(&b);
    let is_digest = |digest: &str| {
        digest
            .strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if reference.is_empty() {
        Some("it is empty")
    } else if reference.contains(['$', '<', '{']) {
        Some("a placeholder was not replaced")
    } else if !reference.bytes().all(allowed) {
        Some("a character other than letters, digits and `_-:./#`")
    } else if reference.len() > MAX_IMAGE {
        Some("more than 255 characters")
    } else if !digest.is_none_or(is_digest) {
        Some("a digest is `sha256:` and 64 hexadecimal digits")
    } else {
        None
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(members) if members.contains_key("ImageURI") => {
            "imageDetail.json, which the blue/green action reads"
        }
        Value::Object(_) => "an object",
        _ => "a plain value",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let digest = format!("shop@sha256:{}", "a".repeat(64));
        let written =
            ImageDefinitions::new([("web", "shop:1"), ("side_car-2", digest.as_str())]).unwrap();
        let read = ImageDefinitions::parse(written.to_json_string()).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.image_of("web"), Some("shop:1"));
        assert_eq!(read.image_of("api"), None);
    }

    #[test]
    fn every_fault_is_named() {
        let long = "x".repeat(256);
        for (text, expected) in [
            ("[]".to_owned(), "the list is empty"),
            (r#"{"ImageURI": "x"}"#.to_owned(), "imageDetail.json"),
            ("{}".to_owned(), "an object"),
            (
                r#"[{"name": "web", "imageURI": "x"}]"#.to_owned(),
                "`imageURI` is not read",
            ),
            (r#"[{"name": "web"}]"#.to_owned(), "no `imageUri`"),
            (
                r#"[{"imageUri": "x"}, 3]"#.to_owned(),
                "entry 1 has no `name`",
            ),
            (
                r#"[{"name": "a b", "imageUri": "x"}]"#.to_owned(),
                "`a b` cannot be",
            ),
            (
                format!(r#"[{{"name": "{long}", "imageUri": "x"}}]"#),
                "cannot be the name",
            ),
            (format!(r#"[{{"name": "a", "imageUri": "{long}"}}]"#), "255"),
            (
                r#"[{"name": "a", "imageUri": "x:$TAG"}]"#.to_owned(),
                "placeholder",
            ),
            (
                r#"[{"name": "a", "imageUri": "x y"}]"#.to_owned(),
                "character",
            ),
            (r#"[{"name": "a", "imageUri": ""}]"#.to_owned(), "empty"),
            (
                r#"[{"name": "a", "imageUri": "x@sha256:12"}]"#.to_owned(),
                "64",
            ),
            (
                r#"[{"name": "a", "imageUri": "x"}, {"name": "a", "imageUri": "y"}]"#.to_owned(),
                "named twice",
            ),
            (" ".repeat(MAX_BYTES + 1), "at most 102400"),
        ] {
            let error = ImageDefinitions::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn a_file_that_grows_too_large_is_not_written() {
        let entries =
            (0..2000).map(|n| (format!("container-{n}"), format!("{}:{n}", "i".repeat(100))));
        assert!(matches!(
            ImageDefinitions::new(entries).unwrap_err(),
            ImageDefinitionsError::Invalid(problems) if matches!(problems[..], [Problem::TooLarge { .. }])
        ));
    }
}
