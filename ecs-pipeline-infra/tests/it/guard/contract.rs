//! What stacks expect of each other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::combination::ALL;
use crate::support::document::{Document, each_object, text};

/// What other stacks, and people, may rely on. (A stack exports more where its options give it more.)
const PROMISED: &[(&str, &[&str])] = &[
    (
        "network",
        &[
            "VpcId",
            "VpcCidr",
            "PublicSubnets",
            "PrivateSubnets",
            "LoadBalancerSecurityGroup",
            "ServiceSecurityGroup",
        ],
    ),
    (
        "registry",
        &["Repository", "RepositoryArn", "RepositoryUri"],
    ),
    ("cluster", &["Cluster", "ClusterArn"]),
    (
        "service",
        &[
            "Service",
            "ServiceArn",
            "LoadBalancerDnsName",
            "LoadBalancerFullName",
            "ProductionListener",
            "ProductionRule",
            "BlueTargetGroup",
            "BlueTargetGroupName",
            "ExecutionRoleArn",
            "TaskRoleArn",
            "Alarms",
        ],
    ),
    ("codedeploy", &["Application", "DeploymentGroup"]),
];

/// Outputs say what they are, and are exported under the stack's name and their own.
pub(crate) fn outputs_are_exported(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for (name, output) in document.section("Outputs") {
        if output["Description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{name} is not described"));
        }
        let expected = format!("${{AWS::StackName}}-{name}");
        let export = output.pointer("/Export/Name/Fn::Sub").map(text);
        if export.as_deref() != Some(&*expected) {
            found.push(format!("{name} is exported as {export:?}"));
        }
    }
    found
}

#[test]
fn whatever_is_imported_was_exported_before() {
    for combination in ALL.iter() {
        let found = missing(&combination.documents());
        assert!(found.is_empty(), "{:?}: {found:#?}", combination.choice);
    }
}

/// What stacks, in the order in which they are deployed, import without one before exporting it.
pub(crate) fn missing(documents: &[&Document]) -> Vec<String> {
    let mut exported = BTreeSet::new();
    let mut found = Vec::new();
    for document in documents {
        let imports = imports(document).into_iter();
        let missing = imports.filter(|name| !exported.contains(name));
        found.extend(missing.map(|name| format!("{} wants {name}", document.stack)));
        exported.extend(exports(document));
    }
    found
}

fn exports(document: &Document) -> Vec<String> {
    let outputs = document.section("Outputs");
    let names = outputs.filter_map(|(_, output)| output.pointer("/Export/Name/Fn::Sub"));
    names
        .map(|name| text(name).replace("${AWS::StackName}", &document.stack))
        .collect()
}

fn imports(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    each_object(&document.body, &mut |members| {
        if let Some(name) = members.get("Fn::ImportValue") {
            found.push(import_name(document, name));
        }
    });
    found
}

/// `!Sub ${NetworkStack}-VpcId`, with the parameter's value.
fn import_name(document: &Document, name: &Value) -> String {
    let mut name = name.get("Fn::Sub").map_or_else(|| text(name), text);
    for (parameter, _) in document.section("Parameters") {
        let value = document.value_of(parameter).unwrap_or_default();
        name = name.replace(&format!("${{{parameter}}}"), &value);
    }
    name
}

#[test]
fn what_is_promised_is_exported() {
    let promised: BTreeMap<_, _> = PROMISED.iter().copied().collect();
    for combination in ALL.iter() {
        for (stack, document) in combination.stacks.iter().zip(combination.documents()) {
            let exported = exports(document);
            for name in promised.get(stack.kind.name()).copied().unwrap_or_default() {
                let name = format!("{}-{name}", stack.name);
                assert!(exported.contains(&name), "{}: {name}", document.label);
            }
        }
    }
}
