//! What actions do with the pipeline's role, and builds with their own.

use serde_json::Value;

use super::World;
use super::artifact::Artifact;
use super::failure::Failure;
use super::job::Order;
use crate::access::actions::arn;
use crate::access::actions::s3::{on_bucket, on_object, read};
use crate::access::{Identity, Principal, Request};
use crate::world::{ApiError, Service};

impl Order {
    fn codepipeline(&self, world: &World) -> Identity {
        let account = &world.arns.place().account;
        let role = self.role.as_deref();
        Identity::assumed(Principal::Codepipeline, account, role, &self.pipeline)
    }

    /// The role of a project is not known: projects are no resources here.
    fn codebuild(&self, world: &World) -> Identity {
        let account = &world.arns.place().account;
        let session = format!("AWSCodeBuild-{}", self.id);
        Identity::assumed(Principal::Codebuild, account, None, &session)
    }

    /// Asks another service, with the pipeline's role.
    pub(super) fn ask(
        &self,
        world: &mut World,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let who = self.codepipeline(world);
        world.authorize_as(&who, service, operation, &input)?;
        match service {
            Service::CodeDeploy => world.call_codedeploy(operation, input),
            _ => world.call_ecs(operation, input),
        }
    }

    /// Asks whether the pipeline's role may do something; `service` says in whose form a refusal is.
    pub(super) fn may(
        &self,
        world: &mut World,
        service: Option<Service>,
        requests: Vec<Request>,
    ) -> Result<(), ApiError> {
        let who = self.codepipeline(world);
        world.permit(&who, service, "CodePipeline", requests)
    }

    /// The same for the build's role.
    fn build_may(&self, world: &mut World, requests: Vec<Request>) -> Result<(), ApiError> {
        let who = self.codebuild(world);
        world.permit(&who, Some(Service::CodePipeline), "CodeBuild", requests)
    }

    /// Reading the input artifacts, as actions do that read them themselves.
    pub(super) fn may_read_inputs(&self, world: &mut World) -> Result<(), Failure> {
        for Artifact { bucket, key, .. } in &self.inputs {
            let reading = reading(world, bucket, key);
            self.may(world, None, reading).map_err(|_| {
                Failure::permission(format!(
                    "Unable to access the artifact with Amazon S3 object key '{key}' located in the Amazon S3 artifact \
                     bucket '{bucket}'. The provided role does not have sufficient permissions."
                ))
            })?;
        }
        Ok(())
    }

    /// Reading a source and storing it as an artifact. The source's bucket is asked for its versions. (AWS's texts are
    /// not known.)
    pub(super) fn may_fetch(
        &self,
        world: &mut World,
        bucket: &str,
        key: &str,
        version: &str,
    ) -> Result<(), Failure> {
        let needed = vec![
            on_bucket("GetBucketVersioning", bucket),
            read(bucket, key, None),
            read(bucket, key, Some(version)),
        ];
        self.may(world, None, needed).map_err(insufficient)?;
        self.may(world, None, self.storing()).map_err(insufficient)
    }

    /// The keys of artifacts end in letters that nobody knows before.
    fn storing(&self) -> Vec<Request> {
        let outputs = self.action.output_artifacts.iter();
        let keys = outputs.map(|output| format!("{:.20}/{:.10}/*", self.pipeline, output.name));
        keys.map(|key| on_object("PutObject", &self.bucket, &key))
            .collect()
    }

    /// Starting a build and looking at it.
    pub(super) fn may_build(&self, world: &mut World) -> Result<(), Failure> {
        let place = world.arns.place();
        let project = arn(
            place,
            "codebuild",
            &format!("project/{}", self.setting("ProjectName")),
        );
        for (action, call) in [
            ("StartBuild", "startBuild"),
            ("BatchGetBuilds", "batchGetBuilds"),
        ] {
            let request = Request::new(format!("codebuild:{action}"), &project);
            let asked = self.may(world, Some(Service::CodePipeline), vec![request]);
            asked.map_err(|error| Failure::calling(call, "AWSCodeBuild", &error))?;
        }
        Ok(())
    }

    /// What a build does with its own role: it writes its log, reads the sources, and stores what it has made.
    pub(super) fn build_may_begin(&self, world: &mut World) -> Result<(), Failure> {
        let place = world.arns.place();
        let (project, id) = (self.setting("ProjectName"), &self.id);
        let name = format!("/aws/codebuild/{project}");
        let group = arn(place, "logs", &format!("log-group:{name}:log-stream:"));
        let build = arn(place, "codebuild", &format!("build/{project}:{id}"));
        let stream = format!("{group}{id}");
        // The log's group is made where it is not there.
        let making =
            (!world.logs.has_group(&name)).then(|| Request::new("logs:CreateLogGroup", group));
        let writing = ["logs:CreateLogStream", "logs:PutLogEvents"];
        let writing = writing.map(|action| Request::new(action, &stream));
        let logging = making.into_iter().chain(writing).collect();
        self.build_may(world, logging).map_err(|error| {
            let what = format!(
                "ACCESS_DENIED: Service role {} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build {build}. Error message: {}",
                self.codebuild(world).arn,
                error.message
            );
            Failure::job(format!("Error calling startBuild: {what}"))
        })?;
        for Artifact { bucket, key, .. } in &self.inputs {
            let reading = reading(world, bucket, key);
            self.build_may(world, reading).map_err(|error| {
                Failure::job(format!(
                    "Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: CLIENT_ERROR, Message: AccessDenied: {} for primary source and source version arn:aws:s3:::{bucket}/{key}",
                    error.message
                ))
            })?;
        }
        Ok(())
    }

    pub(super) fn build_may_store(&self, world: &mut World) -> Result<(), Failure> {
        let asked = self.build_may(world, self.storing());
        asked.map_err(|error| {
            Failure::job(format!(
                "Build terminated with state: FAILED. Phase: UPLOAD_ARTIFACTS, Code: CLIENT_ERROR, Message: Error in UPLOAD_ARTIFACTS phase: AccessDenied: {}",
                error.message
            ))
        })
    }
}

/// Reading an artifact. In a bucket with versions it is a version that is read.
fn reading(world: &World, bucket: &str, key: &str) -> Vec<Request> {
    let there = world.s3.bucket(bucket);
    let versions = there.is_ok_and(|bucket| bucket.versioning.is_some());
    let version = versions.then(|| on_object("GetObjectVersion", bucket, key));
    let newest = on_object("GetObject", bucket, key);
    [newest].into_iter().chain(version).collect()
}

fn insufficient(error: ApiError) -> Failure {
    Failure::permission(format!(
        "The provided role does not have sufficient permissions: {}",
        error.message
    ))
}
