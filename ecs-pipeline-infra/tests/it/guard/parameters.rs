//! Parameters.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::Value;

use crate::support::document::{Document, each_object, text};

/// Whoever is asked for a value knows what it is for, and what it may be.
pub(crate) fn are_described(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for (name, parameter) in document.section("Parameters") {
        let has = |key: &str| parameter.get(key).is_some();
        if parameter["Description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{name} is not"));
        }
        let bounds: &[&str] = match parameter["Type"].as_str() {
            Some("String" | "CommaDelimitedList") => {
                &["AllowedPattern", "AllowedValues", "MaxLength"]
            }
            Some("Number") => &["AllowedValues", "MinValue", "MaxValue"],
            // AWS's own types check their values themselves.
            _ => continue,
        };
        if !bounds.iter().any(|bound| has(bound)) {
            found.push(format!("{name} may be anything"));
        }
    }
    found
}

/// Each is referred to.
pub(crate) fn are_used(document: &Document) -> Vec<String> {
    let used = references(document);
    let names = document.section("Parameters").map(|(name, _)| name);
    let idle = names.filter(|name| !used.contains(*name));
    idle.map(str::to_owned).collect()
}

/// What `Ref` and `Fn::Sub` mention.
fn references(document: &Document) -> BTreeSet<String> {
    let variable = Regex::new(r"\$\{([A-Za-z0-9]+)\}").unwrap();
    let mut found = BTreeSet::new();
    each_object(&document.body, &mut |members| {
        found.extend(members.get("Ref").map(text));
        let sub = match members.get("Fn::Sub") {
            Some(Value::Array(parts)) => parts.first(),
            sub => sub,
        };
        let sub = sub.map(text).unwrap_or_default();
        let names = variable.captures_iter(&sub).map(|it| it[1].to_owned());
        found.extend(names);
    });
    found
}

/// Each has a value, in the parameter file or by default, that CloudFormation accepts; and the parameter
/// file knows no others.
pub(crate) fn have_values(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for (name, parameter) in document.section("Parameters") {
        match document.value_of(name) {
            None => found.push(format!("{name} has none")),
            Some(value) => {
                let faults = faults(parameter, &value).into_iter();
                found.extend(faults.map(|what| format!("{name}: {value:?} {what}")));
            }
        }
    }
    let known: BTreeSet<_> = document
        .section("Parameters")
        .map(|(name, _)| name)
        .collect();
    let unknown = document.values.keys().filter(|it| !known.contains(&***it));
    found.extend(unknown.map(|name| format!("{name} is no parameter")));
    found
}

fn faults(parameter: &Value, value: &str) -> Vec<String> {
    let bound = |key: &str| parameter.get(key).and_then(Value::as_f64);
    let number = value.parse::<f64>().ok();
    let length = value.chars().count() as f64;
    let mut found = Vec::new();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    if parameter["Type"] == "Number" {
        expect(number.is_some(), "is no number");
    }
    for (key, measure, is_least) in [
        ("MinValue", number, true),
        ("MaxValue", number, false),
        ("MinLength", Some(length), true),
        ("MaxLength", Some(length), false),
    ] {
        if let (Some(bound), Some(measure)) = (bound(key), measure) {
            let holds = if is_least {
                measure >= bound
            } else {
                measure <= bound
            };
            expect(holds, &format!("is beyond {key}"));
        }
    }
    if let Some(allowed) = parameter["AllowedValues"].as_array() {
        let mut allowed = allowed.iter().map(text);
        expect(allowed.any(|it| it == value), "is not among AllowedValues");
    }
    if let Some(pattern) = parameter["AllowedPattern"].as_str() {
        // CloudFormation wants all of the value to match.
        let pattern = Regex::new(&format!("^(?:{pattern})$")).unwrap();
        let mut parts: Vec<_> = vec![value];
        if parameter["Type"] == "CommaDelimitedList" {
            parts = value.split(',').collect();
        }
        expect(
            parts.iter().all(|it| pattern.is_match(it)),
            "does not match AllowedPattern",
        );
    }
    found
}
