//! The image repository.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Kind, Stack, engine};
use crate::application::Application;
use crate::limits;
use crate::options::Options;
use crate::problem::Problems;

/// What can be chosen of the image repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RegistryOptions {
    /// After how many days an image without a tag is removed.
    pub untagged_days: u16,
    /// Tags that may be moved to another image, such as `latest` or `cache`, with `*` as a wildcard. An image
    /// that has no other tag is removed `untagged-days` after it was pushed if its tag is moved, even if a
    /// service runs it.
    pub mutable_tags: Vec<String>,
}

impl Default for RegistryOptions {
    fn default() -> Self {
        Self {
            untagged_days: 14,
            mutable_tags: Vec::new(),
        }
    }
}

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    limits::REPOSITORY.check("registry.repository", &application.repository, problems);
    check_parts(&application.repository, problems);
    if options.registry.untagged_days == 0 {
        problems.add(
            "infra.registry.untagged-days",
            "an image is at least a day old before it is removed",
            "write 1 or more",
        );
    }
    check_mutable_tags(&options.registry.mutable_tags, problems);
}

/// What a repository's name is made of, beyond its characters.
fn check_parts(name: &str, problems: &mut Problems) {
    let is_good = |part: &str| {
        // Two underscores are one separator, and any number of hyphens.
        let hyphenated = part.replace("__", "_");
        let mut words = hyphenated.split(['.', '_']);
        words.all(|word| !word.is_empty() && !word.starts_with('-') && !word.ends_with('-'))
    };
    if name.len() < 2 || !name.split('/').all(is_good) {
        problems.add(
            "registry.repository",
            format!(
                "a repository's name has at least 2 characters, and letters or digits on both sides of \
                 each separator, and {name} has not"
            ),
            "choose another name",
        );
    }
}

/// `ImageTagMutabilityExclusionFilters`, ECR API reference.
fn check_mutable_tags(tags: &[String], problems: &mut Problems) {
    let member = "infra.registry.mutable-tags";
    if tags.len() > 5 {
        let have = tags.len();
        problems.add(
            member,
            format!("ECR has at most 5 exceptions from immutable tags, and there are {have}"),
            "write fewer, with * as a wildcard",
        );
    }
    for tag in tags {
        limits::MUTABLE_TAG.check(member, tag, problems);
        if tag.is_empty() {
            problems.add(
                member,
                "a tag has a name",
                "write one such as latest or cache-*",
            );
        }
    }
}

pub(super) fn stack(application: &Application, options: &Options) -> Stack {
    let parameters = [
        ("Repository", application.repository.clone()),
        ("UntaggedDays", options.registry.untagged_days.to_string()),
    ];
    Stack {
        kind: Kind::Registry,
        name: format!("{}-registry", application.name),
        template: engine::render(
            "registry.yaml",
            context! { application => Serde(application), options => Serde(options) },
        ),
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        names_roles: false,
    }
}
