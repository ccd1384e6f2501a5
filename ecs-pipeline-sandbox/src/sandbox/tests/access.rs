//! A deployment under a policy that has just what it needs.

use std::collections::BTreeSet;

use super::*;
use crate::access::{Call, Policy, Principal};

/// What registering a revision, updating the service and waiting for it needs.
fn statements() -> Vec<Value> {
    let allow = |actions: Value, resource: &str| json!({"Effect": "Allow", "Action": actions, "Resource": resource});
    let mut pass = allow(
        json!("iam:PassRole"),
        "arn:aws:iam::123456789012:role/execution",
    );
    pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}});
    let service = "arn:aws:ecs:us-east-1:123456789012:service/c/web";
    vec![
        allow(json!(["ecs:RegisterTaskDefinition"]), "*"),
        allow(json!(["ecs:UpdateService"]), service),
        allow(json!(["ecs:DescribeServices"]), service),
        pass,
    ]
}

fn policy(statements: &[Value]) -> Policy {
    json!({"Version": "2012-10-17", "Statement": statements})
        .to_string()
        .parse()
        .unwrap()
}

async fn staged() -> Stage {
    let sandbox = Sandbox::scripted(Script::healthy()).start().await.unwrap();
    let stage = Stage::set(sandbox, "nginx:1").await;
    stage.sandbox.access().forget_calls();
    stage
}

/// Registers, updates and waits; the first refusal.
async fn deploy(stage: &Stage) -> Result<(), String> {
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "app", "image": "nginx:2", "portMappings": [{"containerPort": 8080}],
        }],
    });
    let update = json!({"cluster": "c", "service": "web", "taskDefinition": "web:2"});
    let look = json!({"cluster": "c", "services": ["web"]});
    for (operation, input) in [
        ("RegisterTaskDefinition", definition),
        ("UpdateService", update),
        ("DescribeServices", look),
    ] {
        let request = Request::post("/")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=any/20250101/us-east-1/ecs/aws4_request",
            )
            .header(
                "x-amz-target",
                format!("AmazonEC2ContainerServiceV20141113.{operation}"),
            )
            .body(Body::from(input.to_string()))
            .unwrap();
        let response = stage.sandbox.router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        if !status.is_success() {
            return Err(answer["message"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(stage.settled().await, "web:2");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deployment_needs_each_statement_of_its_policy() {
    let stage = staged().await;
    let whole = policy(&statements());
    stage
        .sandbox
        .access()
        .enforce(Principal::Caller, whole.clone());
    assert_eq!(deploy(&stage).await, Ok(()));

    // The policy covers every call, and every statement covers one.
    let calls = stage.sandbox.access().calls();
    let mine = |call: &&Call| call.principal == Principal::Caller;
    let decisions: Vec<_> = calls
        .iter()
        .filter(mine)
        .map(|call| whole.decide(&call.request))
        .collect();
    assert!(
        decisions.iter().all(|decision| decision.allowed),
        "{calls:#?}"
    );
    let covered: BTreeSet<usize> = decisions.into_iter().flat_map(|it| it.statements).collect();
    assert!(covered.into_iter().eq(0..whole.statements()));
    stage.sandbox.stop().await;

    let actions = [
        "ecs:RegisterTaskDefinition",
        "ecs:UpdateService",
        "ecs:DescribeServices",
        "iam:PassRole",
    ];
    for (place, action) in actions.into_iter().enumerate() {
        let stage = staged().await;
        stage
            .sandbox
            .access()
            .enforce(Principal::Caller, whole.without(place));
        let refused = deploy(&stage).await.unwrap_err();
        let told = format!("because no identity-based policy allows the {action} action");
        assert!(refused.ends_with(&told), "{refused}");
        let lifted = stage.sandbox.access();
        lifted.lift(Principal::Caller);
        let changed = matches!(action, "ecs:DescribeServices");
        let runs = stage.settled().await;
        assert_eq!(
            runs,
            if changed { "web:2" } else { "web:1" },
            "without {action}"
        );
        stage.sandbox.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_may_be_there_from_the_beginning() {
    let statements = statements();
    let (first, rest) = statements.split_at(1);
    let sandbox = Sandbox::scripted(Script::healthy())
        .policy(Principal::Caller, policy(first))
        .policy(Principal::Caller, policy(rest));
    let sandbox = sandbox.start().await.unwrap();
    let denied = Request::post("/")
        .header("authorization", "AWS4-HMAC-SHA256 test")
        .header(
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.CreateCluster",
        )
        .body(Body::from("{}"))
        .unwrap();
    let response = sandbox.router().oneshot(denied).await.unwrap();
    assert_eq!(response.status(), 400);
    // Setting a stage is no request.
    sandbox
        .call(Service::Ecs, "CreateCluster", json!({"clusterName": "c"}))
        .unwrap();
    let look = json!({"cluster": "c", "services": ["web"]});
    let allowed = Request::post("/")
        .header("authorization", "AWS4-HMAC-SHA256 test")
        .header(
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.DescribeServices",
        )
        .body(Body::from(look.to_string()))
        .unwrap();
    let response = sandbox.router().oneshot(allowed).await.unwrap();
    assert_eq!(response.status(), 200);
    sandbox.stop().await;
}
