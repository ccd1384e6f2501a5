//! Tags on everything that has an ARN.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{client, invalid, read};
use super::{ApiError, Ecs, TaskId};

/// A resource's tags, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tags(pub(super) Vec<Tag>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl Tags {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// At most 50, with keys of 1 to 128 and values of at most 256 characters, none starting
    /// with `aws:`.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.0.len() > 50 {
            return Err(invalid("Tags can have a maximum of 50 items."));
        }
        for tag in &self.0 {
            let key = tag.key.chars().count();
            if !(1..=128).contains(&key) || tag.value.chars().count() > 256 {
                return Err(invalid(
                    "Tag keys must have 1 to 128 characters, and values at most 256.",
                ));
            }
            if tag.key.to_ascii_lowercase().starts_with("aws:") {
                return Err(invalid("Tag keys must not start with aws:"));
            }
        }
        Ok(())
    }

    fn merge(&mut self, new: Self) -> Result<(), ApiError> {
        new.check()?;
        for tag in new.0 {
            match self.0.iter_mut().find(|t| t.key == tag.key) {
                Some(old) => old.value = tag.value,
                None => self.0.push(tag),
            }
        }
        self.check()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    resource_arn: String,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    tag_keys: Vec<String>,
}

impl Ecs {
    pub(super) fn tag_resource(&mut self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        self.tags_of(&input.resource_arn)?.merge(input.tags)?;
        Ok(json!({}))
    }

    pub(super) fn untag_resource(&mut self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        let tags = self.tags_of(&input.resource_arn)?;
        tags.0.retain(|tag| !input.tag_keys.contains(&tag.key));
        Ok(json!({}))
    }

    pub(super) fn list_tags_for_resource(&mut self, input: Value) -> Result<Value, ApiError> {
        let input: Input = read(&input)?;
        Ok(json!({ "tags": self.tags_of(&input.resource_arn)? }))
    }

    fn tags_of(&mut self, arn: &str) -> Result<&mut Tags, ApiError> {
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        let (kind, name) = resource.split_once('/').unwrap_or_default();
        let found = match kind {
            "cluster" => self.clusters.get_mut(name).map(|c| &mut c.tags),
            "task-definition" => self.revision_mut(arn).map(|r| &mut r.tags),
            "service" => self
                .services
                .values_mut()
                .find(|s| s.arn == arn)
                .map(|s| &mut s.tags),
            "task" => {
                let id = name.rsplit('/').next().unwrap_or_default();
                self.tasks.get_mut(&TaskId(id.into())).map(|t| &mut t.tags)
            }
            _ => return Err(invalid(format!("Invalid arn: {arn}"))),
        };
        found.ok_or_else(|| client("The specified resource was not found."))
    }
}
