//! Looks at the load balancer all the time.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use serde_json::{Value, json};

use super::tally::{Look, Tally};
use crate::cmd::rehearse::stage::{Crossing, Stage, call};

/// From one look to the next.
const INTERVAL: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(in crate::cmd::rehearse) struct Sampler<'a> {
    sandbox: &'a Sandbox,
    crossing: Option<&'a Crossing>,
    new_revision: String,
}

impl<'a> Sampler<'a> {
    pub(in crate::cmd::rehearse) fn new(sandbox: &'a Sandbox, stage: &'a Stage) -> Self {
        Self {
            sandbox,
            crossing: stage.crossing.as_ref(),
            new_revision: stage.new_revision(),
        }
    }

    /// Looks for as long as it is polled. Without weights there is nothing to see.
    pub(in crate::cmd::rehearse) async fn keep_looking(&self, tally: &mut Tally) -> Infallible {
        let Some(crossing) = self.crossing else {
            return pending().await;
        };
        loop {
            if let Some(look) = self.look(crossing) {
                tally.add(look);
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn look(&self, crossing: &Crossing) -> Option<Look> {
        let listener = json!({"ListenerArn": crossing.production.listener});
        let rules = call(self.sandbox, Service::Elbv2, "DescribeRules", listener).ok()?;
        let tenths = tenths(&rules, &crossing.green)?;
        let (mut new, mut all) = (0, 0);
        for (revision, counts) in self.sandbox.traffic().task_definitions {
            all += counts.requests;
            if revision == self.new_revision {
                new = counts.requests;
            }
        }
        Some(Look { tenths, new, all })
    }
}

/// A target group's share of the weights, in tenths of a percent, by a listener's first rule. The
/// default rule comes last.
fn tenths(rules: &Value, group: &str) -> Option<u64> {
    let rule = rules["Rules"].as_array()?.iter().min_by_key(|rule| {
        let priority = rule["Priority"].as_str();
        priority
            .and_then(|priority| priority.parse::<u32>().ok())
            .unwrap_or(u32::MAX)
    })?;
    let groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"].as_array()?;
    let weight = |group: &Value| group["Weight"].as_u64().unwrap_or(0);
    let all: u64 = groups.iter().map(weight).sum();
    let its = groups.iter().filter(|one| one["TargetGroupArn"] == group);
    (1000 * its.map(weight).sum::<u64>()).checked_div(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(priority: &str, weights: &[(&str, u64)]) -> Value {
        let groups = weights
            .iter()
            .map(|(group, weight)| json!({"TargetGroupArn": group, "Weight": weight}));
        let groups: Vec<Value> = groups.collect();
        json!({"Priority": priority, "Actions": [{"ForwardConfig": {"TargetGroups": groups}}]})
    }

    #[test]
    fn the_share_is_that_of_the_rule_that_gets_the_requests() {
        let alone = rule("default", &[("blue", 1)]);
        for (rules, expected) in [
            (vec![alone.clone()], Some(0)),
            (
                vec![rule("default", &[("blue", 90), ("green", 10)])],
                Some(100),
            ),
            (
                vec![alone.clone(), rule("1", &[("blue", 0), ("green", 100)])],
                Some(1000),
            ),
            (
                vec![rule("1", &[("blue", 999), ("green", 1)]), alone],
                Some(1),
            ),
            (vec![rule("1", &[("blue", 0), ("green", 0)])], None),
            (vec![], None),
        ] {
            assert_eq!(
                tenths(&json!({"Rules": rules}), "green"),
                expected,
                "{rules:?}"
            );
        }
    }
}
