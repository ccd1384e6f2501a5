//! One step of a service whose deployments stand side by side, as blue and green do.
//!
//! Each deployment keeps as many tasks as it wants, of its own revision. The two percentages do
//! not bind: whoever shifts the traffic sees to it that none goes where nobody is healthy, and
//! only then lets a deployment want fewer tasks.

use super::plan::{Picture, Plan, Standing};

/// The next step.
pub(super) fn plan(picture: &Picture) -> Plan {
    let mut plan = Plan::default();
    for (index, side) in picture.deployments.iter().enumerate() {
        let own = Own::of(picture, index);
        let missing = side.wanted.saturating_sub(own.good());
        let placed = missing.min(side.placeable);
        let started = if side.may_start { placed } else { 0 };
        plan.start.push(started);
        let cannot_place = side.may_start && placed < missing;
        plan.unplaceable |= index == 0 && cannot_place;
        plan.stop.extend(own.to_stop(side.wanted, cannot_place));
    }
    plan
}

/// Whether every deployment has just the tasks that it wants, and all are healthy.
pub(super) fn is_settled(picture: &Picture) -> bool {
    picture.deployments.iter().enumerate().all(|(index, side)| {
        let own = Own::of(picture, index);
        own.count(Standing::Healthy) == side.wanted && own.all() == side.wanted
    })
}

/// The tasks of one deployment: their places in the picture, from the youngest to the oldest.
struct Own(Vec<(usize, Standing)>);

impl Own {
    fn of(picture: &Picture, deployment: usize) -> Self {
        let tasks = picture.tasks.iter().enumerate().rev();
        let own = tasks.filter(|(_, t)| t.deployment == deployment);
        Self(own.map(|(index, t)| (index, t.standing)).collect())
    }

    fn all(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn count(&self, standing: Standing) -> u32 {
        let n = self.0.iter().filter(|(_, s)| *s == standing).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// How many serve, or may come to.
    fn good(&self) -> u32 {
        self.all() - self.count(Standing::NeverHealthy) - self.count(Standing::Sick)
    }

    /// What is beyond `wanted`, what will never serve, and what was sick and is replaced. Where
    /// a replacement has no place, one sick task makes room for it.
    fn to_stop(&self, wanted: u32, cannot_place: bool) -> Vec<usize> {
        let mut stop = self.first(Standing::NeverHealthy, u32::MAX);
        let mut excess = self.good().saturating_sub(wanted);
        for standing in [Standing::Starting, Standing::Warming, Standing::Healthy] {
            stop.extend(self.first(standing, excess));
            excess = excess.saturating_sub(self.count(standing));
        }
        let unreplaced = wanted.saturating_sub(self.count(Standing::Healthy));
        let sick = self.count(Standing::Sick);
        let replaced = sick.saturating_sub(unreplaced);
        let arriving = self.count(Standing::Starting) + self.count(Standing::Warming);
        let evicted = u32::from(cannot_place && arriving == 0).max(replaced);
        stop.extend(self.first(Standing::Sick, evicted));
        stop
    }

    fn first(&self, standing: Standing, limit: u32) -> Vec<usize> {
        let matching = self.0.iter().filter(|(_, s)| *s == standing);
        matching
            .take(limit as usize)
            .map(|(index, _)| *index)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::arithmetic::Bounds;
    use super::super::plan::{Seen, Side};
    use super::*;

    /// Deployments as `wanted:tasks`, where `s` starts, `w` warms up, `h` is healthy, `n` never
    /// was, and `x` is sick; answers what is started, and each deployment's stopped tasks.
    fn step(deployments: &[&str], placeable: u32) -> (Vec<u32>, Vec<String>) {
        let mut picture = Picture {
            desired: 0,
            bounds: Bounds::new(0, 100, 100),
            deployments: Vec::new(),
            tasks: Vec::new(),
        };
        let mut letters = Vec::new();
        for (deployment, told) in deployments.iter().enumerate() {
            let (wanted, tasks) = told.split_once(':').unwrap_or((told, ""));
            picture.deployments.push(Side {
                wanted: wanted.parse().unwrap_or(0),
                failed: false,
                may_start: true,
                placeable,
            });
            for letter in tasks.chars() {
                letters.push((deployment, letter));
                let standing = match letter {
                    's' => Standing::Starting,
                    'w' => Standing::Warming,
                    'h' => Standing::Healthy,
                    'n' => Standing::NeverHealthy,
                    _ => Standing::Sick,
                };
                picture.tasks.push(Seen {
                    deployment,
                    standing,
                });
            }
        }
        let plan = plan(&picture);
        let mut stopped = vec![String::new(); deployments.len()];
        for index in plan.stop {
            let (deployment, letter) = letters[index];
            stopped[deployment].push(letter);
        }
        (plan.start, stopped)
    }

    #[test]
    fn each_deployment_keeps_its_own_tasks() {
        for (deployments, start, stop) in [
            (&["2:", "2:hh"][..], &[2, 0][..], &["", ""][..]),
            (&["2:sw", "2:hh"], &[0, 0], &["", ""]),
            (&["2:hh", "0:hh"], &[0, 0], &["", "hh"]),
            (&["0:swhnx", "1:h"], &[0, 0], &["nswhx", ""]),
            (&["1:hhs", "2:h"], &[0, 1], &["sh", ""]),
            (&["2:hx", "1:x"], &[1, 1], &["", ""]),
            (&["2:hhx", "1:sx"], &[0, 0], &["x", ""]),
            (&["1:n", "1:h"], &[1, 0], &["n", ""]),
        ] {
            let (started, stopped) = step(deployments, u32::MAX);
            assert_eq!(
                (&started[..], &stopped[..]),
                (
                    start,
                    &stop.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..]
                ),
                "{deployments:?}"
            );
        }
    }

    #[test]
    fn a_sick_task_makes_room_where_there_is_none() {
        assert_eq!(step(&["1:x"], 0), (vec![0], vec!["x".to_owned()]));
        assert_eq!(step(&["2:sx"], 0), (vec![0], vec![String::new()]));
    }
}
