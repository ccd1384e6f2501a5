//! Identity and Access Management: roles and their policies, as they were written.
//!
//! A role that is named elsewhere need not be here: nothing in the sandbox takes one on. AWS's own
//! managed policies can be attached by their ARN, whatever their name; policies of one's own are
//! written into the role.

mod policy;
mod role;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::{pairs, required, text};
use super::{ApiError, World};
use policy::{encoded, inline_policy, trust_policy};
use role::Role;

/// All roles, by name.
#[derive(Debug, Default)]
pub(super) struct Iam {
    roles: BTreeMap<String, Role>,
}

impl Iam {
    fn role(&mut self, input: &Value) -> Result<&mut Role, ApiError> {
        let name = required(input, "RoleName")?;
        let missing = || no_such_entity(format!("The role with name {name} cannot be found."));
        self.roles.get_mut(&name).ok_or_else(missing)
    }
}

impl World {
    /// The ARN of a role that is there.
    pub(crate) fn role_arn(&self, name: &str) -> Option<String> {
        self.iam.roles.get(name).map(|role| role.arn.clone())
    }

    pub(super) fn call_iam(&mut self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        match operation {
            "CreateRole" => self.create_role(input),
            "ListRoles" => Ok(self.list_roles(input)),
            "DeleteRole" => self.delete_role(input),
            of_a_role => role_operation(self.iam.role(input), of_a_role, input),
        }
    }

    fn create_role(&mut self, input: &Value) -> Result<Value, ApiError> {
        let trust = trust_policy(&required(input, "AssumeRolePolicyDocument")?)?;
        let name = role::checked_name(input)?;
        if self.iam.roles.contains_key(&name) {
            let message = format!("Role with name {name} already exists.");
            return Err(refused(409, "EntityAlreadyExists", message));
        }
        let path = role::checked_path(input)?;
        let role = Role {
            arn: self.arns.role(&path, &name),
            id: format!("AROA{}", self.ids.hex16().to_uppercase()),
            created: self.now,
            description: text(input, "Description"),
            session: role::checked_session(input)?,
            tags: pairs(input, "Tags")?,
            path,
            trust,
            attached: Vec::new(),
            inline: BTreeMap::new(),
        };
        let described = role.described(&name);
        self.iam.roles.insert(name, role);
        Ok(json!({ "Role": described }))
    }

    /// All of them on one page.
    fn list_roles(&self, input: &Value) -> Value {
        let prefix = text(input, "PathPrefix").unwrap_or_default();
        let roles = self.iam.roles.iter();
        let roles = roles.filter(|(_, role)| role.path.starts_with(&prefix));
        let roles: Vec<_> = roles.map(|(name, role)| role.described(name)).collect();
        json!({ "Roles": roles, "IsTruncated": false })
    }

    fn delete_role(&mut self, input: &Value) -> Result<Value, ApiError> {
        let role = self.iam.role(input)?;
        let first = match (role.attached.is_empty(), role.inline.is_empty()) {
            (true, true) => None,
            (false, _) => Some("must detach all policies first"),
            (true, false) => Some("must delete policies first"),
        };
        if let Some(first) = first {
            let message = format!("Cannot delete entity, {first}.");
            return Err(refused(409, "DeleteConflict", message));
        }
        self.iam.roles.remove(&required(input, "RoleName")?);
        Ok(json!({}))
    }
}

fn role_operation(
    role: Result<&mut Role, ApiError>,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let name = text(input, "RoleName").unwrap_or_default();
    match operation {
        "GetRole" => Ok(json!({ "Role": role?.described(&name) })),
        "UpdateAssumeRolePolicy" => {
            role?.trust = trust_policy(&required(input, "PolicyDocument")?)?;
            Ok(json!({}))
        }
        "TagRole" => {
            role?.tag(pairs(input, "Tags")?);
            Ok(json!({}))
        }
        "ListRoleTags" => Ok(json!({ "Tags": role?.described_tags(), "IsTruncated": false })),
        "PutRolePolicy" => {
            let policy = required(input, "PolicyName")?;
            let document = inline_policy(&required(input, "PolicyDocument")?)?;
            role?.inline.insert(policy, document);
            Ok(json!({}))
        }
        "GetRolePolicy" => {
            let policy = required(input, "PolicyName")?;
            let document = role?
                .inline
                .get(&policy)
                .ok_or_else(|| no_policy(&policy))?;
            Ok(json!({
                "RoleName": name, "PolicyName": policy, "PolicyDocument": encoded(document),
            }))
        }
        "DeleteRolePolicy" => {
            let policy = required(input, "PolicyName")?;
            let gone = role?.inline.remove(&policy);
            gone.map(|_| json!({})).ok_or_else(|| no_policy(&policy))
        }
        "ListRolePolicies" => {
            let names: Vec<_> = role?.inline.keys().cloned().collect();
            Ok(json!({ "PolicyNames": names, "IsTruncated": false }))
        }
        "AttachRolePolicy" => role?.attach(required(input, "PolicyArn")?),
        "DetachRolePolicy" => role?.detach(&required(input, "PolicyArn")?),
        "ListAttachedRolePolicies" => Ok(role?.described_attachments()),
        other => Err(ApiError::not_implemented("IAM", other)),
    }
}

fn no_policy(name: &str) -> ApiError {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}

fn no_such_entity(message: String) -> ApiError {
    refused(404, "NoSuchEntity", message)
}

fn refused(status: u16, code: &str, message: String) -> ApiError {
    ApiError {
        status,
        ..ApiError::client(code, message)
    }
}
