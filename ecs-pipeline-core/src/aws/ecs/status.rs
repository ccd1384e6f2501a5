//! What `ecs-pipeline status` shows.

use aws_sdk_ecs::types::{ServiceDeployment, TaskSet};
use serde::{Deserialize, Serialize};

use super::EcsDeployer;
use super::describe::{millis, snapshot};
use crate::error::ProviderError;
use crate::model::{
    DeploymentId, RevisionCounts, RevisionRole, ServiceMessage, ServiceRef, Stage,
    TaskDefinitionArn, TrafficShare,
};
use crate::rolling::{ServiceSnapshot, stage_of, traffic_of};

/// How many past deployments and events are shown.
const PAST: i32 = 5;
const EVENTS: usize = 10;

/// A service as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// Which service.
    pub service: ServiceRef,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// The revision that it is set to.
    pub task_definition: Option<TaskDefinitionArn>,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// The deployments that still have tasks, PRIMARY first; the task sets of a service that
    /// CodeDeploy controls.
    pub deployments: Vec<PresentDeployment>,
    /// The latest events, oldest first.
    pub events: Vec<ServiceMessage>,
    /// The latest service deployments, the latest first; empty where the endpoint has no such API.
    pub past: Vec<PastDeployment>,
}

/// A deployment that still has tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// How far it is, in ECS's word.
    pub rollout_state: Option<String>,
    /// Why, in ECS's words.
    pub reason: Option<String>,
    /// Its tasks. [`RevisionRole::New`] is the PRIMARY one.
    pub counts: RevisionCounts,
}

/// A service deployment of the last 90 days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastDeployment {
    /// Its ARN.
    pub arn: String,
    /// How it ended, or that it goes on, in ECS's word.
    pub status: String,
    /// The stage that it has reached, where it goes on.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// The new revision's share of the traffic, where it goes on and shifts traffic.
    #[serde(default)]
    pub traffic: Option<TrafficShare>,
    /// Why, in ECS's words.
    pub reason: Option<String>,
    /// The revision that it brought.
    pub task_definition: Option<TaskDefinitionArn>,
    /// When it was created, in milliseconds since 1970.
    pub created_at: i64,
    /// When it ended, in milliseconds since 1970.
    pub finished_at: Option<i64>,
}

impl EcsDeployer {
    /// How a service stands, and its latest deployments.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when the service does not exist or is not active.
    pub async fn status(&self, service: &ServiceRef) -> Result<ServiceStatus, ProviderError> {
        let found = self.active_service(service).await?;
        let view = snapshot(&found);
        let past = match found.task_sets() {
            [] => self.past_deployments(service, None, PAST).await,
            // CodeDeploy's deployments are none of ECS's.
            _ => Ok(Vec::new()),
        };
        let past = past.unwrap_or_else(|error| {
            tracing::debug!(%error, "no history of service deployments");
            Vec::new()
        });
        Ok(ServiceStatus {
            service: service.clone(),
            status: view.status.clone(),
            task_definition: found.task_definition().and_then(|arn| arn.parse().ok()),
            desired: view.desired,
            running: view.running,
            pending: view.pending,
            deployments: match found.task_sets() {
                [] => present(&view),
                sets => task_sets(sets),
            },
            events: latest_events(&view),
            past: past.iter().map(|one| self.past(one)).collect(),
        })
    }

    fn past(&self, one: &ServiceDeployment) -> PastDeployment {
        let goes_on = one.finished_at().is_none().then(|| self.as_snapshot(one));
        PastDeployment {
            arn: one.service_deployment_arn().unwrap_or_default().to_owned(),
            status: one.status().map_or("", |status| status.as_str()).to_owned(),
            stage: goes_on.as_ref().and_then(stage_of),
            traffic: goes_on.as_ref().and_then(traffic_of),
            reason: one.status_reason().map(str::to_owned),
            task_definition: self.target_of(one),
            created_at: millis(one.created_at()),
            finished_at: one.finished_at().map(|time| millis(Some(time))),
        }
    }
}

/// What CodeDeploy's service has in place of deployments.
fn task_sets(sets: &[TaskSet]) -> Vec<PresentDeployment> {
    let count = |count: i32| u32::try_from(count).unwrap_or_default();
    let present = sets.iter().filter_map(|set| {
        let role = match set.status() {
            Some("PRIMARY") => RevisionRole::New,
            _ => RevisionRole::Old,
        };
        let stability = set.stability_status().map(|status| status.as_str());
        Some(PresentDeployment {
            id: DeploymentId::new(set.external_id().or(set.id())?),
            rollout_state: stability.map(str::to_owned),
            reason: set.status().map(|status| format!("task set {status}")),
            counts: RevisionCounts {
                task_definition: set.task_definition()?.parse().ok()?,
                role,
                desired: count(set.computed_desired_count()),
                running: count(set.running_count()),
                pending: count(set.pending_count()),
                failed: 0,
            },
        })
    });
    let mut present: Vec<_> = present.collect();
    present.sort_by_key(|one| one.counts.role == RevisionRole::Old);
    present
}

fn present(view: &ServiceSnapshot) -> Vec<PresentDeployment> {
    let primary = view.primary().map(|primary| primary.id.clone());
    let mut present: Vec<PresentDeployment> = view
        .deployments
        .iter()
        .map(|one| PresentDeployment {
            id: one.id.clone(),
            rollout_state: one
                .rollout_state
                .as_ref()
                .map(|state| state.as_str().to_owned()),
            reason: one.rollout_state_reason.clone(),
            counts: one.counts(if primary.as_ref() == Some(&one.id) {
                RevisionRole::New
            } else {
                RevisionRole::Old
            }),
        })
        .collect();
    present.sort_by_key(|one| one.counts.role == RevisionRole::Old);
    present
}

fn latest_events(view: &ServiceSnapshot) -> Vec<ServiceMessage> {
    let mut events: Vec<_> = view.events.iter().rev().collect();
    events.sort_by_key(|event| event.created_at);
    let skipped = events.len().saturating_sub(EVENTS);
    events
        .into_iter()
        .skip(skipped)
        .map(|event| ServiceMessage {
            id: event.id.clone(),
            text: event.text.clone(),
        })
        .collect()
}
