//! Checks a change against what is there, and changes nothing.

use std::time::Duration;

use aws_sdk_ecs::types::{LaunchType, Service};
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use serde_json::Value;

use super::describe::{
    is_absent, rolls_back, shifts_traffic, snapshot, target_groups, task_definition,
};
use super::register::Described;
use super::revision::same_revision;
use super::strategy::flaw;
use super::{EcsDeployer, create, strategy};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{
    Already, Change, Deployment, EcsStrategy, Plan, PlannedRevision, Platform, PublishedImage,
    ServiceRef, TaskDefinitionArn, TaskDefinitionSource,
};
use crate::rolling::{RolloutState, ServiceSnapshot, last_good};

const OPERATION: &str = "check";

impl EcsDeployer {
    pub(super) async fn plan_change(&self, change: &Change) -> Result<Plan, ProviderError> {
        let found = self.describe_service(&change.service).await?;
        match &change.create {
            Some(definition) if is_absent(found.as_ref()) => {
                self.plan_creation(change, definition).await
            }
            _ => {
                let service = self.must_be_active(&change.service, found).await?;
                self.plan_update(change, &service).await
            }
        }
    }

    async fn plan_update(&self, change: &Change, service: &Service) -> Result<Plan, ProviderError> {
        let name = change.service.to_string();
        refuse_controller(&name, controller_of(service))?;
        let strategy = strategy_to_set(change, service)?;
        let current = task_definition(service.task_definition(), "ecs:DescribeServices", &name)?;
        let revision = self.planned_revision(change, service, &current).await?;
        let view = snapshot(service);
        self.known().before.insert(
            change.service.clone(),
            service.current_service_deployment().map(str::to_owned),
        );
        let last_good = self.last_good_now(&change.service, &view).await;
        let mut plan = Plan {
            last_good: last_good.clone(),
            current: Some(current),
            current_deployment: view.primary().map(|primary| primary.id.clone()),
            force_new_deployment: change.force_new_deployment,
            warnings: warnings(service, &view, last_good.is_some(), strategy.as_ref()),
            deregistration_delay: self.deregistration_delay(&target_groups(service)).await,
            strategy,
            ..Plan::new(change.service.clone(), revision)
        };
        take_up(&mut plan, &view, service);
        if let (Some(_), Some(strategy)) = (&plan.already, &plan.strategy) {
            plan.warnings.push(format!(
                "nothing is to be deployed, so the strategy is not set to {} either",
                strategy.name()
            ));
        }
        Ok(plan)
    }

    /// The service does not exist, and starting creates it.
    async fn plan_creation(
        &self,
        change: &Change,
        definition: &Value,
    ) -> Result<Plan, ProviderError> {
        let name = change.service.to_string();
        if let Some(flaw) = change.strategy.as_ref().and_then(flaw) {
            return Err(invalid(&name, flaw));
        }
        let written = definition
            .pointer("/deploymentConfiguration/strategy")
            .and_then(Value::as_str);
        let strategy = change
            .strategy
            .as_ref()
            .filter(|wanted| !(change.keeps_strategy_numbers && written == Some(wanted.name())));
        let body = create::body(&change.service, definition, strategy)?;
        self.creation(change, body).await
    }

    /// The plan for a service that is created from `body`.
    pub(in crate::aws) async fn creation(
        &self,
        change: &Change,
        body: Value,
    ) -> Result<Plan, ProviderError> {
        let name = change.service.to_string();
        let TaskDefinitionSource::Document(document) = &change.task_definition else {
            return Err(
                invalid(&name, "the service does not exist: it runs no revision yet")
                    .with_hint("give the task definition that its first revision is made from"),
            );
        };
        let document = edited(document.clone(), change, create::on_fargate(&body))?;
        let revision = self.find_equal(document, None, None).await?;
        self.known().before.insert(change.service.clone(), None);
        Ok(Plan {
            warnings: vec![
                "the service does not exist: it is created, and there is nothing to roll back to"
                    .to_owned(),
            ],
            deregistration_delay: self.deregistration_delay(&create::groups(&body)).await,
            creates: Some(body),
            ..Plan::new(change.service.clone(), revision)
        })
    }

    /// The revision of the last completed deployment. While another deployment goes on, the one
    /// before it may have drained off the service's list: then the history has it.
    async fn last_good_now(
        &self,
        service: &ServiceRef,
        view: &ServiceSnapshot,
    ) -> Option<TaskDefinitionArn> {
        let listed = last_good(view);
        if listed.is_some() {
            return listed;
        }
        let present = &view.primary()?.task_definition;
        self.succeeded_before(service, present).await.ok().flatten()
    }

    pub(in crate::aws) async fn planned_revision(
        &self,
        change: &Change,
        service: &Service,
        current: &TaskDefinitionArn,
    ) -> Result<PlannedRevision, ProviderError> {
        let present = match &change.task_definition {
            TaskDefinitionSource::Current if change.images.is_empty() => {
                return Ok(PlannedRevision::Existing(current.clone()));
            }
            TaskDefinitionSource::Current => {
                Some(self.describe_task_definition(current.as_str()).await?)
            }
            TaskDefinitionSource::Document(_) => None,
        };
        let source = match (&change.task_definition, &present) {
            (TaskDefinitionSource::Document(document), _) => document.clone(),
            (_, Some(present)) => present.answer.clone(),
            (_, None) => Value::Null,
        };
        let body = edited(source, change, on_fargate(service))?;
        self.find_equal(body, Some(current), present).await
    }

    /// The revision that is `body` already: the one that the service runs, or the family's latest
    /// (which a run that was cut off has registered).
    async fn find_equal(
        &self,
        body: Value,
        current: Option<&TaskDefinitionArn>,
        present: Option<Described>,
    ) -> Result<PlannedRevision, ProviderError> {
        if let Some(present) = &present
            && same_revision(&body, &present.answer)
        {
            return Ok(PlannedRevision::Existing(present.arn.clone()));
        }
        let family = body
            .get("family")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let latest = match self.describe_task_definition(family).await {
            Ok(latest) => latest,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(PlannedRevision::New(body));
            }
            Err(error) => return Err(error),
        };
        if same_revision(&body, &latest.answer) {
            return Ok(PlannedRevision::Existing(latest.arn));
        }
        let unseen = current
            .filter(|_| present.is_none())
            .filter(|current| current.family() == family && **current != latest.arn);
        if let Some(current) = unseen {
            let running = self.describe_task_definition(current.as_str()).await?;
            if same_revision(&body, &running.answer) {
                return Ok(PlannedRevision::Existing(running.arn));
            }
        }
        Ok(PlannedRevision::New(body))
    }

    #[cfg(feature = "aws-elbv2")]
    async fn deregistration_delay(&self, groups: &[String]) -> Option<Duration> {
        let elbv2 = self.elbv2.as_ref()?;
        let mut longest = None;
        for group in groups {
            match elbv2.deregistration_delay(group).await {
                Ok(delay) => longest = longest.max(Some(delay)),
                // It only makes the forecast better.
                Err(error) => tracing::debug!(%error, "deregistration delay not read"),
            }
        }
        longest
    }

    #[cfg(not(feature = "aws-elbv2"))]
    async fn deregistration_delay(&self, _groups: &[String]) -> Option<Duration> {
        None
    }
}

fn controller_of(service: &Service) -> &str {
    service
        .deployment_controller()
        .map_or("ECS", |controller| controller.r#type().as_str())
}

/// Refuses a service whose deployments are somebody else's.
pub(super) fn refuse_controller(target: &str, controller: &str) -> Result<(), ProviderError> {
    let (message, hint) = match controller {
        "ECS" => return Ok(()),
        "CODE_DEPLOY" => (
            "its deployment controller is CODE_DEPLOY, which lets only CodeDeploy deploy it",
            "use strategy codedeploy, with the application and the deployment group",
        ),
        "EXTERNAL" => (
            "its deployment controller is EXTERNAL, which leaves its task sets to another tool",
            "deploy it with that tool, or create the service with the ECS controller",
        ),
        _ => (
            "its deployment controller is one that this version does not know",
            "deploy it with the tool that owns its deployments",
        ),
    };
    Err(invalid(target, message).with_hint(hint))
}

/// The strategy that the service is to get, where it has another one.
fn strategy_to_set(
    change: &Change,
    service: &Service,
) -> Result<Option<EcsStrategy>, ProviderError> {
    let name = change.service.to_string();
    let Some(wanted) = change
        .strategy
        .filter(|wanted| is_other(change, wanted, &strategy::present(service)))
    else {
        return Ok(None);
    };
    if let Some(flaw) = flaw(&wanted) {
        return Err(invalid(&name, flaw));
    }
    let lacking = strategy::lacking(service);
    if wanted.shifts_traffic() && !lacking.is_empty() {
        let message = format!(
            "the service cannot be deployed by {}: {}",
            wanted.name(),
            lacking.join("; ")
        );
        return Err(invalid(&name, message).with_hint(
            "set loadBalancers[].advancedConfiguration with UpdateService or in its template first, or deploy by ROLLING",
        ));
    }
    Ok(Some(wanted))
}

/// Whether a strategy is to be set where the service has `present`.
fn is_other(change: &Change, wanted: &EcsStrategy, present: &EcsStrategy) -> bool {
    let same_kind = wanted.name() == present.name();
    wanted != present && !(same_kind && change.keeps_strategy_numbers)
}

/// The document with the images of the named containers, and nothing else changed.
fn edited(source: Value, change: &Change, on_fargate: bool) -> Result<Value, ProviderError> {
    let target = change.service.to_string();
    let mut document = TaskDefinitionDocument::from_value(source).map_err(|error| {
        let said = format!("the task definition cannot be read: {error}");
        let refused = invalid(&target, said).with_source(error.clone());
        match error.hint {
            Some(hint) => refused.with_hint(hint),
            None => refused,
        }
    })?;
    for (container, image) in &change.images {
        document
            .set_image(container, &image.image.to_string())
            .map_err(|error| {
                let hint = match error.did_you_mean() {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("its containers are: {}", error.known.join(", ")),
                };
                let said = format!("the task definition has no container `{}`", error.wanted);
                invalid(&target, said).with_hint(hint)
            })?;
    }
    if let Some(wanted) = wanted_platform(&document, on_fargate) {
        for image in change.images.values() {
            check_platform(&target, image, &wanted)?;
        }
    }
    Ok(document.into_register_input())
}

fn on_fargate(service: &Service) -> bool {
    service.launch_type() == Some(&LaunchType::Fargate)
        || service
            .capacity_provider_strategy()
            .iter()
            .any(|item| item.capacity_provider.starts_with("FARGATE"))
}

/// What the tasks run on; `None` where it depends on the instance.
fn wanted_platform(document: &TaskDefinitionDocument, on_fargate: bool) -> Option<Platform> {
    let platform = document.runtime_platform();
    let fargate = on_fargate || document.requires_fargate();
    if !platform.declares_architecture && !fargate {
        return None;
    }
    platform.image_platform()?.parse().ok()
}

fn check_platform(
    target: &str,
    image: &PublishedImage,
    wanted: &Platform,
) -> Result<(), ProviderError> {
    let fits = image.platforms.is_empty() || image.platforms.iter().any(|one| one.runs_on(wanted));
    if fits {
        return Ok(());
    }
    let has: Vec<String> = image.platforms.iter().map(ToString::to_string).collect();
    Err(invalid(
        target,
        format!(
            "image {} is for {}, and the task definition asks for {wanted}",
            image.image,
            has.join(", ")
        ),
    )
    .with_hint(format!(
        "build with `--platform {wanted}`, or set runtimePlatform.cpuArchitecture in the task definition"
    )))
}

/// What a killed or equal run has left. A revision that failed here before is deployed anew.
fn take_up(plan: &mut Plan, view: &ServiceSnapshot, service: &Service) {
    let PlannedRevision::Existing(revision) = &plan.revision else {
        return;
    };
    let Some(primary) = view
        .primary()
        .filter(|primary| primary.task_definition == *revision)
    else {
        return;
    };
    if plan.force_new_deployment {
        return;
    }
    // Without a rolloutState (a Classic Load Balancer) the last good one is what runs alone and in
    // full. With one, an older deployment of this very revision says nothing about this one.
    let ended = primary.is_completed()
        || (primary.rollout_state.is_none() && plan.last_good.as_ref() == Some(revision));
    if ended {
        if primary.running < primary.desired {
            plan.warnings.push(format!(
                "only {} of {} tasks run",
                primary.running, primary.desired
            ));
        }
        plan.already = Some(Already::Deployed);
    } else if primary.rollout_state == Some(RolloutState::Failed) {
        plan.force_new_deployment = true;
        plan.warnings.push(
            "the last deployment of this very revision failed: it is deployed again".to_owned(),
        );
    } else {
        plan.already = Some(Already::UnderWay(Deployment {
            last_good: plan.last_good.clone(),
            service_deployment: service.current_service_deployment().map(str::to_owned),
            deregistration_delay: plan.deregistration_delay,
            waits: strategy::waits(service),
            ..Deployment::new(plan.service.clone(), primary.id.clone(), revision.clone())
        }));
    }
}

fn warnings(
    service: &Service,
    view: &ServiceSnapshot,
    has_last_good: bool,
    strategy: Option<&EcsStrategy>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(primary) = view.primary()
        && primary.rollout_state == Some(RolloutState::InProgress)
    {
        warnings.push(format!(
            "deployment {} of {} is in progress",
            primary.id,
            primary.task_definition.short()
        ));
    }
    if !has_last_good {
        warnings.push(
            "the service never completed a deployment: there is nothing to roll back to".to_owned(),
        );
    }
    if !rolls_back(service) {
        warnings.push(
            "the service's circuit breaker does not roll back: only this run will, while it is there".to_owned(),
        );
    }
    let shifts = strategy.map_or_else(|| shifts_traffic(service), EcsStrategy::shifts_traffic);
    if !shifts {
        warnings.extend(cannot_move(service));
    }
    warnings.extend(strategy.and_then(|strategy| strategy::dropped(service, strategy)));
    if view.desired == 0 {
        warnings.push("the service wants no tasks: the new version will not be tried".to_owned());
    }
    warnings
}

/// ECS can neither stop an old task nor start a new one when both bounds are at the desired count:
/// lower = ceil(desired × minimumHealthyPercent), upper = floor(desired × maximumPercent).
fn cannot_move(service: &Service) -> Option<String> {
    let configuration = service.deployment_configuration()?;
    let desired = i64::from(service.desired_count);
    let minimum = i64::from(configuration.minimum_healthy_percent().unwrap_or(100));
    let maximum = i64::from(configuration.maximum_percent().unwrap_or(200));
    let lower = (desired * minimum + 99) / 100;
    let upper = desired * maximum / 100;
    (desired > 0 && lower >= desired && upper <= desired).then(|| {
        format!(
            "with {desired} tasks, minimumHealthyPercent {minimum} and maximumPercent {maximum} ECS can neither stop nor start a task"
        )
    })
}

pub(super) fn invalid(target: &str, message: impl Into<String>) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, OPERATION, target, message)
}
