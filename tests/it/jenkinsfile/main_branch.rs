//! What a push to main comes to, and what any other push does not.

use ecs_pipeline_tests::{Built, Sandboxed, require};
use serde_json::json;

use super::setting::Setting;

/// The files that a build which went well leaves.
const KEPT: [&str; 14] = [
    "reports/build.html",
    "reports/build.jsonl",
    "reports/build.xml",
    "reports/deploy.html",
    "reports/deploy.jsonl",
    "reports/deploy.xml",
    "reports/gate.html",
    "reports/gate.jsonl",
    "reports/gate.xml",
    "reports/push.html",
    "reports/push.jsonl",
    "reports/push.xml",
    "reports/validate.xml",
    "state.json",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_to_main_is_deployed_and_leaves_its_reports() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let built = setting.build(7).await.expect("SUCCESS");
    built.says(&[
        "(Test)",
        "(Tool)",
        "(Validate)",
        "(Build)",
        "(Push)",
        "(Deploy)",
        "(Verify)",
    ]);
    assert_eq!(setting.service.settled().await, "hello-web:2");
    assert_eq!(kept(&setting, 7), KEPT);
    assert!(built.tests.0 > KEPT.len() as u64, "{:?}", built.tests);
    assert_eq!(built.tests.1, 0, "{}", built.log);
    built.never_says("--this-run");
    sandboxed.stop().await;
}

/// What was archived of a build.
fn kept(setting: &Setting<'_>, number: u32) -> Vec<String> {
    let of_build = setting
        .job
        .archive()
        .join(format!(".ecs-pipeline/{number}"));
    let mut kept = Vec::new();
    let mut directories = vec![of_build.clone()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(&of_build).unwrap();
                kept.push(name.to_str().unwrap().to_owned());
            }
        }
    }
    kept.sort();
    kept
}

fn deployed_nothing(setting: &Setting<'_>, built: &Built) {
    for stage in ["Build", "Push", "Deploy", "Verify"] {
        built.says(&[&format!(
            "Stage \"{stage}\" skipped due to when conditional"
        )]);
    }
    assert_eq!(setting.asked("UpdateService"), 0, "{}", built.log);
    assert_eq!(setting.asked("PutImage"), 0, "{}", built.log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_request_and_another_branch_deploy_nothing() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let agent = |groovy: &str| setting.agent(groovy);
    setting.job.commit("feature", &[]).await;

    let change = json!({ "id": "12", "target": "main" });
    let of_change = setting.job.build(1).of_branch("feature");
    let built = of_change
        .with("change", change.clone())
        .run(agent)
        .await
        .expect("SUCCESS");
    built.says(&["(Test)", "the application's own tests", "(Validate)"]);
    deployed_nothing(&setting, &built);

    // Somebody's fork, whose branch is called main, too.
    let of_fork = setting.job.build(2).with("change", change);
    deployed_nothing(&setting, &of_fork.run(agent).await.expect("SUCCESS"));

    let of_branch = setting.job.build(3).of_branch("feature");
    deployed_nothing(&setting, &of_branch.run(agent).await.expect("SUCCESS"));

    let plain = setting
        .job
        .build(4)
        .of_branch("feature")
        .with("multibranch", json!(false));
    deployed_nothing(&setting, &plain.run(agent).await.expect("SUCCESS"));
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_job_deploys_main_too_with_a_key_that_jenkins_keeps() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let key = json!({ "username": "AKIDSANDBOX", "password": "a-secret-of-jenkins" });
    let build = setting.job.build(1).with("multibranch", json!(false));
    let build = build.with("credentials", json!({ "aws-deploy": key }));
    let agent = |groovy: &str| {
        let command = setting
            .agent(groovy)
            .env("AWS_CREDENTIALS_ID", "aws-deploy");
        command
            .env("AWS_ACCESS_KEY_ID", "")
            .env("AWS_SECRET_ACCESS_KEY", "")
    };
    let built = build.run(agent).await.expect("SUCCESS");
    built.says(&[
        "(Push)",
        "withCredentials",
        "(Deploy)",
        "withCredentials",
        "SUCCEEDED",
    ]);
    built.never_says("a-secret-of-jenkins");
    assert_eq!(setting.service.settled().await, "hello-web:2");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_that_is_there_is_deployed_without_a_build() {
    if !require(&["groovy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let setting = Setting::packed(&sandboxed).await;
    let agent = |groovy: &str| setting.agent(groovy);
    setting.build(1).await.expect("SUCCESS");
    let first = setting.image().await;
    setting
        .job
        .commit("main", &[("examples/hello-web/index.html", "two")])
        .await;
    setting.build(2).await.expect("SUCCESS");
    let second = setting.image().await;
    assert_ne!(first, second);

    let tags = sandboxed
        .ecr("ListImages", json!({ "repositoryName": "hello-web" }))
        .await;
    let digest = first.split_once('@').unwrap().1;
    let mut images = tags["imageIds"].as_array().unwrap().iter();
    let image = images.find(|image| image["imageDigest"] == digest).unwrap();
    let tag = image["imageTag"].clone();
    let parameters = json!({ "IMAGE_TAG": tag, "STRATEGY": "rolling" });
    let again = setting.job.build(3).with("parameters", parameters);
    let built = again.run(agent).await.expect("SUCCESS");
    built.says(&[
        "Stage \"Build\" skipped",
        "Stage \"Push\" skipped",
        &format!(
            "+ ecs-pipeline deploy --on-abort rollback --strategy rolling --image {}",
            tag.as_str().unwrap()
        ),
        "SUCCEEDED",
    ]);
    assert_eq!(setting.image().await, first);

    // What is filled in never becomes a part of the script.
    let parameters = json!({ "IMAGE_TAG": "$(touch harm); touch harm" });
    let harmful = setting.job.build(4).with("parameters", parameters);
    harmful.run(agent).await.expect("FAILURE");
    assert!(!setting.job.path().join("workspace/harm").exists());
    assert_eq!(setting.image().await, first);
    sandboxed.stop().await;
}
