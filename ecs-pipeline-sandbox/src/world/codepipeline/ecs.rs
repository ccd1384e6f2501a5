//! Deploy/AWS/ECS: the images of `imagedefinitions.json` in a copy of what the service runs
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html>).

use ecs_pipeline_artifacts::bundle::MAX_IMAGE_DEFINITIONS_BYTES;
use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::job::{Order, Product, Progress};
use super::{ApiError, World};
use crate::access::Request;
use crate::world::Service;

/// A service with the deployment that the action has begun.
#[derive(Debug)]
pub(super) struct EcsJob {
    cluster: String,
    service: String,
    /// `ecs-svc/…`.
    pub(super) deployment: String,
}

/// An element of the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageDefinition {
    name: String,
    image_uri: String,
}

/// What DescribeTaskDefinition adds to what was registered.
const NOT_REGISTERED: [&str; 8] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
];

impl EcsJob {
    /// Registers the copy, and updates the service to it.
    pub(super) fn begin(order: &Order, world: &mut World) -> Result<Self, Failure> {
        order.may_read_inputs(world)?;
        let images = image_definitions(order, world)?;
        let cluster = order.setting("ClusterName").to_owned();
        let service = order.setting("ServiceName").to_owned();
        let found = describe(order, world, &cluster, &service)?;
        let mut definition = definition_of(order, world, &found)?;
        for image in images {
            set_image(&mut definition, &image)?;
        }
        let registered = ask(order, world, "RegisterTaskDefinition", definition)?;
        let arn = &registered["taskDefinition"]["taskDefinitionArn"];
        let update = json!({"cluster": cluster, "service": service, "taskDefinition": arn});
        let updated = ask(order, world, "UpdateService", update)?;
        let deployments = updated["service"]["deployments"].as_array();
        let mut deployments = deployments.into_iter().flatten();
        let own = deployments.find(|deployment| deployment["taskDefinition"] == *arn);
        let own = own.and_then(|deployment| deployment["id"].as_str());
        Ok(Self {
            cluster,
            service,
            deployment: own.unwrap_or_default().to_owned(),
        })
    }

    /// It is over when the service is steady with this deployment. The action does not see that ECS has
    /// given a deployment up: it waits until its time is over
    /// (<https://github.com/aws/containers-roadmap/issues/1399>).
    pub(super) fn look(&self, order: &Order, world: &mut World) -> Progress {
        if let Err(failure) = self.may_look_at_tasks(order, world) {
            return Progress::Failed(failure);
        }
        let Ok(service) = describe(order, world, &self.cluster, &self.service) else {
            return Progress::Waiting;
        };
        let deployments = service["deployments"].as_array().map(Vec::as_slice);
        match deployments {
            Some([only]) if self.is_done(only) => Progress::Done(Product::default()),
            _ => Progress::Waiting,
        }
    }

    /// The action looks at the service's tasks, too: it fails where it may not.
    fn may_look_at_tasks(&self, order: &Order, world: &mut World) -> Result<(), Failure> {
        let arns = &world.arns;
        let cluster = arns.ecs(&format!("cluster/{}", self.cluster));
        let needed = [
            ("ecs:ListTasks", "container-instance"),
            ("ecs:DescribeTasks", "task"),
        ];
        let needed = needed.map(|(action, kind)| {
            let resource = arns.ecs(&format!("{kind}/{}/*", self.cluster));
            Request::new(action, resource).with("ecs:cluster", &cluster)
        });
        let asked = order.may(world, Some(Service::Ecs), needed.into());
        asked.map_err(|error| refused(&error))
    }

    fn is_done(&self, deployment: &Value) -> bool {
        deployment["id"] == self.deployment.as_str() && deployment["rolloutState"] == "COMPLETED"
    }

    /// AWS's text is not known.
    pub(super) fn timed_out(&self, minutes: u64) -> Failure {
        Failure::job(format!(
            "The Amazon ECS service {} in the cluster {} did not become steady with the deployment {} within {minutes} minutes",
            self.service, self.cluster, self.deployment
        ))
    }
}

/// Reads the file. That it is missing, and that it is no such JSON, is said in AWS's words; that it is
/// too large, in the sandbox's.
fn image_definitions(order: &Order, world: &World) -> Result<Vec<ImageDefinition>, Failure> {
    let name = order
        .configured("FileName")
        .unwrap_or("imagedefinitions.json");
    // The declaration was checked: there is exactly one.
    let artifact = order.inputs.first();
    let (bucket, key) = artifact.map_or(("", ""), |input| (&input.bucket, &input.key));
    let file = artifact.and_then(|input| input.file(world, name));
    let file = file.ok_or_else(|| {
        Failure::configuration(format!(
            "Did not find the image definition file {name} in the input artifacts ZIP file. Verify the file is \
             stored in your pipeline's Amazon S3 artifact bucket: {bucket} key: {key}"
        ))
    })?;
    if file.len() > MAX_IMAGE_DEFINITIONS_BYTES {
        return Err(Failure::configuration(format!(
            "The image definition file {name} has {} bytes, and may have {MAX_IMAGE_DEFINITIONS_BYTES}",
            file.len()
        )));
    }
    serde_json::from_slice(&file).map_err(|error| {
        Failure::configuration(format!(
            "The image definition file {name} contents invalid JSON format ({error})"
        ))
    })
}

fn describe(
    order: &Order,
    world: &mut World,
    cluster: &str,
    service: &str,
) -> Result<Value, Failure> {
    let input = json!({"cluster": cluster, "services": [service]});
    let answer = ask(order, world, "DescribeServices", input)?;
    match &answer["services"][0] {
        found if found["status"] == "ACTIVE" => Ok(found.clone()),
        _ => Err(Failure::configuration(format!(
            "The AWS ECS service {service} does not exist in the cluster {cluster}"
        ))),
    }
}

/// The task definition that the service runs, as it would be registered again.
fn definition_of(order: &Order, world: &mut World, service: &Value) -> Result<Value, Failure> {
    let input = json!({"taskDefinition": service["taskDefinition"]});
    let mut answer = ask(order, world, "DescribeTaskDefinition", input)?;
    let mut definition = answer["taskDefinition"].take();
    if let Some(members) = definition.as_object_mut() {
        members.retain(|member, _| !NOT_REGISTERED.contains(&member.as_str()));
        // The new revision gets the former one's tags, for which the role must have ecs:TagResource.
        let former = service["taskDefinition"].as_str().unwrap_or_default();
        members.extend(
            world
                .tags_of_task_definition(former)
                .map(|tags| ("tags".into(), tags)),
        );
    }
    Ok(definition)
}

fn set_image(definition: &mut Value, image: &ImageDefinition) -> Result<(), Failure> {
    let containers = definition["containerDefinitions"].as_array_mut();
    let mut containers = containers.into_iter().flatten();
    match containers.find(|container| container["name"] == image.name.as_str()) {
        Some(container) => {
            container["image"] = json!(image.image_uri);
            Ok(())
        }
        None => Err(Failure::configuration(format!(
            "The AWS ECS container {} does not exist",
            image.name
        ))),
    }
}

fn ask(order: &Order, world: &mut World, operation: &str, input: Value) -> Result<Value, Failure> {
    let answer = order.ask(world, Service::Ecs, operation, input);
    answer.map_err(|error| refused(&error))
}

/// The action does not say which permission is missing.
fn refused(error: &ApiError) -> Failure {
    match error.is_access_denied() {
        true => Failure::permission(
            "The provided role does not have sufficient permissions to access ECS",
        ),
        false => Failure::refused("AmazonECS", error),
    }
}
