//! The load balancer, and alarms: what says how the service does.

use crate::application::Application;
use crate::policy::Statement;
use crate::scope::Scope;

/// To see how the targets do, and where traffic goes. Elastic Load Balancing knows no ARN for what only
/// reads.
pub(in crate::policy) fn read_targets() -> Statement {
    Statement::anywhere(
        "ReadLoadBalancer",
        [
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
    )
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
