//! Services as DescribeServices and ListServices show them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::Counts;
use super::input::{invalid, listed, missing, page, read};
use super::service::{Service, Status};
use super::task::{Phase, Task};
use super::{ApiError, Ecs};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    cluster: Option<String>,
    services: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    launch_type: Option<String>,
    scheduling_strategy: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Ecs {
    pub(super) fn describe_services(&self, input: Value) -> Result<Value, ApiError> {
        let input: DescribeInput = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?;
        if input.services.is_empty() {
            return Err(invalid("Services cannot be empty."));
        }
        if input.services.len() > 10 {
            return Err(invalid("Services cannot have more than 10 elements."));
        }
        let with_tags = input.include.iter().any(|i| i == "TAGS");
        let (mut services, mut failures) = (Vec::new(), Vec::new());
        for named in &input.services {
            match self.service_key(&cluster.name, named) {
                Some(key) => services.push(self.describe_service(&self.services[&key], with_tags)),
                None => {
                    let arn = match named.starts_with("arn:") {
                        true => named.clone(),
                        false => {
                            let prefix = cluster.arn.replacen(":cluster/", ":service/", 1);
                            format!("{prefix}/{named}")
                        }
                    };
                    failures.push(missing(&arn));
                }
            }
        }
        Ok(json!({ "services": services, "failures": failures }))
    }

    pub(super) fn list_services(&self, input: Value) -> Result<Value, ApiError> {
        let input: ListInput = read(&input)?;
        let cluster = &self.cluster(input.cluster.as_deref())?.name;
        let arns: Vec<String> = self
            .services
            .values()
            .filter(|s| s.key.cluster == *cluster && s.status != Status::Inactive)
            .filter(|s| {
                let wanted = input.launch_type.as_deref();
                wanted.is_none_or(|w| s.deployments.iter().any(|d| d.revision.launch_type() == w))
            })
            .filter(|_| input.scheduling_strategy.as_deref() != Some("DAEMON"))
            .map(|s| s.arn.clone())
            .collect();
        let max = Some(input.max_results.unwrap_or(10));
        let (arns, next) = page(&arns, max, input.next_token.as_deref())?;
        Ok(listed("serviceArns", arns, next))
    }

    /// How many of a service's tasks are RUNNING and how many are on their way there.
    pub(super) fn count_tasks(&self, service: &Service, counts: impl Fn(&Task) -> bool) -> Counts {
        let mut found = Counts::default();
        let tasks = service.tasks.iter().filter_map(|id| self.tasks.get(id));
        for task in tasks.filter(|t| counts(t)) {
            match task.phase {
                Phase::Provisioning | Phase::Pending => found.pending += 1,
                Phase::Running => found.running += 1,
                _ => {}
            }
        }
        found
    }

    pub(super) fn describe_service(&self, service: &Service, with_tags: bool) -> Value {
        let counts = self.count_tasks(service, |_| true);
        let mut shown = service.settings.clone();
        let own = json!({
            "serviceArn": service.arn,
            "serviceName": service.key.name,
            "clusterArn": service.cluster_arn,
            "status": match service.status {
                Status::Active => "ACTIVE",
                Status::Draining => "DRAINING",
                Status::Inactive => "INACTIVE",
            },
            "desiredCount": service.desired,
            "runningCount": counts.running,
            "pendingCount": counts.pending,
            "deployments": self.describe_deployments(service),
            "events": service.events.describe(),
            "createdAt": service.created_at.epoch_seconds(),
            "createdBy": role_arn(service, "user/sandbox"),
        });
        if let Value::Object(own) = own {
            shown.extend(own);
        }
        if let Some(primary) = service.deployments.first() {
            shown.insert(
                "taskDefinition".into(),
                json!(primary.revision.definition.arn),
            );
            shown.insert("launchType".into(), json!(primary.revision.launch_type()));
            shown.insert(
                "currentServiceDeployment".into(),
                json!(primary.service_deployment),
            );
            if !primary.revision.load_balancers.is_empty() {
                let role = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
                shown.insert("roleArn".into(), json!(role_arn(service, role)));
            }
        }
        if service.is_code_deploy() {
            self.show_task_sets(service, &mut shown);
        }
        if with_tags {
            shown.insert("tags".into(), json!(service.tags));
        }
        for (member, default) in [
            ("loadBalancers", json!([])),
            ("serviceRegistries", json!([])),
            ("placementConstraints", json!([])),
            ("placementStrategy", json!([])),
            ("schedulingStrategy", json!("REPLICA")),
            ("deploymentController", json!({"type": "ECS"})),
            ("enableECSManagedTags", json!(false)),
            ("enableExecuteCommand", json!(false)),
            ("propagateTags", json!("NONE")),
            ("healthCheckGracePeriodSeconds", json!(0)),
        ] {
            shown.entry(member).or_insert(default);
        }
        shown.insert("deploymentConfiguration".into(), configuration(service));
        shown.into()
    }

    fn describe_deployments(&self, service: &Service) -> Value {
        if service.status == Status::Inactive {
            return json!([]);
        }
        service
            .deployments
            .iter()
            .enumerate()
            .map(|(index, deployment)| {
                let mut counts = self.count_tasks(service, |t| t.belongs_to(&deployment.id));
                counts.desired = service.wanted_of(index);
                let status = if index == 0 { "PRIMARY" } else { "ACTIVE" };
                deployment.describe(status, counts)
            })
            .collect()
    }
}

/// `deploymentConfiguration` with AWS's defaults filled in.
pub(super) fn configuration(service: &Service) -> Value {
    let given = service.settings.get("deploymentConfiguration").cloned();
    let mut shown = given.unwrap_or_else(|| json!({}));
    if let Some(members) = shown.as_object_mut() {
        for (member, default) in [
            (
                "deploymentCircuitBreaker",
                json!({"enable": false, "rollback": false}),
            ),
            ("maximumPercent", json!(200)),
            ("minimumHealthyPercent", json!(100)),
            ("strategy", json!("ROLLING")),
            ("bakeTimeInMinutes", json!(0)),
        ] {
            members.entry(member).or_insert(default);
        }
    }
    shown
}

/// An IAM ARN in the service's account.
fn role_arn(service: &Service, resource: &str) -> String {
    let account = service.arn.split(':').nth(4).unwrap_or_default();
    format!("arn:aws:iam::{account}:{resource}")
}
