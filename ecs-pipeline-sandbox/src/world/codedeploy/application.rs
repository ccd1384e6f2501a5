//! Applications, and the revisions that they have seen.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::group::Group;
use super::input::{Kind, only_page, read, without_nulls};
use super::{ApiError, CodeDeploy, Surroundings, Time, only_ecs, revision};

#[derive(Debug)]
pub(super) struct Application {
    id: String,
    created_at: Time,
    /// By name.
    pub(super) groups: BTreeMap<String, Group>,
    /// From the oldest to the newest.
    revisions: Vec<Registered>,
}

/// A revision that was registered, or came with a deployment.
#[derive(Debug)]
struct Registered {
    revision: Value,
    description: Option<String>,
    registered_at: Time,
    first_used: Option<Time>,
    last_used: Option<Time>,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    application_name: Option<String>,
    compute_platform: Option<String>,
    description: Option<String>,
    revision: Option<Value>,
    next_token: Option<String>,
}

impl Application {
    /// Takes note of a revision; registering the same one again changes its description alone.
    fn register(&mut self, now: Time, revision: &Value, description: Option<String>) {
        match self.revisions.iter_mut().find(|r| r.revision == *revision) {
            Some(known) => known.description = description.or(known.description.take()),
            None => self.revisions.push(Registered {
                revision: revision.clone(),
                description,
                registered_at: now,
                first_used: None,
                last_used: None,
                groups: Vec::new(),
            }),
        }
    }

    /// A deployment of the revision begins.
    pub(super) fn used(&mut self, now: Time, revision: &Value, group: &str) {
        self.register(now, revision, None);
        if let Some(known) = self.revisions.iter_mut().find(|r| r.revision == *revision) {
            known.first_used.get_or_insert(now);
            known.last_used = Some(now);
            if !known.groups.iter().any(|g| g == group) {
                known.groups.push(group.to_owned());
            }
        }
    }
}

impl CodeDeploy {
    pub(super) fn application(&self, name: &str) -> Result<&Application, ApiError> {
        let found = self.applications.get(name);
        found.ok_or_else(|| Kind::Application.missing(name))
    }

    pub(super) fn application_mut(&mut self, name: &str) -> Result<&mut Application, ApiError> {
        let found = self.applications.get_mut(name);
        found.ok_or_else(|| Kind::Application.missing(name))
    }

    pub(super) fn create_application(
        &mut self,
        around: &mut Surroundings<'_>,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let name = Kind::Application.name(input.application_name)?;
        only_ecs(input.compute_platform.as_deref())?;
        if self.applications.contains_key(&name) {
            return Err(Kind::Application.taken(&name));
        }
        let id = around.ids.uuid();
        let application = Application {
            id: id.clone(),
            created_at: around.now,
            groups: BTreeMap::new(),
            revisions: Vec::new(),
        };
        self.applications.insert(name, application);
        Ok(json!({"applicationId": id}))
    }

    pub(super) fn get_application(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let name = Kind::Application.name(input.application_name)?;
        let application = self.application(&name)?;
        Ok(json!({"application": {
            "applicationId": application.id,
            "applicationName": name,
            "createTime": application.created_at.epoch_seconds(),
            "linkedToGitHub": false,
            "computePlatform": "ECS",
        }}))
    }

    /// Deleting what is not there succeeds, as in AWS.
    pub(super) fn delete_application(&mut self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let name = Kind::Application.name(input.application_name)?;
        self.applications.remove(&name);
        Ok(json!({}))
    }

    pub(super) fn list_applications(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        only_page(input.next_token.as_deref())?;
        let names: Vec<&String> = self.applications.keys().collect();
        Ok(json!({"applications": names}))
    }

    pub(super) fn register_revision(
        &mut self,
        around: &mut Surroundings<'_>,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let name = Kind::Application.name(input.application_name)?;
        let application = self.application_mut(&name)?;
        let given = without_nulls(&input.revision.ok_or_else(revision::required)?);
        revision::check(&given)?;
        application.register(around.now, &given, input.description);
        Ok(json!({}))
    }

    pub(super) fn get_revision(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let name = Kind::Application.name(input.application_name)?;
        let application = self.application(&name)?;
        let asked = without_nulls(&input.revision.ok_or_else(revision::required)?);
        let known = application.revisions.iter().find(|r| r.revision == asked);
        let Some(known) = known else {
            return Err(ApiError::client(
                "RevisionDoesNotExistException",
                format!("No application revision found for application {name}"),
            ));
        };
        let mut info = json!({
            "deploymentGroups": known.groups,
            "registerTime": known.registered_at.epoch_seconds(),
        });
        for (member, value) in [
            ("firstUsedTime", known.first_used),
            ("lastUsedTime", known.last_used),
        ] {
            if let Some(at) = value {
                info[member] = json!(at.epoch_seconds());
            }
        }
        if let Some(description) = &known.description {
            info["description"] = json!(description);
        }
        Ok(json!({"applicationName": name, "revision": known.revision, "revisionInfo": info}))
    }
}
