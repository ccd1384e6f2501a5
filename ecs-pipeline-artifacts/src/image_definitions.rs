//! `imagedefinitions.json`: which image each container gets, read by CodePipeline's rolling ECS action.
//!
//! The action copies the task definition that the service runs, replaces the images of the containers
//! named here, registers the result and updates the service. Containers that are not named keep their
//! image. (CodePipeline user guide, "Image definitions file reference".)

use serde_json::{Value, json};

use crate::document::DocumentKind;
use crate::finding::Invalid;
use crate::rules::image_definitions::refuse_ambiguous;
use crate::validate;

/// The most that CodePipeline reads, in bytes ("100 KB").
pub const MAX_BYTES: usize = 100 * 1024;

/// The longest name of a container.
const MAX_NAME: usize = 255;

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

impl ImageDefinitions {
    /// Makes the file's content from pairs of container name and image.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse) of what would be written.
    pub fn new<N: Into<String>, I: Into<String>>(
        entries: impl IntoIterator<Item = (N, I)>,
    ) -> Result<Self, Invalid> {
        let entries = entries.into_iter().map(|(name, image)| ImageDefinition {
            name: name.into(),
            image_uri: image.into(),
        });
        Self::parse(Self(entries.collect()).to_json_string())
    }

    /// Reads the file and checks it. Members other than `name` and `imageUri` are passed over.
    ///
    /// # Errors
    ///
    /// With everything in it that CodePipeline or ECS would refuse; and where it names no container, or
    /// one twice.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, Invalid> {
        let (name, kind) = ("imagedefinitions.json", DocumentKind::ImageDefinitions);
        validate::read(name, kind, text.as_ref(), |root, found| {
            refuse_ambiguous(root, found);
            let entries = root.items().iter().map(|item| {
                Some(ImageDefinition {
                    name: item.get("name")?.as_str()?.to_owned(),
                    image_uri: item.get("imageUri")?.as_str()?.to_owned(),
                })
            });
            entries.collect::<Option<_>>().map(Self)
        })
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

/// Whether ECS takes a text as the name of a container.
pub(crate) fn is_container_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
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
            (r#"[{"name": "web"}]"#.to_owned(), "has no `imageUri`"),
            (
                r#"[{"imageUri": "x"}, 3]"#.to_owned(),
                "the entry has no `name`",
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
            (" ".repeat(MAX_BYTES) + "[]", "at most 102400"),
        ] {
            let error = ImageDefinitions::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn a_file_that_grows_too_large_is_not_written() {
        let entries =
            (0..2000).map(|n| (format!("container-{n}"), format!("{}:{n}", "i".repeat(100))));
        let error = ImageDefinitions::new(entries).unwrap_err();
        let rules: Vec<_> = error.findings.iter().map(|found| found.rule.id).collect();
        assert_eq!(rules, ["imagedefinitions-size"]);
    }
}
