//! Ports, the certificate, and the health check.

use super::super::ServiceOptions;
use crate::application::Application;
use crate::problem::Problems;

pub(super) fn check(application: &Application, service: &ServiceOptions, problems: &mut Problems) {
    if let Some(certificate) = &service.certificate
        && !is_certificate(certificate)
    {
        problems.add(
            "infra.service.certificate",
            format!("{certificate} is not the ARN of an ACM certificate"),
            "write one such as arn:aws:acm:eu-west-1:123456789012:certificate/ID, of the stack's Region",
        );
    }
    test_port(application, service, problems);
    health_check(service, problems);
}

/// `arn:PARTITION:acm:REGION:ACCOUNT:certificate/ID`.
fn is_certificate(arn: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    let ["arn", partition, "acm", region, account, resource] = parts.as_slice() else {
        return false;
    };
    let id = resource.strip_prefix("certificate/").unwrap_or_default();
    partition.starts_with("aws")
        && !region.is_empty()
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && !id.is_empty()
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn test_port(application: &Application, service: &ServiceOptions, problems: &mut Problems) {
    let member = "infra.service.test-port";
    let Some(port) = service.test_port else {
        return;
    };
    if !application.strategy.shifts() {
        problems.add(
            member,
            "a rolling deployment has no next revision to try: it gets its requests as it comes",
            "take it away, or choose a strategy that shifts traffic",
        );
    }
    // 80 is taken with a certificate too: it redirects.
    if [80, service.production_port()].contains(&port) {
        problems.add(
            member,
            format!("the load balancer has a listener on {port} already"),
            format!(
                "choose another port, or leave it out: {}",
                service.default_test_port()
            ),
        );
    }
    if port == 0 {
        problems.add(member, "0 is no port", "write one from 1 to 65535");
    }
}

fn health_check(service: &ServiceOptions, problems: &mut Problems) {
    let health = &service.health_check;
    if health.timeout >= health.interval {
        problems.add(
            "infra.service.health-check.timeout",
            format!(
                "a response may not take {} seconds where one is asked for every {} seconds",
                health.timeout, health.interval
            ),
            "lower it, or raise infra.service.health-check.interval",
        );
    }
    let printable = |c: char| c.is_ascii_graphic();
    if !health.path.starts_with('/')
        || health.path.len() > 1024
        || !health.path.chars().all(printable)
    {
        problems.add(
            "infra.service.health-check.path",
            "a path begins with a slash, has at most 1024 characters, and no spaces or characters beyond ASCII",
            "write one such as /health",
        );
    }
    if !is_matcher(&health.matcher) {
        problems.add(
            "infra.service.health-check.matcher",
            format!("{:?} are no statuses from 200 to 499", health.matcher),
            "write one (200), several (200,202), or a range (200-299)",
        );
    }
}

/// `HttpCode` of a target group behind an Application Load Balancer.
fn is_matcher(matcher: &str) -> bool {
    let status = |text: &str| {
        let is_number = text.len() == 3 && text.chars().all(|c| c.is_ascii_digit());
        let number = text.parse::<u16>().ok().filter(|_| is_number)?;
        (200..=499).contains(&number).then_some(number)
    };
    matcher.split(',').all(|part| match part.split_once('-') {
        Some((from, to)) => match (status(from), status(to)) {
            (Some(from), Some(to)) => from < to,
            _ => false,
        },
        None => status(part).is_some(),
    })
}
