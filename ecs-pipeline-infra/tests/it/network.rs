//! What the network's parameters and endpoints are worked out to.

use std::collections::BTreeSet;

use ecs_pipeline_infra::options::Options;
use ecs_pipeline_infra::stack::stacks;
use serde_json::{Value, json};

use crate::support::application::application;
use crate::support::document::{Document, text};

fn network(task: &str, strategy: &str, options: Value) -> Document {
    let options: Options = serde_json::from_value(options).unwrap();
    let stacks = stacks(&application(task, strategy), &options).unwrap();
    let stack = stacks.first().unwrap();
    let mut document = Document::parse(&stack.name, "network.yaml", &stack.template);
    document.values = stack.parameters.iter().cloned().collect();
    document
}

#[test]
fn subnets_are_computed() {
    for (cidr, zones, public, private) in [
        (
            "10.0.0.0/16",
            2,
            &["10.0.192.0/20", "10.0.208.0/20"][..],
            &["10.0.0.0/18", "10.0.64.0/18"][..],
        ),
        // A third zone moves none of the others.
        (
            "10.0.0.0/16",
            3,
            &["10.0.192.0/20", "10.0.208.0/20", "10.0.224.0/20"],
            &["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"],
        ),
        (
            "192.168.2.0/23",
            2,
            &["192.168.3.128/27", "192.168.3.160/27"],
            &["192.168.2.0/25", "192.168.2.128/25"],
        ),
    ] {
        let options = json!({"network": {"cidr": cidr, "zones": zones}});
        let document = network("fargate", "rolling", options);
        for (group, expected) in [("Public", public), ("Private", private)] {
            let names = (1..=4).map(|zone| format!("{group}Subnet{zone}Cidr"));
            let found: Vec<_> = names.filter_map(|name| document.value_of(&name)).collect();
            assert_eq!(found, expected, "{cidr} in {zones} zones");
        }
    }
}

#[test]
fn tasks_are_reached_on_their_ports() {
    for (task, expected) in [
        ("fargate", ["8080", "8080"]),
        ("ec2-awsvpc", ["8080", "8080"]),
        ("ec2-host", ["8080", "8080"]),
        ("ec2-bridge", ["32768", "65535"]),
        ("ec2-fixed-port", ["9000", "9000"]),
    ] {
        let document = network(task, "rolling", json!({}));
        let ports = ["FirstTaskPort", "LastTaskPort"].map(|name| document.value_of(name).unwrap());
        assert_eq!(ports, expected, "{task}");
    }
}

#[test]
fn the_test_listener_is_for_the_vpc_unless_others_are_named() {
    let value = |strategy, options| network("fargate", strategy, options).value_of("TestCidr");
    assert_eq!(value("rolling", json!({})), None);
    assert_eq!(value("linear", json!({})).as_deref(), Some("10.0.0.0/16"));
    let options = json!({"network": {"test-cidr": "198.51.100.7/32"}});
    assert_eq!(value("canary", options).as_deref(), Some("198.51.100.7/32"));
}

#[test]
fn without_nat_there_are_the_endpoints_that_a_task_needs() {
    const IMAGES: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "s3"];
    const AGENT: [&str; 6] = [
        "ec2messages",
        "ecs",
        "ecs-agent",
        "ecs-telemetry",
        "ssm",
        "ssmmessages",
    ];
    for (task, others) in [
        ("fargate", &[][..]),
        ("fargate-secrets", &["secretsmanager", "ssm"]),
        ("ec2-awsvpc", &AGENT),
    ] {
        let document = network(task, "rolling", json!({"network": {"nat": "none"}}));
        let expected: BTreeSet<_> = IMAGES.into_iter().chain(others.iter().copied()).collect();
        let found = services(&document);
        assert_eq!(
            found.iter().map(|it| &**it).collect::<BTreeSet<_>>(),
            expected,
            "{task}"
        );
        assert_eq!(document.of_kind("AWS::EC2::NatGateway").count(), 0);
    }
    let with_nat = services(&network("fargate", "rolling", json!({})));
    assert_eq!(with_nat.into_iter().collect::<Vec<_>>(), ["s3"]);
}

/// The services that have an endpoint, by what their names end with.
fn services(document: &Document) -> BTreeSet<String> {
    let endpoints = document.of_kind("AWS::EC2::VPCEndpoint");
    let names = endpoints.map(|endpoint| {
        let name = endpoint.property("/ServiceName/Fn::Sub");
        text(name.get(0).unwrap_or(name))
    });
    names
        .filter_map(|name| Some(name.split_once("${AWS::Region}.")?.1.to_owned()))
        .collect()
}

#[test]
fn each_zone_has_its_own_nat_gateway_or_all_have_one() {
    for (nat, expected) in [("one", [1, 1, 1]), ("per-zone", [1, 2, 3])] {
        let options = json!({"network": {"zones": 3, "nat": nat}});
        let document = network("fargate", "rolling", options);
        let routes = document.of_kind("AWS::EC2::Route");
        let gateways = routes.filter_map(|it| it.property("/NatGatewayId/Ref").as_str());
        let expected = expected.map(|zone| format!("NatGateway{zone}"));
        assert_eq!(gateways.collect::<Vec<_>>(), expected);
    }
}
