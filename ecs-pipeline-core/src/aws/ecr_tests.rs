//! ECR's API from a closure, and a real registry protocol behind it.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::json;

use super::*;
use crate::aws::testing::FakeAws;
use crate::error::Hint;
use crate::oci::testing::{packed, registry};

/// The API of an account whose registry is `host`, and whose one repository is `web`.
fn api(host: String) -> FakeAws {
    FakeAws::new(move |operation, body| {
        let name = body["repositoryName"]
            .as_str()
            .or(body["repositoryNames"][0].as_str());
        let uri = format!("{host}/{}", name.unwrap_or_default());
        match operation {
            "GetAuthorizationToken" => (
                200,
                json!({"authorizationData": [{"authorizationToken": "QVdTOng="}]}).to_string(),
            ),
            "DescribeRepositories" if name == Some("web") => (
                200,
                json!({"repositories": [{"repositoryUri": uri}]}).to_string(),
            ),
            "DescribeRepositories" => (
                400,
                json!({"__type": "RepositoryNotFoundException", "message": "not there"})
                    .to_string(),
            ),
            _ => (
                200,
                json!({"repository": {"repositoryUri": uri}}).to_string(),
            ),
        }
    })
}

fn request(repository: &str, tags: &[&str]) -> PublishRequest {
    PublishRequest {
        repository: repository.to_owned(),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
    }
}

fn built(layout: &Layout, directory: &Path) -> BuiltImage {
    BuiltImage {
        name: directory
            .join("layouts")
            .join("web_1")
            .to_string_lossy()
            .into_owned(),
        id: layout.config.clone(),
        platform: layout.platform.clone(),
    }
}

#[tokio::test]
async fn an_image_is_published_once_under_every_tag_and_resolved_by_digest() {
    let (host, kept) = registry().await;
    let directory = tempfile::tempdir().unwrap();
    let layout = packed(directory.path(), "one").await;
    let image = built(&layout, directory.path());
    let ecr = EcrRegistry::new(&api(host.clone()).config());
    let request = request("web", &["a", "b"]);
    let first = ecr
        .publish(&image, &request, &Output::discard())
        .await
        .unwrap();
    assert_eq!(
        first.image.to_string(),
        format!("{host}/web@{}", layout.digest)
    );
    assert!(!first.already_there);
    let pushed = kept.lock().unwrap().calls.len();
    let again = ecr
        .publish(&image, &request, &Output::discard())
        .await
        .unwrap();
    assert!(again.already_there);
    let calls = kept.lock().unwrap().calls.split_off(pushed);
    assert!(
        calls.iter().all(|call| call.starts_with("GET")),
        "{calls:?}"
    );
    let found = ecr.resolve("web", "b").await.unwrap();
    assert_eq!(found.digest, layout.digest);
    assert_eq!(found.platforms, [layout.platform]);
    let absent = ecr.resolve("web", "nope").await.unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::NotFound);
    // The tag is taken by another image, and this registry's tags are immutable.
    let other = packed(directory.path(), "two").await;
    let error = ecr
        .publish(
            &built(&other, directory.path()),
            &request,
            &Output::discard(),
        )
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}

#[tokio::test]
async fn a_missing_repository_is_created_on_request_only() {
    let api = api("127.0.0.1:1".to_owned());
    let ecr = EcrRegistry::new(&api.config());
    let error = ecr.ensure_repository("shop").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint().is_some());
    let create = CreateRepository {
        scan_on_push: true,
        immutable_tags: true,
    };
    let ecr = EcrRegistry::new(&api.config())
        .creating(create)
        .with_host("mirror:5000");
    let made = ecr.ensure_repository("shop").await.unwrap();
    assert_eq!(
        (made.host.as_str(), made.name.as_str()),
        ("mirror:5000", "shop")
    );
    let asked = api.body_of("CreateRepository");
    assert_eq!(asked["imageTagMutability"], "IMMUTABLE");
    assert_eq!(asked["imageScanningConfiguration"]["scanOnPush"], true);
}
