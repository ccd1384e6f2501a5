//! A build's log, in CodeBuild's form.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::clock::civil;

/// Who is told each line as it comes.
pub(super) type OnLine = Arc<dyn Fn(&str) + Send + Sync>;

/// The lines so far.
#[derive(Default)]
pub(super) struct Log {
    lines: Vec<String>,
    on_line: Option<OnLine>,
    /// Values that are not shown, the longest first.
    secrets: Vec<String>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("lines", &self.lines).finish()
    }
}

impl Log {
    pub(super) fn new(on_line: Option<OnLine>) -> Self {
        Self {
            on_line,
            ..Self::default()
        }
    }

    /// Does not show this value from now on, as CodeBuild does not show what Parameter Store and Secrets
    /// Manager hold.
    pub(super) fn hide(&mut self, secret: &str) {
        // What has more than one line is printed line by line.
        let lines = secret
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        self.secrets.extend(lines.map(str::to_owned));
        self.secrets.sort_by_key(|secret| usize::MAX - secret.len());
    }

    /// What a command printed.
    pub(super) fn printed(&mut self, line: &str) {
        let line = self.masked(line);
        self.push(line);
    }

    /// What CodeBuild itself says.
    pub(super) fn says(&mut self, text: impl fmt::Display) {
        let text = self.masked(&text.to_string());
        self.push(format!("[Container] {} {text}", date(now())));
    }

    /// What CodeBuild does not say: where a build on this machine is another.
    pub(super) fn notes(&mut self, text: &str) {
        self.push(format!("[ecs-pipeline] {text}"));
    }

    pub(super) fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            if text.contains(secret) {
                text = text.replace(secret, "***");
            }
        }
        text
    }

    pub(super) fn take(&mut self) -> Vec<String> {
        mem::take(&mut self.lines)
    }

    fn push(&mut self, line: String) {
        if let Some(on_line) = &self.on_line {
            on_line(&line);
        }
        self.lines.push(line);
    }
}

/// Since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "a build's log and CODEBUILD_START_TIME have the date of this machine, as its commands do"
)]
pub(super) fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// `2024/02/29 12:00:00.000000`.
fn date(since: Duration) -> String {
    let (days, of_day) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}/{month:02}/{day:02} {:02}:{:02}:{:02}.{:06}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        since.subsec_micros()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_codebuilds() {
        let since = Duration::from_micros(1_709_208_001_000_020);
        assert_eq!(date(since), "2024/02/29 12:00:01.000020");
    }

    #[test]
    fn secrets_are_hidden() {
        let mut log = Log::default();
        log.hide("tops");
        log.hide("topsecret\n\nsecond line\n");
        log.printed("a topsecret, a tops, the second line");
        log.says("Running command echo tops");
        let lines = log.take();
        assert_eq!(lines[0], "a ***, a ***, the ***");
        assert!(lines[1].ends_with("Running command echo ***"), "{lines:?}");
    }
}
