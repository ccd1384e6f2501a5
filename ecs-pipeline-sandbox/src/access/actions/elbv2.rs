//! Elastic Load Balancing v2.

use crate::access::Request;

use super::Asked;

const SERVICE: &str = "elasticloadbalancing";

pub(super) fn needed(asked: &Asked<'_>) -> Vec<Request> {
    let on = |member: &str| vec![asked.own(SERVICE, asked.named(member))];
    match asked.operation {
        operation if operation.starts_with("Describe") => vec![asked.own(SERVICE, "*")],
        "CreateLoadBalancer" => {
            let kind = match asked.text("Type") {
                Some("network") => "net",
                Some("gateway") => "gwy",
                _ => "app",
            };
            let name = format!("loadbalancer/{kind}/{}/*", asked.named("Name"));
            let arn = asked.arn(SERVICE, &name);
            created(asked, arn.clone(), arn)
        }
        "CreateTargetGroup" => {
            let name = format!("targetgroup/{}/*", asked.named("Name"));
            let arn = asked.arn(SERVICE, &name);
            created(asked, arn.clone(), arn)
        }
        "CreateListener" => {
            let balancer = asked.named("LoadBalancerArn");
            created(
                asked,
                balancer.into(),
                below(balancer, "loadbalancer", "listener"),
            )
        }
        "CreateRule" => {
            let listener = asked.named("ListenerArn");
            created(
                asked,
                listener.into(),
                below(listener, "listener", "listener-rule"),
            )
        }
        "DeleteLoadBalancer" | "ModifyLoadBalancerAttributes" => on("LoadBalancerArn"),
        "ModifyListener" | "DeleteListener" => on("ListenerArn"),
        "ModifyRule" | "DeleteRule" => on("RuleArn"),
        "ModifyTargetGroup"
        | "DeleteTargetGroup"
        | "ModifyTargetGroupAttributes"
        | "RegisterTargets"
        | "DeregisterTargets" => on("TargetGroupArn"),
        "AddTags" | "RemoveTags" => {
            let arns = asked.texts("ResourceArns").map(str::to_owned);
            vec![asked.own_on_all(SERVICE, arns.collect())]
        }
        _ => Vec::new(),
    }
}

/// The ARN of what is made below another resource, whose id nobody knows yet.
fn below(arn: &str, kind: &str, made: &str) -> String {
    let arn = arn.replacen(&format!(":{kind}/"), &format!(":{made}/"), 1);
    format!("{arn}/*")
}

/// The operation's own action, and that of tagging what is made where it gets tags.
fn created(asked: &Asked<'_>, on: String, made: String) -> Vec<Request> {
    let tags = ["Tags", "Key", "Value"];
    let mut needed = vec![asked.with_tags(asked.own(SERVICE, on), tags)];
    if !asked.list("Tags").is_empty() {
        let tagging = Request::new(format!("{SERVICE}:AddTags"), made);
        let action = format!("{SERVICE}:CreateAction");
        needed.push(asked.with_tags(tagging, tags).with(action, asked.operation));
    }
    needed
}
