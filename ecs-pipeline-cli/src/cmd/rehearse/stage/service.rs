//! The service with version 1, made for its strategy.

use std::time::Duration;

use ecs_pipeline_core::model::EcsStrategy;
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use serde_json::{Value, json};

use super::SUBNETS;
use super::alarm::ALARM;
use super::calls::call;
use super::load_balancer::{Crossing, LoadBalancer};
use crate::cmd::rehearse::plan::{ROLLING_BAKE, Rehearsal};
use crate::config::Deploy;
use crate::error::{CliError, internal};

/// The role with which ECS changes listener rules.
const INFRASTRUCTURE_ROLE: &str = "arn:aws:iam::123456789012:role/ecsInfrastructureRole";

pub(super) fn create(
    sandbox: &Sandbox,
    rehearsal: &Rehearsal<'_>,
    deploy: &Deploy,
    revision: &str,
    balancer: &LoadBalancer,
    port: u16,
) -> Result<(), CliError> {
    let cluster = json!({"clusterName": deploy.cluster});
    call(sandbox, Service::Ecs, "CreateCluster", cluster)?;
    let described = json!({"taskDefinition": revision});
    let described = call(sandbox, Service::Ecs, "DescribeTaskDefinition", described)?;
    let mut service = json!({
        "cluster": deploy.cluster, "serviceName": deploy.service,
        "taskDefinition": revision, "desiredCount": rehearsal.args.desired_count,
        "launchType": "EC2",
        "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200},
        "loadBalancers": [{
            "targetGroupArn": balancer.blue,
            "containerName": deploy.container, "containerPort": port,
        }],
    });
    run_as(&mut service, &described["taskDefinition"]);
    match deploy.ecs_strategy(rehearsal.strategy) {
        Some(strategy) => by_ecs(
            &mut service,
            rehearsal,
            strategy,
            balancer.crossing.as_ref(),
        ),
        None => service["deploymentController"] = json!({"type": "CODE_DEPLOY"}),
    }
    call(sandbox, Service::Ecs, "CreateService", service)?;
    Ok(())
}

/// What the task definition asks of the service.
fn run_as(service: &mut Value, definition: &Value) {
    if definition["networkMode"] == "awsvpc" {
        service["networkConfiguration"] = json!({"awsvpcConfiguration": {"subnets": SUBNETS}});
    }
    let fargate = definition["requiresCompatibilities"]
        .as_array()
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "FARGATE"));
    if fargate {
        service["launchType"] = json!("FARGATE");
    }
}

/// What a service has whose deployments ECS carries out.
fn by_ecs(
    service: &mut Value,
    rehearsal: &Rehearsal<'_>,
    strategy: EcsStrategy,
    crossing: Option<&Crossing>,
) {
    let configuration = &mut service["deploymentConfiguration"];
    configuration["deploymentCircuitBreaker"] = json!({"enable": true, "rollback": true});
    set_strategy(configuration, strategy);
    if rehearsal.has_alarm() {
        configuration["alarms"] = json!({"alarmNames": [ALARM], "enable": true, "rollback": true});
        if !strategy.shifts_traffic() {
            configuration["bakeTimeInMinutes"] = json!(minutes(ROLLING_BAKE));
        }
    }
    if let Some(crossing) = crossing {
        service["loadBalancers"][0]["advancedConfiguration"] = json!({
            "alternateTargetGroupArn": crossing.green,
            "productionListenerRule": crossing.production.rule,
            "testListenerRule": crossing.test.rule,
            "roleArn": INFRASTRUCTURE_ROLE,
        });
    }
}

fn set_strategy(configuration: &mut Value, strategy: EcsStrategy) {
    if !strategy.shifts_traffic() {
        // It is what a service has that says nothing.
        return;
    }
    configuration["strategy"] = json!(strategy.name());
    let bake = match strategy {
        EcsStrategy::BlueGreen { bake } => bake,
        EcsStrategy::Linear {
            step_percent,
            step_bake,
            bake,
        } => {
            configuration["linearConfiguration"] = json!({
                "stepPercent": step_percent, "stepBakeTimeInMinutes": minutes(step_bake),
            });
            bake
        }
        EcsStrategy::Canary {
            percent,
            canary_bake,
            bake,
        } => {
            configuration["canaryConfiguration"] = json!({
                "canaryPercent": percent, "canaryBakeTimeInMinutes": minutes(canary_bake),
            });
            bake
        }
        _ => return,
    };
    configuration["bakeTimeInMinutes"] = json!(minutes(bake));
}

fn minutes(time: Duration) -> u64 {
    time.as_secs() / 60
}

/// Waits for version 1. Ten minutes of real time are far more than any runner takes.
pub(super) async fn wait_until_stable(sandbox: &Sandbox, deploy: &Deploy) -> Result<(), CliError> {
    const PATIENCE: Duration = Duration::from_secs(600);
    let input = json!({"cluster": deploy.cluster, "services": [deploy.service]});
    let stable = async {
        loop {
            let answer = call(sandbox, Service::Ecs, "DescribeServices", input.clone())?;
            match Standing::of(&answer["services"][0]) {
                Standing::Stable => return Ok(()),
                Standing::Failed => return Err(version_1_failed(&answer)),
                Standing::Starting => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, stable)
        .await
        .unwrap_or_else(|_| Err(internal("rehearse", "version 1 did not become healthy")))
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Starting,
    Stable,
    Failed,
}

impl Standing {
    /// A service of CodeDeploy's has task sets in place of deployments.
    fn of(service: &Value) -> Self {
        if let Some(set) = service["taskSets"].get(0) {
            return match set["stabilityStatus"] == "STEADY_STATE" {
                true => Self::Stable,
                false => Self::Starting,
            };
        }
        match service["deployments"][0]["rolloutState"].as_str() {
            Some("COMPLETED") => Self::Stable,
            Some("FAILED") => Self::Failed,
            _ => Self::Starting,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_comes_with_its_own_numbers() {
        let (minute, six) = (Duration::from_secs(60), Duration::from_secs(360));
        for (strategy, expected) in [
            (EcsStrategy::Rolling, json!({})),
            (
                EcsStrategy::BlueGreen { bake: minute },
                json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}),
            ),
            (
                EcsStrategy::Linear {
                    step_percent: 12.5,
                    step_bake: six,
                    bake: minute,
                },
                json!({
                    "strategy": "LINEAR", "bakeTimeInMinutes": 1,
                    "linearConfiguration": {"stepPercent": 12.5, "stepBakeTimeInMinutes": 6},
                }),
            ),
            (
                EcsStrategy::Canary {
                    percent: 5.0,
                    canary_bake: six,
                    bake: minute,
                },
                json!({
                    "strategy": "CANARY", "bakeTimeInMinutes": 1,
                    "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 6},
                }),
            ),
        ] {
            let mut configuration = json!({});
            set_strategy(&mut configuration, strategy);
            assert_eq!(configuration, expected);
        }
    }

    #[test]
    fn a_service_stands_as_its_deployment_or_its_task_set_does() {
        let rollout = |state: &str| json!({"deployments": [{"rolloutState": state}]});
        let set =
            |state: &str| json!({"deployments": [], "taskSets": [{"stabilityStatus": state}]});
        for (service, expected) in [
            (rollout("COMPLETED"), Standing::Stable),
            (rollout("IN_PROGRESS"), Standing::Starting),
            (rollout("FAILED"), Standing::Failed),
            (set("STEADY_STATE"), Standing::Stable),
            (set("STABILIZING"), Standing::Starting),
            (json!({}), Standing::Starting),
        ] {
            assert_eq!(Standing::of(&service), expected, "{service}");
        }
    }
}
