//! The table of what many rehearsals came to.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::exit;
use serde::Serialize;

use super::one::Rehearsed;
use super::promise::Promise;
use super::share::Shares;

/// One rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Row {
    strategy: String,
    scenario: String,
    exit_code: u8,
    /// `FAMILY:REVISION`.
    runs: Option<String>,
    requests: u64,
    failed: u64,
    /// By how many points the new version's share of the requests was off at most, where traffic
    /// is shifted by weights and there were enough requests.
    share_off: Option<f64>,
    seconds: f64,
    /// What was not as promised.
    wrong: Vec<String>,
}

impl Row {
    pub(super) fn of(
        strategy: String,
        scenario: String,
        rehearsed: &Rehearsed,
        promise: Promise,
    ) -> Self {
        let (report, seen) = (&rehearsed.report, &rehearsed.seen);
        let mut wrong = seen.faults();
        if report.exit_code != promise.exit_code {
            wrong.push(format!(
                "exit code {}, and not {}: {}",
                report.exit_code, promise.exit_code, report.summary
            ));
        }
        Self {
            strategy,
            scenario,
            exit_code: report.exit_code,
            runs: Some(seen.runs.clone()),
            requests: seen.sent.total(),
            failed: seen.sent.failed,
            share_off: seen.shares.as_ref().and_then(Shares::largest_deviation),
            seconds: rehearsed.took.as_secs_f64(),
            wrong,
        }
    }

    /// A rehearsal that could not take place.
    pub(super) fn of_error(strategy: String, scenario: String, report: &Report) -> Self {
        Self {
            strategy,
            scenario,
            exit_code: report.exit_code,
            runs: None,
            requests: 0,
            failed: 0,
            share_off: None,
            seconds: 0.0,
            wrong: vec![report.summary.clone()],
        }
    }

    pub(super) fn is_as_promised(&self) -> bool {
        self.wrong.is_empty()
    }

    /// `canary, missing-image`.
    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.strategy, self.scenario)
    }

    /// One line.
    pub(super) fn told(&self) -> String {
        let how = match self.is_as_promised() {
            true => "as promised".to_owned(),
            false => format!("NOT AS PROMISED: {}", self.wrong.join("; ")),
        };
        format!("{}: {}, {how}", self.name(), self.end())
    }

    /// `rolled-back (4)`.
    fn end(&self) -> String {
        let known = exit::TABLE
            .iter()
            .find(|(code, ..)| *code == self.exit_code);
        let name = known.map_or("unknown", |(_, name, _)| name);
        format!("{name} ({})", self.exit_code)
    }

    fn cells(&self) -> [String; 8] {
        let share = self.share_off;
        [
            self.strategy.clone(),
            self.scenario.clone(),
            match self.is_as_promised() {
                true => self.end(),
                false => format!("**{}, not as promised**", self.end()),
            },
            self.runs.clone().unwrap_or_else(none),
            self.requests.to_string(),
            self.failed.to_string(),
            share.map_or_else(none, |points| format!("{points:.1}")),
            format!("{:.0} s", self.seconds),
        ]
    }
}

fn none() -> String {
    "–".to_owned()
}

/// The lines of the table in Markdown.
pub(super) fn markdown(rows: &[Row]) -> Vec<String> {
    let head = [
        "strategy",
        "scenario",
        "ends as",
        "runs then",
        "requests",
        "failed",
        "share off by, points",
        "real time",
    ];
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        line(&head.map(str::to_owned)),
        "|---|---|---|---|--:|--:|--:|--:|".to_owned(),
    ];
    lines.extend(rows.iter().map(|row| line(&row.cells())));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            strategy: "canary".to_owned(),
            scenario: "good".to_owned(),
            exit_code: 0,
            runs: Some("web:2".to_owned()),
            requests: 6123,
            failed: 0,
            share_off: Some(0.14),
            seconds: 38.4,
            wrong: Vec::new(),
        }
    }

    #[test]
    fn a_row_has_its_place_in_the_table() {
        let mut wrong = row();
        wrong.exit_code = 7;
        wrong.share_off = None;
        wrong.wrong.push("exit code 7, and not 0".to_owned());
        assert_eq!(
            markdown(&[row(), wrong.clone()])[2..],
            [
                "| canary | good | succeeded (0) | web:2 | 6123 | 0 | 0.1 | 38 s |",
                "| canary | good | **still-running (7), not as promised** | web:2 | 6123 | 0 | – | 38 s |",
            ]
        );
        assert_eq!(row().told(), "canary, good: succeeded (0), as promised");
        assert_eq!(
            wrong.told(),
            "canary, good: still-running (7), NOT AS PROMISED: exit code 7, and not 0"
        );
    }
}
