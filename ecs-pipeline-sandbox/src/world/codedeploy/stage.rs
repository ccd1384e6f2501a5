//! A stage for tests: a service with CodeDeploy's controller behind two listeners and between two
//! target groups, and an application with a group for it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use ecs_pipeline_artifacts::app_spec::{AppSpec, HookEvent};
use serde_json::{Value, json};

use crate::world::ecs::script::{FINE, Manner, Play, Watch};
use crate::world::{ApiError, Service, World};

/// Sees to it that production traffic only goes where somebody is healthy.
#[derive(Default)]
pub(in crate::world) struct Served {
    production: Option<String>,
}

impl Watch for Served {
    fn look(&mut self, world: &World) {
        let Some(production) = &self.production else {
            return;
        };
        let sets = world.task_sets("c", "s").unwrap_or_default();
        let routed = world.elbv2.weights(production);
        for (group, _) in routed.iter().filter(|(_, weight)| *weight > 0) {
            let serves = |set: &&_| serves(set, group);
            assert!(
                sets.iter().find(serves).is_some(),
                "requests fail: {routed:?} and {sets:#?}"
            );
        }
    }
}

fn serves(set: &crate::world::ecs::task_sets::TaskSet, group: &str) -> bool {
    set.target_group == group && set.status != "DRAINING" && set.healthy > 0
}

pub(in crate::world) struct Stage {
    pub(in crate::world) play: Play<Served>,
    pub(in crate::world) production: String,
    pub(in crate::world) test: String,
    pub(in crate::world) blue: String,
    pub(in crate::world) green: String,
}

impl Stage {
    /// Two tasks of `web:1` run and are healthy; later revisions behave as `manner` says.
    pub(in crate::world) fn new(manner: Manner, group: Value) -> Self {
        let script = move |definition: &str, _| match definition {
            "web:1" => FINE,
            _ => manner,
        };
        let mut play = Play::new(Served::default(), script);
        let [blue, green] = ["blue", "green"].map(|name| target_group(&mut play, name));
        let balancer = play.elbv2(
            "CreateLoadBalancer",
            json!({"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]}),
        );
        let balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"].clone();
        let [production, test] = [8080, 8081].map(|port| {
            let made = play.elbv2(
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
                    "DefaultActions": [{"Type": "forward", "TargetGroupArn": blue}],
                }),
            );
            made["Listeners"][0]["ListenerArn"]
                .as_str()
                .unwrap()
                .to_owned()
        });
        play.register();
        play.create(
            2,
            json!({
                "deploymentController": {"type": "CODE_DEPLOY"},
                "loadBalancers": [{
                    "targetGroupArn": blue, "containerName": "app", "containerPort": 80}],
            }),
        );
        let mut stage = Self {
            play,
            production,
            test,
            blue,
            green,
        };
        stage.steady();
        stage.play.watch.production = Some(stage.production.clone());
        stage.ok(
            "CreateApplication",
            json!({"applicationName": "a", "computePlatform": "ECS"}),
        );
        let group = stage.group(group);
        stage.ok("CreateDeploymentGroup", group);
        stage
    }

    /// CreateDeploymentGroup's input for the service.
    pub(in crate::world) fn group(&self, extra: Value) -> Value {
        let mut input = json!({
            "applicationName": "a",
            "deploymentGroupName": "g",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
            "deploymentStyle": {
                "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            },
            "loadBalancerInfo": {"targetGroupPairInfoList": [{
                "targetGroups": [{"name": "blue"}, {"name": "green"}],
                "prodTrafficRoute": {"listenerArns": [self.production]},
                "testTrafficRoute": {"listenerArns": [self.test]},
            }]},
            "ecsServices": [{"serviceName": "s", "clusterName": "c"}],
        });
        let members = input.as_object_mut().unwrap();
        members.extend(extra.as_object().unwrap().clone());
        input
    }

    /// Waits until every task set has its tasks, all healthy.
    pub(in crate::world) fn steady(&mut self) {
        self.play.pass_until(600, |play| {
            let service = play.service("s");
            let sets = service["taskSets"].as_array().unwrap();
            sets.iter()
                .all(|set| set["stabilityStatus"] == "STEADY_STATE")
        });
    }

    pub(in crate::world) fn ask(
        &mut self,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        self.play.ask(Service::CodeDeploy, operation, input)
    }

    pub(in crate::world) fn ok(&mut self, operation: &str, input: Value) -> Value {
        self.ask(operation, input)
            .unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    pub(in crate::world) fn code(&mut self, operation: &str, input: Value) -> String {
        self.ask(operation, input).unwrap_err().code
    }

    /// Registers the next revision of `web`, and deploys it.
    pub(in crate::world) fn deploy(&mut self, hooks: &[(HookEvent, &str)], extra: Value) -> String {
        let definition = self.play.register();
        let mut spec = AppSpec::new(definition, "app", 80);
        for (event, function) in hooks {
            spec = spec.with_hook(*event, *function);
        }
        self.deploy_spec(&spec, extra)
    }

    pub(in crate::world) fn deploy_spec(&mut self, spec: &AppSpec, extra: Value) -> String {
        let mut input = json!({
            "applicationName": "a",
            "deploymentGroupName": "g",
            "revision": {
                "revisionType": "AppSpecContent",
                "appSpecContent": {"content": spec.to_json_string()},
            },
        });
        let members = input.as_object_mut().unwrap();
        members.extend(extra.as_object().unwrap().clone());
        let answer = self.ok("CreateDeployment", input);
        answer["deploymentId"].as_str().unwrap().to_owned()
    }

    pub(in crate::world) fn get(&mut self, id: &str) -> Value {
        let answer = self.ok("GetDeployment", json!({"deploymentId": id}));
        answer["deploymentInfo"].clone()
    }

    pub(in crate::world) fn status(&mut self, id: &str) -> String {
        self.get(id)["status"].as_str().unwrap().to_owned()
    }

    /// Lets time pass until the deployment has this status; answers how many seconds that took.
    pub(in crate::world) fn until(&mut self, id: &str, limit: u64, status: &str) -> u64 {
        self.until_info(id, limit, |info| info["status"] == status)
    }

    pub(in crate::world) fn until_info(
        &mut self,
        id: &str,
        limit: u64,
        done: impl Fn(&Value) -> bool,
    ) -> u64 {
        let input = json!({"deploymentId": id});
        self.play.pass_until(limit, |play| {
            let info = play.ask(Service::CodeDeploy, "GetDeployment", input.clone());
            done(&info.unwrap()["deploymentInfo"])
        })
    }

    /// Says what a function answers, one second after it is called. Others say nothing.
    pub(in crate::world) fn answers(
        &mut self,
        function: &'static str,
        answer: Result<Value, String>,
    ) {
        self.play.functions.insert(function.into(), answer);
    }

    /// The target: the service as the deployment sees it.
    pub(in crate::world) fn target(&mut self, id: &str) -> Value {
        let input = json!({"deploymentId": id, "targetIds": ["c:s"]});
        let answer = self.ok("BatchGetDeploymentTargets", input);
        answer["deploymentTargets"][0]["ecsTarget"].clone()
    }

    /// Lifecycle events as `NAME STATUS`.
    pub(in crate::world) fn events(&mut self, id: &str) -> Vec<String> {
        let target = self.target(id);
        let events = target["lifecycleEvents"].as_array().unwrap();
        let word = |event: &Value, member: &str| event[member].as_str().unwrap().to_owned();
        events
            .iter()
            .map(|e| format!("{} {}", word(e, "lifecycleEventName"), word(e, "status")))
            .collect()
    }

    /// The shares of blue's and green's target groups in the production listener.
    pub(in crate::world) fn weights(&self) -> (u32, u32) {
        (
            self.weight(&self.production, &self.blue),
            self.weight(&self.production, &self.green),
        )
    }

    pub(in crate::world) fn weight(&self, listener: &str, group: &str) -> u32 {
        let weights = self.play.world.elbv2.weights(listener);
        let found = weights.iter().find(|(arn, _)| arn == group);
        found.map_or(0, |(_, weight)| *weight)
    }

    /// Task sets as `STATUS family:revision desired`.
    pub(in crate::world) fn sets(&mut self) -> Vec<String> {
        let service = self.play.service("s");
        let sets = service["taskSets"].as_array().unwrap();
        sets.iter()
            .map(|set| {
                let definition = set["taskDefinition"].as_str().unwrap();
                format!(
                    "{} {} {}",
                    set["status"].as_str().unwrap(),
                    definition.rsplit('/').next().unwrap(),
                    set["computedDesiredCount"],
                )
            })
            .collect()
    }
}

fn target_group(play: &mut Play<Served>, name: &str) -> String {
    let made = play.elbv2(
        "CreateTargetGroup",
        json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
            "TargetType": "instance", "HealthCheckPath": "/",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
            "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
        }),
    );
    made["TargetGroups"][0]["TargetGroupArn"]
        .as_str()
        .unwrap()
        .to_owned()
}
