//! Application Load Balancers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::world::{ApiError, Time};

use super::attributes::load_balancer_defaults;
use super::input::{invalid, list, required, text, texts};
use super::{Elbv2, Surroundings};

/// An Application Load Balancer.
#[derive(Debug)]
pub(super) struct LoadBalancer {
    pub(super) arn: String,
    /// The part of its ARN that its listeners' ARNs share: `app/NAME/ID`.
    pub(super) path: String,
    name: String,
    scheme: String,
    subnets: Vec<String>,
    security_groups: Vec<String>,
    created: Time,
    pub(super) attributes: BTreeMap<String, String>,
}

/// AWS's rule for names of load balancers and target groups.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), ApiError> {
    if name.len() > 32 {
        return Err(invalid(format!(
            "{what} name '{name}' cannot be longer than '32' characters"
        )));
    }
    if name.is_empty()
        || !name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    {
        return Err(invalid(format!(
            "{what} name '{name}' can only contain characters that are alphanumeric characters \
             and hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!(
            "{what} name '{name}' cannot begin or end with a hyphen(-)"
        )));
    }
    Ok(())
}

fn subnets_of(input: &Value) -> Result<Vec<String>, ApiError> {
    let mut subnets = texts(input, "Subnets");
    subnets.extend(
        list(input, "SubnetMappings")
            .iter()
            .filter_map(|mapping| text(mapping, "SubnetId")),
    );
    if subnets.iter().collect::<BTreeSet<_>>().len() < 2 {
        return Err(invalid(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    Ok(subnets)
}

impl Elbv2 {
    pub(super) fn create_load_balancer(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let name = required(input, "Name")?;
        check_name("Load balancer", &name)?;
        if name.starts_with("internal-") {
            return Err(invalid(format!(
                "Load balancer name '{name}' cannot begin with 'internal-'"
            )));
        }
        if let Some(kind) = text(input, "Type").filter(|kind| kind != "application") {
            return Err(ApiError::not_implemented(
                "ELBv2",
                &format!("load balancers of type {kind}"),
            ));
        }
        let subnets = subnets_of(input)?;
        let security_groups = texts(input, "SecurityGroups");
        let scheme = text(input, "Scheme").unwrap_or_else(|| "internet-facing".into());
        if let Some(same) = self.load_balancers.values().find(|lb| lb.name == name) {
            let equal = same.subnets == subnets
                && same.scheme == scheme
                && same.security_groups == security_groups;
            return if equal {
                Ok(json!({ "LoadBalancers": [described(same, around.arns.place())] }))
            } else {
                Err(ApiError::client(
                    "DuplicateLoadBalancerName",
                    format!(
                        "A load balancer with the same name '{name}' exists, but with different \
                         settings"
                    ),
                ))
            };
        }
        let path = format!("app/{name}/{}", around.ids.hex16());
        let lb = LoadBalancer {
            arn: around.arns.elbv2(&format!("loadbalancer/{path}")),
            path,
            name,
            scheme,
            subnets,
            security_groups,
            created: around.now,
            attributes: load_balancer_defaults(),
        };
        self.tag_new(&lb.arn, input)?;
        let answer = json!({ "LoadBalancers": [described(&lb, around.arns.place())] });
        self.load_balancers.insert(lb.arn.clone(), lb);
        Ok(answer)
    }

    pub(super) fn describe_load_balancers(
        &self,
        input: &Value,
        around: &Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let arns = texts(input, "LoadBalancerArns");
        let names = texts(input, "Names");
        if let Some(missing) = arns
            .iter()
            .find(|arn| !self.load_balancers.contains_key(*arn))
        {
            return Err(absent(missing));
        }
        let found: Vec<&LoadBalancer> = self
            .load_balancers
            .values()
            .filter(|lb| arns.is_empty() || arns.contains(&lb.arn))
            .filter(|lb| names.is_empty() || names.contains(&lb.name))
            .collect();
        if let Some(missing) = names
            .iter()
            .find(|name| !found.iter().any(|lb| lb.name == **name))
        {
            return Err(absent(missing));
        }
        let found: Vec<Value> = found
            .into_iter()
            .map(|lb| described(lb, around.arns.place()))
            .collect();
        Ok(json!({ "LoadBalancers": found }))
    }

    pub(super) fn delete_load_balancer(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let arn = required(input, "LoadBalancerArn")?;
        // AWS answers with success when there is nothing to delete.
        let Some(lb) = self.load_balancers.get(&arn) else {
            return Ok(json!({}));
        };
        if lb
            .attributes
            .get("deletion_protection.enabled")
            .is_some_and(|enabled| enabled == "true")
        {
            return Err(ApiError::client(
                "OperationNotPermitted",
                format!(
                    "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
                ),
            ));
        }
        self.load_balancers.remove(&arn);
        self.tags.remove(&arn);
        let listeners: Vec<String> = self
            .listeners
            .values()
            .filter(|listener| listener.load_balancer == arn)
            .map(|listener| listener.arn.clone())
            .collect();
        for listener in listeners {
            self.remove_listener(&listener, around.effects);
        }
        Ok(json!({}))
    }

    /// The load balancer that a request names by `LoadBalancerArn`.
    pub(super) fn load_balancer_mut(
        &mut self,
        input: &Value,
    ) -> Result<&mut LoadBalancer, ApiError> {
        let arn = required(input, "LoadBalancerArn")?;
        self.load_balancers
            .get_mut(&arn)
            .ok_or_else(|| absent(&arn))
    }

    /// The load balancers whose listeners forward to this target group.
    pub(super) fn load_balancers_of(&self, target_group: &str) -> BTreeSet<String> {
        self.rules
            .values()
            .filter(|rule| rule.forwards_to(target_group))
            .filter_map(|rule| self.listeners.get(&rule.listener))
            .map(|listener| listener.load_balancer.clone())
            .collect()
    }
}

pub(super) fn absent(named: &str) -> ApiError {
    ApiError::client(
        "LoadBalancerNotFound",
        format!("Load balancers '[{named}]' not found"),
    )
}

fn described(lb: &LoadBalancer, place: &crate::world::Place) -> Value {
    // The world has no VPCs: every subnet counts as one in a zone of its own.
    let zones: Vec<Value> = lb
        .subnets
        .iter()
        .zip('a'..='z')
        .map(|(subnet, letter)| {
            json!({
                "ZoneName": format!("{}{letter}", place.region),
                "SubnetId": subnet,
                "LoadBalancerAddresses": [],
            })
        })
        .collect();
    json!({
        "LoadBalancerArn": lb.arn,
        "DNSName": "127.0.0.1",
        "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
        "CreatedTime": lb.created.epoch_seconds(),
        "LoadBalancerName": lb.name,
        "Scheme": lb.scheme,
        "VpcId": "vpc-sandbox",
        "State": { "Code": "active" },
        "Type": "application",
        "AvailabilityZones": zones,
        "SecurityGroups": lb.security_groups,
        "IpAddressType": "ipv4",
    })
}
