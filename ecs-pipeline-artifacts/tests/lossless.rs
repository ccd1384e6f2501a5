//! Parse, edit, write, parse: nothing differs but what was edited, whatever else the document holds.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use ecs_pipeline_artifacts::task_definition::{TaskDefinitionDocument, lost_members};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON a few levels deep, numbers at the edges among them.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(1.0)),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner).prop_map(Value::from)
        ]
    })
}

/// Unknown members: capitalised, so that none of them has a meaning.
fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("[A-Z][a-z ü\"\\\\]{0,5}", value), 0..4)
        .prop_map(|entries| entries.into_iter().collect())
}

/// An object with the given members amid unknown ones, in any order.
fn mixed(known: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let known: Vec<_> = known
        .into_iter()
        .map(|(name, value)| value.prop_map(move |value| (name.to_owned(), value)))
        .collect();
    (known, members(anything()))
        .prop_map(|(known, unknown)| unknown.into_iter().chain(known).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_map(|entries| Value::Object(entries.into_iter().collect()))
        .boxed()
}

fn variable() -> BoxedStrategy<Value> {
    mixed(vec![
        ("name", "[A-C]".prop_map(Value::from).boxed()),
        ("value", ".*".prop_map(Value::from).boxed()),
    ])
}

fn container() -> BoxedStrategy<Value> {
    let environment = prop_oneof![
        Just(Value::Null),
        prop::collection::vec(variable(), 0..4).prop_map(Value::from)
    ];
    mixed(vec![
        (
            "name",
            prop_oneof![Just(json!("web")), "[a-z]{1,3}".prop_map(Value::from)].boxed(),
        ),
        ("image", anything().boxed()),
        ("environment", environment.boxed()),
    ])
}

fn task_definition() -> BoxedStrategy<Value> {
    mixed(vec![
        ("family", "[a-z]{1,5}".prop_map(Value::from).boxed()),
        (
            "containerDefinitions",
            prop::collection::vec(container(), 0..4)
                .prop_map(Value::from)
                .boxed(),
        ),
    ])
}

/// Equality that also compares the order of members, which `Value`'s own does not.
fn identical(a: &Value, b: &Value) -> bool {
    let (a, b) = (a.to_string(), b.to_string());
    a == b
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn writing_and_reading_changes_nothing(value in task_definition()) {
        let read = TaskDefinitionDocument::parse(value.to_string()).unwrap();
        let again = TaskDefinitionDocument::parse(read.to_json_string()).unwrap();
        prop_assert!(identical(&value, &again.into_register_input()));
    }

    #[test]
    fn setting_an_image_changes_that_image_only(value in task_definition(), image in ".*") {
        let mut document = TaskDefinitionDocument::parse(value.to_string()).unwrap();
        let edit = document.set_image("web", &image);
        let mut expected = value;
        let mut found = false;
        for container in expected["containerDefinitions"].as_array_mut().unwrap() {
            if container["name"] == "web" {
                container["image"] = image.clone().into();
                found = true;
            }
        }
        prop_assert_eq!(edit.is_ok(), found);
        let written = TaskDefinitionDocument::parse(document.to_json_string()).unwrap();
        prop_assert!(identical(&expected, &written.into_register_input()));
    }

    #[test]
    fn setting_a_variable_changes_that_variable_only(value in task_definition(), text in ".*") {
        let mut document = TaskDefinitionDocument::parse(value.to_string()).unwrap();
        let edit = document.set_environment("web", "A", &text);
        let mut expected = value;
        let mut found = false;
        for container in expected["containerDefinitions"].as_array_mut().unwrap() {
            if container["name"] == "web" {
                found = true;
                let variables = &mut container["environment"];
                if variables.is_null() {
                    *variables = json!([]);
                }
                let variables = variables.as_array_mut().unwrap();
                if !variables.iter().any(|variable| variable["name"] == "A") {
                    variables.push(json!({"name": "A"}));
                }
                for variable in variables.iter_mut().filter(|variable| variable["name"] == "A") {
                    variable["value"] = text.clone().into();
                }
            }
        }
        prop_assert_eq!(edit.is_ok(), found);
        let written = TaskDefinitionDocument::parse(document.to_json_string()).unwrap();
        prop_assert!(identical(&expected, &written.into_register_input()));
    }

    #[test]
    fn nothing_is_lost_in_an_unchanged_document(value in task_definition()) {
        prop_assert_eq!(lost_members(&value, &value), Vec::<String>::new());
    }

    /// Every scalar of the document in turn: taking it away is noticed, unless it carried nothing.
    #[test]
    fn a_member_that_is_taken_away_is_noticed(value in task_definition(), pick in any::<prop::sample::Index>()) {
        let paths = members_that_carry(&value);
        let (pointer, member) = pick.get(&paths);
        let mut damaged = value.clone();
        damaged.pointer_mut(pointer).unwrap().as_object_mut().unwrap().shift_remove(member);
        prop_assert_ne!(lost_members(&value, &damaged), Vec::<String>::new(), "{}/{}", pointer, member);
    }

    #[test]
    fn no_text_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = TaskDefinitionDocument::parse(bytes);
    }

    #[test]
    fn a_damaged_document_is_refused_or_read_but_never_a_panic(value in task_definition(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Err(error) = TaskDefinitionDocument::parse(&bytes) {
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
    }
}

/// Object members, by the JSON pointer of their object, whose loss would be a loss: not null, not an
/// empty list or object. What lies below a list is left out where a twin could stand in for it.
fn members_that_carry(value: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, pointer: &str, into: &mut Vec<(String, String)>) {
        let Value::Object(members) = value else {
            return;
        };
        for (name, member) in members {
            let carries = match member {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                Value::Object(members) => !members.is_empty(),
                _ => true,
            };
            if carries {
                into.push((pointer.to_owned(), name.clone()));
            }
            walk(
                member,
                &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
                into,
            );
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}
