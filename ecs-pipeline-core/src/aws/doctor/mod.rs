//! Reads what [`doctor`](crate::doctor) judges, one file a service. Nothing is changed.
//!
//! What does not depend on each other is read at once: four rounds, however much there is.

mod code_deploy;
mod ecr;
mod ecs;
mod elbv2;
mod iam;
mod observability;

use std::collections::BTreeMap;
use std::future::Future;

use tokio::task::JoinSet;

use super::{AwsConfig, Errors};
use crate::doctor::{Caller, Fact, Facts, Service, Strategy, TaskDefinition, Wanted, alarm_names};
use crate::error::{ErrorKind, Hint, ProviderError};

/// Reads an account as far as one service goes.
#[derive(Debug, Clone)]
pub struct Doctor {
    config: AwsConfig,
    errors: Errors,
    ecs: aws_sdk_ecs::Client,
    elbv2: aws_sdk_elasticloadbalancingv2::Client,
    iam: aws_sdk_iam::Client,
    ecr: aws_sdk_ecr::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    alarms: aws_sdk_cloudwatch::Client,
    code_deploy: aws_sdk_codedeploy::Client,
    sts: aws_sdk_sts::Client,
}

/// A fact, or why nothing can be read at all.
type Read<T> = Result<Fact<T>, ProviderError>;

impl Doctor {
    /// A reader of the configuration's account and Region.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        let sdk = config.sdk();
        Self {
            config: config.clone(),
            errors: config.errors(),
            ecs: aws_sdk_ecs::Client::new(sdk),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::new(sdk),
            iam: aws_sdk_iam::Client::new(sdk),
            ecr: aws_sdk_ecr::Client::new(sdk),
            logs: aws_sdk_cloudwatchlogs::Client::new(sdk),
            alarms: aws_sdk_cloudwatch::Client::new(sdk),
            code_deploy: aws_sdk_codedeploy::Client::new(sdk),
            sts: aws_sdk_sts::Client::new(sdk),
        }
    }

    /// Reads all that the checks of `wanted` look at. What is not there, or may not be read, is a
    /// fact, too.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`](ErrorKind::Unauthenticated) without credentials; and whatever keeps ECS
    /// itself from answering.
    pub async fn read(&self, wanted: &Wanted) -> Result<Facts, ProviderError> {
        let (caller, cluster, service, repository) = tokio::try_join!(
            self.caller(),
            self.cluster(&wanted.service),
            self.service(&wanted.service),
            self.repository(wanted),
        )?;
        let mut facts = Facts {
            caller,
            region: self.config.region().map(str::to_owned),
            cluster,
            service,
            repository,
            ..Facts::nothing()
        };
        let service = facts.service.known().cloned();
        let names = target_groups(service.as_ref());
        (facts.running, facts.target_groups, facts.code_deploy) = tokio::try_join!(
            self.running(service.as_ref()),
            each(names, |arn| self.clone().target_group(arn)),
            self.code_deploy(wanted, by_code_deploy(wanted, service.as_ref())),
        )?;
        let definition = definition(wanted, &facts);
        let paired = names_of_pair(&facts);
        let image = self.running_image(wanted, &facts);
        let (paired, roles, log_groups, alarms, image) = tokio::try_join!(
            each(paired, |name| self.clone().target_group_named(name)),
            each(roles(definition.as_ref(), &facts), |role| self
                .clone()
                .role(role)),
            each(groups(definition.as_ref()), |name| self
                .clone()
                .log_group(name)),
            self.alarms(alarm_names(wanted, &facts)),
            image,
        )?;
        facts.image = image;
        (facts.roles, facts.log_groups, facts.alarms) = (roles, log_groups, alarms);
        for (name, read) in paired {
            // One that is not there has no ARN: its place is taken by what an ARN would end with.
            let (arn, group) = match read {
                Fact::Known((arn, group)) => (arn, Fact::Known(group)),
                unseen => (
                    format!(":targetgroup/{name}/"),
                    unseen.map(|(_, group)| group),
                ),
            };
            facts.target_groups.insert(arn, group);
        }
        let balancers = facts.target_groups.values().filter_map(Fact::known);
        let balancers = balancers.flat_map(|group| group.load_balancers.clone());
        facts.load_balancers = self.load_balancers(balancers.collect()).await?;
        Ok(facts)
    }

    /// Needs no permission.
    async fn caller(&self) -> Read<Caller> {
        let answer = self.sts.get_caller_identity().send().await;
        let read = answer.map(|answer| Caller {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
        });
        fact(read.map_err(|error| self.errors.map("sts:GetCallerIdentity", "", error)))
    }
}

/// What a call's failure says of what was to be read. Without credentials nothing can be.
fn fact<T>(read: Result<T, ProviderError>) -> Read<T> {
    let error = match read {
        Ok(known) => return Ok(Fact::Known(known)),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::Unauthenticated => Err(error),
        ErrorKind::NotFound => Ok(Fact::Absent),
        ErrorKind::Denied => {
            let action = action(error.operation());
            // What a deployment needs least does not include what is only looked at.
            let allow = error.hint().and_then(|hint| hint.split(';').next());
            let allow = allow.map_or_else(
                || format!("allow {action} in the caller's IAM policy"),
                str::to_owned,
            );
            Ok(Fact::Denied { action, allow })
        }
        _ => Ok(Fact::Unreadable {
            why: error.to_string(),
        }),
    }
}

/// As IAM writes it. The registry's own protocol has the permissions of ECR's API.
fn action(operation: &str) -> String {
    match operation {
        "registry blob" => "ecr:GetDownloadUrlForLayer",
        registry if registry.starts_with("registry") => "ecr:BatchGetImage",
        named => named,
    }
    .to_owned()
}

/// Reads several things at once, each by its name.
async fn each<T, F>(
    names: Vec<String>,
    read: impl Fn(String) -> F,
) -> Result<BTreeMap<String, T>, ProviderError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ProviderError>> + Send + 'static,
{
    let mut reads = JoinSet::new();
    for name in names {
        let read = read(name.clone());
        reads.spawn(async move { Ok((name, read.await?)) });
    }
    let mut all = BTreeMap::new();
    while let Some(done) = reads.join_next().await {
        // A read that panicked has nothing to say.
        if let Ok(read) = done {
            let (name, read): (String, T) = read?;
            all.insert(name, read);
        }
    }
    Ok(all)
}

fn by_code_deploy(wanted: &Wanted, service: Option<&Service>) -> bool {
    match wanted.strategy {
        Some(strategy) => strategy == Strategy::CodeDeploy,
        None => service.is_some_and(|service| service.controller == "CODE_DEPLOY"),
    }
}

fn target_groups(service: Option<&Service>) -> Vec<String> {
    let attachments = service.map_or(&[][..], |service| &service.load_balancers);
    let sides = attachments.iter();
    let sides = sides.flat_map(|one| [one.target_group.clone(), one.alternate.clone()]);
    sides.flatten().collect()
}

/// The names of the deployment group's target groups that the service does not name.
fn names_of_pair(facts: &Facts) -> Vec<String> {
    let group = facts.code_deploy.as_ref();
    let group = group.and_then(|code_deploy| code_deploy.group.known());
    let names = group.map_or(&[][..], |group| &group.target_groups);
    let there: Vec<_> = facts
        .target_groups
        .values()
        .filter_map(Fact::known)
        .collect();
    let is_new = |name: &&String| !there.iter().any(|group| group.name == **name);
    names.iter().filter(is_new).cloned().collect()
}

fn definition(wanted: &Wanted, facts: &Facts) -> Option<TaskDefinition> {
    match &wanted.task_definition {
        Some(file) => TaskDefinition::of_file(file),
        None => facts.running.as_ref()?.known().cloned(),
    }
}

fn roles(definition: Option<&TaskDefinition>, facts: &Facts) -> Vec<String> {
    let of_tasks = definition.into_iter();
    let of_tasks = of_tasks.flat_map(|one| [one.execution_role(), one.task_role()]);
    let service = facts.service.known();
    let attachments = service.map_or(&[][..], |service| &service.load_balancers);
    let of_ecs = attachments.iter().map(|one| one.role.as_deref());
    let group = facts.code_deploy.as_ref();
    let group = group.and_then(|code_deploy| code_deploy.group.known());
    let of_code_deploy = group.map(|group| group.role.as_deref());
    let all = of_tasks.chain(of_ecs).chain(of_code_deploy).flatten();
    let mut names: Vec<_> = all.filter(|role| iam::name_of(role).is_some()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

fn groups(definition: Option<&TaskDefinition>) -> Vec<String> {
    let logs = definition.map(TaskDefinition::logs).unwrap_or_default();
    let mut names: Vec<_> = logs.into_iter().map(|logs| logs.group).collect();
    names.sort_unstable();
    names.dedup();
    names
}
