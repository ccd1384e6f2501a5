//! The deployment of a change: check, register, start, follow, gate, and unwind what failed.

use tokio::time::{Instant, sleep};

use super::follow::{Follow, Followed};
use super::gates::GatesFailed;
use super::report::seconds;
use super::step::stopped;
use super::unwind::ATTEMPTS;
use super::{Checks, Job, OnAbort, OnTimeout, Report, Run, reached};
use crate::diagnosis::{self, Diagnosis};
use crate::error::{ErrorKind, ProviderError};
use crate::event::{EventKind, Step};
use crate::model::{Already, Change, Deployment, End, Plan, Release, TaskDefinitionArn};
use crate::provider::Deployer;
use crate::wait::Nearness;

impl Run {
    /// Changes a service, follows the deployment that this starts to its end, reads the gates,
    /// and brings the former revision back if any of it fails.
    pub async fn deploy(
        &self,
        deployer: &dyn Deployer,
        change: &Change,
        checks: &Checks,
    ) -> Report {
        let plan = match self.check(deployer, change).await {
            Ok(plan) => plan,
            Err(error) => return Report::of_error(&error, "nothing was changed"),
        };
        let deployment = match &plan.already {
            Some(Already::Deployed) => return self.already_deployed(deployer, &plan, checks).await,
            Some(Already::UnderWay(deployment)) => {
                self.announce(deployment, true);
                deployment.clone()
            }
            None => match self.start(deployer, &plan, &checks.before).await {
                Ok(deployment) => deployment,
                Err(report) => return *report,
            },
        };
        self.carry_through(deployer, deployment, checks).await
    }

    /// Follows a deployment that is under way to its end, without having started it.
    pub async fn take_up(
        &self,
        deployer: &dyn Deployer,
        deployment: Deployment,
        checks: &Checks,
    ) -> Report {
        self.announce(&deployment, true);
        self.carry_through(deployer, deployment, checks).await
    }

    /// Lets a deployment go on that is held, and follows it to its end.
    pub async fn proceed(
        &self,
        deployer: &dyn Deployer,
        deployment: Deployment,
        checks: &Checks,
    ) -> Report {
        match self.let_go_on(deployer, &deployment).await {
            Ok(()) => self.take_up(deployer, deployment, checks).await,
            Err(error) => Report::of_error(&error, "nothing was changed"),
        }
    }

    /// Only what is held is let go on: CodeDeploy's wait before it takes the old version down is
    /// none, and ending it would take the quick way back away.
    async fn let_go_on(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
    ) -> Result<(), ProviderError> {
        reached::check(self.settings.until.as_ref(), deployer)?;
        let seen = deployer.observe(deployment).await?;
        if seen.stage.and_then(|stage| stage.held).is_some() {
            return deployer.proceed(deployment).await;
        }
        Err(ProviderError::new(
            ErrorKind::Conflict,
            "continue",
            deployment.id.as_str(),
            "it waits for nobody's word",
        ))
    }

    /// Brings back what the service ran before `deployment`.
    pub async fn roll_back(&self, deployer: &dyn Deployer, deployment: &Deployment) -> Report {
        let end = self.unwind(deployer, deployment).await;
        let report = end.into_report("rolled back by hand", deployment, None);
        match report.end {
            // What was asked for was done.
            End::RolledBack => Report::rolled_back_by_hand(deployment),
            _ => report,
        }
    }

    async fn check(&self, deployer: &dyn Deployer, change: &Change) -> Result<Plan, ProviderError> {
        let detail = format!("{} ({})", change.service, deployer.describe());
        let plan = self
            .step(Step::Check, detail, async {
                reached::check(self.settings.until.as_ref(), deployer)?;
                let plan = self
                    .unless_cancelled(Step::Check, deployer.plan(change))
                    .await?;
                let told = what_it_means(&plan);
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
        checks: &Checks,
    ) -> Report {
        let current = plan.current.as_ref().map_or("", |current| current.short());
        self.skip(Step::Deploy, format!("the service runs {current} already"));
        let judged = match &plan.current {
            Some(current) => self.judge(current, checks).await,
            None => self.read_gates(&checks.gates).await,
        };
        let end = match judged {
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
    async fn start(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
        before: &[Job],
    ) -> Result<Deployment, Box<Report>> {
        let release = self
            .register(deployer, plan)
            .await
            .map_err(|error| Box::new(Report::of_error(&error, "the service was not touched")))?;
        self.run_jobs(Step::Before, before, &release.task_definition)
            .await
            .map_err(|failed| Box::new(Report::of_job(&release, &failed)))?;
        let mut intervals = self.settings.pace.start();
        let mut attempt = 1;
        loop {
            let error = match self.start_unless_cancelled(deployer, plan, &release).await {
                Ok(deployment) => {
                    self.announce(&deployment, false);
                    return Ok(deployment);
                }
                Err(error) => error,
            };
            match self
                .started_all_the_same(deployer, plan, &release, &error)
                .await
            {
                Ok(Some(deployment)) => {
                    self.warn(format!(
                        "the deployment started, though its answer was lost: {error}"
                    ));
                    self.announce(&deployment, false);
                    return Ok(deployment);
                }
                // It was looked whether it has started: it has not.
                Ok(None) if error.kind().is_transient() && attempt < ATTEMPTS => {
                    self.warn(format!(
                        "the deployment did not start, trying again: {error}"
                    ));
                    attempt += 1;
                    sleep(intervals.next(Nearness::Far)).await;
                }
                Ok(None) => {
                    self.failed(Step::Deploy, error.to_string());
                    let revision = release.task_definition.short();
                    let left =
                        format!("no deployment was started; revision {revision} stays registered");
                    return Err(Box::new(Report::of_error(&error, &left)));
                }
                Err(unread) => {
                    self.failed(Step::Deploy, error.to_string());
                    return Err(Box::new(Report::not_known(&release, &error, &unread)));
                }
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
        self.events.send(EventKind::DeploymentRequested {
            service: plan.service.clone(),
            task_definition: release.task_definition.clone(),
            last_good: plan.last_good.clone(),
        });
        // Whoever writes it down does so before the change, not after.
        tokio::task::yield_now().await;
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
        // Throttled too: the SDK tries again by itself, and an earlier attempt may have arrived.
        if !(error.kind().is_transient() || error.kind() == ErrorKind::Internal) {
            return Ok(None);
        }
        let mut intervals = self.settings.pace.start();
        let mut attempt = 1;
        loop {
            let is_last = attempt >= ATTEMPTS;
            match deployer.current(&plan.service).await {
                Ok(current) if is_new(plan, release, &current) => {
                    let last_good = plan.last_good.clone();
                    return Ok(Some(Deployment {
                        last_good,
                        ..current
                    }));
                }
                // A reading can be older than the change: one that shows nothing proves nothing.
                Ok(_) if is_last => return Ok(None),
                Err(error) if is_last || !error.kind().is_transient() => return Err(error),
                Ok(_) | Err(_) => {}
            }
            attempt += 1;
            sleep(intervals.next(Nearness::Far)).await;
        }
    }

    async fn register(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
    ) -> Result<Release, ProviderError> {
        let detail = "the new revision".to_owned();
        self.step(Step::Register, detail, async {
            let release = self.register_patiently(deployer, plan).await?;
            for warning in &release.warnings {
                self.warn(warning);
            }
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

    /// Tries again after a passing fault: the deployer sees to it that nothing is registered
    /// twice.
    async fn register_patiently(
        &self,
        deployer: &dyn Deployer,
        plan: &Plan,
    ) -> Result<Release, ProviderError> {
        let mut intervals = self.settings.pace.start();
        let mut attempt = 1;
        loop {
            match deployer.register(plan).await {
                Err(error) if error.kind().is_transient() && attempt < ATTEMPTS => {
                    self.warn(format!("not registered yet, trying again: {error}"));
                    attempt += 1;
                    sleep(intervals.next(Nearness::Far)).await;
                }
                answer => return answer,
            }
        }
    }

    /// From a started deployment to the end of the run.
    async fn carry_through(
        &self,
        deployer: &dyn Deployer,
        deployment: Deployment,
        checks: &Checks,
    ) -> Report {
        let began = Instant::now();
        let how = Follow {
            step: Step::Deploy,
            heeds_cancel: true,
            gates: &checks.gates,
            until: self.settings.until.as_ref(),
        };
        let followed = self.follow(deployer, &deployment, how).await;
        let (outcome, told) = followed.told(&deployment);
        self.finished(Step::Deploy, outcome, told, began);
        if !matches!(followed, Followed::Succeeded | Followed::Reached { .. }) {
            return self.ended(deployer, &deployment, followed, 0).await;
        }
        let checks = match followed {
            Followed::Reached { .. } => &self.judging_now(checks),
            _ => checks,
        };
        match self.judge(&deployment.task_definition, checks).await {
            Ok(()) if checks.judging() == 0 => self.ended(deployer, &deployment, followed, 0).await,
            Ok(()) => {
                let still = self.confirm(deployer, &deployment, how).await;
                self.ended(deployer, &deployment, still, checks.judging())
                    .await
            }
            Err(failed) => self.gates_failed(deployer, &deployment, &failed).await,
        }
    }

    /// The checks that can judge a deployment which goes on: the others would wait for its end.
    fn judging_now(&self, checks: &Checks) -> Checks {
        let gates = checks.gates.iter().filter(|gate| gate.during).cloned();
        let now = Checks::gates(gates.collect());
        let later = checks.judging() - now.judging();
        if later > 0 {
            self.events.send(EventKind::Note {
                text: format!(
                    "{later} gates and tasks were left out: they judge a deployment that has ended"
                ),
            });
        }
        now
    }

    /// Reads the gates, and runs the tasks that judge the new revision.
    async fn judge(
        &self,
        revision: &TaskDefinitionArn,
        checks: &Checks,
    ) -> Result<(), GatesFailed> {
        self.read_gates(&checks.gates).await?;
        self.run_jobs(Step::After, &checks.after, revision)
            .await
            .map_err(|failed| GatesFailed {
                why: failed.why,
                cancelled: failed.cancelled,
            })
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
            Followed::GateFailed { why } => {
                let failed = GatesFailed {
                    why,
                    cancelled: false,
                };
                self.gates_failed(deployer, deployment, &failed).await
            }
            Followed::Reached { what } => Report::reached(deployment, &what, gates),
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
        how: Follow<'_>,
    ) -> Followed {
        let how = Follow {
            step: Step::Gate,
            gates: &[],
            ..how
        };
        self.follow(deployer, deployment, how).await
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

    pub(super) async fn diagnose(
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
}

fn what_it_means(plan: &Plan) -> String {
    match &plan.last_good {
        Some(last_good) => format!("a rollback would go to {}", last_good.short()),
        None if plan.creates.is_some() => "the service does not exist: it is created".to_owned(),
        None => "there is no former revision to go back to".to_owned(),
    }
}

/// Whether `current` is a deployment of this release that was not there before.
fn is_new(plan: &Plan, release: &Release, current: &Deployment) -> bool {
    current.task_definition == release.task_definition
        && plan.current_deployment.as_ref() != Some(&current.id)
}
