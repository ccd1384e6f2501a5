//! `--report-dir`: what CI keeps of a run.

use std::path::Path;

use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::Sandboxed;

use super::project::{Aws, Project, changes, published, with_service};

const HERE: &str = "--output json --report-dir reports";

fn read(project: &Project, name: &str) -> String {
    let path = project.app().join("reports").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn parse(document: &str) {
    for token in xmlparser::Tokenizer::from(document) {
        token.unwrap_or_else(|error| panic!("{error}: {document}"));
    }
}

#[track_caller]
fn assert_has(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "{words:?}: {text}");
    }
}

/// Several commands share a directory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_deployment_is_reported_in_three_files() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    for command in ["build", "push", "deploy"] {
        let outcome = project.run(&format!("{command} {HERE}")).succeed().await;
        assert_eq!(read(&project, &format!("{command}.jsonl")), outcome.stdout);
        let xml = read(&project, &format!("{command}.xml"));
        parse(&xml);
        assert_has(
            &xml,
            &["failures=\"0\" errors=\"0\"", "<testcase name=\"run\""],
        );
        let html = read(&project, &format!("{command}.html"));
        parse(&html);
        assert_has(&html, &["SUCCEEDED"]);
    }
    assert_has(
        &read(&project, "deploy.xml"),
        &["<testcase name=\"deploy\" classname=\"ecs-pipeline.deploy\""],
    );
    assert_has(
        &read(&project, "deploy.html"),
        &["deploy of c/", "web:1 → web:2", "</svg>"],
    );
    assert_eq!(names(&project.app().join("reports")).len(), 9);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_that_was_rolled_back_says_why() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    published(&project).await;
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:2", TaskFault::CrashLoop);
    let outcome = project.run(&format!("deploy {HERE}")).run().await;
    assert_eq!(outcome.code, Some(4), "{outcome:#?}");
    assert_eq!(read(&project, "deploy.jsonl"), outcome.stdout);
    let xml = read(&project, "deploy.xml");
    parse(&xml);
    assert_has(
        &xml,
        &[
            "failures=\"2\"",
            "<failure type=\"rolled-back\"",
            "code 137",
            "fix: ",
        ],
    );
    let html = read(&project, "deploy.html");
    parse(&html);
    assert_has(
        &html,
        &[
            "ROLLED BACK",
            "exited with code 137",
            "What to do",
            "web:1 → web:2 → web:1",
        ],
    );
    sandboxed.stop().await;
}

/// The variable does what the option does; what is refused is reported, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_run_is_reported() {
    let sandboxed = Sandboxed::in_process().await;
    let project = Project::new(Aws::of(&sandboxed));
    let deploy = project
        .run("deploy")
        .env("ECS_PIPELINE_REPORT_DIR", "reports");
    let outcome = deploy.run().await;
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
    assert_has(
        &read(&project, "deploy.xml"),
        &["<testcase name=\"run\"", "<failure type=\"refused\""],
    );
    assert_has(&read(&project, "deploy.html"), &["REFUSED"]);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_cannot_be_written_is_refused_before_anything_is_done() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    published(&project).await;
    let before = changes(&sandboxed);
    let outcome = project.run("deploy --report-dir index.html").run().await;
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert_has(
        &outcome.stdout,
        &["REFUSED", "index.html", "nothing was done", "hint"],
    );
    assert_eq!(changes(&sandboxed), before);
    assert_eq!(
        std::fs::read_to_string(project.app().join("index.html")).unwrap(),
        "hello"
    );
    sandboxed.stop().await;
}

/// A full disk (`/dev/full`) costs the report, and nothing else.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_cannot_be_written_later_ends_no_deployment() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    published(&project).await;
    let reports = project.app().join("reports");
    std::fs::create_dir(&reports).unwrap();
    std::os::unix::fs::symlink("/dev/full", reports.join("deploy.jsonl")).unwrap();
    let outcome = project.run(&format!("deploy {HERE}")).succeed().await;
    let warnings = outcome
        .stderr
        .lines()
        .filter(|line| line.contains("deploy.jsonl"));
    assert_eq!(warnings.count(), 1, "{outcome:#?}");
    assert_has(&read(&project, "deploy.xml"), &["failures=\"0\""]);
    sandboxed.stop().await;
}

/// Nobody gets to tidy up after SIGKILL: the events so far are there, and no verdict, not even the last run's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_run_leaves_the_events_that_it_had() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    std::fs::create_dir(project.app().join("reports")).unwrap();
    project.write("app/reports/deploy.xml", "an earlier run's");
    service.never_ends("web:2").await;
    let mut deploy = project.run(&format!("deploy {HERE}")).start();
    deploy.until("deployment_started").await;
    deploy.signal("KILL").await;
    let outcome = deploy.end().await;
    assert_eq!(outcome.code, None, "{outcome:#?}");
    let events = read(&project, "deploy.jsonl");
    assert!(events.starts_with(&outcome.stdout), "{events}");
    assert_has(&events, &["deployment_started"]);
    assert_eq!(names(&project.app().join("reports")), ["deploy.jsonl"]);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_a_second_signal_cuts_off_is_reported() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    service.never_ends("web:2").await;
    let line = format!("deploy --on-abort wait {HERE}");
    let mut deploy = project.run(&line).start();
    deploy.until("deployment_started").await;
    deploy.signal("TERM").await;
    deploy.until("a second signal stops at once").await;
    deploy.signal("TERM").await;
    let outcome = deploy.end().await;
    assert_eq!(outcome.code, Some(7), "{outcome:#?}");
    assert_eq!(read(&project, "deploy.jsonl"), outcome.stdout);
    assert_has(
        &read(&project, "deploy.xml"),
        &[
            "<error type=\"unfinished\"",
            "<error type=\"still-running\"",
        ],
    );
    assert_has(
        &read(&project, "deploy.html"),
        &["STILL RUNNING", "unfinished"],
    );
    sandboxed.stop().await;
}
