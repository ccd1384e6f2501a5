//! The AppSpec of a deployment: the user's, or one made from the service.

use aws_sdk_ecs::types::{LoadBalancer, Service};
use ecs_pipeline_artifacts::app_spec::{AppSpec, TASK_DEFINITION_PLACEHOLDER};
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use serde_json::Value;

use super::revision::primary;
use super::{CodeDeployDeployer, CodeDeploySettings};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{PlannedRevision, ServiceRef, TaskDefinitionArn};

const OPERATION: &str = "check";

/// Where the load balancer sends requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    container: String,
    port: u16,
}

/// The container and port of the service's load balancer. Where CodeDeploy deploys, they are the
/// task set's.
pub(super) fn route_of(service: &Service) -> Option<Route> {
    let sets = primary(service).map_or(&[][..], |set| set.load_balancers());
    let route = |balancer: &LoadBalancer| {
        Some(Route {
            container: balancer.container_name()?.to_owned(),
            port: u16::try_from(balancer.container_port?).ok()?,
        })
    };
    sets.iter().chain(service.load_balancers()).find_map(route)
}

/// The AppSpec that deploys `revision`.
pub(super) fn app_spec(settings: &CodeDeploySettings, route: &Route, revision: &str) -> AppSpec {
    match &settings.app_spec {
        None => AppSpec::new(revision, &route.container, route.port),
        Some(given) => {
            let mut app_spec = given.clone();
            // As the AWS CLI does: whatever stands there.
            for service in &mut app_spec.services {
                revision.clone_into(&mut service.task_definition);
            }
            app_spec
        }
    }
}

/// The revision that an AppSpec deploys.
pub(super) fn revision_in(content: &str) -> Option<TaskDefinitionArn> {
    let app_spec = AppSpec::parse(content).ok()?;
    app_spec.services.first()?.task_definition.parse().ok()
}

/// Refuses an AppSpec whose container or port the task definition does not have: CodeDeploy finds
/// out only after it has begun.
fn check(
    app_spec: &AppSpec,
    document: &TaskDefinitionDocument,
    target: &str,
) -> Result<(), ProviderError> {
    // A `Vec` that was put together by hand may hold what a file could not.
    AppSpec::parse(app_spec.to_json_string()).map_err(|invalid| {
        refused(target, format!("the AppSpec is not valid: {invalid}")).with_source(invalid)
    })?;
    for service in &app_spec.services {
        let container = service.load_balancer.container_name.as_str();
        let port = service.load_balancer.container_port;
        let names = document.container_names();
        if !names.contains(&container) {
            let said = format!(
                "the AppSpec sends requests to container `{container}`, which the task definition does not have"
            );
            let hint = format!("its containers are: {}", names.join(", "));
            return Err(refused(target, said).with_hint(hint));
        }
        let ports = document.container_ports(container);
        if !ports.contains(&port) {
            let said = format!(
                "the AppSpec sends requests to port {port}, which container `{container}` does not map"
            );
            let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
            let hint = match ports.as_slice() {
                [] => format!("add a port mapping with containerPort {port}"),
                _ => format!("its ports are: {}", ports.join(", ")),
            };
            return Err(refused(target, said).with_hint(hint));
        }
    }
    Ok(())
}

fn refused(target: &str, message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, OPERATION, target, message)
}

impl CodeDeployDeployer {
    /// Checks the AppSpec against the task definition that it will deploy.
    pub(super) async fn check_app_spec(
        &self,
        name: &ServiceRef,
        service: &Service,
        revision: &PlannedRevision,
    ) -> Result<(), ProviderError> {
        let route = self.learn_route(name, service)?;
        let (text, body) = match revision {
            PlannedRevision::New(body) => (TASK_DEFINITION_PLACEHOLDER, body.clone()),
            PlannedRevision::Existing(arn) => (arn.as_str(), self.document_of(arn).await?),
        };
        let Ok(document) = TaskDefinitionDocument::from_value(body) else {
            // What AWS itself has registered is not for us to refuse.
            return Ok(());
        };
        let app_spec = app_spec(&self.settings, &route, text);
        check(&app_spec, &document, &name.to_string())
    }

    async fn document_of(&self, arn: &TaskDefinitionArn) -> Result<Value, ProviderError> {
        let described = self.ecs.describe_task_definition(arn.as_str()).await?;
        Ok(described.answer)
    }

    /// Where requests go, for a service that was read before or is read now.
    pub(super) async fn route(&self, name: &ServiceRef) -> Result<Route, ProviderError> {
        let known = self.known().routes.get(name).cloned();
        match known {
            Some(route) => Ok(route),
            None => {
                let service = self.ecs.active_service(name).await?;
                self.learn_route(name, &service)
            }
        }
    }

    fn learn_route(&self, name: &ServiceRef, service: &Service) -> Result<Route, ProviderError> {
        let given = self.settings.app_spec.as_ref().and_then(|app_spec| {
            let balancer = &app_spec.services.first()?.load_balancer;
            Some(Route {
                container: balancer.container_name.clone(),
                port: balancer.container_port,
            })
        });
        let route = given.or_else(|| route_of(service)).ok_or_else(|| {
            refused(
                &name.to_string(),
                "the service is behind no load balancer, which CodeDeploy needs".to_owned(),
            )
            .with_hint("give the service a target group, or an AppSpec with a LoadBalancerInfo")
        })?;
        self.known().routes.insert(name.clone(), route.clone());
        Ok(route)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ecs_pipeline_artifacts::app_spec::HookEvent;
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7";

    fn route() -> Route {
        Route {
            container: "web".to_owned(),
            port: 8080,
        }
    }

    #[test]
    fn a_made_one_sends_requests_where_the_service_does() {
        let made = app_spec(&CodeDeploySettings::default(), &route(), ARN);
        assert_eq!(made, AppSpec::new(ARN, "web", 8080));
        assert_eq!(revision_in(&made.to_json_string()), ARN.parse().ok());
        assert_eq!(revision_in(&made.to_yaml_string()), ARN.parse().ok());
    }

    #[test]
    fn a_given_one_keeps_all_but_its_task_definition() {
        let given = AppSpec::new(TASK_DEFINITION_PLACEHOLDER, "proxy", 80)
            .with_hook(HookEvent::AfterAllowTestTraffic, "smoke-test");
        let settings = CodeDeploySettings::default().with_app_spec(given);
        let expected = AppSpec::new(ARN, "proxy", 80)
            .with_hook(HookEvent::AfterAllowTestTraffic, "smoke-test");
        assert_eq!(app_spec(&settings, &route(), ARN), expected);
    }

    #[test]
    fn what_names_no_revision_deploys_none() {
        let placeholder = AppSpec::new(TASK_DEFINITION_PLACEHOLDER, "web", 80);
        assert_eq!(revision_in(&placeholder.to_json_string()), None);
        assert_eq!(revision_in("nonsense"), None);
    }

    #[test]
    fn the_container_and_its_port_must_be_there() {
        let document = TaskDefinitionDocument::from_value(json!({
            "family": "web",
            "containerDefinitions": [
                {"name": "web", "image": "a", "portMappings": [{"containerPort": 8080}]},
                {"name": "sidecar", "image": "b"}
            ]
        }))
        .unwrap();
        let table = [
            ("web", 8080, None),
            ("wbe", 8080, Some("its containers are: web, sidecar")),
            ("web", 80, Some("its ports are: 8080")),
            (
                "sidecar",
                80,
                Some("add a port mapping with containerPort 80"),
            ),
        ];
        for (container, port, hint) in table {
            let checked = check(&AppSpec::new(ARN, container, port), &document, "prod/web");
            let found = checked
                .err()
                .and_then(|error| crate::error::Hint::hint(&error).map(str::to_owned));
            assert_eq!(found.as_deref(), hint, "{container}:{port}");
        }
        let wrong = AppSpec::new("", "web", 8080);
        assert!(check(&wrong, &document, "prod/web").is_err());
    }
}
