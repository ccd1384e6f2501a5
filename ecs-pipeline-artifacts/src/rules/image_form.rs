//! What form an image has: the same in every file that names one, whatever is in the registry.

use super::Findings;
use crate::source::Node;

/// The longest image, without its digest.
const MAX_NAME: usize = 255;

/// The text of an image, taken apart: `NAME`, or `NAME@DIGEST`.
///
/// ECS API reference, `ContainerDefinition$image`: at most 255 of `[A-Za-z0-9_\-:./#]`, before the `@`
/// where there is a digest.
#[derive(Clone, Copy)]
pub(super) struct ImageForm<'t> {
    pub(super) name: &'t str,
    digest: Option<&'t str>,
}

impl<'t> ImageForm<'t> {
    pub(super) fn of(image: &'t str) -> Self {
        match image.split_once('@') {
            Some((name, digest)) => Self {
                name,
                digest: Some(digest),
            },
            None => Self {
                name: image,
                digest: None,
            },
        }
    }

    pub(super) fn is_too_long(self) -> bool {
        self.name.len() > MAX_NAME
    }

    pub(super) fn has_other_characters(self) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-:./#".contains(&byte);
        !self.name.bytes().all(allowed)
    }

    /// Whether there is a digest that is not `sha256:` and 64 hexadecimal digits.
    pub(super) fn has_other_digest(self) -> bool {
        let is_sha256 = |digest: &str| {
            let hex = digest.strip_prefix("sha256:");
            hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        !self.digest.is_none_or(is_sha256)
    }
}

// What the rules that ask `check` say.
pub(super) const EXPLANATION: &str = "ECS takes at most 255 letters, digits and `_-:./#`, and a digest of `sha256:` and 64 \
     hexadecimal digits. Another digest cannot be pulled.";
pub(super) const REMEDY: &str =
    "Write the image with a tag or a digest, as `docker pull` takes it.";
pub(super) const REFERENCE: &str =
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html";

/// Looks at an image that the build hands over. Of an empty text and of a placeholder other rules speak.
pub(super) fn check(node: &Node<'_>, findings: &mut Findings<'_>) {
    let image = node.literal().filter(|image| !image.trim().is_empty());
    if let Some(why) = image.and_then(fault) {
        findings.value(node, format!("this cannot be an image: {why}"));
    }
}

fn fault(image: &str) -> Option<&'static str> {
    let form = ImageForm::of(image);
    if form.name.is_empty() {
        Some("it is empty")
    } else if form.has_other_characters() {
        Some("a character other than letters, digits and `_-:./#`")
    } else if form.is_too_long() {
        Some("more than 255 characters")
    } else if form.has_other_digest() {
        Some("a digest is `sha256:` and 64 hexadecimal digits")
    } else {
        None
    }
}
