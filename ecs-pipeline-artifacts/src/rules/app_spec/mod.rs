//! Rules for AppSpecs: what CodeDeploy's user guide says of those for ECS.
//!
//! CodeDeploy's refusal names no place: "The deployment failed because the AppSpec file that specifies the
//! deployment configuration is missing or has an invalid configuration. The input AppSpec file is a not
//! well-formed yaml. The template cannot be parsed." (aws/aws-cli#6267).

use super::members::{Missing, Shape};
use super::{Change, Check, Findings, Rule};
use crate::finding::Severity;
use crate::source::{Member, Node, Value};

mod assign_public_ip;
mod capacity_provider;
mod container_name;
mod container_port;
mod deployment_input;
mod duplicate_hook;
mod file_name;
mod for_ec2;
mod for_lambda;
mod hook_event;
mod hook_function;
mod hooks_list;
mod member_kind;
mod network;
mod quoted_port;
mod required_member;
mod resource_type;
mod resources;
mod task_definition;
mod unknown_member;
mod version;

pub(crate) use assign_public_ip::assigns_public_ip;
pub(crate) use container_port::port_number;
pub(crate) use member_kind::RULE as MEMBER_KIND;

pub(super) const RULES: &[&Rule] = &[
    &for_ec2::RULE,
    &for_lambda::RULE,
    &deployment_input::RULE,
    &version::RULE,
    &resources::RULE,
    &resource_type::RULE,
    &required_member::RULE,
    &member_kind::RULE,
    &unknown_member::RULE,
    &task_definition::RULE,
    &container_name::RULE,
    &container_port::RULE,
    &quoted_port::RULE,
    &network::RULE,
    &assign_public_ip::RULE,
    &capacity_provider::RULE,
    &hooks_list::RULE,
    &hook_event::RULE,
    &hook_function::RULE,
    &duplicate_hook::RULE,
    &file_name::RULE,
];

const RESOURCES_PAGE: &str = "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html";
const HOOKS_PAGE: &str = "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html";
const STRUCTURE_PAGE: &str =
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html";

/// What CodeDeploy says whatever is wrong with the form.
const REFUSED: &str = "CodeDeploy refuses the file with `The deployment failed because the AppSpec file that \
                       specifies the deployment configuration is missing or has an invalid configuration`, \
                       and names no place.";

/// What an AppSpec is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An ECS service; also what nothing else can be made of.
    Ecs,
    /// EC2 instances or machines on premises.
    Ec2,
    Lambda,
    /// No AppSpec, but the input of `create-deployment` with one in it.
    DeploymentInput,
}

/// The members of an AppSpec for EC2 and on-premises machines that one for ECS does not have.
const EC2_MEMBERS: [&str; 4] = ["os", "files", "permissions", "file_exists_behavior"];
/// The members of the input of `create-deployment`, and of a revision.
const DEPLOYMENT_MEMBERS: [&str; 5] = [
    "applicationName",
    "deploymentGroupName",
    "revision",
    "revisionType",
    "appSpecContent",
];

fn form(root: &Node<'_>) -> Form {
    let has_any = |names: &[&str]| {
        let mut members = root.members().iter();
        members.any(|member| names.contains(&member.name.as_ref()))
    };
    if resources(root).any(|resource| is_lambda(&resource.node)) {
        Form::Lambda
    } else if root.get_any_case("Resources").is_some() {
        Form::Ecs
    } else if has_any(&EC2_MEMBERS) {
        Form::Ec2
    } else if has_any(&DEPLOYMENT_MEMBERS) {
        Form::DeploymentInput
    } else {
        Form::Ecs
    }
}

fn is_lambda(resource: &Node<'_>) -> bool {
    let kind = present(resource, "Type").and_then(Node::as_str);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("AWS::Lambda::Function"))
}

/// A member by its name in any case, unless it is null.
pub(crate) fn present<'n, 't>(object: &'n Node<'t>, name: &str) -> Option<&'n Node<'t>> {
    object.get_any_case(name).filter(|node| !node.is_null())
}

/// What `Resources` names: a list of objects of one member each. Where it is an object, its members.
fn resources<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Member<'t>> {
    root.get_any_case("Resources").into_iter().flat_map(named)
}

fn named<'n, 't>(node: &'n Node<'t>) -> impl Iterator<Item = &'n Member<'t>> {
    let items = node.items().iter().flat_map(Node::members);
    items.chain(node.members())
}

/// The services of an AppSpec for ECS by their logical names; none of any other.
pub(crate) fn services<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Member<'t>> {
    let root = Some(root).filter(|root| form(root) == Form::Ecs);
    root.into_iter().flat_map(resources)
}

/// The `Properties` of every service.
fn properties<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Node<'t>> {
    services(root).filter_map(|service| present(&service.node, "Properties"))
}

/// The `LoadBalancerInfo` of every service.
pub(crate) fn load_balancers<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Node<'t>> {
    properties(root).filter_map(|properties| present(properties, "LoadBalancerInfo"))
}

/// The `AwsvpcConfiguration` of every service that has one.
fn networks<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Node<'t>> {
    properties(root)
        .filter_map(|properties| present(properties, "NetworkConfiguration"))
        .filter_map(|network| present(network, "AwsvpcConfiguration"))
}

/// The items of every service's `CapacityProviderStrategy`.
fn strategies<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n [Node<'t>]> {
    let strategies =
        properties(root).filter_map(|properties| present(properties, "CapacityProviderStrategy"));
    strategies.map(Node::items)
}

/// The hooks of an AppSpec for ECS, in file order.
pub(crate) fn hooks<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Member<'t>> {
    let root = Some(root).filter(|root| form(root) == Form::Ecs);
    root.and_then(|root| root.get_any_case("Hooks"))
        .into_iter()
        .flat_map(named)
}

const ROOT: Shape = Shape {
    required: &[],
    optional: &["version", "Resources", "Hooks"],
    any_case: true,
};
const SERVICE: Shape = Shape {
    required: &["Properties"],
    optional: &["Type"],
    any_case: true,
};
const PROPERTIES: Shape = Shape {
    required: &["TaskDefinition", "LoadBalancerInfo"],
    optional: &[
        "PlatformVersion",
        "NetworkConfiguration",
        "CapacityProviderStrategy",
    ],
    any_case: true,
};
const LOAD_BALANCER: Shape = Shape {
    required: &["ContainerName", "ContainerPort"],
    optional: &[],
    any_case: true,
};
const NETWORK: Shape = Shape {
    required: &[],
    optional: &["AwsvpcConfiguration"],
    any_case: true,
};
const AWSVPC: Shape = Shape {
    required: &[],
    optional: &["Subnets", "SecurityGroups", "AssignPublicIp"],
    any_case: true,
};
const CAPACITY_PROVIDER: Shape = Shape {
    required: &["CapacityProvider"],
    optional: &["Base", "Weight"],
    any_case: true,
};

/// Every object of an AppSpec for ECS that is an object, with the members that it may have.
fn objects<'n, 't>(root: &'n Node<'t>, mut each: impl FnMut(&'n Node<'t>, &'static Shape)) {
    if form(root) != Form::Ecs {
        return;
    }
    let mut visit = |node: &'n Node<'t>, shape| {
        if matches!(node.value, Value::Object(_)) {
            each(node, shape);
        }
    };
    visit(root, &ROOT);
    for service in resources(root) {
        visit(&service.node, &SERVICE);
        let Some(properties) = present(&service.node, "Properties") else {
            continue;
        };
        visit(properties, &PROPERTIES);
        if let Some(load_balancer) = present(properties, "LoadBalancerInfo") {
            visit(load_balancer, &LOAD_BALANCER);
        }
        if let Some(network) = present(properties, "NetworkConfiguration") {
            visit(network, &NETWORK);
            if let Some(awsvpc) = present(network, "AwsvpcConfiguration") {
                visit(awsvpc, &AWSVPC);
            }
        }
        let strategy = present(properties, "CapacityProviderStrategy");
        for item in strategy.map(Node::items).unwrap_or_default() {
            visit(item, &CAPACITY_PROVIDER);
        }
    }
}

/// An AppSpec without a fault, and one with a piece of it replaced, for the tests of the rules.
#[cfg(test)]
mod tests {
    pub(super) const GOOD: &str = r#"version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 80
        PlatformVersion: LATEST
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: [subnet-1]
            SecurityGroups: [sg-1]
            AssignPublicIp: ENABLED
        CapacityProviderStrategy:
          - Base: 1
            CapacityProvider: FARGATE
            Weight: 1
          - CapacityProvider: FARGATE_SPOT
            Weight: 4
Hooks:
  - BeforeInstall: check
  - AfterAllowTraffic: "arn:aws:lambda:eu-west-1:123456789012:function:check"
"#;

    pub(super) fn with(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replace(from, to)
    }

    /// The path of the service's properties.
    pub(super) const AT_PROPERTIES: &str = "Resources[0].TargetService.Properties";

    /// The path of a member below them.
    pub(super) fn at(rest: &str) -> String {
        format!("{AT_PROPERTIES}.{rest}")
    }

    /// As [`table`](crate::rules::tests::table), and nothing is found in [`GOOD`].
    pub(super) fn texts(rule: &crate::rules::Rule, cases: &[(&str, &[&str])]) {
        for cases in [&[(GOOD, &[][..])], cases] {
            crate::rules::tests::table(rule, "appspec.yaml", cases);
        }
    }

    /// The text has a finding of the rule, and of no other.
    pub(super) fn only(rule: &crate::rules::Rule, text: &str) {
        use crate::validate::{Options, SourceFile, validate};
        let report = validate(&[SourceFile::new("appspec.yml", text)], &Options::default());
        let rules: Vec<_> = report.findings.iter().map(|found| found.rule.id).collect();
        assert_eq!(rules, [rule.id]);
    }

    /// As [`texts`], with pieces of [`GOOD`] and what stands in their place.
    pub(super) fn table(rule: &crate::rules::Rule, cases: &[(&str, &str, &[&str])]) {
        let edited = cases.iter();
        let edited: Vec<_> = edited
            .map(|(from, to, expected)| (with(from, to), *expected))
            .collect();
        let edited = edited.iter();
        let edited: Vec<_> = edited
            .map(|(text, expected)| (&**text, *expected))
            .collect();
        texts(rule, &edited);
    }

    #[test]
    fn a_good_one_has_no_findings_in_any_case_of_its_names() {
        use crate::validate::{Options, SourceFile, validate};
        let lower = GOOD
            .lines()
            .map(|line| match line.split_once(": ") {
                Some((name, value)) => format!("{}: {value}\n", name.to_lowercase()),
                None => format!("{}\n", line.to_lowercase()),
            })
            .collect::<String>();
        for text in [GOOD, &lower] {
            let report = validate(
                &[SourceFile::new("appspec.yaml", text)],
                &Options::default(),
            );
            let found: Vec<_> = report.findings.iter().map(|found| &found.message).collect();
            assert_eq!(found, [""; 0], "{text}");
        }
    }
}
