//! Sets the stage: what a service needs to be there, and the service with version 1 on it.
//!
//! What would be there in an AWS account is created by plain requests to the sandbox; version 1
//! is built and pushed by the same code that version 2 will be.

mod alarm;
mod calls;
mod codedeploy;
mod load_balancer;
mod service;

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::model::{PublishedImage, ServiceRef};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use hyper::Uri;
use serde_json::json;

use super::plan::{Rehearsal, deploy_of};
use super::{build_args, read};
use crate::args::{Builder, TagArgs};
use crate::cmd::build::build_image;
use crate::cmd::push::push_image;
use crate::config::{Config, ConfigError};
use crate::context::Context;
use crate::error::{CliError, internal};
use crate::wiring;

pub(super) use alarm::set_off as set_alarm_off;
pub(super) use calls::{call, text};
pub(super) use load_balancer::Crossing;

const SUBNETS: [&str; 2] = ["subnet-rehearsal-a", "subnet-rehearsal-b"];

/// What was created.
#[derive(Debug)]
pub(super) struct Stage {
    /// Where the load balancer answers.
    pub(super) url: Uri,
    pub(super) service: ServiceRef,
    /// The revision that the service runs.
    pub(super) family: String,
    pub(super) revision: u64,
    /// Where traffic is shifted, if it is.
    pub(super) crossing: Option<Crossing>,
}

impl Stage {
    pub(super) async fn set(
        context: &Context,
        rehearsal: &Rehearsal<'_>,
        sandbox: &Sandbox,
        aws: &AwsConfig,
        builder: Builder,
    ) -> Result<Self, CliError> {
        let context = context_for(context, rehearsal, aws, "rehearsal-1").backstage();
        let config = read(&context, rehearsal.args)?;
        let deploy = deploy_of(&context, &config)?;
        wiring::check_container(&config)?;
        let document = document(&context, &config)?;
        let port = container_port(&document, &deploy.container)?;

        create_repository(sandbox, &context, &config)?;
        let image = build_image(&context, &config, &build_args(builder)).await?;
        let tags = TagArgs::default();
        let published = push_image(&context, &config, &tags, &image).await?;

        create_alarms(sandbox, rehearsal, &config)?;
        let balancer = load_balancer::Builder {
            sandbox,
            document: &document,
            health_path: &health_path(&config),
            speed: rehearsal.speed,
        };
        let balancer = balancer.create(rehearsal.strategy)?;
        let revision = register(sandbox, document, &deploy.container, &published)?;
        service::create(sandbox, rehearsal, deploy, &revision, &balancer, port)?;
        service::wait_until_stable(sandbox, deploy).await?;
        if let (Some(crossing), None) =
            (&balancer.crossing, deploy.ecs_strategy(rehearsal.strategy))
        {
            codedeploy::create(sandbox, rehearsal, deploy, crossing)?;
        }
        let (family, number) = split_revision(&revision)?;
        Ok(Self {
            url: balancer.url,
            service: ServiceRef {
                cluster: deploy.cluster.clone(),
                service: deploy.service.clone(),
            },
            family,
            revision: number,
            crossing: balancer.crossing,
        })
    }

    /// `FAMILY:REVISION` of version 1.
    pub(super) fn old_revision(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// `FAMILY:REVISION` of the revision that will be registered next: version 2.
    pub(super) fn new_revision(&self) -> String {
        format!("{}:{}", self.family, self.revision + 1)
    }
}

/// AWS as the rehearsal has it: the sandbox, whatever the environment says.
pub(super) async fn aws_of(sandbox: &Sandbox) -> AwsConfig {
    AwsConfig::with_keys(&sandbox.endpoint(), "us-east-1", "sandbox", "sandbox").await
}

/// A context in which the sandbox is AWS, with the version to build.
pub(super) fn context_for(
    context: &Context,
    rehearsal: &Rehearsal<'_>,
    aws: &AwsConfig,
    version: &str,
) -> Context {
    let variables = super::plan::version(&context.variables, version);
    context.within(aws.clone(), rehearsal.speed, variables)
}

fn document(context: &Context, config: &Config) -> Result<TaskDefinitionDocument, CliError> {
    wiring::task_definition(config)?.ok_or_else(|| {
        CliError::Config(ConfigError::Lacks {
            path: context.global.config.clone(),
            member: "deploy.task-definition",
        })
    })
}

fn container_port(document: &TaskDefinitionDocument, container: &str) -> Result<u16, CliError> {
    document
        .container_ports(container)
        .into_iter()
        .next()
        .ok_or_else(|| CliError::Refused {
            message: format!("container {container} has no port mapping"),
            hint: "add portMappings, so that a load balancer can reach it".to_owned(),
        })
}

/// The path that the first HTTP gate asks for; a load balancer would ask for the same.
fn health_path(config: &Config) -> String {
    config
        .gates
        .iter()
        .find_map(|gate| gate.http.as_ref()?.path.clone())
        .unwrap_or_else(|| "/".to_owned())
}

fn create_repository(
    sandbox: &Sandbox,
    context: &Context,
    config: &Config,
) -> Result<(), CliError> {
    let registry = wiring::registry_settings(context, config)?;
    let input = json!({"repositoryName": registry.repository});
    call(sandbox, Service::Ecr, "CreateRepository", input)?;
    Ok(())
}

/// The alarms that the configuration's gates read, and the scenario's own. All are well.
fn create_alarms(
    sandbox: &Sandbox,
    rehearsal: &Rehearsal<'_>,
    config: &Config,
) -> Result<(), CliError> {
    let gates = config.gates.iter().filter_map(|gate| gate.alarms.as_ref());
    for name in gates.flat_map(|gate| &gate.names) {
        alarm::create(sandbox, name)?;
    }
    if rehearsal.has_alarm() {
        alarm::create(sandbox, alarm::ALARM)?;
    }
    Ok(())
}

fn register(
    sandbox: &Sandbox,
    mut document: TaskDefinitionDocument,
    container: &str,
    image: &PublishedImage,
) -> Result<String, CliError> {
    document
        .set_image(container, &image.image.to_string())
        .map_err(|error| internal("rehearse", error))?;
    let input = document.into_register_input();
    let registered = call(sandbox, Service::Ecs, "RegisterTaskDefinition", input)?;
    text(&registered, "/taskDefinition/taskDefinitionArn")
}

fn split_revision(arn: &str) -> Result<(String, u64), CliError> {
    let revision = arn
        .rsplit_once('/')
        .and_then(|(_, short)| short.rsplit_once(':'))
        .and_then(|(family, number)| Some((family.to_owned(), number.parse().ok()?)));
    revision.ok_or_else(|| internal("rehearse", format!("{arn} is no task definition ARN")))
}
