//! Applications to make templates for.

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_infra::application::{Application, Strategy};
use serde_json::{Value, json};

/// An application named `hello-web`.
pub(crate) fn application(task: &str, strategy: &str) -> Application {
    let document = TaskDefinitionDocument::from_value(task_definition(task)).unwrap();
    let mut application = Application::new("hello-web", &document);
    application.cluster = "demo".to_owned();
    application.strategy = strategy_named(strategy);
    application
}

/// The strategies that there are.
fn strategy_named(name: &str) -> Strategy {
    match name {
        "rolling" => Strategy::Rolling,
        "blue-green" => Strategy::BlueGreen { bake: 5 },
        "linear" => Strategy::Linear {
            percent: 10.0,
            step: 6,
            bake: 5,
        },
        "canary" => Strategy::Canary {
            percent: 5.5,
            step: 10,
            bake: 5,
        },
        "codedeploy" => codedeploy(None),
        "codedeploy-bucket" => codedeploy(Some("hello-web-revisions".to_owned())),
        _ => panic!("no strategy is named {name}"),
    }
}

fn codedeploy(bucket: Option<String>) -> Strategy {
    Strategy::Codedeploy {
        application: "AppECS-demo-hello-web".to_owned(),
        group: "DgpECS-demo-hello-web".to_owned(),
        config: "CodeDeployDefault.ECSAllAtOnce".to_owned(),
        bucket,
    }
}

/// The kinds of task definitions that surroundings differ for.
fn task_definition(name: &str) -> Value {
    let mut task = json!({
        "family": "hello-web",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
        "containerDefinitions": [{
            "name": "web",
            "image": "<IMAGE1_NAME>",
            "essential": true,
            "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/hello-web",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "web",
            }},
        }],
    });
    let container = "/containerDefinitions/0";
    match name {
        "fargate" => {}
        "fargate-secrets" => {
            task["taskRoleArn"] = json!("arn:aws:iam::123456789012:role/app/hello-web");
            let secrets = json!([
                {"name": "TOKEN", "valueFrom": "/hello-web/token"},
                {"name": "KEY", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/hello-web/key"},
                {"name": "PASSWORD", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"},
            ]);
            task.pointer_mut(container).unwrap()["secrets"] = secrets;
            let options = task.pointer_mut("/containerDefinitions/0/logConfiguration/options");
            options.unwrap()["awslogs-create-group"] = json!("true");
        }
        "fargate-sidecar" => {
            let sidecar = json!({"name": "proxy", "image": "envoyproxy/envoy:v1"});
            let containers = task["containerDefinitions"].as_array_mut();
            containers.unwrap().push(sidecar);
        }
        "windows" => {
            task["requiresCompatibilities"] = json!(["EC2"]);
            task["runtimePlatform"]["operatingSystemFamily"] = json!("WINDOWS_SERVER_2022_CORE");
        }
        "arm64" => task["runtimePlatform"]["cpuArchitecture"] = json!("ARM64"),
        "ec2-awsvpc" => task["requiresCompatibilities"] = json!(["EC2"]),
        "ec2-bridge" => {
            task["requiresCompatibilities"] = json!(["EC2"]);
            task["networkMode"] = json!("bridge");
            let ports = json!([{"containerPort": 8080, "hostPort": 0}]);
            task.pointer_mut(container).unwrap()["portMappings"] = ports;
        }
        "ec2-arm64" => {
            task["requiresCompatibilities"] = json!(["EC2"]);
            task["runtimePlatform"]["cpuArchitecture"] = json!("ARM64");
        }
        "ec2-fixed-port" => {
            task["requiresCompatibilities"] = json!(["EC2"]);
            task.as_object_mut().unwrap().remove("networkMode");
            let ports = json!([{"containerPort": 8080, "hostPort": 9000}]);
            task.pointer_mut(container).unwrap()["portMappings"] = ports;
        }
        "ec2-host" => {
            task["requiresCompatibilities"] = json!(["EC2"]);
            task["networkMode"] = json!("host");
            let task = task.as_object_mut().unwrap();
            task.remove("executionRoleArn");
        }
        _ => panic!("no task definition is named {name}"),
    }
    task
}
