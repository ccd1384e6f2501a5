//! Ctrl-C and SIGTERM: what is under way is named, and `--on-abort` decides what becomes of it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ecs_pipeline_tests::{Outcome, Running, Sandboxed, Service};

use super::project::{Aws, CONFIG, Project, primary, published, with_service};

const SIGNALS: [(&str, &str); 2] = [("TERM", "SIGTERM"), ("INT", "Ctrl-C")];

/// A deployment that does not end is told to stop, once.
async fn told_to_stop(project: &Project, policy: &str, signal: &str) -> Running {
    let line = format!("deploy --on-abort {policy}");
    let mut deploy = project.run(&line).start();
    deploy.until("ecs-svc/").await;
    deploy.signal(signal).await;
    deploy
}

fn assert_ended(outcome: &Outcome, code: i32, words: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{}", outcome.stdout);
    for word in words {
        assert!(
            outcome.stdout.contains(word),
            "{word:?}: {}",
            outcome.stdout
        );
    }
}

async fn under_way(sandboxed: &Sandboxed) -> (Service<'_>, Project) {
    let (service, project) = with_service(sandboxed).await;
    published(&project).await;
    service.never_ends("web:2").await;
    (service, project)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn detach_leaves_the_deployment_to_itself() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = under_way(&sandboxed).await;
    for (signal, name) in SIGNALS {
        let outcome = told_to_stop(&project, "detach", signal).await.end().await;
        let (revision, deployment) = primary(&service).await;
        assert_eq!(revision, "web:2");
        let words = [name, "STILL RUNNING", &deployment, "ecs-pipeline status"];
        assert_ended(&outcome, 7, &words);
    }
    sandboxed.sandbox.faults().heal_tasks("web:2");
    assert_eq!(service.settled().await, "web:2");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rollback_brings_the_former_revision_back() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = under_way(&sandboxed).await;
    for (signal, name) in SIGNALS {
        let outcome = told_to_stop(&project, "rollback", signal).await.end().await;
        let words = [name, "ROLLED BACK", "c/web runs web:1 again", "aborted"];
        assert_ended(&outcome, 4, &words);
        assert_eq!(service.settled().await, "web:1");
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wait_goes_on_to_the_end() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = under_way(&sandboxed).await;
    let mut deploy = told_to_stop(&project, "wait", "TERM").await;
    deploy.until("waiting for the deployment to end").await;
    sandboxed.sandbox.faults().heal_tasks("web:2");
    assert_ended(&deploy.end().await, 0, &["SUCCEEDED", "c/web runs web:2"]);
    assert_eq!(service.settled().await, "web:2");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_stops_at_once() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = under_way(&sandboxed).await;
    let mut deploy = told_to_stop(&project, "wait", "INT").await;
    deploy.until("waiting for the deployment to end").await;
    deploy.signal("INT").await;
    assert_ended(
        &deploy.end().await,
        7,
        &["STILL RUNNING", "goes on by itself"],
    );
    assert_eq!(primary(&service).await.0, "web:2");
    sandboxed.stop().await;
}

/// A `docker` that hangs, and notes its process id.
fn hanging_docker(project: &Project) -> String {
    let bin = project.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let docker = bin.join("docker");
    std::fs::write(
        &docker,
        "#!/bin/sh\necho $$ > pid; echo building; exec sleep 600\n",
    )
    .unwrap();
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", bin.to_str().unwrap())
}

/// Whether the process whose id is in this file runs.
fn runs(file: &Path) -> bool {
    let id = std::fs::read_to_string(file).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

async fn gone(file: &Path) {
    let gone = async {
        while runs(file) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let patience = std::time::Duration::from_secs(60);
    tokio::time::timeout(patience, gone).await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_ends_with_its_docker() {
    for (signal, _) in SIGNALS {
        let project = Project::new(Aws::at("http://127.0.0.1:1"));
        project.configure(&CONFIG.replace("pack", "docker"));
        let path = hanging_docker(&project);
        let mut build = project.run("build").env("PATH", path).start();
        build.until("| building").await;
        build.signal(signal).await;
        let outcome = build.end().await;
        assert_ended(
            &outcome,
            1,
            &["FAILED", "stopped before it was done, as asked"],
        );
        gone(&project.app().join("pid")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prepare_command_ends_with_what_it_has_started() {
    for (signal, _) in SIGNALS {
        let project = Project::new(Aws::at("http://127.0.0.1:1"));
        let script = "sleep 600 & echo $! > pid; echo preparing; wait";
        let prepare = format!("  prepare: [\"{script}\"]\n  builder: pack\n");
        project.configure(&CONFIG.replace("  builder: pack\n", &prepare));
        let mut build = project.run("build").start();
        build.until("| preparing").await;
        build.signal(signal).await;
        let outcome = build.end().await;
        assert_ended(
            &outcome,
            1,
            &["FAILED", "stopped before it was done, as asked"],
        );
        gone(&project.app().join("pid")).await;
    }
}
