//! Runs a pipeline: a fixed sequence of typed steps, not a graph.
//!
//! build → push → check → register → before → deploy → gate → after. Each step hands a typed result to the next.
//! From the moment something was changed, a failure or a cancellation unwinds it: the former
//! revision is brought back, and the run ends in exactly one of the
//! [`End`](crate::model::End)s.
//!
//! The engine owns waiting, cancellation, time limits and events; providers own none of them.

mod checks;
mod deploy;
mod follow;
mod gates;
mod jobs;
mod reached;
mod report;
mod settings;
mod step;
#[cfg(test)]
mod tests;
mod unwind;

use tokio_util::sync::CancellationToken;

pub use checks::{Checks, Job};
pub use report::Report;
pub use settings::{Gate, OnAbort, OnTimeout, Settings, Until};

use crate::error::ProviderError;
use crate::event::{EventKind, Events, Step};
use crate::model::{BuildRequest, BuiltImage, PublishRequest, PublishedImage, ServiceRef};
use crate::provider::{ImageBuilder, Registry};
use step::output;

/// One run: the settings, where its events go, and the way to stop it.
#[derive(Debug, Clone)]
pub struct Run {
    settings: Settings,
    events: Events,
    cancel: CancellationToken,
}

impl Run {
    /// A run that tells `events` what happens, and that stops when `cancel` says so.
    #[must_use]
    pub fn new(settings: Settings, events: Events, cancel: CancellationToken) -> Self {
        Self {
            settings,
            events,
            cancel,
        }
    }

    /// Builds an image.
    ///
    /// # Errors
    ///
    /// The builder's, or [`Failed`](crate::ErrorKind::Failed) when the run was cancelled.
    pub async fn build(
        &self,
        builder: &dyn ImageBuilder,
        request: &BuildRequest,
    ) -> Result<BuiltImage, ProviderError> {
        let detail = format!("{} with {}", request.name, builder.describe());
        self.step(Step::Build, detail, async {
            let (output, lines) = output();
            let build = self.unless_cancelled(Step::Build, builder.build(request, &output));
            let built = self.relay(Step::Build, lines, build).await?;
            let told = format!("{} for {}", built.id.short(), built.platform);
            Ok((built, told))
        })
        .await
    }

    /// Puts a built image into the registry.
    ///
    /// # Errors
    ///
    /// The registry's, or [`Failed`](crate::ErrorKind::Failed) when the run was cancelled.
    pub async fn push(
        &self,
        registry: &dyn Registry,
        image: &BuiltImage,
        request: &PublishRequest,
    ) -> Result<PublishedImage, ProviderError> {
        let detail = format!("{}:{}", request.repository, request.tags.join(", "));
        self.step(Step::Push, detail, async {
            let (output, lines) = output();
            let push = self.unless_cancelled(Step::Push, registry.publish(image, request, &output));
            let published = self.relay(Step::Push, lines, push).await?;
            let told = if published.already_there {
                format!("{} was there already", published.image)
            } else {
                published.image.to_string()
            };
            Ok((published, told))
        })
        .await
    }

    /// Tells the end: the last event of the run.
    pub fn finish(&self, report: &Report) {
        self.events.send(EventKind::RunFinished {
            end: report.end,
            exit_code: report.exit_code,
            summary: report.summary.clone(),
            hint: report.hint.clone(),
        });
    }

    /// Reads gates on their own, without a deployment: nothing is undone when they fail.
    pub async fn gates_alone(&self, service: &ServiceRef, gates: &[Gate]) -> Report {
        match self.read_gates(gates).await {
            Ok(()) => Report::done(format!(
                "{service}: {} of {} gates passed",
                gates.len(),
                gates.len()
            )),
            Err(failed) => Report::of_gates(&failed.why),
        }
    }
}
