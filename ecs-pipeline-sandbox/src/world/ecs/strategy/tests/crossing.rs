//! The stage on which the tests play: a load balancer with two target groups, and a production
//! and a test rule between them.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::ecs::script::{FINE, Manner, Play, Watch, merge};
use crate::world::ecs::service::ServiceKey;
use crate::world::ecs::service_deployment::ServiceDeployment;

/// The ARNs of the stage.
#[derive(Debug, Clone)]
pub(super) struct Crossing {
    pub(super) primary: String,
    pub(super) alternate: String,
    pub(super) production: String,
    pub(super) test: String,
}

impl Crossing {
    pub(super) fn set_up<W: Watch>(play: &mut Play<W>) -> Self {
        let mut group = |name: &str| {
            let input = json!({
                "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
                "TargetType": "instance", "HealthCheckPath": "/",
                "HealthCheckIntervalSeconds": 30, "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 2, "HealthCheckTimeoutSeconds": 2,
            });
            text(&play.elbv2("CreateTargetGroup", input)["TargetGroups"][0]["TargetGroupArn"])
        };
        let (primary, alternate) = (group("primary"), group("alternate"));
        let balancer = play.elbv2(
            "CreateLoadBalancer",
            json!({"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]}),
        );
        let mut default_rule = |port: u16, group: &str| {
            let listener = play.elbv2(
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                    "Protocol": "HTTP", "Port": port,
                    "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
                }),
            );
            let listener = listener["Listeners"][0]["ListenerArn"].clone();
            let rules = play.elbv2("DescribeRules", json!({"ListenerArn": listener}));
            text(&rules["Rules"][0]["RuleArn"])
        };
        Self {
            production: default_rule(8080, &primary),
            test: default_rule(8081, &alternate),
            primary,
            alternate,
        }
    }

    /// `loadBalancers`.
    pub(super) fn load_balancers(&self) -> Value {
        json!([{
            "targetGroupArn": self.primary, "containerName": "app", "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": self.alternate,
                "productionListenerRule": self.production,
                "testListenerRule": self.test,
                "roleArn": "arn:aws:iam::123456789012:role/ecsInfrastructureRole",
            },
        }])
    }

    /// The weights of a rule: of the primary and of the alternate target group.
    pub(super) fn weights(&self, world: &World, rule: &str) -> (u32, u32) {
        let weights = world.elbv2.weights(rule);
        let of = |group: &str| {
            let found = weights.iter().find(|(arn, _)| arn == group);
            found.map_or(0, |(_, weight)| *weight)
        };
        (of(&self.primary), of(&self.alternate))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(super) fn blue_green(bake: u32) -> Value {
    json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": bake})
}

pub(super) fn canary(percent: f64, canary_bake: u32, bake: u32) -> Value {
    json!({
        "strategy": "CANARY", "bakeTimeInMinutes": bake,
        "canaryConfiguration": {"canaryPercent": percent, "canaryBakeTimeInMinutes": canary_bake},
    })
}

pub(super) fn linear(percent: f64, step_bake: u32, bake: u32) -> Value {
    json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": bake,
        "linearConfiguration": {"stepPercent": percent, "stepBakeTimeInMinutes": step_bake},
    })
}

pub(super) fn with(mut configuration: Value, extra: Value) -> Value {
    merge(&mut configuration, &extra);
    configuration
}

pub(super) fn breaker() -> Value {
    json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}})
}

/// A moment at which the stage, the production weights or the test weights changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) at: u64,
    pub(super) stage: &'static str,
    pub(super) production: (u32, u32),
    pub(super) test: (u32, u32),
}

/// Takes note of every stage and every shift.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) crossing: Option<Crossing>,
    pub(super) seen: Vec<Seen>,
}

impl Watch for Trace {
    fn look(&mut self, world: &World) {
        let Some(crossing) = &self.crossing else {
            return;
        };
        let run = world.ecs.services.get(&key()).and_then(|s| s.run.as_ref());
        let seen = Seen {
            at: world.now.since_epoch().as_secs() - 1_700_000_000,
            stage: run.map_or("", |run| run.at.stage.name()),
            production: crossing.weights(world, &crossing.production),
            test: crossing.weights(world, &crossing.test),
        };
        let news = self.seen.last().is_none_or(|last| {
            (last.stage, last.production, last.test) != (seen.stage, seen.production, seen.test)
        });
        if news {
            self.seen.push(seen);
        }
    }
}

pub(super) fn key() -> ServiceKey {
    ServiceKey {
        cluster: "c".into(),
        name: "s".into(),
    }
}

/// A service of 2 tasks whose first deployment is complete. Revision 1 is fine, and the later
/// ones behave as given.
pub(super) fn stable(configuration: Value, later: Manner) -> (Play<Trace>, Crossing) {
    let mut play = Play::new(Trace::default(), move |definition, _| {
        if definition == "web:1" { FINE } else { later }
    });
    play.register();
    let crossing = Crossing::set_up(&mut play);
    let extra = json!({
        "loadBalancers": crossing.load_balancers(), "deploymentConfiguration": configuration,
    });
    play.create(2, extra);
    play.pass_until(900, Play::is_completed);
    play.watch.crossing = Some(crossing.clone());
    (play, crossing)
}

/// Deploys a new revision; answers the new deployment's id.
pub(super) fn deploy<W: Watch>(play: &mut Play<W>) -> String {
    play.register();
    let service = play.update(json!({"taskDefinition": "web"}));
    service["deployments"][0]["id"].as_str().unwrap().to_owned()
}

/// The newest service deployment's status; as it is inside, because it is asked after
/// everything that happens.
pub(super) fn state<W: Watch>(play: &mut Play<W>) -> &'static str {
    newest(play).state.name()
}

pub(super) fn stage<W: Watch>(play: &mut Play<W>) -> &'static str {
    newest(play).stage.unwrap_or("")
}

fn newest<W: Watch>(play: &Play<W>) -> &ServiceDeployment {
    play.world.ecs.services[&key()].history.last().unwrap()
}

/// Lets time pass until the newest service deployment is in this state.
pub(super) fn pass_until_state<W: Watch>(play: &mut Play<W>, limit: u64, wanted: &str) -> u64 {
    play.pass_until(limit, |play| state(play) == wanted)
}

pub(super) fn pass_until_stage<W: Watch>(play: &mut Play<W>, limit: u64, wanted: &str) -> u64 {
    play.pass_until(limit, |play| stage(play) == wanted)
}
