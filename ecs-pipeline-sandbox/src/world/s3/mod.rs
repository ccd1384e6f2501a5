//! Simple Storage Service: buckets, and in them what a pipeline hands from stage to stage.
//!
//! Objects are kept in memory, and only so many of them ([`MOST_STORED`]). Their bytes are not
//! JSON, so front ends call the methods here and not [`World::call`](super::World::call).

mod bucket;
mod listing;
mod object;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::id::Ids;
use super::{ApiError, Time, World};
pub(crate) use bucket::{Bucket, Versioning};
pub(crate) use listing::{Listing, Page};
pub(crate) use object::{Deleted, Object, Version};

/// How many bytes all objects may have together.
const MOST_STORED: usize = 1024 * 1024 * 1024;

/// All S3 state.
#[derive(Debug, Default)]
pub(crate) struct S3 {
    buckets: BTreeMap<String, Bucket>,
    /// Its own, since a version's id need differ from other versions' only.
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
        if self.stored() + object.bytes.len() > MOST_STORED {
            return Err(ApiError::client(
                "InvalidRequest",
                format!("the sandbox keeps objects in memory, and at most {MOST_STORED} bytes"),
            ));
        }
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

    fn stored(&self) -> usize {
        self.buckets.values().map(Bucket::stored).sum()
    }
}

impl World {
    /// S3, with the moment that it is asked at.
    pub(crate) fn s3(&mut self, now: Time) -> (&mut S3, Time) {
        self.now = self.now.max(now);
        (&mut self.s3, self.now)
    }
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
