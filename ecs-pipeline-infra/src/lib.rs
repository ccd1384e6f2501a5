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
//!
//! ```
//! use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
//! use ecs_pipeline_infra::application::Application;
//! use ecs_pipeline_infra::options::Options;
//! use ecs_pipeline_infra::policy::Role;
//! use ecs_pipeline_infra::scope::Scope;
//! use ecs_pipeline_infra::stack::stacks;
//!
//! let task = TaskDefinitionDocument::parse(
//!     r#"{
//!         "family": "shop", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
//!         "cpu": "256", "memory": "512",
//!         "executionRoleArn": "arn:aws:iam::123456789012:role/shop-execution",
//!         "containerDefinitions": [
//!             {"name": "web", "image": "<IMAGE1_NAME>", "portMappings": [{"containerPort": 80}]}
//!         ]
//!     }"#,
//! )?;
//! let shop = Application::new("shop", &task);
//! let options = Options::default();
//!
//! let stacks = stacks(&shop, &options)?;
//! let names: Vec<_> = stacks.iter().map(|stack| stack.name.as_str()).collect();
//! assert_eq!(names, ["shop-network", "shop-registry", "shop-cluster", "shop-service"]);
//!
//! let here = Scope::new("eu-west-1", "123456789012");
//! let policy = Role::Jenkins.policy(&shop, &options, &here);
//! let statements = policy.statements.iter().flat_map(|statement| &statement.resources);
//! let repository = here.arn("ecr", "repository/shop");
//! assert!(statements.into_iter().any(|resource| *resource == repository));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod application;
mod limits;
pub mod options;
pub mod policy;
pub mod problem;
pub mod scope;
pub mod stack;
mod yaml;
