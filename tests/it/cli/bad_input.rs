//! Bad input: one clear message with a hint and the documented exit code, and nothing is changed.

use std::os::unix::fs::PermissionsExt;

use ecs_pipeline_sandbox::faults::ApiFault;
use ecs_pipeline_tests::{Command, Outcome, Sandboxed, require};
use regex_lite::Regex;

use super::project::{
    Aws, CONFIG, Project, changes, config_with_taskdef, published, taskdef, with_service,
};

/// What a command says, without what differs from run to run.
pub(super) fn told(outcome: &Outcome, project: &Project) -> String {
    let mut text = format!("$ {}\n{}", shown(&outcome.command), outcome.stdout);
    if !outcome.stderr.is_empty() {
        text.push_str(&format!("--- standard error\n{}", outcome.stderr));
    }
    text.push_str(&format!("--- exit code {:?}\n", outcome.code.unwrap()));
    text = text.replace(project.path().to_str().unwrap(), "HOME");
    for (pattern, instead) in [
        (r"(?m)^\d\d:\d\d  ", "MM:SS  "),
        (r"127\.0\.0\.1:\d\d\d+", "127.0.0.1:PORT"),
        (r"(in|after) \d+\.\d s", "$1 T s"),
        (r" \d+\.\d s  ", " T s  "),
        (r"request id [0-9a-f-]+", "request id ID"),
        (r"[0-9a-f]{12,64}", "HEX"),
    ] {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, instead).into_owned();
    }
    text
}

fn snapshot(name: &str, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots/bad_input");
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told));
}

fn shown(command: &str) -> String {
    let (_, arguments) = command.split_once(' ').unwrap_or_default();
    format!("ecs-pipeline {arguments}")
}

/// Runs it, and holds what it says against the snapshot.
async fn says(name: &str, code: i32, project: &Project, command: Command) {
    let outcome = command.run().await;
    snapshot(name, &told(&outcome, project));
    assert_eq!(outcome.code, Some(code), "{name}: {outcome:#?}");
    assert!(
        outcome.stdout.contains("  hint"),
        "{name}: {}",
        outcome.stdout
    );
}

/// A configuration is judged before anything is asked of AWS: its endpoint is nowhere.
#[tokio::test]
async fn configurations() {
    let unknown_key = CONFIG.replace("  container: app", "  conainer: app");
    let bad_yaml = CONFIG.replace("registry:", "registry: [");
    let unset = CONFIG.replace("${VERSION:-v2}", "${GIT_COMMIT}");
    let no_deploy = CONFIG.split("deploy:").next().unwrap().to_owned();
    let bad_platform = CONFIG.replace("linux/amd64", "x86");
    let bad_time = CONFIG.replace("  container: app", "  container: app\n  timeout: soon");
    let bad_tag = CONFIG.replace("${VERSION:-v2}", "v 2");
    let bad_gate = CONFIG.replace("service-stable: {}", "http: {}\n    target-health: {}");
    for (name, line, text) in [
        ("unknown_key", "run", Some(unknown_key)),
        ("bad_yaml", "run", Some(bad_yaml)),
        ("unset_variable", "run", Some(unset)),
        ("no_deploy_part", "run", Some(no_deploy)),
        ("platform_that_is_none", "run", Some(bad_platform)),
        ("tag_that_is_none", "build", Some(bad_tag)),
        ("time_that_is_none", "deploy", Some(bad_time)),
        ("two_gates_in_one", "deploy", Some(bad_gate)),
        ("no_config_file", "run", None),
        ("no_config_file_for_status", "status", None),
    ] {
        let project = Project::new(Aws::at("http://127.0.0.1:1"));
        match text {
            Some(text) => project.configure(&text),
            None => std::fs::remove_file(project.app().join("ecs-pipeline.yml")).unwrap(),
        }
        says(name, 2, &project, project.run(line)).await;
    }
}

#[tokio::test]
async fn task_definition_files() {
    let other_container = taskdef().to_string().replace("\"app\"", "\"api\"");
    let arm64 = taskdef().to_string().replace("X86_64", "ARM64");
    for (name, code, text) in [
        ("taskdef_missing", 2, None),
        (
            "taskdef_no_json",
            2,
            Some("{\"family\": \"web\",\n oops}".to_owned()),
        ),
        ("taskdef_without_the_container", 3, Some(other_container)),
        ("taskdef_for_another_platform", 3, Some(arm64)),
    ] {
        let sandboxed = Sandboxed::in_process().await;
        let (_service, project) = with_service(&sandboxed).await;
        project.configure(&config_with_taskdef());
        match text {
            Some(text) => project.write("app/taskdef.json", &text),
            None => std::fs::remove_file(project.app().join("taskdef.json")).unwrap(),
        }
        let before = changes(&sandboxed);
        says(name, code, &project, project.run("run")).await;
        assert_eq!(changes(&sandboxed), before, "{name}");
        sandboxed.stop().await;
    }
}

/// What only AWS knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_aws_does_not_have() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    let arm64 = project.run("build --platform linux/arm64 --tag arm");
    arm64.succeed().await;
    project.run("push --tag arm").succeed().await;
    let before = changes(&sandboxed);
    for (name, line) in [
        ("missing_service", "deploy --service wbe"),
        ("missing_service_before_the_build", "run --service wbe"),
        ("missing_cluster", "status --cluster nowhere"),
        ("unknown_tag", "deploy --image v3"),
        ("image_for_another_architecture", "deploy --image arm"),
        ("unknown_revision", "rollback --to web:77"),
        ("nothing_to_roll_back_to", "rollback"),
    ] {
        says(name, 3, &project, project.run(line)).await;
        assert_eq!(changes(&sandboxed), before, "{name}");
    }
    project.configure(&CONFIG.replace("container: app", "container: api"));
    says(
        "service_without_the_container",
        3,
        &project,
        project.run("deploy"),
    )
    .await;
    project.configure(&CONFIG.replace("repository: web", "repository: wbe"));
    says("unknown_repository", 3, &project, project.run("push")).await;
    project.configure(CONFIG.split("gates:").next().unwrap());
    says("gate_without_gates", 3, &project, project.run("gate")).await;
    assert_eq!(changes(&sandboxed), before);
    assert_eq!(service.settled().await, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_and_permissions() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    published(&project).await;
    let faults = sandboxed.sandbox.faults();
    let refuse = |code: &str, message: &str| ApiFault::Refuse {
        code: code.to_owned(),
        message: message.to_owned(),
    };
    let before = changes(&sandboxed);
    let expired = refuse(
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    faults.fail_api("DescribeServices", expired.clone(), 1);
    says("expired_credentials", 8, &project, project.run("run")).await;
    faults.fail_api("GetAuthorizationToken", expired, 1);
    says(
        "expired_credentials_at_the_push",
        8,
        &project,
        project.run("push"),
    )
    .await;
    assert_eq!(changes(&sandboxed), before);

    let pass_role = refuse(
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/ci/build is not authorized to perform: \
         iam:PassRole on resource: arn:aws:iam::123456789012:role/execution because no \
         identity-based policy allows the iam:PassRole action",
    );
    faults.fail_api("RegisterTaskDefinition", pass_role, 1);
    says("access_denied", 8, &project, project.run("deploy")).await;
    let after = changes(&sandboxed);
    assert_eq!(
        after.get("ECS.UpdateService"),
        before.get("ECS.UpdateService")
    );
    sandboxed.stop().await;
}

#[tokio::test]
async fn no_way_to_aws() {
    let line = "status --cluster c --service web";
    let nowhere = Aws::at("http://127.0.0.1:1");
    for (name, code, aws) in [
        ("no_answer", 9, nowhere.clone()),
        (
            "no_credentials",
            8,
            nowhere
                .clone()
                .without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
        ),
        (
            "no_region",
            3,
            nowhere.without(&["AWS_REGION", "AWS_ENDPOINT_URL"]),
        ),
    ] {
        let project = Project::new(aws);
        says(name, code, &project, project.run(line)).await;
    }
}

#[tokio::test]
async fn no_docker() {
    let aws = Aws::at("http://127.0.0.1:1");
    let project = Project::new(aws);
    project.configure(&CONFIG.replace("pack", "docker"));
    let bin = project.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let command = project.run("build").env("PATH", bin.to_str().unwrap());
    says("no_docker_command", 9, &project, command).await;
    let sandbox = project.run("sandbox --port 0 --tasks docker");
    let sandbox = sandbox.env("PATH", bin.to_str().unwrap());
    says("no_docker_for_the_sandbox", 9, &project, sandbox).await;

    if !require(&["docker"]) {
        return;
    }
    let nowhere = "unix:///nonexistent/docker.sock";
    let command = project.run("build").env("DOCKER_HOST", nowhere);
    says("no_docker_engine", 9, &project, command).await;
    let command = project
        .run("rehearse --tasks docker")
        .env("DOCKER_HOST", nowhere);
    says("no_docker_engine_for_a_rehearsal", 9, &project, command).await;
}

/// What the build itself has to say is the reason.
#[tokio::test]
async fn builds_that_fail() {
    let aws = Aws::at("http://127.0.0.1:1");
    let project = Project::new(aws);
    let docker = project.path().join("bin/docker");
    std::fs::create_dir(docker.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\necho 'error: no such column' >&2\nexit 1\n";
    std::fs::write(&docker, script).unwrap();
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        project.path().join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    project.configure(&CONFIG.replace("pack", "docker"));
    let command = project.run("build").env("PATH", path);
    says("docker_build_fails", 1, &project, command).await;

    let prepare = "  prepare: [\"echo making it; exit 3\"]\n  builder: pack\n";
    project.configure(&CONFIG.replace("  builder: pack\n", prepare));
    says("prepare_fails", 1, &project, project.run("build")).await;

    project.configure(&CONFIG.replace("  builder: pack\n", "  builder: pack\n  target: prod\n"));
    says("no_such_stage", 3, &project, project.run("build")).await;
    project.configure(CONFIG);
    says("push_without_a_build", 3, &project, project.run("push")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken() {
    let sandboxed = Sandboxed::in_process().await;
    let before = changes(&sandboxed);
    let port = sandboxed.host().rsplit(':').next().unwrap().to_owned();
    let project = Project::new(Aws::of(&sandboxed));
    let line = format!("sandbox --tasks in-process --port {port}");
    let outcome = project.run(&line).run().await;
    let told = told(&outcome, &project).replace(&port, "PORT");
    snapshot("port_taken", &told);
    assert_eq!(outcome.code, Some(9));
    assert_eq!(changes(&sandboxed), before);
    sandboxed.stop().await;
}

#[tokio::test]
async fn command_lines() {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    for line in [
        "",
        "deplyo",
        "deploy --timeout soon",
        "deploy --force-new-deployment --image x",
    ] {
        let outcome = project.run(line).run().await;
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:#?}");
        assert_eq!(outcome.stdout, "", "{line}");
        assert!(outcome.stderr.contains("--help"), "{line}: {outcome:#?}");
    }
    let help = project.run("--help").succeed().await;
    for (code, name, _) in ecs_pipeline_core::exit::TABLE {
        assert!(
            help.stdout.contains(&format!("{code:>2}  {name}")),
            "{name}"
        );
    }
}
