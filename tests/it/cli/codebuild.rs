//! The phases of a build specification, each as its own process.

use std::fs;
use std::path::Path;

use ecs_pipeline_artifacts::bundle::Bundle;
use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::{Command, Outcome, Sandboxed, Service, require};
use serde_json::{Value, json};

use super::project::{Aws, CONFIG, Project, changes, config_with_taskdef, primary, with_service};

const COMMIT: &str = "8f4c1f0b1e2d3c4b5a69788796a5b4c3d2e1f001";
const TAG: &str = "main-8f4c1f0b1e2d-42";

/// The configuration leaves the tag to the build.
fn untagged(config: &str) -> String {
    config.replace("  tags: [\"${VERSION:-v2}\"]\n", "")
}

async fn with_untagged(sandboxed: &Sandboxed) -> (Service<'_>, Project) {
    let (service, project) = with_service(sandboxed).await;
    project.configure(&untagged(&config_with_taskdef()));
    (service, project)
}

/// A phase as CodeBuild runs it.
fn phase(project: &Project, line: &str) -> Command {
    project
        .run(&format!("codebuild {line}"))
        .env(
            "CODEBUILD_BUILD_ID",
            "web:5f2b1c60-0000-4000-8000-000000000042",
        )
        .env("CODEBUILD_RESOLVED_SOURCE_VERSION", COMMIT)
        .env("CODEBUILD_WEBHOOK_HEAD_REF", "refs/heads/main")
        .env("CODEBUILD_BUILD_NUMBER", "42")
        .env("CODEBUILD_BUILD_SUCCEEDING", "1")
}

async fn phases(project: &Project, post_build: &str) -> Outcome {
    phase(project, "pre-build").succeed().await;
    phase(project, "build").succeed().await;
    phase(project, post_build).run().await
}

fn text(project: &Project, path: &str) -> String {
    let path = project.app().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn digest_of(sandboxed: &Sandboxed, tag: &str) -> String {
    let manifest = sandboxed.sandbox.registry().resolve("web", tag).await;
    manifest
        .unwrap_or_else(|| panic!("{tag} is not there"))
        .digest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_deploys_by_itself() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_untagged(&sandboxed).await;
    let outcome = phases(&project, "post-build").await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(primary(&service).await.0, "web:2");

    let digest = digest_of(&sandboxed, TAG).await;
    let exports = text(&project, ".ecs-pipeline/exports.sh");
    for line in [
        format!("export IMAGE_URI='{}/web@{digest}'", sandboxed.host()),
        format!("export IMAGE_DIGEST='{digest}'"),
        format!("export IMAGE_TAG='{TAG}'"),
    ] {
        assert!(exports.contains(&line), "{line}: {exports}");
    }
    assert!(exports.contains(":task-definition/web:2'"), "{exports}");
    for name in [
        "codebuild-pre-build",
        "codebuild-build",
        "codebuild-post-build",
    ] {
        let report = text(&project, &format!(".ecs-pipeline/reports/{name}.xml"));
        assert!(report.contains("<testsuite"), "{report}");
    }
    let detail = text(&project, ".ecs-pipeline/artifacts/imageDetail.json");
    assert!(detail.contains(&digest), "{detail}");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_is_red_when_its_deployment_went_back() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_untagged(&sandboxed).await;
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:2", TaskFault::Unhealthy);
    let outcome = phases(&project, "post-build").await;
    assert_eq!(outcome.code, Some(4), "{outcome:#?}");
    assert_eq!(primary(&service).await.0, "web:1");
    let exports = text(&project, ".ecs-pipeline/exports.sh");
    assert!(!exports.contains("web:2"), "{exports}");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_build_nothing_is_done() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    phase(&project, "pre-build").succeed().await;
    phase(&project, "build").succeed().await;
    let before = changes(&sandboxed);
    let failed = phase(&project, "post-build").env("CODEBUILD_BUILD_SUCCEEDING", "0");
    let outcome = failed.succeed().await;
    assert!(
        outcome.stdout.contains("has failed already"),
        "{outcome:#?}"
    );
    assert_eq!(changes(&sandboxed), before);
    assert!(sandboxed.sandbox.registry().images("web").await.is_empty());
    assert!(!project.app().join(".ecs-pipeline/exports.sh").exists());
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ecs_action_gets_its_file() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    let before = changes(&sandboxed);
    let outcome = phases(&project, "post-build --target ecs").await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let digest = digest_of(&sandboxed, TAG).await;
    let definitions: Value = serde_json::from_str(&text(
        &project,
        ".ecs-pipeline/artifacts/imagedefinitions.json",
    ))
    .unwrap();
    let uri = format!("{}/web@{digest}", sandboxed.host());
    assert_eq!(definitions, json!([{ "name": "app", "imageUri": uri }]));
    assert_eq!(
        changes(&sandboxed).get("ECS.UpdateService"),
        before.get("ECS.UpdateService")
    );
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_blue_green_action_gets_its_files_and_the_source_stays_as_it_is() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    let config = untagged(&config_with_taskdef()) + "codepipeline: {action: codedeploy-to-ecs}\n";
    project.configure(&config);
    let source = text(&project, "taskdef.json");
    let outcome = phases(&project, "post-build").await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(text(&project, "taskdef.json"), source);
    let artifacts = project.app().join(".ecs-pipeline/artifacts");
    let validated =
        project.run("validate --strict --action codedeploy-to-ecs .ecs-pipeline/artifacts");
    validated.succeed().await;
    let names: Vec<_> = names_in(&artifacts);
    assert_eq!(names, ["appspec.yaml", "imageDetail.json", "taskdef.json"]);
    sandboxed.stop().await;
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_go_into_a_bucket_as_one_zip() {
    if !require(&["aws-cli"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    let aws = async |line: &str| {
        let command = sandboxed.command("aws").args(line.split_whitespace());
        command.current_dir(project.path()).succeed().await
    };
    aws("s3 mb s3://pipeline-artifacts").await;
    let outcome = phases(
        &project,
        "post-build --target ecs --artifacts-bucket pipeline-artifacts --artifacts-key a/web.zip",
    )
    .await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    aws("s3 cp s3://pipeline-artifacts/a/web.zip got.zip").await;
    let bundle = Bundle::from_zip(&fs::read(project.path().join("got.zip")).unwrap()).unwrap();
    let written = text(&project, ".ecs-pipeline/artifacts/imagedefinitions.json");
    assert_eq!(
        bundle.get("imagedefinitions.json"),
        Some(written.as_bytes())
    );
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_work_is_refused_before_the_build() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    let good = untagged(&config_with_taskdef());
    let table = [
        (
            good.replace("container: app", "container: ap"),
            3,
            "did you mean app?",
        ),
        (
            good.replace("repository: web", "repository: wep"),
            3,
            "repository",
        ),
        (good.replace("cluster: c", "cluster: d"), 3, "d/web"),
        (
            good.replace(
                "  repository: web\n",
                "  repository: web\n  tags: [latest]\n",
            ),
            0,
            TAG,
        ),
    ];
    let before = changes(&sandboxed);
    for (config, code, words) in table {
        project.configure(&config);
        let outcome = phase(&project, "pre-build").run().await;
        assert_eq!(outcome.code, Some(code), "{outcome:#?}");
        assert!(outcome.stdout.contains(words), "{words}: {outcome:#?}");
    }
    assert_eq!(changes(&sandboxed), before);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_without_a_name_of_its_own_is_not_built() {
    let sandboxed = Sandboxed::in_process().await;
    let project = Project::new(Aws::of(&sandboxed));
    for config in [untagged(CONFIG), CONFIG.replace("${VERSION:-v2}", "latest")] {
        project.configure(&config);
        let named = project
            .run("codebuild pre-build")
            .env("ECS_PIPELINE_RUN", "1");
        let outcome = named.run().await;
        assert_eq!(outcome.code, Some(2), "{outcome:#?}");
        assert!(outcome.stdout.contains("ECS_PIPELINE_TAG"), "{outcome:#?}");
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_image_of_this_run_nothing_is_pushed() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    phase(&project, "pre-build").succeed().await;
    phase(&project, "build").succeed().await;
    let other = phase(&project, "post-build").env("CODEBUILD_BUILD_ID", "web:another");
    let outcome = other.run().await;
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
    assert!(
        outcome.stdout.contains("has built no image"),
        "{outcome:#?}"
    );
    assert!(sandboxed.sandbox.registry().images("web").await.is_empty());
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_request_is_pushed_and_not_deployed() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_untagged(&sandboxed).await;
    for line in ["pre-build", "build", "post-build"] {
        let of_request = phase(&project, line).env("CODEBUILD_WEBHOOK_TRIGGER", "pr/12");
        of_request.succeed().await;
    }
    digest_of(&sandboxed, "pr-12-8f4c1f0b1e2d-42").await;
    assert_eq!(primary(&service).await.0, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_earlier_build_left_is_taken_away() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_untagged(&sandboxed).await;
    phases(&project, "post-build --target ecs").await;
    let left = project
        .app()
        .join(".ecs-pipeline/artifacts/imagedefinitions.json");
    let exports = project.app().join(".ecs-pipeline/exports.sh");
    assert!(left.exists() && exports.exists());
    phase(&project, "pre-build").succeed().await;
    assert!(!left.exists() && !exports.exists());
    sandboxed.stop().await;
}
