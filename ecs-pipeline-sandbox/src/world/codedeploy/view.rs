//! A deployment as GetDeployment shows it.

use serde_json::{Value, json};

use super::deployment::{Deployment, Status};
use super::lifecycle::Step;

impl Deployment {
    pub(super) fn describe(&self) -> Value {
        let mut shown = self.order.shown.clone();
        for (member, value) in [
            ("applicationName", json!(self.order.application)),
            ("deploymentGroupName", json!(self.order.group)),
            ("deploymentConfigName", json!(self.order.config)),
            ("deploymentId", json!(self.id)),
            ("status", json!(self.status.name())),
            ("createTime", json!(self.created_at.epoch_seconds())),
            ("deploymentOverview", self.overview()),
            ("creator", json!(self.creator())),
            ("ignoreApplicationStopFailures", json!(false)),
            ("updateOutdatedInstancesOnly", json!(false)),
            (
                "instanceTerminationWaitTimeStarted",
                json!(self.waits_to_terminate()),
            ),
            ("fileExistsBehavior", json!("DISALLOW")),
            ("deploymentStatusMessages", json!([])),
            ("computePlatform", json!("ECS")),
        ] {
            shown[member] = value;
        }
        for (member, value) in self.optional() {
            if let Some(value) = value {
                shown[member] = value;
            }
        }
        shown
    }

    fn optional(&self) -> [(&'static str, Option<Value>); 7] {
        let there = |value: &Value| (!value.is_null()).then(|| value.clone());
        [
            ("revision", there(&self.order.revision)),
            ("previousRevision", there(&self.order.previous_revision)),
            (
                "startTime",
                self.started_at.map(|t| json!(t.epoch_seconds())),
            ),
            (
                "completeTime",
                self.completed_at.map(|t| json!(t.epoch_seconds())),
            ),
            (
                "description",
                self.order.description.as_ref().map(|d| json!(d)),
            ),
            (
                "errorInformation",
                self.fault
                    .as_ref()
                    .map(|fault| json!({"code": fault.code, "message": fault.message})),
            ),
            ("rollbackInfo", self.describe_rollback()),
        ]
    }

    fn waits_to_terminate(&self) -> bool {
        self.steps.first() == Some(&Step::WaitAndTerminate)
    }

    /// How many targets stand where: a deployment to ECS has one.
    fn overview(&self) -> Value {
        let own = self.target_status();
        let mut overview = json!({});
        for status in [
            "Pending",
            "InProgress",
            "Succeeded",
            "Failed",
            "Skipped",
            "Ready",
        ] {
            overview[status] = json!(u8::from(status == own));
        }
        overview
    }

    /// `status` of its target.
    pub(super) fn target_status(&self) -> &'static str {
        match self.status {
            Status::Created => "Pending",
            Status::InProgress => "InProgress",
            Status::Ready => "Ready",
            Status::Succeeded => "Succeeded",
            Status::Failed => "Failed",
            Status::Stopped => "Skipped",
        }
    }
}
