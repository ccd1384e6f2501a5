//! A role, and what of it is refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::policy::encoded;
use super::{no_such_entity, required, text};
use crate::world::input::{bounded, invalid};
use crate::world::{ApiError, Time};

/// Seconds: an hour, unless something else is said.
const SESSION: u32 = 3600;

#[derive(Debug)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) id: String,
    pub(super) path: String,
    pub(super) created: Time,
    pub(super) description: Option<String>,
    pub(super) session: u32,
    pub(super) tags: Vec<(String, String)>,
    /// Who may take it on, as it was written.
    pub(super) trust: String,
    /// ARNs of managed policies.
    pub(super) attached: Vec<String>,
    /// Policies of its own, as they were written.
    pub(super) inline: BTreeMap<String, String>,
}

impl Role {
    pub(super) fn described(&self, name: &str) -> Value {
        let mut shown = json!({
            "Path": self.path,
            "RoleName": name,
            "RoleId": self.id,
            "Arn": self.arn,
            "CreateDate": self.created.epoch_seconds(),
            "AssumeRolePolicyDocument": encoded(&self.trust),
            "MaxSessionDuration": self.session,
        });
        if let Some(description) = &self.description {
            shown["Description"] = description.as_str().into();
        }
        if !self.tags.is_empty() {
            shown["Tags"] = self.described_tags();
        }
        shown
    }

    pub(super) fn described_tags(&self) -> Value {
        let tags = self.tags.iter();
        tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect()
    }

    pub(super) fn described_attachments(&self) -> Value {
        let attached = self.attached.iter().map(|arn| {
            let name = arn.rsplit('/').next().unwrap_or(arn);
            json!({ "PolicyName": name, "PolicyArn": arn })
        });
        let attached: Vec<_> = attached.collect();
        json!({ "AttachedPolicies": attached, "IsTruncated": false })
    }

    pub(super) fn tag(&mut self, tags: Vec<(String, String)>) {
        for (key, value) in tags {
            self.tags.retain(|(own, _)| *own != key);
            self.tags.push((key, value));
        }
    }

    /// AWS's own only: the sandbox keeps no managed policies.
    pub(super) fn attach(&mut self, arn: String) -> Result<Value, ApiError> {
        if !arn.contains(":iam::aws:policy/") {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            return Err(no_such_entity(message));
        }
        if !self.attached.contains(&arn) {
            self.attached.push(arn);
        }
        Ok(json!({}))
    }

    pub(super) fn detach(&mut self, arn: &str) -> Result<Value, ApiError> {
        let before = self.attached.len();
        self.attached.retain(|own| own != arn);
        match self.attached.len() == before {
            true => Err(no_such_entity(format!("Policy {arn} was not found."))),
            false => Ok(json!({})),
        }
    }
}

/// 1 to 64 of `[\w+=,.@-]`.
pub(super) fn checked_name(input: &Value) -> Result<String, ApiError> {
    let name = required(input, "RoleName")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let complaint = if name.len() > 64 {
        "Member must have length less than or equal to 64"
    } else if name.is_empty() || !name.chars().all(allowed) {
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+"
    } else {
        return Ok(name);
    };
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint: {complaint}"
    )))
}

/// Begins and ends with a slash.
pub(super) fn checked_path(input: &Value) -> Result<String, ApiError> {
    let path = text(input, "Path").unwrap_or_else(|| "/".to_owned());
    let is_visible = path.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    match path.starts_with('/') && path.ends_with('/') && is_visible && path.len() <= 512 {
        true => Ok(path),
        false => Err(invalid(
            "The specified value for path is invalid. It must begin and end with / and contain \
             only alphanumeric characters and/or / characters.",
        )),
    }
}

pub(super) fn checked_session(input: &Value) -> Result<u32, ApiError> {
    let session = bounded(input, "MaxSessionDuration", 3600, 43200)?;
    Ok(session.unwrap_or(SESSION))
}
