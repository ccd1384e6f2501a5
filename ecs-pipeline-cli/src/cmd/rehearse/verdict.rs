//! A rehearsal that did not go well does not end as a success, whatever AWS says of it.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::exit;
use ecs_pipeline_core::model::End;

use super::happening::Happened;
use super::load::Sent;
use super::share::Shares;

/// What was seen of a rehearsal from outside.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) sent: Sent,
    pub(super) shares: Option<Shares>,
    pub(super) happened: Happened,
    /// What runs at the end, and what is to.
    pub(super) runs: String,
    pub(super) promised: String,
}

impl Seen {
    /// The report with what was seen.
    pub(super) fn judge(&self, mut report: Report) -> Report {
        report.summary = format!(
            "{}; {} requests through the load balancer, {} failed",
            report.summary,
            self.sent.total(),
            self.sent.failed
        );
        let deviation = self.shares.as_ref().and_then(Shares::largest_deviation);
        if let Some(points) = deviation {
            let share = format!("; the share of version 2 was off by at most {points:.1} points");
            report.summary.push_str(&share);
        }
        if report.end != End::Succeeded {
            return report;
        }
        let faults = self.faults();
        if !faults.is_empty() {
            report.end = End::Failed;
            report.exit_code = exit::FAILED;
        }
        for fault in faults {
            report.summary.push_str("; ");
            report.summary.push_str(&fault);
        }
        report
    }

    /// What was not as it must be after a success.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.sent.failed > 0 {
            faults.push("not one request was to fail".to_owned());
        }
        if self.shares.as_ref().is_some_and(Shares::is_off) {
            faults.push("the share was not to be off by more than 3 points".to_owned());
        }
        match &self.happened {
            Happened::Nothing | Happened::AsWanted => {}
            Happened::TooLate => {
                faults.push("the deployment was over before the scenario could happen".to_owned())
            }
            Happened::Failed(why) => faults.push(format!("the scenario could not happen: {why}")),
        }
        if self.runs != self.promised {
            faults.push(format!("{} runs, and not {}", self.runs, self.promised));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen {
            sent: Sent {
                succeeded: 7,
                ..Sent::default()
            },
            shares: None,
            happened: Happened::Nothing,
            runs: "web:2".to_owned(),
            promised: "web:2".to_owned(),
        }
    }

    #[test]
    fn a_success_stays_one_only_if_all_went_well() {
        let good = seen().judge(Report::done("done"));
        assert_eq!((good.end, good.exit_code), (End::Succeeded, 0));
        assert_eq!(
            good.summary,
            "done; 7 requests through the load balancer, 0 failed"
        );
        let mut failed = seen();
        failed.sent.failed = 1;
        let mut late = seen();
        late.happened = Happened::TooLate;
        let mut refused = seen();
        refused.happened = Happened::Failed("refused".to_owned());
        let mut other = seen();
        other.runs = "web:1".to_owned();
        for (seen, words) in [
            (failed, "not one request"),
            (late, "over before"),
            (refused, "refused"),
            (other, "web:1 runs, and not web:2"),
        ] {
            let report = seen.judge(Report::done("done"));
            assert_eq!((report.end, report.exit_code), (End::Failed, 1), "{words}");
            assert!(report.summary.contains(words), "{}", report.summary);
        }
    }

    #[test]
    fn another_end_stays_what_it_is() {
        let mut failed = seen();
        failed.sent.failed = 1;
        let mut report = Report::done("rolled back");
        report.end = End::RolledBack;
        report.exit_code = exit::ROLLED_BACK;
        let report = failed.judge(report);
        assert_eq!((report.end, report.exit_code), (End::RolledBack, 4));
    }
}
