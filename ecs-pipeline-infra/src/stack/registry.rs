//! The image repository.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Kind, Stack, engine};
use crate::application::Application;
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
}

impl Default for RegistryOptions {
    fn default() -> Self {
        Self { untagged_days: 14 }
    }
}

pub(super) fn check(_: &Application, options: &Options, problems: &mut Problems) {
    if options.registry.untagged_days == 0 {
        problems.add(
            "infra.registry.untagged-days",
            "an image is at least a day old before it is removed",
            "write 1 or more",
        );
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
