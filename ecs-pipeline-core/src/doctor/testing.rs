//! A stage on which everything is well, for tests that then break one thing.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::task_definition::tests::definition;
use super::*;
use crate::model::ServiceRef;

pub(super) const BLUE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/1";
pub(super) const GREEN: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/2";
pub(super) const BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1";
pub(super) const LISTENER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/1";
pub(super) const RULE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/1/1";
pub(super) const EXECUTION: &str = "arn:aws:iam::123456789012:role/execution";

/// The wanted and the facts.
pub(super) struct Stage {
    pub(super) wanted: Wanted,
    pub(super) facts: Facts,
}

impl Stage {
    /// A rolling service on Fargate: two tasks behind a listener.
    pub(super) fn healthy() -> Self {
        let mut wanted = Wanted::of(ServiceRef::new("c", "web"));
        wanted.container = Some("app".to_owned());
        wanted.repository = Some("web".to_owned());
        let facts = Facts {
            caller: Fact::Known(Caller {
                account: "123456789012".to_owned(),
                arn: "arn:aws:sts::123456789012:assumed-role/ci/build".to_owned(),
            }),
            region: Some("eu-west-1".to_owned()),
            cluster: Fact::Known(Cluster {
                status: "ACTIVE".to_owned(),
                instances: 2,
                ..Cluster::default()
            }),
            service: Fact::Known(service()),
            running: Some(Fact::Known(definition(task_definition()))),
            target_groups: BTreeMap::from([(BLUE.to_owned(), Fact::Known(group("blue")))]),
            load_balancers: BTreeMap::from([(BALANCER.to_owned(), balancer(&[BLUE]))]),
            roles: BTreeMap::from([(
                EXECUTION.to_owned(),
                Fact::Known(role("ecs-tasks.amazonaws.com")),
            )]),
            repository: Some(Fact::Known(Repository {
                uri: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web".to_owned(),
                mutability: "MUTABLE".to_owned(),
                exclusions: Vec::new(),
            })),
            image: Some(RunningImage {
                name: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1".to_owned(),
                platforms: Fact::Known(vec!["linux/amd64".parse().unwrap()]),
            }),
            log_groups: BTreeMap::from([("/ecs/web".to_owned(), Fact::Known(()))]),
            ..Facts::nothing()
        };
        Self { wanted, facts }
    }

    /// What the checks of this name say.
    pub(super) fn found(&self, check: &str) -> Vec<Finding> {
        let mut found = examine(&self.wanted, &self.facts).findings;
        found.retain(|one| one.check == check);
        found
    }

    pub(super) fn cluster(&mut self, change: impl FnOnce(&mut Cluster)) {
        changed(&mut self.facts.cluster, change);
    }

    pub(super) fn service(&mut self, change: impl FnOnce(&mut Service)) {
        changed(&mut self.facts.service, change);
    }

    /// Changes a target group, which it adds where it is not there.
    pub(super) fn group(&mut self, arn: &str, change: impl FnOnce(&mut TargetGroup)) {
        let groups = &mut self.facts.target_groups;
        let group = groups.entry(arn.to_owned());
        changed(group.or_insert(Fact::Known(group_of(arn))), change);
    }

    /// Changes what the service runs.
    pub(super) fn runs(&mut self, change: impl FnOnce(&mut Value)) {
        let mut value = task_definition();
        change(&mut value);
        self.facts.running = Some(Fact::Known(definition(value)));
    }

    /// Makes ECS shift its traffic, with all that this needs.
    pub(super) fn shifts(&mut self) {
        self.service(|service| {
            service.strategy = "BLUE_GREEN".to_owned();
            let attachment = service.load_balancers.first_mut().unwrap();
            attachment.alternate = Some(GREEN.to_owned());
            attachment.production_rule = Some(RULE.to_owned());
            attachment.role = Some("arn:aws:iam::123456789012:role/infrastructure".to_owned());
        });
        self.group(GREEN, |_| {});
        let (arn, role) = (
            "arn:aws:iam::123456789012:role/infrastructure",
            role("ecs.amazonaws.com"),
        );
        self.facts.roles.insert(arn.to_owned(), Fact::Known(role));
    }

    /// Makes CodeDeploy deploy, with all that this needs.
    pub(super) fn by_code_deploy(&mut self) {
        self.service(|service| service.controller = "CODE_DEPLOY".to_owned());
        self.group(GREEN, |_| {});
        let arn = "arn:aws:iam::123456789012:role/codedeploy";
        let role = role("codedeploy.amazonaws.com");
        self.facts.roles.insert(arn.to_owned(), Fact::Known(role));
        self.facts.code_deploy = Some(CodeDeploy {
            names: ("web".to_owned(), "web".to_owned()),
            application: Fact::Known("ECS".to_owned()),
            group: Fact::Known(DeploymentGroup {
                services: vec!["c/web".to_owned()],
                target_groups: vec!["blue".to_owned(), "green".to_owned()],
                production: vec![LISTENER.to_owned()],
                style: ("BLUE_GREEN".to_owned(), "WITH_TRAFFIC_CONTROL".to_owned()),
                role: Some(arn.to_owned()),
                rolls_back: true,
                ..DeploymentGroup::default()
            }),
            config: None,
        });
    }

    pub(super) fn deployment_group(&mut self, change: impl FnOnce(&mut DeploymentGroup)) {
        changed(&mut self.facts.code_deploy.as_mut().unwrap().group, change);
    }
}

fn changed<T>(fact: &mut Fact<T>, change: impl FnOnce(&mut T)) {
    match fact {
        Fact::Known(known) => change(known),
        _ => panic!("it is not there"),
    }
}

/// What a check says after one thing was broken. Whatever is wrong has a fix.
pub(super) fn broken(check: &str, change: impl FnOnce(&mut Stage)) -> Vec<Status> {
    let mut stage = Stage::healthy();
    change(&mut stage);
    let found = stage.found(check);
    let fixed = found
        .iter()
        .all(|one| one.status == Status::Ok || one.fix.is_some());
    assert!(fixed, "{found:#?}");
    statuses(&found)
}

pub(super) fn statuses(findings: &[Finding]) -> Vec<Status> {
    findings.iter().map(|one| one.status).collect()
}

pub(super) fn role(service: &str) -> Role {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]});
    Role {
        arn: String::new(),
        trust,
    }
}

pub(super) fn balancer(groups: &[&str]) -> LoadBalancer {
    let forwards: Vec<_> = groups.iter().map(|&group| group.to_owned()).collect();
    LoadBalancer {
        state: Fact::Known("active".to_owned()),
        listeners: Fact::Known(vec![Listener {
            arn: LISTENER.to_owned(),
            port: 80,
            forwards: forwards.clone(),
            rules: Fact::Known(vec![Rule {
                arn: RULE.to_owned(),
                forwards,
                others: Vec::new(),
            }]),
        }]),
    }
}

fn group_of(arn: &str) -> TargetGroup {
    TargetGroup {
        load_balancers: Vec::new(),
        ..group(group_name(arn))
    }
}

fn group(name: &str) -> TargetGroup {
    TargetGroup {
        name: name.to_owned(),
        target_type: "ip".to_owned(),
        protocol: "HTTP".to_owned(),
        vpc: Some("vpc-1".to_owned()),
        load_balancers: vec![BALANCER.to_owned()],
        health: HealthCheck {
            protocol: "HTTP".to_owned(),
            port: "traffic-port".to_owned(),
            path: Some("/health".to_owned()),
            matcher: Some("200".to_owned()),
            interval: 30,
            unhealthy_threshold: 2,
        },
    }
}

fn service() -> Service {
    Service {
        status: "ACTIVE".to_owned(),
        controller: "ECS".to_owned(),
        strategy: "ROLLING".to_owned(),
        desired: 2,
        minimum_percent: 100,
        maximum_percent: 200,
        breaks: true,
        launch_type: Some("FARGATE".to_owned()),
        load_balancers: vec![Attachment {
            target_group: Some(BLUE.to_owned()),
            container: "app".to_owned(),
            port: 8080,
            ..Attachment::default()
        }],
        task_definition: Some("web:1".to_owned()),
        ..Service::default()
    }
}

fn task_definition() -> Value {
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "executionRoleArn": EXECUTION,
        "containerDefinitions": [{
            "name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1",
            "portMappings": [{"containerPort": 8080}],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "web"}},
        }],
    })
}

/// Each stage is well, whatever the strategy: otherwise a test below could not show what broke it.
#[test]
fn a_healthy_stage_gives_only_ok() {
    let shifting = {
        let mut stage = Stage::healthy();
        stage.shifts();
        stage
    };
    let by_code_deploy = {
        let mut stage = Stage::healthy();
        stage.by_code_deploy();
        stage
    };
    for stage in [Stage::healthy(), shifting, by_code_deploy] {
        let found = examine(&stage.wanted, &stage.facts).findings;
        let wrong: Vec<_> = found
            .iter()
            .filter(|one| one.status != Status::Ok)
            .collect();
        assert!(wrong.is_empty() && found.len() > 10, "{wrong:#?}");
    }
}
