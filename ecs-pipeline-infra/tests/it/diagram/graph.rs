//! Which resource refers to which.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;
use serde_json::Value;

use super::Stacks;
use crate::support::document::{Document, each_object, text};

/// Resources, as `STACK/NAME`, with those that they refer to, or that refer to them.
pub(super) struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    pub(super) fn new(stacks: &Stacks) -> Self {
        let mut graph = Self(BTreeMap::new());
        let exports = exports(stacks);
        for (stack, document) in stacks {
            for resource in document.resources() {
                let from = format!("{stack}/{}", resource.name);
                for name in references(resource.body) {
                    if document.resources().any(|it| it.name == name) {
                        graph.add(&from, &format!("{stack}/{name}"));
                    } else if let Some(value) = document.value_of(&name) {
                        // Stacks that know each other by name alone have the name as the same parameter.
                        graph.add(&from, &format!("{name}={value}"));
                    }
                }
                for name in imports(document, resource.body) {
                    for to in exports.get(&name).into_iter().flatten() {
                        graph.add(&from, to);
                    }
                }
            }
        }
        graph
    }

    fn add(&mut self, one: &str, other: &str) {
        for (from, to) in [(one, other), (other, one)] {
            let to = to.to_owned();
            self.0.entry(from.to_owned()).or_default().insert(to);
        }
    }

    /// Whether one leads to the other, be it by way of what is not drawn, such as a role.
    pub(super) fn connects(&self, from: &str, to: &str, drawn: &[&str]) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(place) = next.pop() {
            if place == to {
                return true;
            }
            let is_stop = place != from && drawn.contains(&place);
            if seen.insert(place) && !is_stop {
                next.extend(self.0.get(place).into_iter().flatten().map(|it| &**it));
            }
        }
        false
    }
}

/// What `Ref`, `Fn::GetAtt` and `Fn::Sub` name, pseudo parameters and stacks' names aside.
fn references(value: &Value) -> BTreeSet<String> {
    let variable = Regex::new(r"\$\{([A-Za-z0-9]+)[.}]").unwrap();
    let mut found = BTreeSet::new();
    each_object(value, &mut |members| {
        found.extend(members.get("Ref").map(text));
        found.extend(members.get("Fn::GetAtt").and_then(|it| it.get(0)).map(text));
        let sub = match members.get("Fn::Sub") {
            Some(Value::Array(parts)) => parts.first(),
            sub => sub,
        };
        let sub = sub.map(text).unwrap_or_default();
        found.extend(variable.captures_iter(&sub).map(|it| it[1].to_owned()));
    });
    // Everything has to do with everything else of the application.
    found.retain(|name| name != "Application" && !name.ends_with("Stack"));
    found
}

/// The resources that an export's value names, by the export's name.
fn exports(stacks: &Stacks) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for (stack, document) in stacks {
        for (_, output) in document.section("Outputs") {
            let name = output.pointer("/Export/Name/Fn::Sub").map(text);
            let name = name
                .unwrap_or_default()
                .replace("${AWS::StackName}", &document.stack);
            let resources = references(&output["Value"]).into_iter();
            let resources = resources.map(|it| format!("{stack}/{it}")).collect();
            found.insert(name, resources);
        }
    }
    found
}

fn imports(document: &Document, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    each_object(value, &mut |members| {
        let name = members
            .get("Fn::ImportValue")
            .and_then(|it| it.get("Fn::Sub"));
        if let Some(name) = name {
            let mut name = text(name);
            for (parameter, _) in document.section("Parameters") {
                let value = document.value_of(parameter).unwrap_or_default();
                name = name.replace(&format!("${{{parameter}}}"), &value);
            }
            found.push(name);
        }
    });
    found
}
