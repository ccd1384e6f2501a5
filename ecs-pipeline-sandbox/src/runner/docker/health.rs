//! A container's own health check.
//!
//! It is carried out with `docker exec` and not with Docker's `HEALTHCHECK`, whose command line
//! knows only the shell form and cannot run `["CMD", …]` in an image without a shell.

use std::time::Duration;

use crate::clock::Clock;
use crate::world::HealthCheckSpec;

use super::cli::Cli;

/// Starting a process in a container takes this long on a loaded machine, whatever the
/// sandbox's speed.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(2);
const SHORTEST_INTERVAL: Duration = Duration::from_millis(250);

/// Counts results until they are a verdict, as Docker does: one success is healthy; `retries`
/// failures in a row are unhealthy, where those within the start period do not count.
#[derive(Debug, Default)]
struct Verdict {
    failures: u32,
    healthy: Option<bool>,
}

impl Verdict {
    /// The new verdict, where it changed.
    fn after(&mut self, passed: bool, age: Duration, spec: &HealthCheckSpec) -> Option<bool> {
        if passed {
            self.failures = 0;
            return self.change(true);
        }
        // A container that has been healthy once has left its start period.
        if age < spec.start_period && self.healthy.is_none() {
            return None;
        }
        self.failures += 1;
        if self.failures >= spec.retries {
            return self.change(false);
        }
        None
    }

    fn change(&mut self, healthy: bool) -> Option<bool> {
        (self.healthy.replace(healthy) != Some(healthy)).then_some(healthy)
    }
}

/// Checks a running container again and again, and tells each new verdict.
pub(super) async fn watch(
    cli: Cli,
    clock: Clock,
    container: String,
    spec: HealthCheckSpec,
    tell: impl Fn(bool),
) {
    let Some(mut args) = exec_args(&container, &spec.command) else {
        return;
    };
    args.insert(0, "exec".into());
    let started = clock.now();
    let mut verdict = Verdict::default();
    let mut every = tokio::time::interval(clock.real(spec.interval).max(SHORTEST_INTERVAL));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    every.tick().await;
    loop {
        every.tick().await;
        let limit = clock.real(spec.timeout).max(SHORTEST_TIMEOUT);
        let passed = cli.run_within(limit, &args).await.is_ok();
        let age = clock.now().since(started);
        if let Some(healthy) = verdict.after(passed, age, &spec) {
            tell(healthy);
        }
    }
}

/// `None` for `["NONE"]`, which turns checks off.
fn exec_args(container: &str, command: &[String]) -> Option<Vec<String>> {
    let (kind, rest) = command.split_first()?;
    let mut args = vec![container.to_owned()];
    match kind.as_str() {
        "CMD" if !rest.is_empty() => args.extend(rest.iter().cloned()),
        "CMD-SHELL" => {
            args.extend(["/bin/sh".into(), "-c".into(), rest.join(" ")]);
        }
        _ => return None,
    }
    Some(args)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn spec() -> HealthCheckSpec {
        HealthCheckSpec {
            command: Vec::new(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            retries: 2,
            start_period: Duration::from_secs(100),
        }
    }

    #[test]
    fn verdicts_follow_dockers_rules() {
        let mut verdict = Verdict::default();
        let at = Duration::from_secs;
        for (passed, age, told) in [
            (false, 30, None),
            (false, 60, None),
            (false, 120, None),
            (false, 150, Some(false)),
            (false, 180, None),
            (true, 210, Some(true)),
            (true, 240, None),
            (false, 270, None),
            (true, 300, None),
            (false, 330, None),
            (false, 360, Some(false)),
        ] {
            assert_eq!(verdict.after(passed, at(age), &spec()), told, "at {age}");
        }
        let mut early = Verdict::default();
        assert_eq!(early.after(true, at(1), &spec()), Some(true));
        assert_eq!(early.after(false, at(2), &spec()), None);
        assert_eq!(early.after(false, at(3), &spec()), Some(false));
    }

    #[test]
    fn both_forms_of_a_command_are_run_as_they_are() {
        let args = |command: &[&str]| {
            let command: Vec<String> = command.iter().map(|&s| s.into()).collect();
            exec_args("c", &command).map(|args| args.join("|"))
        };
        assert_eq!(args(&["CMD", "/check", "a b"]).unwrap(), "c|/check|a b");
        assert_eq!(
            args(&["CMD-SHELL", "curl -f http://localhost/ || exit 1"]).unwrap(),
            "c|/bin/sh|-c|curl -f http://localhost/ || exit 1"
        );
        assert_eq!(args(&["NONE"]), None);
        assert_eq!(args(&[]), None);
    }
}
