//! What a pipeline stands on: CloudFormation templates for everything from the network to the pipeline
//! itself, and the least IAM policies of the roles in it.
//!
//! - [`application`]: what is deployed, and the names under which AWS knows it.
//! - [`options`]: what can be chosen, the `infra` part of `ecs-pipeline.yml`.
//! - [`stack`]: the templates with their parameters, in the order in which they are deployed.
//! - [`policy`]: what each role may do. The templates use the same policies.
//! - [`scope`]: the partition, Region and account of an ARN.
//!
//! The crate does no I/O, and depends on neither an async runtime nor an AWS SDK.

pub mod application;
mod limits;
pub mod options;
pub mod policy;
pub mod problem;
pub mod scope;
pub mod stack;
mod yaml;
