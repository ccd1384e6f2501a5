//! Real requests through real listeners while CodeDeploy moves a service.

use super::*;

/// Takes the service `web` down, and puts `shop` in its place: CodeDeploy's, between the target
/// groups `blue` and `green`, behind the same listener and a test listener.
async fn hand_over_to_codedeploy(stage: &Stage) {
    let named = json!({ "cluster": "c", "service": "web", "force": true });
    stage.ecs("DeleteService", named).await;
    let mut groups = Vec::new();
    for name in ["blue", "green"] {
        let create = format!(
            "Action=CreateTargetGroup&Name={name}&Protocol=HTTP&Port=80&VpcId=vpc-1\
             &TargetType=ip&HealthCheckPath=/&HealthCheckIntervalSeconds=5\
             &HealthCheckTimeoutSeconds=4&HealthyThresholdCount=2&UnhealthyThresholdCount=2"
        );
        let group = stage.elb(&create, "TargetGroupArn").await;
        // One second of real time: a request on a busy machine may take that long.
        let delay = format!(
            "Action=ModifyTargetGroupAttributes&TargetGroupArn={group}\
             &Attributes.member.1.Key=deregistration_delay.timeout_seconds\
             &Attributes.member.1.Value=30"
        );
        stage.elb(&delay, "Value").await;
        groups.push(group);
    }
    let listener = &stage.listener;
    let to_blue = format!(
        "Action=ModifyListener&ListenerArn={listener}&DefaultActions.member.1.Type=forward\
         &DefaultActions.member.1.TargetGroupArn={}",
        groups[0]
    );
    stage.elb(&to_blue, "ListenerArn").await;
    let service = json!({
        "cluster": "c", "serviceName": "shop", "taskDefinition": "web:1", "desiredCount": 2,
        "launchType": "FARGATE",
        "deploymentController": { "type": "CODE_DEPLOY" },
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        "loadBalancers": [{
            "targetGroupArn": groups[0], "containerName": "app", "containerPort": 8080,
        }],
    });
    stage.ecs("CreateService", service).await;
    let application = json!({ "applicationName": "a", "computePlatform": "ECS" });
    ask(stage, "CreateApplication", application).await;
    let group = json!({
        "applicationName": "a", "deploymentGroupName": "g", "serviceRoleArn": "arn:aws:iam::1:role/r",
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "autoRollbackConfiguration": { "enabled": true, "events": ["DEPLOYMENT_STOP_ON_REQUEST"] },
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 1 },
            "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
        },
        "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": "blue" }, { "name": "green" }],
            "prodTrafficRoute": { "listenerArns": [listener] },
        }]},
        "ecsServices": [{ "clusterName": "c", "serviceName": "shop" }],
    });
    ask(stage, "CreateDeploymentGroup", group).await;
}

async fn ask(stage: &Stage, operation: &str, input: Value) -> Value {
    let target = format!("CodeDeploy_20141006.{operation}");

    stage.json(&target, input).await
}

async fn deploy(stage: &Stage, definition: &str) -> String {
    let properties = json!({
        "TaskDefinition": definition,
        "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
    });
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "TargetService": {
            "Type": "AWS::ECS::Service", "Properties": properties } }],
    });
    let input = json!({
        "applicationName": "a", "deploymentGroupName": "g",
        "revision": {
            "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
    });
    let answer = ask(stage, "CreateDeployment", input).await;
    answer["deploymentId"].as_str().unwrap().to_owned()
}

/// Waits for something about a deployment.
async fn until(stage: &Stage, id: &str, done: impl Fn(&Value) -> bool) -> Value {
    let mut info = Value::Null;
    for _ in 0..3000 {
        let answer = ask(stage, "GetDeployment", json!({ "deploymentId": id })).await;
        info = answer["deploymentInfo"].clone();
        if done(&info) {
            return info;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not so in time: {info:#}");
}

async fn all_healthy(stage: &Stage) {
    for _ in 0..1000 {
        let input = json!({ "cluster": "c", "services": ["shop"] });
        let shown = stage.ecs("DescribeServices", input).await;
        if shown["services"][0]["taskSets"][0]["stabilityStatus"] == "STEADY_STATE" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the service does not get steady");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_survives_codedeploy_and_its_rollback() {
    let sandbox = Sandbox::builder()
        .speed(30.0)
        .runner(RunnerChoice::InProcess)
        .start()
        .await
        .unwrap();
    let stage = Stage::set(sandbox, "example.com/web:1").await;
    stage.register("example.com/web:2").await;
    hand_over_to_codedeploy(&stage).await;
    all_healthy(&stage).await;
    let stop = CancellationToken::new();
    let load = stage.load(stop.clone());

    let first = deploy(&stage, "web:2").await;
    until(&stage, &first, |info| info["status"] == "Succeeded").await;
    let second = deploy(&stage, "web:1").await;
    until(&stage, &second, |info| {
        info["instanceTerminationWaitTimeStarted"] == true
    })
    .await;
    ask(&stage, "StopDeployment", json!({ "deploymentId": second })).await;
    let stopped = until(&stage, &second, |info| info["status"] == "Stopped").await;
    let rollback = stopped["rollbackInfo"]["rollbackDeploymentId"].as_str();
    until(&stage, rollback.unwrap(), |info| {
        info["status"] == "Succeeded"
    })
    .await;

    stop.cancel();
    let (sent, failed) = load.await.unwrap();
    let traffic = stage.sandbox.traffic();
    assert_eq!(failed, Vec::<String>::new(), "of {sent}");
    assert_eq!(traffic.total().gateway_errors, 0);
    assert!(traffic.task_definitions["web:1"].requests > 0);
    assert!(traffic.task_definitions["web:2"].requests > 0);
    stage.sandbox.stop().await;
}
