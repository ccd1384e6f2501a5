//! Which tags an image gets.

use crate::args::TagArgs;
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;

/// The tag that everybody moves: by itself it does not tell which image it was.
pub(super) const LATEST: &str = "latest";

/// The image's tags: the flags', or the configuration's, or one that is made of the commit, the branch
/// and the build's number. `latest` alone gets that one beside it, where it is known.
pub(crate) fn tags(
    context: &Context,
    config: &Config,
    args: &TagArgs,
) -> Result<Vec<String>, CliError> {
    let tags = chosen(context, config, args)?;
    if let Some(tag) = tags.iter().find(|tag| !is_tag(tag)) {
        return Err(CliError::Usage {
            message: format!("{tag:?} is no tag of an image"),
            hint:
                "a tag is at most 128 letters, digits, dots, underscores and hyphens, and begins \
                   with none of . and -"
                    .to_owned(),
        });
    }
    Ok(tags)
}

/// The form of a tag. (OCI distribution specification, "Pulling manifests".)
fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn chosen(context: &Context, config: &Config, args: &TagArgs) -> Result<Vec<String>, CliError> {
    if !args.tags.is_empty() {
        return Ok(args.tags.clone());
    }
    let Some(registry) = &config.registry else {
        return Ok(vec![LATEST.to_owned()]);
    };
    let only_latest = registry.tags.iter().all(|tag| tag == LATEST);
    if !only_latest {
        return Ok(registry.tags.clone());
    }
    match context.variables.source().tag() {
        Some(own) => Ok([vec![own], registry.tags.clone()].concat()),
        None if registry.tags.is_empty() => Err(no_tag()),
        None => Ok(registry.tags.clone()),
    }
}

pub(super) fn no_tag() -> CliError {
    CliError::Usage {
        message: "the image has no tag: neither a commit nor a build number is known here"
            .to_owned(),
        hint: "name one with --tag, with tags: under registry: in ecs-pipeline.yml, or with \
               ECS_PIPELINE_TAG"
            .to_owned(),
    }
}

/// The names that the image has on this machine: `APPLICATION:TAG` for each tag.
pub(crate) fn local_names(
    context: &Context,
    config: &Config,
    args: &TagArgs,
) -> Result<Vec<String>, CliError> {
    let tags = tags(context, config, args)?;
    let name = |tag| format!("{}:{tag}", config.application);
    Ok(tags.into_iter().map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::is_tag;

    #[test]
    fn what_registries_take_is_a_tag() {
        for tag in ["1", "_x", "main-8f4c1f0b1e2d-42", "v1.2.3"] {
            assert!(is_tag(tag), "{tag}");
        }
        let long = "x".repeat(129);
        for tag in ["", "-x", ".x", "a b", "release/1", "5000/x", "a:b", &long] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
