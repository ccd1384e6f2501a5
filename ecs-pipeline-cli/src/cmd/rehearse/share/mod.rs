//! Whether the new version's share of the requests is the one that its weight says.

mod sampler;
mod tally;

pub(super) use sampler::Sampler;
pub(super) use tally::{Shares, Tally};
