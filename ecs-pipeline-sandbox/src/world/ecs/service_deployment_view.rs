//! Service deployments and revisions as List and Describe show them.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::ServiceRevision;
use super::input::{invalid, missing, read};
use super::service::Service;
use super::service_deployment::ServiceDeployment;
use super::strategy::HookRun;
use super::{ApiError, Ecs, Time};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    service: String,
    cluster: Option<String>,
    #[serde(default)]
    status: Vec<String>,
    created_at: Option<CreatedAt>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct CreatedAt {
    before: Option<f64>,
    after: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    service_deployment_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevisionsInput {
    service_revision_arns: Vec<String>,
}

impl ServiceDeployment {
    fn brief(&self, service: &Service) -> Value {
        let mut shown = json!({
            "serviceDeploymentArn": self.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": self.created_at.epoch_seconds(),
            "targetServiceRevisionArn": self.target.arn,
            "status": self.state.name(),
        });
        self.add_moments(&mut shown);
        shown
    }

    fn add_moments(&self, shown: &mut Value) {
        for (member, at) in [
            ("startedAt", self.started_at),
            ("finishedAt", self.finished_at),
            ("stoppedAt", self.stopped_at),
        ] {
            if let Some(at) = at {
                shown[member] = json!(at.epoch_seconds());
            }
        }
        if let Some(reason) = &self.status_reason {
            shown["statusReason"] = json!(reason);
        }
    }
}

impl Ecs {
    pub(super) fn list_service_deployments(&self, input: Value) -> Result<Value, ApiError> {
        let input: ListInput = read(&input)?;
        let cluster = &self.cluster(input.cluster.as_deref())?.name;
        let key = self
            .service_key(cluster, &input.service)
            .ok_or_else(|| ApiError::client("ServiceNotFoundException", "Service not found."))?;
        let service = &self.services[&key];
        let in_time = |at: Time| {
            let at = at.epoch_seconds();
            input.created_at.as_ref().is_none_or(|c| {
                c.before.is_none_or(|before| at < before) && c.after.is_none_or(|after| at > after)
            })
        };
        let found: Vec<Value> = service
            .history
            .iter()
            .rev()
            .filter(|d| input.status.is_empty() || input.status.iter().any(|s| s == d.state.name()))
            .filter(|d| in_time(d.created_at))
            .map(|d| d.brief(service))
            .collect();
        let start: usize = match &input.next_token {
            None => 0,
            Some(token) => token.parse().map_err(|_| invalid("Invalid token."))?,
        };
        let end = start
            .saturating_add(input.max_results.unwrap_or(20).clamp(1, 100))
            .min(found.len());
        let mut answer = json!({ "serviceDeployments": found.get(start..end).unwrap_or_default() });
        if end < found.len() {
            answer["nextToken"] = json!(end.to_string());
        }
        Ok(answer)
    }

    pub(super) fn describe_service_deployments(&self, input: Value) -> Result<Value, ApiError> {
        let input: DescribeInput = read(&input)?;
        if !(1..=20).contains(&input.service_deployment_arns.len()) {
            return Err(invalid("serviceDeploymentArns must have 1 to 20 elements."));
        }
        let (mut shown, mut failures) = (Vec::new(), Vec::new());
        for arn in &input.service_deployment_arns {
            let found = self
                .services
                .values()
                .find_map(|s| s.history.iter().find(|d| d.arn == *arn).map(|d| (s, d)));
            match found {
                Some((service, record)) => {
                    shown.push(self.describe_service_deployment(service, record));
                }
                None => failures.push(missing(arn)),
            }
        }
        Ok(json!({ "serviceDeployments": shown, "failures": failures }))
    }

    fn describe_service_deployment(&self, service: &Service, record: &ServiceDeployment) -> Value {
        let mut target = self.describe_revision_counts(service, &record.target);
        record.shares.show(&mut target, true);
        let mut shown = json!({
            "serviceDeploymentArn": record.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": record.created_at.epoch_seconds(),
            "updatedAt": record.updated_at.epoch_seconds(),
            "status": record.state.name(),
            "sourceServiceRevisions": record
                .sources
                .iter()
                .map(|r| self.describe_source(service, record, r))
                .collect::<Value>(),
            "targetServiceRevision": target,
            "deploymentConfiguration": record.configuration,
            "deploymentCircuitBreaker": {
                "status": record.monitor.name(),
                "failureCount": record.failures,
                "threshold": record.threshold,
            },
            "alarms": record.alarms.describe(),
        });
        record.add_moments(&mut shown);
        if let Some(stage) = record.stage {
            shown["lifecycleStage"] = json!(stage);
        }
        if !record.hooks.is_empty() {
            shown["lifecycleHookDetails"] = record.hooks.iter().map(HookRun::describe).collect();
        }
        if let Some(rollback) = &record.rollback {
            shown["rollback"] = json!({
                "reason": rollback.reason,
                "startedAt": rollback.started_at.epoch_seconds(),
                "serviceRevisionArn": rollback.revision_arn,
            });
        }
        shown
    }

    /// A revision that is replaced. What the target has not got of the traffic is with the one
    /// that served before it.
    fn describe_source(
        &self,
        service: &Service,
        record: &ServiceDeployment,
        revision: &Arc<ServiceRevision>,
    ) -> Value {
        let mut shown = self.describe_revision_counts(service, revision);
        let serves = record.serving.as_ref() == Some(&revision.arn);
        if serves {
            record.shares.show(&mut shown, false);
        }
        shown
    }

    fn describe_revision_counts(&self, service: &Service, revision: &ServiceRevision) -> Value {
        let counts = self.count_tasks(service, |t| {
            t.owner
                .as_ref()
                .is_some_and(|o| o.revision.arn == revision.arn)
        });
        let requested: u32 = service
            .deployments
            .iter()
            .enumerate()
            .filter(|(_, d)| d.revision.arn == revision.arn)
            .map(|(index, _)| service.wanted_of(index))
            .sum();
        json!({
            "arn": revision.arn,
            "requestedTaskCount": requested,
            "runningTaskCount": counts.running,
            "pendingTaskCount": counts.pending,
        })
    }

    pub(super) fn describe_service_revisions(&self, input: Value) -> Result<Value, ApiError> {
        let input: RevisionsInput = read(&input)?;
        if !(1..=20).contains(&input.service_revision_arns.len()) {
            return Err(invalid("serviceRevisionArns must have 1 to 20 elements."));
        }
        let (mut shown, mut failures) = (Vec::new(), Vec::new());
        for arn in &input.service_revision_arns {
            let found = self
                .services
                .values()
                .find_map(|s| s.revisions.iter().find(|r| r.arn == *arn).map(|r| (s, r)));
            match found {
                Some((service, revision)) => shown.push(self.describe_revision(service, revision)),
                None => failures.push(missing(arn)),
            }
        }
        Ok(json!({ "serviceRevisions": shown, "failures": failures }))
    }
}

impl Ecs {
    fn describe_revision(&self, service: &Service, revision: &ServiceRevision) -> Value {
        let mut shown = Value::Object(revision.settings.clone());
        let images: Value = revision
            .definition
            .parsed
            .container_definitions
            .iter()
            .map(|c| {
                let mut shown = json!({"containerName": c.name, "image": c.image});
                let named = c.image.split_once('@').map(|(_, digest)| digest);
                if let Some(digest) = self.images.digest(revision, &c.name).or(named) {
                    shown["imageDigest"] = json!(digest);
                }
                shown
            })
            .collect();
        let record = service
            .history
            .iter()
            .find(|d| d.target.arn == revision.arn);
        let lane = record.map(|record| record.lane).unwrap_or_default();
        let resolved: Vec<Value> = revision
            .load_balancers
            .iter()
            .map(|lb| lb.resolved(lane))
            .collect();
        if !resolved.is_empty() {
            shown["resolvedConfiguration"] = json!({ "loadBalancers": resolved });
        }
        for (member, value) in [
            ("serviceRevisionArn", json!(revision.arn)),
            ("serviceArn", json!(service.arn)),
            ("clusterArn", json!(service.cluster_arn)),
            ("taskDefinition", json!(revision.definition.arn)),
            ("launchType", json!(revision.launch_type())),
            ("containerImages", images),
            ("guardDutyEnabled", json!(false)),
            ("createdAt", json!(revision.created_at.epoch_seconds())),
        ] {
            shown[member] = value;
        }
        shown
    }
}
