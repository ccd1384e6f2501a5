//! No failed request is the promise: traffic goes only where somebody is healthy.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::crossing::{Crossing, blue_green, canary, key, linear, with};
use crate::world::World;
use crate::world::ecs::script::{FINE, Fate, Manner, Play, Watch};
use crate::world::ecs::service::Service;
use crate::world::elbv2::TargetState;

/// Looks at the production rule after everything that happens.
#[derive(Default)]
struct TrafficIsServed {
    crossing: Option<Crossing>,
    shifts: usize,
    last: (u32, u32),
}

/// Whether a target group has a healthy target.
fn is_healthy(world: &World, group: &str) -> bool {
    let tasks = world.ecs.tasks.values();
    let mut targets = tasks.flat_map(|t| t.targets.iter().filter(|(of, _)| of == group));
    targets.any(|(_, t)| world.elbv2.health(group, t).state == TargetState::Healthy)
}

impl Watch for TrafficIsServed {
    fn look(&mut self, world: &World) {
        let Some(crossing) = &self.crossing else {
            return;
        };
        let weights = crossing.weights(world, &crossing.production);
        if weights != self.last {
            self.shifts += 1;
            self.last = weights;
        }
        let service = &world.ecs.services[&key()];
        if service.desired == 0 {
            return;
        }
        if !may_be_served(world, service, crossing) {
            return;
        }
        for (group, weight) in [
            (&crossing.primary, weights.0),
            (&crossing.alternate, weights.1),
        ] {
            assert!(
                weight == 0 || is_healthy(world, group),
                "{weight} goes to {group}, where nobody is healthy, in {:?}",
                service.run
            );
        }
    }
}

/// Whether there is somewhere else to go: nothing can be done for traffic where blue itself is
/// not healthy, or where blue is on its way out. A rolling service has but one place.
fn may_be_served(world: &World, service: &Service, crossing: &Crossing) -> bool {
    let Some(run) = &service.run else {
        return is_healthy(world, &crossing.primary) || is_healthy(world, &crossing.alternate);
    };
    let blue = service
        .deployments
        .iter()
        .find(|d| Some(&d.id) == run.source.as_ref());
    blue.filter(|d| !d.leaving).is_some_and(|blue| {
        let own = blue.revision.load_balancers[0].target_group(blue.lane);
        is_healthy(world, own.unwrap())
    })
}

#[derive(Debug, Clone)]
enum Change {
    Deploy(Value),
    Desired(u32),
    Stop,
    Alarm(bool),
}

#[derive(Debug, Clone)]
struct Story {
    desired: u32,
    manners: Vec<Manner>,
    /// What happens, and how many seconds pass after it.
    changes: Vec<(Change, u64)>,
}

fn strategy() -> impl Strategy<Value = Value> {
    let extra = json!({
        "deploymentCircuitBreaker": {"enable": true, "rollback": true},
        "alarms": {"alarmNames": ["a"], "enable": true, "rollback": true},
    });
    prop_oneof![
        (0_u32..10).prop_map(blue_green),
        (1_u32..100, 0_u32..10, 0_u32..5).prop_map(|(p, step, bake)| canary(
            f64::from(p),
            step,
            bake
        )),
        (10_u32..100, 0_u32..5, 0_u32..5).prop_map(|(p, step, bake)| linear(
            f64::from(p),
            step,
            bake
        )),
        Just(json!({"strategy": "ROLLING", "bakeTimeInMinutes": 0})),
    ]
    .prop_map(move |configuration| with(configuration, extra.clone()))
}

fn story() -> impl Strategy<Value = Story> {
    let fate = prop_oneof![
        5 => Just(Fate::Fine),
        1 => (0_u64..600).prop_map(Fate::Exits),
        2 => (0_u64..900).prop_map(Fate::SickAfter),
        1 => Just(Fate::CannotPull),
    ];
    let manner = (0_u64..60, fate).prop_map(|(slow, fate)| Manner { slow, fate });
    let change = prop_oneof![
        4 => strategy().prop_map(Change::Deploy),
        1 => (0_u32..5).prop_map(Change::Desired),
        1 => Just(Change::Stop),
        1 => any::<bool>().prop_map(Change::Alarm),
    ];
    (
        1_u32..4,
        prop::collection::vec(manner, 1..8),
        prop::collection::vec((change, 0_u64..900), 1..8),
    )
        .prop_map(|(desired, manners, changes)| Story {
            desired,
            manners,
            changes,
        })
}

fn tell(story: &Story) -> usize {
    let manners = story.manners.clone();
    let mut play = Play::new(
        TrafficIsServed::default(),
        move |definition, ordinal| match definition {
            "web:1" => FINE,
            _ => manners[ordinal % manners.len()],
        },
    );
    play.register();
    let crossing = Crossing::set_up(&mut play);
    let extra = json!({
        "loadBalancers": crossing.load_balancers(), "deploymentConfiguration": blue_green(1),
    });
    play.create(story.desired, extra);
    play.pass_until(900, Play::is_completed);
    play.watch.crossing = Some(crossing);
    for (change, seconds) in &story.changes {
        make(&mut play, change);
        play.pass(*seconds);
    }
    settle(&mut play);
    play.watch.shifts
}

fn make(play: &mut Play<TrafficIsServed>, change: &Change) {
    match change {
        Change::Deploy(configuration) => {
            play.register();
            // There may be five deployments already.
            let _ = play.try_ecs(
                "UpdateService",
                json!({
                    "cluster": "c", "service": "s", "taskDefinition": "web",
                    "deploymentConfiguration": configuration,
                }),
            );
        }
        Change::Desired(desired) => {
            play.update(json!({"desiredCount": desired}));
        }
        Change::Stop => {
            let arn = play.service_deployment(0)["serviceDeploymentArn"].clone();
            let _ = play.try_ecs(
                "StopServiceDeployment",
                json!({"serviceDeploymentArn": arn}),
            );
        }
        Change::Alarm(goes_off) => play.alarm("a", if *goes_off { "ALARM" } else { "OK" }),
    }
}

/// Whatever happened, a deployment of a good revision ends well.
fn settle(play: &mut Play<TrafficIsServed>) {
    play.update(json!({"desiredCount": 2}));
    play.alarm("a", "OK");
    play.pass(4000);
    let input = json!({
        "cluster": "c", "service": "s", "taskDefinition": "web:1", "forceNewDeployment": true,
        "deploymentConfiguration": blue_green(1),
    });
    while play.try_ecs("UpdateService", input.clone()).is_err() {
        play.pass(600);
    }
    play.pass_until(3 * 86_400, |play| {
        play.is_completed() && super::crossing::state(play) == "SUCCESSFUL"
    });
    play.pass(600);
    let service = play.service("s");
    assert_eq!(service["runningCount"], 2);
    assert_eq!(
        service["events"][0]["message"],
        "(service s) has reached a steady state."
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn traffic_goes_only_where_somebody_is_healthy(story in story()) {
        tell(&story);
    }
}

#[test]
fn the_watch_sees_the_shifts() {
    let shifts = tell(&Story {
        desired: 2,
        manners: vec![FINE],
        changes: vec![(Change::Deploy(linear(25.0, 1, 0)), 1800)],
    });
    assert_eq!(
        shifts,
        1 + 4 + 1,
        "as it was, four steps, and back at the end"
    );
}
