//! What explains a failure: CodeDeploy's error and failed events, green's tasks and targets.

use aws_sdk_codedeploy::types::{ErrorCode, ErrorInformation};
use aws_sdk_ecs::types::{Service, ServiceEvent};

use super::follow::{View, is_task_set};
use super::{CodeDeployDeployer, target, verdict};
use crate::aws::ecs::describe::millis;
use crate::model::{Deployment, DeploymentId};
use crate::provider::Evidence;
use crate::rolling::sounds_like_a_problem;

impl CodeDeployDeployer {
    pub(super) async fn collect_evidence(&self, ours: &Deployment) -> Evidence {
        let mut evidence = Evidence::default();
        if is_task_set(&ours.id) {
            return evidence;
        }
        match self.view(ours).await {
            Ok(view) => self.read_deployment(ours, &view, &mut evidence).await,
            Err(error) => evidence.not_read.push(error.to_string()),
        }
        if let Some(green) = self.followed(&ours.id).green {
            self.read_tasks(ours, green, &mut evidence).await;
        }
        self.read_service(ours, &mut evidence).await;
        evidence
    }

    async fn read_deployment(&self, ours: &Deployment, view: &View, evidence: &mut Evidence) {
        if let Some(error) = view.info.error_information() {
            evidence.controller = Some(verdict::reason(&view.info));
            evidence.messages.push(verdict::reason(&view.info));
            let advice = error.code().and_then(advice);
            evidence.messages.extend(advice.map(str::to_owned));
        }
        if let Some(error) = view.back.as_ref().and_then(|back| back.error_information()) {
            let said = ErrorInformation::message(error).unwrap_or_default();
            evidence.messages.push(format!("rollback: {said}"));
        }
        // While it is rolled back, the target in view is the rollback's.
        let own = match &view.back {
            None => Ok(view.target.clone()),
            Some(_) => self.get_target(ours.id.as_str()).await,
        };
        match own {
            Ok(Some(own)) => {
                if let Some(green) = target::green(&own).and_then(target::id_of) {
                    self.remember(&ours.id, |followed| {
                        followed.green = Some(green.to_owned());
                    });
                }
                evidence.messages.extend(target::failures(&own));
            }
            Ok(None) => {}
            Err(error) => evidence.not_read.push(error.to_string()),
        }
    }

    /// ECS says that a task was started by its task set.
    async fn read_tasks(&self, ours: &Deployment, green: String, evidence: &mut Evidence) {
        let set = Deployment {
            id: DeploymentId::new(green),
            ..ours.clone()
        };
        match self.ecs.stopped_tasks(&set).await {
            Ok(tasks) => evidence.stopped_tasks = tasks,
            Err(error) => evidence.not_read.push(error.to_string()),
        }
        if !evidence.stopped_tasks.is_empty() {
            self.ecs.add_last_lines(&set, evidence).await;
        }
    }

    async fn read_service(&self, ours: &Deployment, evidence: &mut Evidence) {
        let service = match self.ecs.describe_service(&ours.service).await {
            Ok(Some(service)) => service,
            Ok(None) => return,
            Err(error) => return evidence.not_read.push(error.to_string()),
        };
        evidence.messages.extend(self.troubles(ours, &service));
        let mut groups: Vec<String> = service
            .task_sets()
            .iter()
            .flat_map(|set| set.load_balancers())
            .chain(service.load_balancers())
            .filter_map(|balancer| balancer.target_group_arn().map(str::to_owned))
            .collect();
        groups.sort_unstable();
        groups.dedup();
        self.ecs.read_targets(&groups, evidence).await;
    }
}

impl CodeDeployDeployer {
    /// What ECS said of the service since the deployment began that sounds like a problem, oldest
    /// first; of another task set's troubles nothing.
    fn troubles(&self, ours: &Deployment, service: &Service) -> Vec<String> {
        let followed = self.followed(&ours.id);
        let green = followed.green.as_deref();
        let created = |event: &ServiceEvent| millis(event.created_at());
        let mut troubles: Vec<_> = service
            .events()
            .iter()
            .filter(|event| followed.since.is_some_and(|since| created(event) >= since))
            .filter_map(|event| Some((created(event), event.message()?)))
            .filter(|(_, text)| sounds_like_a_problem(text) && concerns(text, green))
            .collect();
        troubles.sort_by_key(|(at, _)| *at);
        let texts = troubles.into_iter().map(|(_, text)| text.to_owned());
        texts.collect()
    }
}

/// Whether an event of the service is about a task set, or about none.
fn concerns(text: &str, set: Option<&str>) -> bool {
    match text.split_once("taskSet ") {
        Some((_, rest)) => set.is_some_and(|set| rest.starts_with(set)),
        None => true,
    }
}

/// What to do about an error of CodeDeploy's
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html>).
fn advice(code: &ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::AlarmActive => "look at the metric of the alarm for the new version",
        ErrorCode::EcsUpdateError => {
            "compare the AppSpec's container and port with the task definition, and the service's target groups with the deployment group's"
        }
        ErrorCode::ElasticLoadBalancingInvalid | ErrorCode::MissingElbInformation => {
            "see that the deployment group names both target groups and the production listener, and that the listener forwards to the target group that is live"
        }
        ErrorCode::HookExecutionFailure => {
            "look at the log of the hook's function: it must report Succeeded within an hour"
        }
        ErrorCode::IamRoleMissing | ErrorCode::IamRolePermissions => {
            "give the deployment group's service role what `ecs-pipeline iam-policy --for codedeploy` prints, or AWSCodeDeployRoleForECS and iam:PassRole for the roles of the task definition"
        }
        ErrorCode::InvalidEcsService => {
            "see that the service is there, has the deployment controller CODE_DEPLOY, and is in no other deployment group"
        }
        ErrorCode::InvalidRevision | ErrorCode::RevisionMissing => {
            "see that the AppSpec is valid, and that CodeDeploy's service role can read it where it lies"
        }
        ErrorCode::MissingBlueGreenDeploymentConfiguration => {
            "give the deployment group a blue/green deployment configuration"
        }
        ErrorCode::ResourceLimitExceeded => "ask for a higher quota, or clean up",
        ErrorCode::Throttled => "deploy again when fewer deployments are under way",
        ErrorCode::Timeout => {
            "see why the new tasks did not become healthy, or why nobody let the traffic through in time"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_codedeploy_says_of_ecs_has_advice_and_what_a_person_did_has_none() {
        let advised = [
            "ALARM_ACTIVE",
            "ECS_UPDATE_ERROR",
            "ELASTIC_LOAD_BALANCING_INVALID",
            "HOOK_EXECUTION_FAILURE",
            "IAM_ROLE_MISSING",
            "IAM_ROLE_PERMISSIONS",
            "INVALID_ECS_SERVICE",
            "INVALID_REVISION",
            "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION",
            "MISSING_ELB_INFORMATION",
            "RESOURCE_LIMIT_EXCEEDED",
            "REVISION_MISSING",
            "THROTTLED",
            "TIMEOUT",
        ];
        for code in advised {
            assert!(advice(&ErrorCode::from(code)).is_some(), "{code}");
        }
        for code in ["MANUAL_STOP", "INTERNAL_ERROR", "NOBODY_KNOWS"] {
            assert_eq!(advice(&ErrorCode::from(code)), None, "{code}");
        }
    }

    #[test]
    fn events_of_other_task_sets_are_none_of_it() {
        let green = Some("ecs-svc/2");
        let table = [
            (
                "(service web, taskSet ecs-svc/2) (port 80) is unhealthy",
                green,
                true,
            ),
            (
                "(service web, taskSet ecs-svc/1) (port 80) is unhealthy",
                green,
                false,
            ),
            (
                "(service web, taskSet ecs-svc/1) (port 80) is unhealthy",
                None,
                false,
            ),
            ("(service web) was unable to place a task", green, true),
        ];
        for (text, set, expected) in table {
            assert_eq!(concerns(text, set), expected, "{text}");
        }
    }
}
