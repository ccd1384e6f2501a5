//! Target groups, load balancers, listeners and rules.

use aws_sdk_elasticloadbalancingv2::operation::describe_target_groups::builders::DescribeTargetGroupsFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum};

use super::{Doctor, Read, each, fact};
use crate::doctor::{Fact, HealthCheck, Listener, LoadBalancer, Rule, TargetGroup};
use crate::error::ProviderError;

impl Doctor {
    pub(super) async fn target_group(self, arn: String) -> Read<TargetGroup> {
        let call = self.elbv2.describe_target_groups().target_group_arns(&arn);
        let read = self.described(call, arn).await?;
        Ok(read.map(|(_, group)| group))
    }

    /// CodeDeploy knows target groups by their names.
    pub(super) async fn target_group_named(self, name: String) -> Read<(String, TargetGroup)> {
        let call = self.elbv2.describe_target_groups().names(&name);
        self.described(call, name).await
    }

    async fn described(
        &self,
        call: DescribeTargetGroupsFluentBuilder,
        target: String,
    ) -> Read<(String, TargetGroup)> {
        const OPERATION: &str = "elasticloadbalancing:DescribeTargetGroups";
        let answer = call.send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, target, error)))?;
        let read = read.map(|answer| answer.target_groups.unwrap_or_default().into_iter().next());
        Ok(match read {
            Fact::Known(None) => Fact::Absent,
            read => read.map(|found| found.map(target_group).unwrap_or_default()),
        })
    }

    /// With its listeners and their rules.
    pub(super) async fn load_balancer(self, arn: String) -> Result<LoadBalancer, ProviderError> {
        let (state, listeners) = tokio::try_join!(self.state(&arn), self.listeners(&arn))?;
        Ok(LoadBalancer { state, listeners })
    }

    async fn state(&self, arn: &str) -> Read<String> {
        const OPERATION: &str = "elasticloadbalancing:DescribeLoadBalancers";
        let call = self.elbv2.describe_load_balancers().load_balancer_arns(arn);
        let answer = call.send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, arn, error)))?;
        Ok(read.map(|answer| {
            let state = answer
                .load_balancers()
                .first()
                .and_then(|one| one.state()?.code());
            state.map_or("active", |state| state.as_str()).to_owned()
        }))
    }

    async fn listeners(&self, balancer: &str) -> Read<Vec<Listener>> {
        const OPERATION: &str = "elasticloadbalancing:DescribeListeners";
        let call = self.elbv2.describe_listeners().load_balancer_arn(balancer);
        let answer = call.send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, balancer, error)))?;
        let mut listeners = read.map(|answer| {
            let found = answer.listeners.unwrap_or_default().into_iter();
            found.map(|found| listener(&found)).collect::<Vec<_>>()
        });
        if let Fact::Known(listeners) = &mut listeners {
            // A Network Load Balancer has no rules.
            let arns = listeners.iter().map(|one| one.arn.clone());
            let arns = arns.filter(|arn| arn.contains(":listener/app/"));
            let mut rules = each(arns.collect(), |arn| self.clone().rules(arn)).await?;
            for listener in listeners {
                let rules = rules.remove(&listener.arn);
                listener.rules = rules.unwrap_or(Fact::Known(Vec::new()));
            }
        }
        Ok(listeners)
    }

    async fn rules(self, listener: String) -> Read<Vec<Rule>> {
        const OPERATION: &str = "elasticloadbalancing:DescribeRules";
        /// The most that one answer holds.
        const PAGE: i32 = 400;
        let call = self.elbv2.describe_rules().listener_arn(&listener);
        let answer = call.page_size(PAGE).send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, listener, error)))?;
        Ok(read.map(|answer| {
            let rules = answer.rules().iter().map(|rule| Rule {
                arn: rule.rule_arn().unwrap_or_default().to_owned(),
                forwards: forwards(rule.actions()),
                others: others(rule.actions()),
            });
            rules.collect()
        }))
    }
}

fn target_group(
    found: aws_sdk_elasticloadbalancingv2::types::TargetGroup,
) -> (String, TargetGroup) {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let group = TargetGroup {
        name: found.target_group_name.unwrap_or_default(),
        target_type: found
            .target_type
            .map_or("instance".to_owned(), |one| one.as_str().to_owned()),
        protocol: found
            .protocol
            .map(|one| one.as_str().to_owned())
            .unwrap_or_default(),
        vpc: found.vpc_id,
        load_balancers: found.load_balancer_arns.unwrap_or_default(),
        health: HealthCheck {
            protocol: found
                .health_check_protocol
                .map(|one| one.as_str().to_owned())
                .unwrap_or_default(),
            port: found.health_check_port.unwrap_or_default(),
            path: found.health_check_path,
            matcher: found
                .matcher
                .and_then(|matcher| matcher.http_code.or(matcher.grpc_code)),
            interval: number(found.health_check_interval_seconds).unwrap_or(30),
            unhealthy_threshold: number(found.unhealthy_threshold_count).unwrap_or(2),
        },
    };
    (found.target_group_arn.unwrap_or_default(), group)
}

fn listener(found: &aws_sdk_elasticloadbalancingv2::types::Listener) -> Listener {
    Listener {
        arn: found.listener_arn().unwrap_or_default().to_owned(),
        port: found
            .port()
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or_default(),
        forwards: forwards(found.default_actions()),
        rules: Fact::Known(Vec::new()),
    }
}

/// The target groups that actions forward to, one or weighted.
fn forwards(actions: &[Action]) -> Vec<String> {
    let mut groups = Vec::new();
    for action in actions {
        groups.extend(action.target_group_arn().map(str::to_owned));
        let weighted = action
            .forward_config()
            .map(|forward| forward.target_groups());
        let weighted = weighted.unwrap_or_default().iter();
        groups.extend(weighted.filter_map(|one| one.target_group_arn().map(str::to_owned)));
    }
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn others(actions: &[Action]) -> Vec<String> {
    let kinds = actions.iter().filter_map(|action| action.r#type());
    let others = kinds.filter(|kind| **kind != ActionTypeEnum::Forward);
    others.map(|kind| kind.as_str().to_owned()).collect()
}
