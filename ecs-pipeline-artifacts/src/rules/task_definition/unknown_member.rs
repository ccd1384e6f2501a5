//! A member that RegisterTaskDefinition does not have.

use super::*;
use crate::shape::{CONTAINER_DEFINITION, FaultKind, REGISTER_TASK_DEFINITION_REQUEST, Shape};
use crate::suggest::closest;

pub(super) const RULE: Rule = Rule {
    id: "unknown-member",
    severity: Severity::Warning,
    summary: "a member that RegisterTaskDefinition does not have",
    explanation: "The AWS CLI and the SDKs refuse a member that they do not know: `Unknown parameter in \
                  containerDefinitions[0]: \"portMapping\", must be one of: …`. What reads JSON more \
                  loosely drops it, and what it should do is not done. It is a warning, since AWS adds \
                  members, and a new one is not known here yet.",
    remedy: "Correct the name, move the member to where it belongs, or remove it.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

/// Comparing names takes time; nobody needs more suggestions than this, or for longer names.
const MAX_SUGGESTIONS: usize = 100;
const MAX_NAME: usize = 64;

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let unknown = taskdef.faults.iter().filter_map(|fault| match fault.kind {
        FaultKind::Unknown { object, shape } => Some((fault, object, shape)),
        _ => None,
    });
    for (count, (fault, object, shape)) in unknown.enumerate() {
        let message = format!("{} is not a member that ECS knows here", fault.subject());
        let finding = findings.name(fault.node, message);
        if count >= MAX_SUGGESTIONS || fault.name.len() > MAX_NAME {
            continue;
        }
        if let Some(place) = elsewhere(fault.name, shape) {
            finding.help(format!("`{}` belongs {place}", fault.name));
            continue;
        }
        let meant = closest(fault.name, shape.names());
        finding.did_you_mean(meant);
        if let Some(meant) = meant.filter(|meant| is_misspelling(fault, meant, object)) {
            finding.rename(fault.node, meant);
        }
    }
}

/// Where a member of that name belongs, if it is right in another place.
fn elsewhere(name: &str, shape: &Shape) -> Option<&'static str> {
    if std::ptr::eq(shape, &REGISTER_TASK_DEFINITION_REQUEST) {
        let known = CONTAINER_DEFINITION.member(name);
        return known.map(|_| "into a container definition");
    }
    let known = REGISTER_TASK_DEFINITION_REQUEST.member(name);
    known
        .filter(|_| std::ptr::eq(shape, &CONTAINER_DEFINITION))
        .map(|_| "beside `containerDefinitions`")
}

/// Whether the name is another in the wrong case or with one slip, and that other is free.
fn is_misspelling(fault: &Fault<'_>, meant: &str, object: &Node<'_>) -> bool {
    let near = fault.name.eq_ignore_ascii_case(meant)
        || strsim::damerau_levenshtein(fault.name, meant) == 1;
    let mut siblings = object.members().iter();
    near && siblings.all(|sibling| {
        sibling.node.id == fault.node.id || !sibling.name.eq_ignore_ascii_case(meant)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::tests::table;
    use crate::validate::{Options, SourceFile, validate};

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"family": "f", "cpu": "1", "containerDefinitions": [{"name": "web", "dockerLabels": {"x": "y"}}]}"#,
                    &[],
                ),
                (
                    r#"{"family": "f", "cpus": "1", "containerDefinitions": [
                        {"name": "web", "portMapping": [], "portMappings": [{"port": 1}]}]}"#,
                    &[
                        "cpus",
                        "containerDefinitions[0].portMapping",
                        "containerDefinitions[0].portMappings[0].port",
                    ],
                ),
                // Members that AWS sets have a rule of their own.
                (
                    r#"{"family": "f", "revision": 7, "containerDefinitions": [{"revision": 7}]}"#,
                    &["containerDefinitions[0].revision"],
                ),
            ],
        );
    }

    /// The first finding's help, and what its fix writes.
    fn advice(text: &str) -> (Option<String>, Option<String>) {
        let file = SourceFile::new("taskdef.json", text);
        let findings = validate(&[file], &Options::default()).findings;
        let found = findings
            .into_iter()
            .find(|found| found.rule == &super::RULE)
            .unwrap();
        let written = found.fix.map(|fix| fix.edits[0].replacement.clone());
        (found.help, written)
    }

    #[test]
    fn advice_is_what_the_place_allows() {
        let mean = |name: &str| Some(format!("did you mean `{name}`?"));
        let write = |name: &str| Some(format!("{name:?}"));
        for (members, help, fix) in [
            (r#""imag": 1"#, mean("image"), write("image")),
            (r#""CPU": 1"#, mean("cpu"), write("cpu")),
            (r#""imag": 1, "image": 1"#, mean("image"), None),
            (r#""port_mapping": 1"#, mean("portMappings"), None),
            (r#""x-comment": 1"#, None, None),
            (
                r#""networkMode": "host""#,
                Some("`networkMode` belongs beside `containerDefinitions`".to_owned()),
                None,
            ),
        ] {
            let text = format!(r#"{{"family": "f", "containerDefinitions": [{{{members}}}]}}"#);
            assert_eq!(advice(&text), (help, fix), "{members}");
        }
        let (help, _) = advice(r#"{"family": "f", "containerDefinitions": [], "image": "x"}"#);
        assert_eq!(
            help.as_deref(),
            Some("`image` belongs into a container definition")
        );
    }
}
