//! Objects and their versions.

use std::collections::BTreeMap;

use bytes::Bytes;
use md5::{Digest as _, Md5};

use super::{Time, hex};

/// What PutObject stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    /// The MD5 of the bytes in hexadecimal, without the quotes of the header.
    pub(crate) etag: String,
    /// Headers that are given back as they came: content type, metadata, checksums, …
    pub(crate) headers: BTreeMap<String, String>,
}

impl Object {
    /// An object that a service stores, without headers.
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self {
            etag: hex(&Md5::digest(&bytes)),
            headers: BTreeMap::new(),
            bytes,
        }
    }
}

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// `None` is the version `null`: that of an object stored while its bucket had no versions.
    pub(super) id: Option<String>,
    pub(crate) modified: Time,
    /// `None` in a delete marker.
    pub(crate) object: Option<Object>,
}

impl Version {
    /// The id as requests and answers have it.
    pub(crate) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("null")
    }
}

/// What DeleteObject did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Deleted {
    /// Whether a delete marker was made, or was what was deleted.
    pub(crate) marker: bool,
    /// The marker that was made, or the version that was named.
    pub(crate) version: Option<String>,
}
