//! Whose everything is.

use serde_json::Value;

use crate::support::document::{Document, Resource};

/// Types that take no tags, by CloudFormation's resource schemas; and listener rules, which a change of tags
/// would send again, with the weights that they had at first.
const WITHOUT_TAGS: [&str; 21] = [
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::AutoScaling::LifecycleHook",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::KMS::Alias",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SNS::TopicPolicy",
];

/// `application`, and what the user wants beside it.
pub(crate) fn are_everywhere(document: &Document) -> Vec<String> {
    let takes = document.resources();
    let takes = takes.filter(|resource| !WITHOUT_TAGS.contains(&resource.kind()));
    let lacking = takes.filter(|resource| !has_tag(resource, "application"));
    let mut found: Vec<_> = lacking
        .map(|resource| format!("{} ({})", resource.name, resource.kind()))
        .collect();
    for group in document.of_kind("AWS::AutoScaling::AutoScalingGroup") {
        let kept = group
            .list("/Tags")
            .find(|tag| tag["PropagateAtLaunch"] != true);
        found.extend(kept.map(|tag| format!("{}: {} stays behind", group.name, tag["Key"])));
    }
    found
}

/// In one of the forms that there are: a list, a map, or a launch template's specifications.
fn has_tag(resource: &Resource<'_>, key: &str) -> bool {
    let is_key = |tag: &Value| tag["Key"] == key;
    let tags = resource.property("/Tags");
    let specifications = || {
        let mut all = resource.list("/TagSpecifications/0/Tags");
        all.any(is_key)
    };
    match tags {
        Value::Array(tags) => tags.iter().any(is_key),
        Value::Object(tags) => tags.contains_key(key),
        _ => specifications(),
    }
}
