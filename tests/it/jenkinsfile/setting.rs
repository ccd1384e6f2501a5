//! A job whose repository has our Jenkinsfile and the example, and the service that it deploys.

use ecs_pipeline_tests::{Built, Command, Image, Job, Sandboxed, Service};
use serde_json::{Value, json};

use crate::example::{DOCKERFILE, TASKDEF, stand_in_for_cargo, without_prepare};

pub(super) const JENKINSFILE: &str = include_str!("../../../Jenkinsfile");

/// The application in the repository.
pub(super) const APP: &str = "examples/hello-web";

/// The service of the example, which runs `hello-web:1`, and the job.
pub(super) struct Setting<'s> {
    pub(super) sandboxed: &'s Sandboxed,
    pub(super) service: Service<'s>,
    pub(super) job: Job,
}

impl<'s> Setting<'s> {
    /// With an image that is packed without an engine.
    pub(super) async fn packed(sandboxed: &'s Sandboxed) -> Self {
        let config = packed_config();
        let app = [("ecs-pipeline.yml", config.as_str()), ("index.html", "one")];
        Self::new(sandboxed, "example.com/hello-web:1", &app).await
    }

    /// With the image that the example's Dockerfile makes; its binary is there already.
    pub(super) async fn with_docker(sandboxed: &'s Sandboxed, first: &str) -> Self {
        let config = without_prepare();
        let app = [
            ("ecs-pipeline.yml", config.as_str()),
            ("Dockerfile", DOCKERFILE),
        ];
        let setting = Self::new(sandboxed, first, &app).await;
        let dist = setting.job.repository().join(APP).join("dist");
        std::fs::create_dir_all(&dist).unwrap();
        std::fs::copy(ecs_pipeline_tests::hello_web(), dist.join("hello-web")).unwrap();
        setting.job.commit("main", &[]).await;
        setting
    }

    async fn new(sandboxed: &'s Sandboxed, first: &str, app: &[(&str, &str)]) -> Self {
        let repository = json!({ "repositoryName": "hello-web" });
        sandboxed.ecr("CreateRepository", repository).await;
        let mut definition: Value = serde_json::from_str(TASKDEF).unwrap();
        definition["containerDefinitions"][0]["image"] = json!(first);
        let service = Service::of_definition(sandboxed, "demo", "hello-web", definition).await;
        let of_app = app
            .iter()
            .map(|(name, text)| (format!("{APP}/{name}"), *text));
        let of_app: Vec<_> = of_app.collect();
        let mut files = vec![
            ("Jenkinsfile", JENKINSFILE),
            (
                ".ci/run",
                "#!/bin/sh\necho \"the application's own tests\"\n",
            ),
            ("examples/hello-web/taskdef.json", TASKDEF),
        ];
        files.extend(of_app.iter().map(|(name, text)| (name.as_str(), *text)));
        let job = Job::new(&files).await;
        job.program("cargo", &stand_in_for_cargo());
        Self {
            sandboxed,
            service,
            job,
        }
    }

    /// A program on the agent.
    pub(super) fn agent(&self, program: &str) -> Command {
        let path = std::env::var("PATH").unwrap();
        let bin = self.job.path().join("bin");
        let command = self.sandboxed.command(program);
        let command = command.env("PATH", format!("{}:{path}", bin.to_str().unwrap()));
        // Equal sources at the same second have the same commit: jobs must not pack into each other's images.
        command.env("TMPDIR", self.job.path().to_str().unwrap())
    }

    /// Build `number` of main, to its end.
    pub(super) async fn build(&self, number: u32) -> Built {
        let build = self.job.build(number);
        build.run(|groovy| self.agent(groovy)).await
    }

    /// The image that a build of main will make; it is removed with this.
    pub(super) async fn built_image(&self, number: u32) -> Image {
        let repository = self.job.repository();
        let head = self
            .agent("git")
            .args(["rev-parse", "main"])
            .current_dir(&repository);
        let commit = head.succeed().await.stdout;
        let version = format!("main-{}-{number}", &commit[..12]);
        Image {
            name: format!("hello-web:{version}"),
            version,
        }
    }

    /// Changes the example's configuration on main.
    pub(super) async fn configure(&self, config: &str) {
        let path = format!("{APP}/ecs-pipeline.yml");
        self.job.commit("main", &[(&path, config)]).await;
    }

    /// The image that the service's task definition names.
    pub(super) async fn image(&self) -> String {
        let revision = self.service.settled().await;
        let input = json!({ "taskDefinition": revision });
        let described = self.sandboxed.ecs("DescribeTaskDefinition", input).await;
        let image = &described["taskDefinition"]["containerDefinitions"][0]["image"];
        image.as_str().unwrap().to_owned()
    }

    /// How often this operation of ECS was asked for.
    pub(super) fn asked(&self, operation: &str) -> u64 {
        let calls = self.sandboxed.sandbox.calls().snapshot();
        let of_ecs = calls
            .iter()
            .filter(|(name, _)| name.rsplit('.').next() == Some(operation));
        of_ecs.map(|(_, times)| times).sum()
    }
}

/// The example's configuration for an image without an engine.
pub(super) fn packed_config() -> String {
    without_prepare().replace("  target: static\n", "  builder: pack\n")
}
