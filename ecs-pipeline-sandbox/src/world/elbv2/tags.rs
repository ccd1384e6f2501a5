//! Tags of load balancers, listeners, rules and target groups.

use serde_json::{Value, json};

use crate::world::ApiError;

use super::input::{pairs, texts};
use super::{Elbv2, listeners, load_balancers, rules, target_groups};

impl Elbv2 {
    pub(super) fn add_tags(&mut self, input: &Value) -> Result<Value, ApiError> {
        let tags = pairs(input, "Tags")?;
        for arn in self.taggable(input)? {
            self.tags.entry(arn).or_default().extend(tags.clone());
        }
        Ok(json!({}))
    }

    pub(super) fn remove_tags(&mut self, input: &Value) -> Result<Value, ApiError> {
        let keys = texts(input, "TagKeys");
        for arn in self.taggable(input)? {
            if let Some(tags) = self.tags.get_mut(&arn) {
                tags.retain(|key, _| !keys.contains(key));
            }
        }
        Ok(json!({}))
    }

    pub(super) fn describe_tags(&self, input: &Value) -> Result<Value, ApiError> {
        let described: Vec<Value> = self
            .taggable(input)?
            .into_iter()
            .map(|arn| {
                let tags: Vec<Value> = self
                    .tags
                    .get(&arn)
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| json!({ "Key": key, "Value": value }))
                    .collect();
                json!({ "ResourceArn": arn, "Tags": tags })
            })
            .collect();
        Ok(json!({ "TagDescriptions": described }))
    }

    /// Keeps the `Tags` of a request that creates something.
    pub(super) fn tag_new(&mut self, arn: &str, input: &Value) -> Result<(), ApiError> {
        let tags = pairs(input, "Tags")?;
        if !tags.is_empty() {
            self.tags.insert(arn.into(), tags.into_iter().collect());
        }
        Ok(())
    }

    /// The `ResourceArns` of a request, if all of them exist.
    fn taggable(&self, input: &Value) -> Result<Vec<String>, ApiError> {
        let arns = texts(input, "ResourceArns");
        for arn in &arns {
            let (exists, absent) = if arn.contains(":loadbalancer/") {
                (
                    self.load_balancers.contains_key(arn),
                    load_balancers::absent(arn),
                )
            } else if arn.contains(":listener/") {
                (self.listeners.contains_key(arn), listeners::absent())
            } else if arn.contains(":listener-rule/") {
                (self.rules.contains_key(arn), rules::absent())
            } else {
                (
                    self.target_groups.contains_key(arn),
                    target_groups::absent(),
                )
            };
            if !exists {
                return Err(absent);
            }
        }
        Ok(arns)
    }
}
