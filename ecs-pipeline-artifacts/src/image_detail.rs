//! `imageDetail.json`: the image that CodePipeline's blue/green ECS action puts into the task definition.
//!
//! The name of the file is fixed. The ECR source action writes it with every member; one that a build
//! writes needs only `ImageURI`. (CodePipeline user guide, "imageDetail.json file".)

use serde_json::{Map, Value};

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
        }
    }

    /// The file's content: compact JSON with a newline at its end; members that are not known are left out.
    pub fn to_json_string(&self) -> String {
        let members = [
            ("ImageDigest", self.image_digest.clone().map(Value::from)),
            ("RegistryId", self.registry_id.clone().map(Value::from)),
            (
                "RepositoryName",
                self.repository_name.clone().map(Value::from),
            ),
            ("ImageURI", Some(self.image_uri.clone().into())),
            (
                "ImageTags",
                Some(self.image_tags.clone())
                    .filter(|tags| !tags.is_empty())
                    .map(Value::from),
            ),
        ];
        let object: Map<String, Value> = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        format!("{}\n", Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
