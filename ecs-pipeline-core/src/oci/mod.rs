//! Images without an engine: packed as an OCI image layout, pushed over the distribution protocol.

mod ignore;
mod layout;
mod packer;
mod registry;
#[cfg(test)]
pub(crate) mod testing;

pub use layout::Layout;
pub use packer::OciPacker;
pub use registry::{Manifest, RegistryClient};

use sha2::{Digest as _, Sha256};

use crate::model::Digest;

/// `application/vnd.oci.image.manifest.v1+json`
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// `application/vnd.oci.image.index.v1+json`
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// `application/vnd.oci.image.config.v1+json`
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// `application/vnd.oci.image.layer.v1.tar+gzip`
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The digest of some bytes.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> Digest {
    from_hash(Sha256::new_with_prefix(bytes))
}

fn from_hash(hash: Sha256) -> Digest {
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        text.push_str(&format!("{byte:02x}"));
    }
    // 64 hexadecimal digits are a digest: there is no other case.
    text.parse().unwrap_or_else(|_| unreachable!("{text}"))
}
