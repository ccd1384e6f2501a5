//! One look at a deployment: DescribeServices, and a confirmation only of what looks like an end;
//! where traffic is shifted, DescribeServiceDeployments, and the service only at an end.

use std::sync::atomic::Ordering;

use aws_sdk_ecs::types::Service;

use super::describe::{all_target_groups, millis, shifts_traffic, snapshot};
use super::{EcsDeployer, Followed};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{
    Deployment, DeploymentState, Observation, RevisionRole, ServiceMessage, TargetCounts,
};
use crate::rolling::{
    RolloutState, ServiceDeploymentSnapshot, ServiceSnapshot, draining_after, in_flight,
    messages_since, revision_counts, shifted_counts, stage_of, state_of, traffic_of,
};

/// How many looks in a row may fail for want of an answer of the service deployment API alone.
const PATIENCE: u32 = 2;

/// How much earlier than the deployment its service deployment may have been created, in
/// milliseconds: ECS writes both down for one UpdateService.
const SLACK: i64 = 10_000;

impl EcsDeployer {
    /// A deployment that shifts traffic is read from its service deployment alone while it goes on.
    pub(super) async fn look_at(&self, ours: &Deployment) -> Result<Observation, ProviderError> {
        let followed = self.followed(&ours.id);
        let mut api = None;
        if followed.shifts && self.service_deployment_of(ours).is_some() {
            api = self.confirm(ours, followed.since).await?;
            if let Some(api) = &api
                && let Some(state) = in_flight(api)
                && !says_more(&followed, api)
            {
                return Ok(Observation {
                    targets: self.target_counts(&followed.target_groups).await,
                    draining_after: followed.draining_after,
                    ..shift_observed(state, api)
                });
            }
        }
        let view = self.view_with(ours, api).await?;
        let groups = self.followed(&ours.id).target_groups;
        let state = state_of(ours, &view);
        let draining_after = draining_after(ours, &view);
        if view
            .service_deployment
            .as_ref()
            .is_some_and(old_side_drains)
        {
            self.remember(&ours.id, |followed| {
                followed.saw_draining = true;
                followed.draining_after = draining_after;
            });
        }
        let shown = match &view.service_deployment {
            Some(api) if view.shifts_traffic => shift_observed(state, api),
            _ => Observation {
                revisions: revision_counts(ours, &view),
                ..Observation::new(state)
            },
        };
        Ok(Observation {
            targets: self.target_counts(&groups).await,
            messages: self.messages(ours, &view),
            draining_after,
            ..shown
        })
    }

    /// What ECS says, and what the caller may not see of it.
    fn messages(&self, ours: &Deployment, view: &ServiceSnapshot) -> Vec<ServiceMessage> {
        let mut messages = messages_since(ours, view);
        messages.extend(self.known().denied.as_ref().map(|denied| ServiceMessage {
            id: "service deployments are not to be read".to_owned(),
            text: format!("the deployment is followed by its id alone: {denied}"),
        }));
        messages
    }

    /// The service as it stands, with the service deployment API's word where it matters.
    pub(super) async fn view(&self, ours: &Deployment) -> Result<ServiceSnapshot, ProviderError> {
        self.view_with(ours, None).await
    }

    async fn view_with(
        &self,
        ours: &Deployment,
        api: Option<ServiceDeploymentSnapshot>,
    ) -> Result<ServiceSnapshot, ProviderError> {
        let Some(service) = self.describe_service(&ours.service).await? else {
            return Ok(ServiceSnapshot::missing());
        };
        let mut view = snapshot(&service);
        self.learn(ours, &view, &service);
        let followed = self.followed(&ours.id);
        view.former_primary = followed.former_primary;
        view.seen_before = followed.seen;
        view.since = followed.since;
        view.shifts_traffic = followed.shifts;
        let is_rolling_back = |api: &ServiceDeploymentSnapshot| api.status.is_rolling_back();
        let was_rolling_back = followed.api.as_ref().is_some_and(is_rolling_back);
        view.service_deployment = if api.is_some() {
            api
        } else if view.shifts_traffic {
            self.confirm(ours, view.since).await?
        } else if was_rolling_back && !primary_ended(&view) {
            followed.api
        } else if was_rolling_back || looks_like_an_end(ours, &view) {
            self.confirm(ours, view.since).await?
        } else {
            None
        };
        Ok(view)
    }

    fn learn(&self, ours: &Deployment, view: &ServiceSnapshot, service: &Service) {
        let before = self.known().before.get(&ours.service).cloned().flatten();
        let is_primary = view.primary().is_some_and(|primary| primary.id == ours.id);
        let created = view.deployment(&ours.id).map(|found| found.created_at);
        self.remember(&ours.id, |followed| {
            followed.target_groups = all_target_groups(service);
            followed.shifts = shifts_traffic(service);
            if let Some(created) = created {
                followed.seen = true;
                followed.since = Some(created);
            }
            if followed.service_deployment.is_none() {
                followed.service_deployment = ours.service_deployment.clone().or_else(|| {
                    service
                        .current_service_deployment()
                        .filter(|_| is_primary)
                        .map(str::to_owned)
                        .filter(|arn| before.as_ref() != Some(arn))
                });
            }
        });
    }

    /// The ARN of the service deployment, where it is known.
    pub(super) fn service_deployment_of(&self, ours: &Deployment) -> Option<String> {
        let known = self.followed(&ours.id).service_deployment;
        known.or_else(|| ours.service_deployment.clone())
    }

    /// What the service deployment API says of a deployment that began at `since`; `None` where it is not to be had.
    pub(super) async fn confirm(
        &self,
        ours: &Deployment,
        since: Option<i64>,
    ) -> Result<Option<ServiceDeploymentSnapshot>, ProviderError> {
        if self.no_service_deployments.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match self.read_service_deployment(ours, since).await {
            Ok(found) => {
                self.unanswered.store(0, Ordering::Relaxed);
                self.remember(&ours.id, |followed| followed.api.clone_from(&found));
                Ok(found)
            }
            // The next look may be answered.
            Err(error) if error.kind() == ErrorKind::Throttled => Err(error),
            // One bad answer does not make an API absent that has shown itself. Several must not
            // keep a rollback from starting.
            Err(error)
                if error.kind().is_transient()
                    && self.has_service_deployments(ours)
                    && self.unanswered.fetch_add(1, Ordering::Relaxed) < PATIENCE =>
            {
                Err(error)
            }
            // Without it nothing of a shift can be seen: a missing permission must be told.
            Err(error) if error.kind() == ErrorKind::Denied && self.followed(&ours.id).shifts => {
                Err(error)
            }
            Err(error) => {
                tracing::debug!(%error, "no service deployment API here: following the deployment's id");
                if error.kind() == ErrorKind::Denied {
                    self.known().denied = Some(error.to_string());
                }
                self.no_service_deployments.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    /// Whether the endpoint has shown that it has the service deployment API.
    fn has_service_deployments(&self, ours: &Deployment) -> bool {
        let followed = self.followed(&ours.id);
        followed.service_deployment.is_some() || followed.api.is_some()
    }

    async fn read_service_deployment(
        &self,
        ours: &Deployment,
        since: Option<i64>,
    ) -> Result<Option<ServiceDeploymentSnapshot>, ProviderError> {
        let arns = match self.service_deployment_of(ours) {
            Some(arn) => vec![arn],
            None => self.recent_service_deployments(ours).await?,
        };
        let found = self.describe_service_deployments(arns).await?;
        self.learn_revisions(&found).await?;
        let ours_is = found
            .iter()
            .filter(|one| self.target_of(one).as_ref() == Some(&ours.task_definition))
            // An earlier deployment of the same revision says nothing about this one.
            .filter(|one| since.is_none_or(|since| millis(one.created_at()) >= since - SLACK))
            .min_by_key(|one| since.map_or(0, |since| (millis(one.created_at()) - since).abs()));
        let found = ours_is.map(|one| self.as_snapshot(one));
        if let Some(found) = &found {
            self.remember(&ours.id, |followed| {
                followed.service_deployment = Some(found.arn.clone());
            });
        }
        Ok(found)
    }

    #[cfg(feature = "aws-elbv2")]
    async fn target_counts(&self, groups: &[String]) -> Option<TargetCounts> {
        let elbv2 = self.elbv2.as_ref().filter(|_| self.look_at_targets)?;
        let mut counts = TargetCounts::default();
        for group in groups {
            match elbv2.targets(group).await {
                Ok(targets) => targets
                    .iter()
                    .for_each(|target| target.count_into(&mut counts)),
                // They are shown, and decide nothing: a permission that is missing here must not
                // cost the verdict.
                Err(error) => {
                    tracing::debug!(%error, "targets not read");
                    return None;
                }
            }
        }
        Some(counts)
    }

    #[cfg(not(feature = "aws-elbv2"))]
    async fn target_counts(&self, _groups: &[String]) -> Option<TargetCounts> {
        None
    }
}

fn shift_observed(state: DeploymentState, api: &ServiceDeploymentSnapshot) -> Observation {
    Observation {
        revisions: shifted_counts(api),
        stage: stage_of(api),
        traffic: traffic_of(api),
        ..Observation::new(state)
    }
}

/// Whether the service's events are worth a call: tasks have failed since the last look, or the old
/// side has begun to drain, and the end can be forecast.
fn says_more(before: &Followed, now: &ServiceDeploymentSnapshot) -> bool {
    let failed_before = before.api.as_ref().map_or(0, |api| api.failed_tasks);
    let drains = old_side_drains(now) && !before.saw_draining;
    now.failed_tasks > failed_before || drains
}

/// Tasks that drain count as running no more.
fn old_side_drains(api: &ServiceDeploymentSnapshot) -> bool {
    let mut old = api
        .revisions
        .iter()
        .filter(|one| one.role == RevisionRole::Old);
    api.stage.as_deref() == Some("CLEAN_UP") && old.all(|one| one.running == 0)
}

/// Whether PRIMARY, whichever it is, no longer goes on.
fn primary_ended(view: &ServiceSnapshot) -> bool {
    view.primary()
        .is_some_and(|primary| primary.rollout_state != Some(RolloutState::InProgress))
}

fn looks_like_an_end(ours: &Deployment, view: &ServiceSnapshot) -> bool {
    !matches!(
        state_of(ours, view),
        DeploymentState::InProgress
            | DeploymentState::RollingBack { .. }
            | DeploymentState::ServiceGone { .. }
    )
}
