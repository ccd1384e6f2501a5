//! Building and pushing an image.

use clap::{Args, ValueEnum};

use super::values::name_and_value;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BuildArgs {
    /// The platform to build for, such as linux/amd64.
    #[arg(long, value_name = "OS/ARCH")]
    pub(crate) platform: Option<String>,
    /// The Dockerfile's stage to build.
    #[arg(long)]
    pub(crate) target: Option<String>,
    /// A build argument; may be repeated.
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) build_args: Vec<(String, String)>,
    /// An image whose layers may serve as cache; may be repeated.
    #[arg(long, value_name = "IMAGE")]
    pub(crate) cache_from: Vec<String>,
    /// Build every layer anew.
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) tags: TagArgs,
    #[command(flatten)]
    pub(crate) builder: BuilderArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TagArgs {
    /// A tag for the image, instead of the configuration's; may be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BuilderArgs {
    /// What builds the image: the Docker engine, or this tool, which packs the context as an OCI
    /// image without running the Dockerfile's instructions.
    #[arg(long, value_enum)]
    pub(crate) builder: Option<Builder>,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Builder {
    /// `docker build` and `docker push`.
    Docker,
    /// Pack and push without an engine.
    Pack,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) tags: TagArgs,
    #[command(flatten)]
    pub(crate) builder: BuilderArgs,
}
