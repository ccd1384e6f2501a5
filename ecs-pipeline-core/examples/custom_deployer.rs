//! A deployer of one's own: here it changes a symbolic "current version" in memory, where yours
//! would speak to whatever runs your service. The engine adds the waiting, the gates, the rollback
//! and the report.

#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use ecs_pipeline_core::engine::{Checks, Run, Settings};
use ecs_pipeline_core::event::Events;
use ecs_pipeline_core::model::{
    Change, Deployment, DeploymentId, DeploymentState, InvalidName, Observation, Plan,
    PlannedRevision, Release, ServiceRef, TaskDefinitionArn, TaskDefinitionSource,
};
use ecs_pipeline_core::provider::{Deployer, Evidence, Rollback};
use ecs_pipeline_core::{ErrorKind, ProviderError};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// Runs one version at a time, and switches at once.
#[derive(Debug)]
struct Switch {
    version: AtomicU64,
}

impl Switch {
    fn deployment(&self, service: &ServiceRef, version: u64) -> Result<Deployment, ProviderError> {
        let former = version.checked_sub(1).filter(|former| *former > 0);
        let id = DeploymentId::new(format!("switch-{version}"));
        let mut deployment = Deployment::new(service.clone(), id, revision(version)?);
        deployment.last_good = former.map(revision).transpose()?;
        Ok(deployment)
    }
}

#[async_trait]
impl Deployer for Switch {
    fn describe(&self) -> String {
        "a switch".to_owned()
    }

    async fn plan(&self, change: &Change) -> Result<Plan, ProviderError> {
        let version = self.version.load(Ordering::SeqCst);
        let current = self.deployment(&change.service, version)?;
        let revision = PlannedRevision::New(json!({ "version": version + 1 }));
        let mut plan = Plan::new(change.service.clone(), revision);
        plan.last_good = Some(current.task_definition.clone());
        plan.current = Some(current.task_definition);
        plan.current_deployment = Some(current.id);
        Ok(plan)
    }

    async fn register(&self, plan: &Plan) -> Result<Release, ProviderError> {
        let PlannedRevision::New(document) = &plan.revision else {
            return Err(error(ErrorKind::Invalid, "there is nothing to register"));
        };
        let version = document["version"].as_u64().unwrap_or_default();
        Ok(Release {
            task_definition: revision(version)?,
            registered: true,
            warnings: Vec::new(),
        })
    }

    async fn start(&self, plan: &Plan, _release: &Release) -> Result<Deployment, ProviderError> {
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        self.deployment(&plan.service, version)
    }

    async fn observe(&self, deployment: &Deployment) -> Result<Observation, ProviderError> {
        let current = self.current(&deployment.service).await?;
        let state = if current.id == deployment.id {
            DeploymentState::Succeeded
        } else {
            DeploymentState::Superseded {
                by: Some(current.id),
                task_definition: Some(current.task_definition),
            }
        };
        Ok(Observation::new(state))
    }

    async fn rollback(&self, deployment: &Deployment) -> Result<Rollback, ProviderError> {
        let current = self.current(&deployment.service).await?;
        if current.id != deployment.id {
            return Ok(Rollback::Superseded);
        }
        if deployment.last_good.is_none() {
            return Ok(Rollback::NothingToGoBackTo);
        }
        let version = self.version.fetch_sub(1, Ordering::SeqCst) - 1;
        let back = self.deployment(&deployment.service, version)?;
        Ok(Rollback::Started(back))
    }

    async fn proceed(&self, _deployment: &Deployment) -> Result<(), ProviderError> {
        Err(error(ErrorKind::Conflict, "a switch is never held"))
    }

    fn stages(&self) -> &'static [&'static str] {
        &[]
    }

    async fn evidence(&self, _deployment: &Deployment) -> Evidence {
        Evidence::default()
    }

    async fn current(&self, service: &ServiceRef) -> Result<Deployment, ProviderError> {
        self.deployment(service, self.version.load(Ordering::SeqCst))
    }
}

fn revision(version: u64) -> Result<TaskDefinitionArn, ProviderError> {
    format!("arn:aws:ecs:us-east-1:000000000000:task-definition/switch:{version}")
        .parse()
        .map_err(|invalid: InvalidName| error(ErrorKind::Internal, &invalid.to_string()))
}

fn error(kind: ErrorKind, message: &str) -> ProviderError {
    ProviderError::new(kind, "switch", "", message)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let switch = Switch {
        version: AtomicU64::new(1),
    };
    let change = Change::new(
        ServiceRef::new("main", "web"),
        TaskDefinitionSource::Current,
    );
    let run = Run::new(
        Settings::default(),
        Events::discard(),
        CancellationToken::new(),
    );
    let report = run.deploy(&switch, &change, &Checks::none()).await;
    println!("{}", report.summary);
    ExitCode::from(report.exit_code)
}
