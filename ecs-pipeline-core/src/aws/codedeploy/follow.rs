//! One look at a deployment, and at the rollback that it names.

use aws_sdk_codedeploy::types::{DeploymentInfo, EcsTarget, EcsTaskSet};
use aws_sdk_ecs::types::Service;

use super::revision::{primary, primary_revision};
use super::verdict::{Stand, stand};
use super::{CodeDeployDeployer, Followed, target, verdict};
use crate::aws::ecs::describe::millis;
use crate::error::ProviderError;
use crate::model::{
    Deployment, DeploymentId, DeploymentState, Observation, RevisionCounts, RevisionRole,
    ServiceMessage, Stage, TrafficShare,
};

/// What a run says of a deployment that it has stopped, until CodeDeploy names the rollback.
const STOPPED: &str = "stopped and rolled back by this run";

/// Where the traffic waits to be moved, when the events themselves could not be read.
const BEFORE_TRAFFIC: &str = "AfterAllowTestTraffic";

/// A deployment as one look shows it.
#[derive(Debug)]
pub(super) struct View {
    pub(super) info: DeploymentInfo,
    /// The deployment that rolls it back.
    pub(super) back: Option<DeploymentInfo>,
    /// The target of the one that goes on.
    pub(super) target: Option<EcsTarget>,
}

impl CodeDeployDeployer {
    pub(super) async fn look_at(&self, ours: &Deployment) -> Result<Observation, ProviderError> {
        if is_task_set(&ours.id) {
            // The task set that the service was created with: CodeDeploy knows of no deployment.
            return self.look_at_first(ours).await;
        }
        let view = self.view(ours).await?;
        let state = self.state(ours, &view, true).await?;
        let followed = self.followed(&ours.id);
        let (revisions, traffic) = match &view.target {
            Some(target) => (
                self.revisions(ours, &followed, target),
                traffic(&followed, target),
            ),
            None => (Vec::new(), None),
        };
        Ok(Observation {
            revisions,
            traffic,
            messages: messages(&view),
            stage: stage(&view),
            ..Observation::new(state)
        })
    }

    pub(super) async fn view(&self, ours: &Deployment) -> Result<View, ProviderError> {
        let known = self.followed(&ours.id).failed;
        let info = match known {
            Some(info) => info,
            None => self.get_deployment(ours.id.as_str()).await?,
        };
        let since = Some(millis(info.create_time())).filter(|since| *since > 0);
        self.remember(&ours.id, |followed| followed.since = since);
        let rollback = verdict::rollback_of(&info).filter(|_| stand(&info) == Stand::Failed);
        let back = match rollback {
            Some(id) => {
                self.remember(&ours.id, |followed| followed.failed = Some(info.clone()));
                Some(self.get_deployment(id).await?)
            }
            None => None,
        };
        let running = rollback.unwrap_or(ours.id.as_str());
        // It is shown: a permission that is missing here must not cost the verdict.
        let target = self
            .get_target(running)
            .await
            .inspect_err(|error| tracing::debug!(%error, "the deployment's target was not read"))
            .ok()
            .flatten();
        if let Some(target) = &target {
            self.learn(ours, target, back.is_some()).await;
        }
        Ok(View { info, back, target })
    }

    /// Remembers the new revision's task set and its share of the traffic, and which revisions the
    /// task sets run.
    async fn learn(&self, ours: &Deployment, target: &EcsTarget, rolls_back: bool) {
        let green = target::green(target)
            .filter(|_| !rolls_back)
            .and_then(target::id_of);
        self.remember(&ours.id, |followed| {
            if let Some(green) = green {
                followed.green = Some(green.to_owned());
            }
            followed.share = Some(share(followed, target).unwrap_or(0.0));
        });
        if let Some(green) = green {
            let mut known = self.known();
            known
                .task_sets
                .insert(green.to_owned(), ours.task_definition.clone());
        }
        let unknown = target
            .task_sets_info()
            .iter()
            .filter_map(target::id_of)
            .any(|id| !self.known().task_sets.contains_key(id));
        if unknown && let Ok(Some(service)) = self.ecs.describe_service(&ours.service).await {
            self.learn_task_sets(&service);
        }
    }

    pub(super) fn learn_task_sets(&self, service: &Service) {
        let sets = service.task_sets().iter().filter_map(|set| {
            let revision = set.task_definition()?.parse().ok()?;
            Some((set.id()?.to_owned(), revision))
        });
        self.known().task_sets.extend(sets);
    }

    /// How the deployment stands. Where looks are `patient`, a failure is given time to name its
    /// rollback.
    pub(super) async fn state(
        &self,
        ours: &Deployment,
        view: &View,
        patient: bool,
    ) -> Result<DeploymentState, ProviderError> {
        let followed = self.followed(&ours.id);
        match (stand(&view.info), &view.back) {
            (Stand::GoesOn, _) if followed.stopped => Ok(DeploymentState::RollingBack {
                reason: STOPPED.to_owned(),
            }),
            (Stand::GoesOn, _) => Ok(DeploymentState::InProgress),
            (Stand::Succeeded, _) => self.succeeded(ours).await,
            (Stand::Failed, Some(back)) => self.rolled_back(ours, &view.info, back).await,
            (Stand::Failed, None) => {
                let looks = followed.unnamed;
                if patient && verdict::may_be_rolled_back(&view.info, followed.stopped, looks) {
                    self.remember(&ours.id, |followed| followed.unnamed += 1);
                    return Ok(DeploymentState::RollingBack {
                        reason: verdict::reason(&view.info),
                    });
                }
                self.failed(ours, &view.info).await
            }
        }
    }

    /// It succeeded by CodeDeploy's word: the service must run it, too, or something newer.
    pub(super) async fn succeeded(
        &self,
        ours: &Deployment,
    ) -> Result<DeploymentState, ProviderError> {
        let service = match self.service_of(ours).await? {
            Ok(service) => service,
            Err(gone) => return Ok(gone),
        };
        let runs = primary_revision(&service);
        let runs_it = primary(&service).is_none() || runs.as_ref() == Some(&ours.task_definition);
        let group = self.get_group(&ours.service).await?;
        let newer = group.last_id().filter(|last| *last != ours.id.as_str());
        match newer {
            None if runs_it => Ok(DeploymentState::Succeeded),
            // A reading that is older than the end.
            None => Ok(DeploymentState::InProgress),
            // A newer one that was given up, or brought the same revision.
            Some(_) if runs_it && group.busy_with().is_none() => Ok(DeploymentState::Succeeded),
            Some(newer) => Ok(self.superseded(newer, &service).await),
        }
    }

    async fn superseded(&self, by: &str, service: &Service) -> DeploymentState {
        let task_definition = match self.get_deployment(by).await {
            Ok(info) => self.revision_of(&info, Some(service)).await,
            Err(_) => None,
        };
        DeploymentState::Superseded {
            by: Some(DeploymentId::new(by)),
            task_definition,
        }
    }

    async fn rolled_back(
        &self,
        ours: &Deployment,
        info: &DeploymentInfo,
        back: &DeploymentInfo,
    ) -> Result<DeploymentState, ProviderError> {
        let reason = verdict::reason(info);
        match stand(back) {
            Stand::GoesOn => Ok(DeploymentState::RollingBack { reason }),
            Stand::Failed => Ok(DeploymentState::RollbackFailed {
                reason: format!(
                    "{reason}; its rollback {} failed: {}",
                    back.deployment_id().unwrap_or_default(),
                    verdict::reason(back)
                ),
            }),
            Stand::Succeeded => {
                let service = match self.service_of(ours).await? {
                    Ok(service) => service,
                    Err(gone) => return Ok(gone),
                };
                if is_primary(&service, ours) {
                    // A reading that is older than the end.
                    return Ok(DeploymentState::RollingBack { reason });
                }
                let group = self.get_group(&ours.service).await?;
                let known = [Some(ours.id.as_str()), back.deployment_id()];
                let newer = group.last_id().filter(|last| !known.contains(&Some(*last)));
                Ok(match newer {
                    Some(newer) => self.superseded(newer, &service).await,
                    None => DeploymentState::RolledBack {
                        reason,
                        to: primary_revision(&service),
                    },
                })
            }
        }
    }

    /// It failed, and CodeDeploy does nothing about it. Where it never had any of the traffic, the
    /// service still runs what it ran before.
    async fn failed(
        &self,
        ours: &Deployment,
        info: &DeploymentInfo,
    ) -> Result<DeploymentState, ProviderError> {
        let reason = verdict::reason(info);
        let had_traffic = self.followed(&ours.id).share != Some(0.0);
        if had_traffic {
            return Ok(DeploymentState::Failed { reason });
        }
        let service = match self.service_of(ours).await? {
            Ok(service) => service,
            Err(gone) => return Ok(gone),
        };
        let to = primary(&service)
            .filter(|_| !is_primary(&service, ours))
            .and_then(|_| primary_revision(&service));
        Ok(match to {
            Some(to) => DeploymentState::RolledBack {
                reason: format!("{reason}; no traffic had moved"),
                to: Some(to),
            },
            None => DeploymentState::Failed { reason },
        })
    }

    /// The service, or what it is instead.
    pub(super) async fn service_of(
        &self,
        ours: &Deployment,
    ) -> Result<Result<Service, DeploymentState>, ProviderError> {
        let gone = |reason: String| Ok(Err(DeploymentState::ServiceGone { reason }));
        match self.ecs.describe_service(&ours.service).await? {
            Some(service) if service.status() == Some("ACTIVE") => Ok(Ok(service)),
            Some(service) => gone(format!(
                "the service is {}",
                service.status().unwrap_or("in no known state")
            )),
            None => gone("the service is no longer there".to_owned()),
        }
    }

    fn revisions(
        &self,
        ours: &Deployment,
        followed: &Followed,
        target: &EcsTarget,
    ) -> Vec<RevisionCounts> {
        let known = self.known();
        let mut revisions: Vec<_> = target
            .task_sets_info()
            .iter()
            .filter_map(|set| {
                let id = target::id_of(set)?;
                let task_definition = known.task_sets.get(id)?.clone();
                let is_new = match &followed.green {
                    Some(green) => green == id,
                    None => task_definition == ours.task_definition,
                };
                Some(RevisionCounts {
                    task_definition,
                    role: if is_new {
                        RevisionRole::New
                    } else {
                        RevisionRole::Old
                    },
                    desired: count(set.desired_count),
                    running: count(set.running_count),
                    pending: count(set.pending_count),
                    // CodeDeploy does not count them.
                    failed: 0,
                })
            })
            .collect();
        revisions.sort_by_key(|one| one.role == RevisionRole::Old);
        revisions
    }
}

/// Whether this is no deployment of CodeDeploy's, but the task set that a service was created with.
pub(super) fn is_task_set(id: &DeploymentId) -> bool {
    id.as_str().starts_with("ecs-svc/")
}

/// Whether the production traffic goes to the task set that this deployment has created.
fn is_primary(service: &Service, ours: &Deployment) -> bool {
    primary(service).is_some_and(|set| set.external_id() == Some(ours.id.as_str()))
}

/// The new revision's share of the traffic; `None` where it has no task set.
fn share(followed: &Followed, target: &EcsTarget) -> Option<f64> {
    let green = followed.green.as_deref()?;
    target
        .task_sets_info()
        .iter()
        .find(|set| target::id_of(set) == Some(green))
        .map(|set: &EcsTaskSet| set.traffic_weight)
}

fn traffic(followed: &Followed, target: &EcsTarget) -> Option<TrafficShare> {
    share(followed, target).map(|production| TrafficShare {
        production,
        // CodeDeploy tells of the production listener only.
        test: None,
    })
}

fn stage(view: &View) -> Option<Stage> {
    let held = verdict::held(&view.info);
    let name = view.target.as_ref().and_then(target::stage);
    let name = name.or_else(|| held.as_ref().map(|_| BEFORE_TRAFFIC))?;
    Some(Stage {
        name: name.to_owned(),
        held,
    })
}

fn messages(view: &View) -> Vec<ServiceMessage> {
    let running = view.back.as_ref().unwrap_or(&view.info);
    let id = running.deployment_id().unwrap_or_default();
    let mut messages = match &view.target {
        Some(target) => target::messages(id, view.back.is_some(), target),
        None => Vec::new(),
    };
    if verdict::keeps_blue(&view.info) {
        messages.push(ServiceMessage {
            id: format!("{id}/kept"),
            text: "all traffic has moved; the old version is kept for a while".to_owned(),
        });
    }
    messages
}

/// A count as AWS means it.
fn count(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(0)
}
