//! Host ports where there is no mapping.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "host-port-mismatch",
    severity: Severity::Error,
    summary: "hostPort differs from containerPort in awsvpc or host networking",
    explanation: "With awsvpc the task has a network interface of its own, with host the containers listen \
                  on the instance's; nothing translates ports. RegisterTaskDefinition answers `When \
                  networkMode=awsvpc, the host ports and container ports in port mappings must match.`",
    remedy: "Leave hostPort out, or make it the containerPort.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let mode = match taskdef.task.network {
        Network::Awsvpc => "awsvpc",
        Network::Host => "host",
        _ => return,
    };
    for (container, mapping) in port_mappings(taskdef) {
        let (Some(host), Some(port)) = (mapping.get("hostPort"), mapping.get("containerPort"))
        else {
            continue;
        };
        let (Some(host_port), Some(container_port)) = (host.as_i64(), port.as_i64()) else {
            continue;
        };
        if host_port != container_port {
            let target = findings.target(port);
            let message = format!(
                "{}: with {mode} networking hostPort is absent or {container_port}, not {host_port}",
                container.title()
            );
            findings
                .value(host, message)
                .related(target, "the port of the container")
                .fix("remove `hostPort`", [Change::Remove(host.id)]);
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
                r#"{{"networkMode": "{mode}", "containerDefinitions": [{{"portMappings": [
                    {{"containerPort": 80}}, {{"containerPort": 80, "hostPort": 80}}, {{"containerPort": 80, "hostPort": null}},
                    {{"containerPort": 80, "hostPort": "0"}}, {{"containerPort": 80, "hostPort": 0}}, {{"containerPort": 80, "hostPort": 8080}}]}}]}}"#
            )
        };
        let found: &[&str] = &[
            "containerDefinitions[0].portMappings[4].hostPort",
            "containerDefinitions[0].portMappings[5].hostPort",
        ];
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of("awsvpc"), found),
                (&of("host"), found),
                (&of("bridge"), &[]),
                (&of("${MODE}"), &[]),
            ],
        );
    }
}
