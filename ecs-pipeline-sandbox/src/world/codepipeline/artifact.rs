//! Artifacts: zips in the pipeline's bucket.

use bytes::Bytes;
use ecs_pipeline_artifacts::bundle::Bundle;
use serde_json::{Value, json};

use super::World;
use super::failure::Failure;
use crate::world::s3::Object;

/// An artifact of an execution.
#[derive(Debug, Clone)]
pub(super) struct Artifact {
    pub(super) name: String,
    pub(super) bucket: String,
    pub(super) key: String,
    /// The revision of the source that it is; what a build made has none.
    pub(super) revision: Option<String>,
}

impl Artifact {
    /// Puts a zip into the pipeline's bucket, under a key of its own as CodePipeline writes it:
    /// `PIPELINE/ARTIFACT/RANDOM`, with the names cut to 20 and 10 characters.
    pub(super) fn store(
        world: &mut World,
        (pipeline, bucket): (&str, &str),
        name: &str,
        zip: Bytes,
    ) -> Result<Self, Failure> {
        let mut random = world.ids.hex16();
        random.truncate(7);
        let key = format!("{pipeline:.20}/{name:.10}/{random}");
        world
            .s3
            .put(world.now, bucket, &key, Object::new(zip))
            .map_err(|error| {
                Failure::configuration(format!(
                    "The artifact {name} cannot be stored in the pipeline's Amazon S3 artifact bucket \
                     {bucket}: {}",
                    error.message
                ))
            })?;
        Ok(Self {
            name: name.into(),
            bucket: bucket.into(),
            key,
            revision: None,
        })
    }

    /// The zip; `None` where it is not in the bucket any more.
    pub(super) fn zip(&self, world: &World) -> Option<Bytes> {
        let object = world.s3.object(&self.bucket, &self.key, None)?;
        Some(object.bytes.clone())
    }

    /// A file of the artifact, where it can be had.
    pub(super) fn file(&self, world: &World, path: &str) -> Option<Vec<u8>> {
        let bundle = Bundle::from_zip(&self.zip(world)?).ok()?;
        bundle.get(path).map(<[u8]>::to_vec)
    }

    /// As ListActionExecutions shows it.
    pub(super) fn describe(&self) -> Value {
        json!({
            "name": self.name,
            "s3location": {"bucket": self.bucket, "key": self.key},
        })
    }
}
