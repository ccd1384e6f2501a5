//! Going back: a deployment of its own, that returns the traffic and removes the replacement.

use serde_json::{Value, json};

use super::config::Routing;
use super::deployment::{Deployment, Order};

use super::lifecycle::Step;
use super::{Ids, Time, deployment_id};

/// `rollbackInfo`.
#[derive(Debug, Default)]
pub(super) struct RollbackInfo {
    /// The deployment that takes this one back.
    deployment: Option<String>,
    message: Option<String>,
}

impl Deployment {
    /// The rollback deployment that this one has come to need, once.
    pub(super) fn take_rollback(&mut self, ids: &mut Ids, now: Time) -> Option<Self> {
        if !std::mem::take(&mut self.rollback_wanted) {
            return None;
        }
        let order = Order {
            // The traffic goes back at once, however it went over.
            routing: Routing::AllAtOnce,
            revision: self.order.previous_revision.clone(),
            previous_revision: self.order.revision.clone(),
            app_spec: None,
            description: Some(format!("Rollback of deployment {}", self.id)),
            ..self.order.clone()
        };
        let steps = vec![Step::ReturnTraffic, Step::RemoveReplacement];
        let mut rollback = Self::new(deployment_id(ids), now, order, steps);
        rollback.blue = self.blue.clone();
        rollback.green = self.green.clone();
        rollback.percent = self.percent;
        rollback.undoes = Some(self.id.clone());
        self.rollback = RollbackInfo {
            message: Some(format!(
                "Deployment {} is rolled back by deployment {}",
                self.id, rollback.id
            )),
            deployment: Some(rollback.id.clone()),
        };
        Some(rollback)
    }

    /// `rollbackInfo`, where there is any.
    pub(super) fn describe_rollback(&self) -> Option<Value> {
        if let Some(undone) = &self.undoes {
            return Some(json!({"rollbackTriggeringDeploymentId": undone}));
        }
        let info = &self.rollback;
        let id = info.deployment.as_ref()?;
        Some(json!({"rollbackDeploymentId": id, "rollbackMessage": info.message}))
    }

    pub(super) fn creator(&self) -> &'static str {
        match self.undoes {
            Some(_) => "codeDeployRollback",
            None => "user",
        }
    }
}
