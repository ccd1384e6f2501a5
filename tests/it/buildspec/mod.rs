//! The build specification at the top of the repository, unchanged: from a zip in S3 to a service, through
//! CodePipeline's source, build and deploy actions as the sandbox carries them out, with real containers.

mod page;
mod policies;
mod setting;

use ecs_pipeline_tests::{Image, Load, Sandboxed, docker_turn, require, serving};

use page::Page;
use policies::Policies;
use setting::{Deploys, Setting};

/// What the image's environment has in a version that the load balancer finds unhealthy.
const UNHEALTHY: &str = "ENV HEALTH_STATUS=503\n";

/// Requests a second.
const RATE: u32 = 100;

/// What the build of this number makes.
fn built_image(number: u32) -> Image {
    let version = format!("main-8f4c1f0b1e2d-{number}");
    let name = format!("hello-web:{version}");
    Image { name, version }
}

/// A good version through the whole pipeline, under traffic, and then one that is not healthy, where
/// something notices it in reasonable time: what was printed.
async fn deployed_by(deploys: Deploys, notices: Option<&str>) -> Option<Page> {
    if !require(&["docker", "aws-cli"]) {
        return None;
    }
    let _turn = docker_turn().await;
    let old = Image::build("1");
    let sandboxed = Sandboxed::with_docker().await;
    let setting = Setting::new(&sandboxed, deploys, &old.name).await;
    assert_eq!(serving(&setting.production).await, old.version);
    let policies = Policies::enforce(&setting).await;
    let load = Load::start(setting.production.clone(), RATE);
    let mut page = Page::default();
    // They go with this.
    let _images = [1, 2].map(built_image);

    let (status, _) = setting.run("").await;
    assert_eq!(status, "Succeeded", "{}", setting.told().await);
    assert_eq!(serving(&setting.production).await, "main-8f4c1f0b1e2d-1");
    let exported = setting.exported().await;
    assert_eq!(exported["IMAGE_TAG"], "main-8f4c1f0b1e2d-1", "{exported}");
    page.show(&setting, "A good version").await;

    if let Some(stage) = notices {
        let (status, stages) = setting.run(UNHEALTHY).await;
        assert_eq!(status, "Failed", "{}", setting.told().await);
        assert_eq!(stages[stage], "Failed", "{}", setting.told().await);
        assert_eq!(serving(&setting.production).await, "main-8f4c1f0b1e2d-1");
        page.show(&setting, "A version that is not healthy").await;
    }
    let sent = load.stop().await;
    assert_eq!(sent.failures(), 0, "{sent:#?}");
    policies.are_needed(&setting, deploys);
    sandboxed.stop().await;
    Some(page)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_build_deploys_and_is_red_when_ecs_went_back() {
    if let Some(page) = deployed_by(Deploys::TheBuild, Some("Build")).await {
        page.keep("codebuild.md", "CodeBuild deploys, as it is printed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ecs_action_deploys_what_the_build_left() {
    deployed_by(Deploys::EcsAction, Some("Deploy")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_blue_green_action_deploys_what_the_build_left() {
    if let Some(page) = deployed_by(Deploys::CodeDeployToEcs, None).await {
        page.keep(
            "codepipeline.md",
            "CodePipeline deploys by CodeDeploy, as it is printed",
        );
    }
}
