//! The load balancer, and alarms: what says how the service does.

use crate::application::{Application, Strategy};
use crate::policy::Statement;
use crate::scope::Scope;

/// To see how the targets do, and where a gate's requests go. Elastic Load Balancing knows no ARN for what
/// only reads.
pub(in crate::policy) fn read_targets(application: &Application) -> Statement {
    let mut actions = vec![
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ];
    if !matches!(application.strategy, Strategy::Codedeploy { .. }) {
        actions.push("elasticloadbalancing:DescribeTargetGroupAttributes");
    }
    if application.finds_address {
        actions.extend([
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
        ]);
    }
    Statement::anywhere("ReadLoadBalancer", actions)
}

/// To read alarms, where some are.
pub(in crate::policy) fn alarms(application: &Application, scope: &Scope) -> Vec<Statement> {
    if application.alarm_gates.is_empty() {
        return Vec::new();
    }
    let names = application.alarm_gates.iter();
    let alarms = names.map(|name| scope.arn("cloudwatch", &format!("alarm:{name}")));
    vec![Statement::new(
        "ReadAlarms",
        ["cloudwatch:DescribeAlarms"],
        alarms,
    )]
}
