use std::hash::{DefaultHasher, Hash, Hasher};

use crate::error::{ErrorKind, ProviderError};
use crate::model::Digest;

/// A digest that stands for `content`: equal for equal content, but no SHA-256 of anything.
pub(super) fn simulated(content: impl Hash) -> Result<Digest, ProviderError> {
    let digits: String = (0..4_u8)
        .map(|part| {
            let mut hasher = DefaultHasher::new();
            (part, &content).hash(&mut hasher);
            format!("{:016x}", hasher.finish())
        })
        .collect();
    format!("sha256:{digits}")
        .parse()
        .map_err(|invalid| internal("digest", invalid))
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
