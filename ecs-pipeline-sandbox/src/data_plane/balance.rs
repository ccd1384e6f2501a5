//! Which target gets a request: target groups by weight, and the targets of a group in turn.

use std::collections::HashMap;

use crate::world::{Destination, Weighted};

/// What a listener remembers from one choice to the next.
#[derive(Debug, Default)]
pub(super) struct Balance {
    /// Smooth weighted round robin's current weights, by rule and target group.
    credit: HashMap<(usize, String), i64>,
    /// How many requests each target group has had.
    turns: HashMap<String, usize>,
}

impl Balance {
    /// The target group for the next request of this rule. Over any stretch of requests each
    /// group gets its share of them to within one request. `None` when every weight is 0.
    ///
    /// A group without targets keeps its share, as with an ALB, which answers 503 for it.
    pub(super) fn group<'w>(
        &mut self,
        rule: usize,
        groups: &'w [Weighted],
    ) -> Option<&'w Weighted> {
        let total: i64 = groups.iter().map(|g| i64::from(g.weight)).sum();
        let mut best: Option<(&Weighted, i64)> = None;
        for group in groups.iter().filter(|g| g.weight > 0) {
            let credit = self
                .credit
                .entry((rule, group.target_group.clone()))
                .or_default();
            *credit += i64::from(group.weight);
            if best.is_none_or(|(_, most)| *credit > most) {
                best = Some((group, *credit));
            }
        }
        let (chosen, _) = best?;
        if let Some(credit) = self.credit.get_mut(&(rule, chosen.target_group.clone())) {
            *credit -= total;
        }
        Some(chosen)
    }

    /// The target of a group whose turn it is.
    pub(super) fn target<'w>(&mut self, group: &'w Weighted) -> Option<&'w Destination> {
        let turn = self.turns.entry(group.target_group.clone()).or_default();
        let at = turn.checked_rem(group.destinations.len())?;
        *turn = turn.wrapping_add(1);
        group.destinations.get(at)
    }

    /// Starts afresh: weights that no longer hold must not colour the shares that now do.
    pub(super) fn weights_changed(&mut self) {
        self.credit.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::world::Target;
    use proptest::prelude::*;

    fn weighted(weights: &[u32]) -> Vec<Weighted> {
        weights
            .iter()
            .enumerate()
            .map(|(at, &weight)| Weighted {
                target_group: format!("tg-{at}"),
                weight,
                destinations: Vec::new(),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_group_has_its_share_after_any_number_of_requests(
            weights in proptest::collection::vec(0u32..1000, 1..5),
            requests in 1usize..500,
        ) {
            let groups = weighted(&weights);
            let total: u32 = weights.iter().sum();
            let mut balance = Balance::default();
            let mut counts = vec![0usize; weights.len()];
            for _ in 0..requests {
                match balance.group(0, &groups) {
                    None => prop_assert_eq!(total, 0),
                    Some(chosen) => {
                        let at = groups.iter().position(|g| g == chosen).unwrap();
                        counts[at] += 1;
                    }
                }
            }
            for (count, &weight) in counts.iter().zip(&weights) {
                if total > 0 {
                    let share = requests as f64 * f64::from(weight) / f64::from(total);
                    let bound = weights.len() as f64;
                    prop_assert!((*count as f64 - share).abs() < bound, "{} of {}", count, share);
                }
                prop_assert!(weight > 0 || *count == 0);
            }
        }
    }

    #[test]
    fn ninety_to_ten_is_ninety_to_ten_in_a_hundred_requests() {
        let groups = weighted(&[90, 10]);
        let mut balance = Balance::default();
        let second = (0..100)
            .filter(|_| balance.group(0, &groups).unwrap().target_group == "tg-1")
            .count();
        assert_eq!(second, 10);
    }

    #[test]
    fn the_targets_of_a_group_take_turns() {
        let mut group = weighted(&[1]).remove(0);
        let mut balance = Balance::default();
        assert!(balance.target(&group).is_none());
        group.destinations = (1..=3)
            .map(|port| Destination {
                target: Target {
                    id: "10.0.0.1".into(),
                    port,
                },
                task: None,
                task_definition: None,
                address: ([127, 0, 0, 1], port).into(),
            })
            .collect();
        let ports: Vec<u16> = (0..6)
            .map(|_| balance.target(&group).unwrap().target.port)
            .collect();
        assert_eq!(ports, [1, 2, 3, 1, 2, 3]);
    }
}
