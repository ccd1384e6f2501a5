//! Whole stories, told through the world's border.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use serde_json::{Value, json};

use super::{Backing, Routes, TargetState};
use crate::world::{
    ApiError, Effect, Forward, Observation, Place, Probe, ProbeOutcome, Service, Target, TaskId,
    Time, World,
};

struct Story {
    world: World,
    now: Time,
    lb: String,
    group: String,
    listener: String,
}

fn fresh() -> World {
    World::new(Place::default(), Time::default())
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(Time::default(), Service::Elbv2, operation, input)
}

fn load_balancer(world: &mut World, name: &str) -> String {
    let answer = call(
        world,
        "CreateLoadBalancer",
        json!({ "Name": name, "Subnets": ["subnet-1", "subnet-2"] }),
    )
    .unwrap();
    answer["LoadBalancers"][0]["LoadBalancerArn"]
        .as_str()
        .unwrap()
        .into()
}

fn target_group(world: &mut World, name: &str, more: Value) -> Result<String, ApiError> {
    let mut input = json!({
        "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
    });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    let answer = call(world, "CreateTargetGroup", input)?;
    Ok(answer["TargetGroups"][0]["TargetGroupArn"]
        .as_str()
        .unwrap()
        .into())
}

fn listener(world: &mut World, lb: &str, port: u16, group: &str) -> Result<String, ApiError> {
    let answer = call(
        world,
        "CreateListener",
        json!({
            "LoadBalancerArn": lb, "Protocol": "HTTP", "Port": port,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
        }),
    )?;
    Ok(answer["Listeners"][0]["ListenerArn"]
        .as_str()
        .unwrap()
        .into())
}

fn story() -> Story {
    let mut world = fresh();
    let lb = load_balancer(&mut world, "web");
    let group = target_group(
        &mut world,
        "web",
        json!({ "HealthCheckIntervalSeconds": "10" }),
    )
    .unwrap();
    let listener = listener(&mut world, &lb, 8080, &group).unwrap();
    world.take_effects();
    Story {
        world,
        now: Time::default(),
        lb,
        group,
        listener,
    }
}

fn target(number: u8) -> Target {
    Target {
        id: format!("10.0.0.{number}"),
        port: 80,
    }
}

impl Story {
    fn register(&mut self, number: u8, task: &str) {
        self.world.elbv2.register(
            self.now,
            &self.group,
            target(number),
            Backing {
                task: TaskId(task.into()),
                task_definition: "web:1".into(),
                address: Some(([127, 0, 0, 1], 9000 + u16::from(number)).into()),
            },
        );
    }

    fn at(&mut self, seconds: u64) -> Vec<Probe> {
        self.now = Time::from_epoch(Duration::from_secs(seconds));
        self.world.tick(self.now);
        self.world
            .take_effects()
            .into_iter()
            .map(|effect| match effect {
                Effect::Probe(probe) => probe,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn answer(&mut self, number: u8, outcome: ProbeOutcome) {
        self.world.observe(
            self.now,
            Observation::Probed {
                target_group: self.group.clone(),
                target: target(number),
                outcome,
            },
        );
    }

    fn state(&self, number: u8) -> TargetState {
        self.world.elbv2.health(&self.group, &target(number)).state
    }

    fn destinations(&self) -> Vec<u16> {
        let Routes(routes) = self.world.routes();
        let Forward::To(groups) = &routes[&self.listener].rules.last().unwrap().forward else {
            panic!("no forward");
        };
        groups[0]
            .destinations
            .iter()
            .map(|one| one.address.port())
            .collect()
    }
}

#[test]
fn checks_go_out_each_interval_and_never_twice_at_a_time() {
    let mut story = story();
    story.register(1, "t1");
    assert_eq!(story.state(1), TargetState::Initial);
    assert_eq!(story.world.next_wakeup(), Some(Time::default()));
    let probes = story.at(0);
    assert_eq!(probes.len(), 1);
    assert_eq!(probes[0].address, Some(([127, 0, 0, 1], 9001).into()));
    assert_eq!(probes[0].timeout, Duration::from_secs(5));
    assert_eq!(story.world.next_wakeup(), None, "the answer is awaited");
    assert!(story.at(25).is_empty(), "a check is still out");
    story.answer(1, ProbeOutcome::Status(200));
    assert_eq!(story.state(1), TargetState::Healthy);
    assert_eq!(
        story.world.take_effects().len(),
        1,
        "the next one was due at 10"
    );
    story.answer(1, ProbeOutcome::Status(200));
    assert_eq!(
        story.world.next_wakeup(),
        Some(Time::from_epoch(Duration::from_secs(35)))
    );
    assert!(story.at(34).is_empty());
    assert_eq!(story.at(35).len(), 1);
}

#[test]
fn a_failing_target_leaves_the_routes_unless_all_fail() {
    let mut story = story();
    story.register(1, "t1");
    story.register(2, "t2");
    assert_eq!(story.at(0).len(), 2);
    assert_eq!(
        story.destinations(),
        [9001, 9002],
        "none is healthy: fail open"
    );
    story.answer(1, ProbeOutcome::Status(200));
    story.answer(2, ProbeOutcome::Status(503));
    assert_eq!(story.destinations(), [9001]);
    story.at(10);
    story.answer(2, ProbeOutcome::Status(503));
    assert_eq!(story.state(2), TargetState::Unhealthy);
    let health = call(
        &mut story.world,
        "DescribeTargetHealth",
        json!({ "TargetGroupArn": story.group, "Targets": [{ "Id": "10.0.0.2" }] }),
    )
    .unwrap();
    assert_eq!(
        health["TargetHealthDescriptions"],
        json!([{
            "Target": { "Id": "10.0.0.2", "Port": 80 },
            "HealthCheckPort": "80",
            "TargetHealth": {
                "State": "unhealthy",
                "Reason": "Target.ResponseCodeMismatch",
                "Description": "Health checks failed with these codes: [503]",
            },
        }])
    );
    story.answer(1, ProbeOutcome::TimedOut);
    story.at(20);
    story.answer(1, ProbeOutcome::TimedOut);
    assert_eq!(story.destinations(), [9001, 9002], "fail open");
}

#[test]
fn a_target_drains_and_is_gone() {
    let mut story = story();
    call(
        &mut story.world,
        "ModifyTargetGroupAttributes",
        json!({
            "TargetGroupArn": story.group,
            "Attributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": "20" }],
        }),
    )
    .unwrap();
    story.register(1, "t1");
    story.at(0);
    story.answer(1, ProbeOutcome::Status(200));
    let group = story.group.clone();
    story.world.elbv2.deregister(story.now, &group, &target(1));
    assert_eq!(story.state(1), TargetState::Draining);
    assert!(story.destinations().is_empty());
    assert_eq!(
        story.world.next_wakeup(),
        Some(Time::from_epoch(Duration::from_secs(20)))
    );
    assert!(story.at(19).is_empty(), "a draining target is not asked");
    assert_eq!(story.state(1), TargetState::Draining);
    story.at(20);
    assert_eq!(story.state(1), TargetState::Unused);
    assert_eq!(story.world.next_wakeup(), None);
}

#[test]
fn an_answer_to_an_earlier_registration_counts_for_nothing() {
    let mut story = story();
    story.register(1, "t1");
    assert_eq!(story.at(0).len(), 1);
    let group = story.group.clone();
    story.world.elbv2.deregister(story.now, &group, &target(1));
    story.at(300);
    story.register(1, "t2");
    assert!(story.at(301).is_empty(), "the old check is still out");
    story.answer(1, ProbeOutcome::Status(200));
    assert_eq!(story.state(1), TargetState::Initial);
    let probes = story.world.take_effects();
    assert!(
        matches!(probes.as_slice(), [Effect::Probe(Probe { task: Some(TaskId(task)), .. })] if task == "t2"),
        "{probes:?}"
    );
}

#[test]
fn a_group_that_no_listener_uses_is_not_checked() {
    let mut story = story();
    let group = target_group(&mut story.world, "spare", json!({})).unwrap();
    call(
        &mut story.world,
        "RegisterTargets",
        json!({ "TargetGroupArn": group, "Targets": [{ "Id": "127.0.0.1", "Port": "9000" }] }),
    )
    .unwrap();
    let of_it = Target {
        id: "127.0.0.1".into(),
        port: 9000,
    };
    let health = story.world.elbv2.health(&group, &of_it);
    assert_eq!(health.reason.as_deref(), Some("Target.NotInUse"));
    assert!(story.at(100).is_empty());
    call(
        &mut story.world,
        "CreateRule",
        json!({
            "ListenerArn": story.listener, "Priority": "5",
            "Conditions": [{ "Field": "path-pattern", "Values": ["/spare/*"] }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": group }],
        }),
    )
    .unwrap();
    assert_eq!(story.at(101).len(), 1, "CreateRule started the check");
    assert_eq!(
        story.world.elbv2.health(&group, &of_it).reason.as_deref(),
        Some("Elb.InitialHealthChecking")
    );
}

#[test]
fn routes_follow_the_priorities() {
    let mut story = story();
    for (priority, action) in [
        (
            20,
            json!({ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "418", "MessageBody": "tea" } }),
        ),
        (
            3,
            json!({ "Type": "redirect", "RedirectConfig": { "StatusCode": "HTTP_301", "Port": "8443" } }),
        ),
    ] {
        call(
            &mut story.world,
            "CreateRule",
            json!({
                "ListenerArn": story.listener, "Priority": priority,
                "Conditions": [{ "Field": "host-header", "HostHeaderConfig": { "Values": ["*.example.com"] } }],
                "Actions": [action],
            }),
        )
        .unwrap();
    }
    let Routes(routes) = story.world.routes();
    let rules = &routes[&story.listener].rules;
    assert_eq!(rules.len(), 3);
    assert_eq!(rules[0].hosts, ["*.example.com"]);
    assert_eq!(
        rules[0].forward,
        Forward::Redirect {
            status: 301,
            location: "#{protocol}://#{host}:8443/#{path}?#{query}".into()
        }
    );
    assert!(matches!(&rules[1].forward, Forward::Fixed { status: 418, body, .. } if body == "tea"));
    assert!(matches!(&rules[2].forward, Forward::To(_)));
    let described = call(
        &mut story.world,
        "DescribeRules",
        json!({ "ListenerArn": story.listener }),
    )
    .unwrap();
    let priorities: Vec<&str> = described["Rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["Priority"].as_str().unwrap())
        .collect();
    assert_eq!(priorities, ["3", "20", "default"]);
}

#[test]
fn listeners_open_and_close_ports() {
    let mut world = fresh();
    let lb = load_balancer(&mut world, "web");
    let group = target_group(&mut world, "web", json!({})).unwrap();
    let arn = listener(&mut world, &lb, 8080, &group).unwrap();
    assert_eq!(
        world.take_effects(),
        [Effect::Listen {
            listener: arn.clone(),
            port: 8080
        }]
    );
    assert_eq!(
        listener(&mut world, &lb, 8080, &group).unwrap(),
        arn,
        "the same again"
    );
    call(
        &mut world,
        "ModifyListener",
        json!({ "ListenerArn": arn, "Port": 8081 }),
    )
    .unwrap();
    assert_eq!(
        world.take_effects(),
        [
            Effect::Unlisten {
                listener: arn.clone()
            },
            Effect::Listen {
                listener: arn.clone(),
                port: 8081
            }
        ]
    );
    call(
        &mut world,
        "DeleteLoadBalancer",
        json!({ "LoadBalancerArn": lb }),
    )
    .unwrap();
    assert_eq!(world.take_effects(), [Effect::Unlisten { listener: arn }]);
    assert_eq!(world.routes(), Routes::default());
    call(
        &mut world,
        "DeleteTargetGroup",
        json!({ "TargetGroupArn": group }),
    )
    .unwrap();
}

#[test]
fn requests_are_refused_with_aws_codes() {
    let mut story = story();
    let other_lb = load_balancer(&mut story.world, "other");
    let spare = target_group(&mut story.world, "spare", json!({})).unwrap();
    let forward = |group: &str| json!([{ "Type": "forward", "TargetGroupArn": group }]);
    let rule = json!({
        "ListenerArn": story.listener, "Priority": 1, "Actions": forward(&story.group),
        "Conditions": [{ "Field": "path-pattern", "Values": ["/"] }],
    });
    call(&mut story.world, "CreateRule", rule.clone()).unwrap();
    let group = |more: Value| {
        let mut input =
            json!({ "Name": "new", "Protocol": "HTTP", "Port": "80", "VpcId": "vpc-1" });
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        input
    };
    let listener_on = |lb: &str, port: u16, group: &str| json!({ "LoadBalancerArn": lb, "Protocol": "HTTP", "Port": port, "DefaultActions": forward(group) });
    let table = [
        (
            "CreateLoadBalancer",
            json!({ "Name": "one", "Subnets": ["a"] }),
            "ValidationError",
        ),
        (
            "CreateLoadBalancer",
            json!({ "Name": "a_b", "Subnets": ["a", "b"] }),
            "ValidationError",
        ),
        (
            "CreateLoadBalancer",
            json!({ "Name": "web", "Subnets": ["a", "b"] }),
            "DuplicateLoadBalancerName",
        ),
        (
            "DescribeLoadBalancers",
            json!({ "Names": ["absent"] }),
            "LoadBalancerNotFound",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "HealthCheckIntervalSeconds": "4" })),
            "ValidationError",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "HealthCheckTimeoutSeconds": 30 })),
            "ValidationError",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "HealthyThresholdCount": 11 })),
            "ValidationError",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "HealthCheckPath": "x" })),
            "ValidationError",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "Matcher": { "HttpCode": "99" } })),
            "ValidationError",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "Port": "http" })),
            "MalformedInput",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "Protocol": "TLS" })),
            "NotImplemented",
        ),
        (
            "CreateTargetGroup",
            group(json!({ "Name": "web" })),
            "DuplicateTargetGroupName",
        ),
        (
            "DescribeTargetGroups",
            json!({ "Names": ["absent"] }),
            "TargetGroupNotFound",
        ),
        (
            "DescribeTargetHealth",
            json!({ "TargetGroupArn": "absent" }),
            "TargetGroupNotFound",
        ),
        (
            "DeleteTargetGroup",
            json!({ "TargetGroupArn": story.group }),
            "ResourceInUse",
        ),
        (
            "CreateListener",
            listener_on(&story.lb, 8080, &spare),
            "DuplicateListener",
        ),
        (
            "CreateListener",
            listener_on(&other_lb, 8080, &spare),
            "DuplicateListener",
        ),
        (
            "CreateListener",
            listener_on(&other_lb, 8082, &story.group),
            "TargetGroupAssociationLimit",
        ),
        (
            "CreateListener",
            listener_on(&other_lb, 8082, "absent"),
            "TargetGroupNotFound",
        ),
        (
            "DescribeListeners",
            json!({ "ListenerArns": ["absent"] }),
            "ListenerNotFound",
        ),
        ("CreateRule", rule, "PriorityInUse"),
        ("DeleteRule", json!({ "RuleArn": "absent" }), "RuleNotFound"),
        (
            "RegisterTargets",
            json!({ "TargetGroupArn": spare, "Targets": [{ "Id": "i-1" }] }),
            "ValidationError",
        ),
        (
            "AddTags",
            json!({ "ResourceArns": [":targetgroup/x"], "Tags": [] }),
            "TargetGroupNotFound",
        ),
        ("SetSubnets", json!({}), "NotImplemented"),
    ];
    for (operation, input, code) in table {
        match call(&mut story.world, operation, input.clone()) {
            Err(error) => assert_eq!(error.code, code, "{operation} {input}: {error}"),
            Ok(answer) => panic!("{operation} {input} gave {answer}"),
        }
    }
}

#[test]
fn weighted_forwards_and_tags_come_back() {
    let mut story = story();
    let green = target_group(
        &mut story.world,
        "green",
        json!({ "Tags": [{ "Key": "a", "Value": "b" }] }),
    )
    .unwrap();
    let config = json!({ "TargetGroups": [
        { "TargetGroupArn": story.group, "Weight": "0" },
        { "TargetGroupArn": green, "Weight": 100 },
    ] });
    let answer = call(
        &mut story.world,
        "ModifyListener",
        json!({ "ListenerArn": story.listener, "DefaultActions": [{ "Type": "forward", "ForwardConfig": config }] }),
    )
    .unwrap();
    let action = &answer["Listeners"][0]["DefaultActions"][0];
    assert_eq!(action["ForwardConfig"]["TargetGroups"][1]["Weight"], 100);
    assert_eq!(action.get("TargetGroupArn"), None);
    assert!(
        story.world.elbv2.is_in_use(&story.group),
        "weight 0 still is use"
    );
    let tags = call(
        &mut story.world,
        "DescribeTags",
        json!({ "ResourceArns": [green] }),
    )
    .unwrap();
    assert_eq!(
        tags["TagDescriptions"][0]["Tags"],
        json!([{ "Key": "a", "Value": "b" }])
    );
}

/// What may happen to three targets of a group.
#[derive(Debug, Clone)]
enum Step {
    Register(u8, bool),
    Deregister(u8),
    Answer(u8, u16),
    Wait(u64),
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    use proptest::prelude::*;
    let number = 1..=3u8;
    let step = prop_oneof![
        (number.clone(), any::<bool>()).prop_map(|(number, other)| Step::Register(number, other)),
        number.clone().prop_map(Step::Deregister),
        (number, prop_oneof![Just(200), Just(503)])
            .prop_map(|(number, status)| Step::Answer(number, status)),
        (0..400u64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest::proptest! {
    /// A target never has two checks out, a draining one none anew, and a world that has done
    /// what is due asks to be woken later or not at all.
    #[test]
    fn checks_are_orderly(steps in steps()) {
        let mut story = story();
        let group = story.group.clone();
        let mut out = std::collections::BTreeSet::new();
        let mut seconds = 0;
        for step in steps {
            match step {
                Step::Register(number, other) => {
                    story.register(number, if other { "t2" } else { "t1" });
                }
                Step::Deregister(number) => {
                    story.world.elbv2.deregister(story.now, &group, &target(number));
                }
                Step::Answer(number, status) => {
                    if out.remove(&target(number)) {
                        story.world.elbv2.probed(
                            story.now, &group, &target(number), &ProbeOutcome::Status(status),
                        );
                    }
                }
                Step::Wait(more) => seconds += more,
            }
            for probe in story.at(seconds) {
                let state = story.world.elbv2.health(&group, &probe.target).state;
                proptest::prop_assert_ne!(state, TargetState::Draining);
                proptest::prop_assert!(out.insert(probe.target), "twice at a time");
            }
            let next = story.world.next_wakeup();
            proptest::prop_assert!(next.is_none_or(|next| next > story.now), "{:?}", next);
        }
    }
}

#[test]
fn a_shift_sets_the_weights_of_a_rule_or_of_a_default_rule() {
    let mut story = story();
    let green = target_group(&mut story.world, "green", json!({})).unwrap();
    let answer = call(
        &mut story.world,
        "CreateRule",
        json!({
            "ListenerArn": story.listener, "Priority": 1,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/test"] }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": story.group }],
        }),
    )
    .unwrap();
    let rule: String = answer["Rules"][0]["RuleArn"].as_str().unwrap().into();
    let elbv2 = &mut story.world.elbv2;
    let weights =
        |blue, green_share| vec![(story.group.clone(), blue), (green.clone(), green_share)];
    elbv2.shift(&rule, &weights(75, 25)).unwrap();
    assert_eq!(elbv2.weights(&rule), weights(75, 25));
    assert_eq!(elbv2.weights(&story.listener), [(story.group.clone(), 1)]);
    elbv2.shift(&story.listener, &weights(0, 100)).unwrap();
    assert_eq!(elbv2.weights(&story.listener), weights(0, 100));
    assert_eq!(elbv2.weights(&rule), weights(75, 25));
    assert!(elbv2.shift("arn:none", &weights(1, 0)).is_err());
    assert!(elbv2.shift(&rule, &[("arn:none".into(), 1)]).is_err());
    assert_eq!(elbv2.weights("arn:none"), []);
}
