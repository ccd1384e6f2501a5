//! A simulated service: its deployments, and what becomes of them as they are looked at.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::Rollout;
use crate::model::{
    Deployment, DeploymentId, DeploymentState, Digest, ECS_STAGES, RevisionCounts, RevisionRole,
    ServiceMessage, ServiceRef, Stage, TaskDefinitionArn, TrafficShare,
};

/// Tasks that every simulated service wants.
const DESIRED: u32 = 2;

/// The circuit breaker's words in `rolloutStateReason`.
const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";

/// Everything that a simulated deployer knows.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) services: BTreeMap<ServiceRef, Service>,
    pub(super) revisions: BTreeMap<TaskDefinitionArn, Value>,
    /// How the next deployments go, whatever they bring.
    pub(super) script: VecDeque<Rollout>,
    /// How deployments of a revision with this image go.
    pub(super) images: BTreeMap<Digest, Rollout>,
}

#[derive(Debug)]
pub(super) struct Service {
    name: ServiceRef,
    last_id: u32,
    pub(super) active: bool,
    /// Oldest first: the last one is PRIMARY.
    entries: Vec<Entry>,
    /// What its tasks really run: the revision of the last deployment that completed.
    pub(super) running: Option<TaskDefinitionArn>,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) deployment: Deployment,
    pub(super) progress: Progress,
    rollout: Rollout,
    looks: u32,
    /// Whether somebody let it go on where it was held.
    released: bool,
    /// The revision that somebody else deploys, where the rollout has it so.
    pub(super) rival: Option<TaskDefinitionArn>,
    /// The deployment that this one undoes.
    undoes: Option<DeploymentId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Going,
    Completed,
    Failed,
}

impl Entry {
    /// The stage that it has reached: the first look sees the first one.
    fn stage(&self) -> Option<&'static str> {
        let Rollout::Shifts { .. } = self.rollout else {
            return None;
        };
        let reached = (self.looks as usize).checked_sub(1)?;
        ECS_STAGES.get(reached).copied()
    }

    /// The stage that it does not leave by itself.
    fn hold(&self) -> Option<&'static str> {
        let Rollout::Shifts { held_at } = self.rollout else {
            return None;
        };
        self.stage()
            .filter(|stage| !self.released && held_at == Some(*stage))
    }
}

impl World {
    /// How the next deployment of a revision goes.
    pub(super) fn next_rollout(&mut self, revision: &TaskDefinitionArn) -> Rollout {
        if let Some(scripted) = self.script.pop_front() {
            return scripted;
        }
        let document = self.revisions.get(revision).map(Value::to_string);
        let document = document.unwrap_or_default();
        let known = self
            .images
            .iter()
            .find(|(image, _)| document.contains(image.as_str()));
        known.map_or_else(Rollout::default, |(_, rollout)| *rollout)
    }

    /// One look at a deployment: it moves on by this.
    pub(super) fn look(&mut self, deployment: &Deployment) -> Option<DeploymentState> {
        let service = self.services.get_mut(&deployment.service)?;
        let index = service.index(&deployment.id)?;
        service.advance();
        Some(service.state(index))
    }
}

impl Service {
    pub(super) fn new(name: ServiceRef) -> Self {
        Self {
            name,
            last_id: 0,
            active: true,
            entries: Vec::new(),
            running: None,
        }
    }

    pub(super) fn index(&self, id: &DeploymentId) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| entry.deployment.id == *id)
    }

    pub(super) fn deployments(&self) -> Vec<Deployment> {
        self.entries
            .iter()
            .map(|entry| entry.deployment.clone())
            .collect()
    }

    pub(super) fn times_undone(&self, id: &DeploymentId) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.undoes.as_ref() == Some(id))
            .count()
    }

    /// The PRIMARY deployment.
    pub(super) fn primary(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// The PRIMARY deployment, if it undoes `id`.
    pub(super) fn undoing(&self, id: &DeploymentId) -> Option<&Entry> {
        self.primary()
            .filter(|primary| primary.undoes.as_ref() == Some(id))
    }

    pub(super) fn push(
        &mut self,
        revision: TaskDefinitionArn,
        rollout: Rollout,
        undoes: Option<DeploymentId>,
    ) -> &mut Entry {
        self.last_id += 1;
        let id = DeploymentId::new(format!("ecs-svc/{}", self.last_id));
        let entry = Entry {
            deployment: Deployment {
                last_good: self.running.clone(),
                ..Deployment::new(self.name.clone(), id, revision)
            },
            progress: Progress::Going,
            rollout,
            looks: 0,
            released: false,
            rival: None,
            undoes,
        };
        let place = self.entries.len();
        self.entries.push(entry);
        &mut self.entries[place]
    }

    /// Adds a deployment that has completed already.
    pub(super) fn push_completed(&mut self, revision: TaskDefinitionArn) {
        self.push(revision.clone(), Rollout::default(), None)
            .progress = Progress::Completed;
        self.running = Some(revision);
    }

    /// The PRIMARY deployment was seen once more.
    fn advance(&mut self) {
        let Some(primary) = self.entries.last_mut() else {
            return;
        };
        if primary.progress != Progress::Going || !self.active {
            return;
        }
        if primary.hold().is_some() {
            return;
        }
        primary.looks += 1;
        if primary
            .rollout
            .looks()
            .is_none_or(|looks| primary.looks <= looks)
        {
            return;
        }
        let done = primary.clone();
        match done.rollout {
            Rollout::Succeeds { .. } | Rollout::Shifts { .. } => {
                primary.progress = Progress::Completed;
                self.running = Some(done.deployment.task_definition);
            }
            Rollout::Fails { .. } => primary.progress = Progress::Failed,
            Rollout::FailsAndRollsBack { rolling_back, .. } => {
                primary.progress = Progress::Failed;
                let back = Rollout::Succeeds {
                    looks: rolling_back,
                };
                self.roll_back_by_itself(&done, back);
            }
            Rollout::RollbackFails { rolling_back, .. } => {
                primary.progress = Progress::Failed;
                let back = Rollout::Fails {
                    looks: rolling_back,
                };
                self.roll_back_by_itself(&done, back);
            }
            Rollout::Superseded { .. } => {
                if let Some(rival) = done.rival {
                    self.push_completed(rival);
                }
            }
            Rollout::ServiceDeleted { .. } => self.active = false,
            Rollout::NeverEnds => {}
        }
    }

    fn roll_back_by_itself(&mut self, failed: &Entry, rollout: Rollout) {
        if let Some(former) = failed.deployment.last_good.clone() {
            let undoes = Some(failed.deployment.id.clone());
            let back = self.push(former, rollout, undoes);
            // The look that saw the failure sees the rollback begin.
            back.looks = 1;
        }
    }

    /// Lets the PRIMARY deployment go on where it is held; whether it was.
    pub(super) fn release(&mut self, id: &DeploymentId) -> bool {
        let held = self
            .entries
            .last_mut()
            .filter(|primary| primary.deployment.id == *id && primary.hold().is_some());
        held.map(|primary| primary.released = true).is_some()
    }

    fn going(&self, deployment: &Deployment) -> Option<&Entry> {
        self.primary().filter(|primary| {
            primary.deployment.id == deployment.id && primary.progress == Progress::Going
        })
    }

    pub(super) fn stage(&self, deployment: &Deployment) -> Option<Stage> {
        let entry = self.going(deployment)?;
        Some(Stage {
            name: entry.stage()?.to_owned(),
            held: entry.hold().map(|stage| format!("a hook of {stage}")),
        })
    }

    /// All traffic or none of it: the simulated weights have no steps.
    pub(super) fn traffic(&self, deployment: &Deployment) -> Option<TrafficShare> {
        let stage = self.going(deployment)?.stage()?;
        let place = |name| ECS_STAGES.iter().position(|known| *known == name);
        let moved = place(stage) >= place("PRODUCTION_TRAFFIC_SHIFT");
        Some(TrafficShare {
            production: if moved { 100.0 } else { 0.0 },
            test: None,
        })
    }

    fn state(&self, index: usize) -> DeploymentState {
        let entry = &self.entries[index];
        let reason = BREAKER.to_owned();
        if !self.active {
            return DeploymentState::ServiceGone {
                reason: "the service is INACTIVE".to_owned(),
            };
        }
        if let Some(back) = self.undoing(&entry.deployment.id) {
            return match back.progress {
                Progress::Going => DeploymentState::RollingBack { reason },
                Progress::Completed => DeploymentState::RolledBack {
                    reason,
                    to: Some(back.deployment.task_definition.clone()),
                },
                Progress::Failed => DeploymentState::RollbackFailed { reason },
            };
        }
        if let Some(newer) = self.primary().filter(|_| index + 1 < self.entries.len()) {
            return DeploymentState::Superseded {
                by: Some(newer.deployment.id.clone()),
                task_definition: Some(newer.deployment.task_definition.clone()),
            };
        }
        match entry.progress {
            Progress::Going => DeploymentState::InProgress,
            Progress::Completed => DeploymentState::Succeeded,
            Progress::Failed => DeploymentState::Failed { reason },
        }
    }

    /// Task counts that go with the state: all old while it goes on, all new when it completed.
    pub(super) fn counts(&self, deployment: &Deployment) -> Vec<RevisionCounts> {
        let count = |revision: &TaskDefinitionArn, role| {
            let runs = self.running.as_ref() == Some(revision);
            let wanted = self
                .primary()
                .is_some_and(|primary| primary.deployment.task_definition == *revision);
            RevisionCounts {
                task_definition: revision.clone(),
                role,
                desired: if wanted { DESIRED } else { 0 },
                running: if runs { DESIRED } else { 0 },
                pending: if wanted && !runs { DESIRED } else { 0 },
                failed: 0,
            }
        };
        let new = &deployment.task_definition;
        let mut counts = vec![count(new, RevisionRole::New)];
        let old = self.running.as_ref().filter(|running| *running != new);
        counts.extend(old.map(|old| count(old, RevisionRole::Old)));
        counts
    }

    /// The service events of a deployment, in ECS's words.
    pub(super) fn messages(&self, deployment: &Deployment) -> Vec<ServiceMessage> {
        let since = self.index(&deployment.id).unwrap_or(self.entries.len());
        self.entries[since..]
            .iter()
            .filter_map(|entry| {
                let id = entry.deployment.id.as_str();
                let said = match entry.progress {
                    Progress::Going => return None,
                    Progress::Completed => "deployment completed.",
                    Progress::Failed => "deployment failed: tasks failed to start.",
                };
                Some(ServiceMessage {
                    id: format!("{id} {:?}", entry.progress),
                    text: format!("(service {}) (deployment {id}) {said}", self.name.service),
                })
            })
            .collect()
    }

    pub(super) fn is_failed(&self, deployment: &Deployment) -> bool {
        self.index(&deployment.id)
            .is_some_and(|index| self.entries[index].progress == Progress::Failed)
    }
}
