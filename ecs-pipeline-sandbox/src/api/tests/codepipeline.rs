//! CodePipeline as real clients put it on the wire.

use super::*;

async fn ask(front: &Front, operation: &str, input: Value) -> Answer {
    let target = format!("CodePipeline_20150709.{operation}");
    front.json(&target, input).await
}

fn pipeline() -> Value {
    let action = |name: &str, category: &str, provider: &str| {
        json!({"name": name, "actionTypeId": {
            "category": category, "owner": "AWS", "provider": provider, "version": "1"}})
    };
    let mut fetch = action("Fetch", "Source", "S3");
    fetch["configuration"] = json!({"S3Bucket": "source", "S3ObjectKey": "app.zip"});
    fetch["outputArtifacts"] = json!([{"name": "App"}]);
    json!({"pipeline": {
        "name": "demo",
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [
            {"name": "Source", "actions": [fetch]},
            {"name": "Approve", "actions": [action("Ask", "Approval", "Manual")]},
        ],
    }})
}

#[tokio::test]
async fn a_pipeline_crosses_the_protocol() {
    let front = front();
    let created = ask(&front, "CreatePipeline", pipeline()).await;
    assert_eq!(created.status, 200, "{}", created.text());
    assert_eq!(
        created.headers["content-type"],
        "application/x-amz-json-1.1"
    );
    assert_eq!(created.json()["pipeline"]["version"], 1);
    let again = ask(&front, "CreatePipeline", pipeline()).await;
    assert_eq!(again.status, 400);
    assert_eq!(
        again.headers["x-amzn-errortype"],
        "PipelineNameInUseException"
    );
    let got = ask(&front, "GetPipeline", json!({"name": "demo"}))
        .await
        .json();
    assert_eq!(
        got["metadata"]["pipelineArn"],
        "arn:aws:codepipeline:us-east-1:123456789012:demo"
    );
    let state = ask(&front, "GetPipelineState", json!({"name": "demo"})).await;
    let fetched = &state.json()["stageStates"][0]["actionStates"][0]["latestExecution"];
    assert_eq!(fetched["status"], "Failed", "there is no bucket");
    assert_eq!(front.calls.snapshot()["CodePipeline.CreatePipeline"], 2);
}

#[tokio::test]
async fn errors_have_codepipelines_names() {
    let front = front();
    for (operation, input, code) in [
        ("GetPipeline", json!({}), "ValidationException"),
        (
            "GetPipeline",
            json!({"name": "x"}),
            "PipelineNotFoundException",
        ),
        (
            "CreatePipeline",
            json!({"pipeline": {
                "name": "x", "roleArn": "arn:aws:iam::123456789012:role/p", "stages": []}}),
            "InvalidStructureException",
        ),
        ("PutWebhook", json!({}), "UnknownOperationException"),
        (
            "EnableStageTransition",
            json!({}),
            "UnknownOperationException",
        ),
    ] {
        let answer = ask(&front, operation, input).await;
        assert_eq!(
            answer.json()["__type"],
            code,
            "{operation}: {}",
            answer.text()
        );
    }
}
