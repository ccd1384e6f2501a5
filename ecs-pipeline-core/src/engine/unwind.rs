//! Brings the former revision back.

use tokio::time::Instant;

use super::follow::{Follow, Followed};
use super::{Report, Run};
use crate::diagnosis::Diagnosis;
use crate::error::ProviderError;
use crate::event::{EventKind, Outcome, Step};
use crate::model::{Deployment, TaskDefinitionArn};
use crate::provider::{Deployer, Rollback};

/// How unwinding ended.
#[derive(Debug)]
pub(super) enum Unwound {
    /// The service runs the former revision.
    Back,
    NothingToGoBackTo,
    Superseded,
    Stuck(String),
}

/// Attempts at a call that decides what becomes of a change; the SDK retries below each of them.
pub(super) const ATTEMPTS: u32 = 3;

impl Run {
    /// Sets the rollback going and follows it to its end. A cancellation does not stop it: a
    /// half-undone deployment is the worst that a run could leave behind.
    pub(super) async fn unwind(&self, deployer: &dyn Deployer, deployment: &Deployment) -> Unwound {
        let began = Instant::now();
        let to = deployment
            .last_good
            .as_ref()
            .map_or("the former revision", TaskDefinitionArn::short);
        self.events.send(EventKind::StepStarted {
            step: Step::Rollback,
            detail: format!("{} to {to}", deployment.service),
        });
        let unwound = match self.set_going(deployer, deployment).await {
            Ok(rollback) => self.follow_back(deployer, deployment, rollback).await,
            Err(error) => Unwound::Stuck(error.to_string()),
        };
        let (outcome, told) = unwound.told(to);
        self.finished(Step::Rollback, outcome, told, began);
        unwound
    }

    async fn set_going(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
    ) -> Result<Rollback, ProviderError> {
        let mut intervals = self.settings.pace.start();
        let mut attempt = 1;
        loop {
            match deployer.rollback(deployment).await {
                Err(error) if error.kind().is_transient() && attempt < ATTEMPTS => {
                    self.warn(format!("the rollback did not start, trying again: {error}"));
                    attempt += 1;
                    tokio::time::sleep(intervals.next(crate::wait::Nearness::Far)).await;
                }
                answer => return answer,
            }
        }
    }

    async fn follow_back(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
        rollback: Rollback,
    ) -> Unwound {
        let followed = match &rollback {
            Rollback::AlreadyDone => return Unwound::Back,
            Rollback::NothingToGoBackTo => return Unwound::NothingToGoBackTo,
            Rollback::Superseded => return Unwound::Superseded,
            Rollback::UnderWay => self.follow(deployer, deployment, Follow::back()).await,
            Rollback::Started(back) => self.follow(deployer, back, Follow::back()).await,
        };
        match followed {
            // A circuit breaker can undo a rollback too: what failed a gate is good to it.
            Followed::RolledBack { to, .. } => match &rollback {
                Rollback::Started(back) if to.as_ref() != Some(&back.task_definition) => {
                    Unwound::Stuck(format!(
                        "the rollback failed, and was itself rolled back to {}",
                        to.as_ref()
                            .map_or("another revision", TaskDefinitionArn::short)
                    ))
                }
                // AWS goes back where it thinks best, which may not be where this run was told to.
                Rollback::UnderWay if !is_where_to_go(deployment, to.as_ref()) => {
                    Unwound::Stuck(format!(
                        "AWS went back to {}, not to {}",
                        to.as_ref()
                            .map_or("another revision", TaskDefinitionArn::short),
                        deployment
                            .last_good
                            .as_ref()
                            .map_or("the former revision", TaskDefinitionArn::short)
                    ))
                }
                _ => Unwound::Back,
            },
            Followed::Succeeded if matches!(rollback, Rollback::Started(_)) => Unwound::Back,
            Followed::Succeeded => {
                Unwound::Stuck("the deployment completed before it could be rolled back".to_owned())
            }
            Followed::Superseded { .. } => Unwound::Superseded,
            Followed::Failed { reason, .. } | Followed::Stuck { reason, .. } => {
                Unwound::Stuck(reason)
            }
            Followed::Left { why }
            | Followed::GateFailed { why }
            | Followed::Reached { what: why } => Unwound::Stuck(why),
            Followed::TimedOut => {
                Unwound::Stuck("the rollback did not end within the time limit".to_owned())
            }
        }
    }
}

/// Whether a service that went back to `to` runs what it was to go back to. What is not known is
/// not held against it.
fn is_where_to_go(deployment: &Deployment, to: Option<&TaskDefinitionArn>) -> bool {
    match (&deployment.last_good, to) {
        (Some(wanted), Some(to)) => wanted == to,
        _ => true,
    }
}

impl Unwound {
    fn told(&self, to: &str) -> (Outcome, String) {
        match self {
            Self::Back => (Outcome::Done, format!("the service runs {to} again")),
            Self::NothingToGoBackTo => (Outcome::Skipped, "there is no former revision".to_owned()),
            Self::Superseded => (
                Outcome::Skipped,
                "a newer deployment is on the service, and was left alone".to_owned(),
            ),
            Self::Stuck(why) => (Outcome::Failed, why.clone()),
        }
    }

    pub(super) fn into_report(
        self,
        reason: &str,
        deployment: &Deployment,
        diagnosis: Option<Diagnosis>,
    ) -> Report {
        match self {
            Self::Back => Report::rolled_back(deployment, None, reason, diagnosis),
            Self::NothingToGoBackTo => Report::nothing_to_undo(deployment, reason, diagnosis),
            Self::Superseded => Report::superseded(deployment, None),
            Self::Stuck(why) => Report::stuck(deployment, &format!("{reason}; {why}"), diagnosis),
        }
    }
}
