//! How a deployment that shifts traffic begins, and how it gives way to a newer one.

use std::sync::Arc;

use super::super::deployment::{Deployment, Lane, ServiceRevision};
use super::super::failure::Failure;
use super::super::service::{Mode, Service};
use super::super::task::Stop;
use super::super::{Ecs, Outside};
use super::Run;
use super::machine::{Course, Position, Route};
use super::stage::Stage;
use super::steps::{Share, all_at_once};
use super::traffic::{self, Traffic};

impl Ecs {
    /// The deployment that serves now, or that traffic goes back to when a newer one comes; a
    /// broken one only where there is no other.
    pub(in crate::world::ecs) fn serving(
        &self,
        out: &Outside<'_>,
        service: &Service,
    ) -> Option<String> {
        let run = service.run.as_ref().map(|run| run.stands_on().to_owned());
        let good = service
            .last_good
            .as_ref()
            .map(|good| good.deployment.clone());
        let others = service.deployments.iter().map(|d| d.id.clone());
        let candidates: Vec<String> = run
            .into_iter()
            .chain(good)
            .chain(others)
            .filter(|id| {
                service
                    .deployments
                    .iter()
                    .any(|d| d.id == *id && !d.leaving)
            })
            .collect();
        let healthy = |id: &&String| self.healthy_tasks(out.elbv2, out.now, service, id) > 0;
        candidates
            .iter()
            .find(healthy)
            .or(candidates.first())
            .cloned()
    }

    /// Puts a deployment beside the one that serves.
    pub(in crate::world::ecs) fn begin_run(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        mut deployment: Deployment,
        source: Option<String>,
    ) {
        self.stand_side_by_side(service);
        let beside = source.as_deref().and_then(|id| whereabouts(service, id));
        let beside = beside
            .as_ref()
            .map(|(revision, lane)| (revision.as_ref(), *lane));
        deployment.lane = traffic::free_lane(&deployment.revision, beside);
        let crossings = traffic::crossings(&deployment.revision, deployment.lane, beside);
        let mut run = Run {
            service_deployment: deployment.service_deployment.clone(),
            target: deployment.id.clone(),
            route: route(service, source.is_some()),
            crossings,
            hooks: service.config.strategy.lifecycle_hooks.clone(),
            open_hooks: 0,
            at: Position {
                course: Course::Forward,
                stage: Stage::PreScaleUp,
                began: out.now,
                entered: out.now,
                step: 0,
                production: Share::NONE,
                test: Share::NONE,
            },
            source,
        };
        service.deployments.insert(0, deployment);
        service.steady = false;
        let alone = service.deployments.len() <= 1 + usize::from(run.source.is_some());
        let first = if alone {
            Stage::PreScaleUp
        } else {
            Stage::ReconcileService
        };
        let shifted = start_traffic(out, &mut run);
        self.enter(out, service, &mut run, first);
        if let Err(why) = shifted {
            self.fail_run(out, service, &mut run, &Failure::Traffic(why), true);
        }
        service.run = Some(run);
    }

    /// What was rolling keeps the tasks that it has, until it is dealt with.
    fn stand_side_by_side(&self, service: &mut Service) {
        if service.mode == Mode::SideBySide {
            return;
        }
        service.mode = Mode::SideBySide;
        let live: Vec<u32> = service
            .deployments
            .iter()
            .map(|d| self.live_tasks(service, &d.id))
            .collect();
        for (deployment, live) in service.deployments.iter_mut().zip(live) {
            deployment.wanted = live;
        }
    }

    /// A rolling deployment follows one that shifted traffic: all traffic goes to the one that
    /// serves, and only its tasks are there to be replaced.
    pub(in crate::world::ecs) fn end_side_by_side(
        &mut self,
        out: &mut Outside<'_>,
        service: &mut Service,
        serving: Option<&str>,
        newer: &str,
    ) {
        service.mode = Mode::Rolling;
        let Some(mut run) = service.run.take() else {
            return;
        };
        let share = match serving == Some(run.target.as_str()) {
            true => Share::ALL,
            false => Share::NONE,
        };
        // A rule that is gone has no traffic to shift.
        let _ = run.shift(out, Traffic::Production, share);
        let _ = run.shift(out, Traffic::Test, share);
        for deployment in &mut service.deployments {
            if Some(deployment.id.as_str()) != serving {
                deployment.wanted = 0;
            }
        }
        let reason = format!("Scaling activity initiated by (deployment {newer})");
        self.end_all_but(out, service, serving, &reason);
    }

    fn end_all_but(
        &mut self,
        out: &mut Outside<'_>,
        service: &Service,
        serving: Option<&str>,
        reason: &str,
    ) {
        for id in &service.tasks {
            let stays = serving.is_some_and(|serving| {
                self.tasks
                    .get(id)
                    .is_some_and(|task| task.belongs_to(serving))
            });
            if !stays {
                let stop = Stop {
                    code: "ServiceSchedulerInitiated",
                    reason: reason.into(),
                };
                self.end_task(out, id, stop);
            }
        }
    }
}

/// A deployment's revision and lane.
pub(super) fn whereabouts(service: &Service, id: &str) -> Option<(Arc<ServiceRevision>, Lane)> {
    let found = service.deployments.iter().find(|d| d.id == id)?;
    Some((Arc::clone(&found.revision), found.lane))
}

/// A service that is created has nothing to shift from, and nothing to bake beside.
fn route(service: &Service, has_source: bool) -> Route {
    let config = &service.config.strategy;
    match has_source {
        true => Route {
            steps: config.steps(),
            bake: config.bake().unwrap_or_default(),
        },
        false => Route {
            steps: all_at_once(),
            bake: std::time::Duration::ZERO,
        },
    }
}

/// Both target groups belong to the rules from the start, so that green's targets are checked.
fn start_traffic(out: &mut Outside<'_>, run: &mut Run) -> Result<(), String> {
    match run.source {
        Some(_) => {
            run.shift(out, Traffic::Production, Share::NONE)?;
            run.shift(out, Traffic::Test, Share::NONE)
        }
        None => run.shift(out, Traffic::Production, Share::ALL),
    }
}
