//! A build that is aborted in the middle of its deployment.

use ecs_pipeline_tests::{Built, Sandboxed, require};
use serde_json::json;

use super::setting::Setting;

/// A deployment that would not end is under way when the build is aborted.
async fn aborted(setting: &Setting<'_>, grace: f64) -> Built {
    setting.service.never_ends("hello-web:2").await;
    let build = setting.job.build(1).with("stepGrace", json!(grace));
    let mut running = build.start(|groovy| setting.agent(groovy));
    running.until("following ecs-svc/").await;
    setting.job.abort();
    setting.job.built(running.end().await).expect("ABORTED")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aborted_deployment_is_rolled_back_within_the_grace_time() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let built = aborted(&setting, 20.0).await;
    built.says(&[
        "Aborted by admin",
        "Sending interrupt signal to process",
        "SIGTERM: stopping in order",
        "ROLLED BACK",
        "Stage \"Verify\" skipped due to earlier failure(s)",
        "+ ecs-pipeline rollback --this-run",
        "nothing to undo",
    ]);
    built.never_says("process did not stop");
    assert_eq!(setting.service.settled().await, "hello-web:1");
    sandboxed.stop().await;
}

/// Jenkins waits no longer for the step, which still goes back: `post` follows it to the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn post_follows_a_rollback_that_outlasts_the_grace_time() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let built = aborted(&setting, 0.0).await;
    built.says(&[
        "Sending interrupt signal to process",
        "After 0s process did not stop",
        "+ ecs-pipeline rollback --this-run",
    ]);
    built.never_says("post condition:");
    // The build has waited for it: nothing is left to settle.
    let described = sandboxed.described("demo", "hello-web").await;
    let deployments = described["deployments"].as_array().unwrap();
    assert_eq!(deployments.len(), 1, "{described:#}");
    assert_eq!(setting.service.settled().await, "hello-web:1");
    sandboxed.stop().await;
}
