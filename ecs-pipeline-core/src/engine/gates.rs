//! Reads the gates, one after the other.

use tokio::time::{Instant, sleep};

use super::{Gate, OnAbort, Run};
use crate::event::{EventKind, Outcome, Step};
use crate::model::GateState;
use crate::provider::GateReading;
use crate::wait::after;

/// Why the gates did not pass.
pub(super) struct GatesFailed {
    pub(super) why: String,
    /// The run was told to stop; nothing was judged.
    pub(super) cancelled: bool,
}

impl Run {
    pub(super) async fn read_gates(&self, gates: &[Gate]) -> Result<(), GatesFailed> {
        for gate in gates {
            let began = Instant::now();
            let name = gate.gate.describe();
            self.events.send(EventKind::StepStarted {
                step: Step::Gate,
                detail: name.clone(),
            });
            let read = self.read_gate(gate, &name).await;
            let (outcome, told) = match &read {
                Ok(detail) => (Outcome::Done, detail.clone()),
                Err(failed) if failed.cancelled => (Outcome::Left, failed.why.clone()),
                Err(failed) => (Outcome::Failed, failed.why.clone()),
            };
            self.finished(Step::Gate, outcome, told, began);
            read?;
        }
        Ok(())
    }

    /// Reads those gates once that are to be read during a deployment; why one of them fails.
    pub(super) async fn failing_now(&self, gates: &[Gate]) -> Option<String> {
        for gate in gates.iter().filter(|gate| gate.during) {
            let name = gate.gate.describe();
            let why = match self.reading(gate).await {
                Ok(reading) if reading.state != GateState::Failing => continue,
                Ok(reading) => reading.detail,
                Err(unread) => unread,
            };
            self.events.send(EventKind::GateRead {
                gate: name.clone(),
                state: GateState::Failing,
                detail: why.clone(),
                passed: 0,
                needed: gate.successes.max(1),
            });
            return Some(format!("gate {name}: {why}"));
        }
        None
    }

    /// Reads one gate until it has passed often enough in a row.
    async fn read_gate(&self, gate: &Gate, name: &str) -> Result<String, GatesFailed> {
        let failed = |why: String| GatesFailed {
            why: format!("gate {name}: {why}"),
            cancelled: false,
        };
        let deadline = after(gate.limit);
        let needed = gate.successes.max(1);
        let mut passed = 0;
        let mut last: Option<GateReading> = None;
        loop {
            let reading = self.reading(gate).await.map_err(failed)?;
            passed = match reading.state {
                GateState::Passing => passed + 1,
                GateState::NotYet | GateState::Failing => 0,
            };
            if last.as_ref() != Some(&reading) || passed == needed {
                self.events.send(EventKind::GateRead {
                    gate: name.to_owned(),
                    state: reading.state,
                    detail: reading.detail.clone(),
                    passed,
                    needed,
                });
            }
            if reading.state == GateState::Failing {
                return Err(failed(reading.detail));
            }
            if passed >= needed {
                return Ok(reading.detail);
            }
            if after(gate.interval) > deadline {
                let limit = gate.limit.as_secs();
                return Err(failed(format!("not within {limit} s: {}", reading.detail)));
            }
            last = Some(reading);
            tokio::select! {
                () = sleep(gate.interval) => {}
                () = self.cancel.cancelled(), if self.settings.on_abort != OnAbort::Wait => {
                    return Err(GatesFailed {
                        why: format!("told to stop while reading gate {name}"),
                        cancelled: true,
                    });
                }
            }
        }
    }

    async fn reading(&self, gate: &Gate) -> Result<GateReading, String> {
        match gate.gate.read().await {
            Ok(reading) => Ok(reading),
            Err(error) if error.kind().is_transient() => {
                Ok(GateReading::not_yet(error.to_string()))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}
