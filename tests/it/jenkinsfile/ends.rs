//! Builds that fail: the service runs what it ran before, and nothing is undone twice.

use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::{Sandboxed, require};

use super::setting::{Setting, packed_config};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_build_changes_nothing() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let fails = packed_config().replace(
        "  builder: pack\n",
        "  builder: pack\n  prepare: [\"exit 1\"]\n",
    );
    setting.configure(&fails).await;
    let built = setting.build(1).await.expect("FAILURE");
    built.says(&[
        "(Build)",
        "Stage \"Push\" skipped due to earlier failure(s)",
        "Stage \"Deploy\" skipped due to earlier failure(s)",
        "ERROR: script returned exit code",
    ]);
    assert_eq!(setting.asked("UpdateService"), 0);
    assert_eq!(setting.asked("PutImage"), 0);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unhealthy_deployment_that_went_back_is_not_undone_again() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    sandboxed
        .sandbox
        .faults()
        .fail_tasks("hello-web:2", TaskFault::Unhealthy);
    let built = setting.build(1).await.expect("FAILURE");
    built.says(&[
        "ROLLED BACK",
        "Stage \"Verify\" skipped due to earlier failure(s)",
        "+ ecs-pipeline rollback --this-run",
        "nothing to undo",
        "ERROR: script returned exit code 4",
    ]);
    built.never_says("post condition:");
    assert_eq!(setting.service.settled().await, "hello-web:1");
    assert_eq!(setting.asked("UpdateService"), 1);
    assert!(
        built.tests.1 > 0,
        "JUnit tells of the failure: {:?}",
        built.tests
    );
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_is_undone_when_a_later_stage_fails() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    // The gate passes for `deploy`, and fails for `gate`.
    let gate =
        "gates:\n  - command: {run: [sh, -c, \"[ ! -e passed ] && touch passed\"], timeout: 1s}\n";
    setting
        .configure(&packed_config().replace("gates:\n", gate))
        .await;
    let built = setting.build(1).await.expect("FAILURE");
    built.says(&[
        "(Deploy)",
        "SUCCEEDED",
        "(Verify)",
        "FAILED",
        "+ ecs-pipeline rollback --this-run",
        "runs hello-web:1 again",
        "Finished: FAILURE",
    ]);
    assert_eq!(setting.service.settled().await, "hello-web:1");
    let report = setting
        .job
        .archive()
        .join(".ecs-pipeline/1/reports/rollback.xml");
    assert!(report.exists(), "the way back has its report, too");
    sandboxed.stop().await;
}
