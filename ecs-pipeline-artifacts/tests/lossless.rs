//! Parse, edit, write, parse: nothing differs but what was edited, whatever else the document holds.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

mod support;

use ecs_pipeline_artifacts::task_definition::{TaskDefinitionDocument, lost_members};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};
use support::samples;

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

/// A list of entries with a name and a value, unknown members among them; or null, or something else.
fn named(key: &'static str, value: &'static str) -> BoxedStrategy<Value> {
    let entry = mixed(vec![
        (key, "[A-C]".prop_map(Value::from).boxed()),
        (value, ".*".prop_map(Value::from).boxed()),
    ]);
    prop_oneof![
        1 => Just(Value::Null),
        6 => prop::collection::vec(entry, 0..4).prop_map(Value::from),
        1 => anything(),
    ]
    .boxed()
}

fn log_configuration() -> BoxedStrategy<Value> {
    let options = prop_oneof![members(anything()).prop_map(Value::from), anything()];
    prop_oneof![
        mixed(vec![("options", options.boxed())]),
        anything().boxed()
    ]
    .boxed()
}

fn container() -> BoxedStrategy<Value> {
    mixed(vec![
        (
            "name",
            prop_oneof![Just(json!("web")), "[a-z]{1,3}".prop_map(Value::from)].boxed(),
        ),
        ("image", anything().boxed()),
        ("environment", named("name", "value")),
        ("secrets", named("name", "valueFrom")),
        ("logConfiguration", log_configuration()),
    ])
}

fn task_definition() -> BoxedStrategy<Value> {
    mixed(vec![
        ("family", "[a-z]{1,5}".prop_map(Value::from).boxed()),
        ("tags", named("key", "value")),
        ("cpu", anything().boxed()),
        (
            "containerDefinitions",
            prop::collection::vec(container(), 0..4)
                .prop_map(Value::from)
                .boxed(),
        ),
    ])
}

/// An edit, with its effect told a second time and in another way than the library does it.
#[derive(Debug, Clone)]
enum Edit {
    Image(String),
    Environment(String, String),
    Secret(String, String),
    LogOption(String, String),
    Tag(String, String),
    Cpu(String),
    Memory(String),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        ".*".prop_map(Edit::Image),
        ("[A-D]", ".*").prop_map(|(name, value)| Edit::Environment(name, value)),
        ("[A-D]", ".*").prop_map(|(name, value)| Edit::Secret(name, value)),
        (".*", ".*").prop_map(|(name, value)| Edit::LogOption(name, value)),
        ("[A-D]", ".*").prop_map(|(name, value)| Edit::Tag(name, value)),
        ".*".prop_map(Edit::Cpu),
        ".*".prop_map(Edit::Memory),
    ]
}

impl Edit {
    fn apply(&self, document: &mut TaskDefinitionDocument, container: &str) -> Result<(), String> {
        match self {
            Self::Image(image) => document
                .set_image(container, image)
                .map_err(|error| error.to_string()),
            Self::Environment(name, value) => document
                .set_environment(container, name, value)
                .map_err(|error| error.to_string()),
            Self::Secret(name, value) => document
                .set_secret(container, name, value)
                .map_err(|error| error.to_string()),
            Self::LogOption(name, value) => document
                .set_log_option(container, name, value)
                .map_err(|error| error.to_string()),
            Self::Tag(name, value) => document
                .set_tag(name, value)
                .map_err(|error| error.to_string()),
            Self::Cpu(cpu) => {
                document.set_cpu(cpu);
                Ok(())
            }
            Self::Memory(memory) => {
                document.set_memory(memory);
                Ok(())
            }
        }
    }

    /// What the document must be afterwards; `None` where the edit must be refused.
    fn expected(&self, before: &Value, container: &str) -> Option<Value> {
        let mut after = before.clone();
        match self {
            Self::Tag(name, value) => put(&mut after, "tags", ("key", name), ("value", value))?,
            Self::Cpu(cpu) => after["cpu"] = cpu.clone().into(),
            Self::Memory(memory) => after["memory"] = memory.clone().into(),
            _ => {
                let containers = after["containerDefinitions"].as_array_mut()?.iter_mut();
                let named: Vec<_> = containers
                    .filter(|item| item["name"] == container)
                    .collect();
                if named.is_empty() {
                    return None;
                }
                for item in named {
                    self.expected_in(item)?;
                }
            }
        }
        Some(after)
    }

    fn expected_in(&self, item: &mut Value) -> Option<()> {
        let has = |list: &Value, name: &str| {
            let entries = list.as_array().into_iter().flatten();
            entries.into_iter().any(|entry| entry["name"] == name)
        };
        match self {
            Self::Image(image) => item["image"] = image.clone().into(),
            Self::Environment(name, value) => {
                if has(&item["secrets"], name) {
                    return None;
                }
                put(item, "environment", ("name", name), ("value", value))?;
            }
            Self::Secret(name, value) => {
                if has(&item["environment"], name) {
                    return None;
                }
                put(item, "secrets", ("name", name), ("valueFrom", value))?;
            }
            Self::LogOption(name, value) => {
                let log = item.get_mut("logConfiguration")?.as_object_mut()?;
                match log.get_mut("options") {
                    None | Some(Value::Null) => {
                        log.insert("options".to_owned(), json!({name: value}));
                    }
                    Some(options) => {
                        let options = options.as_object_mut()?;
                        options.insert(name.clone(), value.clone().into());
                    }
                }
            }
            _ => unreachable!("not an edit of a container"),
        }
        Some(())
    }
}

/// Puts an entry into a list of named entries; `None` where there is something else than a list.
fn put(
    owner: &mut Value,
    list: &str,
    (key, name): (&str, &str),
    (member, value): (&str, &str),
) -> Option<()> {
    if owner[list].is_null() {
        owner[list] = json!([]);
    }
    let entries = owner[list].as_array_mut()?;
    let mut found = false;
    for entry in entries.iter_mut().filter(|entry| entry[key] == name) {
        entry[member] = value.into();
        found = true;
    }
    if !found {
        entries.push(json!({key: name, member: value}));
    }
    Some(())
}

/// The edit does what it must, or is refused and leaves the document as it was; written and read again.
fn check_edit(before: &Value, edit: &Edit) -> Result<(), TestCaseError> {
    check_edit_of(before, edit, "web")
}

fn check_edit_of(before: &Value, edit: &Edit, container: &str) -> Result<(), TestCaseError> {
    let mut document = TaskDefinitionDocument::parse(before.to_string()).unwrap();
    let done = edit.apply(&mut document, container);
    let expected = edit.expected(before, container);
    prop_assert_eq!(done.is_ok(), expected.is_some(), "{:?}", done);
    let written = TaskDefinitionDocument::parse(document.to_json_string()).unwrap();
    let after = written.into_register_input();
    let expected = expected.unwrap_or_else(|| before.clone());
    prop_assert!(identical(&expected, &after), "{expected}\nis not\n{after}");
    Ok(())
}

/// Every task definition of the corpus that can be read, every edit.
#[test]
fn real_task_definitions_keep_what_is_not_edited() {
    let Some(samples) = samples("taskdef") else {
        return;
    };
    let mut edited = 0;
    for sample in &samples {
        let Ok(document) = TaskDefinitionDocument::parse(&sample.bytes) else {
            continue;
        };
        let Some(container) = document
            .container_names()
            .first()
            .map(|name| (*name).to_owned())
        else {
            continue;
        };
        // What reading itself drops (read-only members) is another test's matter.
        let before = document.into_register_input();
        let variable = before["containerDefinitions"][0]["environment"][0]["name"].as_str();
        for edit in [
            Edit::Image("edited:1".to_owned()),
            Edit::Environment(variable.unwrap_or("NEW").to_owned(), "edited".to_owned()),
            Edit::Environment("NEW_ONE".to_owned(), String::new()),
            Edit::Secret("NEW_SECRET".to_owned(), "/edited".to_owned()),
            Edit::LogOption("awslogs-group".to_owned(), "edited".to_owned()),
            Edit::LogOption("mode".to_owned(), "non-blocking".to_owned()),
            Edit::Tag("edited".to_owned(), "yes".to_owned()),
            Edit::Cpu("1 vCPU".to_owned()),
            Edit::Memory("2048".to_owned()),
        ] {
            if let Err(error) = check_edit_of(&before, &edit, &container) {
                panic!("{}, {edit:?}: {error}", sample.file);
            }
            edited += 1;
        }
    }
    eprintln!("{edited} edits of {} task definitions", samples.len());
    assert!(
        edited > 4 * samples.len(),
        "most of the corpus can be edited"
    );
}

/// As `serde_json` writes it with that indentation.
fn laid_out(value: &Value, indent: &str, line_end: &str, ended: bool) -> String {
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = Serializer::with_formatter(Vec::new(), formatter);
    value.serialize(&mut serializer).unwrap();
    let text = String::from_utf8(serializer.into_inner()).unwrap();
    let end = if ended { "\n" } else { "" };
    format!("{text}{end}").replace('\n', line_end)
}

/// An edit of an indented file with its line ends changes the lines that it is about.
#[test]
fn an_edit_leaves_the_other_lines_of_the_file() {
    let before = json!({
        "family": "shop",
        "containerDefinitions": [{"name": "web", "image": "old", "command": ["a b"], "links": []}],
        "cpu": "256"
    });
    for (indent, line_end) in [("    ", "\n"), ("\t", "\r\n")] {
        let text = laid_out(&before, indent, line_end, false);
        let mut document = TaskDefinitionDocument::parse(&text).unwrap();
        document.set_image("web", "new").unwrap();
        assert_eq!(document.to_json_string(), text.replace("old", "new"));
    }
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

    /// Of what was written by any tool that puts members on lines of their own, each byte stays.
    #[test]
    fn a_layout_is_kept(value in task_definition(), indent in "( {1,8}|\t{1,2})", crlf in any::<bool>(), ended in any::<bool>()) {
        let text = laid_out(&value, &indent, if crlf { "\r\n" } else { "\n" }, ended);
        prop_assert_eq!(TaskDefinitionDocument::parse(&text).unwrap().to_json_string(), text);
    }

    #[test]
    fn an_edit_changes_what_it_names_and_nothing_else(value in task_definition(), edit in edit()) {
        check_edit(&value, &edit)?;
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
