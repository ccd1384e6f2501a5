//! The variables that a build gives to the actions after it.
//!
//! A process cannot set variables of the shell that started it: it writes them into a file, which the
//! build specification reads with `.` before CodeBuild looks for its `exported-variables`.

use std::path::Path;

use ecs_pipeline_core::model::{PublishedImage, TaskDefinitionArn};

use crate::cmd::files;
use crate::context::Context;
use crate::error::CliError;

/// The file's name; it is beside the directory of the artifacts.
pub(super) const NAME: &str = "exports.sh";

/// Names and values. None begins with `AWS_` or `CODEBUILD_`: CodeBuild does not export those.
pub(super) struct Exports(Vec<(&'static str, String)>);

impl Exports {
    pub(super) fn of(image: &PublishedImage) -> Self {
        let tag = image.tags.first().cloned().unwrap_or_default();
        Self(vec![
            ("IMAGE_URI", image.image.to_string()),
            ("IMAGE_DIGEST", image.digest.to_string()),
            ("IMAGE_TAG", tag),
        ])
    }

    /// Adds the revision that was deployed, if one was.
    pub(super) fn revision(&mut self, revision: Option<&TaskDefinitionArn>) {
        let revision = revision.map(|arn| ("TASK_DEFINITION", arn.to_string()));
        self.0.extend(revision);
    }

    pub(super) fn write(&self, context: &Context, artifacts: &Path) -> Result<(), CliError> {
        let path = artifacts.with_file_name(NAME);
        files::write(&path, &self.to_script())?;
        let names: Vec<&str> = self.0.iter().map(|(name, _)| *name).collect();
        context.note(format!("{} sets {}", path.display(), names.join(", ")));
        Ok(())
    }

    fn to_script(&self) -> String {
        let line = |(name, value): &(&str, String)| {
            format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
        };
        self.0.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_a_shell() {
        let exports = Exports(vec![("IMAGE_TAG", "it's $HOME".to_owned())]);
        assert_eq!(exports.to_script(), "export IMAGE_TAG='it'\\''s $HOME'\n");
    }
}
