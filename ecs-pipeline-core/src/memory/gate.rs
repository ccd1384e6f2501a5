use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::error::ProviderError;
use crate::provider::{GateReading, HealthGate};

/// Gives readings from a list instead of looking at anything.
#[derive(Debug)]
pub struct MemoryGate {
    name: String,
    script: Mutex<Script>,
}

#[derive(Debug)]
struct Script {
    readings: VecDeque<GateReading>,
    last: GateReading,
    taken: usize,
}

impl MemoryGate {
    /// A gate that gives these readings in turn and then repeats the last one. Without any it
    /// passes.
    pub fn new(name: impl Into<String>, readings: impl IntoIterator<Item = GateReading>) -> Self {
        Self {
            name: name.into(),
            script: Mutex::new(Script {
                readings: readings.into_iter().collect(),
                last: GateReading::passing("simulated"),
                taken: 0,
            }),
        }
    }

    /// How often it was read.
    #[must_use]
    pub fn taken(&self) -> usize {
        lock(&self.script).taken
    }
}

#[async_trait]
impl HealthGate for MemoryGate {
    fn describe(&self) -> String {
        format!("{} (simulated)", self.name)
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let mut script = lock(&self.script);
        script.taken += 1;
        if let Some(next) = script.readings.pop_front() {
            script.last = next;
        }
        Ok(script.last.clone())
    }
}
