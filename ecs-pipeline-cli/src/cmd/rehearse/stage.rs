//! Sets the stage: what a service needs to be there, and the service with version 1 on it.
//!
//! What would be there in an AWS account is created by plain requests to the sandbox; version 1
//! is built and pushed by the same code that version 2 will be.

use std::net::TcpListener;
use std::time::Duration;

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::model::PublishedImage;
use ecs_pipeline_core::{ErrorKind, ProviderError};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use hyper::Uri;
use serde_json::{Value, json};

use super::{build_args, build_image, push_image, read};
use crate::args::{Builder, RehearseArgs, TagArgs};
use crate::config::{Config, ConfigError, Deploy};
use crate::context::Context;
use crate::error::{CliError, internal};
use crate::wiring;

/// What was created.
#[derive(Debug)]
pub(super) struct Stage {
    /// Where the load balancer answers.
    pub(super) url: Uri,
    /// `CLUSTER/SERVICE`.
    pub(super) service: String,
    /// The revision that the service runs.
    pub(super) family: String,
    pub(super) revision: u64,
}

impl Stage {
    pub(super) async fn set(
        context: &Context,
        args: &RehearseArgs,
        sandbox: &Sandbox,
        aws: &AwsConfig,
        builder: Builder,
    ) -> Result<Self, CliError> {
        let context = context_for(context, args, aws, "rehearsal-1").backstage();
        let config = read(&context, args)?;
        let deploy = deploy_of(&context, &config)?;
        wiring::check_container(&config)?;
        let document = document(&context, &config)?;
        let port = container_port(&document, &deploy.container)?;

        create_repository(sandbox, &context, &config)?;
        let image = build_image(&context, &config, &build_args(builder)).await?;
        let tags = TagArgs::default();
        let published = push_image(&context, &config, &tags, &image).await?;

        let (url, target_group) = create_load_balancer(sandbox, &document, &health_path(&config))?;
        let revision = register(sandbox, document, &deploy.container, &published)?;
        create_service(sandbox, args, deploy, &revision, &target_group, port)?;
        wait_until_stable(sandbox, deploy).await?;
        let (family, number) = split_revision(&revision)?;
        Ok(Self {
            url,
            service: format!("{}/{}", deploy.cluster, deploy.service),
            family,
            revision: number,
        })
    }

    /// `FAMILY:REVISION` of the revision that will be registered next.
    pub(super) fn next_revision(&self) -> String {
        format!("{}:{}", self.family, self.revision + 1)
    }
}

/// AWS as the rehearsal has it: the sandbox, whatever the environment says.
pub(super) async fn aws_of(sandbox: &Sandbox) -> AwsConfig {
    AwsConfig::with_keys(&sandbox.endpoint(), "us-east-1", "sandbox", "sandbox").await
}

/// A context in which the sandbox is AWS and `VERSION` is the version to build.
pub(super) fn context_for(
    context: &Context,
    args: &RehearseArgs,
    aws: &AwsConfig,
    version: &str,
) -> Context {
    let variables = context.variables.clone().with("VERSION", version);
    context.within(aws.clone(), args.speed, variables)
}

fn deploy_of<'a>(context: &Context, config: &'a Config) -> Result<&'a Deploy, CliError> {
    config.deploy.as_ref().ok_or_else(|| {
        CliError::Config(ConfigError::Lacks {
            path: context.global.config.clone(),
            member: "deploy",
        })
    })
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

/// A load balancer whose health checks are quick and whose targets drain quickly, since a
/// rehearsal is watched.
fn create_load_balancer(
    sandbox: &Sandbox,
    document: &TaskDefinitionDocument,
    health_path: &str,
) -> Result<(Uri, String), CliError> {
    let elbv2 = |operation, input| call(sandbox, Service::Elbv2, operation, input);
    let balancer = elbv2(
        "CreateLoadBalancer",
        json!({"Name": "rehearsal", "Subnets": SUBNETS, "Type": "application"}),
    )?;
    let balancer = text(&balancer, "/LoadBalancers/0/LoadBalancerArn")?;
    let target_type = if is_awsvpc(document) {
        "ip"
    } else {
        "instance"
    };
    let group = elbv2(
        "CreateTargetGroup",
        json!({
            "Name": "rehearsal", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-rehearsal",
            "TargetType": target_type, "HealthCheckPath": health_path,
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
            "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
        }),
    )?;
    let group = text(&group, "/TargetGroups/0/TargetGroupArn")?;
    elbv2(
        "ModifyTargetGroupAttributes",
        json!({
            "TargetGroupArn": group,
            "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "15"}],
        }),
    )?;
    let port = free_port()?;
    elbv2(
        "CreateListener",
        json!({
            "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
        }),
    )?;
    let url = format!("http://127.0.0.1:{port}/");
    let url = url.parse().map_err(|error| internal("rehearse", error))?;
    Ok((url, group))
}

const SUBNETS: [&str; 2] = ["subnet-rehearsal-a", "subnet-rehearsal-b"];

fn is_awsvpc(document: &TaskDefinitionDocument) -> bool {
    document.network_mode() == Some("awsvpc")
}

/// A port that was free a moment ago. The sandbox says so if it is not any more.
fn free_port() -> Result<u16, CliError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| unavailable(&error))?;
    let address = listener.local_addr().map_err(|error| unavailable(&error))?;
    Ok(address.port())
}

fn unavailable(error: &std::io::Error) -> CliError {
    ProviderError::new(
        ErrorKind::Unavailable,
        "rehearse",
        "127.0.0.1",
        format!("no free port: {error}"),
    )
    .into()
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

fn create_service(
    sandbox: &Sandbox,
    args: &RehearseArgs,
    deploy: &Deploy,
    revision: &str,
    target_group: &str,
    port: u16,
) -> Result<(), CliError> {
    let cluster = json!({"clusterName": deploy.cluster});
    call(sandbox, Service::Ecs, "CreateCluster", cluster)?;
    let described = json!({"taskDefinition": revision});
    let described = call(sandbox, Service::Ecs, "DescribeTaskDefinition", described)?;
    let mut service = json!({
        "cluster": deploy.cluster, "serviceName": deploy.service,
        "taskDefinition": revision, "desiredCount": args.desired_count,
        "launchType": "EC2",
        "deploymentConfiguration": {
            "minimumHealthyPercent": 100, "maximumPercent": 200,
            "deploymentCircuitBreaker": {"enable": true, "rollback": true},
        },
        "loadBalancers": [{
            "targetGroupArn": target_group,
            "containerName": deploy.container, "containerPort": port,
        }],
    });
    let definition = &described["taskDefinition"];
    if definition["networkMode"] == "awsvpc" {
        service["networkConfiguration"] = json!({"awsvpcConfiguration": {"subnets": SUBNETS}});
    }
    let fargate = definition["requiresCompatibilities"]
        .as_array()
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "FARGATE"));
    if fargate {
        service["launchType"] = json!("FARGATE");
    }
    call(sandbox, Service::Ecs, "CreateService", service)?;
    Ok(())
}

/// Waits for version 1. Ten minutes of real time are far more than any runner takes.
async fn wait_until_stable(sandbox: &Sandbox, deploy: &Deploy) -> Result<(), CliError> {
    const PATIENCE: Duration = Duration::from_secs(600);
    let input = json!({"cluster": deploy.cluster, "services": [deploy.service]});
    let stable = async {
        loop {
            let answer = call(sandbox, Service::Ecs, "DescribeServices", input.clone())?;
            let deployment = &answer["services"][0]["deployments"][0];
            match deployment["rolloutState"].as_str() {
                Some("COMPLETED") => return Ok(()),
                Some("FAILED") => return Err(version_1_failed(&answer)),
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, stable)
        .await
        .unwrap_or_else(|_| Err(internal("rehearse", "version 1 did not become healthy")))
}

fn version_1_failed(services: &Value) -> CliError {
    let messages: Vec<&str> = services["services"][0]["events"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|event| event["message"].as_str())
        .take(3)
        .collect();
    CliError::Refused {
        message: format!(
            "version 1, as it is now in the directory, does not become healthy: {}",
            messages.join(" / ")
        ),
        hint: "run the image by itself and ask for its health check's path".to_owned(),
    }
}

fn split_revision(arn: &str) -> Result<(String, u64), CliError> {
    let revision = arn
        .rsplit_once('/')
        .and_then(|(_, short)| short.rsplit_once(':'))
        .and_then(|(family, number)| Some((family.to_owned(), number.parse().ok()?)));
    revision.ok_or_else(|| internal("rehearse", format!("{arn} is no task definition ARN")))
}

fn call(
    sandbox: &Sandbox,
    service: Service,
    operation: &str,
    input: Value,
) -> Result<Value, CliError> {
    sandbox.call(service, operation, input).map_err(|error| {
        ProviderError::new(
            ErrorKind::Invalid,
            operation,
            "the sandbox",
            error.to_string(),
        )
        .into()
    })
}

fn text(answer: &Value, pointer: &str) -> Result<String, CliError> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| internal("rehearse", format!("the sandbox's answer lacks {pointer}")))
}
