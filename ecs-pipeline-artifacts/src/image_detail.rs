//! `imageDetail.json`: the image that CodePipeline's blue/green ECS action puts into the task definition.
//!
//! The name of the file is fixed. The ECR source action writes it with every member; one that a build
//! writes needs only `ImageURI`. (CodePipeline user guide, "imageDetail.json file".)

use serde_json::{Map, Value};

use crate::document::DocumentKind;
use crate::finding::Invalid;
use crate::source::{self, Node};
use crate::validate;

/// The content of an `imageDetail.json`.
///
/// ```
/// use ecs_pipeline_artifacts::image_detail::ImageDetail;
///
/// let detail = ImageDetail::new("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:42");
/// assert_eq!(
///     detail.to_json_string(),
///     "{\"ImageURI\":\"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:42\"}\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageDetail {
    /// The image, best pinned by digest: `REPOSITORY@sha256:…`.
    pub image_uri: String,
    /// The digest alone, `sha256:…`.
    pub image_digest: Option<String>,
    /// The tags of the image.
    pub image_tags: Vec<String>,
    /// The account that owns the registry.
    pub registry_id: Option<String>,
    /// The name of the repository.
    pub repository_name: Option<String>,
    /// The size of the image in bytes; a string, as CodePipeline writes it.
    pub image_size_in_bytes: Option<String>,
    /// The version of the file's form, `1.0`.
    pub version: Option<String>,
    /// When the image was pushed, in words.
    pub image_pushed_at: Option<String>,
}

impl ImageDetail {
    /// With the one member that the action reads.
    pub fn new(image_uri: impl Into<String>) -> Self {
        Self {
            image_uri: image_uri.into(),
            image_digest: None,
            image_tags: Vec::new(),
            registry_id: None,
            repository_name: None,
            image_size_in_bytes: None,
            version: None,
            image_pushed_at: None,
        }
    }

    /// Reads the file and checks it. Only `ImageURI` must be there; members that nobody knows are passed
    /// over.
    ///
    /// # Errors
    ///
    /// With everything in it that CodePipeline or ECS would refuse.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, Invalid> {
        let (name, kind) = ("imageDetail.json", DocumentKind::ImageDetail);
        validate::read(name, kind, text.as_ref(), |root, _| {
            let member = |name| root.get(name).and_then(plain);
            let tags = root.get("ImageTags").map(Node::items).unwrap_or_default();
            Some(Self {
                image_uri: member("ImageURI")?,
                image_digest: member("ImageDigest"),
                image_tags: tags.iter().filter_map(plain).collect(),
                registry_id: member("RegistryId"),
                repository_name: member("RepositoryName"),
                image_size_in_bytes: member("ImageSizeInBytes"),
                version: member("Version"),
                image_pushed_at: member("ImagePushedAt"),
            })
        })
    }

    /// The file's content: compact JSON with a newline at its end; members that are not known are left out.
    pub fn to_json_string(&self) -> String {
        let text = |member: &Option<String>| member.clone().map(Value::from);
        let tags = Some(&self.image_tags).filter(|tags| !tags.is_empty());
        // In the order of the ECR source action.
        let members = [
            ("ImageSizeInBytes", text(&self.image_size_in_bytes)),
            ("ImageDigest", text(&self.image_digest)),
            ("Version", text(&self.version)),
            ("ImagePushedAt", text(&self.image_pushed_at)),
            ("RegistryId", text(&self.registry_id)),
            ("RepositoryName", text(&self.repository_name)),
            ("ImageURI", Some(self.image_uri.clone().into())),
            ("ImageTags", tags.cloned().map(Value::from)),
        ];
        let object: Map<String, Value> = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        format!("{}\n", Value::Object(object))
    }
}

/// A string; a number too, since the action does not read these members and need not mind.
fn plain(node: &Node<'_>) -> Option<String> {
    match &node.value {
        source::Value::String(text) => Some(text.to_string()),
        source::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_the_ecr_source_action_writes_reads_and_writes_back() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!(
            "{{\"ImageSizeInBytes\":\"44728918\",\"ImageDigest\":\"{digest}\",\"Version\":\"1.0\",\
             \"ImagePushedAt\":\"Mon Jan 21 20:04:00 UTC 2019\",\"RegistryId\":\"123456789012\",\
             \"RepositoryName\":\"shop\",\"ImageURI\":\"shop@{digest}\",\"ImageTags\":[\"latest\"]}}\n"
        );
        let detail = ImageDetail::parse(&text).unwrap();
        assert_eq!(detail.image_tags, ["latest"]);
        assert_eq!(detail.to_json_string(), text);
    }

    #[test]
    fn what_the_action_would_refuse_is_refused_with_its_place() {
        for (text, expected) in [
            ("", "line 1, column 1"),
            ("{}", "line 1, column 1: `ImageURI` is missing"),
            (
                "{\n \"imageUri\": \"x\"}",
                "line 2, column 2: the action reads `ImageURI`",
            ),
            (
                "[{\"name\": \"web\", \"imageUri\": \"x\"}]",
                "imagedefinitions.json",
            ),
            ("{\"ImageURI\": \"$IMAGE\"}", "placeholder"),
        ] {
            let error = ImageDetail::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn known_members_are_written_with_codepipelines_names() {
        let mut detail = ImageDetail::new("shop@sha256:1");
        detail.image_digest = Some("sha256:1".to_owned());
        detail.image_tags = vec!["42".to_owned()];
        detail.registry_id = Some("123456789012".to_owned());
        detail.repository_name = Some("shop".to_owned());
        assert_eq!(
            detail.to_json_string(),
            "{\"ImageDigest\":\"sha256:1\",\"RegistryId\":\"123456789012\",\"RepositoryName\":\"shop\",\
             \"ImageURI\":\"shop@sha256:1\",\"ImageTags\":[\"42\"]}\n"
        );
    }
}
