//! What boto3 and the AWS CLI make of errors and faults: they must take the sandbox for AWS.

use ecs_pipeline_sandbox::RunnerChoice;
use ecs_pipeline_sandbox::faults::ApiFault;
use ecs_pipeline_tests::{Outcome, Sandboxed, require};
use serde_json::{Value, json};

/// A sandbox with a cluster `c`, and nothing else.
async fn sandboxed() -> Sandboxed {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, 1.0).await;
    sandboxed
        .ecs("CreateCluster", json!({ "clusterName": "c" }))
        .await;
    sandboxed
}

/// A call of boto3: the answer or the error, with the status and the number of retries.
async fn call(sandboxed: &Sandboxed, service: &str, method: &str, input: &Value) -> Value {
    let args = [service, method, &input.to_string()];
    let outcome = sandboxed.python("call.py", &args).await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    outcome.json()
}

/// A call of the AWS CLI that has to fail as for a refusal, saying this.
async fn refused(sandboxed: &Sandboxed, line: &str, words: &[&str]) -> Outcome {
    let command = sandboxed.command("aws").args(line.split_whitespace());
    let outcome = command.run().await;
    // Version 1 exits with 255, and version 2 with 254.
    assert!(matches!(outcome.code, Some(254 | 255)), "{outcome:#?}");
    for word in words {
        assert!(outcome.stderr.contains(word), "{word}: {outcome:#?}");
    }
    outcome
}

fn calls(sandboxed: &Sandboxed, operation: &str) -> u64 {
    let calls = sandboxed.sandbox.calls().snapshot();
    calls.get(operation).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_understands_refusals() {
    if !require(&["aws-cli"]) {
        return;
    }
    let sandboxed = sandboxed().await;
    for (line, words) in [
        // Operations that are not there are named.
        (
            "ecs list-account-settings",
            &["UnknownOperationException", "ListAccountSettings"][..],
        ),
        (
            "elbv2 describe-ssl-policies",
            &["InvalidAction", "DescribeSSLPolicies"],
        ),
        // So are services.
        ("ssm describe-parameters", &["AmazonSSM"]),
        ("s3api get-bucket-acl --bucket b", &["NotImplemented"]),
        // And everything else is refused as AWS does.
        (
            "ecs list-clusters --no-sign-request",
            &["MissingAuthenticationTokenException"],
        ),
        (
            "elbv2 describe-load-balancers --no-sign-request",
            &["MissingAuthenticationToken"],
        ),
        (
            "ecs list-tasks --cluster nowhere",
            &["ClusterNotFoundException", "Cluster not found."],
        ),
        (
            "ecs update-service --cluster c --service ghost --force-new-deployment",
            &["ServiceNotFoundException", "Service not found."],
        ),
        (
            "ecs describe-task-definition --task-definition ghost",
            &["ClientException", "Unable to describe task definition."],
        ),
        (
            "ecr describe-repositories --repository-names ghost",
            &["RepositoryNotFoundException"],
        ),
        (
            "elbv2 describe-target-groups --names ghost",
            &["TargetGroupNotFound"],
        ),
        // A waiter gives up on a service that is not there.
        (
            "ecs wait services-stable --cluster c --services ghost",
            &["Waiter ServicesStable failed"],
        ),
    ] {
        refused(&sandboxed, line, words).await;
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_tries_again() {
    if !require(&["boto3"]) {
        return;
    }
    let sandboxed = sandboxed().await;
    let faults = sandboxed.sandbox.faults();
    let list = "ECS.ListClusters";
    for fault in [
        ApiFault::Throttle,
        ApiFault::ServerError,
        ApiFault::HtmlError,
        ApiFault::DropBefore,
    ] {
        let before = calls(&sandboxed, list);
        faults.fail_api("ListClusters", fault.clone(), 2);
        let result = call(&sandboxed, "ecs", "list_clusters", &json!({})).await;
        let arns = result["answer"]["clusterArns"].as_array().unwrap();
        assert_eq!(arns.len(), 1, "{fault:?}: {result:#}");
        assert_eq!(result["retries"], 2, "{fault:?}: {result:#}");
        assert_eq!(calls(&sandboxed, list) - before, 3, "{fault:?}");
    }
    // The same over AWS Query.
    for fault in [
        ApiFault::Throttle,
        ApiFault::ServerError,
        ApiFault::HtmlError,
        ApiFault::DropBefore,
    ] {
        faults.fail_api("DescribeLoadBalancers", fault.clone(), 2);
        let result = call(&sandboxed, "elbv2", "describe_load_balancers", &json!({})).await;
        assert_eq!(
            result["answer"]["LoadBalancers"],
            json!([]),
            "{fault:?}: {result:#}"
        );
        assert_eq!(result["retries"], 2, "{fault:?}: {result:#}");
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_gives_up_with_the_error() {
    if !require(&["boto3"]) {
        return;
    }
    let sandboxed = sandboxed().await;
    let faults = sandboxed.sandbox.faults();
    let denied = ApiFault::Refuse {
        code: "AccessDeniedException".into(),
        message: "User: x is not authorized to perform: ecs:ListClusters".into(),
    };
    for (fault, code, status) in [
        (ApiFault::Throttle, "ThrottlingException", json!(400)),
        (ApiFault::ServerError, "ServerException", json!(500)),
        (ApiFault::HtmlError, "500", json!(500)),
        (denied, "AccessDeniedException", json!(400)),
    ] {
        faults.fail_api("ListClusters", fault.clone(), 5);
        let result = call(&sandboxed, "ecs", "list_clusters", &json!({})).await;
        assert_eq!(result["code"], code, "{fault:?}: {result:#}");
        assert_eq!(result["status"], status, "{fault:?}: {result:#}");
        while faults.take_api("ListClusters").is_some() {}
    }
    faults.fail_api("ListClusters", ApiFault::DropBefore, 5);
    let result = call(&sandboxed, "ecs", "list_clusters", &json!({})).await;
    assert_eq!(result["error"], "ConnectionClosedError", "{result:#}");
    sandboxed.stop().await;
}

/// A request whose answer is lost has taken effect all the same, and the retry takes effect again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_not_a_lost_change() {
    if !require(&["boto3"]) {
        return;
    }
    let sandboxed = sandboxed().await;
    let register = json!({
        "family": "web",
        "containerDefinitions": [{ "name": "app", "image": "example.com/web:1", "memory": 128 }],
    });
    let faults = sandboxed.sandbox.faults();
    for (fault, revision) in [(ApiFault::DropBefore, 1), (ApiFault::DropAfter, 3)] {
        faults.fail_api("RegisterTaskDefinition", fault.clone(), 1);
        let result = call(&sandboxed, "ecs", "register_task_definition", &register).await;
        let registered = &result["answer"]["taskDefinition"]["revision"];
        assert_eq!(*registered, revision, "{fault:?}: {result:#}");
        assert_eq!(result["retries"], 1, "{fault:?}: {result:#}");
    }
    sandboxed.stop().await;
}
