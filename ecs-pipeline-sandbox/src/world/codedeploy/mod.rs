//! CodeDeploy for ECS: applications, deployment groups, and blue/green deployments.
//!
//! A deployment is a list of steps ([`lifecycle`]) that time, tasks' health, functions' answers
//! and requests move on. What it does, it does to other services, as CodeDeploy itself: it
//! creates, promotes and deletes task sets of ECS, and shifts the weights of listeners.

mod application;
mod config;
mod create;
mod deployment;
mod group;
mod hook;
mod input;
mod lifecycle;
mod requests;
mod revision;
mod role;
mod rollback;
mod settings;
mod targets;
mod traffic;
mod view;

#[cfg(test)]
mod api_tests;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
pub(super) mod stage;

use std::collections::BTreeMap;

use serde_json::Value;

use super::id::Ids;
use super::{ApiError, Effect, Invocation, Time, World};
pub(super) use hook::PREFIX as HOOK_PREFIX;

use application::Application;
use config::Config;
use deployment::Deployment;

/// All CodeDeploy state.
#[derive(Debug, Default)]
pub(super) struct CodeDeploy {
    /// By name.
    applications: BTreeMap<String, Application>,
    /// Those that somebody created, by name.
    configs: BTreeMap<String, Config>,
    /// From the oldest to the newest.
    deployments: Vec<Deployment>,
}

/// What a request needs of the world beside CodeDeploy's own state.
struct Surroundings<'a> {
    now: Time,
    ids: &'a mut Ids,
}

/// The id of a deployment: `d-` and nine characters.
fn deployment_id(ids: &mut Ids) -> String {
    let mut id = ids.hex16().to_ascii_uppercase();
    id.truncate(9);
    format!("d-{id}")
}

/// Refuses the compute platforms that are not here. Without one, AWS means `Server`.
fn only_ecs(platform: Option<&str>) -> Result<(), ApiError> {
    match platform {
        Some("ECS") => Ok(()),
        Some("Lambda") => Err(not_here("Lambda")),
        None | Some("Server") => Err(not_here("Server")),
        Some(other) => Err(ApiError::client(
            "InvalidComputePlatformException",
            format!("The compute platform {other} is not valid"),
        )),
    }
}

fn not_here(platform: &str) -> ApiError {
    ApiError::not_implemented(
        "CodeDeploy",
        &format!("for the compute platform {platform}"),
    )
}

impl World {
    pub(super) fn call_codedeploy(
        &mut self,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        if operation == "CreateDeployment" {
            return self.create_deployment(&input);
        }
        let around = &mut Surroundings {
            now: self.now,
            ids: &mut self.ids,
        };
        let codedeploy = &mut self.codedeploy;
        match operation {
            "CreateApplication" => codedeploy.create_application(around, &input),
            "GetApplication" => codedeploy.get_application(&input),
            "DeleteApplication" => codedeploy.delete_application(&input),
            "ListApplications" => codedeploy.list_applications(&input),
            "RegisterApplicationRevision" => codedeploy.register_revision(around, &input),
            "GetApplicationRevision" => codedeploy.get_revision(&input),
            "CreateDeploymentConfig" => codedeploy.create_config(around, &input),
            "GetDeploymentConfig" => codedeploy.get_config(&input),
            "CreateDeploymentGroup" => codedeploy.create_group(around, &input),
            "GetDeploymentGroup" => codedeploy.get_group(&input),
            "UpdateDeploymentGroup" => codedeploy.update_group(&input),
            "DeleteDeploymentGroup" => codedeploy.delete_group(&input),
            "ListDeploymentGroups" => codedeploy.list_groups(&input),
            "GetDeployment" => codedeploy.get_deployment(&input),
            "BatchGetDeployments" => codedeploy.batch_get_deployments(&input),
            "ListDeployments" => codedeploy.list_deployments(&input),
            "StopDeployment" => codedeploy.stop_deployment(around, &input),
            "ContinueDeployment" => codedeploy.continue_deployment(&input),
            "PutLifecycleEventHookExecutionStatus" => codedeploy.put_hook_status(&input),
            "ListDeploymentTargets" => codedeploy.list_targets(&input),
            "GetDeploymentTarget" => self.get_deployment_target(&input),
            "BatchGetDeploymentTargets" => self.batch_get_deployment_targets(&input),
            other => Err(ApiError::not_implemented("CodeDeploy", other)),
        }
    }

    /// Moves every deployment as far as it can be moved now; whether one moved.
    pub(super) fn advance_deployments(&mut self) -> bool {
        // Out of the world, so that a deployment can change the world and itself.
        let mut codedeploy = std::mem::take(&mut self.codedeploy);
        let moved = codedeploy.advance(self);
        self.codedeploy = codedeploy;
        moved
    }
}

impl CodeDeploy {
    fn advance(&mut self, world: &mut World) -> bool {
        let mut moved = false;
        let mut rollbacks = Vec::new();
        for deployment in &mut self.deployments {
            moved |= deployment.advance(world);
            rollbacks.extend(deployment.take_rollback(&mut world.ids, world.now));
        }
        moved |= !rollbacks.is_empty();
        self.deployments.extend(rollbacks);
        if moved {
            self.note_successes();
        }
        moved
    }

    /// When a deployment moves on by the passing of time alone.
    pub(super) fn next_wakeup(&self) -> Option<Time> {
        self.deployments.iter().filter_map(|d| d.wake).min()
    }

    fn find(&self, id: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|d| d.id == id)
    }
}
