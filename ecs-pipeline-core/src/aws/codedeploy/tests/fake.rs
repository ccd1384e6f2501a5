//! CodeDeploy and ECS, as far as the deployer looks at them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;

/// What AWS has.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) service: Value,
    pub(super) group: Value,
    /// By id: `DeploymentInfo`s.
    pub(super) deployments: BTreeMap<String, Value>,
    /// By deployment: `ecsTarget`s.
    pub(super) targets: BTreeMap<String, Value>,
    /// The family's latest revision.
    pub(super) latest: Value,
    /// Stopped tasks.
    pub(super) tasks: Value,
    /// Which operations answer with what error: (code, message).
    pub(super) errors: BTreeMap<&'static str, (&'static str, &'static str)>,
}

pub(super) type Shared = Arc<Mutex<World>>;

pub(super) fn app_spec(number: u32) -> String {
    let spec =
        ecs_pipeline_artifacts::app_spec::AppSpec::new(revision(number).as_str(), "web", 8080);
    spec.to_json_string()
}

pub(super) fn task_set(number: u32, status: &str, by: Option<&str>) -> Value {
    json!({
        "id": format!("ecs-svc/{number}"), "status": status,
        "taskDefinition": format!("{DEFINITION}:{number}"), "externalId": by,
        "startedBy": by.map(|_| "CODE_DEPLOY"), "stabilityStatus": "STEADY_STATE",
        "computedDesiredCount": 2, "runningCount": 2, "pendingCount": 0,
        "loadBalancers": [{"targetGroupArn": "tg/blue", "containerName": "web", "containerPort": 8080}]
    })
}

pub(super) fn deployment(id: &str, number: u32, status: &str) -> Value {
    json!({
        "deploymentId": id, "applicationName": "AppECS-prod-web",
        "deploymentGroupName": "DgpECS-prod-web", "status": status,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": app_spec(number)}},
        "createTime": 1000.0 + f64::from(number), "creator": "user", "computePlatform": "ECS",
        "instanceTerminationWaitTimeStarted": false,
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}
    })
}

/// A target whose green task set runs `web:2` with a share of the traffic.
pub(super) fn target(share: f64, events: &[(&str, &str)]) -> Value {
    let events: Vec<_> = events
        .iter()
        .map(|(name, status)| json!({"lifecycleEventName": name, "status": status}))
        .collect();
    let set = |number: u32, label: &str, weight: f64, status: &str| {
        json!({
            "identifer": format!("ecs-svc/{number}"), "taskSetLabel": label,
            "trafficWeight": weight, "status": status,
            "desiredCount": 2, "runningCount": 2, "pendingCount": 0
        })
    };
    json!({
        "targetId": "prod:web", "lifecycleEvents": events,
        "taskSetsInfo": [set(1, "Blue", 100.0 - share, "PRIMARY"), set(2, "Green", share, "ACTIVE")]
    })
}

fn definition(number: u32, image: &str) -> Value {
    json!({"taskDefinition": {
        "taskDefinitionArn": format!("{DEFINITION}:{number}"), "family": "web", "revision": number,
        "status": "ACTIVE", "containerDefinitions": [{
            "name": "web", "image": image, "essential": true,
            "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
        }]
    }})
}

impl World {
    /// `web:1`, that CodeDeploy has deployed as `d-1`.
    pub(super) fn steady() -> Self {
        Self {
            service: json!({
                "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "launchType": "FARGATE",
                "deploymentController": {"type": "CODE_DEPLOY"}, "deployments": [],
                "taskDefinition": format!("{DEFINITION}:1"),
                "taskSets": [task_set(1, "PRIMARY", Some("d-1"))]
            }),
            group: json!({
                "applicationName": "AppECS-prod-web", "deploymentGroupName": "DgpECS-prod-web",
                "computePlatform": "ECS",
                "ecsServices": [{"serviceName": "web", "clusterName": "prod"}],
                "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}
            }),
            deployments: BTreeMap::from([("d-1".to_owned(), deployment("d-1", 1, "Succeeded"))]),
            targets: BTreeMap::new(),
            latest: definition(1, "shop:1"),
            tasks: json!([]),
            errors: BTreeMap::new(),
        }
    }

    /// `web:2` has come up as `d-2` beside `web:1`, and has no traffic yet.
    pub(super) fn under_way() -> Self {
        let mut world = Self::steady();
        world.latest = definition(2, "shop:2");
        world.service["taskSets"] = json!([
            task_set(1, "PRIMARY", Some("d-1")),
            task_set(2, "ACTIVE", Some("d-2"))
        ]);
        world.add(deployment("d-2", 2, "InProgress"));
        let events = [("BeforeInstall", "Succeeded"), ("Install", "InProgress")];
        world.targets.insert("d-2".to_owned(), target(0.0, &events));
        world
    }

    /// `web:2` is deployed.
    pub(super) fn deployed() -> Self {
        let mut world = Self::under_way();
        world.service["taskSets"] = json!([task_set(2, "PRIMARY", Some("d-2"))]);
        world.set("d-2", "Succeeded");
        world
    }

    pub(super) fn add(&mut self, deployment: Value) {
        let id = deployment["deploymentId"].as_str().unwrap().to_owned();
        self.deployments.insert(id, deployment);
    }

    pub(super) fn set(&mut self, id: &str, status: &str) {
        self.deployments.get_mut(id).unwrap()["status"] = json!(status);
    }

    /// `d-2` has failed and is rolled back by `d-3`.
    pub(super) fn fail_and_roll_back(&mut self, status: &str) {
        self.set("d-2", "Failed");
        let failed = self.deployments.get_mut("d-2").unwrap();
        failed["errorInformation"] = json!({"code": "TIMEOUT", "message": "not healthy in time"});
        failed["rollbackInfo"] = json!({"rollbackDeploymentId": "d-3"});
        let mut back = deployment("d-3", 1, status);
        back["rollbackInfo"] = json!({"rollbackTriggeringDeploymentId": "d-2"});
        self.add(back);
        self.targets.insert(
            "d-3".to_owned(),
            target(0.0, &[("AllowTraffic", "InProgress")]),
        );
        if status == "Succeeded" {
            self.service["taskSets"] = json!([task_set(1, "PRIMARY", Some("d-1"))]);
        }
    }

    /// The group, with its last deployments as they are.
    fn group(&self) -> Value {
        let brief =
            |info: &Value| json!({"deploymentId": info["deploymentId"], "status": info["status"]});
        let mut group = self.group.clone();
        let last = self.deployments.values().next_back();
        let good = self
            .deployments
            .values()
            .rfind(|info| info["status"] == "Succeeded");
        group["lastAttemptedDeployment"] = last.map(brief).into();
        group["lastSuccessfulDeployment"] = good.map(brief).into();
        group
    }

    fn busy(&self) -> Option<&str> {
        let last = self.deployments.values().next_back()?;
        let over = ["Succeeded", "Failed", "Stopped"].contains(&last["status"].as_str()?);
        last["deploymentId"].as_str().filter(|_| !over)
    }

    fn create(&mut self, body: &Value) -> (u16, String) {
        if let Some(busy) = self.busy() {
            let said =
                format!("The Deployment Group 'x' already has an active Deployment '{busy}'");
            return error("DeploymentLimitExceededException", &said);
        }
        let id = format!("d-{}", self.deployments.len() + 1);
        let mut new = deployment(&id, 0, "Created");
        new["revision"] = body["revision"].clone();
        self.add(new);
        (200, json!({"deploymentId": id}).to_string())
    }

    fn answer(&mut self, operation: &str, body: &Value) -> (u16, String) {
        if let Some((code, message)) = self.errors.get(operation) {
            return error(code, message);
        }
        let ok = |value: Value| (200, value.to_string());
        let id = body["deploymentId"].as_str().unwrap_or_default();
        match operation {
            "DescribeServices" => ok(json!({"services": [self.service]})),
            "DescribeTaskDefinition" => ok(self.latest.clone()),
            "RegisterTaskDefinition" => {
                let mut registered = body.clone();
                registered["taskDefinitionArn"] = json!(format!("{DEFINITION}:2"));
                ok(json!({"taskDefinition": registered}))
            }
            "ListTasks" => ok(json!({"taskArns": ["task/1"]})),
            "DescribeTasks" => ok(json!({"tasks": self.tasks})),
            "GetDeploymentGroup" => ok(json!({"deploymentGroupInfo": self.group()})),
            "CreateDeployment" => self.create(body),
            "GetDeployment" => match self.deployments.get(id) {
                Some(info) => ok(json!({"deploymentInfo": info})),
                None => error("DeploymentDoesNotExistException", id),
            },
            "ListDeployments" => {
                let good = self
                    .deployments
                    .iter()
                    .filter(|(_, info)| info["status"] == "Succeeded");
                ok(json!({"deployments": good.map(|(id, _)| id).collect::<Vec<_>>()}))
            }
            "BatchGetDeployments" => {
                let wanted = body["deploymentIds"].as_array().unwrap().iter();
                let found = wanted.map(|id| &self.deployments[id.as_str().unwrap()]);
                ok(json!({"deploymentsInfo": found.collect::<Vec<_>>()}))
            }
            "ListDeploymentTargets" => match self.targets.get(id) {
                Some(_) => ok(json!({"targetIds": ["prod:web"]})),
                None => error("DeploymentNotStartedException", id),
            },
            "BatchGetDeploymentTargets" => {
                let target =
                    json!({"deploymentTargetType": "ECSTarget", "ecsTarget": self.targets[id]});
                ok(json!({"deploymentTargets": [target]}))
            }
            "StopDeployment" => ok(json!({"status": "Pending"})),
            "ContinueDeployment" => (200, String::new()),
            put if put.starts_with("PUT /") => (200, String::new()),
            other => error("InvalidInputException", other),
        }
    }
}

fn error(code: &str, message: &str) -> (u16, String) {
    (400, json!({"__type": code, "message": message}).to_string())
}

pub(super) fn aws(world: World) -> (FakeAws, Shared) {
    let shared = Arc::new(Mutex::new(world));
    let theirs = Arc::clone(&shared);
    let aws = FakeAws::new(move |operation, body| theirs.lock().unwrap().answer(operation, body));
    (aws, shared)
}
