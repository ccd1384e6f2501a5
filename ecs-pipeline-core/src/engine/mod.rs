//! Runs a pipeline: a fixed sequence of typed steps, not a graph.
//!
//! build → push → check → register → deploy → gate. Each step hands a typed result to the next.
//! From the moment something was changed, a failure or a cancellation unwinds it: the former
//! revision is brought back, and the run ends in exactly one of the [`End`]s.
//!
//! The engine owns waiting, cancellation, time limits and events; providers own none of them.

mod follow;
mod gates;
mod settings;
#[cfg(test)]
mod tests;
mod unwind;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub use settings::{Gate, OnAbort, OnTimeout, Settings};

use crate::diagnosis::{self, Diagnosis};
use crate::error::{ErrorKind, Hint, ProviderError};
use crate::event::{EventKind, Events, Outcome, Step};
use crate::exit;
use crate::model::{
    Already, BuildRequest, BuiltImage, Change, Deployment, End, Plan, PublishRequest,
    PublishedImage, Release, ServiceRef, TaskDefinitionArn,
};
use crate::provider::{Deployer, ImageBuilder, Output, Registry};
use crate::wait::Nearness;
use follow::Followed;
use gates::GatesFailed;
use unwind::ATTEMPTS;

/// One run: the settings, where its events go, and the way to stop it.
#[derive(Debug, Clone)]
pub struct Run {
    settings: Settings,
    events: Events,
    cancel: CancellationToken,
}

/// How a deployment ended, with everything that is known about it.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// The exit code that goes with it: [`exit::of_end`], or more precisely the one of the error
    /// that ended the run before anything was changed.
    pub exit_code: u8,
    /// One sentence.
    pub summary: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The deployment, where one was started or taken up.
    pub deployment: Option<Deployment>,
    /// The revision that the service was to run.
    pub release: Option<TaskDefinitionArn>,
    /// Why the new version failed.
    pub diagnosis: Option<Diagnosis>,
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
    /// The builder's, or [`ErrorKind::Failed`] when the run was cancelled.
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
    /// The registry's, or [`ErrorKind::Failed`] when the run was cancelled.
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

    /// Changes a service, follows the deployment that this starts to its end, reads the gates,
    /// and brings the former revision back if any of it fails.
    pub async fn deploy(&self, deployer: &dyn Deployer, change: &Change, gates: &[Gate]) -> Report {
        let plan = match self.check(deployer, change).await {
            Ok(plan) => plan,
            Err(error) => return Report::of_error(&error, "nothing was changed"),
        };
        let deployment = match &plan.already {
            Some(Already::Deployed) => return self.already_deployed(deployer, &plan, gates).await,
            Some(Already::UnderWay(deployment)) => {
                self.announce(deployment, true);
                deployment.clone()
            }
            None => match self.start(deployer, &plan).await {
                Ok(deployment) => deployment,
                Err(report) => return *report,
            },
        };
        self.carry_through(deployer, deployment, gates).await
    }

    /// Follows a deployment that is under way to its end, without having started it.
    pub async fn take_up(
        &self,
        deployer: &dyn Deployer,
        deployment: Deployment,
        gates: &[Gate],
    ) -> Report {
        self.announce(&deployment, true);
        self.carry_through(deployer, deployment, gates).await
    }

    /// Brings back what the service ran before `deployment`.
    pub async fn roll_back(&self, deployer: &dyn Deployer, deployment: &Deployment) -> Report {
        let end = self.unwind(deployer, deployment).await;
        let report = end.into_report("rolled back by hand", deployment, None);
        match report.end {
            // What was asked for was done.
            End::RolledBack => {
                Report::about(deployment, End::Succeeded, rolled_back_to(deployment))
            }
            _ => report,
        }
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

    async fn check(&self, deployer: &dyn Deployer, change: &Change) -> Result<Plan, ProviderError> {
        let detail = format!("{} ({})", change.service, deployer.describe());
        let plan = self
            .step(Step::Check, detail, async {
                let plan = self
                    .unless_cancelled(Step::Check, deployer.plan(change))
                    .await?;
                let told = match &plan.last_good {
                    Some(last_good) => format!("a rollback would go to {}", last_good.short()),
                    None => "there is no former revision to go back to".to_owned(),
                };
                Ok((plan, told))
            })
            .await?;
        for warning in &plan.warnings {
            self.warn(warning);
        }
        Ok(plan)
    }

    async fn already_deployed(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
        gates: &[Gate],
    ) -> Report {
        let current = plan.current.as_ref().map_or("", |current| current.short());
        self.skip(Step::Deploy, format!("the service runs {current} already"));
        let end = match self.read_gates(gates).await {
            Ok(()) => End::Succeeded,
            Err(failed) if failed.cancelled => End::StillRunning,
            // The service ran this before: there is nothing of ours to undo.
            Err(failed) => {
                return Report::new(End::Failed, format!("nothing was changed: {}", failed.why));
            }
        };
        let mut report = Report::new(end, format!("{} runs {current} already", plan.service));
        report.release.clone_from(&plan.current);
        report.deployment = deployer.current(&plan.service).await.ok();
        report
    }

    /// Registers and starts. From here on there is something to undo.
    async fn start(&self, deployer: &dyn Deployer, plan: &Plan) -> Result<Deployment, Box<Report>> {
        let release = self
            .register(deployer, plan)
            .await
            .map_err(|error| Box::new(Report::of_error(&error, "the service was not touched")))?;
        let error = match self.start_unless_cancelled(deployer, plan, &release).await {
            Ok(deployment) => {
                self.announce(&deployment, false);
                return Ok(deployment);
            }
            Err(error) => error,
        };
        let revision = release.task_definition.short();
        match self
            .started_all_the_same(deployer, plan, &release, &error)
            .await
        {
            Ok(Some(deployment)) => {
                self.warn(format!(
                    "the deployment started, though its answer was lost: {error}"
                ));
                self.announce(&deployment, false);
                Ok(deployment)
            }
            Ok(None) => {
                self.failed(Step::Deploy, error.to_string());
                let left =
                    format!("no deployment was started; revision {revision} stays registered");
                Err(Box::new(Report::of_error(&error, &left)))
            }
            Err(unread) => {
                self.failed(Step::Deploy, error.to_string());
                Err(Box::new(Report::not_known(&release, &error, &unread)))
            }
        }
    }

    async fn start_unless_cancelled(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
        release: &Release,
    ) -> Result<Deployment, ProviderError> {
        if self.cancel.is_cancelled() {
            return Err(stopped(Step::Deploy));
        }
        deployer.start(plan, release).await
    }

    /// The deployment that a start has left although it answered with an error: an answer can be
    /// lost after the request was carried out.
    async fn started_all_the_same(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
        release: &Release,
        error: &ProviderError,
    ) -> Result<Option<Deployment>, ProviderError> {
        if !matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Internal) {
            return Ok(None);
        }
        let mut intervals = self.settings.pace.start();
        let mut attempt = 1;
        let current = loop {
            match deployer.current(&plan.service).await {
                Err(error) if error.kind().is_transient() && attempt < ATTEMPTS => {
                    attempt += 1;
                    sleep(intervals.next(Nearness::Far)).await;
                }
                answer => break answer?,
            }
        };
        let ours = current.task_definition == release.task_definition
            && plan.current_deployment.as_ref() != Some(&current.id);
        Ok(ours.then(|| Deployment {
            last_good: plan.last_good.clone(),
            ..current
        }))
    }

    async fn register(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
    ) -> Result<Release, ProviderError> {
        let detail = "the new revision".to_owned();
        self.step(Step::Register, detail, async {
            let release = deployer.register(plan).await?;
            let short = release.task_definition.short();
            let told = if release.registered {
                short.to_owned()
            } else {
                format!("{short} was registered already")
            };
            Ok((release, told))
        })
        .await
    }

    /// From a started deployment to the end of the run.
    async fn carry_through(
        &self,
        deployer: &dyn Deployer,
        deployment: Deployment,
        gates: &[Gate],
    ) -> Report {
        let began = Instant::now();
        let followed = self.follow_deploy(deployer, &deployment).await;
        let (outcome, told) = followed.told(&deployment);
        self.finished(Step::Deploy, outcome, told, began);
        if !matches!(followed, Followed::Succeeded) {
            return self.ended(deployer, &deployment, followed, 0).await;
        }
        match self.read_gates(gates).await {
            Ok(()) => {
                let still = self.confirm(deployer, &deployment, gates).await;
                self.ended(deployer, &deployment, still, gates.len()).await
            }
            Err(failed) => self.gates_failed(deployer, &deployment, &failed).await,
        }
    }

    /// What comes of an end of the deployment.
    async fn ended(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
        followed: Followed,
        gates: usize,
    ) -> Report {
        match followed {
            Followed::Succeeded => Report::succeeded(deployment, gates),
            Followed::RolledBack {
                reason,
                to,
                diagnosis,
            } => Report::rolled_back(deployment, to.as_ref(), &reason, diagnosis),
            Followed::Failed { reason, diagnosis } => {
                let end = self.unwind(deployer, deployment).await;
                end.into_report(&reason, deployment, diagnosis)
            }
            Followed::Stuck { reason, diagnosis } => Report::stuck(deployment, &reason, diagnosis),
            Followed::Superseded { by } => Report::superseded(deployment, by.as_ref()),
            Followed::Left { why } => self.left(deployer, deployment, &why).await,
            Followed::TimedOut => self.timed_out(deployer, deployment).await,
        }
    }

    /// Looks once more when the gates have passed: reading them took its time, and somebody may
    /// have deployed since.
    async fn confirm(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
        gates: &[Gate],
    ) -> Followed {
        if gates.is_empty() {
            return Followed::Succeeded;
        }
        self.follow(deployer, deployment, Step::Gate, true).await
    }

    async fn gates_failed(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
        failed: &GatesFailed,
    ) -> Report {
        if failed.cancelled && self.settings.on_abort == OnAbort::Detach {
            return Report::still_running(deployment, &failed.why);
        }
        let diagnosis = self.diagnose(deployer, deployment, Some(&failed.why)).await;
        let end = self.unwind(deployer, deployment).await;
        end.into_report(&failed.why, deployment, Some(diagnosis))
    }

    /// The run was told to stop waiting.
    async fn left(&self, deployer: &dyn Deployer, deployment: &Deployment, why: &str) -> Report {
        if self.cancel.is_cancelled() && self.settings.on_abort == OnAbort::Rollback {
            let end = self.unwind(deployer, deployment).await;
            return end.into_report("aborted", deployment, None);
        }
        Report::still_running(deployment, why)
    }

    async fn timed_out(&self, deployer: &dyn Deployer, deployment: &Deployment) -> Report {
        let why = format!(
            "the time limit of {} was reached",
            seconds(self.settings.limit)
        );
        let diagnosis = self.diagnose(deployer, deployment, None).await;
        if self.settings.on_timeout == OnTimeout::Rollback {
            let end = self.unwind(deployer, deployment).await;
            return end.into_report(&why, deployment, Some(diagnosis));
        }
        Report {
            diagnosis: Some(diagnosis),
            ..Report::still_running(deployment, &why)
        }
    }

    async fn diagnose(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
        reason: Option<&str>,
    ) -> Diagnosis {
        let mut evidence = deployer.evidence(deployment).await;
        if evidence.controller.is_none() {
            evidence.controller = reason.map(str::to_owned);
        }
        let diagnosis = diagnosis::explain(&evidence);
        self.events.send(EventKind::Diagnosed {
            diagnosis: diagnosis.clone(),
        });
        diagnosis
    }

    fn announce(&self, deployment: &Deployment, resumed: bool) {
        let verb = if resumed { "taking up" } else { "following" };
        self.events.send(EventKind::StepStarted {
            step: Step::Deploy,
            detail: format!(
                "{verb} {} of {} to {}",
                deployment.id,
                deployment.service,
                deployment.task_definition.short()
            ),
        });
        self.events.send(EventKind::DeploymentStarted {
            deployment: deployment.id.clone(),
            task_definition: deployment.task_definition.clone(),
            last_good: deployment.last_good.clone(),
            resumed,
        });
    }

    /// Tells the lines that a tool writes while it works, all of them before the step ends.
    async fn relay<T>(
        &self,
        step: Step,
        mut lines: UnboundedReceiver<String>,
        work: impl Future<Output = T>,
    ) -> T {
        let tell = |line| self.events.send(EventKind::StepOutput { step, line });
        tokio::pin!(work);
        let done = loop {
            tokio::select! {
                biased;
                Some(line) = lines.recv() => tell(line),
                done = &mut work => break done,
            }
        };
        while let Ok(line) = lines.try_recv() {
            tell(line);
        }
        done
    }

    fn warn(&self, text: impl Into<String>) {
        self.events.send(EventKind::Warning { text: text.into() });
    }

    fn skip(&self, step: Step, detail: String) {
        let began = Instant::now();
        self.events.send(EventKind::StepStarted {
            step,
            detail: detail.clone(),
        });
        self.finished(step, Outcome::Skipped, detail, began);
    }

    fn failed(&self, step: Step, detail: String) {
        let began = Instant::now();
        self.events.send(EventKind::StepStarted {
            step,
            detail: String::new(),
        });
        self.finished(step, Outcome::Failed, detail, began);
    }

    fn finished(&self, step: Step, outcome: Outcome, detail: String, began: Instant) {
        self.events.send(EventKind::StepFinished {
            step,
            outcome,
            detail,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }

    /// Tells the beginning and the end of a step around its work.
    async fn step<T>(
        &self,
        step: Step,
        detail: String,
        work: impl Future<Output = Result<(T, String), ProviderError>>,
    ) -> Result<T, ProviderError> {
        let began = Instant::now();
        self.events.send(EventKind::StepStarted { step, detail });
        match work.await {
            Ok((result, told)) => {
                self.finished(step, Outcome::Done, told, began);
                Ok(result)
            }
            Err(error) => {
                self.finished(step, Outcome::Failed, error.to_string(), began);
                Err(error)
            }
        }
    }

    /// Runs a step that changes nothing that would have to be undone: it is simply dropped when
    /// the run is cancelled.
    async fn unless_cancelled<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        tokio::select! {
            done = work => done,
            () = self.cancel.cancelled() => Err(stopped(step)),
        }
    }
}

/// What to do about a deployment that goes on without the run.
const TAKE_UP: &str = "run the same command again to take it up, `ecs-pipeline status` to look, or `ecs-pipeline rollback` to go back";

impl Report {
    fn new(end: End, summary: impl Into<String>) -> Self {
        Self {
            end,
            exit_code: exit::of_end(end),
            summary: summary.into(),
            hint: None,
            deployment: None,
            release: None,
            diagnosis: None,
        }
    }

    /// The end of a run that an error ended before anything of the service was changed.
    #[must_use]
    pub fn of_error(error: &ProviderError, state: &str) -> Self {
        let exit_code = exit::of_error(error.kind());
        let end = if exit_code == exit::REFUSED {
            End::Refused
        } else {
            End::Failed
        };
        Self {
            exit_code,
            hint: error.hint().map(str::to_owned),
            ..Self::new(end, format!("{error}; {state}"))
        }
    }

    /// Whether the service was changed could not be read: that must not pass for unchanged.
    fn not_known(release: &Release, error: &ProviderError, unread: &ProviderError) -> Self {
        let summary = format!(
            "{error}; whether {} is being deployed could not be read: {unread}",
            release.task_definition.short()
        );
        Self {
            release: Some(release.task_definition.clone()),
            hint: Some(TAKE_UP.to_owned()),
            ..Self::new(End::StillRunning, summary)
        }
    }

    fn about(deployment: &Deployment, end: End, summary: String) -> Self {
        Self {
            deployment: Some(deployment.clone()),
            release: Some(deployment.task_definition.clone()),
            ..Self::new(end, summary)
        }
    }

    fn succeeded(deployment: &Deployment, gates: usize) -> Self {
        let verified = match gates {
            0 => "no gate was configured".to_owned(),
            1 => "its gate passed".to_owned(),
            n => format!("all {n} gates passed"),
        };
        let summary = format!(
            "{} runs {}: deployment {} completed, and {verified}",
            deployment.service,
            deployment.task_definition.short(),
            deployment.id,
        );
        Self::about(deployment, End::Succeeded, summary)
    }

    fn rolled_back(
        deployment: &Deployment,
        to: Option<&TaskDefinitionArn>,
        reason: &str,
        diagnosis: Option<Diagnosis>,
    ) -> Self {
        let former = to
            .or(deployment.last_good.as_ref())
            .map_or("the former revision", TaskDefinitionArn::short);
        let summary = format!(
            "{} failed and was rolled back: {} runs {former} again ({reason})",
            deployment.task_definition.short(),
            deployment.service,
        );
        Self::about(deployment, End::RolledBack, summary).because(diagnosis)
    }

    fn stuck(deployment: &Deployment, reason: &str, diagnosis: Option<Diagnosis>) -> Self {
        let summary = format!(
            "{} failed and could not be rolled back: {reason}",
            deployment.task_definition.short()
        );
        let mut report = Self::about(deployment, End::Stuck, summary).because(diagnosis);
        report.hint = Some(format!(
            "look at service {} now: it is between two versions, and this tool cannot mend it",
            deployment.service
        ));
        report
    }

    fn nothing_to_undo(
        deployment: &Deployment,
        reason: &str,
        diagnosis: Option<Diagnosis>,
    ) -> Self {
        let summary = format!(
            "{} failed, and there is no former revision to go back to ({reason})",
            deployment.task_definition.short()
        );
        Self::about(deployment, End::Failed, summary).because(diagnosis)
    }

    fn superseded(deployment: &Deployment, by: Option<&String>) -> Self {
        let by = by.map_or_else(|| "a newer deployment".to_owned(), Clone::clone);
        let summary = format!(
            "deployment {} of {} was superseded by {by}; the service was left to it",
            deployment.id,
            deployment.task_definition.short(),
        );
        let mut report = Self::about(deployment, End::Superseded, summary);
        report.hint = Some("see who else deploys this service at the same time".to_owned());
        report
    }

    fn still_running(deployment: &Deployment, why: &str) -> Self {
        let summary = format!(
            "deployment {} of {} is still running: {why}",
            deployment.id,
            deployment.task_definition.short(),
        );
        let mut report = Self::about(deployment, End::StillRunning, summary);
        report.hint = Some(TAKE_UP.to_owned());
        report
    }

    fn because(mut self, diagnosis: Option<Diagnosis>) -> Self {
        self.hint = diagnosis.as_ref().and_then(|known| known.fix.clone());
        self.diagnosis = diagnosis;
        self
    }

    /// The report of a run that ended well without a deployment: a build, a push, a gate.
    #[must_use]
    pub fn done(summary: impl Into<String>) -> Self {
        Self::new(End::Succeeded, summary)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The report of gates that were read on their own.
    fn of_gates(why: &str) -> Self {
        Self::new(End::Failed, format!("{why}; nothing was changed"))
    }
}

impl Run {
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

fn rolled_back_to(deployment: &Deployment) -> String {
    let to = deployment
        .last_good
        .as_ref()
        .map_or("the former revision", TaskDefinitionArn::short);
    format!("{} runs {to} again", deployment.service)
}

fn stopped(step: Step) -> ProviderError {
    ProviderError::new(
        ErrorKind::Failed,
        step.name(),
        "",
        "stopped before it was done, as asked",
    )
}

fn output() -> (Output, UnboundedReceiver<String>) {
    let (lines, taken) = unbounded_channel();
    (Output::to(lines), taken)
}

fn seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_secs())
}
