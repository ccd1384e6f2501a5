//! Checks a change against the service and its deployment group, and changes nothing.

use aws_sdk_codedeploy::types::LastDeploymentInfo;
use aws_sdk_ecs::types::{DeploymentControllerType, Service, StabilityStatus};

use super::group::Group;
use super::revision::{primary, primary_revision};
use super::settings::WhenBusy;
use super::{CodeDeployDeployer, group};
use crate::aws::ecs::describe::is_absent;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{
    Already, Change, Deployment, DeploymentId, Plan, PlannedRevision, ServiceRef, TaskDefinitionArn,
};

const OPERATION: &str = "check";

impl CodeDeployDeployer {
    pub(super) async fn plan_change(&self, change: &Change) -> Result<Plan, ProviderError> {
        let name = &change.service;
        let found = self.ecs.describe_service(name).await?;
        if let Some(definition) = &change.create
            && is_absent(found.as_ref())
        {
            return self.plan_creation(change, definition).await;
        }
        let service = self.ecs.must_be_active(name, found).await?;
        refuse_other_controllers(name, &service)?;
        refuse_strategy(change)?;
        let group = self.get_group(name).await?;
        group::check(&group.info, name)?;
        let current = primary_revision(&service).ok_or_else(|| nothing_runs(name))?;
        self.learn_task_sets(&service);
        self.learn_waits(name, &group.info).await;
        let revision = self
            .ecs
            .planned_revision(change, &service, &current)
            .await?;
        self.check_app_spec(name, &service, &revision).await?;
        let last_good = self.last_good_now(&service, &group).await;
        let mut plan = Plan {
            last_good,
            current: Some(current),
            current_deployment: present_deployment(&service, &group).map(DeploymentId::new),
            force_new_deployment: change.force_new_deployment,
            warnings: group::warnings(&group.info, &self.settings),
            ..Plan::new(name.clone(), revision)
        };
        if plan.last_good.is_none() {
            plan.warnings.push(
                "the service never completed a deployment: there is nothing to roll back to"
                    .to_owned(),
            );
        }
        if service.desired_count == 0 {
            plan.warnings
                .push("the service wants no tasks: the new version will not be tried".to_owned());
        }
        match group.busy_with() {
            Some(busy) => {
                self.meet_busy_group(&mut plan, &service, &group, busy)
                    .await?
            }
            None => take_up(&mut plan, &service, &group),
        }
        Ok(plan)
    }

    /// Another deployment is under way; it may be this very one, of a run that was cut off.
    async fn meet_busy_group(
        &self,
        plan: &mut Plan,
        service: &Service,
        group: &Group,
        busy: &str,
    ) -> Result<(), ProviderError> {
        let theirs = self.get_deployment(busy).await?;
        let theirs = self.revision_of(&theirs, Some(service)).await;
        let same = match &plan.revision {
            PlannedRevision::Existing(ours) => theirs.as_ref() == Some(ours),
            PlannedRevision::New(_) => false,
        };
        if let (true, Some(revision)) = (same && !plan.force_new_deployment, theirs) {
            let deployment = Deployment {
                last_good: plan.last_good.clone(),
                waits: self.known_waits(&plan.service),
                ..Deployment::new(plan.service.clone(), DeploymentId::new(busy), revision)
            };
            plan.already = Some(Already::UnderWay(deployment));
            return Ok(());
        }
        let what = match self.settings.when_busy {
            WhenBusy::Refuse => return Err(group::is_busy(&group.info, busy)),
            WhenBusy::Wait => "is waited for",
            WhenBusy::Supersede => "will be stopped and rolled back",
        };
        plan.warnings
            .push(format!("deployment {busy} is in progress: it {what}"));
        Ok(())
    }

    /// The revision of the last deployment that was completed: what the service runs, unless that
    /// is what a deployment has left behind that failed or is under way.
    pub(super) async fn last_good_now(
        &self,
        service: &Service,
        group: &Group,
    ) -> Option<TaskDefinitionArn> {
        if !is_left_behind(service, group) {
            return came_up(service)
                .then(|| primary_revision(service))
                .flatten();
        }
        let last = group.info.last_successful_deployment()?.deployment_id()?;
        let info = self
            .get_deployment(last)
            .await
            .inspect_err(|error| tracing::debug!(%error, "the last good revision was not read"))
            .ok()?;
        self.revision_of(&info, Some(service)).await
    }
}

/// The group's last deployment; for a service that CodeDeploy never deployed, its PRIMARY task set.
pub(super) fn present_deployment<'a>(service: &'a Service, group: &'a Group) -> Option<&'a str> {
    group.last_id().or_else(|| primary(service)?.id())
}

/// Whether PRIMARY is the task set of a deployment other than the group's last successful one,
/// while its last one did not succeed.
fn is_left_behind(service: &Service, group: &Group) -> bool {
    let good = group.info.last_successful_deployment();
    let good = good.and_then(LastDeploymentInfo::deployment_id);
    let made_by = primary(service).and_then(|set| set.external_id());
    !group.is_calm() && made_by.is_some() && made_by != good
}

/// Whether what the service runs was ever well: CodeDeploy has seen to that for a task set of its
/// own, and ECS tells it of the one that the service was created with.
pub(super) fn came_up(service: &Service) -> bool {
    primary(service).is_none_or(|set| {
        let steady = set
            .stability_status()
            .is_none_or(|status| *status == StabilityStatus::SteadyState);
        steady || set.external_id().is_some()
    })
}

/// What an equal run has left. A revision that failed here before is deployed anew.
fn take_up(plan: &mut Plan, service: &Service, group: &Group) {
    let runs_it = match (&plan.revision, &plan.current) {
        (PlannedRevision::Existing(wanted), Some(current)) => wanted == current,
        _ => false,
    };
    if !runs_it || plan.force_new_deployment {
        return;
    }
    if is_left_behind(service, group) {
        plan.warnings.push(
            "the last deployment of this very revision failed: it is deployed again".to_owned(),
        );
        return;
    }
    if let Some(primary) = primary(service)
        && primary.running_count < primary.computed_desired_count
    {
        plan.warnings.push(format!(
            "only {} of {} tasks run",
            primary.running_count, primary.computed_desired_count
        ));
    }
    plan.already = Some(Already::Deployed);
}

fn refuse_other_controllers(name: &ServiceRef, service: &Service) -> Result<(), ProviderError> {
    let controller = service
        .deployment_controller()
        .map_or(&DeploymentControllerType::Ecs, |controller| {
            controller.r#type()
        });
    if *controller == DeploymentControllerType::CodeDeploy {
        return Ok(());
    }
    let hint = match controller {
        DeploymentControllerType::Ecs => "deploy it with the ECS deployer",
        _ => "deploy it with the tool that owns its deployments",
    };
    Err(invalid(
        name,
        format!(
            "the service has deployment controller {}, and CodeDeploy deploys those with CODE_DEPLOY",
            controller.as_str()
        ),
    )
    .with_hint(hint))
}

fn refuse_strategy(change: &Change) -> Result<(), ProviderError> {
    let Some(strategy) = &change.strategy else {
        return Ok(());
    };
    Err(invalid(
        &change.service,
        format!(
            "strategy {} is ECS's, and CodeDeploy deploys this service",
            strategy.name()
        ),
    )
    .with_hint(
        "take the strategy out, and name a deployment configuration such as CodeDeployDefault.ECSCanary10Percent5Minutes",
    ))
}

fn nothing_runs(name: &ServiceRef) -> ProviderError {
    invalid(name, "the service has no PRIMARY task set".to_owned())
        .with_hint("create the service anew with a task definition")
}

pub(super) fn invalid(name: &ServiceRef, message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, OPERATION, name.to_string(), message)
}
