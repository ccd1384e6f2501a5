//! How executions go through their stages.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::stage::{Stage, approve, build, built, deploy, pipeline, rolling, source};
use crate::world::ecs::script::FINE;

const NAME: &str = "a-pipeline-with-a-long-name";

const IMAGES: &[(&str, &str)] = &[(
    "imagedefinitions.json",
    r#"[{"name": "app", "imageUri": "repo/app:42"}]"#,
)];

/// A pipeline in which somebody is asked before anything is deployed.
fn with_approval() -> (Stage, String) {
    let mut stage = Stage::rolling(FINE);
    stage.play.projects.insert("demo".into(), built(IMAGES));
    let first = stage.create(&[source(), build(), approve(), rolling()]);
    stage.play.pass(10);
    (stage, first)
}

fn approval(stage: &mut Stage, status: &str, token: Option<&str>) -> Value {
    let asked = stage.state("Approve")["actionStates"][0]["latestExecution"]["token"].clone();
    let token = token.map_or(asked, Value::from);
    json!({
        "pipelineName": NAME, "stageName": "Approve", "actionName": "Ask", "token": token,
        "result": {"summary": "as said", "status": status},
    })
}

#[test]
fn source_build_and_deploy_run_whole() {
    let mut stage = Stage::rolling(FINE);
    stage.play.projects.insert("demo".into(), built(IMAGES));
    let version = stage.push("the second");
    let id = stage.create(&[source(), build(), rolling()]);
    assert_eq!(
        stage.state("Build")["latestExecution"]["status"],
        "InProgress"
    );
    stage.until(&id, 600, "Succeeded");
    assert_eq!(stage.runs(), ("web:2".into(), "repo/app:42".into()));
    assert!(stage.play.is_completed());

    let asked = &stage.play.built[0];
    assert_eq!(asked.outputs, ["BuildArtifact"]);
    assert_eq!(asked.sources[0].0, "SourceArtifact");
    assert_eq!(asked.variables["REVISION"], version);
    assert_eq!(
        asked.variables["CODEBUILD_RESOLVED_SOURCE_VERSION"],
        version
    );
    assert_eq!(
        asked.variables["CODEBUILD_INITIATOR"],
        format!("codepipeline/{NAME}")
    );

    let fetched = stage.action("Fetch");
    let output = &fetched["output"];
    assert_eq!(output["outputVariables"]["VersionId"], version.as_str());
    assert_eq!(output["outputVariables"]["ObjectKey"], "app.zip");
    let at = &output["outputArtifacts"][0]["s3location"];
    assert_eq!(at["bucket"], "artifacts");
    let key = at["key"].as_str().unwrap();
    assert!(key.starts_with("a-pipeline-with-a-lo/SourceArti/"), "{key}");
    assert_eq!(
        stage
            .play
            .world
            .s3
            .object("artifacts", key, None)
            .unwrap()
            .bytes,
        stage
            .play
            .world
            .s3
            .object("source", "app.zip", None)
            .unwrap()
            .bytes
    );

    let shipped = stage.action("Ship");
    let deployment = stage.play.service("s")["deployments"][0]["id"].clone();
    assert_eq!(
        shipped["output"]["executionResult"]["externalExecutionId"],
        deployment
    );
    assert_eq!(
        shipped["input"]["inputArtifacts"][0]["name"],
        "BuildArtifact"
    );
    let built = stage.action("Make");
    assert_eq!(built["output"]["outputVariables"]["TAG"], "42");
    let listed = stage.ok("ListPipelineExecutions", json!({"pipelineName": NAME}));
    let summary = &listed["pipelineExecutionSummaries"][0];
    assert_eq!(summary["trigger"]["triggerType"], "CreatePipeline");
    assert_eq!(
        summary["sourceRevisions"][0]["revisionId"],
        version.as_str()
    );
}

#[test]
fn actions_run_in_their_order_and_together_where_it_is_the_same() {
    let mut stage = Stage::rolling(FINE);
    stage.play.projects.insert("slow".into(), None);
    let mut making = build();
    let mut others = making["actions"].as_array().unwrap().clone();
    let mut add = |name: &str, project: &str, order: u32| {
        let mut action = others[0].clone();
        action["name"] = json!(name);
        action["configuration"] = json!({"ProjectName": project});
        action["outputArtifacts"] = json!([]);
        action["namespace"] = Value::Null;
        action["runOrder"] = json!(order);
        others.push(action);
    };
    add("Slow", "slow", 1);
    add("After", "demo", 2);
    making["actions"] = json!(others);
    let id = stage.create(&[source(), making]);
    stage.play.pass(100);
    assert_eq!(stage.action("Make")["status"], "Succeeded");
    assert_eq!(stage.action("Slow")["status"], "InProgress");
    let asked: Vec<&str> = stage
        .play
        .built
        .iter()
        .map(|b| b.project.as_str())
        .collect();
    assert_eq!(asked, ["demo", "slow"], "After waits for both");
    stage.until(&id, 9 * 60 * 60, "Failed");
    assert_eq!(
        stage.error("Slow"),
        "The action did not end within 480 minutes"
    );
    assert_eq!(stage.play.built.len(), 2, "After never ran");
}

#[test]
fn a_newer_execution_takes_the_place_of_one_that_waits() {
    let (mut stage, first) = with_approval();
    let second = stage.start();
    stage.play.pass(10);
    assert_eq!(stage.status(&second), "InProgress");
    let state = stage.state("Approve");
    assert_eq!(
        state["latestExecution"]["pipelineExecutionId"],
        first.as_str()
    );
    assert_eq!(
        state["inboundExecution"]["pipelineExecutionId"],
        second.as_str()
    );
    let third = stage.start();
    stage.play.pass(10);
    let statuses: Vec<String> = stage.executions().into_iter().map(|(_, s)| s).collect();
    assert_eq!(statuses, ["InProgress", "Superseded", "InProgress"]);
    let input = approval(&mut stage, "Approved", None);
    stage.ok("PutApprovalResult", input);
    stage.until(&first, 600, "Succeeded");
    let state = stage.state("Approve");
    assert_eq!(
        state["latestExecution"]["pipelineExecutionId"],
        third.as_str()
    );
    assert_eq!(state["latestExecution"]["status"], "InProgress");
}

#[test]
fn somebody_says_whether_it_goes_on() {
    let (mut stage, first) = with_approval();
    let other = approval(
        &mut stage,
        "Approved",
        Some("00000000-0000-0000-0000-000000000000"),
    );
    assert_eq!(
        stage.code("PutApprovalResult", other),
        "InvalidApprovalTokenException"
    );
    let maybe = approval(&mut stage, "Maybe", None);
    assert_eq!(
        stage.code("PutApprovalResult", maybe),
        "ValidationException"
    );
    let mut elsewhere = approval(&mut stage, "Approved", None);
    elsewhere["actionName"] = json!("Nobody");
    assert_eq!(
        stage.code("PutApprovalResult", elsewhere),
        "ActionNotFoundException"
    );
    let rejected = approval(&mut stage, "Rejected", None);
    stage.ok("PutApprovalResult", rejected.clone());
    assert_eq!(stage.status(&first), "Failed");
    assert_eq!(stage.error("Ask"), "Rejected: as said");
    assert_eq!(
        stage.code("PutApprovalResult", rejected),
        "ApprovalAlreadyCompletedException"
    );
    assert_eq!(stage.runs().0, "web:1");
}

#[test]
fn nobody_is_asked_for_longer_than_a_week() {
    let (mut stage, first) = with_approval();
    let seconds = stage.until(&first, 8 * 24 * 60 * 60, "Failed");
    assert!((604_000..=604_800).contains(&seconds), "{seconds}");
}

#[test]
fn an_execution_is_stopped_after_its_actions_or_at_once() {
    let mut stage = Stage::rolling(FINE);
    let first = stage.create(&[source(), build(), approve()]);
    let stop = |id: &str, abandon: bool| json!({"pipelineName": NAME, "pipelineExecutionId": id, "abandon": abandon, "reason": "enough"});
    stage.ok("StopPipelineExecution", stop(&first, false));
    assert_eq!(stage.status(&first), "Stopping");
    assert_eq!(
        stage.code("StopPipelineExecution", stop(&first, false)),
        "DuplicatedStopRequestException"
    );
    stage.until(&first, 10, "Stopped");
    assert_eq!(
        stage.action("Make")["status"],
        "Succeeded",
        "it was waited for"
    );
    assert_eq!(
        stage.code("StopPipelineExecution", stop(&first, true)),
        "PipelineExecutionNotStoppableException"
    );

    let second = stage.start();
    stage.ok("StopPipelineExecution", stop(&second, true));
    assert_eq!(stage.status(&second), "Stopped");
    assert_eq!(stage.action("Make")["status"], "Abandoned");
    stage.play.pass(10);
    assert_eq!(
        stage.action("Make")["status"],
        "Abandoned",
        "its answer is dropped"
    );
}

#[test]
fn a_stage_is_retried_from_what_failed_or_from_its_beginning() {
    let mut stage = Stage::rolling(FINE);
    let id = stage.create(&[source(), build(), rolling()]);
    stage.until(&id, 600, "Failed");
    let retry = |stage: &str, mode: &str, id: &str| json!({"pipelineName": NAME, "stageName": stage, "retryMode": mode, "pipelineExecutionId": id});
    for (input, code) in [
        (
            retry("Build", "FAILED_ACTIONS", &id),
            "StageNotRetryableException",
        ),
        (
            retry("Nowhere", "FAILED_ACTIONS", &id),
            "StageNotFoundException",
        ),
        (retry("Deploy", "SOME", &id), "ValidationException"),
        (
            retry("Deploy", "ALL_ACTIONS", "x"),
            "PipelineExecutionNotFoundException",
        ),
    ] {
        assert_eq!(
            stage.code("RetryStageExecution", input.clone()),
            code,
            "{input}"
        );
    }
    stage.ok(
        "RetryStageExecution",
        retry("Deploy", "FAILED_ACTIONS", &id),
    );
    assert_eq!(stage.status(&id), "Failed", "the artifact is the same");
    let answer = stage.ok("ListActionExecutions", json!({"pipelineName": NAME}));
    assert_eq!(
        answer["actionExecutionDetails"].as_array().unwrap().len(),
        4
    );

    let newer = stage.start();
    stage.until(&newer, 600, "Failed");
    assert_eq!(
        stage.code(
            "RetryStageExecution",
            retry("Deploy", "FAILED_ACTIONS", &id)
        ),
        "NotLatestPipelineExecutionException"
    );
}

#[test]
fn a_retry_goes_on_with_what_was_made_meanwhile() {
    for mode in ["FAILED_ACTIONS", "ALL_ACTIONS"] {
        let mut stage = Stage::rolling(FINE);
        stage.play.projects.clear();
        let id = stage.create(&[source(), build(), rolling()]);
        stage.until(&id, 60, "Failed");
        stage.play.projects.insert("demo".into(), built(IMAGES));
        let retry = json!({
            "pipelineName": NAME, "stageName": "Build", "retryMode": mode, "pipelineExecutionId": id});
        stage.ok("RetryStageExecution", retry);
        stage.until(&id, 600, "Succeeded");
        assert_eq!(stage.runs(), ("web:2".into(), "repo/app:42".into()));
    }
}

#[test]
fn an_execution_is_started_with_a_revision_variables_and_a_token() {
    let mut stage = Stage::rolling(FINE);
    let old = stage.push("the old");
    stage.push("the new");
    let mut making = build();
    making["actions"][0]["configuration"]["EnvironmentVariables"] = json!(
        "[{\"name\":\"WHO\",\"value\":\"#{variables.who} in #{codepipeline.PipelineExecutionId}\"}]"
    );
    let mut declared = pipeline(&[source(), making]);
    declared["variables"] = json!([{"name": "who", "defaultValue": "nobody"}]);
    stage.ok("CreatePipeline", json!({"pipeline": declared}));
    stage.play.pass(10);
    let start = |extra: Value| {
        let mut input = json!({"name": NAME});
        input
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        input
    };
    let input = start(json!({
        "clientRequestToken": "once", "variables": [{"name": "who", "value": "me"}],
        "sourceRevisions": [{
            "actionName": "Fetch", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": old}],
    }));
    let id = stage.ok("StartPipelineExecution", input.clone())["pipelineExecutionId"].clone();
    assert_eq!(
        stage.ok("StartPipelineExecution", input)["pipelineExecutionId"],
        id
    );
    stage.play.pass(10);
    assert_eq!(
        stage.play.built.len(),
        2,
        "one for the creation, one for both requests"
    );
    let asked = &stage.play.built[1];
    assert_eq!(asked.variables["CODEBUILD_RESOLVED_SOURCE_VERSION"], old);
    assert_eq!(
        asked.variables["WHO"],
        format!("me in {}", id.as_str().unwrap())
    );
    assert!(stage.play.built[0].variables["WHO"].starts_with("nobody in "));

    for extra in [
        json!({"variables": [{"name": "what", "value": "x"}]}),
        json!({"sourceRevisions": [{"actionName": "Make", "revisionType": "COMMIT_ID", "revisionValue": "x"}]}),
        json!({"sourceRevisions": [{"actionName": "Fetch", "revisionType": "COMMIT_ID", "revisionValue": "x"}]}),
        json!({"sourceRevisions": [{"actionName": "Fetch", "revisionType": "S3_OBJECT_KEY", "revisionValue": "x"}]}),
    ] {
        assert_eq!(
            stage.code("StartPipelineExecution", start(extra)),
            "ValidationException"
        );
    }
}

#[test]
fn pipelines_are_kept_in_versions() {
    let mut stage = Stage::rolling(FINE);
    let declared = pipeline(&[source(), build()]);
    let created = stage.ok(
        "CreatePipeline",
        json!({"pipeline": declared, "tags": [{"key": "k", "value": "v"}]}),
    );
    assert_eq!(created["tags"][0]["key"], "k");
    assert_eq!(
        stage.code("CreatePipeline", json!({"pipeline": declared})),
        "PipelineNameInUseException"
    );
    let changed = pipeline(&[source(), build(), rolling()]);
    assert_eq!(
        stage.ok("UpdatePipeline", json!({"pipeline": changed}))["pipeline"]["version"],
        2
    );
    let stages = |stage: &mut Stage, input: Value| {
        let got = stage.ok("GetPipeline", input);
        got["pipeline"]["stages"].as_array().unwrap().len()
    };
    assert_eq!(stages(&mut stage, json!({"name": NAME})), 3);
    assert_eq!(stages(&mut stage, json!({"name": NAME, "version": 1})), 2);
    let third = json!({"name": NAME, "version": 3});
    assert_eq!(
        stage.code("GetPipeline", third),
        "PipelineVersionNotFoundException"
    );
    assert_eq!(stage.executions().len(), 1, "an update starts nothing");
    stage.play.pass(10);
    assert_eq!(
        stage.executions()[0].1,
        "Succeeded",
        "it has the stages that it began with"
    );
    let listed = stage.ok("ListPipelines", json!({}));
    assert_eq!(listed["pipelines"][0]["version"], 2);
    stage.ok("DeletePipeline", json!({"name": NAME}));
    stage.ok("DeletePipeline", json!({"name": NAME}));
    for (operation, input) in [
        ("GetPipeline", json!({"name": NAME})),
        ("GetPipelineState", json!({"name": NAME})),
        ("StartPipelineExecution", json!({"name": NAME})),
        ("ListActionExecutions", json!({"pipelineName": NAME})),
    ] {
        assert_eq!(stage.code(operation, input), "PipelineNotFoundException");
    }
}

#[test]
fn executions_meet_by_their_stages_names_though_the_pipeline_has_others_by_now() {
    let (mut stage, first) = with_approval();
    let changed = pipeline(&[source(), approve(), build(), rolling()]);
    stage.ok("UpdatePipeline", json!({"pipeline": changed}));
    let second = stage.start();
    stage.play.pass(10);
    let state = stage.state("Approve");
    assert_eq!(
        state["latestExecution"]["pipelineExecutionId"],
        first.as_str()
    );
    assert_eq!(
        state["inboundExecution"]["pipelineExecutionId"],
        second.as_str()
    );
    let input = approval(&mut stage, "Rejected", None);
    stage.ok("PutApprovalResult", input);
    assert_eq!(stage.status(&first), "Failed");
    let state = stage.state("Approve");
    assert_eq!(
        state["latestExecution"]["pipelineExecutionId"],
        second.as_str()
    );
    assert_eq!(state["latestExecution"]["status"], "InProgress");
}

#[test]
fn a_variable_that_nobody_gave_out_fails_its_action() {
    let mut stage = Stage::rolling(FINE);
    let file = deploy(
        "ECS",
        json!({"ClusterName": "c", "ServiceName": "s", "FileName": "#{BuildVariables.FILE}"}),
    );
    let id = stage.create(&[source(), build(), file]);
    stage.until(&id, 600, "Failed");
    let error = stage.error("Ship");
    assert!(error.contains("#{BuildVariables.FILE}"), "{error}");
    let mut answer = built(&[("images.json", IMAGES[0].1)]);
    let exported = &mut answer.as_mut().unwrap().exported;
    exported.insert("FILE".into(), "images.json".into());
    stage.play.projects.insert("demo".into(), answer);
    let id = stage.start();
    stage.until(&id, 600, "Succeeded");
    assert_eq!(
        stage.action("Ship")["input"]["resolvedConfiguration"]["FileName"],
        "images.json"
    );
}
