//! moto in the place of AWS. It starts no deployment when a service is updated, answers operations
//! that it lacks with an HTML page and status 500, and has no registry: none of that may pass for
//! a success, nor take long.

use ecs_pipeline_artifacts::app_spec::AppSpec;
use ecs_pipeline_core::ErrorKind;
use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::aws::codedeploy::{CodeDeployDeployer, CodeDeploySettings, RollbackEvent};
use ecs_pipeline_core::model::{Change, DeploymentState, ServiceRef, TaskDefinitionSource};
use ecs_pipeline_core::provider::Deployer;
use ecs_pipeline_tests::{Emulator, require};
use serde_json::json;

use super::ministack::{ours, says, write_application};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_on_moto_passes_for_a_deployment() {
    if !require(&["aws-cli", "moto", "ministack"]) {
        return;
    }
    let moto = Emulator::moto().await;
    moto.create_service().await;
    // ministack's registry, since moto has none.
    let registry = Emulator::ministack().await;
    registry.create_repository().await;
    write_application(moto.home(), registry.address(), "2");
    ours(&moto, "build").succeed().await;
    ours(&moto, "push").succeed().await;
    let before = moto.service().await["deployments"].take();

    // UpdateService answers with the deployment that was there, though the service's own
    // `taskDefinition` is the new revision. A fooled tool exits with 0 here.
    for _ in 0..2 {
        let refused = ours(&moto, "deploy").run().await;
        assert_eq!(refused.code, Some(3), "{refused:#?}");
        says(&refused, "UpdateService started no new deployment of web:2");
        says(
            &refused,
            "no deployment was started; revision web:2 stays registered",
        );
    }
    assert_eq!(moto.service().await["deployments"], before);
    let families = "ecs list-task-definitions --family-prefix web";
    let listed = moto.aws(&families.split(' ').collect::<Vec<_>>()).await;
    assert_eq!(listed["taskDefinitionArns"].as_array().unwrap().len(), 2);

    // PRIMARY keeps the old revision for ever: forcing does not help.
    let forced = ours(&moto, "deploy --force-new-deployment").run().await;
    assert_eq!(forced.code, Some(3), "{forced:#?}");
    says(&forced, "UpdateService started no new deployment of web:2");

    let status = ours(&moto, "status").succeed().await;
    says(&status, "web:1  2/2 running");
    let refused = ours(&moto, "rollback").run().await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    says(
        &refused,
        "its history could not be read: ecs:ListServiceDeployments",
    );
}

/// A service that was not changed yet: moto gives a forced deployment an id of its own and calls
/// it complete, with all tasks running. That is a success by everything there is to read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forced_deployment_on_moto_is_followed_by_its_own_id() {
    if !require(&["aws-cli", "moto"]) {
        return;
    }
    let moto = Emulator::moto().await;
    moto.create_service().await;
    write_application(moto.home(), moto.address(), "2");
    let before = moto.service().await["deployments"][0]["id"].take();
    let forced = ours(&moto, "deploy --force-new-deployment").succeed().await;
    let after = moto.service().await["deployments"][0]["id"].take();
    assert_ne!(before, after);
    says(
        &forced,
        &format!("deployment {} completed", after.as_str().unwrap()),
    );

    // It has no registry: `/v2/` is not there, and that is said.
    ours(&moto, "build").succeed().await;
    let refused = ours(&moto, "push").run().await;
    assert!(!matches!(refused.code, Some(0) | None), "{refused:#?}");
    says(&refused, "FAILED");
}

/// moto keeps CodeDeploy's deployments and gives them ids of another form; none ever goes on. What
/// we send is what it keeps, and its silence is no success.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_codedeploy_deployment_on_moto_is_as_it_was_asked_for_and_never_ends() {
    if !require(&["aws-cli", "moto"]) {
        return;
    }
    let moto = Emulator::moto().await;
    create_codedeploy_service(&moto).await;
    let endpoint = format!("http://{}", moto.address());
    let aws = AwsConfig::with_keys(&endpoint, "us-east-1", "testing", "testing").await;
    let settings = CodeDeploySettings::default()
        .with_deployment_config("CodeDeployDefault.ECSCanary10Percent5Minutes")
        .with_description("build 42")
        .with_auto_rollback([RollbackEvent::Failure]);
    let deployer = CodeDeployDeployer::new(&aws, settings);
    let service = ServiceRef::new("demo", "web");
    let change = Change::new(service, TaskDefinitionSource::Current).forced();
    let plan = deployer.plan(&change).await.unwrap();
    let release = deployer.register(&plan).await.unwrap();
    let started = deployer.start(&plan, &release).await.unwrap();

    let id = started.id.as_str();
    let kept = moto
        .aws(&["deploy", "get-deployment", "--deployment-id", id])
        .await;
    let kept = &kept["deploymentInfo"];
    assert_eq!(kept["applicationName"], "AppECS-demo-web");
    assert_eq!(kept["description"], "build 42");
    assert_eq!(
        kept["deploymentConfigName"],
        "CodeDeployDefault.ECSCanary10Percent5Minutes"
    );
    assert_eq!(
        kept["autoRollbackConfiguration"],
        json!({"enabled": true, "events": ["DEPLOYMENT_FAILURE"]})
    );
    let content = kept["revision"]["appSpecContent"]["content"]
        .as_str()
        .unwrap();
    let revision = started.task_definition.as_str();
    assert_eq!(
        content,
        AppSpec::new(revision, "web", 8080).to_json_string()
    );

    let seen = deployer.observe(&started).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    let held = deployer.proceed(&started).await.unwrap_err();
    assert_eq!(held.kind(), ErrorKind::Conflict);
}

async fn create_codedeploy_service(moto: &Emulator) {
    let containers =
        r#"[{"name":"web","image":"web:1","memory":64,"portMappings":[{"containerPort":8080}]}]"#;
    let balancer = r#"[{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/1","containerName":"web","containerPort":8080}]"#;
    let calls = [
        vec!["ecs create-cluster --cluster-name demo"],
        vec![
            "ecs register-task-definition --family web --container-definitions",
            containers,
        ],
        vec![
            "ecs create-service --cluster demo --service-name web --task-definition web:1 --desired-count 2 --deployment-controller type=CODE_DEPLOY --load-balancers",
            balancer,
        ],
        vec!["deploy create-application --application-name AppECS-demo-web --compute-platform ECS"],
        vec![
            "deploy create-deployment-group --application-name AppECS-demo-web --deployment-group-name DgpECS-demo-web --service-role-arn arn:aws:iam::123456789012:role/codedeploy --ecs-services serviceName=web,clusterName=demo",
        ],
    ];
    for call in calls {
        let mut args: Vec<&str> = call[0].split(' ').collect();
        args.extend(&call[1..]);
        moto.aws(&args).await;
    }
}

/// A role, a log group and a repository of a foreign server are read as AWS's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_reads_moto() {
    if !require(&["aws-cli", "moto"]) {
        return;
    }
    let moto = Emulator::moto().await;
    moto.create_service().await;
    write_application(moto.home(), "127.0.0.1:1", "2");
    let config = moto.home().join("ecs-pipeline.yml");
    let text = std::fs::read_to_string(&config).unwrap();
    let with_file = text.replace(
        "service: web,",
        "service: web, task-definition: taskdef.json,",
    );
    std::fs::write(&config, with_file).unwrap();
    let definition = json!({
        "family": "web", "taskRoleArn": "arn:aws:iam::123456789012:role/task",
        "containerDefinitions": [{"name": "web", "image": "web:1", "memory": 64,
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/web", "awslogs-region": "us-east-1"}}}],
    });
    std::fs::write(moto.home().join("taskdef.json"), definition.to_string()).unwrap();

    let bare = ours(&moto, "doctor").run().await;
    assert_eq!(bare.code, Some(1), "{bare:#?}");
    for words in [
        "demo/web is ACTIVE",
        "there is no role task",
        "there is no log group /ecs/web",
        "/web is there",
        "the cluster has no container instances",
    ] {
        says(&bare, words);
    }

    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    let role = ["iam", "create-role", "--role-name", "task"];
    moto.aws(&[&role[..], &["--assume-role-policy-document", trust]].concat())
        .await;
    let group = ["logs", "create-log-group", "--log-group-name", "/ecs/web"];
    moto.aws(&group).await;
    let there = ours(&moto, "doctor").run().await;
    says(&there, "task trusts ecs-tasks.amazonaws.com");
    says(&there, "/ecs/web is there");
    assert!(!there.stdout.contains("not checked"), "{there:#?}");
}
