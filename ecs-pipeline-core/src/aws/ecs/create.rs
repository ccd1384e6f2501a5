//! A service that does not exist yet: its body for CreateService, checked and completed.

use aws_sdk_ecs::types::Service;
use serde_json::{Map, Value, json};

use super::EcsDeployer;
use super::plan::{invalid, refuse_controller};
use super::raw::RawBodies;
use super::service_deployments::once;
use super::start::{Started, started};
use super::strategy::{configured, lacking_in};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{EcsStrategy, ServiceRef, TaskDefinitionArn};

const OPERATION: &str = "ecs:CreateService";

/// The body for CreateService but for the revision, which is known when it is registered, of a
/// service whose controller is ECS.
pub(super) fn body(
    service: &ServiceRef,
    written: &Value,
    strategy: Option<&EcsStrategy>,
) -> Result<Value, ProviderError> {
    let target = service.to_string();
    let mut body = named_body(service, written)?;
    refuse_controller(&target, controller_in(&body).unwrap_or("ECS"))?;
    if let Some(strategy) = strategy {
        let configuration = configured(body.get("deploymentConfiguration"), strategy);
        body.insert("deploymentConfiguration".to_owned(), configuration);
    }
    let lacking = lacking_in(&body);
    if shifts(&body) && !lacking.is_empty() {
        return Err(invalid(&target, lacking.join("; ")).with_hint(
            "give the service to create what is missing, or leave its strategy at ROLLING",
        ));
    }
    Ok(Value::Object(body))
}

/// The `deploymentController` that a body names.
pub(in crate::aws) fn controller_in(body: &Map<String, Value>) -> Option<&str> {
    body.get("deploymentController")?.get("type")?.as_str()
}

/// What is written, with the names of the service that is to be created.
pub(in crate::aws) fn named_body(
    service: &ServiceRef,
    written: &Value,
) -> Result<Map<String, Value>, ProviderError> {
    let target = service.to_string();
    let Some(written) = written.as_object() else {
        return Err(invalid(
            &target,
            "the service to create is not a JSON object",
        ));
    };
    let mut body = written.clone();
    named(&mut body, "serviceName", &service.service, &target)?;
    named(&mut body, "cluster", &service.cluster, &target)?;
    Ok(body)
}

fn shifts(body: &Map<String, Value>) -> bool {
    let strategy = body
        .get("deploymentConfiguration")
        .and_then(|configuration| configuration.get("strategy"))
        .and_then(Value::as_str);
    strategy.is_some_and(|strategy| strategy != "ROLLING")
}

/// Sets a name, which may be written as an ARN, and refuses another one.
fn named(
    body: &mut Map<String, Value>,
    member: &str,
    wanted: &str,
    target: &str,
) -> Result<(), ProviderError> {
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    match body.get(member).map(|value| value.as_str().map(last)) {
        Some(Some(name)) if name == last(wanted) => Ok(()),
        Some(other) => Err(invalid(
            target,
            format!(
                "the service to create has {member} {}, and the deployment is to {wanted}",
                other.as_deref().unwrap_or("that is no text")
            ),
        )
        .with_hint(format!("take {member} out, or let both name the same"))),
        None => {
            body.insert(member.to_owned(), json!(wanted));
            Ok(())
        }
    }
}

/// Whether tasks of this service run on Fargate.
pub(super) fn on_fargate(body: &Value) -> bool {
    let providers = body
        .get("capacityProviderStrategy")
        .and_then(Value::as_array);
    let by_provider = providers.into_iter().flatten().any(|item| {
        let provider = item.get("capacityProvider").and_then(Value::as_str);
        provider.is_some_and(|name| name.starts_with("FARGATE"))
    });
    by_provider || body.get("launchType").and_then(Value::as_str) == Some("FARGATE")
}

/// The target groups that it names.
pub(super) fn groups(body: &Value) -> Vec<String> {
    let balancers = body.get("loadBalancers").and_then(Value::as_array);
    balancers
        .into_iter()
        .flatten()
        .filter_map(|balancer| balancer.get("targetGroupArn")?.as_str().map(str::to_owned))
        .collect()
}

impl EcsDeployer {
    /// Creates the service. A member that no SDK knows reaches AWS as it was written.
    pub(in crate::aws) async fn create_service(
        &self,
        service: &ServiceRef,
        body: &Value,
        revision: &TaskDefinitionArn,
    ) -> Result<Option<Service>, ProviderError> {
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            members.insert("taskDefinition".to_owned(), json!(revision.as_str()));
        }
        let answer = self
            .client
            .create_service()
            .cluster(&service.cluster)
            .service_name(&service.service)
            .customize()
            .interceptor(RawBodies::sending(&body))
            // A second attempt after a lost answer would be refused: the run looks instead.
            .config_override(once())
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, service.to_string(), error))?;
        Ok(answer.service)
    }

    /// Creates a service whose controller is ECS: its first deployment.
    pub(super) async fn start_by_creating(
        &self,
        service: &ServiceRef,
        body: &Value,
        revision: &TaskDefinitionArn,
    ) -> Result<Started, ProviderError> {
        let created = self.create_service(service, body, revision).await?;
        let started = created.and_then(|created| started(&created, revision, None));
        started.ok_or_else(|| nothing_started(service, revision))
    }
}

/// The service was created, and what is to follow is not in the answer.
pub(in crate::aws) fn nothing_started(
    service: &ServiceRef,
    revision: &TaskDefinitionArn,
) -> ProviderError {
    let message = format!(
        "CreateService started no deployment of {}",
        revision.short()
    );
    ProviderError::new(ErrorKind::Conflict, OPERATION, service.to_string(), message)
        .with_hint("`ecs-pipeline status` shows what there is")
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
