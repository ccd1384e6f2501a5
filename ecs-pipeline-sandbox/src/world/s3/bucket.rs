//! A bucket: its objects by key, and what its versioning makes of changes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::object::{Deleted, Object, Version};
use super::{ApiError, Time, not_found};

/// `VersioningConfiguration`'s Status; a bucket begins without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versioning {
    Enabled,
    Suspended,
}

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) created: Time,
    pub(crate) versioning: Option<Versioning>,
    /// The versions of each key, the newest last. No list is empty.
    pub(super) keys: BTreeMap<String, Vec<Version>>,
}

/// Whether a bucket may have this name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| allowed(*byte) || matches!(byte, b'.' | b'-'))
        && bytes.first().copied().is_some_and(allowed)
        && bytes.last().copied().is_some_and(allowed)
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
}

impl Bucket {
    pub(super) fn new(created: Time) -> Self {
        Self {
            created,
            versioning: None,
            keys: BTreeMap::new(),
        }
    }

    pub(super) fn set_versioning(&mut self, versioning: Versioning) {
        self.versioning = Some(versioning);
    }

    /// Whether DeleteBucket may delete it: versions and delete markers count.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn stored(&self) -> usize {
        let versions = self.keys.values().flatten();
        versions
            .filter_map(|version| version.object.as_ref())
            .map(|object| object.bytes.len())
            .sum()
    }

    pub(super) fn put(
        &mut self,
        now: Time,
        key: &str,
        id: String,
        object: Object,
    ) -> Option<String> {
        self.add(now, key, id, Some(object))
    }

    pub(super) fn version(&self, key: &str, id: Option<&str>) -> Result<&Version, ApiError> {
        let versions = self.keys.get(key);
        match id {
            None => versions
                .and_then(|versions| versions.last())
                .ok_or_else(|| not_found("NoSuchKey", "The specified key does not exist.")),
            Some(id) => versions
                .and_then(|versions| versions.iter().find(|version| version.id() == id))
                .ok_or_else(|| not_found("NoSuchVersion", "The specified version does not exist.")),
        }
    }

    /// Deletes an object of a bucket without versions; otherwise a marker hides it.
    pub(super) fn delete(&mut self, now: Time, key: &str, id: String) -> Deleted {
        if self.versioning.is_none() {
            self.keys.remove(key);
            return Deleted::default();
        }
        Deleted {
            marker: true,
            version: self.add(now, key, id, None),
        }
    }

    /// Deletes a version for good.
    pub(super) fn delete_version(&mut self, key: &str, id: &str) -> Deleted {
        let mut deleted = Deleted {
            marker: false,
            version: Some(id.into()),
        };
        if let Some(versions) = self.keys.get_mut(key) {
            if let Some(at) = versions.iter().position(|version| version.id() == id) {
                deleted.marker = versions.remove(at).object.is_none();
            }
            if versions.is_empty() {
                self.keys.remove(key);
            }
        }
        deleted
    }

    /// Adds a version. Unless versioning is enabled it is the version `null`, of which a key has
    /// one at most.
    fn add(&mut self, now: Time, key: &str, id: String, object: Option<Object>) -> Option<String> {
        let enabled = self.versioning == Some(Versioning::Enabled);
        let version = Version {
            id: enabled.then_some(id),
            modified: now,
            object,
        };
        let shown = self.versioning.map(|_| version.id().to_owned());
        let versions = self.keys.entry(key.into()).or_default();
        if version.id.is_none() {
            versions.retain(|former| former.id.is_some());
        }
        versions.push(version);
        shown
    }
}
