//! Identifiers: deterministic, so that two equal histories give two equal worlds.

/// Hands out identifiers that look like AWS's.
#[derive(Debug, Default)]
pub(super) struct Ids {
    next: u64,
}

impl Ids {
    /// 32 hexadecimal digits, as in task and service deployment ARNs.
    pub(super) fn hex32(&mut self) -> String {
        let high = self.scramble();
        let low = self.scramble();
        format!("{high:016x}{low:016x}")
    }

    /// 16 hexadecimal digits, as in load balancer ARNs.
    pub(super) fn hex16(&mut self) -> String {
        format!("{:016x}", self.scramble())
    }

    /// 19 decimal digits, as in `ecs-svc/…`.
    pub(super) fn digits19(&mut self) -> String {
        format!("{:019}", self.scramble() % 10_000_000_000_000_000_000)
    }

    /// A UUID's form: 32 hexadecimal digits in five parts.
    pub(super) fn uuid(&mut self) -> String {
        let digits = self.hex32();
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        [
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32),
        ]
        .join("-")
    }

    /// SplitMix64 over a counter: spread out like random ids, and never the same twice.
    fn scramble(&mut self) -> u64 {
        self.next += 1;
        let mut z = self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
