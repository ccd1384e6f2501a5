//! From an empty account to a service, on moto: what `infra write` writes is deployed by the commands that it
//! prints, and the pipeline's own commands find what they need there, as far as moto goes.

use std::path::Path;

use ecs_pipeline_tests::{Emulator, require};
use serde_json::Value;

use super::ministack::{ours, says};

/// An application of one file for Fargate.
fn write_application(directory: &Path, registry: &str) {
    let config = format!(
        "application: web\n\
         build: {{context: app, builder: pack, platform: linux/amd64}}\n\
         registry: {{repository: web, host: \"{registry}\", tags: ['2']}}\n\
         deploy: {{cluster: demo, service: web, container: web, task-definition: taskdef.json, timeout: 60s}}\n\
         infra: {{network: {{nat: none}}, service: {{deletion-protection: false}}}}\n",
    );
    std::fs::write(directory.join("ecs-pipeline.yml"), config).unwrap();
    let task = include_str!("../../examples/hello-web/taskdef.json").replace("hello-web", "web");
    std::fs::write(directory.join("taskdef.json"), task).unwrap();
    let app = directory.join("app");
    std::fs::create_dir_all(&app).unwrap();
    std::fs::write(app.join("content"), "content").unwrap();
    let dockerfile = "FROM scratch\nCOPY content /content\nCMD [\"/content\"]\n";
    std::fs::write(app.join("Dockerfile"), dockerfile).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_deployed_and_used() {
    if !require(&["aws-cli", "moto", "ministack"]) {
        return;
    }
    let moto = Emulator::moto_with_stacks().await;
    // moto has no registry.
    let registry = Emulator::ministack().await;
    registry.create_repository().await;
    write_application(moto.home(), registry.address());

    let written = ours(&moto, "infra write --dir infra").succeed().await;
    let commands = written.stdout.lines();
    let commands = commands.filter(|line| line.starts_with("aws cloudformation deploy"));
    let commands: Vec<_> = commands.collect();
    assert_eq!(commands.len(), 4, "{}", written.stdout);
    for command in commands {
        if command.contains("web-service") {
            says(
                &written,
                "ecs-pipeline build --tag first && ecs-pipeline push --tag first",
            );
            ours(&moto, "build --tag first").succeed().await;
            ours(&moto, "push --tag first").succeed().await;
        }
        let shell = moto.command("sh").args(["-c", command]);
        shell.succeed().await;
    }

    let status = ours(&moto, "status").succeed().await;
    says(&status, "demo/web  ACTIVE");
    says(&status, "web:1");
    let doctor = ours(&moto, "doctor --output json").run().await;
    let found: Value = serde_json::from_str(&doctor.stdout).unwrap();
    let of = |check: &str| {
        let findings = found["findings"].as_array().unwrap().iter();
        let found = findings.filter(|it| it["check"] == check);
        found
            .map(|it| it["status"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    for check in ["cluster", "service"] {
        assert_eq!(of(check), ["ok"], "{check}: {found:#}");
    }

    // It starts no deployment when a service is updated.
    ours(&moto, "build").succeed().await;
    ours(&moto, "push").succeed().await;
    let refused = ours(&moto, "deploy").run().await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    says(&refused, "UpdateService started no new deployment of web:2");

    let again = ours(&moto, "infra write --dir infra").succeed().await;
    says(&again, "every file is there already, and the same");
}
