use crate::error::{ErrorKind, ProviderError};
use crate::model::Digest;

/// A digest that stands for `content`: equal for equal content on every machine, but no SHA-256
/// of anything. (SHA-256 itself would be a dependency for every user of the library.)
pub(super) fn simulated(content: &str) -> Result<Digest, ProviderError> {
    let digits: String = (0..4_u8)
        .map(|part| format!("{:016x}", fnv1a(part, content)))
        .collect();
    format!("sha256:{digits}")
        .parse()
        .map_err(|invalid| internal("digest", invalid))
}

/// The 64-bit FNV-1a hash of a byte and a text.
fn fnv1a(first: u8, text: &str) -> u64 {
    std::iter::once(first)
        .chain(text.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

pub(super) fn internal(
    target: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> ProviderError {
    ProviderError::new(
        ErrorKind::Internal,
        "memory",
        target,
        "the simulation made a name that is not valid",
    )
    .with_source(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn equal_content_has_an_equal_digest() {
        assert_eq!(simulated("web").unwrap(), simulated("web").unwrap());
        assert_ne!(simulated("web").unwrap(), simulated("wed").unwrap());
    }
}
