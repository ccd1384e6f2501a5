//! Source/AWS/S3: a zip in S3
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html>).

use bytes::Bytes;

use super::World;
use super::artifact::Artifact;
use super::execution::{Revision, SourceRevision};
use super::failure::Failure;
use super::job::{Order, Product};

/// The object that is fetched.
struct Fetched {
    key: String,
    version: String,
    etag: String,
    zip: Bytes,
}

/// Copies the object into the pipeline's bucket.
pub(super) fn fetch(order: &Order, world: &mut World) -> Result<Product, Failure> {
    let bucket = order.setting("S3Bucket").to_owned();
    let Fetched {
        key,
        version,
        etag,
        zip,
    } = find(order, world, &bucket)?;
    order.may_fetch(world, &bucket, &key, &version)?;
    let mut product = Product {
        variables: [
            ("BucketName", bucket),
            ("ETag", etag),
            ("ObjectKey", key),
            ("VersionId", version.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        summary: Some(format!("Amazon S3 version id: {version}")),
        ..Product::default()
    };
    for output in &order.action.output_artifacts {
        let store = (order.pipeline.as_str(), order.bucket.as_str());
        let mut artifact = Artifact::store(world, store, &output.name, zip.clone())?;
        artifact.revision = Some(version.clone());
        product.artifacts.push(artifact);
    }
    Ok(product)
}

/// The revision that the execution was started with, or the newest. The bucket must have versions: a
/// version's id is what CodePipeline calls the revision. (The texts are the sandbox's own.)
fn find(order: &Order, world: &World, bucket: &str) -> Result<Fetched, Failure> {
    let mut key = order.setting("S3ObjectKey").to_owned();
    let mut wanted = None;
    match &order.instead {
        Some(SourceRevision {
            kind: Revision::S3Key,
            value,
        }) => key.clone_from(value),
        Some(SourceRevision {
            kind: Revision::S3Version,
            value,
        }) => wanted = Some(value.as_str()),
        None => {}
    }
    let there = world
        .s3
        .bucket(bucket)
        .map_err(|_| missing(&format!("There is no Amazon S3 bucket {bucket}")))?;
    if there.versioning.is_none() {
        return Err(missing(&format!(
            "The Amazon S3 bucket {bucket} has no versions: enable versioning for a bucket that is a source"
        )));
    }
    let version = world.s3.version(bucket, &key, wanted).ok();
    let found = version.and_then(|version| Some((version.id(), version.object.as_ref()?)));
    let (version, object) = found.ok_or_else(|| {
        missing(&format!(
            "The object with key '{key}' does not exist in the Amazon S3 bucket {bucket}"
        ))
    })?;
    Ok(Fetched {
        version: version.to_owned(),
        etag: object.etag.clone(),
        zip: object.bytes.clone(),
        key,
    })
}

fn missing(why: &str) -> Failure {
    Failure::configuration(why)
}
