//! Reads what [`doctor`](crate::doctor) judges, one file a service. Nothing is changed.
//!
//! What does not depend on each other is read at once.

mod code_deploy;
mod ecr;
mod ecs;
mod elbv2;
mod iam;
mod names;
mod observability;

use std::collections::BTreeMap;
use std::future::Future;

use tokio::task::JoinSet;

use super::{AwsConfig, Errors};
use crate::denial;
use crate::doctor::{Caller, Fact, Facts, Service, Strategy, Wanted, alarm_names};
use crate::error::{ErrorKind, ProviderError};

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
        let mut facts = self.by_configuration(wanted).await?;
        self.by_service(wanted, &mut facts).await?;
        self.by_task_definition(wanted, &mut facts).await?;
        let balancers = names::load_balancers(&facts);
        facts.load_balancers = each(balancers, |arn| self.clone().load_balancer(arn)).await?;
        Ok(facts)
    }

    /// What the configuration names.
    async fn by_configuration(&self, wanted: &Wanted) -> Result<Facts, ProviderError> {
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
        let is_gone = match &facts.service {
            Fact::Absent => true,
            Fact::Known(service) => service.status == "INACTIVE",
            _ => false,
        };
        let definition = wanted.service_definition.as_ref().filter(|_| is_gone);
        facts.to_be_created = definition.map(Service::to_be);
        Ok(facts)
    }

    /// What the service names.
    async fn by_service(&self, wanted: &Wanted, facts: &mut Facts) -> Result<(), ProviderError> {
        let service = facts.service();
        let deploys = match wanted.strategy {
            Some(strategy) => strategy == Strategy::CodeDeploy,
            None => service.is_some_and(|service| service.controller == "CODE_DEPLOY"),
        };
        let (running, target_groups, code_deploy) = tokio::try_join!(
            self.running(service),
            each(names::target_groups(service), |arn| {
                self.clone().target_group(arn)
            }),
            self.code_deploy(wanted, deploys),
        )?;
        facts.running = running;
        facts.target_groups = target_groups;
        facts.code_deploy = code_deploy;
        Ok(())
    }

    /// What the task definition names, and the deployment group.
    async fn by_task_definition(
        &self,
        wanted: &Wanted,
        facts: &mut Facts,
    ) -> Result<(), ProviderError> {
        let definition = names::definition(wanted, facts);
        let definition = definition.as_ref();
        let (pair, roles, log_groups, alarms, image) = tokio::try_join!(
            each(names::of_pair(facts), |name| {
                self.clone().target_group_named(name)
            }),
            each(names::roles(definition, facts), |role| self
                .clone()
                .role(role)),
            each(names::log_groups(definition), |name| self
                .clone()
                .log_group(name)),
            self.alarms(alarm_names(wanted, facts)),
            self.running_image(wanted, facts),
        )?;
        facts.roles = roles;
        facts.log_groups = log_groups;
        facts.alarms = alarms;
        facts.image = image;
        for (name, read) in pair {
            // One that is not there has no ARN: what an ARN would end with takes its place.
            let no_arn = format!(":targetgroup/{name}/");
            let (arn, group) = match read {
                Fact::Known((arn, group)) => (arn, Fact::Known(group)),
                unseen => (no_arn, unseen.map(|(_, group)| group)),
            };
            facts.target_groups.insert(arn, group);
        }
        Ok(())
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
            let allow = denial::permission_for(&action, &error.to_string());
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
