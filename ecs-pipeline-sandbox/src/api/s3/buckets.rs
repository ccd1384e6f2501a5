//! Operations on buckets.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::shared::Shared;
use crate::world::ApiError;
use crate::world::s3::{Listing, Page, Versioning};

use super::super::xml::iso_8601;
use super::query::Query;
use super::{Call, answer, body, document, errors};

/// The Region whose buckets have no location constraint.
const NAMELESS_REGION: &str = "us-east-1";

/// As many keys as a page of a listing may have.
const MOST_KEYS: usize = 1000;

/// What `encoding-type=url` escapes in keys.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

pub(super) fn list(shared: &Shared, query: &Query) -> Response {
    let prefix = query.get("prefix").unwrap_or_default();
    let buckets: Vec<Value> = shared.s3(|s3, _| {
        let wanted = s3.buckets().filter(|(name, _)| name.starts_with(prefix));
        wanted
            .map(|(name, bucket)| {
                let created = iso_8601(bucket.created.epoch_seconds());
                json!({ "Name": name, "CreationDate": created })
            })
            .collect()
    });
    let content = json!({
        "Buckets": { "Bucket": buckets },
        "Owner": { "ID": "sandbox" },
    });
    answer::document("ListAllMyBucketsResult", &content)
}

impl Call {
    pub(super) async fn create_bucket(
        &self,
        shared: &Shared,
        sent: Body,
    ) -> Result<Response, ApiError> {
        let sent = body::read(&self.headers, sent).await?;
        let wanted = document::text_of(&sent.bytes, "LocationConstraint")?;
        let region = shared.region();
        let fits = match wanted.as_deref() {
            None => region == NAMELESS_REGION,
            Some(wanted) => wanted == region,
        };
        if !fits {
            let wanted = wanted.as_deref().unwrap_or("unspecified");
            return Err(errors::wrong_region(wanted));
        }
        let created = shared.s3(|s3, now| s3.create_bucket(now, &self.bucket))?;
        // In us-east-1 alone, who creates a bucket again is told that it worked.
        if !created && region != NAMELESS_REGION {
            return Err(errors::already_owned());
        }
        Ok([("location", format!("/{}", self.bucket))].into_response())
    }

    pub(super) fn head_bucket(&self, shared: &Shared) -> Result<Response, ApiError> {
        shared.s3(|s3, _| s3.bucket(&self.bucket).map(drop))?;
        Ok([("x-amz-bucket-region", shared.region())].into_response())
    }

    pub(super) fn delete_bucket(&self, shared: &Shared) -> Result<Response, ApiError> {
        shared.s3(|s3, _| s3.delete_bucket(&self.bucket))?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    pub(super) fn bucket_location(&self, shared: &Shared) -> Result<Response, ApiError> {
        shared.s3(|s3, _| s3.bucket(&self.bucket).map(drop))?;
        let region = shared.region();
        let constraint = match region.as_str() {
            NAMELESS_REGION => "",
            named => named,
        };
        Ok(answer::document("LocationConstraint", &constraint.into()))
    }

    pub(super) fn bucket_versioning(&self, shared: &Shared) -> Result<Response, ApiError> {
        let versioning = shared.s3(|s3, _| Ok(s3.bucket(&self.bucket)?.versioning))?;
        let status = versioning.map(|versioning| match versioning {
            Versioning::Enabled => "Enabled",
            Versioning::Suspended => "Suspended",
        });
        let content = json!({ "Status": status });
        Ok(answer::document("VersioningConfiguration", &content))
    }

    pub(super) async fn set_bucket_versioning(
        &self,
        shared: &Shared,
        sent: Body,
    ) -> Result<Response, ApiError> {
        let sent = body::read(&self.headers, sent).await?;
        let status = document::text_of(&sent.bytes, "Status")?;
        let versioning = match status.as_deref() {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            _ => return Err(errors::malformed_xml()),
        };
        shared.s3(|s3, _| s3.set_versioning(&self.bucket, versioning))?;
        Ok(StatusCode::OK.into_response())
    }

    pub(super) fn list_objects(&self, shared: &Shared) -> Result<Response, ApiError> {
        let listing = listing(&self.query)?;
        let content = shared.s3(|s3, _| {
            let page = s3.list(&self.bucket, &listing)?;
            Ok(listed(&self.bucket, &self.query, &listing, &page))
        })?;
        Ok(answer::document("ListBucketResult", &content))
    }
}

fn listing(query: &Query) -> Result<Listing, ApiError> {
    let text = |name: &str| query.get(name).unwrap_or_default().to_owned();
    if !matches!(query.get("encoding-type"), None | Some("url")) {
        return Err(errors::invalid_argument(
            "Invalid Encoding Method specified in Request",
        ));
    }
    let most = match query.get("max-keys") {
        None => MOST_KEYS,
        Some(written) => written.parse::<u32>().map_err(|_| {
            errors::invalid_argument("Provided max-keys not an integer or within integer range")
        })? as usize,
    };
    let after = match query.get("continuation-token") {
        None => text("start-after"),
        Some(token) => BASE64
            .decode(token)
            .ok()
            .and_then(|key| String::from_utf8(key).ok())
            .ok_or_else(|| {
                errors::invalid_argument("The continuation token provided is incorrect")
            })?,
    };
    Ok(Listing {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        after,
        most: most.min(MOST_KEYS),
    })
}

fn listed(bucket: &str, query: &Query, listing: &Listing, page: &Page<'_>) -> Value {
    let url = query.get("encoding-type") == Some("url");
    let shown = |text: &str| match url {
        true => utf8_percent_encode(text, ESCAPED).to_string(),
        false => text.to_owned(),
    };
    let objects = page.objects.iter().map(|(key, modified, object)| {
        json!({
            "Key": shown(key),
            "LastModified": iso_8601(modified.epoch_seconds()),
            "ETag": format!("\"{}\"", object.etag),
            "Size": object.bytes.len(),
            "StorageClass": object.headers.get("x-amz-storage-class").map_or("STANDARD", String::as_str),
        })
    });
    let prefixes = page.prefixes.iter();
    json!({
        "Name": bucket,
        "Prefix": shown(&listing.prefix),
        "Delimiter": query.get("delimiter").map(shown),
        "MaxKeys": listing.most,
        "EncodingType": query.get("encoding-type"),
        "KeyCount": page.objects.len() + page.prefixes.len(),
        "IsTruncated": page.next_after.is_some(),
        "ContinuationToken": query.get("continuation-token"),
        "NextContinuationToken": page.next_after.as_ref().map(|key| BASE64.encode(key)),
        "StartAfter": query.get("start-after").map(shown),
        "Contents": objects.collect::<Vec<Value>>(),
        "CommonPrefixes": prefixes.map(|prefix| json!({ "Prefix": shown(prefix) })).collect::<Vec<Value>>(),
    })
}
