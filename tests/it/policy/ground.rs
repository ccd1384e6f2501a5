//! A service, and everything that a pipeline for it stands on, in a sandbox in this process.

use std::time::Duration;

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_infra::application::{Application, Strategy};
use ecs_pipeline_infra::options::Options;
use ecs_pipeline_infra::policy::{Role, Statement};
use ecs_pipeline_infra::scope::Scope;
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::access::{Access, Policy};
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_sandbox::world::{ProbeOutcome, Service as Aws};
use ecs_pipeline_tests::{aws_of, create_bucket};
use serde_json::{Value, json};

/// Two tasks of `web:1` as service `demo/web`.
pub(super) struct Ground {
    pub(super) strategy: Strategy,
    pub(super) aws: AwsConfig,
    sandbox: Sandbox,
}

impl Ground {
    pub(super) async fn new(strategy: Strategy) -> Self {
        let sandbox = Sandbox::scripted(script()).start().await.unwrap();
        let aws = aws_of(&sandbox).await;
        let ground = Self {
            strategy,
            aws,
            sandbox,
        };
        ground.lay().await;
        ground
    }

    async fn lay(&self) {
        self.ecs("CreateCluster", json!({"clusterName": "demo"}));
        self.ecs("RegisterTaskDefinition", definition("1"));
        let routes = Routes::create(self);
        self.ecs("CreateService", self.service(&routes));
        self.call(
            Aws::CloudWatch,
            "PutMetricAlarm",
            json!({
                "AlarmName": "errors", "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
                "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            }),
        );
        let well = json!({"AlarmName": "errors", "StateValue": "OK", "StateReason": "set"});
        self.call(Aws::CloudWatch, "SetAlarmState", well);
        if let Strategy::Codedeploy { application, .. } = &self.strategy {
            let application = json!({"applicationName": application, "computePlatform": "ECS"});
            self.call(Aws::CodeDeploy, "CreateApplication", application);
            self.call(Aws::CodeDeploy, "CreateDeploymentGroup", group(&routes));
            create_bucket(&self.sandbox, "revisions").await;
        }
        tokio::time::sleep(Duration::from_secs(600)).await;
    }

    fn service(&self, routes: &Routes) -> Value {
        let mut balancer = json!({
            "targetGroupArn": routes.blue, "containerName": "web", "containerPort": 8080,
        });
        let mut configuration = json!({"minimumHealthyPercent": 100, "maximumPercent": 200});
        let breaker = json!({"enable": true, "rollback": true});
        if !matches!(self.strategy, Strategy::Codedeploy { .. }) {
            configuration["deploymentCircuitBreaker"] = breaker;
        }
        let shifts = match &self.strategy {
            Strategy::BlueGreen { bake } => {
                json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": bake})
            }
            Strategy::Linear {
                percent,
                step,
                bake,
            } => json!({
                "strategy": "LINEAR", "bakeTimeInMinutes": bake,
                "linearConfiguration": {"stepPercent": percent, "stepBakeTimeInMinutes": step},
            }),
            Strategy::Canary {
                percent,
                step,
                bake,
            } => json!({
                "strategy": "CANARY", "bakeTimeInMinutes": bake,
                "canaryConfiguration": {"canaryPercent": percent, "canaryBakeTimeInMinutes": step},
            }),
            _ => json!({}),
        };
        if self.strategy.is_shifted_by_ecs() {
            let members = shifts.as_object().unwrap().clone();
            configuration.as_object_mut().unwrap().extend(members);
            balancer["advancedConfiguration"] = json!({
                "alternateTargetGroupArn": routes.green, "productionListenerRule": routes.rules[0],
                "testListenerRule": routes.rules[1], "roleArn": role("web-infrastructure"),
            });
        }
        let controller = match self.strategy {
            Strategy::Codedeploy { .. } => "CODE_DEPLOY",
            _ => "ECS",
        };
        json!({
            "cluster": "demo", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
            "launchType": "EC2", "deploymentController": {"type": controller},
            "deploymentConfiguration": configuration, "loadBalancers": [balancer],
        })
    }

    /// Holds deployments before their traffic moves.
    pub(super) fn hold(&self, holds: bool) {
        if let Strategy::Codedeploy {
            application, group, ..
        } = &self.strategy
        {
            let ready = match holds {
                true => json!({"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}),
                false => json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT"}),
            };
            let input = json!({
                "applicationName": application, "currentDeploymentGroupName": group,
                "blueGreenDeploymentConfiguration": {
                    "deploymentReadyOption": ready,
                    "terminateBlueInstancesOnDeploymentSuccess": {
                        "action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
                },
            });
            self.call(Aws::CodeDeploy, "UpdateDeploymentGroup", input);
            return;
        }
        let mut configuration = self.described()["deploymentConfiguration"].clone();
        configuration["lifecycleHooks"] = match holds {
            true => {
                json!([{"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}])
            }
            false => json!([]),
        };
        let input = json!({
            "cluster": "demo", "service": "web", "deploymentConfiguration": configuration,
        });
        self.ecs("UpdateService", input);
    }

    fn described(&self) -> Value {
        let input = json!({"cluster": "demo", "services": ["web"]});
        self.ecs("DescribeServices", input)["services"][0].take()
    }

    fn application(&self) -> Application {
        let document = TaskDefinitionDocument::from_value(definition("2")).unwrap();
        let mut application = Application::new("web", &document);
        application.cluster = "demo".to_owned();
        application.strategy = self.strategy.clone();
        application.load_balancer = "lb".to_owned();
        application.runs_tasks = true;
        application.finds_address = true;
        application.alarm_gates = vec!["errors".to_owned()];
        application
    }

    /// What `iam-policy` prints.
    pub(super) fn policy(&self, role: Role) -> Policy {
        let scope = Scope::new("us-east-1", "123456789012");
        let policy = role.policy(&self.application(), &Options::default(), &scope);
        serde_json::to_string(&policy).unwrap().parse().unwrap()
    }

    pub(super) fn statements(&self, role: Role) -> Vec<Statement> {
        let scope = Scope::new("us-east-1", "123456789012");
        let policy = role.policy(&self.application(), &Options::default(), &scope);
        policy.statements
    }

    pub(super) fn access(&self) -> Access {
        self.sandbox.access()
    }

    /// An operation that nobody's policy is asked about.
    fn call(&self, service: Aws, operation: &str, input: Value) -> Value {
        let answer = self.sandbox.call(service, operation, input);
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    fn ecs(&self, operation: &str, input: Value) -> Value {
        self.call(Aws::Ecs, operation, input)
    }
}

/// The load balancer.
struct Routes {
    blue: Value,
    green: Value,
    listeners: [Value; 2],
    rules: [Value; 2],
}

impl Routes {
    fn create(ground: &Ground) -> Self {
        let elb = |operation: &str, input| ground.call(Aws::Elbv2, operation, input);
        let [blue, green] = ["blue", "green"].map(|name| {
            let made = elb("CreateTargetGroup", target_group(name));
            made["TargetGroups"][0]["TargetGroupArn"].clone()
        });
        let balancer = json!({"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]});
        let balancer = elb("CreateLoadBalancer", balancer);
        let listeners = [8080, 8081].map(|port| {
            let listener = json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                "Protocol": "HTTP", "Port": port,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": blue}],
            });
            elb("CreateListener", listener)["Listeners"][0]["ListenerArn"].clone()
        });
        let rules = listeners.clone().map(|listener| {
            let rules = elb("DescribeRules", json!({"ListenerArn": listener}));
            rules["Rules"][0]["RuleArn"].clone()
        });
        Self {
            blue,
            green,
            listeners,
            rules,
        }
    }
}

/// What tasks do is said by the marker in their environment. A one-off task ends well, but an endless one.
fn script() -> Script {
    Script::by(|task| {
        let marker = task
            .containers
            .first()
            .and_then(|it| it.environment.get("MARKER"));
        let plan = Plan::healthy().logging(["hello"]);
        match marker.map_or("", String::as_str) {
            "endless" => plan,
            _ if !task.group.starts_with("service:") => {
                plan.exiting_after(Duration::from_secs(5), 0)
            }
            "crash" => plan
                .answering(Duration::ZERO, ProbeOutcome::Status(500))
                .exiting_after(Duration::from_secs(3), 1),
            "slow" => plan.starting_in(Duration::from_secs(40 * 60)),
            _ => plan,
        }
    })
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

/// Another marker makes another revision.
pub(super) fn definition(marker: &str) -> Value {
    json!({
        "family": "web", "networkMode": "bridge",
        "executionRoleArn": role("web-execution"), "taskRoleArn": role("web-task"),
        "tags": [{"key": "team", "value": "blue"}],
        "containerDefinitions": [{
            "name": "web", "memory": 64, "essential": true,
            "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1",
            "portMappings": [{"containerPort": 8080, "hostPort": 0}],
            "environment": [{"name": "MARKER", "value": marker}],
            "secrets": [
                {"name": "TOKEN", "valueFrom": "/web/token"},
                {"name": "KEY", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"},
            ],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/web", "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "web", "awslogs-create-group": "true",
            }},
        }],
    })
}

fn target_group(name: &str) -> Value {
    json!({
        "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
        "TargetType": "instance", "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
        "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
    })
}

fn group(routes: &Routes) -> Value {
    json!({
        "applicationName": "AppECS-demo-web",
        "deploymentGroupName": "DgpECS-demo-web",
        "serviceRoleArn": role("codedeploy"),
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        },
        "loadBalancerInfo": {"targetGroupPairInfoList": [{
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": [routes.listeners[0]]},
            "testTrafficRoute": {"listenerArns": [routes.listeners[1]]},
        }]},
        "ecsServices": [{"serviceName": "web", "clusterName": "demo"}],
    })
}
