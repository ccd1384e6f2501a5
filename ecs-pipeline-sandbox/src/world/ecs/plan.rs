//! One step of the rolling scheduler, as a pure function of what it sees.
//!
//! Two rules bound everything: a healthy task is stopped only when at least
//! [`Bounds::lower`] healthy ones remain, and a task is started only while there are fewer than
//! [`Bounds::upper`]. Within them a new task starts before an old one stops, and an old one stops
//! first only where there is no room to start.

use super::arithmetic::Bounds;

/// How a task stands in the scheduler's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Standing {
    /// Not RUNNING yet.
    Starting,
    /// RUNNING, and nothing is known of its health.
    Warming,
    /// RUNNING and healthy: it counts.
    Healthy,
    /// A health check failed before it was ever healthy.
    NeverHealthy,
    /// A health check fails, and it was healthy before.
    Sick,
}

impl Standing {
    fn is_good(self) -> bool {
        matches!(self, Self::Starting | Self::Warming | Self::Healthy)
    }
}

/// A task that is not being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Index into [`Picture::deployments`]; 0 is PRIMARY.
    pub(super) deployment: usize,
    pub(super) standing: Standing,
}

/// A deployment of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    /// How many tasks it is to have; for PRIMARY the service's desired count.
    pub(super) wanted: u32,
    /// Whether it has failed.
    pub(super) failed: bool,
    /// Whether a task of it may be started now: not failed, and not backing off.
    pub(super) may_start: bool,
    /// How many of its tasks can be placed now (a fixed host port allows one at most).
    pub(super) placeable: u32,
}

/// All that a step depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) desired: u32,
    pub(super) bounds: Bounds,
    /// PRIMARY first, then from the newest to the oldest.
    pub(super) deployments: Vec<Side>,
    /// From the oldest to the youngest.
    pub(super) tasks: Vec<Seen>,
}

/// What to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// How many tasks to start, by deployment.
    pub(super) start: Vec<u32>,
    /// Which tasks to stop, as indices into [`Picture::tasks`].
    pub(super) stop: Vec<usize>,
    /// PRIMARY needs a task and may not start one, because of the percentages alone.
    pub(super) stuck: bool,
    /// PRIMARY needs a task that fits nowhere.
    pub(super) unplaceable: bool,
}

impl Picture {
    fn count(&self, matches: impl Fn(&Seen) -> bool) -> u32 {
        u32::try_from(self.tasks.iter().filter(|t| matches(t)).count()).unwrap_or(u32::MAX)
    }

    fn good_of(&self, deployment: usize) -> u32 {
        self.count(|t| t.deployment == deployment && t.standing.is_good())
    }

    fn healthy(&self) -> u32 {
        self.count(|t| t.standing == Standing::Healthy)
    }

    /// The next step.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan {
            start: vec![0; self.deployments.len()],
            ..Plan::default()
        };
        let mut room = self.bounds.upper.saturating_sub(self.count(|_| true));
        self.replace_old_tasks(&mut room, &mut plan);
        let unmet = self.start_primary_tasks(&mut room, &mut plan);
        let mut stops = Stops::new(self);
        stops.useless_tasks();
        stops.excess_primary_tasks();
        stops.surplus_old_tasks();
        if unmet > 0 {
            stops.make_room(unmet);
        }
        plan.stop = stops.chosen;
        plan.stuck =
            unmet > 0 && plan.stop.is_empty() && room == 0 && self.bounds.are_stuck(self.desired);
        plan
    }

    /// Tasks of the revision that is being replaced are made up for from their own revision, as
    /// long as the service would be short without them.
    fn replace_old_tasks(&self, room: &mut u32, plan: &mut Plan) {
        let good = self.count(|t| t.standing.is_good());
        let mut short = self.bounds.lower.saturating_sub(good);
        for (index, side) in self.deployments.iter().enumerate().skip(1) {
            if !side.may_start || side.failed {
                continue;
            }
            let n = side
                .wanted
                .saturating_sub(self.good_of(index))
                .min(short)
                .min(*room)
                .min(side.placeable);
            plan.start[index] = n;
            *room -= n;
            short -= n;
        }
    }

    /// Starts what PRIMARY lacks, and says how many there was no room for.
    fn start_primary_tasks(&self, room: &mut u32, plan: &mut Plan) -> u32 {
        let Some(primary) = self.deployments.first().filter(|side| side.may_start) else {
            return 0;
        };
        let wanted = self.desired.saturating_sub(self.good_of(0));
        let n = wanted.min(*room).min(primary.placeable);
        plan.start[0] = n;
        plan.unplaceable = n < wanted && primary.placeable <= n && *room > n;
        *room -= n;
        wanted - n
    }
}

/// Chooses the tasks to stop.
struct Stops<'a> {
    picture: &'a Picture,
    chosen: Vec<usize>,
    taken: Vec<bool>,
    healthy: u32,
}

impl<'a> Stops<'a> {
    fn new(picture: &'a Picture) -> Self {
        Self {
            picture,
            chosen: Vec::new(),
            taken: vec![false; picture.tasks.len()],
            healthy: picture.healthy(),
        }
    }

    /// Stops a task unless that would leave too few healthy ones.
    fn stop(&mut self, index: usize) -> bool {
        if self.taken[index] {
            return false;
        }
        if self.picture.tasks[index].standing == Standing::Healthy {
            if self.healthy <= self.picture.bounds.lower {
                return false;
            }
            self.healthy -= 1;
        }
        self.taken[index] = true;
        self.chosen.push(index);
        true
    }

    /// Stops up to `limit` of the tasks that match, the youngest first.
    fn stop_some(&mut self, limit: u32, matches: impl Fn(&Seen) -> bool) -> u32 {
        let mut stopped = 0;
        for index in (0..self.picture.tasks.len()).rev() {
            if stopped == limit {
                break;
            }
            if matches(&self.picture.tasks[index]) && self.stop(index) {
                stopped += 1;
            }
        }
        stopped
    }

    fn left(&self, matches: impl Fn(&Seen) -> bool) -> u32 {
        let n = self
            .picture
            .tasks
            .iter()
            .zip(&self.taken)
            .filter(|(t, taken)| !**taken && matches(t))
            .count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// Tasks that serve nobody and will not: those that failed their checks from the start, those
    /// of a failed deployment that are not healthy, and those of a replaced deployment that
    /// nobody waits for any more.
    fn useless_tasks(&mut self) {
        self.stop_some(u32::MAX, |t| t.standing == Standing::NeverHealthy);
        let sides = &self.picture.deployments;
        for (index, side) in sides.iter().enumerate().skip(1) {
            if side.failed {
                self.stop_some(u32::MAX, |t| {
                    t.deployment == index && t.standing != Standing::Healthy
                });
                continue;
            }
            let spare = self
                .left(|t| t.deployment == index && t.standing.is_good())
                .saturating_sub(side.wanted);
            self.stop_some(spare, |t| {
                t.deployment == index && t.standing == Standing::Starting
            });
        }
    }

    /// What PRIMARY has beyond the desired count, and its sick tasks once they are replaced.
    fn excess_primary_tasks(&mut self) {
        let desired = self.picture.desired;
        let mut excess = self
            .left(|t| t.deployment == 0 && t.standing.is_good())
            .saturating_sub(desired);
        for standing in [Standing::Starting, Standing::Warming, Standing::Healthy] {
            excess -= self.stop_some(excess, |t| t.deployment == 0 && t.standing == standing);
        }
        let is_sick = |t: &Seen| t.deployment == 0 && t.standing == Standing::Sick;
        let unreplaced = desired
            .saturating_sub(self.left(|t| t.deployment == 0 && t.standing == Standing::Healthy));
        let replaced = self.left(is_sick).saturating_sub(unreplaced);
        self.stop_some(replaced, is_sick);
    }

    /// Old tasks for which PRIMARY has a healthy one: first those of a failed deployment, then
    /// from the newest deployment to the oldest.
    fn surplus_old_tasks(&mut self) {
        let covered = self.left(|t| t.deployment == 0 && t.standing == Standing::Healthy);
        let needed = self.picture.desired.saturating_sub(covered);
        let mut surplus = self
            .left(|t| t.deployment > 0 && is_up(t))
            .saturating_sub(needed);
        for (index, standing) in self.old_in_order() {
            surplus -= self.stop_some(surplus, |t| t.deployment == index && t.standing == standing);
        }
        if needed == 0 {
            self.stop_some(u32::MAX, |t| {
                t.deployment > 0 && t.standing == Standing::Starting
            });
        }
        if self.healthy >= self.picture.bounds.lower {
            self.stop_some(u32::MAX, |t| {
                t.deployment > 0 && t.standing == Standing::Sick
            });
        }
    }

    /// There is no room to start first, so something stops first: sick tasks one at a time, and
    /// then as many old ones as the lower bound allows.
    fn make_room(&mut self, wanted: u32) {
        let arriving = self.left(|t| {
            t.deployment == 0 && matches!(t.standing, Standing::Starting | Standing::Warming)
        });
        let mut wanted = wanted.saturating_sub(u32::try_from(self.chosen.len()).unwrap_or(0));
        if wanted > 0 && arriving == 0 {
            wanted -= self.stop_some(1, |t| t.standing == Standing::Sick);
        }
        for (index, standing) in self.old_in_order() {
            let allowed = match standing {
                Standing::Warming => self
                    .left(|t| is_up(t) && (t.deployment > 0 || t.standing == Standing::Healthy))
                    .saturating_sub(self.picture.bounds.lower),
                _ => u32::MAX,
            };
            wanted -= self.stop_some(wanted.min(allowed), |t| {
                t.deployment == index && t.standing == standing
            });
        }
    }

    fn old_in_order(&self) -> Vec<(usize, Standing)> {
        let sides = &self.picture.deployments;
        let mut old: Vec<usize> = (1..sides.len()).collect();
        old.sort_by_key(|index| !sides[*index].failed);
        [Standing::Warming, Standing::Healthy]
            .into_iter()
            .flat_map(|standing| old.iter().map(move |index| (*index, standing)))
            .collect()
    }
}

fn is_up(task: &Seen) -> bool {
    matches!(task.standing, Standing::Warming | Standing::Healthy)
}
