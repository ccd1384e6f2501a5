//! Stacks on moto: what the printed commands create, that they change nothing the second time, and that
//! nothing stays behind but what is to be kept.
//!
//! moto is not AWS: it checks few properties, and makes some of the types only. What is missing is in
//! [`LACKING`], and what its CloudFormation has to be taught in `server.py`.

mod account;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use ecs_pipeline_infra::stack::Stack;

use self::account::Account;
use self::server::Moto;
use crate::support::combination::{ALL, Choice, make};
use crate::support::document::Document;

/// Types of resources that moto does not make: something with a name stands in for each, so that their
/// properties are computed, and whatever is imported for them has to be there.
const LACKING: &[&str] = &[
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeBuild::Project",
    "AWS::CodeConnections::Connection",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodeStarNotifications::NotificationRule",
    "AWS::ECS::CapacityProvider",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::IAM::OIDCProvider",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
];

/// The day moto learns one of them, this says so.
#[test]
fn what_moto_lacks_is_known() {
    let Some(known) = server::types() else { return };
    let combinations = ALL.iter().flat_map(|combination| &combination.stacks);
    let templates: BTreeMap<_, _> = combinations
        .map(|stack| (stack.template.as_str(), stack))
        .collect();
    let documents = templates.into_values().map(document);
    let used: BTreeSet<_> = documents
        .flat_map(|document| {
            let kinds = document.resources().map(|it| it.kind().to_owned());
            kinds.collect::<Vec<_>>()
        })
        .collect();
    let lacking: Vec<_> = used.difference(&known).collect();
    assert_eq!(lacking, LACKING);
}

#[test]
fn a_rolling_service_with_its_pipeline() {
    lives_and_goes(&[
        ("strategy", r"rolling"),
        ("pipeline", r#"{"repository": "octo-org/hello-web"}"#),
        ("jenkins", "{}"),
    ]);
}

#[test]
fn a_service_of_codedeploy_without_nat() {
    lives_and_goes(&[
        ("strategy", "codedeploy"),
        ("network.nat", r#""none""#),
        (
            "pipeline",
            r#"{"repository": "octo-org/hello-web", "deploy": "codedeploy-to-ecs", "email": "web@example.com"}"#,
        ),
        (
            "jenkins",
            r#"{"trust": "oidc", "issuer": "https://jenkins.example.com/oidc", "subject": "https://jenkins.example.com/job/web/"}"#,
        ),
    ]);
}

#[test]
fn a_shifting_service_on_instances_in_three_zones() {
    lives_and_goes(&[
        ("strategy", "canary"),
        ("task", "ec2-bridge"),
        ("cluster.capacity", r#""ec2""#),
        ("network.nat", r#""per-zone""#),
        ("network.zones", "3"),
        (
            "jenkins",
            r#"{"trust": "role", "role": "arn:aws:iam::123456789012:role/agent"}"#,
        ),
    ]);
}

fn document(stack: &Stack) -> Document {
    Document::parse(&stack.name, &stack.template_file(), &stack.template)
}

/// Creates all stacks in order, again, and deletes them in the reverse order.
fn lives_and_goes(choice: &[(&'static str, &'static str)]) {
    let Some(moto) = Moto::start() else { return };
    let choice: Choice = choice.iter().copied().collect();
    let stacks = make(&choice).unwrap();
    let before = Account::read(&moto);
    let mut kept = BTreeSet::new();
    for stack in &stacks {
        let first = moto.deploy(stack);
        assert!(
            first.contains("Successfully created"),
            "{}: {first}",
            stack.name
        );
        let second = moto.deploy(stack);
        assert!(
            second.contains("No changes to deploy"),
            "{}: {second}",
            stack.name
        );
        kept.extend(created(&moto, stack));
    }
    Account::read(&moto).beside(&before).holds(&stacks);
    for stack in stacks.iter().rev() {
        moto.aws(&format!(
            "cloudformation delete-stack --stack-name {}",
            stack.name
        ));
        moto.aws(&format!(
            "cloudformation wait stack-delete-complete --stack-name {}",
            stack.name
        ));
    }
    Account::read(&moto).beside(&before).holds_only(&kept);
}

/// Each resource of the template is there; types and ids of those that are to be kept.
fn created(moto: &Moto, stack: &Stack) -> Vec<(String, String)> {
    let described = moto.aws(&format!(
        "cloudformation describe-stack-resources --stack-name {}",
        stack.name
    ));
    let resources = described["StackResources"].as_array().unwrap();
    let mut kept = Vec::new();
    for resource in document(stack).resources() {
        let made = resources
            .iter()
            .find(|it| it["LogicalResourceId"] == resource.name);
        let Some(made) = made else {
            panic!("{}: {} was not made", stack.name, resource.name);
        };
        if resource.body["DeletionPolicy"] == "Retain" {
            let id = made["PhysicalResourceId"].as_str().unwrap();
            kept.push((resource.kind().to_owned(), id.to_owned()));
        }
    }
    kept
}
