//! The zip that CodePipeline passes from one action to the next.
//!
//! An artifact is one zip in the pipeline's bucket. What an action accepts is bounded: see
//! [`Bundle::MAX_DEPLOY_BYTES`] and [`MAX_IMAGE_DEFINITIONS_BYTES`]. (CodePipeline user guide, "Quotas".)

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// The largest `imagedefinitions.json` that the ECS action reads, in bytes.
pub const MAX_IMAGE_DEFINITIONS_BYTES: usize = 100 * 1024;

/// What a reader takes at most, so that a small zip cannot become a large memory.
const MAX_UNPACKED_BYTES: u64 = 256 * 1024 * 1024;

/// The files of an artifact by their paths, with `/` between the parts.
///
/// ```
/// use ecs_pipeline_artifacts::bundle::Bundle;
///
/// let mut bundle = Bundle::default();
/// bundle.insert("imagedefinitions.json", "[]");
/// let zip = bundle.to_zip()?;
/// assert_eq!(Bundle::from_zip(&zip)?.get("imagedefinitions.json"), Some(&b"[]"[..]));
/// # Ok::<(), ecs_pipeline_artifacts::bundle::BundleError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    contents: Vec<u8>,
    /// The permission bits; a build that gets its source as a zip may have to run a script of it.
    mode: u32,
}

/// Why there is no zip, or no bundle in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It is no zip, or a broken one.
    #[error("it is not a zip that can be read")]
    Zip(#[from] zip::result::ZipError),
    /// A file in it could not be packed or unpacked.
    #[error("{name} in the zip could not be read or written")]
    File {
        /// The file's path in the zip.
        name: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A file's path leads out of where it would be unpacked.
    #[error("{0} in the zip leads out of it")]
    Outside(String),
    /// It holds more than anybody would deploy from.
    #[error("it unpacks to more than {} MiB", MAX_UNPACKED_BYTES / 1024 / 1024)]
    TooLarge,
}

impl Bundle {
    /// The largest zip that the CodeDeployToECS action reads, in bytes: 3 MB.
    pub const MAX_DEPLOY_BYTES: usize = 3 * 1024 * 1024;

    /// Adds a file, or replaces it.
    pub fn insert(&mut self, name: impl Into<String>, contents: impl Into<Vec<u8>>) {
        self.insert_with_mode(name, contents, 0o644);
    }

    /// The same with the file's permission bits, such as `0o755`.
    pub fn insert_with_mode(
        &mut self,
        name: impl Into<String>,
        contents: impl Into<Vec<u8>>,
        mode: u32,
    ) {
        let contents = contents.into();
        self.files.insert(name.into(), File { contents, mode });
    }

    /// A file's contents.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(|file| file.contents.as_slice())
    }

    /// The files in the order of their paths: path, contents, permission bits.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8], u32)> {
        self.files
            .iter()
            .map(|(name, file)| (name.as_str(), file.contents.as_slice(), file.mode))
    }

    /// Packs them. The same files give the same bytes: the zip has no times.
    ///
    /// # Errors
    ///
    /// [`BundleError::Zip`] for what a zip cannot hold.
    pub fn to_zip(&self) -> Result<Vec<u8>, BundleError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        for (name, file) in &self.files {
            zip.start_file(name.as_str(), options.unix_permissions(file.mode))?;
            zip.write_all(&file.contents)
                .map_err(|source| BundleError::File {
                    name: name.clone(),
                    source,
                })?;
        }
        Ok(zip.finish()?.into_inner())
    }

    /// Unpacks them. Directories and links are passed over.
    ///
    /// # Errors
    ///
    /// See [`BundleError`].
    pub fn from_zip(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut zip = ZipArchive::new(Cursor::new(bytes))?;
        let mut bundle = Self::default();
        let mut left = MAX_UNPACKED_BYTES;
        for index in 0..zip.len() {
            let entry = zip.by_index(index)?;
            if !entry.is_file() || entry.is_symlink() {
                continue;
            }
            let name = entry.name()?.into_owned();
            if entry.enclosed_name().is_none() {
                return Err(BundleError::Outside(name));
            }
            let mode = entry.unix_mode().unwrap_or(0o644) & 0o777;
            let mut contents = Vec::new();
            let read = entry.take(left + 1).read_to_end(&mut contents);
            read.map_err(|source| BundleError::File {
                name: name.clone(),
                source,
            })?;
            left = left
                .checked_sub(contents.len() as u64)
                .ok_or(BundleError::TooLarge)?;
            bundle.insert_with_mode(name, contents, mode);
        }
        Ok(bundle)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let mut bundle = Bundle::default();
        bundle.insert("appspec.yaml", "version: 0.0\n");
        bundle.insert_with_mode("bin/run.sh", "#!/bin/sh\n", 0o755);
        let zip = bundle.to_zip().unwrap();
        assert_eq!(Bundle::from_zip(&zip).unwrap(), bundle);
        assert_eq!(bundle.to_zip().unwrap(), zip, "the same files, other bytes");
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        let error = Bundle::from_zip(b"[]").unwrap_err();
        assert!(matches!(error, BundleError::Zip(_)), "{error:?}");
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        let mut bundle = Bundle::default();
        bundle.insert("../../etc/passwd", "x");
        let zip = bundle.to_zip().unwrap();
        let error = Bundle::from_zip(&zip).unwrap_err();
        assert!(matches!(error, BundleError::Outside(_)), "{error:?}");
    }
}
