//! Which actions an operation needs, and who asks for it. (S3 user guide, "Required permissions for Amazon S3 API
//! operations".)

use crate::access::actions::s3::{on_bucket, on_object, read};
use crate::access::{Principal, Request};

use super::super::caller;
use super::copy::{self, source};
use super::{Call, Operation};

impl Call {
    /// A presigned URL is whoever's has signed it.
    pub(super) fn principal(&self) -> Principal {
        let scope = self.query.get("X-Amz-Credential");
        let presigned = scope.and_then(|scope| scope.split('/').next());
        match presigned.or(self.query.get("AWSAccessKeyId")) {
            Some(key) => Principal::of_key(key),
            None => caller::of_headers(&self.headers),
        }
    }

    pub(super) fn needs(&self) -> Vec<Request> {
        let bucket = |action: &str| vec![on_bucket(action, &self.bucket)];
        let object = |action: &str| vec![on_object(action, &self.bucket, &self.key)];
        match self.operation {
            Operation::ListBuckets => vec![Request::new("s3:ListAllMyBuckets", "*")],
            Operation::CreateBucket => bucket("CreateBucket"),
            Operation::HeadBucket => bucket("ListBucket"),
            Operation::DeleteBucket => bucket("DeleteBucket"),
            Operation::GetBucketLocation => bucket("GetBucketLocation"),
            Operation::GetBucketVersioning => bucket("GetBucketVersioning"),
            Operation::PutBucketVersioning => bucket("PutBucketVersioning"),
            Operation::ListObjectsV2 => {
                let prefix = self.query.get("prefix").unwrap_or_default();
                vec![on_bucket("ListBucket", &self.bucket).with("s3:prefix", prefix)]
            }
            Operation::GetObject | Operation::HeadObject => {
                vec![read(&self.bucket, &self.key, self.version())]
            }
            Operation::DeleteObject => object(match self.version() {
                Some(_) => "DeleteObjectVersion",
                None => "DeleteObject",
            }),
            Operation::CopyObject => self.needs_of_copy(),
            Operation::PutObject
            | Operation::CreateMultipartUpload
            | Operation::UploadPart
            | Operation::CompleteMultipartUpload => object("PutObject"),
            Operation::AbortMultipartUpload => object("AbortMultipartUpload"),
        }
    }

    /// A source that cannot be read is refused by the operation itself.
    fn needs_of_copy(&self) -> Vec<Request> {
        let written = self.header(copy::SOURCE).unwrap_or_default();
        let source = source(written).ok();
        let reading = source.map(|(bucket, key, version)| read(&bucket, &key, version.as_deref()));
        let writing = on_object("PutObject", &self.bucket, &self.key);
        reading.into_iter().chain([writing]).collect()
    }
}
