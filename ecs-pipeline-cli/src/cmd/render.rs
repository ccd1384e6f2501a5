//! `ecs-pipeline render`.

use ecs_pipeline_artifacts::output::text;
use ecs_pipeline_core::exit;
use ecs_pipeline_core::model::ImageRef;

use super::files;
use super::hand_over::{self, Rendered};
use super::validate::style;
use crate::args::{Action, Global, RenderArgs};
use crate::config::{Config, ConfigError, Variables};
use crate::error::CliError;
use crate::report::print_line;

pub(super) fn render(global: &Global, args: &RenderArgs) -> Result<u8, CliError> {
    let config = Config::read(&global.config, &Variables::from_environment())?;
    let lacks = |member| ConfigError::Lacks {
        path: global.config.clone(),
        member,
    };
    let codepipeline = config
        .codepipeline
        .as_ref()
        .ok_or_else(|| lacks("codepipeline"))?;
    let image = image(&config, args)?.to_string();
    let rendered = hand_over::rendered(global, &config, codepipeline, &image)?;
    if !are_valid(codepipeline.action, &rendered)? {
        return Ok(exit::FAILED);
    }
    for (name, contents) in &rendered {
        let path = args.dir.join(name);
        files::write(&path, contents)?;
        print_line(&format!("wrote {}", path.display()));
    }
    Ok(exit::SUCCEEDED)
}

/// The image that the flag names. Without it, the registry's host must be configured: on AWS it can
/// only be asked for.
fn image(config: &Config, args: &RenderArgs) -> Result<ImageRef, CliError> {
    if let Some(image) = &args.image {
        return Ok(image.parse()?);
    }
    let registry = config.registry.as_ref();
    let known = registry.and_then(|registry| {
        let (host, tag) = (registry.host.as_ref()?, registry.tags.first()?);
        Some(format!("{host}/{}:{tag}", registry.repository))
    });
    let known = known.ok_or_else(|| CliError::Usage {
        message: "the image's whole name is not known here".to_owned(),
        hint: "name it with --image; `ecs-pipeline push` ends with it".to_owned(),
    })?;
    Ok(known.parse()?)
}

/// Whether CodePipeline and AWS would take the files; what is wrong is printed.
fn are_valid(action: Action, rendered: &[Rendered]) -> Result<bool, CliError> {
    let (files, report) = hand_over::judged(action, rendered);
    if !report.findings.is_empty() {
        files::write("-".as_ref(), &text::render(&files, &report, style(true)))?;
    }
    if report.has_errors() {
        print_line("nothing was written");
    }
    Ok(!report.has_errors())
}
