//! How a load balancer asks targets for their health, and how long it waits for the first answer.

use super::{Finding, HealthCheck, TargetGroup, View};

pub(super) fn check(view: &View<'_>, group: &TargetGroup) -> Finding {
    const CHECK: &str = "health-check";
    let name = &group.name;
    let HealthCheck {
        protocol,
        port,
        path,
        matcher,
        ..
    } = &group.health;
    if let Some(codes) = matcher.as_deref().filter(|codes| counts_errors(codes)) {
        return Finding::warning(
            CHECK,
            format!("{name}: the matcher {codes} lets an answer with an error count as healthy"),
            format!(
                "aws elbv2 modify-target-group --target-group-arn … --matcher HttpCode=200 (of {name})"
            ),
        );
    }
    if let Some(finding) = other_port(view, group) {
        return finding;
    }
    let path = path.as_deref().unwrap_or_default();
    let codes = matcher.as_deref().map(|codes| format!(" for {codes}"));
    let at = match port.as_str() {
        "traffic-port" => "the container's port".to_owned(),
        port => format!("port {port}"),
    };
    let codes = codes.unwrap_or_default();
    Finding::ok(
        CHECK,
        format!("{name}: {protocol} {path} at {at}{codes}").replace("  ", " "),
    )
}

/// The health check is sent to a port of its own, which no container has.
fn other_port(view: &View<'_>, group: &TargetGroup) -> Option<Finding> {
    let definition = view.task_definition.as_ref()?;
    let port: u16 = group.health.port.parse().ok()?;
    let ports = match definition.network_mode() {
        "awsvpc" => definition
            .container_ports()
            .into_iter()
            .map(u64::from)
            .collect(),
        _ => definition.host_ports(),
    };
    (!ports.contains(&u64::from(port))).then(|| {
        Finding::warning(
            "health-check",
            format!(
                "{}: health checks go to port {port}, which {} does not map",
                group.name, definition.origin
            ),
            "set --health-check-port traffic-port, or map the port",
        )
    })
}

/// Whether 4xx or 5xx are among the codes: `200`, `200,301`, `200-499`.
fn counts_errors(matcher: &str) -> bool {
    let ends = matcher
        .split([',', '-'])
        .filter_map(|code| code.trim().parse::<u16>().ok());
    ends.max().is_some_and(|highest| highest >= 400)
}

/// A container may take longer to start than the load balancer waits.
pub(super) fn grace_period(view: &View<'_>, arn: &str) -> Option<Finding> {
    const CHECK: &str = "health-check-grace-period";
    let service = view.service?;
    let group = view.facts.target_groups.get(arn)?.known()?;
    let start = view.task_definition.as_ref()?.start_period();
    let patience = u64::from(group.health.interval) * u64::from(group.health.unhealthy_threshold);
    let grace = u64::from(service.grace_seconds);
    if start <= patience.max(grace) {
        return Some(Finding::ok(
            CHECK,
            format!(
                "{grace} s: no container may take longer to start than the load balancer waits"
            ),
        ));
    }
    Some(Finding::warning(
        CHECK,
        format!(
            "a container may take {start} s to start (startPeriod), and after {} s the load balancer has its tasks replaced",
            patience.max(grace)
        ),
        format!("set --health-check-grace-period-seconds {start} on the service"),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{BLUE, broken};
    use super::*;

    /// A name, what it comes to, and what is changed.
    type Case = (&'static str, Status, fn(&mut HealthCheck));

    #[test]
    fn matchers_that_count_errors() {
        for (matcher, counts) in [
            ("200", false),
            ("200-399", false),
            ("200,404", true),
            ("200-499", true),
            ("0", false),
        ] {
            assert_eq!(counts_errors(matcher), counts, "{matcher}");
        }
    }

    #[test]
    fn health_checks() {
        let table: [Case; 4] = [
            ("as it is", Status::Ok, |_| {}),
            ("errors", Status::Warning, |check| {
                check.matcher = Some("200-499".to_owned())
            }),
            ("the container's port", Status::Ok, |check| {
                check.port = "8080".to_owned()
            }),
            ("another port", Status::Warning, |check| {
                check.port = "9000".to_owned()
            }),
        ];
        for (name, status, change) in table {
            let found = broken("health-check", |stage| {
                stage.group(BLUE, |group| change(&mut group.health))
            });
            assert_eq!(found, [status], "{name}");
        }
    }

    #[test]
    fn a_slow_start_needs_a_grace_period() {
        let with = |start: u64, grace: u32| {
            broken("health-check-grace-period", |stage| {
                stage.runs(|definition| {
                    definition["containerDefinitions"][0]["healthCheck"]["startPeriod"] =
                        start.into()
                });
                stage.service(|service| service.grace_seconds = grace);
            })
        };
        assert_eq!(with(30, 0), [Status::Ok]);
        assert_eq!(with(120, 0), [Status::Warning]);
        assert_eq!(with(120, 120), [Status::Ok]);
    }
}
