//! Simple Storage Service: buckets, and in them what a pipeline hands from stage to stage.
//!
//! Objects are kept in memory, and only so many of them ([`MOST_STORED`]). Their bytes are not
//! JSON, so front ends call the methods here and not [`World::call`](super::World::call).

mod bucket;
mod listing;
mod multipart;
mod object;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::id::Ids;
use super::{ApiError, Time, World};
pub(crate) use bucket::{Bucket, Versioning};
pub(crate) use listing::{Listing, Page};
pub(crate) use multipart::{MOST_PARTS, Part};
pub(crate) use object::{Deleted, Object, Version};

/// How many bytes all objects may have together.
const MOST_STORED: usize = 1024 * 1024 * 1024;

/// All S3 state.
#[derive(Debug, Default)]
pub(crate) struct S3 {
    buckets: BTreeMap<String, Bucket>,
    /// By id.
    uploads: BTreeMap<String, multipart::Upload>,
    /// Its own: what it names need differ from its own kind only.
    ids: Ids,
}

impl S3 {
    /// The buckets by name, in order.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (&String, &Bucket)> {
        self.buckets.iter()
    }

    pub(crate) fn bucket(&self, name: &str) -> Result<&Bucket, ApiError> {
        self.buckets.get(name).ok_or_else(no_such_bucket)
    }

    /// Creates a bucket; `false` when it was there already.
    pub(crate) fn create_bucket(&mut self, now: Time, name: &str) -> Result<bool, ApiError> {
        if !bucket::is_name(name) {
            return Err(ApiError::client(
                "InvalidBucketName",
                "The specified bucket is not valid.",
            ));
        }
        if self.buckets.contains_key(name) {
            return Ok(false);
        }
        self.buckets.insert(name.into(), Bucket::new(now));
        Ok(true)
    }

    pub(crate) fn delete_bucket(&mut self, name: &str) -> Result<(), ApiError> {
        if !self.bucket(name)?.is_empty() {
            return Err(ApiError {
                status: 409,
                code: "BucketNotEmpty".into(),
                message: "The bucket you tried to delete is not empty".into(),
            });
        }
        self.buckets.remove(name);
        Ok(())
    }

    pub(crate) fn set_versioning(
        &mut self,
        name: &str,
        versioning: Versioning,
    ) -> Result<(), ApiError> {
        self.bucket_mut(name)?.set_versioning(versioning);
        Ok(())
    }

    /// Stores an object: the id of its version as the answer shows it, if the bucket has versions.
    pub(crate) fn put(
        &mut self,
        now: Time,
        bucket: &str,
        key: &str,
        object: Object,
    ) -> Result<Option<String>, ApiError> {
        self.check_room(object.bytes.len())?;
        let id = self.ids.hex32();
        Ok(self.bucket_mut(bucket)?.put(now, key, id, object))
    }

    /// A version of an object, or its newest one: perhaps a delete marker.
    pub(crate) fn version(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<&Version, ApiError> {
        self.bucket(bucket)?.version(key, version)
    }

    /// An object that can be read.
    pub(crate) fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Option<&Object> {
        self.version(bucket, key, version).ok()?.object.as_ref()
    }

    /// Deletes a version, or hides the object as the bucket's versioning says. It is no error
    /// when there is nothing to delete.
    pub(crate) fn delete(
        &mut self,
        now: Time,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Deleted, ApiError> {
        let id = self.ids.hex32();
        let bucket = self.bucket_mut(bucket)?;
        Ok(match version {
            Some(version) => bucket.delete_version(key, version),
            None => bucket.delete(now, key, id),
        })
    }

    fn bucket_mut(&mut self, name: &str) -> Result<&mut Bucket, ApiError> {
        self.buckets.get_mut(name).ok_or_else(no_such_bucket)
    }

    /// Whether so many bytes more can be kept.
    fn check_room(&self, more: usize) -> Result<(), ApiError> {
        let objects: usize = self.buckets.values().map(Bucket::stored).sum();
        let parts: usize = self.uploads.values().map(multipart::Upload::stored).sum();
        if objects + parts + more <= MOST_STORED {
            return Ok(());
        }
        Err(ApiError::client(
            "InvalidRequest",
            format!("the sandbox keeps objects in memory, and at most {MOST_STORED} bytes"),
        ))
    }
}

impl World {
    /// S3, with the moment that it is asked at.
    pub(crate) fn s3(&mut self, now: Time) -> (&mut S3, Time) {
        self.now = self.now.max(now);
        (&mut self.s3, self.now)
    }
}

/// Bytes as ETags and digests are written.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn not_found(code: &str, message: &str) -> ApiError {
    ApiError {
        status: 404,
        code: code.into(),
        message: message.into(),
    }
}

fn no_such_bucket() -> ApiError {
    not_found("NoSuchBucket", "The specified bucket does not exist")
}
