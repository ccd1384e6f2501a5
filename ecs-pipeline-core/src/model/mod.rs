//! What flows through a pipeline, as types rather than strings:
//! [`BuildRequest`] → [`BuiltImage`] → [`PublishedImage`] → [`Release`] → [`Deployment`] →
//! [`End`].

mod deployment;
mod image;
mod service;
mod shift;

pub use deployment::{
    Already, Change, Deployment, DeploymentState, End, GateState, Observation, Plan,
    PlannedRevision, Release, RevisionCounts, RevisionRole, ServiceMessage, TargetCounts,
    TaskDefinitionSource,
};
pub use image::{
    BuildRequest, BuiltImage, Digest, ImageRef, InvalidName, Platform, PublishRequest,
    PublishedImage,
};
pub use service::{DeploymentId, ServiceRef, TaskDefinitionArn};
pub use shift::{CODE_DEPLOY_STAGES, ECS_STAGES, EcsStrategy, Stage, TrafficShare};
