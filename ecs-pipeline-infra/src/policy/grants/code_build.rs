//! CodeBuild: what its service needs for a build, and what starts one.

use crate::policy::Statement;
use crate::scope::Scope;

/// A build's log.
pub(in crate::policy) fn build_logs(project: &str, scope: &Scope) -> Statement {
    let group = format!("log-group:/aws/codebuild/{project}");
    Statement::new(
        "WriteBuildLog",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [scope.arn("logs", &format!("{group}:log-stream:*"))],
    )
}

/// The reports of the build specification: CodeBuild names their groups PROJECT-NAME.
pub(in crate::policy) fn build_reports(project: &str, scope: &Scope) -> Statement {
    Statement::new(
        "WriteReports",
        [
            "codebuild:BatchPutTestCases",
            "codebuild:CreateReport",
            "codebuild:CreateReportGroup",
            "codebuild:UpdateReport",
        ],
        [scope.arn("codebuild", &format!("report-group/{project}-*"))],
    )
}

/// A build in a VPC has a network interface there, which CodeBuild makes and takes away with this role.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html#customer-managed-policies-example-create-vpc-network-interface>
pub(in crate::policy) fn build_in_vpc(scope: &Scope) -> Vec<Statement> {
    let all = |kind: &str| scope.arn("ec2", &format!("{kind}/*"));
    let look = Statement::anywhere(
        "ReadNetwork",
        [
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    );
    let make = Statement::new(
        "MakeNetworkInterfaces",
        ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
        [
            all("network-interface"),
            all("security-group"),
            all("subnet"),
        ],
    );
    let permission = Statement::new(
        "LendNetworkInterfaces",
        ["ec2:CreateNetworkInterfacePermission"],
        [all("network-interface")],
    );
    let to = ["codebuild.amazonaws.com".to_owned()];
    vec![
        look,
        make,
        permission.when("StringEquals", "ec2:AuthorizedService", to),
    ]
}

/// What the pipeline's build action does.
pub(in crate::policy) fn start_builds(project: &str, scope: &Scope) -> Statement {
    Statement::new(
        "StartBuilds",
        ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
        [scope.arn("codebuild", &format!("project/{project}"))],
    )
}
