//! CodeDeploy's application, deployment group and configuration.

use aws_sdk_codedeploy::types::{DeploymentGroupInfo, DeploymentStatus, TrafficRoute};

use super::{Doctor, Read, fact};
use crate::aws::codedeploy::CodeDeploySettings;
use crate::doctor::{CodeDeploy, DeploymentGroup, Wanted};
use crate::error::ProviderError;

impl Doctor {
    pub(super) async fn code_deploy(
        &self,
        wanted: &Wanted,
        deploys: bool,
    ) -> Result<Option<CodeDeploy>, ProviderError> {
        if !deploys {
            return Ok(None);
        }
        let mut settings = CodeDeploySettings::default();
        settings.application.clone_from(&wanted.application);
        settings
            .deployment_group
            .clone_from(&wanted.deployment_group);
        let application = settings.application_of(&wanted.service);
        let group = settings.group_of(&wanted.service);
        let (of_application, of_group) = tokio::try_join!(
            self.application(&application),
            self.deployment_group(&application, &group),
        )?;
        let own = of_group.known().and_then(|group| group.config.clone());
        let config = match wanted.deployment_config.clone().or(own) {
            None => None,
            Some(name) => {
                let read = self.deployment_config(&name).await?;
                Some((name, read))
            }
        };
        Ok(Some(CodeDeploy {
            names: (application, group),
            application: of_application,
            group: of_group,
            config,
        }))
    }

    async fn application(&self, name: &str) -> Read<String> {
        const OPERATION: &str = "codedeploy:GetApplication";
        let answer = self
            .code_deploy
            .get_application()
            .application_name(name)
            .send()
            .await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, name, error)))?;
        Ok(read.map(|answer| {
            let application = answer.application();
            let platform = application.and_then(|application| application.compute_platform());
            platform
                .map_or("Server", |platform| platform.as_str())
                .to_owned()
        }))
    }

    async fn deployment_group(&self, application: &str, name: &str) -> Read<DeploymentGroup> {
        const OPERATION: &str = "codedeploy:GetDeploymentGroup";
        let call = self.code_deploy.get_deployment_group();
        let call = call
            .application_name(application)
            .deployment_group_name(name);
        let answer = call.send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, name, error)))?;
        Ok(read.map(|answer| {
            answer
                .deployment_group_info()
                .map(described)
                .unwrap_or_default()
        }))
    }

    async fn deployment_config(&self, name: &str) -> Read<()> {
        const OPERATION: &str = "codedeploy:GetDeploymentConfig";
        let call = self.code_deploy.get_deployment_config();
        let answer = call.deployment_config_name(name).send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, name, error)))?;
        Ok(read.map(|_| ()))
    }
}

fn described(found: &DeploymentGroupInfo) -> DeploymentGroup {
    let own = |text: Option<&str>| text.map(str::to_owned);
    let short = |text: Option<&str>| {
        let text = text.unwrap_or_default();
        text.rsplit('/').next().unwrap_or(text).to_owned()
    };
    let services = found.ecs_services().iter();
    let services = services.map(|one| {
        format!(
            "{}/{}",
            short(one.cluster_name()),
            short(one.service_name())
        )
    });
    let pairs = found.load_balancer_info();
    let pair = pairs.and_then(|info| info.target_group_pair_info_list().first());
    let groups = pair
        .map(|pair| pair.target_groups())
        .unwrap_or_default()
        .iter();
    let listeners = |route: Option<&TrafficRoute>| {
        route
            .map(|route| route.listener_arns().to_vec())
            .unwrap_or_default()
    };
    let style = found.deployment_style();
    let last = found.last_attempted_deployment();
    let busy = last.filter(|last| last.status().is_some_and(is_under_way));
    let alarms = found.alarm_configuration().filter(|alarms| alarms.enabled);
    let alarms = alarms
        .map(|alarms| alarms.alarms())
        .unwrap_or_default()
        .iter();
    DeploymentGroup {
        services: services.collect(),
        target_groups: groups.filter_map(|group| own(group.name())).collect(),
        production: listeners(pair.and_then(|pair| pair.prod_traffic_route())),
        test: listeners(pair.and_then(|pair| pair.test_traffic_route())),
        style: (
            style
                .and_then(|one| one.deployment_type())
                .map_or("", |one| one.as_str())
                .to_owned(),
            style
                .and_then(|one| one.deployment_option())
                .map_or("", |one| one.as_str())
                .to_owned(),
        ),
        busy_with: busy.and_then(|last| own(last.deployment_id())),
        role: own(found.service_role_arn()),
        rolls_back: found
            .auto_rollback_configuration()
            .is_some_and(|one| one.enabled),
        alarms: alarms.filter_map(|alarm| own(alarm.name())).collect(),
        config: own(found.deployment_config_name()),
    }
}

fn is_under_way(status: &DeploymentStatus) -> bool {
    !matches!(
        status,
        DeploymentStatus::Succeeded | DeploymentStatus::Failed | DeploymentStatus::Stopped
    )
}
