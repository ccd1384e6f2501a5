//! The shared library's step: a service's Jenkinsfile of two lines.

use ecs_pipeline_tests::{Sandboxed, require};
use serde_json::json;

use super::setting::Setting;

const LIBRARY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/jenkins-shared-library"
);
const SERVICE: &str = "\
@Library('ecs-pipeline') _
ecsPipeline(config: 'examples/hello-web/ecs-pipeline.yml', strategy: 'rolling', test: '.ci/run')
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_needs_two_lines() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    // It expects the command on the agent's PATH.
    let under_test = format!(
        "#!/bin/sh\nexec {} \"$@\"\n",
        env!("CARGO_BIN_EXE_ecs-pipeline-under-test")
    );
    setting.job.program("ecs-pipeline", &under_test);
    setting
        .job
        .commit("main", &[("Jenkinsfile", SERVICE)])
        .await;
    let library = json!({ "ecs-pipeline": LIBRARY });
    let build = |number| setting.job.build(number).with("libraries", library.clone());
    let agent = |groovy: &str| setting.agent(groovy);

    let change = build(1).with("change", json!({ "id": "3", "target": "main" }));
    change
        .run(agent)
        .await
        .expect("SUCCESS")
        .says(&["Stage \"Deploy\" skipped"]);
    assert_eq!(setting.service.settled().await, "hello-web:1");

    let built = build(2).run(agent).await.expect("SUCCESS");
    built.says(&[
        "the application's own tests",
        "(Deploy)",
        "--strategy rolling",
        "SUCCEEDED",
        "(Verify)",
    ]);
    assert_eq!(setting.service.settled().await, "hello-web:2");

    let wrong = SERVICE.replace("strategy:", "startegy:");
    setting.job.commit("main", &[("Jenkinsfile", &wrong)]).await;
    let built = build(3).run(agent).await.expect("FAILURE");
    built.says(&["ecsPipeline has no setting [startegy]"]);
    sandboxed.stop().await;
}
