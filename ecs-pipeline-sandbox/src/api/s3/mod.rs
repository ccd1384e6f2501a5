//! Simple Storage Service: REST with XML, unlike the other services here.
//!
//! A request is S3's when it is signed for it, or when the host names a bucket
//! ([`is_meant`]). Requests of operations that are not here are refused by name.

mod address;
mod answer;
mod body;
mod buckets;
mod checksum;
mod copy;
mod document;
mod errors;
mod multipart;
mod needs;
mod objects;
mod operation;
mod query;
mod range;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri, header};

use crate::shared::Shared;
use crate::world::ApiError;

use super::{Api, identified, request_id};
use address::Address;
use operation::Operation;
use query::Query;

/// A request whose operation is known. Where that is about no bucket or no key, they are empty.
#[derive(Debug)]
struct Call {
    operation: Operation,
    method: Method,
    bucket: String,
    key: String,
    query: Query,
    headers: HeaderMap,
}

/// Whether a request is for S3.
pub(super) fn is_meant(uri: &Uri, headers: &HeaderMap) -> bool {
    let scope = |text: &str| text.contains("/s3/aws4_request");
    let signed = headers.get(header::AUTHORIZATION);
    let query = Query::read(uri.query());
    signed.is_some_and(|value| value.to_str().is_ok_and(scope))
        || query.get("X-Amz-Credential").is_some_and(scope)
        // Only S3 takes signatures of this older form.
        || query.get("AWSAccessKeyId").is_some()
        || address::bucket_in_host(headers).is_some()
}

pub(super) async fn answer(api: &Api, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let read = Call::read(parts);
    let operation = read
        .as_ref()
        .map_or("Unknown", |call| call.operation.name());
    let request = request_id(api.calls.count("S3", operation));
    let answer = match read {
        Ok(call) => {
            let carried_out = async {
                let named = format!("S3.{operation}");
                api.shared
                    .permit(call.principal(), None, &named, call.needs())?;
                call.carry_out(&api.shared, body).await
            };
            api.meet(operation, errors::slow_down, errors::internal, carried_out)
                .await
        }
        Err(error) => Err(error),
    };
    let mut response =
        answer.unwrap_or_else(|error| errors::respond(&error, &method, &path, &request));
    if let Ok(id) = HeaderValue::from_str(&request) {
        response.headers_mut().insert("x-amz-request-id", id);
    }
    identified(response, &request)
}

impl Call {
    fn read(parts: Parts) -> Result<Self, ApiError> {
        let query = Query::read(parts.uri.query());
        let signed = parts.headers.contains_key(header::AUTHORIZATION)
            || query.get("X-Amz-Signature").is_some()
            || query.get("Signature").is_some();
        if !signed {
            return Err(errors::unsigned());
        }
        let address = Address::read(&parts.uri, &parts.headers)?;
        let operation = Operation::of(&parts.method, &address, &query, &parts.headers)?;
        let (bucket, key) = match address {
            Address::Service => (String::new(), String::new()),
            Address::Bucket(bucket) => (bucket, String::new()),
            Address::Object { bucket, key } => (bucket, key),
        };
        Ok(Self {
            operation,
            method: parts.method,
            bucket,
            key,
            query,
            headers: parts.headers,
        })
    }

    async fn carry_out(&self, shared: &Shared, body: Body) -> Result<Response, ApiError> {
        match self.operation {
            Operation::ListBuckets => Ok(buckets::list(shared, &self.query)),
            Operation::CreateBucket => self.create_bucket(shared, body).await,
            Operation::HeadBucket => self.head_bucket(shared),
            Operation::DeleteBucket => self.delete_bucket(shared),
            Operation::GetBucketLocation => self.bucket_location(shared),
            Operation::GetBucketVersioning => self.bucket_versioning(shared),
            Operation::PutBucketVersioning => self.set_bucket_versioning(shared, body).await,
            Operation::ListObjectsV2 => self.list_objects(shared),
            Operation::PutObject => self.put_object(shared, body).await,
            Operation::CopyObject => self.copy_object(shared),
            Operation::GetObject | Operation::HeadObject => self.get_object(shared),
            Operation::DeleteObject => self.delete_object(shared),
            Operation::CreateMultipartUpload => self.create_upload(shared),
            Operation::UploadPart => self.upload_part(shared, body).await,
            Operation::CompleteMultipartUpload => self.complete_upload(shared, body).await,
            Operation::AbortMultipartUpload => self.abort_upload(shared),
        }
    }
}
