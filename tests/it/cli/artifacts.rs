//! `validate`, `fix`, `taskdef` and `render`: files, their findings, and what becomes of them.

use std::os::unix::fs::PermissionsExt;

use ecs_pipeline_tests::{Command, Outcome, require};
use serde_json::{Value, json};

use super::bad_input::told;
use super::project::{Aws, CONFIG, Project, config_with_taskdef, taskdef};

/// A project whose AWS is nowhere: none of these commands asks it for anything.
fn project() -> Project {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    project.write("app/taskdef.json", &good().to_string());
    project
}

/// A task definition in which nothing is to be found.
fn good() -> Value {
    let mut taskdef = taskdef();
    let container = &mut taskdef["containerDefinitions"][0];
    container["image"] = json!("web:1");
    container["logConfiguration"] = json!({
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app",
        },
    });
    taskdef
}

fn snapshot(name: &str, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots/artifacts");
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told));
}

async fn says(name: &str, code: i32, project: &Project, command: Command) -> Outcome {
    let outcome = command.run().await;
    snapshot(name, &told(&outcome, project));
    assert_eq!(outcome.code, Some(code), "{name}: {outcome:#?}");
    outcome
}

/// What `describe-task-definition` prints, with a secret in it.
const DESCRIBED: &str = r#"{
  "taskDefinition": {
    "family": "web",
    "revision": 7,
    "containerDefinitions": [
      {
        "name": "app",
        "image": "web:1",
        "memory": 128,
        "environment": [{"name": "KEY", "value": "hunter2"}]
      }
    ]
  }
}
"#;

/// Comments, and a comma too many.
const COMMENTED: &str = "{\n  \"family\": \"web\", // hunter2\n  \"containerDefinitions\": [\n    \
    {\"name\": \"app\", \"image\": \"web:1\", \"memory\": 128, \"environment\": [{\"name\": \"KEY\", \
    \"value\": \"hunter2\"}]},\n  ]\n}\n";

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.path().join(path)).unwrap()
}

#[tokio::test]
async fn validate_shows_what_is_wrong() {
    let project = project();
    says("nothing_wrong", 0, &project, project.run("validate")).await;
    project.write("app/taskdef.json", DESCRIBED);
    project.write("app/buildspec.yml", "version: 0.2\nphases:\n\tbuild:\n");
    let shown = says("wrong", 1, &project, project.run("validate")).await;
    assert!(!shown.stdout.contains("hunter2"));
    let named = project.run("validate taskdef.json");
    let shown = named.run().await.stdout;
    assert!(!shown.contains("buildspec"), "{shown}");
}

#[tokio::test]
async fn validate_looks_where_it_is_told_to() {
    let project = project();
    let nothing = project.path().join("nothing");
    std::fs::create_dir(&nothing).unwrap();
    std::fs::remove_file(project.app().join("taskdef.json")).unwrap();
    says("no_files", 3, &project, project.run("validate")).await;
    says(
        "no_such_file",
        2,
        &project,
        project.run("validate missing.json"),
    )
    .await;
    says(
        "no_files_in_a_directory",
        3,
        &project,
        project.run("validate ../nothing"),
    )
    .await;

    // What the configuration names need not have a usual name.
    project.write("app/web.json", DESCRIBED);
    project.configure(&config_with_taskdef().replace("taskdef.json", "web.json"));
    let found = project.run("validate --format json").run().await.json();
    assert_eq!(
        found["files"],
        json!([{"name": "web.json", "kind": "task definition"}])
    );

    let piped = project.run("validate --kind taskdef --output json -");
    let found = piped.stdin("{\"family\": \"web\",}").run().await.json();
    let findings = found["findings"].as_array().unwrap();
    let syntax = findings.iter().find(|found| found["rule"] == "json-syntax");
    assert_eq!(syntax.unwrap()["file"], "<stdin>");
}

/// The commands of a write-up as a Jenkinsfile has them, and what stands for them.
#[tokio::test]
async fn validate_judges_the_commands_of_a_jenkinsfile() {
    let project = project();
    let example = |path: &str| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/rolling-tutorial");
        std::fs::read_to_string(format!("{root}/{path}")).unwrap()
    };
    std::fs::remove_file(project.app().join("taskdef.json")).unwrap();
    project.write("app/Jenkinsfile", &example("before/Jenkinsfile"));
    says("jenkinsfile", 1, &project, project.run("validate")).await;

    project.write("app/Jenkinsfile", &example("after/Jenkinsfile"));
    project.configure(&example("after/ecs-pipeline.yml"));
    let outcome = project.run("validate").succeed().await;
    assert_eq!(outcome.stderr, "", "the configuration is one");

    let piped = project.run("validate --output json --kind jenkinsfile -");
    let found = piped
        .stdin("sh 'aws ecs wait service-stable'")
        .run()
        .await
        .json();
    assert_eq!(found["findings"][0]["rule"], "aws-cli-operation");
    assert_eq!(found["files"][0]["kind"], "Jenkinsfile");
    project.write(
        "app/deploy.sh",
        "# hunter2\naws ecs update-service --rollback\n",
    );
    let shown = project.run("validate").run().await;
    assert!(shown.stdout.contains("deploy.sh:2:24"), "{shown:#?}");
}

/// What is called an error is one to the AWS CLI, and what is not called one is none.
#[tokio::test]
async fn the_aws_cli_refuses_what_validate_does() {
    if !require(&["aws-cli"]) {
        return;
    }
    let project = project();
    for (line, is_refused) in [
        (
            "ecs update-service --service s --desired-count 2 --rollback-deployment",
            true,
        ),
        ("ecs update-service --service s --taskdefinition t", true),
        ("ecs rollback-service --service s", true),
        ("ecs wait service-stable --services s", true),
        (
            "deploy create-deployment --application-name a --aplication-name b",
            true,
        ),
        ("ecs update-service --service s --desired 2 --force", false),
        (
            "ecs update-service --service=s --no-force-new-deployment --no-paginate",
            false,
        ),
        (
            "--output text ecs wait services-stable --services s --query x",
            false,
        ),
        (
            "ecr describe-images --repository-name r --max-items 3",
            false,
        ),
    ] {
        project.write("app/deploy.sh", &format!("aws {line}\n"));
        let found = project.run("validate --output json deploy.sh").run().await;
        let errors = found.json()["summary"]["errors"].as_u64().unwrap();
        assert_eq!(errors > 0, is_refused, "{line}: {found:#?}");

        let aws = Command::new("aws", project.path())
            .args(line.split_whitespace())
            .args(["--endpoint-url", "http://127.0.0.1:1"])
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_MAX_ATTEMPTS", "1");
        let outcome = aws.run().await;
        let said = ["Unknown options", "Invalid choice", "argument operation"]
            .iter()
            .any(|words| outcome.stderr.contains(words));
        assert_eq!(said, is_refused, "{line}: {outcome:#?}");
        assert_ne!(outcome.code, Some(0));
    }
}

#[tokio::test]
async fn warnings_fail_only_when_asked_to() {
    let project = project();
    let mut taskdef = good();
    taskdef["unknownMember"] = json!(1);
    project.write("app/taskdef.json", &taskdef.to_string());
    let report = project.run("validate --output json").run().await;
    assert_eq!(report.json()["summary"]["errors"], 0, "{report:#?}");
    assert!(report.json()["summary"]["warnings"].as_u64().unwrap() > 0);
    assert_eq!(report.code, Some(0));
    assert_eq!(project.run("validate --strict").run().await.code, Some(1));
}

#[tokio::test]
async fn each_format_is_written_where_it_is_wanted() {
    let project = project();
    project.write("app/taskdef.json", DESCRIBED);
    for (format, begins) in [("sarif", "{"), ("junit", "<?xml"), ("json", "{")] {
        let line = format!("validate --format {format}");
        let printed = project.run(&line).run().await.stdout;
        assert!(printed.starts_with(begins), "{printed}");
        let beside = project
            .run(&format!("{line} --output-file out"))
            .run()
            .await;
        assert_eq!(read(&project, "app/out"), printed);
        assert!(
            beside.stdout.contains("--> taskdef.json:4:5"),
            "{}",
            beside.stdout
        );
        assert!(!printed.contains("hunter2") && !beside.stdout.contains("hunter2"));
    }
}

#[tokio::test]
async fn fix_writes_what_it_says() {
    let project = project();
    let path = project.app().join("taskdef.json");
    project.write("app/taskdef.json", COMMENTED);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let diff = says("fix_diff", 0, &project, project.run("fix --diff")).await;
    assert!(!diff.stdout.contains("hunter2"), "{}", diff.stdout);
    assert_eq!(read(&project, "app/taskdef.json"), COMMENTED);

    says("fix", 0, &project, project.run("fix")).await;
    let fixed: Value = serde_json::from_str(&read(&project, "app/taskdef.json")).unwrap();
    assert_eq!(
        fixed["containerDefinitions"][0]["environment"][0]["value"],
        "hunter2"
    );
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(
        std::fs::read_dir(project.app()).unwrap().count(),
        4,
        "nothing else is left"
    );
    says("fix_again", 0, &project, project.run("fix")).await;

    let piped = project.run("fix --kind taskdef -").stdin(COMMENTED);
    let piped = piped.succeed().await;
    assert_eq!(piped.json(), fixed);
}

#[tokio::test]
async fn fix_leaves_a_read_only_file_and_mends_the_others() {
    let project = project();
    for name in ["taskdef.json", "taskdef-b.json"] {
        project.write(&format!("app/{name}"), COMMENTED);
    }
    let locked = project.app().join("taskdef.json");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o444)).unwrap();
    says("fix_read_only", 1, &project, project.run("fix")).await;
    assert_eq!(read(&project, "app/taskdef.json"), COMMENTED);
    assert_ne!(read(&project, "app/taskdef-b.json"), COMMENTED);
    let told = project.run("fix --output json").run().await;
    assert_eq!(told.json()["readOnly"], json!(["taskdef.json"]));
}

#[tokio::test]
async fn fix_leaves_placeholders_for_numbers() {
    let project = project();
    let text = "{\"family\": \"web\", \"containerDefinitions\": [{\"name\": \"app\", \"image\": ${IMAGE}, \"memory\": ${MEM}}]}";
    project.write("app/taskdef.json", text);
    says("fix_placeholders", 1, &project, project.run("fix")).await;
    let expected = text.replace("${IMAGE}", "\"${IMAGE}\"");
    assert_eq!(read(&project, "app/taskdef.json"), expected);
    says(
        "taskdef_convert_placeholder",
        2,
        &project,
        project.run("taskdef convert taskdef.json"),
    )
    .await;
    assert_eq!(read(&project, "app/taskdef.json"), expected);
}

#[tokio::test]
async fn a_named_configuration_must_be_one() {
    let project = project();
    project.write("app/broken.yml", "deploy: [");
    for command in ["validate", "fix"] {
        for config in ["missing.yml", "broken.yml"] {
            for line in [
                format!("{command} -c {config}"),
                format!("--config {config} {command} taskdef.json"),
            ] {
                assert_eq!(project.run(&line).run().await.code, Some(2), "{line}");
            }
        }
        project
            .run(&format!("{command} -c ecs-pipeline.yml"))
            .succeed()
            .await;
    }
    let missing = project.run("validate -c missing.yml");
    says("validate_missing_config", 2, &project, missing).await;
    project.configure("deploy: [");
    project.run("validate").succeed().await;
}

#[tokio::test]
async fn validate_does_not_write_over_what_it_looks_at() {
    let project = project();
    let before = read(&project, "app/taskdef.json");
    std::os::unix::fs::symlink("taskdef.json", project.app().join("link")).unwrap();
    let line = "validate --format json --output-file ./taskdef.json";
    says("validate_over_its_input", 2, &project, project.run(line)).await;
    let line = "validate taskdef.json --output-file link";
    assert_eq!(project.run(line).run().await.code, Some(2));
    assert_eq!(read(&project, "app/taskdef.json"), before);
}

#[tokio::test]
async fn fix_says_what_it_leaves() {
    let project = project();
    project.write(
        "app/taskdef.json",
        "{\"family\": \"web\", \"revision\": 7, \"containerDefinitions\": 3}",
    );
    says("fix_leaves", 1, &project, project.run("fix")).await;
}

#[tokio::test]
async fn taskdef_set_changes_that_alone() {
    let project = project();
    let line = "taskdef set taskdef.json --image web:2 --env STAGE=live --log-option awslogs-group=/live --tag team=blue \
                --cpu 512 --memory 1024 --secret KEY=arn:aws:ssm:us-east-1:123456789012:parameter/key";
    says("taskdef_set", 0, &project, project.run(line)).await;
    let mut expected = good();
    expected["cpu"] = json!("512");
    expected["memory"] = json!("1024");
    expected["tags"] = json!([{"key": "team", "value": "blue"}]);
    let container = &mut expected["containerDefinitions"][0];
    container["image"] = json!("web:2");
    container["environment"] = json!([{"name": "STAGE", "value": "live"}]);
    container["secrets"] =
        json!([{"name": "KEY", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/key"}]);
    container["logConfiguration"]["options"]["awslogs-group"] = json!("/live");
    let written: Value = serde_json::from_str(&read(&project, "app/taskdef.json")).unwrap();
    assert_eq!(written, expected);

    let before = read(&project, "app/taskdef.json");
    let printed = project
        .run("taskdef set taskdef.json --cpu 256 --out -")
        .succeed()
        .await;
    assert_eq!(printed.json()["cpu"], "256");
    for (name, code, line) in [
        ("taskdef_set_nothing", 2, "taskdef set taskdef.json"),
        (
            "taskdef_set_in_no_container",
            3,
            "taskdef set taskdef.json --container ap --image x",
        ),
        (
            "taskdef_set_missing",
            2,
            "taskdef set missing.json --cpu 256",
        ),
    ] {
        says(name, code, &project, project.run(line)).await;
    }
    assert_eq!(read(&project, "app/taskdef.json"), before);
}

#[tokio::test]
async fn taskdef_set_refuses_what_aws_would() {
    let project = project();
    let mut fargate = good();
    fargate["requiresCompatibilities"] = json!(["FARGATE"]);
    fargate["networkMode"] = json!("awsvpc");
    fargate["executionRoleArn"] = json!("arn:aws:iam::123456789012:role/x");
    fargate["cpu"] = json!("256");
    fargate["memory"] = json!("512");
    project.write("app/taskdef.json", &fargate.to_string());
    project.run("validate taskdef.json").succeed().await;
    let before = read(&project, "app/taskdef.json");
    for line in [
        "taskdef set taskdef.json --memory abc",
        "taskdef set taskdef.json --cpu 300",
        "taskdef set taskdef.json --tag aws:x=1",
        "taskdef set taskdef.json --cpu 300 --out -",
    ] {
        let refused = project.run(line).run().await;
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (Some(3), ""),
            "{line}"
        );
    }
    let image = project.run("taskdef set taskdef.json --image a@b@c --cpu 300");
    says("taskdef_set_refused", 3, &project, image).await;
    assert_eq!(read(&project, "app/taskdef.json"), before);

    // What was wrong before keeps nobody from setting something else.
    fargate["cpu"] = json!("300");
    project.write("app/taskdef.json", &fargate.to_string());
    project
        .run("taskdef set taskdef.json --image web:3")
        .succeed()
        .await;
}

#[tokio::test]
async fn taskdef_convert_says_what_it_leaves() {
    let project = project();
    project.write(
        "app/taskdef.json",
        "{\"family\": \"web\", \"revision\": 3, \"containerDefinitions\": [{\"name\": \"app\", \"image\": \"web:1\"}]}",
    );
    let convert = project.run("taskdef convert taskdef.json");
    says("taskdef_convert_leaves", 1, &project, convert).await;
    assert!(!read(&project, "app/taskdef.json").contains("revision"));
}

#[tokio::test]
async fn taskdef_convert_makes_it_what_aws_takes() {
    let project = project();
    project.write("app/described.json", DESCRIBED);
    says(
        "taskdef_convert",
        0,
        &project,
        project.run("taskdef convert described.json"),
    )
    .await;
    let converted: Value = serde_json::from_str(&read(&project, "app/described.json")).unwrap();
    assert_eq!(converted["family"], "web");
    assert_eq!(converted.get("revision"), None);
    says(
        "taskdef_convert_again",
        0,
        &project,
        project.run("taskdef convert described.json"),
    )
    .await;

    project.write(
        "app/web.yaml",
        "Family: web\nContainerDefinitions: [{Name: app, Image: web, Memory: 128}]\n",
    );
    says(
        "taskdef_convert_yaml",
        2,
        &project,
        project.run("taskdef convert web.yaml"),
    )
    .await;
    let converted = project
        .run("taskdef convert web.yaml --out -")
        .succeed()
        .await;
    assert_eq!(converted.json()["containerDefinitions"][0]["name"], "app");
}

const IMAGE: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:2";

#[tokio::test]
async fn render_writes_what_the_action_reads() {
    let project = project();
    let config = config_with_taskdef();
    let line = format!("render --dir out --image {IMAGE}");
    std::fs::create_dir(project.app().join("out")).unwrap();
    project.configure(&format!("{config}codepipeline: {{action: ecs}}\n"));
    says("render_rolling", 0, &project, project.run(&line)).await;
    let expected = format!("[{{\"name\":\"app\",\"imageUri\":\"{IMAGE}\"}}]\n");
    assert_eq!(read(&project, "app/out/imagedefinitions.json"), expected);

    project.configure(&format!(
        "{config}codepipeline: {{action: codedeploy-to-ecs}}\n"
    ));
    says("render_blue_green", 0, &project, project.run(&line)).await;
    let detail: Value = serde_json::from_str(&read(&project, "app/out/imageDetail.json")).unwrap();
    assert_eq!(detail, json!({"ImageURI": IMAGE}));
    snapshot("render_appspec", &read(&project, "app/out/appspec.yaml"));
    let mut expected = good();
    expected["containerDefinitions"][0]["image"] = json!("<IMAGE1_NAME>");
    let written: Value = serde_json::from_str(&read(&project, "app/out/taskdef.json")).unwrap();
    assert_eq!(written, expected);
    // What was written is right, together.
    std::fs::remove_file(project.app().join("out/imagedefinitions.json")).unwrap();
    project.run("validate --strict out").succeed().await;
}

#[tokio::test]
async fn render_refuses_what_cannot_be_deployed() {
    let project = project();
    let with = |section: &str| project.configure(&format!("{}{section}", config_with_taskdef()));
    let line = format!("render --dir out --image {IMAGE}");
    std::fs::create_dir(project.app().join("out")).unwrap();
    says(
        "render_without_its_section",
        2,
        &project,
        project.run(&line),
    )
    .await;
    with("codepipeline: {action: codedeploy-to-ecs}\n");
    says(
        "render_without_an_image",
        2,
        &project,
        project.run("render --dir out"),
    )
    .await;
    let mut two = good();
    two["containerDefinitions"][0]["portMappings"] =
        json!([{"containerPort": 80}, {"containerPort": 81}]);
    project.write("app/taskdef.json", &two.to_string());
    says("render_with_two_ports", 3, &project, project.run(&line)).await;
    let mut odd = good();
    odd["containerDefinitions"][0]["essential"] = json!("maybe");
    project.write("app/taskdef.json", &odd.to_string());
    says("render_of_a_wrong_file", 1, &project, project.run(&line)).await;
    assert_eq!(
        std::fs::read_dir(project.app().join("out"))
            .unwrap()
            .count(),
        0
    );

    // A registry whose host is known needs no question to AWS.
    let host = CONFIG.replace(
        "  repository: web\n",
        "  repository: web\n  host: 127.0.0.1:5000\n",
    );
    project.configure(&format!("{host}codepipeline: {{action: ecs}}\n"));
    project.run("render --dir out").succeed().await;
    let written = read(&project, "app/out/imagedefinitions.json");
    assert!(written.contains("127.0.0.1:5000/web:v2"), "{written}");
}
