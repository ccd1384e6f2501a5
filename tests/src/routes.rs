//! Two target groups, and listeners that production and test traffic come in by.

use crate::sandboxed::{Sandboxed, free_port};

/// What a service stands on whose deployments shift traffic.
#[derive(Debug)]
pub struct Routes {
    /// The ARNs of both target groups, blue first.
    pub groups: [String; 2],
    /// The ARNs of both listeners, production first.
    pub listeners: [String; 2],
    /// The ARNs of their rules for every path.
    pub rules: [String; 2],
}

impl Routes {
    /// Creates a load balancer, target groups `web-blue` and `web-green`, and both listeners.
    pub async fn create(sandboxed: &Sandboxed) -> Self {
        let balancer = "Action=CreateLoadBalancer&Name=web&Subnets.member.1=subnet-1\
                        &Subnets.member.2=subnet-2";
        let balancer = sandboxed.elb(balancer, "LoadBalancerArn").await;
        let blue = group(sandboxed, "web-blue").await;
        let green = group(sandboxed, "web-green").await;
        let (production, its_rule) = listener(sandboxed, &balancer, &blue).await;
        let (test, test_rule) = listener(sandboxed, &balancer, &blue).await;
        Self {
            groups: [blue, green],
            listeners: [production, test],
            rules: [its_rule, test_rule],
        }
    }
}

async fn group(sandboxed: &Sandboxed, name: &str) -> String {
    let form = format!(
        "Action=CreateTargetGroup&Name={name}&Protocol=HTTP&Port=80&VpcId=vpc-1&TargetType=ip\
         &HealthCheckPath=/health&HealthCheckIntervalSeconds=10&HealthCheckTimeoutSeconds=9\
         &HealthyThresholdCount=2&UnhealthyThresholdCount=4"
    );
    sandboxed.elb(&form, "TargetGroupArn").await
}

async fn listener(sandboxed: &Sandboxed, balancer: &str, group: &str) -> (String, String) {
    let form = format!(
        "Action=CreateListener&LoadBalancerArn={balancer}&Protocol=HTTP&Port={}\
         &DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={group}",
        free_port(),
    );
    let listener = sandboxed.elb(&form, "ListenerArn").await;
    let form = format!(
        "Action=CreateRule&ListenerArn={listener}&Priority=1\
         &Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/*\
         &Actions.member.1.Type=forward&Actions.member.1.TargetGroupArn={group}"
    );
    let rule = sandboxed.elb(&form, "RuleArn").await;
    (listener, rule)
}
