//! boto3 and the AWS CLI create everything that a service needs, from nothing.

use ecs_pipeline_tests::{Sandboxed, free_port, get, require};
use serde_json::{Value, json};

/// An image that no test has to build; tasks in this process do not pull it.
const IMAGE: &str = "example.com/front:1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_creates_an_awsvpc_service() {
    boto3_creates("awsvpc").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_creates_a_bridge_service() {
    boto3_creates("bridge").await;
}

async fn boto3_creates(network: &str) {
    if !require(&["boto3"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let port = free_port();
    let outcome = sandboxed
        .python("create.py", &[network, IMAGE, &port.to_string()])
        .await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    check(&outcome.json(), network, port);
    serves(&sandboxed, &outcome.json()["listener"]).await;
    sandboxed.stop().await;
}

/// That these members, and no fewer, are in the answer.
fn expect(answer: &Value, expected: &Value) {
    for (pointer, expected) in expected.as_object().unwrap() {
        let found = answer.pointer(pointer).unwrap_or(&Value::Null);
        assert_eq!(found, expected, "{pointer} of {answer:#}");
    }
}

fn check(answers: &Value, network: &str, port: u16) {
    let account = "arn:aws:ecs:us-east-1:123456789012";
    let awsvpc = network == "awsvpc";
    expect(
        answers,
        &json!({
            "/identity/Account": "123456789012",
            "/cluster/cluster/clusterArn": format!("{account}:cluster/shop"),
            "/cluster/cluster/status": "ACTIVE",
            "/clusters/clusters/0/activeServicesCount": 1,
            "/clusters/clusters/0/runningTasksCount": 2,
            "/repository/repository/repositoryArn":
                "arn:aws:ecr:us-east-1:123456789012:repository/team/front",
            "/repository/repository/imageTagMutability": "MUTABLE",
            "/repositories/repositories/0": answers["repository"]["repository"],
            "/definition/taskDefinition/taskDefinitionArn":
                format!("{account}:task-definition/front:1"),
            "/definition/taskDefinition/status": "ACTIVE",
            "/definition/taskDefinition/networkMode": network,
            "/definition/taskDefinition/containerDefinitions/0/environment/0/value": "blue",
            "/described_definition/taskDefinition": answers["definition"]["taskDefinition"],
            "/balancer/LoadBalancers/0/Type": "application",
            "/balancer/LoadBalancers/0/State/Code": "active",
            "/group/TargetGroups/0/TargetType": if awsvpc { "ip" } else { "instance" },
            "/group/TargetGroups/0/Matcher/HttpCode": "200-299",
            "/group/TargetGroups/0/HealthCheckPath": "/health",
            "/groups/TargetGroups/0/LoadBalancerArns/0":
                answers["balancer"]["LoadBalancers"][0]["LoadBalancerArn"],
            "/listener/Listeners/0/Port": port,
            "/listener/Listeners/0/DefaultActions/0/FixedResponseConfig/StatusCode": "404",
            "/listeners/Listeners": answers["listener"]["Listeners"],
            "/rule/Rules/0/Priority": "10",
            "/rule/Rules/0/IsDefault": false,
            "/rule/Rules/0/Conditions/0/Field": "path-pattern",
            "/rules/Rules/0": answers["rule"]["Rules"][0],
            "/rules/Rules/1/Priority": "default",
            "/rules/Rules/1/IsDefault": true,
        }),
    );
    check_service(answers, awsvpc);
    check_tasks(answers, awsvpc);
}

fn check_service(answers: &Value, awsvpc: bool) {
    let account = "arn:aws:ecs:us-east-1:123456789012";
    expect(
        answers,
        &json!({
            "/service/service/status": "ACTIVE",
            "/service/service/runningCount": 0,
            "/service/service/deployments/0/rolloutState": "IN_PROGRESS",
            "/services/services/0/serviceArn": format!("{account}:service/shop/front"),
            "/services/services/0/status": "ACTIVE",
            "/services/services/0/desiredCount": 2,
            "/services/services/0/runningCount": 2,
            "/services/services/0/pendingCount": 0,
            "/services/services/0/launchType": if awsvpc { "FARGATE" } else { "EC2" },
            "/services/services/0/schedulingStrategy": "REPLICA",
            "/services/services/0/tags": [{ "key": "team", "value": "shop" }],
            "/services/services/0/deployments/0/status": "PRIMARY",
            "/services/services/0/deployments/0/rolloutState": "COMPLETED",
            "/services/services/0/deployments/0/failedTasks": 0,
            "/services/failures/0/arn": format!("{account}:service/shop/ghost"),
            "/services/failures/0/reason": "MISSING",
            "/deployments/serviceDeployments/0/status": "SUCCESSFUL",
            "/deployment/serviceDeployments/0/status": "SUCCESSFUL",
            "/deployment/serviceDeployments/0/targetServiceRevision/runningTaskCount": 2,
            "/deployment/serviceDeployments/0/deploymentCircuitBreaker/threshold": 3,
        }),
    );
    let events = answers["services"]["services"][0]["events"]
        .as_array()
        .unwrap();
    let latest = events[0]["message"].as_str().unwrap();
    assert_eq!(latest, "(service front) has reached a steady state.");
}

fn check_tasks(answers: &Value, awsvpc: bool) {
    let tasks = answers["tasks"]["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2);
    let started_by = &answers["services"]["services"][0]["deployments"][0]["id"];
    for task in tasks {
        expect(
            task,
            &json!({
                "/lastStatus": "RUNNING",
                "/desiredStatus": "RUNNING",
                "/group": "service:front",
                "/startedBy": started_by,
                "/launchType": if awsvpc { "FARGATE" } else { "EC2" },
                "/containers/0/name": "app",
                "/containers/0/image": IMAGE,
                "/containers/0/lastStatus": "RUNNING",
            }),
        );
        if awsvpc {
            let details = task["attachments"][0]["details"].as_array().unwrap();
            let address = details.iter().find(|d| d["name"] == "privateIPv4Address");
            assert!(address.is_some(), "{task:#}");
        } else {
            let binding = &task["containers"][0]["networkBindings"][0];
            assert_eq!(binding["containerPort"], 8080, "{task:#}");
            assert_ne!(binding["hostPort"], 0, "{task:#}");
        }
    }
    let targets = answers["health"]["TargetHealthDescriptions"]
        .as_array()
        .unwrap();
    assert_eq!(targets.len(), 2);
    for target in targets {
        assert_eq!(target["TargetHealth"]["State"], "healthy", "{target:#}");
        let id = target["Target"]["Id"].as_str().unwrap();
        assert_eq!(id.starts_with("i-"), !awsvpc, "{target:#}");
    }
}

/// Asks through the load balancer: the rule forwards, everything else meets the default action.
async fn serves(sandboxed: &Sandboxed, listener: &Value) {
    let arn = listener["Listeners"][0]["ListenerArn"].as_str().unwrap();
    let address = sandboxed.sandbox.listener_address(arn).unwrap();
    let (status, body) = get(&format!("http://{address}/app/1")).await.unwrap();
    assert_eq!((status, body.contains("(front:1)")), (200, true), "{body}");
    let elsewhere = get(&format!("http://{address}/")).await.unwrap();
    assert_eq!(elsewhere, (404, "nothing here".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_creates_an_awsvpc_service() {
    cli_creates("awsvpc").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_creates_a_bridge_service() {
    cli_creates("bridge").await;
}

/// The same as `create.py`, in commands.
async fn cli_creates(network: &str) {
    if !require(&["aws-cli"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let port = free_port();
    let mut answers = json!({});
    prepare(&sandboxed, &mut answers, network).await;
    balance(&sandboxed, &mut answers, network, port).await;
    serve(&sandboxed, &mut answers, network).await;
    check(&answers, network, port);
    serves(&sandboxed, &answers["listener"]).await;
    sandboxed.stop().await;
}

/// Runs a command line of the AWS CLI whose words have no spaces.
async fn aws(sandboxed: &Sandboxed, line: &str) -> Value {
    let words: Vec<&str> = line.split_whitespace().collect();
    sandboxed.aws(&words).await
}

fn text<'v>(answers: &'v Value, pointer: &str) -> &'v str {
    let found = answers.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {answers:#}"))
}

async fn prepare(sandboxed: &Sandboxed, answers: &mut Value, network: &str) {
    answers["identity"] = aws(sandboxed, "sts get-caller-identity").await;
    answers["cluster"] = aws(sandboxed, "ecs create-cluster --cluster-name shop").await;
    let name = "--repository-name team/front";
    answers["repository"] = aws(sandboxed, &format!("ecr create-repository {name}")).await;
    let names = "--repository-names team/front";
    answers["repositories"] = aws(sandboxed, &format!("ecr describe-repositories {names}")).await;
    let mapping = match network {
        "awsvpc" => json!({ "containerPort": 8080 }),
        _ => json!({ "containerPort": 8080, "hostPort": 0 }),
    };
    let container = json!([{
        "name": "app", "image": IMAGE, "essential": true, "memory": 128,
        "environment": [{ "name": "COLOUR", "value": "blue" }], "portMappings": [mapping],
    }]);
    let fargate = match network {
        "awsvpc" => {
            "--requires-compatibilities FARGATE --cpu 256 --memory 512 \
             --execution-role-arn arn:aws:iam::123456789012:role/execution"
        }
        _ => "",
    };
    let register = format!(
        "ecs register-task-definition --family front --network-mode {network} {fargate} \
         --container-definitions {container}"
    );
    answers["definition"] = aws(sandboxed, &register).await;
    let describe = "ecs describe-task-definition --task-definition front";
    answers["described_definition"] = aws(sandboxed, describe).await;
}

async fn balance(sandboxed: &Sandboxed, answers: &mut Value, network: &str, port: u16) {
    let create = "elbv2 create-load-balancer --name front --subnets subnet-1 subnet-2";
    answers["balancer"] = aws(sandboxed, create).await;
    let balancer = text(answers, "/balancer/LoadBalancers/0/LoadBalancerArn").to_owned();
    let available = format!("elbv2 wait load-balancer-available --load-balancer-arns {balancer}");
    aws(sandboxed, &available).await;
    let kind = if network == "awsvpc" {
        "ip"
    } else {
        "instance"
    };
    let create = format!(
        "elbv2 create-target-group --name front --protocol HTTP --port 80 --vpc-id vpc-1 \
         --target-type {kind} --health-check-path /health --health-check-interval-seconds 10 \
         --health-check-timeout-seconds 9 --healthy-threshold-count 2 \
         --unhealthy-threshold-count 4 --matcher HttpCode=200-299"
    );
    answers["group"] = aws(sandboxed, &create).await;
    let group = text(answers, "/group/TargetGroups/0/TargetGroupArn").to_owned();
    let modify = format!(
        "elbv2 modify-target-group-attributes --target-group-arn {group} \
         --attributes Key=deregistration_delay.timeout_seconds,Value=10"
    );
    answers["attributes"] = aws(sandboxed, &modify).await;
    let default = json!([{
        "Type": "fixed-response",
        "FixedResponseConfig": { "StatusCode": "404", "MessageBody": "nothing here" },
    }])
    .to_string();
    let create = format!(
        "elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port {port}"
    );
    let mut words: Vec<&str> = create.split_whitespace().collect();
    words.extend(["--default-actions", &default]);
    answers["listener"] = sandboxed.aws(&words).await;
    let listener = text(answers, "/listener/Listeners/0/ListenerArn");
    let create = format!(
        "elbv2 create-rule --listener-arn {listener} --priority 10 \
         --conditions Field=path-pattern,Values=/app,/app/* \
         --actions Type=forward,TargetGroupArn={group}"
    );
    answers["rule"] = aws(sandboxed, &create).await;
}

async fn serve(sandboxed: &Sandboxed, answers: &mut Value, network: &str) {
    let group = text(answers, "/group/TargetGroups/0/TargetGroupArn").to_owned();
    let balancer = text(answers, "/balancer/LoadBalancers/0/LoadBalancerArn").to_owned();
    let listener = text(answers, "/listener/Listeners/0/ListenerArn").to_owned();
    let fargate = match network {
        "awsvpc" => {
            "--launch-type FARGATE \
             --network-configuration awsvpcConfiguration={subnets=[subnet-1,subnet-2]}"
        }
        _ => "",
    };
    let create = format!(
        "ecs create-service --cluster shop --service-name front --task-definition front \
         --desired-count 2 {fargate} \
         --load-balancers targetGroupArn={group},containerName=app,containerPort=8080 \
         --deployment-configuration \
         deploymentCircuitBreaker={{enable=true,rollback=true}},maximumPercent=200 \
         --tags key=team,value=shop"
    );
    answers["service"] = aws(sandboxed, &create).await;
    aws(
        sandboxed,
        "ecs wait services-stable --cluster shop --services front",
    )
    .await;
    let in_service = format!("elbv2 wait target-in-service --target-group-arn {group}");
    aws(sandboxed, &in_service).await;

    let clusters = "ecs describe-clusters --clusters shop";
    answers["clusters"] = aws(sandboxed, clusters).await;
    let services = "ecs describe-services --cluster shop --services front ghost --include TAGS";
    answers["services"] = aws(sandboxed, services).await;
    let listed = aws(
        sandboxed,
        "ecs list-tasks --cluster shop --service-name front",
    )
    .await;
    let (one, two) = (text(&listed, "/taskArns/0"), text(&listed, "/taskArns/1"));
    let tasks = format!("ecs describe-tasks --cluster shop --tasks {one} {two}");
    answers["tasks"] = aws(sandboxed, &tasks).await;
    let health = format!("elbv2 describe-target-health --target-group-arn {group}");
    answers["health"] = aws(sandboxed, &health).await;
    let groups = format!("elbv2 describe-target-groups --load-balancer-arn {balancer}");
    answers["groups"] = aws(sandboxed, &groups).await;
    let listeners = format!("elbv2 describe-listeners --load-balancer-arn {balancer}");
    answers["listeners"] = aws(sandboxed, &listeners).await;
    let rules = format!("elbv2 describe-rules --listener-arn {listener}");
    answers["rules"] = aws(sandboxed, &rules).await;
    let list = "ecs list-service-deployments --cluster shop --service front";
    answers["deployments"] = aws(sandboxed, list).await;
    let arn = text(
        answers,
        "/deployments/serviceDeployments/0/serviceDeploymentArn",
    );
    let describe = format!("ecs describe-service-deployments --service-deployment-arns {arn}");
    answers["deployment"] = aws(sandboxed, &describe).await;
}
