//! CreateDeployment, and what is done while the group is busy.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::calls::{CREATE, Created, Way};
use super::settings::WhenBusy;
use super::{CodeDeployDeployer, verdict};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{
    Already, Deployment, DeploymentId, Plan, Release, ServiceRef, TaskDefinitionArn,
};

/// How often a deployment that is in the way is looked at: it takes minutes at the least.
const LOOK: Duration = Duration::from_secs(15);

impl CodeDeployDeployer {
    pub(super) async fn start_deployment(
        &self,
        plan: &Plan,
        release: &Release,
    ) -> Result<Deployment, ProviderError> {
        if let Some(body) = &plan.creates {
            let revision = &release.task_definition;
            return self.start_by_creating(plan, body, revision).await;
        }
        if plan.already == Some(Already::Deployed) {
            return Err(nothing_new(plan, release));
        }
        let started = self.create_when_free(plan, release).await?;
        Ok(Deployment {
            last_good: started.last_good,
            waits: self.known_waits(&plan.service),
            ..Deployment::new(
                plan.service.clone(),
                started.id,
                release.task_definition.clone(),
            )
        })
    }

    /// Deploys a revision, if the group is free.
    pub(super) async fn create(
        &self,
        service: &ServiceRef,
        revision: &TaskDefinitionArn,
        description: Option<String>,
        way: Way,
    ) -> Result<Created, ProviderError> {
        let location = self.store_revision(service, revision).await?;
        let created = self
            .create_deployment(service, location, description, way)
            .await?;
        if let Created::Started(id) = &created {
            let revisions = &mut self.known().revisions;
            revisions.insert(id.as_str().to_owned(), revision.clone());
        }
        Ok(created)
    }

    async fn create_when_free(
        &self,
        plan: &Plan,
        release: &Release,
    ) -> Result<Started, ProviderError> {
        let revision = &release.task_definition;
        let deadline = Instant::now() + self.settings.busy_limit;
        let mut stopped = HashSet::new();
        let mut last_good = plan.last_good.clone();
        loop {
            let description = self.settings.description.clone();
            let created = self
                .create(&plan.service, revision, description, Way::There)
                .await?;
            let (by, error) = match created {
                Created::Started(id) => return Ok(Started { id, last_good }),
                Created::Busy {
                    by: Some(by),
                    error,
                } => (by, error),
                Created::Busy { by: None, error } => return Err(error),
            };
            if self.is_ours(&by, plan, revision).await {
                let id = DeploymentId::new(by);
                return Ok(Started { id, last_good });
            }
            if self.settings.when_busy == WhenBusy::Refuse || Instant::now() >= deadline {
                return Err(error);
            }
            if self.settings.when_busy == WhenBusy::Supersede && stopped.insert(by.clone()) {
                self.supersede(&by).await?;
            }
            self.wait_for(&by, deadline).await?;
            last_good = self.reread_last_good(&plan.service).await?;
        }
    }

    /// Whether the deployment in the way is what an earlier attempt has started, whose answer was
    /// lost.
    async fn is_ours(&self, by: &str, plan: &Plan, revision: &TaskDefinitionArn) -> bool {
        let was_there = plan
            .current_deployment
            .as_ref()
            .is_some_and(|before| before.as_str() == by);
        if was_there {
            return false;
        }
        match self.get_deployment(by).await {
            Ok(info) => self.revision_of(&info, None).await.as_ref() == Some(revision),
            Err(_) => false,
        }
    }

    /// Stops a deployment, but for a rollback: that one is let through.
    async fn supersede(&self, by: &str) -> Result<(), ProviderError> {
        let info = self.get_deployment(by).await?;
        if verdict::rolled_back_by(&info).is_some() {
            return Ok(());
        }
        match self.stop_deployment(by).await {
            // It has ended in the meantime, as it was to.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
            answer => answer,
        }
    }

    async fn wait_for(&self, by: &str, deadline: Instant) -> Result<(), ProviderError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // The next attempt says who is in the way still.
                return Ok(());
            }
            tokio::select! {
                () = sleep(LOOK.min(left)) => {}
                () = self.stop.cancelled() => return Err(stopped(by)),
            }
            match self.get_deployment(by).await {
                Ok(info) if verdict::stand(&info) != verdict::Stand::GoesOn => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind().is_transient() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What was waited for may have changed what the service runs.
    async fn reread_last_good(
        &self,
        name: &ServiceRef,
    ) -> Result<Option<TaskDefinitionArn>, ProviderError> {
        let service = self.ecs.active_service(name).await?;
        let group = self.get_group(name).await?;
        Ok(self.last_good_now(&service, &group).await)
    }
}

/// CodeDeploy would deploy the same revision again, as nobody has asked for.
fn nothing_new(plan: &Plan, release: &Release) -> ProviderError {
    ProviderError::new(
        ErrorKind::Conflict,
        CREATE,
        plan.service.to_string(),
        format!(
            "the service runs {} already",
            release.task_definition.short()
        ),
    )
    .with_hint("use --force-new-deployment to deploy it again")
}

fn stopped(by: &str) -> ProviderError {
    let message = format!("stopped, as asked, while {by} was waited for");
    ProviderError::new(ErrorKind::Failed, CREATE, by, message)
}

/// The deployment that was started.
#[derive(Debug)]
struct Started {
    id: DeploymentId,
    /// Where a rollback goes from it.
    last_good: Option<TaskDefinitionArn>,
}
