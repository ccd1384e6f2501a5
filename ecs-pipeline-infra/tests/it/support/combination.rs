//! What is varied, and everything that comes of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ecs_pipeline_infra::application::Application;
use ecs_pipeline_infra::options::Options;
use ecs_pipeline_infra::problem::Refused;
use ecs_pipeline_infra::stack::{Stack, stacks};
use serde_json::{Value, json};

use super::application::application;
use super::axes::{Axis, GROUPS};
use super::document::Document;

/// What is chosen, by axis.
pub(crate) type Choice = BTreeMap<&'static str, &'static str>;

/// All stacks of an application with some options.
#[derive(Debug)]
pub(crate) struct Combination {
    /// What was chosen.
    pub(crate) choice: Choice,
    /// What came of it.
    pub(crate) stacks: Vec<Stack>,
}

/// A template as text and its parameters: what tells documents apart.
type Key = (String, Vec<(String, String)>);

fn key(stack: &Stack) -> Key {
    (stack.template.clone(), stack.parameters.clone())
}

impl Combination {
    /// Its templates, parsed.
    pub(crate) fn documents(&self) -> Vec<&'static Document> {
        let stacks = self.stacks.iter();
        stacks.map(|stack| &DISTINCT[&key(stack)]).collect()
    }
}

/// Every combination that is not refused.
pub(crate) static ALL: LazyLock<Vec<Combination>> = LazyLock::new(|| {
    let choices = GROUPS.iter().flat_map(|group| product(group));
    choices
        .filter_map(|choice| {
            let stacks = make(&choice).ok()?;
            Some(Combination { choice, stacks })
        })
        .collect()
});

/// What stacks and policies are made from.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) application: Application,
    pub(crate) options: Options,
}

/// What the combinations that are not refused were made from.
pub(crate) static GIVEN: LazyLock<Vec<Given>> = LazyLock::new(|| {
    let choices = ALL.iter().map(|combination| read(&combination.choice));
    choices
        .map(|(application, options)| Given {
            application,
            options,
        })
        .collect()
});

/// Each template with each parameter file once.
static DISTINCT: LazyLock<BTreeMap<Key, Document>> = LazyLock::new(|| {
    let mut found = BTreeMap::new();
    for combination in ALL.iter() {
        for stack in &combination.stacks {
            let choice = &combination.choice;
            let entry = found.entry(key(stack));
            entry.or_insert_with(|| document(stack, choice));
        }
    }
    found
});

pub(crate) fn distinct() -> impl Iterator<Item = &'static Document> {
    DISTINCT.values()
}

fn document(stack: &Stack, choice: &Choice) -> Document {
    let label = format!("{} with {choice:?}", stack.template_file());
    let mut document = Document::parse(&stack.name, &label, &stack.template);
    document.values = stack.parameters.iter().cloned().collect();
    document
}

/// Every choice of one value an axis.
pub(crate) fn product(axes: &[Axis]) -> Vec<Choice> {
    let mut choices = vec![Choice::new()];
    for (axis, values) in axes {
        let longer = choices.iter().flat_map(|choice| {
            values.iter().map(|value| {
                let mut choice = choice.clone();
                choice.insert(axis, value);
                choice
            })
        });
        choices = longer.collect();
    }
    choices
}

/// The stacks of a choice, or why there are none.
pub(crate) fn make(choice: &Choice) -> Result<Vec<Stack>, Refused> {
    let (application, options) = read(choice);
    stacks(&application, &options)
}

fn read(choice: &Choice) -> (Application, Options) {
    let chosen = |axis, default| choice.get(axis).copied().unwrap_or(default);
    let application = application(chosen("task", "fargate"), chosen("strategy", "rolling"));
    let mut options = json!({});
    for (axis, value) in choice {
        if !matches!(*axis, "task" | "strategy") {
            set(&mut options, axis, serde_json::from_str(value).unwrap());
        }
    }
    let options = serde_json::from_value(options);
    (
        application,
        options.unwrap_or_else(|e| panic!("{choice:?}: {e}")),
    )
}

/// Sets a member by its path, such as `network.nat`; null leaves it out.
fn set(options: &mut Value, path: &str, value: Value) {
    if !value.is_null() {
        let place = path.split('.').fold(options, |place, key| &mut place[key]);
        *place = value;
    }
}
