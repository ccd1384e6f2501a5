//! `iam-policy`, and the commands under what it prints: a push, and a service that is created. What follows a
//! deployment is in [`crate::policy`], without the command line.

use ecs_pipeline_sandbox::RunnerChoice;
use ecs_pipeline_sandbox::access::{Policy, Principal};
use ecs_pipeline_tests::{Outcome, Sandboxed};
use serde_json::{Value, json};

use super::project::{Aws, Project, config_with_taskdef};
use super::strategies::Ground;

/// The policy of the Jenkins agent as printed.
fn policy(printed: &Outcome) -> (Value, Policy) {
    let value: Value = serde_json::from_str(&printed.stdout).unwrap();
    let policy = value.to_string().parse().unwrap();
    (value, policy)
}

/// The statement's place in the policy.
fn place(policy: &Value, sid: &str) -> usize {
    let statements = policy["Statement"].as_array().unwrap();
    let found = statements.iter().position(|it| it["Sid"] == sid);
    found.unwrap_or_else(|| panic!("{policy:#} has no {sid}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_is_pushed_under_its_policy_and_with_nothing_less() {
    let sandboxed = Sandboxed::in_process().await;
    let repository = json!({ "repositoryName": "web" });
    sandboxed.ecr("CreateRepository", repository).await;
    let project = Project::new(Aws::of(&sandboxed));
    project.configure(&config_with_taskdef());
    let printed = project.run("iam-policy --for jenkins").succeed().await;
    let (value, whole) = policy(&printed);
    let access = sandboxed.sandbox.access();

    project.run("build").succeed().await;
    for (sid, part) in [
        ("RegistryToken", "allow ecr:GetAuthorizationToken on * in"),
        ("PushImages", "allow ecr:"),
    ] {
        access.enforce(Principal::Caller, whole.without(place(&value, sid)));
        let refused = project.run("push").run().await;
        assert_ne!(refused.code, Some(0), "{sid}: {}", refused.stdout);
        assert!(refused.stdout.contains(part), "{sid}: {}", refused.stdout);
    }
    access.enforce(Principal::Caller, whole);
    project.run("push").succeed().await;
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_created_under_its_policy_and_with_nothing_less() {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, 200.0).await;
    let ground = Ground::lay(&sandboxed, "canary").await;
    let printed = ground.run("iam-policy --for jenkins").succeed().await;
    let (value, whole) = policy(&printed);
    let access = sandboxed.sandbox.access();

    for (sid, part) in [
        ("CreateService", "allow ecs:CreateService on arn:"),
        ("PassInfrastructureRole", "allow iam:PassRole on arn:"),
    ] {
        access.enforce(Principal::Caller, whole.without(place(&value, sid)));
        let refused = ground.run("deploy").run().await;
        assert_ne!(refused.code, Some(0), "{sid}: {}", refused.stdout);
        assert!(refused.stdout.contains(part), "{sid}: {}", refused.stdout);
    }
    access.enforce(Principal::Caller, whole);
    ground.run("deploy").succeed().await;
    sandboxed.stop().await;
}

/// Partitions, and what is not known.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_region_and_partition_are_those_of_the_configuration() {
    let nowhere = Aws::at("http://127.0.0.1:1").without(&["AWS_REGION"]);
    let project = Project::new(nowhere);
    project.configure(&config_with_taskdef());
    for (flags, expected) in [
        (
            "--region eu-west-1",
            "arn:aws:ecs:eu-west-1:123456789012:service/c/web",
        ),
        (
            "--region cn-north-1 --account 210987654321",
            "arn:aws-cn:ecs:cn-north-1:210987654321:service/c/web",
        ),
        (
            "--region us-gov-west-1",
            "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service/c/web",
        ),
    ] {
        let line = format!("iam-policy --for jenkins {flags}");
        let printed = project.run(&line).succeed().await;
        assert!(
            printed.stdout.contains(expected),
            "{flags}: {}",
            printed.stdout
        );
    }
    let unknown = project.run("iam-policy --for jenkins").run().await;
    assert_eq!(unknown.code, Some(2), "{unknown:#?}");
    assert!(
        unknown.stderr.contains("name it with --region"),
        "{unknown:#?}"
    );

    let all = project
        .run("iam-policy --for all --region us-east-1")
        .succeed()
        .await;
    let all: Value = serde_json::from_str(&all.stdout).unwrap();
    let names: Vec<_> = all.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "jenkins",
            "codebuild",
            "codedeploy",
            "codepipeline",
            "task-execution"
        ]
    );
}
