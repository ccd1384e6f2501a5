//! That the combinations are all that there are.

use std::collections::{BTreeMap, BTreeSet};

use ecs_pipeline_infra::options::Options;
use serde_json::Value;

use crate::support::axes::{GROUPS, VALUES};
use crate::support::combination::{ALL, Choice, make};

#[test]
fn every_option_is_varied_or_a_mere_value() {
    let axes = GROUPS.concat().into_iter();
    let known: BTreeSet<_> = axes
        .flat_map(|(axis, values)| values.iter().flat_map(|value| varied(axis, value)))
        .collect();
    let options = serde_json::to_value(Options::default()).unwrap();
    for member in members("", &options) {
        let values = VALUES.iter().copied();
        let covered = known.iter().map(String::as_str).chain(values).any(|axis| {
            let inner = axis.strip_prefix(&*member);
            inner.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        assert!(covered, "{member} is in no group of axes.rs");
    }
}

/// What a value of an axis chooses: the axis, or the members of the object that it is.
fn varied(axis: &str, value: &str) -> Vec<String> {
    members(axis, &serde_json::from_str(value).unwrap_or_default())
}

/// The paths of an object's members, but not of those of `tags`, whose keys are the user's.
fn members(path: &str, value: &Value) -> Vec<String> {
    match value.as_object() {
        Some(inner) if path != "tags" => inner
            .iter()
            .flat_map(|(key, value)| {
                let dot = if path.is_empty() { "" } else { "." };
                members(&format!("{path}{dot}{key}"), value)
            })
            .collect(),
        _ => vec![path.to_owned()],
    }
}

#[test]
fn each_value_is_in_a_combination_that_is_not_refused() {
    for (axis, values) in GROUPS.concat() {
        for value in values {
            let taken = ALL.iter().any(|it| it.choice.get(axis) == Some(value));
            assert!(taken, "{axis}: {value} is always refused");
        }
    }
}

/// `aws cloudformation deploy` wants a bucket for what is longer.
#[test]
fn every_template_can_be_sent_as_it_is() {
    const MOST: usize = 51_200;
    for stack in ALL.iter().flat_map(|combination| &combination.stacks) {
        let length = stack.template.len();
        assert!(length <= MOST, "{}: {length}", stack.template_file());
    }
}

/// A thousand combinations over all groups make no template that the groups do not make.
#[test]
fn options_of_different_groups_do_not_meet_in_a_template() {
    let known = ALL.iter().flat_map(|combination| &combination.stacks);
    let known: BTreeSet<_> = known.map(|stack| stack.template.as_str()).collect();
    let mut axes: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for (axis, values) in GROUPS.concat() {
        axes.entry(axis).or_default().extend(values);
    }
    let mut random = Random(1);
    for _ in 0..1000 {
        let choice: Choice = axes
            .iter()
            .map(|(axis, values)| {
                let chosen = values.iter().nth(random.below(values.len()));
                (*axis, *chosen.unwrap())
            })
            .collect();
        for stack in make(&choice).unwrap_or_default() {
            let name = stack.template_file();
            assert!(
                known.contains(stack.template.as_str()),
                "{name} differs with {choice:?}: which options of different groups meet in it?"
            );
        }
    }
}

/// Knuth's linear congruential generator: the same choices in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}
