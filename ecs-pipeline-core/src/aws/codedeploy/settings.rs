//! What CodeDeploy is told besides the revision.

use std::time::Duration;

use ecs_pipeline_artifacts::app_spec::AppSpec;

use crate::model::ServiceRef;

/// How much of a cluster's and a service's name goes into the default names, as in the AWS CLI's
/// `aws ecs deploy`.
const NAMED: usize = 46;

/// How a service is deployed by CodeDeploy. Everything that is `None` is as the deployment group
/// has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CodeDeploySettings {
    /// The application; `AppECS-CLUSTER-SERVICE` where there is none.
    pub application: Option<String>,
    /// The deployment group; `DgpECS-CLUSTER-SERVICE` where there is none.
    pub deployment_group: Option<String>,
    /// How the traffic is shifted: `CodeDeployDefault.ECSCanary10Percent5Minutes`, …
    pub deployment_config: Option<String>,
    /// What CodeDeploy shows with the deployment; at most 256 characters.
    pub description: Option<String>,
    /// The AppSpec whose task definition is replaced by the new revision. Without one it is made
    /// from the service: the container and port of its load balancer, and no hooks.
    pub app_spec: Option<AppSpec>,
    /// What makes CodeDeploy itself roll back; an empty list turns that off.
    pub auto_rollback: Option<Vec<RollbackEvent>>,
    /// The alarms that stop the deployment; an empty list turns them off.
    pub alarms: Option<Vec<String>>,
    /// Where CodeDeploy reads the AppSpec from.
    pub revision: RevisionStore,
    /// What to do while the group is busy with another deployment.
    pub when_busy: WhenBusy,
    /// For how long a busy group is waited for. An hour unless it is set: as long as CodeDeploy
    /// itself gives the new tasks to become healthy.
    pub busy_limit: Duration,
}

/// What makes CodeDeploy roll a deployment back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RollbackEvent {
    /// `DEPLOYMENT_FAILURE`: it failed.
    Failure,
    /// `DEPLOYMENT_STOP_ON_ALARM`: one of its alarms went off.
    Alarm,
    /// `DEPLOYMENT_STOP_ON_REQUEST`: somebody stopped it.
    Stop,
}

/// Where CodeDeploy reads the AppSpec from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevisionStore {
    /// From the request itself.
    #[default]
    Content,
    /// From an object whose key has the content's SHA-256: the same AppSpec is the same object.
    #[cfg(feature = "aws-s3")]
    S3 {
        /// The bucket. CodeDeploy's service role must be allowed to read it.
        bucket: String,
        /// What the key begins with: `deployments/web/`.
        prefix: String,
    },
}

/// What to do while the group is busy: it takes one deployment at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenBusy {
    /// Answer that it is.
    #[default]
    Refuse,
    /// Start when the other deployment has ended.
    Wait,
    /// Stop the other deployment, let CodeDeploy roll it back, and start then.
    Supersede,
}

impl Default for CodeDeploySettings {
    fn default() -> Self {
        Self {
            application: None,
            deployment_group: None,
            deployment_config: None,
            description: None,
            app_spec: None,
            auto_rollback: None,
            alarms: None,
            revision: RevisionStore::default(),
            when_busy: WhenBusy::default(),
            busy_limit: Duration::from_secs(60 * 60),
        }
    }
}

impl CodeDeploySettings {
    /// Sets the application's name.
    #[must_use]
    pub fn with_application(mut self, name: impl Into<String>) -> Self {
        self.application = Some(name.into());
        self
    }

    /// Sets the deployment group's name.
    #[must_use]
    pub fn with_deployment_group(mut self, name: impl Into<String>) -> Self {
        self.deployment_group = Some(name.into());
        self
    }

    /// Sets how the traffic is shifted.
    #[must_use]
    pub fn with_deployment_config(mut self, name: impl Into<String>) -> Self {
        self.deployment_config = Some(name.into());
        self
    }

    /// Sets what CodeDeploy shows with the deployment.
    #[must_use]
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the AppSpec; its task definition is replaced by the new revision.
    #[must_use]
    pub fn with_app_spec(mut self, app_spec: AppSpec) -> Self {
        self.app_spec = Some(app_spec);
        self
    }

    /// Sets what makes CodeDeploy itself roll back.
    #[must_use]
    pub fn with_auto_rollback(mut self, on: impl IntoIterator<Item = RollbackEvent>) -> Self {
        self.auto_rollback = Some(on.into_iter().collect());
        self
    }

    /// Sets the alarms that stop the deployment.
    #[must_use]
    pub fn with_alarms<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.alarms = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Has CodeDeploy read the AppSpec from an object in S3.
    #[cfg(feature = "aws-s3")]
    #[must_use]
    pub fn with_revision_in_s3(
        mut self,
        bucket: impl Into<String>,
        prefix: impl Into<String>,
    ) -> Self {
        self.revision = RevisionStore::S3 {
            bucket: bucket.into(),
            prefix: prefix.into(),
        };
        self
    }

    /// Sets what to do while the group is busy.
    #[must_use]
    pub fn when_busy(mut self, what: WhenBusy) -> Self {
        self.when_busy = what;
        self
    }

    /// Sets for how long a busy group is waited for.
    #[must_use]
    pub fn with_busy_limit(mut self, limit: Duration) -> Self {
        self.busy_limit = limit;
        self
    }

    /// The application for a service: the one that is set, or the name that AWS's console gives.
    #[must_use]
    pub fn application_of(&self, service: &ServiceRef) -> String {
        self.application
            .clone()
            .unwrap_or_else(|| default_name("AppECS", service))
    }

    /// The deployment group for a service: the one that is set, or the name that AWS's console gives.
    #[must_use]
    pub fn group_of(&self, service: &ServiceRef) -> String {
        self.deployment_group
            .clone()
            .unwrap_or_else(|| default_name("DgpECS", service))
    }
}

fn default_name(prefix: &str, service: &ServiceRef) -> String {
    let short = |name| short_name(name).chars().take(NAMED).collect::<String>();
    format!(
        "{prefix}-{}-{}",
        short(&service.cluster),
        short(&service.service)
    )
}

/// The name in an ARN, or the name itself.
pub(super) fn short_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_console_unless_they_are_given() {
        let long = "x".repeat(60);
        let cut = "x".repeat(46);
        let table = [
            ("prod", "web", "AppECS-prod-web".to_owned()),
            (
                "arn:aws:ecs:eu-west-1:1:cluster/prod",
                "arn:aws:ecs:eu-west-1:1:service/prod/web",
                "AppECS-prod-web".to_owned(),
            ),
            (&long, &long, format!("AppECS-{cut}-{cut}")),
        ];
        for (cluster, service, expected) in table {
            let service = ServiceRef::new(cluster, service);
            let settings = CodeDeploySettings::default();
            assert_eq!(settings.application_of(&service), expected);
            assert_eq!(
                settings.group_of(&service),
                expected.replacen("App", "Dgp", 1)
            );
            let named = settings.with_application("a").with_deployment_group("g");
            assert_eq!(named.application_of(&service), "a");
            assert_eq!(named.group_of(&service), "g");
        }
    }
}
