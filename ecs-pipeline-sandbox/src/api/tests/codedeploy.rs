//! CodeDeploy as real clients put it on the wire.

use super::*;

async fn ask(front: &Front, operation: &str, input: Value) -> Answer {
    let target = format!("CodeDeploy_20141006.{operation}");
    front.json(&target, input).await
}

#[tokio::test]
async fn an_application_crosses_the_protocol() {
    let front = front();
    let named = json!({"applicationName": "AppECS-c-s", "computePlatform": "ECS"});
    let created = ask(&front, "CreateApplication", named.clone()).await;
    assert_eq!(created.status, 200);
    assert_eq!(
        created.headers["content-type"],
        "application/x-amz-json-1.1"
    );
    let again = ask(&front, "CreateApplication", named).await;
    assert_eq!(again.status, 400);
    assert_eq!(
        again.headers["x-amzn-errortype"],
        "ApplicationAlreadyExistsException"
    );
    let got = ask(
        &front,
        "GetApplication",
        json!({"applicationName": "AppECS-c-s"}),
    )
    .await;
    let got = got.json();
    assert_eq!(got["application"]["computePlatform"], "ECS");
    assert_eq!(
        got["application"]["applicationId"],
        created.json()["applicationId"]
    );
    assert_eq!(front.calls.snapshot()["CodeDeploy.CreateApplication"], 2);
}

#[tokio::test]
async fn errors_have_codedeploys_names() {
    let front = front();
    for (operation, input, code) in [
        (
            "GetApplication",
            json!({}),
            "ApplicationNameRequiredException",
        ),
        (
            "GetApplication",
            json!({"applicationName": "x"}),
            "ApplicationDoesNotExistException",
        ),
        ("GetDeployment", json!({}), "DeploymentIdRequiredException"),
        (
            "GetDeployment",
            json!({"deploymentId": "x"}),
            "InvalidDeploymentIdException",
        ),
        (
            "StopDeployment",
            json!({"deploymentId": "d-000000000"}),
            "DeploymentDoesNotExistException",
        ),
        (
            "GetDeploymentConfig",
            json!({"deploymentConfigName": "x"}),
            "DeploymentConfigDoesNotExistException",
        ),
    ] {
        let answer = ask(&front, operation, input).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["__type"], code, "{operation}");
    }
}
