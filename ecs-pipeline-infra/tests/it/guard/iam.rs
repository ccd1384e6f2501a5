//! Who may do what.

use serde_json::{Map, Value};

use crate::support::document::{Document, each_object, text};

/// Actions for which the Service Authorization Reference has no type of resource: `*` is all that can be
/// written. (Where it has one, be it among others, it can be named.)
const WITHOUT_ARN: [&str; 28] = [
    // A token for every repository that the caller may use.
    "ecr:GetAuthorizationToken",
    // CodeDeploy's have none, or AWS looks for `*` all the same.
    "codedeploy:BatchGetDeploymentTargets",
    "codedeploy:ContinueDeployment",
    "codedeploy:ListDeploymentTargets",
    "codedeploy:StopDeployment",
    "ecs:ListTasks",
    "ecs:RegisterTaskDefinition",
    "ecs:DescribeTaskDefinition",
    "ecs:DeregisterTaskDefinition",
    "ecs:ListTaskDefinitions",
    "ecs:DiscoverPollEndpoint",
    // ELB: everything that describes.
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    // EC2: everything that describes, for CodeBuild in a VPC.
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "logs:DescribeLogGroups",
    "sts:GetCallerIdentity",
    // Session Manager's channels, of ECS Exec and of instances.
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];

/// No statement allows an action by wildcard, or with every resource where one can be named.
pub(crate) fn statements_are_narrow(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for resource in document.resources() {
        // A key's own policy can only say of the key that it is in: `*`.
        let is_key = resource.kind() == "AWS::KMS::Key";
        each_object(resource.property(""), &mut |members| {
            if members
                .get("Effect")
                .is_some_and(|effect| effect == "Allow")
            {
                let broad = broadness(members, is_key).into_iter();
                found.extend(broad.map(|what| format!("{}: {what}", resource.name)));
            }
        });
    }
    found
}

fn broadness(statement: &Map<String, Value>, is_key: bool) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["NotAction", "NotResource", "NotPrincipal"] {
        if statement.contains_key(key) {
            found.push(format!("{key} allows what nobody thought of"));
        }
    }
    let actions = items(statement.get("Action"));
    // A key's policy hands the key over to IAM, as KMS's own default does: to the account, with everything.
    let is_handed_over = is_key && is_account(statement.get("Principal"));
    let wild = actions
        .iter()
        .filter(|action| action.contains('*') && !is_handed_over);
    found.extend(wild.map(|action| format!("Action {action}")));
    let everything = items(statement.get("Resource"));
    let everything = everything.iter().find(|it| is_everything(it));
    if let Some(resource) = everything.filter(|_| !is_key) {
        let could = actions.iter().filter(|it| !WITHOUT_ARN.contains(&&***it));
        found.extend(could.map(|action| format!("{action} on {resource}")));
    }
    found
}

/// The account that the template is deployed in.
fn is_account(principal: Option<&Value>) -> bool {
    let account = principal.and_then(|it| it.get("AWS"));
    items(account) == ["arn:${AWS::Partition}:iam::${AWS::AccountId}:root"]
}

/// `*`, or an ARN that says nothing of a resource: `arn:aws:s3:::*`.
fn is_everything(resource: &str) -> bool {
    // The colons of a pseudo parameter are not the ARN's.
    let resource = resource.replace("${AWS::", "${");
    resource == "*" || resource.splitn(6, ':').nth(5) == Some("*")
}

/// A list or a single value, as texts; of `!Sub` the text in it.
fn items(value: Option<&Value>) -> Vec<String> {
    let one = |value: &Value| match value.get("Fn::Sub") {
        Some(Value::Array(parts)) => parts.first().map(text).unwrap_or_default(),
        Some(sub) => text(sub),
        None => text(value),
    };
    match value {
        Some(Value::Array(items)) => items.iter().map(one).collect(),
        Some(value) => vec![one(value)],
        None => Vec::new(),
    }
}

/// Nobody is anybody: neither in a trust policy, nor in a policy of a bucket or a topic.
pub(crate) fn trust_is_narrow(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    // The policy of an endpoint speaks of those inside the VPC.
    let resources = document.resources();
    let resources = resources.filter(|it| it.kind() != "AWS::EC2::VPCEndpoint");
    for resource in resources {
        each_object(resource.property(""), &mut |statement| {
            let allows = statement
                .get("Effect")
                .is_some_and(|effect| effect == "Allow");
            let principal = statement.get("Principal");
            let aws = principal.and_then(|it| it.get("AWS"));
            let anybody = items(principal)
                .into_iter()
                .chain(items(aws))
                .any(|it| it == "*");
            if allows && anybody {
                found.push(format!("{} trusts anybody", resource.name));
            }
        });
    }
    found
}
