//! Shifting traffic: a deployment sets the weights of a route that a client made.
//!
//! A route is a rule, by its ARN, or a listener's default rule, by the listener's ARN.

use super::Elbv2;
use super::rules::{Action, Rule};

impl Elbv2 {
    /// Makes a route forward to these target groups with these weights. One with weight 0 gets
    /// no requests, and its targets' health is checked all the same.
    ///
    /// # Errors
    ///
    /// Says what is not there: the route, or a target group.
    pub(in crate::world) fn shift(
        &mut self,
        route: &str,
        weights: &[(String, u32)],
    ) -> Result<(), String> {
        if let Some((absent, _)) = weights.iter().find(|(arn, _)| !self.has_target_group(arn)) {
            return Err(format!("The target group {absent} does not exist."));
        }
        let rule = self
            .rules
            .values_mut()
            .find(|rule| rule.is_route(route))
            .ok_or_else(|| format!("The listener or rule {route} does not exist."))?;
        rule.action = Action::Forward(weights.to_vec());
        Ok(())
    }

    /// The target groups that a route forwards to, with their weights; none where it forwards
    /// nothing or does not exist.
    pub(in crate::world) fn weights(&self, route: &str) -> Vec<(String, u32)> {
        let rule = self.rules.values().find(|rule| rule.is_route(route));
        match rule.map(|rule| &rule.action) {
            Some(Action::Forward(groups)) => groups.clone(),
            Some(Action::Answer { .. }) | None => Vec::new(),
        }
    }
}

impl Elbv2 {
    /// The listener whose default rule this is.
    pub(in crate::world) fn listener_of_default_rule(&self, rule: &str) -> Option<String> {
        let rule = self.rules.get(rule).filter(|rule| rule.is_default())?;
        Some(rule.listener.clone())
    }

    /// The rules of a route that forward to one of these target groups: all such rules of a
    /// listener, or the one rule that the route is.
    pub(in crate::world) fn rules_to(&self, route: &str, groups: &[&str]) -> Vec<String> {
        let forwards = |rule: &&Rule| groups.iter().any(|group| rule.forwards_to(group));
        self.rules
            .values()
            .filter(|rule| rule.arn == route || rule.listener == route)
            .filter(forwards)
            .map(|rule| rule.arn.clone())
            .collect()
    }
}

impl Rule {
    fn is_route(&self, route: &str) -> bool {
        self.arn == route || (self.is_default() && self.listener == route)
    }
}
