//! Ranges of ports.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "port-range",
    severity: Severity::Error,
    summary: "a containerPortRange that AWS does not take",
    explanation: "A range is `low-high` of ports 1 to 65535, with bridge or awsvpc networking, without \
                  containerPort and hostPort beside it. A port may stand in only one mapping of a container and \
                  protocol, with awsvpc networking in only one of the task, and a container has at most 100 ranges.",
    remedy: "Write the range as `8080-8090`, alone in its mapping.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    // What stands in ranges, of which with awsvpc networking all containers share the ports.
    let mut taken = Vec::new();
    let awsvpc = taskdef.task.network == Network::Awsvpc;
    for container in &taskdef.containers {
        let mut ranges = Vec::new();
        for mapping in container.parts.port_mappings {
            if let Some(node) = mapping.present("containerPortRange") {
                check_mapping(taskdef.task.network, container, mapping, node, findings);
                let ports = node.literal().and_then(range).zip(protocol(mapping));
                ranges.extend(ports.map(|((low, high), protocol)| Range {
                    protocol,
                    low,
                    high,
                    node,
                }));
            }
        }
        if ranges.is_empty() {
            continue;
        }
        if awsvpc {
            taken.extend(ranges.iter().copied());
        } else {
            check_ports(std::slice::from_ref(container), ranges.clone(), findings);
        }
        check_overlap(container, ranges, findings);
    }
    if !taken.is_empty() {
        check_ports(&taskdef.containers, taken, findings);
    }
}

#[derive(Clone, Copy)]
struct Range<'t> {
    protocol: &'t str,
    low: u16,
    high: u16,
    node: &'t Node<'t>,
}

/// Looks for mapped ports that stand in one of the ranges.
fn check_ports<'t>(
    containers: &[Container<'t>],
    mut ranges: Vec<Range<'t>>,
    findings: &mut Findings<'_>,
) {
    ranges.sort_unstable_by_key(|range| (range.protocol, range.low, range.node.id));
    // Each replaced by the one that reaches highest so far, so that one look answers for a port.
    let mut reach: Vec<(u16, Range<'_>)> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let highest = match reach.last() {
            Some((_, last)) if last.protocol == range.protocol && last.high >= range.high => *last,
            _ => range,
        };
        reach.push((range.low, highest));
    }
    for container in containers {
        for mapping in container.parts.port_mappings {
            let single = mapping.present("containerPortRange").is_none();
            let port = mapping.get("containerPort").filter(|_| single);
            let Some((node, protocol)) = port.zip(protocol(mapping)) else {
                continue;
            };
            let Some(port) = node.as_i64().and_then(|port| u16::try_from(port).ok()) else {
                continue;
            };
            let after =
                reach.partition_point(|(low, range)| (range.protocol, *low) <= (protocol, port));
            let below = after.checked_sub(1).and_then(|last| reach.get(last));
            if let Some((_, range)) = below
                && range.protocol == protocol
                && range.high >= port
            {
                let target = findings.target(range.node);
                let message = format!(
                    "{}: port {port}/{protocol} is in a port range too",
                    container.title()
                );
                findings.value(node, message).related(target, "the range");
            }
        }
    }
}

fn check_mapping(
    network: Network,
    container: &Container<'_>,
    mapping: &Node<'_>,
    node: &Node<'_>,
    findings: &mut Findings<'_>,
) {
    let title = || container.title();
    if network == Network::Host {
        findings.value(
            node,
            format!(
                "{}: port ranges are for bridge and awsvpc networking",
                title()
            ),
        );
    }
    if node.literal().is_some_and(|text| range(text).is_none()) {
        let message = format!(
            "{}: a port range is `low-high`, of ports 1 to 65535",
            title()
        );
        findings.value(node, message);
    }
    let port = mapping.get("containerPort");
    if let Some(port) = port.filter(|port| port.as_i64().is_some_and(|port| port > 0)) {
        let message = format!("{}: a port range has no containerPort beside it", title());
        findings.name(port, message);
    }
    let host = mapping.get("hostPort");
    if let Some(host) = host.filter(|host| host.as_i64().is_some_and(|port| port > 0)) {
        let message = format!("{}: a port range has no hostPort beside it", title());
        findings.name(host, message);
    }
}

/// The first and last port.
fn range(text: &str) -> Option<(u16, u16)> {
    let (low, high) = text.split_once('-')?;
    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (0 < low && low < high).then_some((low, high))
}

fn check_overlap(
    container: &Container<'_>,
    mut ranges: Vec<Range<'_>>,
    findings: &mut Findings<'_>,
) {
    if let Some(Range { node, .. }) = ranges.get(100) {
        findings.value(
            node,
            format!("{} has more than 100 port ranges", container.title()),
        );
    }
    ranges.sort_unstable_by_key(|range| (range.protocol, range.low, range.high, range.node.id));
    let mut highest: Option<Range<'_>> = None;
    for range in ranges {
        let same = highest.filter(|earlier| earlier.protocol == range.protocol);
        if let Some(earlier) = same.filter(|earlier| earlier.high >= range.low) {
            let target = findings.target(earlier.node);
            let message = format!("{}: port {} is in two ranges", container.title(), range.low);
            findings
                .value(range.node, message)
                .related(target, "the other range");
            if earlier.high >= range.high {
                continue;
            }
        }
        highest = Some(range);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let host = r#"{"networkMode": "host", "containerDefinitions": [{"portMappings": [{"containerPortRange": "80-90"}]}]}"#;
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"portMappings": [{"containerPortRange": "80-90"}, {"containerPortRange": "91-100", "hostPort": null}, {"containerPortRange": "${R}"}]},
                        {"portMappings": [{"containerPortRange": "85-95"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"portMappings": [{"containerPortRange": "80"}, {"containerPortRange": "90-80"}, {"containerPortRange": "1-70000"}, {"containerPortRange": "1-2", "hostPort": 1}]}]}"#,
                    &[
                        "containerDefinitions[0].portMappings[0].containerPortRange",
                        "containerDefinitions[0].portMappings[1].containerPortRange",
                        "containerDefinitions[0].portMappings[2].containerPortRange",
                        "containerDefinitions[0].portMappings[3].hostPort",
                    ],
                ),
                (
                    r#"{"containerDefinitions": [{"portMappings": [{"containerPortRange": "10-100"}, {"containerPortRange": "20-30"}, {"containerPortRange": "90-110"}]}]}"#,
                    &[
                        "containerDefinitions[0].portMappings[1].containerPortRange",
                        "containerDefinitions[0].portMappings[2].containerPortRange",
                    ],
                ),
                (
                    r#"{"containerDefinitions": [{"portMappings": [{"containerPortRange": "10-100"}, {"containerPortRange": "20-30", "protocol": "udp"}, {"containerPort": 40, "protocol": "udp"}, {"containerPort": 101}, {"containerPort": 9}]},
                        {"portMappings": [{"containerPort": 50}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"portMappings": [{"containerPortRange": "10-100", "containerPort": 10}, {"containerPort": 40}, {"containerPort": 100, "protocol": "tcp"}, {"containerPortRange": "20-30", "containerPort": 0, "protocol": "udp"}]}]}"#,
                    &[
                        "containerDefinitions[0].portMappings[0].containerPort",
                        "containerDefinitions[0].portMappings[1].containerPort",
                        "containerDefinitions[0].portMappings[2].containerPort",
                    ],
                ),
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"portMappings": [{"containerPortRange": "10-100"}, {"containerPortRange": "200-210"}]}, {"portMappings": [{"containerPort": 50}, {"containerPort": 150}]}]}"#,
                    &["containerDefinitions[1].portMappings[0].containerPort"],
                ),
                (
                    host,
                    &["containerDefinitions[0].portMappings[0].containerPortRange"],
                ),
            ],
        );
    }
}
