//! The files of an Amazon ECS pipeline: read, edited without loss, and written.
//!
//! - [`task_definition`]: `taskdef.json`, the input of `RegisterTaskDefinition`.
//! - [`app_spec`]: `appspec.yaml`, what CodeDeploy is to deploy.
//! - [`image_definitions`]: `imagedefinitions.json`, read by CodePipeline's rolling ECS action.
//! - [`image_detail`]: `imageDetail.json`, read by CodePipeline's blue/green action.
//! - [`build_spec`]: `buildspec.yml`, run by CodeBuild.
//! - `bundle` (a feature): the zip that they travel in.
//! - [`pipeline`]: which of the files CodePipeline's actions read.
//!
//! The crate does no I/O, and depends on neither an async runtime nor an AWS SDK.
//!
//! ```
//! use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
//!
//! let mut taskdef = TaskDefinitionDocument::parse(
//!     r#"{"family": "shop", "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]}"#,
//! )?;
//! taskdef.set_image("web", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:42")?;
//! assert!(taskdef.to_json_string().contains("shop:42"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod app_spec;
pub mod build_spec;
#[cfg(feature = "bundle")]
pub mod bundle;
mod commands;
pub mod document;
pub mod finding;
pub mod fix;
pub mod image_definitions;
pub mod image_detail;
pub mod json;
mod mask;
pub mod output;
pub mod pipeline;
mod place;
pub mod rules;
mod shape;
mod source;
pub mod suggest;
pub mod task_definition;
pub mod validate;
