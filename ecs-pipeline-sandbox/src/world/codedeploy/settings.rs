//! What a deployment group's members say, and what CodeDeploy refuses about them.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ApiError;
use super::input::read;

/// The longest `terminationWaitTimeInMinutes`
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
const LONGEST_TERMINATION_WAIT: u64 = 2800;

/// The most alarms of a group.
const MOST_ALARMS: usize = 50;

/// A deployment group, as a deployment goes by it.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) config: String,
    /// The ARN of the service role.
    pub(super) role: String,
    pub(super) service: EcsService,
    pub(super) traffic: Traffic,
    pub(super) ready: Ready,
    pub(super) terminates_blue: bool,
    pub(super) termination_wait: Duration,
    pub(super) alarms: AlarmConfiguration,
    pub(super) auto_rollback: AutoRollback,
}

/// An element of `ecsServices`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EcsService {
    /// Name or ARN.
    pub(super) service_name: String,
    /// Name or ARN.
    #[serde(default = "default_cluster")]
    pub(super) cluster_name: String,
}

impl EcsService {
    pub(super) fn service(&self) -> &str {
        last_part(&self.service_name)
    }

    pub(super) fn cluster(&self) -> &str {
        last_part(&self.cluster_name)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.service() == other.service() && self.cluster() == other.cluster()
    }
}

fn default_cluster() -> String {
    "default".into()
}

/// The name in an ARN, or the name itself.
fn last_part(name_or_arn: &str) -> &str {
    name_or_arn.rsplit('/').next().unwrap_or(name_or_arn)
}

/// The pair of target groups, and the listeners that send requests to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Traffic {
    /// Names of target groups.
    pub(super) groups: [String; 2],
    /// The production listener's ARN, or a rule's.
    pub(super) production: String,
    /// The test listener's ARN, or a rule's.
    pub(super) test: Option<String>,
}

/// `deploymentReadyOption`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ready {
    /// Traffic goes over at once; `waitTimeInMinutes` has no meaning then.
    Continue,
    /// Traffic waits for ContinueDeployment, and the deployment is stopped without it.
    Wait(Duration),
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct AlarmConfiguration {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    alarms: Vec<Alarm>,
}

#[derive(Debug, Clone, Deserialize)]
struct Alarm {
    name: String,
}

impl AlarmConfiguration {
    /// The names of the alarms that stop a deployment.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let alarms = self.alarms.iter().filter(|_| self.enabled);
        alarms.map(|alarm| alarm.name.as_str())
    }

    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.enabled && self.alarms.is_empty() {
            return Err(ApiError::client(
                "InvalidAlarmConfigException",
                "At least one alarm must be specified when alarms are enabled",
            ));
        }
        match self.alarms.len() > MOST_ALARMS {
            false => Ok(()),
            true => Err(ApiError::client(
                "AlarmsLimitExceededException",
                format!("A deployment group can have at most {MOST_ALARMS} alarms"),
            )),
        }
    }
}

/// What may make a deployment go back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum RollbackEvent {
    #[serde(rename = "DEPLOYMENT_FAILURE")]
    Failure,
    #[serde(rename = "DEPLOYMENT_STOP_ON_ALARM")]
    StopOnAlarm,
    #[serde(rename = "DEPLOYMENT_STOP_ON_REQUEST")]
    StopOnRequest,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct AutoRollback {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    events: Vec<RollbackEvent>,
}

impl AutoRollback {
    pub(super) fn covers(&self, event: RollbackEvent) -> bool {
        self.enabled && self.events.contains(&event)
    }

    pub(super) fn check(&self) -> Result<(), ApiError> {
        match self.enabled && self.events.is_empty() {
            false => Ok(()),
            true => Err(ApiError::client(
                "InvalidAutoRollbackConfigException",
                "At least one event must be specified when automatic rollback is enabled",
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    deployment_config_name: String,
    service_role_arn: Option<String>,
    #[serde(default)]
    alarm_configuration: AlarmConfiguration,
    auto_rollback_configuration: Option<Value>,
    deployment_style: Option<Style>,
    blue_green_deployment_configuration: Option<BlueGreen>,
    load_balancer_info: Option<LoadBalancerInfo>,
    #[serde(default)]
    ecs_services: Vec<EcsService>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Style {
    deployment_type: Option<String>,
    deployment_option: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlueGreen {
    terminate_blue_instances_on_deployment_success: Termination,
    deployment_ready_option: ReadyOption,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Termination {
    action: String,
    termination_wait_time_in_minutes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadyOption {
    action_on_timeout: String,
    wait_time_in_minutes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoadBalancerInfo {
    #[serde(default)]
    target_group_pair_info_list: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    #[serde(default)]
    target_groups: Vec<TargetGroup>,
    prod_traffic_route: Option<Route>,
    test_traffic_route: Option<Route>,
}

#[derive(Deserialize)]
struct TargetGroup {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Route {
    #[serde(default)]
    listener_arns: Vec<String>,
}

impl Settings {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, ApiError> {
        let given: Given = read(&Value::Object(members.clone()))?;
        let role = given.service_role_arn.filter(|role| !role.is_empty());
        let role = role.ok_or_else(|| refused("RoleRequired", "The role ARN was not specified"))?;
        check_style(given.deployment_style.as_ref())?;
        let [service] = given.ecs_services.as_slice() else {
            return Err(refused(
                "InvalidECSService",
                "A deployment group for ECS must have exactly one Amazon ECS service",
            ));
        };
        let blue_green = given.blue_green_deployment_configuration.ok_or_else(|| {
            invalid_blue_green("A deployment group for ECS needs a blue/green configuration")
        })?;
        let wait = check_termination(&blue_green.terminate_blue_instances_on_deployment_success)?;
        given.alarm_configuration.check()?;
        Ok(Self {
            config: given.deployment_config_name,
            role,
            service: service.clone(),
            traffic: traffic(given.load_balancer_info)?,
            ready: ready(&blue_green.deployment_ready_option)?,
            terminates_blue: blue_green
                .terminate_blue_instances_on_deployment_success
                .action
                == "TERMINATE",
            termination_wait: wait,
            alarms: given.alarm_configuration,
            auto_rollback: auto_rollback(given.auto_rollback_configuration.as_ref())?,
        })
    }
}

/// Reads `autoRollbackConfiguration`, of a group or of CreateDeployment.
pub(super) fn auto_rollback(given: Option<&Value>) -> Result<AutoRollback, ApiError> {
    let Some(given) = given else {
        return Ok(AutoRollback::default());
    };
    let read: AutoRollback = serde_json::from_value(given.clone())
        .map_err(|e| refused("InvalidAutoRollbackConfig", &e.to_string()))?;
    read.check()?;
    Ok(read)
}

fn check_style(style: Option<&Style>) -> Result<(), ApiError> {
    let right = style.is_some_and(|style| {
        style.deployment_type.as_deref() == Some("BLUE_GREEN")
            && style.deployment_option.as_deref() == Some("WITH_TRAFFIC_CONTROL")
    });
    match right {
        true => Ok(()),
        false => Err(refused(
            "InvalidDeploymentStyle",
            "For ECS the deployment type must be BLUE_GREEN and the deployment option WITH_TRAFFIC_CONTROL",
        )),
    }
}

fn check_termination(given: &Termination) -> Result<Duration, ApiError> {
    if !matches!(given.action.as_str(), "TERMINATE" | "KEEP_ALIVE") {
        return Err(invalid_blue_green(
            "The action after success must be TERMINATE or KEEP_ALIVE",
        ));
    }
    match given.termination_wait_time_in_minutes {
        minutes @ 0..=LONGEST_TERMINATION_WAIT => Ok(Duration::from_secs(60 * minutes)),
        _ => Err(invalid_blue_green(&format!(
            "The termination wait time must be at most {LONGEST_TERMINATION_WAIT} minutes"
        ))),
    }
}

fn ready(given: &ReadyOption) -> Result<Ready, ApiError> {
    match given.action_on_timeout.as_str() {
        "CONTINUE_DEPLOYMENT" => Ok(Ready::Continue),
        "STOP_DEPLOYMENT" => Ok(Ready::Wait(Duration::from_secs(
            60 * given.wait_time_in_minutes,
        ))),
        _ => Err(invalid_blue_green(
            "The action on timeout must be CONTINUE_DEPLOYMENT or STOP_DEPLOYMENT",
        )),
    }
}

fn traffic(given: Option<LoadBalancerInfo>) -> Result<Traffic, ApiError> {
    let pairs = given.map(|info| info.target_group_pair_info_list);
    let Some([pair]) = pairs.as_deref() else {
        return Err(refused(
            "InvalidLoadBalancerInfo",
            "A deployment group for ECS must have one pair of target groups",
        ));
    };
    let [one, other] = pair.target_groups.as_slice() else {
        return Err(refused(
            "InvalidTargetGroupPair",
            "A pair of target groups must name two target groups",
        ));
    };
    let production = route(pair.prod_traffic_route.as_ref())?.ok_or_else(|| {
        refused(
            "InvalidLoadBalancerInfo",
            "A pair of target groups must have a production listener",
        )
    })?;
    if one.name == other.name {
        return Err(refused(
            "InvalidTargetGroupPair",
            "The two target groups of a pair must not be the same",
        ));
    }
    Ok(Traffic {
        groups: [one.name.clone(), other.name.clone()],
        production,
        test: route(pair.test_traffic_route.as_ref())?,
    })
}

fn route(given: Option<&Route>) -> Result<Option<String>, ApiError> {
    match given.map(|route| route.listener_arns.as_slice()) {
        None | Some([]) => Ok(None),
        Some([listener]) => Ok(Some(listener.clone())),
        Some(_) => Err(refused(
            "InvalidLoadBalancerInfo",
            "A traffic route must have one listener",
        )),
    }
}

fn invalid_blue_green(message: &str) -> ApiError {
    refused("InvalidBlueGreenDeploymentConfiguration", message)
}

fn refused(stem: &str, message: &str) -> ApiError {
    ApiError::client(format!("{stem}Exception"), message)
}
