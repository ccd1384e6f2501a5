//! An OCI image layout in a directory: one image, its configuration and its layers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{MANIFEST, digest_of};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Digest, Platform};

const OPERATION: &str = "OCI layout";

/// Where a layout keeps its blobs.
const BLOBS: &str = "blobs/sha256";

/// A layout that was read.
#[derive(Debug, Clone)]
pub struct Layout {
    directory: PathBuf,
    /// The manifest's bytes, as they are pushed.
    pub manifest: Vec<u8>,
    /// The manifest's digest.
    pub digest: Digest,
    /// The configuration's digest: the image's id.
    pub config: Digest,
    /// The layers' digests.
    pub layers: Vec<Digest>,
    /// What the image runs on.
    pub platform: Platform,
}

impl Layout {
    /// Whether a directory holds a layout.
    #[must_use]
    pub fn is_at(directory: &Path) -> bool {
        directory.join("oci-layout").is_file()
    }

    /// Reads a layout with one image.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when there is none, [`Invalid`](ErrorKind::Invalid) when
    /// it cannot be read.
    pub fn open(directory: &Path) -> Result<Self, ProviderError> {
        if !Self::is_at(directory) {
            return Err(error(
                directory,
                ErrorKind::NotFound,
                "there is no image layout",
            ));
        }
        let index = json_at(directory, &directory.join("index.json"))?;
        let digest = digest_in(directory, &index["manifests"][0])?;
        let manifest =
            fs::read(blob_path(directory, &digest)).map_err(|cause| io_error(directory, cause))?;
        let parsed: Value = serde_json::from_slice(&manifest)
            .map_err(|cause| error(directory, ErrorKind::Invalid, cause.to_string()))?;
        let config = digest_in(directory, &parsed["config"])?;
        let settings = json_at(directory, &blob_path(directory, &config))?;
        let layers = parsed["layers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|layer| digest_in(directory, layer))
            .collect::<Result<_, _>>()?;
        let word = |name: &str| settings[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            directory: directory.to_owned(),
            manifest,
            digest,
            config,
            layers,
            platform: Platform::new(&word("os"), &word("architecture")),
        })
    }

    /// Where a blob is.
    #[must_use]
    pub fn blob(&self, digest: &Digest) -> PathBuf {
        blob_path(&self.directory, digest)
    }
}

/// Makes room for a layout where an older one may be.
pub(super) fn begin(directory: &Path) -> io::Result<()> {
    if Layout::is_at(directory) {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory.join(BLOBS))
}

/// The same image under another name. Its blobs are shared where the file system can.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    begin(to)?;
    for blob in fs::read_dir(from.join(BLOBS))? {
        let blob = blob?;
        let linked = to.join(BLOBS).join(blob.file_name());
        // A layout that was cut off has left it.
        let _ = fs::remove_file(&linked);
        if fs::hard_link(blob.path(), &linked).is_err() {
            fs::copy(blob.path(), &linked)?;
        }
    }
    for file in ["index.json", "oci-layout"] {
        fs::copy(from.join(file), to.join(file))?;
    }
    Ok(())
}

/// Writes the index last: a layout that was cut off is none.
pub(super) fn finish(directory: &Path, manifest: &Value) -> io::Result<()> {
    let bytes = manifest.to_string().into_bytes();
    let digest = digest_of(&bytes);
    fs::write(blob_path(directory, &digest), &bytes)?;
    let index = json!({
        "schemaVersion": 2,
        "mediaType": super::INDEX,
        "manifests": [{"mediaType": MANIFEST, "digest": digest, "size": bytes.len()}],
    });
    fs::write(directory.join("index.json"), index.to_string())?;
    fs::write(
        directory.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
}

pub(super) fn blob_path(directory: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.as_str().trim_start_matches("sha256:");
    directory.join("blobs").join("sha256").join(hex)
}

fn json_at(directory: &Path, path: &Path) -> Result<Value, ProviderError> {
    let bytes = fs::read(path).map_err(|cause| io_error(directory, cause))?;
    serde_json::from_slice(&bytes)
        .map_err(|cause| error(directory, ErrorKind::Invalid, cause.to_string()))
}

fn digest_in(directory: &Path, descriptor: &Value) -> Result<Digest, ProviderError> {
    let text = descriptor["digest"].as_str().unwrap_or_default();
    text.parse()
        .map_err(|_| error(directory, ErrorKind::Invalid, "a descriptor has no digest"))
}

fn error(directory: &Path, kind: ErrorKind, message: impl Into<String>) -> ProviderError {
    ProviderError::new(kind, OPERATION, directory.display().to_string(), message)
}

fn io_error(directory: &Path, cause: io::Error) -> ProviderError {
    error(directory, ErrorKind::Invalid, cause.to_string()).with_source(cause)
}
