//! One port, two mappings.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "duplicate-port",
    severity: Severity::Error,
    summary: "a host port is mapped twice",
    explanation: "The containers of a task share its host ports: with awsvpc and host networking every \
                  container port is one, with bridge networking every hostPort. RegisterTaskDefinition \
                  answers `TCP host port '<port>' is mapped multiple times in task.`",
    remedy: "Let one of the containers listen on another port, or with bridge networking set hostPort to 0.",
    reference: "https://github.com/aws/amazon-ecs-agent/issues/1220",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let fixed = match taskdef.task.network {
        Network::Bridge => "hostPort",
        Network::Awsvpc | Network::Host => "containerPort",
        _ => return,
    };
    // By number, then protocol, then where it stands.
    let mut ports: Vec<_> = port_mappings(taskdef)
        .filter_map(|(_, mapping)| {
            let node = mapping.get(fixed)?;
            let port = node.as_i64().filter(|port| *port > 0)?;
            Some((port, protocol(mapping)?, node.id, node))
        })
        .collect();
    ports.sort_unstable_by_key(|(port, protocol, id, _)| (*port, *protocol, *id));
    for pair in ports.windows(2) {
        if let [
            (first, first_protocol, _, earlier),
            (port, protocol, _, node),
        ] = pair
            && (first, first_protocol) == (port, protocol)
        {
            let target = findings.target(earlier);
            let message = format!("host port {port}/{protocol} is mapped already");
            findings
                .value(node, message)
                .related(target, "the other mapping");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |mode: &str| {
            format!(
                r#"{{"networkMode": "{mode}", "containerDefinitions": [
                    {{"portMappings": [{{"containerPort": 53, "hostPort": 53}}, {{"containerPort": 53, "hostPort": 53, "protocol": "udp"}}, {{"containerPort": 80}}, {{"containerPort": 81, "hostPort": 0}}]}},
                    {{"portMappings": [{{"containerPort": 80, "hostPort": 0}}, {{"containerPort": 53, "hostPort": 53, "protocol": "tcp"}}]}}]}}"#
            )
        };
        let ports: &[&str] = &[
            "containerDefinitions[1].portMappings[0].containerPort",
            "containerDefinitions[1].portMappings[1].containerPort",
        ];
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    &of("bridge"),
                    &["containerDefinitions[1].portMappings[1].hostPort"],
                ),
                (&of("awsvpc"), ports),
                (&of("host"), ports),
                (&of("${MODE}"), &[]),
            ],
        );
    }
}
