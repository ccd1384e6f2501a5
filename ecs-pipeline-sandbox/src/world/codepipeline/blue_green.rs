//! Deploy/AWS/CodeDeployToECS: a task definition and an AppSpec with placeholders, deployed by CodeDeploy
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html>).

use ecs_pipeline_artifacts::bundle::Bundle;
use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::job::{Order, Product, Progress};
use super::{ApiError, World};
use crate::access::Request;
use crate::access::actions::arn;
use crate::world::Service;

/// What the AppSpec has in place of the revision's ARN.
const TASK_DEFINITION: &str = "<TASK_DEFINITION>";

/// A deployment that the action follows.
#[derive(Debug)]
pub(super) struct BlueGreen {
    /// `d-…`.
    pub(super) id: String,
}

/// What is read of `imageDetail.json`.
#[derive(Deserialize)]
struct ImageDetail {
    #[serde(rename = "ImageURI")]
    image_uri: String,
}

impl BlueGreen {
    /// Fills in the files, registers the revision, and creates the deployment.
    pub(super) fn begin(order: &Order, world: &mut World) -> Result<Self, Failure> {
        order.may_read_inputs(world)?;
        let definition = task_definition(order, world)?;
        let app_spec = app_spec(order, world)?;
        let registered = order
            .ask(world, Service::Ecs, "RegisterTaskDefinition", definition)
            .map_err(|error| refused("AmazonECS", &error))?;
        let arn = &registered["taskDefinition"]["taskDefinitionArn"];
        let content = app_spec.replace(TASK_DEFINITION, arn.as_str().unwrap_or_default());
        let deployment = json!({
            "applicationName": order.setting("ApplicationName"),
            "deploymentGroupName": order.setting("DeploymentGroupName"),
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
        });
        may_look_at_application(order, world)?;
        let created = order
            .ask(world, Service::CodeDeploy, "CreateDeployment", deployment)
            .map_err(|error| refused("AmazonCodeDeploy", &error))?;
        let id = created["deploymentId"].as_str().unwrap_or_default();
        Ok(Self { id: id.to_owned() })
    }

    pub(super) fn look(&self, order: &Order, world: &mut World) -> Progress {
        let asked = json!({"deploymentId": self.id});
        let answer = match order.ask(world, Service::CodeDeploy, "GetDeployment", asked) {
            Ok(answer) => answer,
            Err(error) if error.is_access_denied() => {
                return Progress::Failed(Failure::refused("AmazonCodeDeploy", &error));
            }
            Err(_) => return Progress::Waiting,
        };
        let info = &answer["deploymentInfo"];
        match info["status"].as_str() {
            Some("Succeeded") => Progress::Done(Product {
                summary: Some("Deployment Succeeded".into()),
                ..Product::default()
            }),
            Some(status @ ("Failed" | "Stopped")) => Progress::Failed(self.failed(status, info)),
            _ => Progress::Waiting,
        }
    }

    fn failed(&self, status: &str, info: &Value) -> Failure {
        let why = info["errorInformation"]["message"].as_str();
        Failure::job(format!(
            "Deployment {} {status}: {}",
            self.id,
            why.unwrap_or("CodeDeploy does not say why")
        ))
    }
}

/// The template with its images.
fn task_definition(order: &Order, world: &World) -> Result<Value, Failure> {
    let artifact = order.setting("TaskDefinitionTemplateArtifact");
    let path = order
        .configured("TaskDefinitionTemplatePath")
        .unwrap_or("taskdef.json");
    let mut text = file(order, world, "task definition", artifact, path)?;
    for number in 1..=4 {
        let member = |what: &str| order.configured(&format!("Image{number}{what}Name"));
        if let (Some(artifact), Some(placeholder)) = (member("Artifact"), member("Container")) {
            let image = image(order, world, artifact)?;
            text = text.replace(&format!("<{placeholder}>"), &image);
        }
    }
    serde_json::from_str(&text).map_err(|error| {
        Failure::configuration(format!(
            "The task definition file {path} of the artifact {artifact} is no JSON: {error}"
        ))
    })
}

fn app_spec(order: &Order, world: &World) -> Result<String, Failure> {
    let artifact = order.setting("AppSpecTemplateArtifact");
    let path = order
        .configured("AppSpecTemplatePath")
        .unwrap_or("appspec.yaml");
    file(order, world, "AppSpec", artifact, path)
}

fn image(order: &Order, world: &World, artifact: &str) -> Result<String, Failure> {
    let text = file(order, world, "image", artifact, "imageDetail.json")?;
    let detail: ImageDetail =
        serde_json::from_str(&text).map_err(|_| unreadable("image", artifact))?;
    Ok(detail.image_uri)
}

/// What the action asks of CodeDeploy beside the deployment, as its page has it.
fn may_look_at_application(order: &Order, world: &mut World) -> Result<(), Failure> {
    let name = format!("application:{}", order.setting("ApplicationName"));
    let application = arn(world.arns.place(), "codedeploy", &name);
    let needed = ["GetApplication", "GetApplicationRevision"];
    let needed = needed.map(|action| Request::new(format!("codedeploy:{action}"), &application));
    let asked = order.may(world, Some(Service::CodeDeploy), needed.into());
    asked.map_err(|error| refused("AmazonCodeDeploy", &error))
}

/// What is refused for want of a permission is told as the call that the action makes.
fn refused(service: &str, error: &ApiError) -> Failure {
    match error.is_access_denied() {
        true => Failure::calling("startDeploy", service, error),
        false => Failure::refused(service, error),
    }
}

/// A file of an input artifact. A zip that is too large is not read, and nothing says why.
fn file(
    order: &Order,
    world: &World,
    what: &str,
    artifact: &str,
    path: &str,
) -> Result<String, Failure> {
    let read = || {
        let input = order.input(artifact)?;
        let zip = input.zip(world)?;
        let fits = zip.len() <= Bundle::MAX_DEPLOY_BYTES;
        let file = fits.then(|| input.file(world, path)).flatten()?;
        String::from_utf8(file).ok()
    };
    read().ok_or_else(|| unreadable(what, artifact))
}

/// AWS's words for a task definition and an image; those for an AppSpec are made after them.
fn unreadable(what: &str, artifact: &str) -> Failure {
    Failure::configuration(format!(
        "Exception while trying to read the {what} artifact file from: {artifact}"
    ))
}
