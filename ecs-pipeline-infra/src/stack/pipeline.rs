//! CodeBuild and CodePipeline, from GitHub to the service.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Kind, Stack, engine};
use crate::application::Application;
use crate::options::Options;
use crate::problem::Problems;

/// What can be chosen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PipelineOptions {}

pub(super) fn check(_: &Application, _: &Options, _: &mut Problems) {}

pub(super) fn stack(application: &Application, options: &Options) -> Stack {
    Stack {
        kind: Kind::Pipeline,
        name: format!("{}-pipeline", application.name),
        template: engine::render(
            "pipeline.yaml",
            context! { application => Serde(application), options => Serde(options) },
        ),
        parameters: Vec::new(),
        names_roles: false,
    }
}
