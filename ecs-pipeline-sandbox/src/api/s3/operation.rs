//! Which operation a request is: S3 says it by method, address and the names in the query.

use http::{HeaderMap, Method};

use crate::world::ApiError;

use super::address::Address;
use super::copy;
use super::errors;
use super::query::Query;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    ListBuckets,
    CreateBucket,
    HeadBucket,
    DeleteBucket,
    GetBucketLocation,
    GetBucketVersioning,
    PutBucketVersioning,
    ListObjectsV2,
    PutObject,
    CopyObject,
    GetObject,
    HeadObject,
    DeleteObject,
    CreateMultipartUpload,
    UploadPart,
    CompleteMultipartUpload,
    AbortMultipartUpload,
}

/// Parameters that belong to an operation, or to how a request is signed, and do not make it
/// another one.
const PARAMETERS: [&str; 21] = [
    "x-id",
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "max-buckets",
    "continuation-token",
    "start-after",
    "encoding-type",
    "versionId",
    "bucket-region",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    // The older form of a presigned URL, which botocore still makes.
    "AWSAccessKeyId",
    "Signature",
    "Expires",
];

impl Operation {
    /// Refuses what is not here, by name: a `PUT` of an object's tags must not become a `PUT` of
    /// the object.
    pub(super) fn of(
        method: &Method,
        address: &Address,
        query: &Query,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let mut aspects: Vec<&str> = query
            .names()
            .filter(|name| !PARAMETERS.contains(name) && !name.starts_with("X-Amz-Checksum"))
            .collect();
        aspects.sort_unstable();
        let copies = headers.contains_key(copy::SOURCE);
        let found = match (method.as_str(), address, aspects.as_slice()) {
            ("GET", Address::Service, []) => Some(Self::ListBuckets),
            ("PUT", Address::Bucket(_), []) => Some(Self::CreateBucket),
            ("HEAD", Address::Bucket(_), []) => Some(Self::HeadBucket),
            ("DELETE", Address::Bucket(_), []) => Some(Self::DeleteBucket),
            ("GET", Address::Bucket(_), ["location"]) => Some(Self::GetBucketLocation),
            ("GET", Address::Bucket(_), ["versioning"]) => Some(Self::GetBucketVersioning),
            ("PUT", Address::Bucket(_), ["versioning"]) => Some(Self::PutBucketVersioning),
            ("GET", Address::Bucket(_), []) if query.get("list-type") == Some("2") => {
                Some(Self::ListObjectsV2)
            }
            ("PUT", Address::Object { .. }, []) if copies => Some(Self::CopyObject),
            ("PUT", Address::Object { .. }, []) => Some(Self::PutObject),
            ("GET", Address::Object { .. }, []) => Some(Self::GetObject),
            ("HEAD", Address::Object { .. }, []) => Some(Self::HeadObject),
            ("DELETE", Address::Object { .. }, []) => Some(Self::DeleteObject),
            ("POST", Address::Object { .. }, ["uploads"]) => Some(Self::CreateMultipartUpload),
            ("PUT", Address::Object { .. }, ["partNumber", "uploadId"]) if !copies => {
                Some(Self::UploadPart)
            }
            ("POST", Address::Object { .. }, ["uploadId"]) => Some(Self::CompleteMultipartUpload),
            ("DELETE", Address::Object { .. }, ["uploadId"]) => Some(Self::AbortMultipartUpload),
            _ => None,
        };
        found.ok_or_else(|| {
            let of = match address {
                Address::Service => "of the service",
                Address::Bucket(_) => "of a bucket",
                Address::Object { .. } => "of an object",
            };
            let mut what = format!("{method} {of}");
            for aspect in aspects {
                what += " ?";
                what += aspect;
            }
            if copies {
                what += " with x-amz-copy-source";
            }
            errors::not_implemented(&what)
        })
    }

    /// Its name in AWS's terms.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ListBuckets => "ListBuckets",
            Self::CreateBucket => "CreateBucket",
            Self::HeadBucket => "HeadBucket",
            Self::DeleteBucket => "DeleteBucket",
            Self::GetBucketLocation => "GetBucketLocation",
            Self::GetBucketVersioning => "GetBucketVersioning",
            Self::PutBucketVersioning => "PutBucketVersioning",
            Self::ListObjectsV2 => "ListObjectsV2",
            Self::PutObject => "PutObject",
            Self::CopyObject => "CopyObject",
            Self::GetObject => "GetObject",
            Self::HeadObject => "HeadObject",
            Self::DeleteObject => "DeleteObject",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart => "UploadPart",
            Self::CompleteMultipartUpload => "CompleteMultipartUpload",
            Self::AbortMultipartUpload => "AbortMultipartUpload",
        }
    }
}
