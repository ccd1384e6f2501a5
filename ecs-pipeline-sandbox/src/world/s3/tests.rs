use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const NOW: Time = Time::from_epoch(std::time::Duration::ZERO);

fn object(text: &str) -> Object {
    Object {
        bytes: Bytes::copy_from_slice(text.as_bytes()),
        etag: String::new(),
        headers: BTreeMap::new(),
    }
}

fn with_bucket() -> S3 {
    let mut s3 = S3::default();
    assert_eq!(s3.create_bucket(NOW, "bucket"), Ok(true));
    s3
}

fn put(s3: &mut S3, key: &str, text: &str) -> Option<String> {
    s3.put(NOW, "bucket", key, object(text)).unwrap()
}

fn text_of(s3: &S3, version: Option<&str>) -> Option<String> {
    let found = s3.object("bucket", "key", version)?;
    Some(String::from_utf8(found.bytes.to_vec()).unwrap())
}

#[test]
fn bucket_names_follow_the_rules() {
    for (name, good) in [
        ("abc", true),
        ("my-artifacts.2024", true),
        ("1ab", true),
        ("ab", false),
        ("Abc", false),
        ("a_b", false),
        ("-ab", false),
        ("ab-", false),
        ("a..b", false),
        ("192.168.5.4", false),
        ("", false),
        ("äbc", false),
    ] {
        let created = S3::default().create_bucket(NOW, name);
        assert_eq!(created.is_ok(), good, "{name}: {created:?}");
    }
    assert!(bucket::is_name(&"a".repeat(63)) && !bucket::is_name(&"a".repeat(64)));
}

#[test]
fn without_versions_the_last_write_counts() {
    let mut s3 = with_bucket();
    assert_eq!(s3.create_bucket(NOW, "bucket"), Ok(false));
    assert_eq!(put(&mut s3, "key", "one"), None);
    assert_eq!(put(&mut s3, "key", "two"), None);
    assert_eq!(text_of(&s3, None).as_deref(), Some("two"));
    assert_eq!(text_of(&s3, Some("null")).as_deref(), Some("two"));
    assert_eq!(
        s3.delete_bucket("bucket").unwrap_err().code,
        "BucketNotEmpty"
    );
    let deleted = s3.delete(NOW, "bucket", "key", None);
    assert_eq!(deleted, Ok(Deleted::default()));
    assert_eq!(s3.delete(NOW, "bucket", "key", None), deleted, "once more");
    let error = s3.version("bucket", "key", None).unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (404, "NoSuchKey"));
    assert_eq!(s3.delete_bucket("bucket"), Ok(()));
    assert_eq!(s3.delete_bucket("bucket").unwrap_err().code, "NoSuchBucket");
}

#[test]
fn versions_stay_until_they_are_deleted_by_name() {
    let mut s3 = with_bucket();
    put(&mut s3, "key", "before");
    s3.set_versioning("bucket", Versioning::Enabled).unwrap();
    let first = put(&mut s3, "key", "first").unwrap();
    let second = put(&mut s3, "key", "second").unwrap();
    assert_ne!(first, second);
    assert_eq!(text_of(&s3, None).as_deref(), Some("second"));
    assert_eq!(text_of(&s3, Some(&first)).as_deref(), Some("first"));
    assert_eq!(text_of(&s3, Some("null")).as_deref(), Some("before"));
    let error = s3.version("bucket", "key", Some("none")).unwrap_err();
    assert_eq!(error.code, "NoSuchVersion");

    let marker = s3.delete(NOW, "bucket", "key", None).unwrap();
    assert!(marker.marker);
    assert_eq!(text_of(&s3, None), None);
    assert_eq!(text_of(&s3, Some(&first)).as_deref(), Some("first"));
    let undone = s3.delete(NOW, "bucket", "key", marker.version.as_deref());
    assert_eq!(undone, Ok(marker));
    assert_eq!(text_of(&s3, None).as_deref(), Some("second"));

    for version in [first.as_str(), second.as_str(), "null"] {
        assert!(
            s3.delete_bucket("bucket").is_err(),
            "{version} is still there"
        );
        let deleted = s3.delete(NOW, "bucket", "key", Some(version)).unwrap();
        assert_eq!(
            (deleted.marker, deleted.version.as_deref()),
            (false, Some(version))
        );
    }
    assert_eq!(s3.delete_bucket("bucket"), Ok(()));
}

#[test]
fn suspended_versioning_writes_the_null_version() {
    let mut s3 = with_bucket();
    s3.set_versioning("bucket", Versioning::Enabled).unwrap();
    let kept = put(&mut s3, "key", "kept").unwrap();
    s3.set_versioning("bucket", Versioning::Suspended).unwrap();
    assert_eq!(put(&mut s3, "key", "one").as_deref(), Some("null"));
    assert_eq!(put(&mut s3, "key", "two").as_deref(), Some("null"));
    assert_eq!(text_of(&s3, None).as_deref(), Some("two"));
    let marker = s3.delete(NOW, "bucket", "key", None).unwrap();
    assert_eq!(
        (marker.marker, marker.version.as_deref()),
        (true, Some("null"))
    );
    assert_eq!(text_of(&s3, Some("null")), None);
    assert_eq!(text_of(&s3, Some(&kept)).as_deref(), Some("kept"));
}

#[test]
fn a_delimiter_rolls_keys_up() {
    let mut s3 = with_bucket();
    for key in ["a/1", "a/2/x", "a/2/y", "b", "c/1", "ü/1"] {
        put(&mut s3, key, "");
    }
    let table: [(&str, &str, &[&str], &[&str]); 5] = [
        ("", "", &["a/1", "a/2/x", "a/2/y", "b", "c/1", "ü/1"], &[]),
        ("", "/", &["b"], &["a/", "c/", "ü/"]),
        ("a/", "/", &["a/1"], &["a/2/"]),
        ("a", "", &["a/1", "a/2/x", "a/2/y"], &[]),
        ("x", "/", &[], &[]),
    ];
    for (prefix, delimiter, keys, prefixes) in table {
        let listing = Listing {
            prefix: prefix.into(),
            delimiter: delimiter.into(),
            after: String::new(),
            most: 1000,
        };
        let page = s3.list("bucket", &listing).unwrap();
        let found: Vec<&str> = page.objects.iter().map(|(key, ..)| *key).collect();
        assert_eq!(
            (found.as_slice(), page.prefixes),
            (keys, prefixes.iter().map(|p| (*p).to_owned()).collect()),
            "{listing:?}"
        );
        assert_eq!(page.next_after, None);
    }
}

#[test]
fn deleted_objects_are_not_listed() {
    let mut s3 = with_bucket();
    s3.set_versioning("bucket", Versioning::Enabled).unwrap();
    put(&mut s3, "key", "");
    s3.delete(NOW, "bucket", "key", None).unwrap();
    let listing = Listing {
        most: 1000,
        ..Listing::default()
    };
    assert_eq!(s3.list("bucket", &listing), Ok(Page::default()));
}

proptest! {
    /// However it is cut into pages, a listing is the same.
    #[test]
    fn pages_together_are_the_whole(
        keys in prop::collection::btree_set("[ab/]{1,5}", 0..20),
        prefix in "[ab/]{0,2}",
        delimiter in "/?",
        most in 1_usize..4,
    ) {
        let mut s3 = with_bucket();
        for key in &keys {
            put(&mut s3, key, "");
        }
        let mut listing = Listing { prefix, delimiter, after: String::new(), most: 1000 };
        let whole = s3.list("bucket", &listing).unwrap();
        listing.most = most;
        let mut pages = Page::default();
        for _ in 0..=keys.len() {
            let page = s3.list("bucket", &listing).unwrap();
            prop_assert!(page.objects.len() + page.prefixes.len() <= most);
            pages.objects.extend(page.objects);
            pages.prefixes.extend(page.prefixes);
            match page.next_after {
                Some(after) => listing.after = after,
                None => break,
            }
        }
        prop_assert_eq!(whole, pages);
    }
}
