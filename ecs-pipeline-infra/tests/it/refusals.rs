//! Bad input is refused with the reason.

use ecs_pipeline_infra::options::Options;
use ecs_pipeline_infra::stack::stacks;
use serde_json::{Value, json};

use crate::support::application::application;

/// The task definition, the strategy, the options, and what is said of which member.
type Case = (
    &'static str,
    &'static str,
    Value,
    &'static str,
    &'static str,
);

fn refused(task: &str, strategy: &str, options: &Value) -> Vec<String> {
    let options: Options = serde_json::from_value(options.clone()).unwrap();
    match stacks(&application(task, strategy), &options) {
        Ok(_) => Vec::new(),
        Err(refused) => refused.problems.iter().map(ToString::to_string).collect(),
    }
}

fn assert_refused(cases: &[Case]) {
    for (task, strategy, options, member, message) in cases {
        let found = refused(task, strategy, options);
        let told = found
            .iter()
            .any(|it| it.starts_with(member) && it.contains(message));
        assert!(
            told,
            "{options}: {found:?} does not say {message:?} of {member}"
        );
    }
}

fn network(options: Value, member: &'static str, message: &'static str) -> Case {
    (
        "fargate",
        "rolling",
        json!({"network": options}),
        member,
        message,
    )
}

#[test]
fn networks() {
    let cidr = "infra.network.cidr:";
    let public = "infra.network.public-subnets:";
    let private = "infra.network.private-subnets:";
    assert_refused(&[
        network(
            json!({"cidr": "10.0.0.0"}),
            cidr,
            "is no range of IPv4 addresses",
        ),
        network(json!({"cidr": "10.0.0.256/16"}), cidr, "is no range"),
        network(json!({"cidr": "fd00::/16"}), cidr, "is no range"),
        network(
            json!({"cidr": "10.0.1.0/16"}),
            cidr,
            "has bits set behind its prefix",
        ),
        network(json!({"cidr": "10.0.0.0/15"}), cidr, "a VPC is /16 to /28"),
        network(json!({"cidr": "10.0.0.0/29"}), cidr, "a VPC is /16 to /28"),
        network(
            json!({"cidr": "8.8.0.0/16"}),
            cidr,
            "is not for private use",
        ),
        network(
            json!({"cidr": "172.17.0.0/16"}),
            cidr,
            "is Docker's own network",
        ),
        network(
            json!({"cidr": "172.17.128.0/20"}),
            cidr,
            "is Docker's own network",
        ),
        network(json!({"cidr": "10.0.0.0/24"}), cidr, "is too small"),
        network(
            json!({"zones": 1}),
            "infra.network.zones:",
            "two zones at least",
        ),
        network(json!({"zones": 4}), "infra.network.zones:", "three zones"),
        network(
            json!({"public-subnets": ["10.0.0.0/24"]}),
            public,
            "2 zones have a public subnet each, and 1 are given",
        ),
        network(
            json!({"public-subnets": ["10.0.0.0/24", "10.1.0.0/24"]}),
            public,
            "10.1.0.0/24 is not within the VPC",
        ),
        network(
            json!({"public-subnets": ["10.0.192.0/24", "10.0.193.0/28"]}),
            public,
            "10.0.193.0/28 is too small: AWS keeps 5 addresses of a subnet, and leaves 11",
        ),
        network(
            json!({"private-subnets": ["10.0.0.0/24", "10.0.1.0/29"]}),
            private,
            "10.0.1.0/29 is too small: AWS keeps 5 addresses of a subnet, and leaves 3",
        ),
        network(
            json!({"private-subnets": ["10.0.0.0/20", "10.0.8.0/24"]}),
            private,
            "10.0.8.0/24 and 10.0.0.0/20 overlap",
        ),
        network(
            json!({"private-subnets": ["10.0.0.0/24", "10.0.192.0/24"]}),
            private,
            "10.0.192.0/24 and 10.0.192.0/20 overlap",
        ),
        network(
            json!({"private-subnets": ["10.0.0.0/24", "10.0.1.1/24"]}),
            private,
            "10.0.1.1/24 has bits set",
        ),
        network(
            json!({"test-cidr": "10.0.0.0/16"}),
            "infra.network.test-cidr:",
            "no test listener",
        ),
        (
            "fargate",
            "canary",
            json!({"network": {"test-cidr": "0.0.0.0/0"}}),
            "infra.network.test-cidr:",
            "everyone could use a revision that is still being tested",
        ),
        (
            "fargate-sidecar",
            "rolling",
            json!({"network": {"nat": "none"}}),
            "infra.network.nat:",
            "without NAT, envoyproxy/envoy:v1 cannot be pulled",
        ),
    ]);
}

#[test]
fn clusters() {
    let case = |task, options, member, message| {
        (
            task,
            "rolling",
            json!({"cluster": options}),
            member,
            message,
        )
    };
    let capacity = "infra.cluster.capacity:";
    let kind = "infra.cluster.instances.type:";
    assert_refused(&[
        case(
            "ec2-bridge",
            json!({"capacity": "fargate"}),
            capacity,
            "not for Fargate",
        ),
        case(
            "fargate",
            json!({"capacity": "ec2"}),
            capacity,
            "requiresCompatibilities has no EC2",
        ),
        case(
            "windows",
            json!({"capacity": "ec2"}),
            capacity,
            "the instances run Linux",
        ),
        case(
            "fargate",
            json!({"instances": {}}),
            "infra.cluster.instances:",
            "no instances on Fargate",
        ),
        case(
            "ec2-bridge",
            json!({"instances": {"min": 3, "max": 2}}),
            "infra.cluster.instances.max:",
            "at least 3",
        ),
        case(
            "ec2-bridge",
            json!({"instances": {"min": 0, "max": 0}}),
            "infra.cluster.instances.max:",
            "at most 0",
        ),
        case(
            "ec2-bridge",
            json!({"instances": {"volume": 8}}),
            "infra.cluster.instances.volume:",
            "30 GiB",
        ),
        case(
            "ec2-bridge",
            json!({"instances": {"type": "m7gd.large"}}),
            kind,
            "for x86-64, and m7gd.large is not",
        ),
        case(
            "ec2-bridge",
            json!({"instances": {"type": "a1.large"}}),
            kind,
            "for x86-64",
        ),
        case(
            "ec2-arm64",
            json!({"instances": {"type": "g5.xlarge"}}),
            kind,
            "for 64-bit ARM",
        ),
        case(
            "ec2-bridge",
            json!({"instances": {"type": "T3 medium"}}),
            kind,
            "'T'",
        ),
    ]);
}

#[test]
fn registries() {
    let case = |options, member, message| {
        (
            "fargate",
            "rolling",
            json!({"registry": options}),
            member,
            message,
        )
    };
    assert_refused(&[
        case(
            json!({"untagged-days": 0}),
            "infra.registry.untagged-days:",
            "a day old",
        ),
        case(
            json!({"mutable-tags": ["a b"]}),
            "infra.registry.mutable-tags:",
            "' '",
        ),
        case(
            json!({"mutable-tags": [""]}),
            "infra.registry.mutable-tags:",
            "has a name",
        ),
        case(
            json!({"mutable-tags": ["a", "b", "c", "d", "e", "f"]}),
            "infra.registry.mutable-tags:",
            "at most 5",
        ),
    ]);
}

#[test]
fn tags() {
    let case =
        |tags, member, message| ("fargate", "rolling", json!({"tags": tags}), member, message);
    let many: serde_json::Map<_, _> = (0..49).map(|n| (format!("k{n}"), "v".into())).collect();
    assert_refused(&[
        case(
            json!({"application": "a"}),
            "infra.tags.application:",
            "has already",
        ),
        case(json!({"Name": "a"}), "infra.tags.Name:", "has already"),
        case(json!({"AWS:a": "a"}), "infra.tags.AWS:a:", "AWS's own"),
        case(json!({"": "a"}), "infra.tags.:", "1 to 128"),
        case(
            json!({"a": "v".repeat(257)}),
            "infra.tags.a:",
            "at most 256",
        ),
        case(json!({"a": "\""}), "infra.tags.a:", "'\"'"),
        case(many.into(), "infra.tags:", "at most 50"),
    ]);
}

#[test]
fn names() {
    let options = Options::default();
    for (change, expected) in NAMES {
        let mut application = application("fargate", "rolling");
        change(&mut application);
        let refused = stacks(&application, &options).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}: not {expected}");
    }
}

type Change = fn(&mut ecs_pipeline_infra::application::Application);

const NAMES: &[(Change, &str)] = &[
    (
        |it| it.name = "a".repeat(118),
        "has at most 128 characters, and a",
    ),
    (
        |it| it.name = "1a".to_owned(),
        "application: a stack's name begins with a letter",
    ),
    (
        |it| it.cluster = "my_demo".to_owned(),
        "deploy.cluster: a stack's name may have letters, digits and hyphens",
    ),
    (
        |it| it.cluster = "c".repeat(256),
        "a cluster's name has at most 255",
    ),
    (
        |it| it.repository = "Web".to_owned(),
        "registry.repository: a repository's name may have lower-case",
    ),
    (|it| it.repository = "a".to_owned(), "at least 2 characters"),
    (|it| it.repository = "team//web".to_owned(), "on both sides"),
    (|it| it.repository = "web-".to_owned(), "on both sides"),
    (|it| it.repository = "we___b".to_owned(), "on both sides"),
];

#[test]
fn what_looks_odd_and_is_none_of_it_is_taken() {
    for (task, options) in [
        ("fargate", json!({"network": {"cidr": "100.64.0.0/23"}})),
        (
            "fargate",
            json!({"network": {"cidr": "172.16.0.0/16", "zones": 3}}),
        ),
        (
            "fargate",
            json!({"network": {
                "cidr": "10.0.0.0/25",
                "public-subnets": ["10.0.0.0/27", "10.0.0.32/27"],
                "private-subnets": ["10.0.0.64/28", "10.0.0.80/28"],
            }}),
        ),
        (
            "ec2-arm64",
            json!({"cluster": {"instances": {"type": "im4gn.large"}}}),
        ),
        (
            "ec2-bridge",
            json!({"cluster": {"instances": {"type": "g5.xlarge", "min": 0}}}),
        ),
        (
            "fargate",
            json!({"tags": {"kostenstelle/größe": "1 + 1 = 2 @ home"}}),
        ),
    ] {
        assert_eq!(refused(task, "rolling", &options), [""; 0], "{options}");
    }
    let mut application = application("fargate", "rolling");
    application.repository = "team/we__b--c.d".to_owned();
    assert!(stacks(&application, &Options::default()).is_ok());
}
