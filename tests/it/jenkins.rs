//! The Jenkins stage that pushes an image and has ECS deploy it, word for word.

use ecs_pipeline_tests::{Container, Image, Sandboxed, Service, docker_turn, require, serving};
use serde_json::json;

/// What the stage runs; `$HOST` is the registry, and `$APP` the image that was built.
const PUSH: &str = "
    set -eu
    aws ecr get-login-password | docker login --username AWS --password-stdin $HOST
    docker tag $APP:latest $HOST/my-app:latest
    docker push $HOST/my-app:latest
";
const UPDATE: &str = "
    set -eu
    aws ecs update-service --cluster my-cluster --service my-service --force-new-deployment
    aws ecs wait services-stable --cluster my-cluster --services my-service
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jenkins_sequence_brings_the_new_image_to_users() {
    if !require(&["docker", "aws-cli"]) {
        return;
    }
    let _turn = docker_turn().await;
    let [old, new] = [Image::build("1"), Image::build("2")];
    let sandboxed = Sandboxed::with_docker().await;
    sandboxed
        .ecr("CreateRepository", json!({ "repositoryName": "my-app" }))
        .await;
    // `my-app` alone might be somebody's image.
    let app = format!("my-app-{}", std::process::id());
    let stage = async |script: &str| {
        let shell = sandboxed.command("sh").args(["-c", script]);
        let shell = shell.env("HOST", sandboxed.host()).env("APP", &app);
        shell.succeed().await
    };

    old.tag(&format!("{app}:latest"));
    let pushed = stage(PUSH).await;
    assert!(pushed.stdout.contains("Login Succeeded"), "{pushed:#?}");
    let container = Container::of(format!("{}/my-app:latest", sandboxed.host()));
    let service = Service::create_named(&sandboxed, "my-cluster", "my-service", &container).await;
    assert_eq!(serving(&service.url()).await, old.version);

    new.tag(&format!("{app}:latest"));
    stage(PUSH).await;
    let updated = stage(UPDATE).await.json();
    let deployments = &updated["service"]["deployments"];
    assert_eq!(deployments[0]["status"], "PRIMARY", "{updated:#}");
    assert_eq!(deployments[0]["rolloutState"], "IN_PROGRESS", "{updated:#}");
    assert_eq!(deployments[1]["status"], "ACTIVE", "{updated:#}");
    for _ in 0..10 {
        assert_eq!(serving(&service.url()).await, new.version);
    }
    sandboxed.stop().await;
}
