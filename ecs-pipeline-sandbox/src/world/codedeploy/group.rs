//! Deployment groups: which service is deployed to, between which target groups, and how.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::config::ALL_AT_ONCE;
use super::input::{Kind, only_page, read, without_nulls};
use super::settings::Settings;
use super::{ApiError, CodeDeploy, Surroundings};

/// Members that a group keeps as they were given.
const KEPT: [&str; 9] = [
    "deploymentConfigName",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ecsServices",
];

#[derive(Debug)]
pub(super) struct Group {
    id: String,
    /// The members in [`KEPT`], with CodeDeploy's defaults filled in.
    pub(super) members: Map<String, Value>,
    /// What [`Group::members`] say.
    pub(super) settings: Settings,
    pub(super) last_successful: Option<String>,
    pub(super) last_attempted: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    current_deployment_group_name: Option<String>,
    new_deployment_group_name: Option<String>,
    next_token: Option<String>,
}

impl CodeDeploy {
    pub(super) fn group(&self, application: &str, name: &str) -> Result<&Group, ApiError> {
        let found = self.application(application)?.groups.get(name);
        found.ok_or_else(|| Kind::Group.missing(name))
    }

    pub(super) fn group_mut(
        &mut self,
        application: &str,
        name: &str,
    ) -> Result<&mut Group, ApiError> {
        let found = self.application_mut(application)?.groups.get_mut(name);
        found.ok_or_else(|| Kind::Group.missing(name))
    }

    pub(super) fn create_group(
        &mut self,
        around: &mut Surroundings<'_>,
        given: &Value,
    ) -> Result<Value, ApiError> {
        let input: Input = read(given)?;
        let application = Kind::Application.name(input.application_name)?;
        let name = Kind::Group.name(input.deployment_group_name)?;
        if self.application(&application)?.groups.contains_key(&name) {
            return Err(Kind::Group.taken(&name));
        }
        let members = completed(Map::new(), given);
        let settings = self.checked(&members, None)?;
        let group = Group {
            id: around.ids.uuid(),
            members,
            settings,
            last_successful: None,
            last_attempted: None,
        };
        let answer = json!({"deploymentGroupId": group.id});
        self.application_mut(&application)?
            .groups
            .insert(name, group);
        Ok(answer)
    }

    pub(super) fn update_group(&mut self, given: &Value) -> Result<Value, ApiError> {
        let input: Input = read(given)?;
        let application = Kind::Application.name(input.application_name)?;
        let name = Kind::Group.name(input.current_deployment_group_name)?;
        let group = self.group(&application, &name)?;
        let members = completed(group.members.clone(), given);
        let settings = self.checked(&members, Some(&group.id))?;
        let renamed = match input.new_deployment_group_name {
            Some(new) => Kind::Group.name(Some(new))?,
            None => name.clone(),
        };
        let groups = &mut self.application_mut(&application)?.groups;
        if renamed != name && groups.contains_key(&renamed) {
            return Err(Kind::Group.taken(&renamed));
        }
        if let Some(mut group) = groups.remove(&name) {
            group.members = members;
            group.settings = settings;
            groups.insert(renamed.clone(), group);
        }
        for deployment in &mut self.deployments {
            if deployment.belongs_to(&application, &name) {
                deployment.order.group.clone_from(&renamed);
            }
        }
        Ok(json!({"hooksNotCleanedUp": []}))
    }

    /// What the members say, unless CodeDeploy would refuse it.
    fn checked(
        &self,
        members: &Map<String, Value>,
        own: Option<&str>,
    ) -> Result<Settings, ApiError> {
        let settings = Settings::read(members)?;
        self.routing(&settings.config)?;
        let taken = self.applications.values().any(|a| {
            a.groups.values().any(|g| {
                Some(g.id.as_str()) != own && g.settings.service.is_same(&settings.service)
            })
        });
        match taken {
            false => Ok(settings),
            true => Err(ApiError::client(
                "ECSServiceMappingLimitExceededException",
                "The Amazon ECS service is associated with another deployment group already",
            )),
        }
    }

    /// Deleting what is not there succeeds, as in AWS.
    pub(super) fn delete_group(&mut self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let application = Kind::Application.name(input.application_name)?;
        let name = Kind::Group.name(input.deployment_group_name)?;
        if let Some(application) = self.applications.get_mut(&application) {
            application.groups.remove(&name);
        }
        Ok(json!({"hooksNotCleanedUp": []}))
    }

    pub(super) fn list_groups(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let name = Kind::Application.name(input.application_name)?;
        only_page(input.next_token.as_deref())?;
        let names: Vec<&String> = self.application(&name)?.groups.keys().collect();
        Ok(json!({"applicationName": name, "deploymentGroups": names}))
    }

    pub(super) fn get_group(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let application = Kind::Application.name(input.application_name)?;
        let name = Kind::Group.name(input.deployment_group_name)?;
        let group = self.group(&application, &name)?;
        let mut shown = group.members.clone();
        for (member, value) in [
            ("applicationName", json!(application)),
            ("deploymentGroupId", json!(group.id)),
            ("deploymentGroupName", json!(name)),
            ("computePlatform", json!("ECS")),
            ("outdatedInstancesStrategy", json!("UPDATE")),
            ("terminationHookEnabled", json!(false)),
        ] {
            shown.insert(member.into(), value);
        }
        for (member, id) in [
            ("lastSuccessfulDeployment", &group.last_successful),
            ("lastAttemptedDeployment", &group.last_attempted),
        ] {
            let deployment = id.as_ref().and_then(|id| self.find(id));
            if let Some(deployment) = deployment {
                shown.insert(member.into(), deployment.brief());
            }
        }
        let last = group.last_successful.as_ref().and_then(|id| self.find(id));
        if let Some(last) = last {
            shown.insert("targetRevision".into(), last.order.revision.clone());
        }
        Ok(json!({"deploymentGroupInfo": shown}))
    }
}

/// The members after a request, with CodeDeploy's defaults where nothing was said.
fn completed(mut members: Map<String, Value>, given: &Value) -> Map<String, Value> {
    if let Value::Object(given) = without_nulls(given) {
        let kept = given
            .into_iter()
            .filter(|(member, _)| KEPT.contains(&member.as_str()));
        members.extend(kept);
    }
    for (member, default) in [
        ("deploymentConfigName", json!(ALL_AT_ONCE)),
        (
            "autoRollbackConfiguration",
            json!({"enabled": false, "events": []}),
        ),
        ("triggerConfigurations", json!([])),
        (
            "alarmConfiguration",
            json!({"enabled": false, "ignorePollAlarmFailure": false, "alarms": []}),
        ),
    ] {
        members.entry(member).or_insert(default);
    }
    if let Some(blue_green) = members.get_mut("blueGreenDeploymentConfiguration") {
        fill(
            &mut blue_green["terminateBlueInstancesOnDeploymentSuccess"],
            json!({"action": "TERMINATE", "terminationWaitTimeInMinutes": 0}),
        );
        fill(
            &mut blue_green["deploymentReadyOption"],
            json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}),
        );
    }
    members
}

fn fill(into: &mut Value, defaults: Value) {
    let Value::Object(defaults) = defaults else {
        return;
    };
    if into.is_null() {
        *into = json!({});
    }
    if let Some(members) = into.as_object_mut() {
        for (member, default) in defaults {
            members.entry(member).or_insert(default);
        }
    }
}
