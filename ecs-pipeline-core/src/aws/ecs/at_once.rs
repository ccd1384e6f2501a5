//! The way back from a deployment that has ended: all traffic at once and without hooks, whatever
//! steps the service's strategy has. Its own configuration is set again when it is back.

use serde_json::{Value, json};

use super::EcsDeployer;
use super::raw::RawBodies;
use super::strategy::configured;
use crate::error::ProviderError;
use crate::model::{Deployment, DeploymentState, EcsStrategy, Observation, ServiceMessage};

/// A configuration for the way back, and the one that the service had.
#[derive(Debug)]
pub(super) struct AtOnce {
    pub(super) configuration: Value,
    pub(super) former: Value,
}

/// `None` where the service's own configuration moves all traffic at once and asks nobody.
pub(super) fn at_once(present: &Value) -> Option<AtOnce> {
    let in_steps = matches!(present["strategy"].as_str(), Some("LINEAR" | "CANARY"));
    let has_hooks = present["lifecycleHooks"]
        .as_array()
        .is_some_and(|hooks| !hooks.is_empty());
    if !in_steps && !has_hooks {
        return None;
    }
    let no_bake = EcsStrategy::BlueGreen {
        bake: std::time::Duration::ZERO,
    };
    let mut configuration = configured(Some(present), &no_bake);
    configuration["lifecycleHooks"] = json!([]);
    Some(AtOnce {
        configuration,
        former: present.clone(),
    })
}

impl EcsDeployer {
    /// Sets the service's own configuration again once it is back. ECS starts no deployment for
    /// that (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>).
    pub(super) async fn restore_configuration(&self, back: &Deployment, seen: &mut Observation) {
        if seen.state != DeploymentState::Succeeded {
            return;
        }
        let Some(former) = self.known().configurations.remove(&back.id) else {
            return;
        };
        let text = match self.set_configuration(back, &former).await {
            Ok(()) => "the service's own deploymentConfiguration is set again".to_owned(),
            Err(error) => format!(
                "the service's own deploymentConfiguration could not be set again, set it by hand ({former}): {error}"
            ),
        };
        let id = format!("{} configuration", back.id);
        seen.messages.push(ServiceMessage { id, text });
    }

    async fn set_configuration(
        &self,
        back: &Deployment,
        configuration: &Value,
    ) -> Result<(), ProviderError> {
        let service = &back.service;
        let body = json!({
            "cluster": service.cluster, "service": service.service,
            "deploymentConfiguration": configuration,
        });
        self.client
            .update_service()
            .cluster(&service.cluster)
            .service(&service.service)
            .customize()
            .interceptor(RawBodies::sending(&body))
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("ecs:UpdateService", service.to_string(), error)
            })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn steps_and_hooks_are_left_out_on_the_way_back_and_nothing_else() {
        let canary = json!({
            "strategy": "CANARY", "bakeTimeInMinutes": 10, "maximumPercent": 200,
            "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
            "lifecycleHooks": [{"targetType": "PAUSE"}], "alarms": {"enable": true},
        });
        let back = at_once(&canary).unwrap();
        assert_eq!(
            back.configuration,
            json!({
                "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "maximumPercent": 200,
                "lifecycleHooks": [], "alarms": {"enable": true},
            })
        );
        assert_eq!(back.former, canary);
    }

    #[test]
    fn what_moves_all_at_once_by_itself_is_left_as_it_is() {
        for own in [
            json!({"strategy": "ROLLING"}),
            json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "lifecycleHooks": []}),
            json!({}),
        ] {
            assert!(at_once(&own).is_none(), "{own}");
        }
    }
}
