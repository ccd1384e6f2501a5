//! CreateDeployment.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployment::{Deployment, Fault, Order};
use super::input::{Kind, read, without_nulls};
use super::lifecycle::Step;
use super::revision::ObjectName;
use super::settings::{AlarmConfiguration, Ready, Settings, auto_rollback};
use super::{ApiError, CodeDeploy, Time, World, deployment_id, revision};

/// The longest `description`.
const LONGEST_DESCRIPTION: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    revision: Option<Value>,
    deployment_config_name: Option<String>,
    description: Option<String>,
    auto_rollback_configuration: Option<Value>,
    override_alarm_configuration: Option<Value>,
    deployment_mode: Option<String>,
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        let length = self.description.as_ref().map_or(0, |d| d.chars().count());
        if length > LONGEST_DESCRIPTION {
            return Err(ApiError::client(
                "DescriptionTooLongException",
                format!("The description has more than {LONGEST_DESCRIPTION} characters"),
            ));
        }
        match self.deployment_mode.as_deref() {
            None | Some("STANDARD") => Ok(()),
            Some(mode) => Err(ApiError::client(
                "InvalidInputException",
                format!("The deployment mode {mode} is not supported for ECS"),
            )),
        }
    }
}

impl World {
    pub(super) fn create_deployment(&mut self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let application = Kind::Application.name(input.application_name.clone())?;
        self.codedeploy.application(&application)?;
        let group = Kind::Group.name(input.deployment_group_name.clone())?;
        self.codedeploy.group(&application, &group)?;
        input.check()?;
        let given = without_nulls(input.revision.as_ref().ok_or_else(revision::required)?);
        let settings = self
            .codedeploy
            .group(&application, &group)?
            .settings
            .clone();
        let mut denied = None;
        let text = revision::text(&given, |name| match settings.may_read(self, name) {
            Ok(()) => self.object(name),
            Err(fault) => {
                denied = Some(fault);
                Some(Vec::new())
            }
        })?;
        let text = denied.map_or(Ok(text), Err);
        self.codedeploy.check_idle(&application, &group)?;
        let order = self.codedeploy.order(input, (application, group), given)?;
        let id = deployment_id(&mut self.ids);
        self.codedeploy.accept(self.now, id.clone(), order, text)?;
        Ok(json!({"deploymentId": id}))
    }

    fn object(&self, name: &ObjectName) -> Option<Vec<u8>> {
        let version = name.version.as_deref();
        let object = self.s3.object(&name.bucket, &name.key, version)?;
        let expected = name.e_tag.as_deref().map(|tag| tag.trim_matches('"'));
        let matches = expected.is_none_or(|tag| tag == object.etag);
        matches.then(|| object.bytes.to_vec())
    }
}

fn steps(order: &Order) -> Vec<Step> {
    let hooks = order.app_spec.iter().flat_map(|spec| &spec.hooks);
    let hooked: Vec<_> = hooks.map(|hook| hook.event).collect();
    Step::plan(
        |event| hooked.contains(&event),
        order.settings.traffic.test.is_some(),
        matches!(order.settings.ready, Ready::Wait(_)),
    )
}

impl CodeDeploy {
    /// Begins a deployment, which has failed already when its AppSpec cannot be read, or may not be.
    fn accept(
        &mut self,
        now: Time,
        id: String,
        mut order: Order,
        text: Result<Vec<u8>, Fault>,
    ) -> Result<(), ApiError> {
        let application = self.application_mut(&order.application)?;
        application.used(now, &order.revision, &order.group);
        let group = self.group_mut(&order.application, &order.group)?;
        group.last_attempted = Some(id.clone());
        let deployment = match text.and_then(|text| revision::app_spec(&text)) {
            Ok(app_spec) => {
                order.app_spec = Some(app_spec);
                let steps = steps(&order);
                Deployment::new(id, now, order, steps)
            }
            Err(fault) => {
                let mut deployment = Deployment::new(id, now, order, Vec::new());
                deployment.fail(now, fault);
                deployment
            }
        };
        self.deployments.push(deployment);
        Ok(())
    }

    /// A group has one deployment at a time.
    fn check_idle(&self, application: &str, group: &str) -> Result<(), ApiError> {
        let mut deployments = self.deployments.iter();
        let active = deployments.find(|d| d.belongs_to(application, group) && !d.status.is_final());
        match active {
            None => Ok(()),
            Some(active) => Err(ApiError::client(
                "DeploymentLimitExceededException",
                format!(
                    "The Deployment Group '{group}' already has an active Deployment '{}'",
                    active.id
                ),
            )),
        }
    }

    fn order(
        &self,
        input: Input,
        (application, group): (String, String),
        given: Value,
    ) -> Result<Order, ApiError> {
        let found = self.group(&application, &group)?;
        let settings = found.settings.clone();
        let config = match input.deployment_config_name {
            Some(name) => Kind::Config.name(Some(name))?,
            None => settings.config.clone(),
        };
        let last = found.last_successful.as_ref().and_then(|id| self.find(id));
        let shown = found.shown_with(
            &input.auto_rollback_configuration,
            &input.override_alarm_configuration,
        );
        Ok(Order {
            routing: self.routing(&config)?,
            config,
            previous_revision: last.map_or(Value::Null, |d| d.order.revision.clone()),
            revision: given,
            app_spec: None,
            description: input.description,
            alarms: alarms(input.override_alarm_configuration.as_ref(), &settings)?,
            auto_rollback: match &input.auto_rollback_configuration {
                Some(given) => auto_rollback(Some(given))?,
                None => settings.auto_rollback.clone(),
            },
            settings,
            shown: Value::Object(shown),
            application,
            group,
        })
    }
}

fn alarms(given: Option<&Value>, settings: &Settings) -> Result<AlarmConfiguration, ApiError> {
    let Some(given) = given else {
        return Ok(settings.alarms.clone());
    };
    let read: AlarmConfiguration = read(given)?;
    read.check()?;
    Ok(read)
}

impl super::group::Group {
    /// The members that GetDeployment shows of its group, and of the request in their place.
    fn shown_with(
        &self,
        auto_rollback: &Option<Value>,
        alarms: &Option<Value>,
    ) -> Map<String, Value> {
        let mut shown = self.members.clone();
        shown.retain(|member, _| {
            matches!(
                member.as_str(),
                "autoRollbackConfiguration"
                    | "deploymentStyle"
                    | "blueGreenDeploymentConfiguration"
                    | "loadBalancerInfo"
            )
        });
        for (member, given) in [
            ("autoRollbackConfiguration", auto_rollback),
            ("overrideAlarmConfiguration", alarms),
        ] {
            if let Some(given) = given {
                shown.insert(member.into(), given.clone());
            }
        }
        shown
    }
}
