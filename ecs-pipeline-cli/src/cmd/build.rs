//! `ecs-pipeline build`.

use std::process::Stdio;

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::event::Step;
use ecs_pipeline_core::model::{BuildRequest, BuiltImage, Platform};
use ecs_pipeline_core::{ErrorKind, ProviderError};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::tags::local_names;
use crate::args::BuildArgs;
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn build(context: &Context, args: &BuildArgs) -> Result<Report, CliError> {
    let config = context.config()?;
    let image = build_image(context, &config, args).await?;
    Ok(Report::done(format!(
        "built {} for {}",
        image.name, image.platform
    )))
}

/// Runs the `prepare` commands and builds the image.
pub(crate) async fn build_image(
    context: &Context,
    config: &Config,
    args: &BuildArgs,
) -> Result<BuiltImage, CliError> {
    let request = request(context, config, args)?;
    wiring::check_platform(config, request.platform.as_ref())?;
    for command in &config.build.prepare {
        prepare(context, config, command).await?;
    }
    let builder = wiring::builder(config, args.builder.builder);
    let image = context.run().build(builder.as_ref(), &request).await?;
    context.keep(|state| {
        let application = config.application.clone();
        // What was pushed before is another image.
        state.images.remove(&application);
        state.built.insert(application, request.name.clone());
    })?;
    Ok(image)
}

/// Refuses to build for another platform than the task definition file asks for.
pub(super) fn check_platform(
    context: &Context,
    config: &Config,
    args: &BuildArgs,
) -> Result<(), CliError> {
    let request = request(context, config, args)?;
    wiring::check_platform(config, request.platform.as_ref())
}

fn request(context: &Context, config: &Config, args: &BuildArgs) -> Result<BuildRequest, CliError> {
    let build = &config.build;
    let platform = args.platform.as_ref().or(build.platform.as_ref());
    let mut build_args = build.args.clone();
    build_args.extend(args.build_args.iter().cloned());
    let mut names = local_names(context, config, &args.tags)?.into_iter();
    Ok(BuildRequest {
        context: config.resolve(&build.context),
        dockerfile: build.dockerfile.as_ref().map(|path| config.resolve(path)),
        target: args.target.clone().or_else(|| build.target.clone()),
        platform: platform.map(|text| text.parse::<Platform>()).transpose()?,
        args: build_args,
        cache_from: [build.cache_from.clone(), args.cache_from.clone()].concat(),
        no_cache: build.no_cache || args.no_cache,
        name: names.next().unwrap_or_else(|| config.application.clone()),
        extra_names: names.collect(),
    })
}

/// Runs one `prepare` command, line by line into the events, unless the run is told to stop.
async fn prepare(context: &Context, config: &Config, command: &str) -> Result<(), CliError> {
    let failed = |message: String| {
        ProviderError::new(
            ErrorKind::Failed,
            "prepare",
            format!("`{command}`"),
            message,
        )
        .with_hint("nothing was built or changed; run the command by itself to see more")
    };
    context.output(Step::Build, format!("$ {command}"));
    let mut shell = shell(config, command);
    let mut child = shell.spawn().map_err(|error| failed(error.to_string()))?;
    let group = Group::of(&child);
    let ended = async {
        if let Some(output) = child.stdout.take() {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                context.output(Step::Build, line);
            }
        }
        child.wait().await
    };
    let status = tokio::select! {
        status = ended => status.map_err(|error| failed(error.to_string()))?,
        () = context.cancel().cancelled() => {
            let stopped = "stopped before it was done, as asked; nothing was built or changed";
            return Err(ProviderError::new(ErrorKind::Failed, "prepare", command, stopped).into());
        }
    };
    group.has_ended();
    if status.success() {
        Ok(())
    } else {
        Err(failed(format!("it ended with {status}")).into())
    }
}

/// A shell at the head of a process group: what it starts is stopped with it.
fn shell(config: &Config, command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(&config.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    shell.process_group(0);
    shell
}

/// A process group, which is told to end when this is dropped.
struct Group(Option<u32>);

impl Group {
    fn of(leader: &Child) -> Self {
        Self(leader.id())
    }

    /// The leader was waited for: its id may be another process's soon.
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    #[cfg(unix)]
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let leader = self.0.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(leader) = leader {
            // It may have ended by itself.
            let _ = kill_process_group(leader, Signal::TERM);
        }
    }

    #[cfg(not(unix))]
    fn drop(&mut self) {}
}
