//! What a build leaves for the actions after it.

use std::path::Path;

use ecs_pipeline_artifacts::bundle::Bundle;
use ecs_pipeline_artifacts::finding::{Finding, Severity};
use ecs_pipeline_artifacts::image_detail::ImageDetail;
use ecs_pipeline_core::aws::s3::Objects;
use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::PublishedImage;
use ecs_pipeline_core::{ErrorKind, Hint, ProviderError};

use super::exports;
use crate::args::{PostBuildArgs, Target};
use crate::cmd::files;
use crate::cmd::hand_over::{self, Rendered};
use crate::config::{Codepipeline, Config};
use crate::context::Context;
use crate::error::{CliError, internal};

/// The files for an action, when it would take them; what is doubtful is told.
pub(super) fn valid(
    context: &Context,
    config: &Config,
    codepipeline: &Codepipeline,
    image: &str,
) -> Result<Vec<Rendered>, CliError> {
    let rendered = hand_over::rendered(&context.global, config, codepipeline, image)?;
    let (_, report) = hand_over::judged(codepipeline.action, &rendered);
    let (errors, warnings): (Vec<_>, Vec<_>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity() == Severity::Error);
    for warning in warnings {
        context.warn(told(warning));
    }
    match errors.split_first() {
        None => Ok(rendered),
        Some((first, others)) => {
            others.iter().for_each(|error| context.warn(told(error)));
            Err(CliError::Refused {
                message: told(first),
                hint: "`ecs-pipeline validate` shows where it stands".to_owned(),
            })
        }
    }
}

fn told(finding: &Finding) -> String {
    let help = finding.help.as_ref();
    let help = help.map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{}: {}{help}", finding.rule.id, finding.message)
}

/// What tells a later action, or another account's pipeline, which image it was.
pub(super) fn detail(image: &PublishedImage) -> Vec<Rendered> {
    let detail = ImageDetail::new(image.image.to_string());
    vec![(hand_over::IMAGE_DETAIL, detail.to_json_string())]
}

/// Writes the files, and puts them into a bucket where one is named.
pub(super) async fn hand_over(
    context: &Context,
    config: &Config,
    args: &PostBuildArgs,
    rendered: &[Rendered],
) -> Result<Report, CliError> {
    let archive = args.artifacts_bucket.as_ref();
    let archive = archive
        .map(|bucket| Ok::<_, CliError>((bucket, packed(config, args, rendered)?)))
        .transpose()?;
    std::fs::create_dir_all(&args.target.dir).map_err(|source| CliError::File {
        path: args.target.dir.clone(),
        done: "written",
        source,
    })?;
    for (name, contents) in rendered {
        files::write(&args.target.dir.join(name), contents)?;
    }
    let names: Vec<&str> = rendered.iter().map(|(name, _)| *name).collect();
    let wrote = format!(
        "wrote {} to {}",
        names.join(", "),
        args.target.dir.display()
    );
    let Some((bucket, zip)) = archive else {
        context.note(wrote.clone());
        return Ok(Report::done(wrote));
    };
    let key = key(config, args);
    let objects = Objects::new(context.aws().await);
    let stored = objects.put_bytes(bucket, &key, "application/zip", zip);
    let stored = stored.await.map_err(|error| unstored(&error))?;
    let version = stored.version.map(|version| format!(", version {version}"));
    let version = version.unwrap_or_default();
    let done = format!("{wrote}, and to s3://{bucket}/{key}{version}");
    context.note(done.clone());
    Ok(Report::done(done))
}

/// By now the image is pushed: that nothing was changed cannot be said any more.
fn unstored(error: &ProviderError) -> CliError {
    let message = format!("{error}; the image was pushed, and the files are written");
    let hint = error.hint().unwrap_or("correct it, and build again");
    let failed = ProviderError::new(ErrorKind::Failed, "s3:PutObject", "", message);
    CliError::Provider(failed.with_hint(hint))
}

/// Takes away what an earlier build left in the same directory: it must not pass for this one's.
pub(super) fn clear(dir: &Path) -> Result<(), CliError> {
    let paths = hand_over::NAMES.map(|name| dir.join(name)).into_iter();
    for path in paths.chain([dir.with_file_name(exports::NAME)]) {
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                let done = "removed";
                return Err(CliError::File { path, done, source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn key(config: &Config, args: &PostBuildArgs) -> String {
    let named = args.artifacts_key.clone();
    named.unwrap_or_else(|| format!("{}.zip", config.application))
}

/// The zip, as small as the action that reads it wants it.
fn packed(
    config: &Config,
    args: &PostBuildArgs,
    rendered: &[Rendered],
) -> Result<Vec<u8>, CliError> {
    let mut bundle = Bundle::default();
    for (name, contents) in rendered {
        bundle.insert(*name, contents.as_bytes());
    }
    let zip = bundle.to_zip().map_err(|error| internal("zip", error))?;
    let is_bounded = super::target(config, &args.target) == Target::CodedeployToEcs;
    if is_bounded && zip.len() > Bundle::MAX_DEPLOY_BYTES {
        return Err(CliError::Refused {
            message: format!(
                "the artifact has {} bytes, and CodePipeline's CodeDeployToECS action takes {}",
                zip.len(),
                Bundle::MAX_DEPLOY_BYTES
            ),
            hint: "make the task definition smaller".to_owned(),
        });
    }
    Ok(zip)
}
