//! Multipart uploads: how clients send what is larger than a few megabytes.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use md5::{Digest as _, Md5};

use super::{ApiError, Object, S3, Time, hex, not_found};

/// Every part but the last must have this many bytes.
const LEAST_PART: usize = 5 * 1024 * 1024;

/// Parts have the numbers from 1 to this one.
pub(crate) const MOST_PARTS: u16 = 10_000;

/// An upload that is neither complete nor aborted.
#[derive(Debug)]
pub(super) struct Upload {
    bucket: String,
    key: String,
    /// The headers of the object to be.
    headers: BTreeMap<String, String>,
    parts: BTreeMap<u16, Part>,
}

/// A part of an object.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) bytes: Bytes,
    pub(crate) md5: [u8; 16],
}

impl Part {
    /// Without its quotes.
    pub(crate) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Upload {
    pub(super) fn stored(&self) -> usize {
        self.parts.values().map(|part| part.bytes.len()).sum()
    }

    /// The parts that the client names, which must be in order, as they were uploaded, and large
    /// enough.
    fn chosen(&self, named: &[(u16, String)]) -> Result<Vec<&Part>, ApiError> {
        if named.is_empty() {
            return Err(ApiError::client(
                "MalformedXML",
                "You must specify at least one part",
            ));
        }
        if !named.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(ApiError::client(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part \
                 number.",
            ));
        }
        let chosen: Vec<&Part> = named
            .iter()
            .map(|(number, etag)| {
                let part = self.parts.get(number);
                part.filter(|part| part.etag() == *etag)
                    .ok_or_else(invalid_part)
            })
            .collect::<Result<_, _>>()?;
        let all_but_last = chosen.split_last().map_or(&[][..], |(_, before)| before);
        if all_but_last
            .iter()
            .any(|part| part.bytes.len() < LEAST_PART)
        {
            return Err(ApiError::client(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            ));
        }
        Ok(chosen)
    }
}

impl S3 {
    /// Begins an upload, and gives its id.
    pub(crate) fn create_upload(
        &mut self,
        bucket: &str,
        key: &str,
        headers: BTreeMap<String, String>,
    ) -> Result<String, ApiError> {
        self.bucket(bucket)?;
        let id = self.ids.hex32();
        let upload = Upload {
            bucket: bucket.into(),
            key: key.into(),
            headers,
            parts: BTreeMap::new(),
        };
        self.uploads.insert(id.clone(), upload);
        Ok(id)
    }

    pub(crate) fn put_part(
        &mut self,
        (bucket, key, id): (&str, &str, &str),
        number: u16,
        part: Part,
    ) -> Result<(), ApiError> {
        self.check_room(part.bytes.len())?;
        let upload = self.uploads.get_mut(id);
        upload
            .filter(|upload| upload.bucket == bucket && upload.key == key)
            .ok_or_else(no_such_upload)?
            .parts
            .insert(number, part);
        Ok(())
    }

    /// Makes an object of the parts: its ETag, and the id of its version as [`S3::put`] gives it.
    pub(crate) fn complete_upload(
        &mut self,
        now: Time,
        (bucket, key, id): (&str, &str, &str),
        named: &[(u16, String)],
        most: usize,
    ) -> Result<(String, Option<String>), ApiError> {
        let upload = self.upload(bucket, key, id)?;
        let parts = upload.chosen(named)?;
        let length = parts.iter().map(|part| part.bytes.len()).sum();
        if length > most {
            return Err(ApiError::client(
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed object size.",
            ));
        }
        let mut bytes = BytesMut::with_capacity(length);
        let mut md5 = Md5::new();
        for part in &parts {
            bytes.extend_from_slice(&part.bytes);
            md5.update(part.md5);
        }
        let object = Object {
            bytes: bytes.freeze(),
            etag: format!("{}-{}", hex(&md5.finalize()), parts.len()),
            headers: upload.headers.clone(),
        };
        let etag = object.etag.clone();
        // The parts make room for the object that they become.
        let upload = self.uploads.remove(id);
        let version = self.put(now, bucket, key, object);
        if let (Err(_), Some(upload)) = (&version, upload) {
            self.uploads.insert(id.into(), upload);
        }
        Ok((etag, version?))
    }

    pub(crate) fn abort_upload(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<(), ApiError> {
        self.upload(bucket, key, id)?;
        self.uploads.remove(id);
        Ok(())
    }

    fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<&Upload, ApiError> {
        let upload = self.uploads.get(id);
        upload
            .filter(|upload| upload.bucket == bucket && upload.key == key)
            .ok_or_else(no_such_upload)
    }
}

fn invalid_part() -> ApiError {
    ApiError::client(
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been \
         uploaded, or the specified entity tag may not match the part's entity tag.",
    )
}

fn no_such_upload() -> ApiError {
    not_found(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may \
         have been aborted or completed.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_epoch(std::time::Duration::ZERO);
    const MOST: usize = 64 * 1024 * 1024;

    fn part(length: usize) -> Part {
        let bytes = vec![b'a'; length];
        Part {
            md5: Md5::digest(&bytes).into(),
            bytes: bytes.into(),
        }
    }

    fn begun() -> (S3, String) {
        let mut s3 = S3::default();
        s3.create_bucket(NOW, "bucket").unwrap();
        let headers = [("content-type".to_owned(), "text/plain".to_owned())];
        let id = s3.create_upload("bucket", "key", headers.into()).unwrap();
        (s3, id)
    }

    #[test]
    fn parts_become_an_object() {
        let (mut s3, id) = begun();
        let at = ("bucket", "key", id.as_str());
        let (first, last) = (part(LEAST_PART), part(3));
        let named = [(1, first.etag()), (7, last.etag())];
        s3.put_part(at, 7, last).unwrap();
        s3.put_part(at, 1, part(4)).unwrap();
        s3.put_part(at, 1, first).unwrap();
        assert!(s3.object("bucket", "key", None).is_none());
        let (etag, version) = s3.complete_upload(NOW, at, &named, MOST).unwrap();
        assert_eq!(version, None);
        // `md5sum` of the two digests in a row.
        assert_eq!(etag, ETAG);
        let object = s3.object("bucket", "key", None).unwrap();
        assert_eq!((object.bytes.len(), &object.etag), (LEAST_PART + 3, &etag));
        assert_eq!(object.headers["content-type"], "text/plain");
        let again = s3.complete_upload(NOW, at, &named, MOST).unwrap_err();
        assert_eq!(again.code, "NoSuchUpload");
    }

    const ETAG: &str = "fe913ca2f648515fa0553c64e0135cca-2";

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let (mut s3, id) = begun();
        let at = ("bucket", "key", id.as_str());
        let (one, two) = (part(3), part(4));
        let (a, b) = (one.etag(), two.etag());
        s3.put_part(at, 1, one).unwrap();
        s3.put_part(at, 2, two).unwrap();
        let table = [
            (vec![], "MalformedXML"),
            (vec![(2, b.clone()), (1, a.clone())], "InvalidPartOrder"),
            (vec![(1, a.clone()), (1, a.clone())], "InvalidPartOrder"),
            (vec![(1, b.clone())], "InvalidPart"),
            (vec![(3, a.clone())], "InvalidPart"),
            (vec![(1, a.clone()), (2, b)], "EntityTooSmall"),
        ];
        for (named, code) in table {
            let error = s3.complete_upload(NOW, at, &named, MOST).unwrap_err();
            assert_eq!(error.code, code, "{named:?}");
        }
        let error = s3
            .complete_upload(NOW, at, &[(1, a.clone())], 2)
            .unwrap_err();
        assert_eq!(error.code, "EntityTooLarge");
        let elsewhere = ("bucket", "other", id.as_str());
        assert_eq!(
            s3.put_part(elsewhere, 1, part(1)).unwrap_err().code,
            "NoSuchUpload"
        );
        assert_eq!(s3.abort_upload("bucket", "key", &id), Ok(()));
        let error = s3.complete_upload(NOW, at, &[(1, a)], MOST).unwrap_err();
        assert_eq!(error.code, "NoSuchUpload");
    }
}
