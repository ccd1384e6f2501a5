//! CodeBuild and CodePipeline, from GitHub to the service.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::build::{BuildImage, Compute};
use super::{Kind, Stack, engine, names};
use crate::application::{Application, Strategy};
use crate::limits;
use crate::options::Options;
use crate::policy::Role;
use crate::problem::Problems;
use crate::scope::Scope;

/// What can be chosen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct PipelineOptions {
    /// The source on GitHub, as `OWNER/NAME`.
    pub repository: String,
    /// The branch whose pushes are deployed.
    #[serde(default = "main")]
    pub branch: String,
    /// The ARN of a connection to GitHub; without it the stack has one of its own, which a person has to
    /// confirm once.
    #[serde(default)]
    pub connection: Option<String>,
    /// Who deploys.
    #[serde(default)]
    pub deploy: Deploys,
    /// The build specification's path in the repository.
    #[serde(default = "buildspec")]
    pub buildspec: String,
    /// Who is told by e-mail how the pipeline ends.
    #[serde(default)]
    pub email: Option<String>,
    /// How large a build's machine is.
    #[serde(default)]
    pub compute: Compute,
    /// The image that builds run in; without it CodeBuild's own for the task definition's processor.
    #[serde(default)]
    pub image: Option<String>,
}

fn main() -> String {
    "main".to_owned()
}

fn buildspec() -> String {
    "buildspec.yml".to_owned()
}

/// What deploys, in a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Deploys {
    /// The build itself: it follows the deployment, reads the gates, and says why one failed.
    #[default]
    #[serde(rename = "build")]
    FromBuild,
    /// CodePipeline's action "Amazon ECS", from imagedefinitions.json.
    #[serde(rename = "ecs")]
    ByEcsAction,
    /// CodePipeline's action "Amazon ECS (Blue/Green)", from imageDetail.json, taskdef.json and
    /// appspec.yaml.
    #[serde(rename = "codedeploy-to-ecs")]
    ByCodeDeployAction,
}

impl Deploys {
    /// Why it cannot deploy by a strategy, where it cannot.
    fn why_not(self, strategy: &Strategy) -> Option<&'static str> {
        match (self, strategy) {
            (Self::FromBuild, _)
            | (Self::ByEcsAction, Strategy::Rolling)
            | (Self::ByCodeDeployAction, Strategy::Codedeploy { .. }) => None,
            (Self::ByEcsAction, Strategy::Codedeploy { .. }) => Some(
                "the ECS action calls UpdateService, which ECS refuses for a service of CodeDeploy's",
            ),
            // It waits for the service, and neither for test traffic nor for the bake time.
            (Self::ByEcsAction, _) => Some("the ECS action is for rolling updates"),
            (Self::ByCodeDeployAction, _) => {
                Some("the CodeDeployToECS action is for services of CodeDeploy's")
            }
        }
    }
}

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    let Some(pipeline) = &options.pipeline else {
        return;
    };
    check_source(pipeline, application, problems);
    check_build(pipeline, application, problems);
    if let Some(why) = pipeline.deploy.why_not(&application.strategy) {
        let help = "choose build, or another deploy.strategy";
        problems.add("infra.pipeline.deploy", why, help);
    }
    if let Some(email) = pipeline.email.as_deref().filter(|it| !is_address(it)) {
        let message = format!("{email} is no e-mail address");
        problems.add("infra.pipeline.email", message, "write NAME@DOMAIN");
    }
    limits::BUCKET.check(
        "application",
        &application.artifact_bucket(&widest()),
        problems,
    );
    limits::NOTIFICATION_RULE.check(
        "application",
        &format!("{}-pipeline", application.name),
        problems,
    );
}

/// An account and a Region whose name is as long as any.
fn widest() -> Scope {
    Scope::new("ap-southeast-1", "123456789012")
}

fn check_source(pipeline: &PipelineOptions, application: &Application, problems: &mut Problems) {
    let PipelineOptions {
        repository, branch, ..
    } = pipeline;
    if !is_repository(repository) {
        problems.add(
            "infra.pipeline.repository",
            format!("{repository} is not OWNER/NAME"),
            "write the two last parts of its address on GitHub, without .git",
        );
    }
    if branch.is_empty() || branch.starts_with("refs/") {
        problems.add(
            "infra.pipeline.branch",
            format!("{branch:?} is no branch's name"),
            "write the name alone, such as main",
        );
    }
    match &pipeline.connection {
        Some(connection) if !is_connection(connection) => problems.add(
            "infra.pipeline.connection",
            format!("{connection} is not the ARN of a connection"),
            "`aws codeconnections list-connections` shows it; without it a new one is made",
        ),
        Some(_) => {}
        None => limits::CONNECTION.check("application", &application.name, problems),
    }
}

fn is_repository(text: &str) -> bool {
    let is_part = |part: &str, more: &str| {
        let allows = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        !part.is_empty() && part.chars().all(allows)
    };
    text.split_once('/').is_some_and(|(owner, name)| {
        is_part(owner, "-") && is_part(name, "-._") && !name.ends_with(".git")
    })
}

/// `arn:PARTITION:codeconnections:REGION:ACCOUNT:connection/ID`; older ones have `codestar-connections`.
fn is_connection(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [
        "arn",
        partition,
        "codeconnections" | "codestar-connections",
        region,
        account,
        resource,
    ] = parts.as_slice()
    else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let id = resource.strip_prefix("connection/");
    !partition.is_empty() && !region.is_empty() && is_account && id.is_some_and(|id| !id.is_empty())
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(' ')
    })
}

fn check_build(pipeline: &PipelineOptions, application: &Application, problems: &mut Problems) {
    let path = &pipeline.buildspec;
    let leaves = path.starts_with('/') || path.split('/').any(|part| part == "..");
    if path.is_empty() || leaves {
        problems.add(
            "infra.pipeline.buildspec",
            format!("{path:?} is no path in the repository"),
            "write it as it is from the repository's top",
        );
    }
    BuildImage::of(pipeline.image.as_deref(), application).check(problems);
}

pub(super) fn stack(
    application: &Application,
    options: &Options,
    pipeline: &PipelineOptions,
) -> Stack {
    let codebuild = Role::Codebuild.statements_of_stack(application, options);
    let codepipeline = Role::Codepipeline.statements_of_stack(application, options);
    let names = names::used_in(&format!("{codebuild}{codepipeline}"), application);
    let image = BuildImage::of(pipeline.image.as_deref(), application);
    let in_vpc = options.builds_in_vpc();
    let template = engine::render(
        "pipeline.yaml",
        context! {
            application => Serde(application), options => Serde(options),
            names => Serde(&names), codebuild, codepipeline,
            deploys => Serde(pipeline.deploy), connection => pipeline.connection.is_some(),
            in_vpc, local_cache => pipeline.compute.has_local_cache(),
            arm => image.is_arm, curated => image.is_curated(), build_repository => image.repository(),
        },
    );
    Stack {
        kind: Kind::Pipeline,
        name: format!("{}-pipeline", application.name),
        template,
        parameters: parameters(pipeline, application, in_vpc, names, image),
        names_roles: true,
    }
}

fn parameters(
    pipeline: &PipelineOptions,
    application: &Application,
    in_vpc: bool,
    names: Vec<names::Name>,
    image: BuildImage,
) -> Vec<(String, String)> {
    let names = names.into_iter();
    let mut parameters: Vec<_> = names.map(|name| (name.parameter, name.value)).collect();
    let network = in_vpc.then(|| format!("{}-network", application.cluster));
    let optional = [
        ("NetworkStack", network),
        ("Connection", pipeline.connection.clone()),
        ("Email", pipeline.email.clone()),
        ("BuildMinutes", build_minutes(pipeline, application)),
        (
            "DeploymentMinutes",
            deployment_minutes(pipeline, application),
        ),
    ];
    parameters.extend([
        ("SourceRepository", pipeline.repository.clone()),
        ("Branch", pipeline.branch.clone()),
        ("Buildspec", pipeline.buildspec.clone()),
        ("BuildImage", image.name),
        ("BuildCompute", pipeline.compute.name().to_owned()),
    ]);
    let given = optional.into_iter();
    parameters.extend(given.filter_map(|(name, value)| Some((name, value?))));
    let owned = parameters.into_iter();
    owned
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A rollback gets as long as the deployment, and an hour is for building; CodeBuild gives 36 hours.
fn build_minutes(pipeline: &PipelineOptions, application: &Application) -> Option<String> {
    let deploys = pipeline.deploy == Deploys::FromBuild;
    let minutes = application.deploy_minutes.filter(|_| deploys)?;
    Some(
        minutes
            .saturating_mul(2)
            .saturating_add(60)
            .min(2160)
            .to_string(),
    )
}

/// The ECS action waits for an hour at most.
fn deployment_minutes(pipeline: &PipelineOptions, application: &Application) -> Option<String> {
    let waits = pipeline.deploy == Deploys::ByEcsAction;
    let minutes = application.deploy_minutes.filter(|_| waits)?;
    Some(minutes.clamp(1, 60).to_string())
}

#[cfg(test)]
mod tests {
    use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    use serde_json::{Value, json};

    use super::*;

    const CODEDEPLOY: &str = "codedeploy";

    fn application(name: &str, strategy: &str) -> Application {
        let task = r#"{"family": "web", "containerDefinitions": [{"name": "web"}]}"#;
        let task = TaskDefinitionDocument::parse(task).unwrap();
        let mut application = Application::new(name, &task);
        application.strategy = match strategy {
            "rolling" => Strategy::Rolling,
            CODEDEPLOY => Strategy::Codedeploy {
                application: "a".to_owned(),
                group: "g".to_owned(),
                config: "CodeDeployDefault.ECSAllAtOnce".to_owned(),
                bucket: None,
            },
            _ => Strategy::BlueGreen { bake: 5 },
        };
        application
    }

    /// The members that are complained of.
    fn refused(application: &Application, pipeline: &Value) -> Vec<String> {
        let options = json!({ "pipeline": pipeline });
        let options = serde_json::from_value(options).unwrap();
        let mut problems = Problems::default();
        check(application, &options, &mut problems);
        let refused = problems.none_or_refused().err();
        let problems = refused.map(|it| it.problems).unwrap_or_default();
        problems.into_iter().map(|it| it.member).collect()
    }

    #[test]
    fn what_aws_would_not_take_is_refused() {
        let arn = "arn:aws:codeconnections:eu-west-1:123456789012:connection/1f4a";
        let older =
            "arn:aws-us-gov:codestar-connections:us-gov-west-1:123456789012:connection/1f4a";
        for (key, value, fits) in [
            ("repository", "octo-org/hello.web_2", true),
            ("repository", "hello-web", false),
            ("repository", "octo/hello/web", false),
            ("repository", "https://github.com/octo/hello", false),
            ("repository", "git@github.com:octo/hello.git", false),
            ("repository", "octo/hello.git", false),
            ("repository", "octo/", false),
            ("branch", "release/1.x", true),
            ("branch", "refs/heads/main", false),
            ("branch", "", false),
            ("connection", arn, true),
            ("connection", older, true),
            ("connection", "github", false),
            (
                "connection",
                "arn:aws:codeconnections:eu-west-1:123456789012:host/1f4a",
                false,
            ),
            (
                "connection",
                "arn:aws:codeconnections:eu-west-1:12345678901:connection/1f4a",
                false,
            ),
            (
                "connection",
                "arn:aws:codecommit:eu-west-1:123456789012:connection/1f4a",
                false,
            ),
            (
                "connection",
                "arn:aws:codeconnections:eu-west-1:123456789012:connection/",
                false,
            ),
            ("buildspec", "ci/buildspec.yml", true),
            ("buildspec", "/buildspec.yml", false),
            ("buildspec", "../buildspec.yml", false),
            ("buildspec", "", false),
            ("email", "web+ci@example.com", true),
            ("email", "example.com", false),
            ("email", "a@b@c", false),
            ("email", "@example.com", false),
            ("image", "public.ecr.aws/docker/library/docker:28", true),
            (
                "image",
                "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                false,
            ),
            ("image", "docker 28", false),
        ] {
            let mut pipeline = json!({"repository": "octo-org/hello-web"});
            pipeline[key] = json!(value);
            let expected: &[String] = match fits {
                true => &[],
                false => &[format!("infra.pipeline.{key}")],
            };
            let application = application("web", "rolling");
            assert_eq!(refused(&application, &pipeline), expected, "{key}: {value}");
        }
    }

    #[test]
    fn what_deploys_fits_the_strategy() {
        for (deploy, strategy, fits) in [
            ("build", "rolling", true),
            ("build", "blue-green", true),
            ("build", CODEDEPLOY, true),
            ("ecs", "rolling", true),
            ("ecs", "blue-green", false),
            ("ecs", CODEDEPLOY, false),
            ("codedeploy-to-ecs", "rolling", false),
            ("codedeploy-to-ecs", "blue-green", false),
            ("codedeploy-to-ecs", CODEDEPLOY, true),
        ] {
            let pipeline = json!({"repository": "octo/web", "deploy": deploy});
            let refused = refused(&application("web", strategy), &pipeline);
            assert_eq!(
                refused.is_empty(),
                fits,
                "{deploy} for {strategy}: {refused:?}"
            );
        }
    }

    #[test]
    fn names_that_are_made_of_the_application_s_fit() {
        let connection = "arn:aws:codeconnections:eu-west-1:123456789012:connection/1f4a";
        let own = json!({"repository": "octo/web"});
        let given = json!({"repository": "octo/web", "connection": connection});
        let refused = |name: &str, pipeline| refused(&application(name, "rolling"), pipeline).len();
        assert_eq!(refused(&"a".repeat(25), &own), 0);
        // The bucket's name ends with the account and the Region.
        assert_eq!(refused(&"a".repeat(26), &own), 1);
        assert_eq!(refused("Web", &own), 1);
        // The bucket's and the connection's.
        assert_eq!(refused(&"a".repeat(33), &own), 2);
        assert_eq!(refused(&"a".repeat(33), &given), 1);
    }
}
