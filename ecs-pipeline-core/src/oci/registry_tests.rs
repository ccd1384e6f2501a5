//! The client against a registry of a few lines on loopback.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::oci::testing::{Shared, packed, registry};

#[tokio::test]
async fn a_layout_is_pushed_and_read_back() {
    let (host, kept) = registry().await;
    let directory = tempfile::tempdir().unwrap();
    let layout = packed(directory.path(), "one").await;
    let client = RegistryClient::new(&host, Some("QVdTOng=".to_owned())).unwrap();
    assert_eq!(client.manifest("web", "1").await.unwrap(), None);
    client
        .push(&layout, "web", "1", &Output::discard())
        .await
        .unwrap();
    let found = client.manifest("web", "1").await.unwrap().unwrap();
    assert_eq!(found.digest, layout.digest);
    assert_eq!(found.config().as_ref(), Some(&layout.config));
    assert_eq!(
        client.platforms("web", &found).await.unwrap(),
        std::slice::from_ref(&layout.platform)
    );
    let uploads = |kept: &Shared| {
        kept.lock()
            .unwrap()
            .calls
            .iter()
            .filter(|call| *call == "POST blobs")
            .count()
    };
    assert_eq!(uploads(&kept), 2);
    client
        .push(&layout, "web", "1", &Output::discard())
        .await
        .unwrap();
    assert_eq!(uploads(&kept), 2, "what is there is not sent again");
}

#[tokio::test]
async fn refusals_have_a_kind() {
    let (host, _) = registry().await;
    let directory = tempfile::tempdir().unwrap();
    let client = RegistryClient::new(&host, Some("QVdTOng=".to_owned())).unwrap();
    client
        .push(
            &packed(directory.path(), "one").await,
            "web",
            "1",
            &Output::discard(),
        )
        .await
        .unwrap();
    let other = packed(directory.path(), "two").await;
    let taken = client
        .push(&other, "web", "1", &Output::discard())
        .await
        .unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict, "{taken}");
    let stranger = RegistryClient::new(&host, None).unwrap();
    let unknown = stranger.manifest("web", "1").await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unauthenticated, "{unknown}");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = RegistryClient::new(&port.to_string(), None).unwrap();
    let absent = nobody.manifest("web", "1").await.unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::Unavailable, "{absent}");
}

#[test]
fn only_loopback_goes_without_tls() {
    let table = [
        ("127.0.0.1:5000", true),
        ("localhost:5000", true),
        ("[::1]:5000", true),
        ("127.0.0.1.example.com", false),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", false),
        ("10.0.0.1:5000", false),
    ];
    for (host, loopback) in table {
        assert_eq!(is_loopback(host), loopback, "{host}");
    }
}

#[test]
fn an_index_names_its_platforms() {
    let bytes = br#"{"manifests":[{"platform":{"os":"linux","architecture":"amd64"}},{"platform":{"os":"linux","architecture":"arm64","variant":"v8"}},{"platform":{"os":"unknown","architecture":"unknown"}}]}"#;
    let index = Manifest {
        digest: digest_of(bytes),
        media_type: INDEX.to_owned(),
        bytes: bytes.to_vec(),
    };
    let names: Vec<_> = index.platforms().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["linux/amd64", "linux/arm64"]);
    assert_eq!(index.config(), None);
}
