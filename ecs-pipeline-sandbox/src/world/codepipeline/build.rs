//! Build/AWS/CodeBuild: what stands for a project is asked outside, and answers when it is done
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html>).

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;

use super::artifact::Artifact;
use super::failure::Failure;
use super::job::{Order, Product, Progress};
use super::{Effect, World};
use crate::builds::{BuildAnswer, BuildRequest};
use crate::world::BuildOrder;

#[derive(Debug)]
pub(super) struct BuildJob {
    /// Which of the action's executions waits for the answer.
    asked: String,
    answer: Option<Answer>,
    /// CodeBuild's id of the build, as soon as it is known.
    id: Option<String>,
}

/// `None` where there is no such project.
type Answer = Option<BuildAnswer>;

/// An element of `EnvironmentVariables`.
#[derive(Deserialize)]
struct Variable {
    name: String,
    value: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl BuildJob {
    /// Asks for the build.
    pub(super) fn begin(order: &Order, world: &mut World) -> Result<Self, Failure> {
        let mut request = BuildRequest::new(order.setting("ProjectName"));
        request.variables = variables(order)?;
        order.may_build(world)?;
        order.build_may_begin(world)?;
        request.sources = sources(order, world)?;
        let outputs = order.action.output_artifacts.iter();
        request.outputs = outputs.map(|output| output.name.clone()).collect();
        let id = order.id.clone();
        world
            .effects
            .push(Effect::Build(BuildOrder { id, request }));
        Ok(Self {
            asked: order.id.clone(),
            answer: None,
            id: None,
        })
    }

    /// The build that somebody asked for by this id is over: whether it was this one.
    pub(super) fn answered(&mut self, asked: &str, answer: &Answer) -> bool {
        let own = self.asked == asked && self.answer.is_none();
        if own {
            self.id = answer.as_ref().map(|answer| answer.id.clone());
            self.answer = Some(answer.clone());
        }
        own
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn look(&mut self, order: &Order, world: &mut World) -> Progress {
        let Some(answer) = &self.answer else {
            return Progress::Waiting;
        };
        let Some(answer) = answer else {
            return Progress::Failed(no_project(order, world));
        };
        if !answer.succeeded {
            return Progress::Failed(Failure::job(format!(
                "Build terminated with state: FAILED. {}",
                answer.message
            )));
        }
        match store(order, world, &answer.artifacts) {
            Ok(artifacts) => Progress::Done(Product {
                artifacts,
                variables: answer.exported.clone(),
                summary: None,
            }),
            Err(failure) => Progress::Failed(failure),
        }
    }
}

fn no_project(order: &Order, world: &World) -> Failure {
    let place = world.arns.place();
    Failure::job(format!(
        "Error calling startBuild: Project cannot be found: arn:aws:codebuild:{}:{}:project/{} (Service: \
         AWSCodeBuild; Status Code: 400; Error Code: ResourceNotFoundException)",
        place.region,
        place.account,
        order.setting("ProjectName")
    ))
}

/// The input artifacts, the primary one first.
fn sources(order: &Order, world: &World) -> Result<Vec<(String, Bytes)>, Failure> {
    let primary = order.configured("PrimarySource");
    let mut inputs: Vec<&Artifact> = order.inputs.iter().collect();
    // Stable: the others stay as they are declared.
    inputs.sort_by_key(|input| primary.is_some_and(|name| name != input.name));
    let sources = inputs.into_iter().map(|input| {
        let zip = input.zip(world).ok_or_else(|| {
            Failure::configuration(format!(
                "The artifact {} is gone from the pipeline's Amazon S3 artifact bucket: {} key: {}",
                input.name, input.bucket, input.key
            ))
        })?;
        Ok((input.name.clone(), zip))
    });
    sources.collect()
}

/// The action's variables, and those of CodeBuild that a pipeline decides
/// (<https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html>).
fn variables(order: &Order) -> Result<BTreeMap<String, String>, Failure> {
    let mut variables = declared(order)?;
    let initiator = format!("codepipeline/{}", order.pipeline);
    variables.insert("CODEBUILD_INITIATOR".into(), initiator);
    let named = order
        .configured("PrimarySource")
        .and_then(|name| order.input(name));
    let primary = named.or_else(|| order.inputs.first());
    for input in &order.inputs {
        let suffix = match primary.is_some_and(|primary| primary.name == input.name) {
            true => String::new(),
            false => format!("_{}", input.name),
        };
        let at = format!("arn:aws:s3:::{}/{}", input.bucket, input.key);
        variables.insert(format!("CODEBUILD_SOURCE_VERSION{suffix}"), at);
        if let Some(revision) = &input.revision {
            let name = format!("CODEBUILD_RESOLVED_SOURCE_VERSION{suffix}");
            variables.insert(name, revision.clone());
        }
    }
    Ok(variables)
}

fn declared(order: &Order) -> Result<BTreeMap<String, String>, Failure> {
    let Some(text) = order.configured("EnvironmentVariables") else {
        return Ok(BTreeMap::new());
    };
    let declared: Vec<Variable> = serde_json::from_str(text).map_err(|error| {
        Failure::configuration(format!(
            "EnvironmentVariables must be a JSON list of objects with name, value and type: {error}"
        ))
    })?;
    let pairs = declared.into_iter().map(|variable| match variable.kind.as_deref() {
        None | Some("PLAINTEXT") => Ok((variable.name, variable.value)),
        Some(kind) => Err(Failure::configuration(format!(
            "The environment variable {} has the type {kind}, which the sandbox does not implement",
            variable.name
        ))),
    });
    pairs.collect()
}

/// Stores what was built under the names that the action declares.
fn store(
    order: &Order,
    world: &mut World,
    built: &BTreeMap<String, Bytes>,
) -> Result<Vec<Artifact>, Failure> {
    order.build_may_store(world)?;
    let bucket = (order.pipeline.as_str(), order.bucket.as_str());
    let outputs = order.action.output_artifacts.iter().map(|output| {
        let zip = built.get(&output.name).ok_or_else(|| {
            Failure::job(format!(
                "The build succeeded without the output artifact {}",
                output.name
            ))
        })?;
        Artifact::store(world, bucket, &output.name, zip.clone())
    });
    outputs.collect()
}
