//! What there are many of: as lists beside the drawing.

use super::Stacks;
use super::svg::Canvas;
use crate::support::document::{Document, Resource, text};

/// A list of all resources of some types.
struct List {
    title: &'static str,
    kinds: &'static [&'static str],
    x: i32,
    y: i32,
    width: i32,
    lines: fn(&Document, &Resource<'_>) -> Vec<String>,
}

const LISTS: &[List] = &[
    List {
        title: "Security groups: who is let in",
        kinds: &["AWS::EC2::SecurityGroup"],
        x: 880,
        y: 240,
        width: 340,
        lines: ingress,
    },
    List {
        title: "Roles: who has them",
        kinds: &["AWS::IAM::Role"],
        x: 880,
        y: 372,
        width: 340,
        lines: principal,
    },
    List {
        title: "Alarms: what fails a deployment",
        kinds: &["AWS::CloudWatch::Alarm"],
        x: 880,
        y: 558,
        width: 340,
        lines: metric,
    },
    List {
        title: "Log groups",
        kinds: &["AWS::Logs::LogGroup"],
        x: 880,
        y: 690,
        width: 340,
        lines: retention,
    },
];

/// Whether resources of a type are in a list.
pub(super) fn has(kind: &str) -> bool {
    LISTS.iter().any(|list| list.kinds.contains(&kind))
}

pub(super) fn draw(canvas: &mut Canvas, stacks: &Stacks) {
    for list in LISTS {
        let mut lines = Vec::new();
        for stack in super::layout::STACKS {
            let Some(document) = stacks.get(stack) else {
                continue;
            };
            let listed = document.resources();
            let listed = listed.filter(|it| list.kinds.contains(&it.kind()));
            let texts = listed.flat_map(|it| (list.lines)(document, &it));
            lines.extend(texts.map(|text| (*stack, text)));
        }
        canvas.list(list.title, (list.x, list.y, list.width), &lines);
    }
}

fn ingress(document: &Document, group: &Resource<'_>) -> Vec<String> {
    let inside = group.list("/SecurityGroupIngress").map(|rule| {
        let port = document.resolve(&rule["FromPort"]).unwrap_or_default();
        let who = document.resolve(&rule["CidrIp"]).unwrap_or_default();
        format!("{port} from {who}")
    });
    let alone = document.of_kind("AWS::EC2::SecurityGroupIngress");
    let alone = alone.filter(|rule| rule.property("/GroupId/Ref") == group.name);
    let alone = alone.map(|rule| {
        let port = document.resolve(rule.property("/FromPort"));
        let who = text(rule.property("/SourceSecurityGroupId/Ref"));
        format!("{} from {}", port.unwrap_or_default(), short(&who))
    });
    let mut rules: Vec<_> = inside.chain(alone).collect();
    if rules.is_empty() {
        rules.push("nobody".to_owned());
    }
    let rules = rules.into_iter();
    rules
        .map(|rule| format!("{}: {rule}", short(group.name)))
        .collect()
}

/// Without what the title says.
fn short(group: &str) -> &str {
    group.trim_end_matches("SecurityGroup")
}

fn principal(_: &Document, role: &Resource<'_>) -> Vec<String> {
    let trust = role.property("/AssumeRolePolicyDocument/Statement/0/Principal/Service");
    let service = trust.get("Fn::Sub").map_or_else(|| text(trust), text);
    let service = service.split('.').next().unwrap_or_default();
    vec![format!("{}: {service}", role.name)]
}

fn metric(_: &Document, alarm: &Resource<'_>) -> Vec<String> {
    vec![format!(
        "{}: {}",
        alarm.name,
        text(alarm.property("/MetricName"))
    )]
}

fn retention(document: &Document, group: &Resource<'_>) -> Vec<String> {
    let name = document.resolve(group.property("/LogGroupName"));
    let name = name.unwrap_or_else(|| group.name.to_owned());
    let days = document.resolve(group.property("/RetentionInDays"));
    vec![format!("{name}: {} days", days.unwrap_or_default())]
}
