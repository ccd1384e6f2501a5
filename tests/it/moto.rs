//! moto in the place of AWS. It starts no deployment when a service is updated, answers operations
//! that it lacks with an HTML page and status 500, and has no registry: none of that may pass for
//! a success, nor take long.

use ecs_pipeline_tests::{Emulator, require};

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
