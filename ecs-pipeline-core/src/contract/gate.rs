use super::{must, must_describe};
use crate::model::GateState;
use crate::provider::HealthGate;

/// Every [`HealthGate`]. `well` looks at something healthy, and `ill` at something that can be
/// reached and is not.
///
/// # Panics
///
/// When the contract is not kept.
pub async fn health_gate(well: &dyn HealthGate, ill: &dyn HealthGate) {
    for (gate, passes) in [(well, true), (ill, false)] {
        let name = gate.describe();
        must_describe(&name);
        // Reading is harmless: what is well stays well.
        for _ in 0..3 {
            let reading = must(&name, gate.read().await);
            assert_eq!(
                reading.state == GateState::Passing,
                passes,
                "{name}: {reading:?}"
            );
            assert!(
                !reading.detail.trim().is_empty(),
                "{name}: a reading tells what was seen"
            );
        }
        assert_eq!(gate.describe(), name, "a gate keeps its name");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryGate;
    use crate::provider::GateReading;

    #[tokio::test]
    async fn the_simulated_gate_keeps_the_contract() {
        let well = MemoryGate::new("well", []);
        let ill = MemoryGate::new("ill", [GateReading::not_yet("503")]);
        health_gate(&well, &ill).await;
    }
}
