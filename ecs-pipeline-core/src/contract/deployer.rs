use std::sync::Arc;
use std::time::Duration;

use super::{must, must_describe, must_fail};
use crate::error::ErrorKind;
use crate::model::{
    Already, Change, Deployment, DeploymentState, Observation, Plan, RevisionRole, ServiceRef,
    TaskDefinitionArn, TaskDefinitionSource,
};
use crate::provider::{Deployer, Rollback};

/// A fresh world for one case of the suite.
#[derive(Debug, Clone)]
pub struct DeployerWorld {
    /// The deployer.
    pub deployer: Arc<dyn Deployer>,
    /// A service that has completed a deployment, and has none under way.
    pub service: ServiceRef,
    /// A change to a revision that becomes healthy. A deployment of it must not be over at the
    /// first look.
    pub good: Change,
    /// A change to yet another such revision.
    pub newer: Change,
    /// A change to a revision that never becomes healthy, and that the controller gives up.
    /// Without one, that case is left out.
    pub unhealthy: Option<Change>,
    /// From one look to the next.
    pub interval: Duration,
    /// How many looks a deployment may take.
    pub looks: u32,
}

/// Every [`Deployer`]. Each case gets a world of its own from `fresh`, so that it may leave
/// behind whatever it likes.
///
/// # Panics
///
/// When the contract is not kept.
pub async fn deployer<F, Fut>(fresh: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = DeployerWorld>,
{
    what_does_not_exist_is_not_found(&fresh().await).await;
    a_plan_changes_nothing(&fresh().await).await;
    a_plan_refuses_what_cannot_work(&fresh().await).await;
    a_good_deployment_succeeds(&fresh().await).await;
    starting_without_a_change_is_a_conflict(&fresh().await).await;
    the_same_revision_can_be_deployed_again(&fresh().await).await;
    a_deployment_under_way_is_taken_up(&fresh().await).await;
    a_completed_deployment_can_be_rolled_back(&fresh().await).await;
    a_deployment_under_way_can_be_rolled_back(&fresh().await).await;
    a_newer_deployment_is_never_touched(&fresh().await).await;
    an_unhealthy_revision_does_not_succeed(&fresh().await).await;
}

async fn what_does_not_exist_is_not_found(world: &DeployerWorld) {
    must_describe(&world.deployer.describe());
    let nowhere = ServiceRef::new(world.service.cluster.clone(), "contract-no-such-service");
    let change = Change {
        service: nowhere.clone(),
        ..world.good.clone()
    };
    let plan = world.deployer.plan(&change).await;
    must_fail("a plan for an unknown service", ErrorKind::NotFound, plan);
    let current = world.deployer.current(&nowhere).await;
    must_fail(
        "looking at an unknown service",
        ErrorKind::NotFound,
        current,
    );
}

async fn a_plan_changes_nothing(world: &DeployerWorld) {
    let before = world.current().await;
    let first = world.plan(&world.good).await;
    let second = world.plan(&world.good).await;
    assert_eq!(first, second, "planning twice gives the same plan");
    let after = world.current().await;
    assert_eq!(before, after, "planning leaves the service as it is");
    assert_eq!(first.service, world.service);
    assert_eq!(first.already, None, "the change is not there yet");
    assert_eq!(first.current.as_ref(), Some(&before.task_definition));
    assert_eq!(first.current_deployment.as_ref(), Some(&before.id));
    assert_eq!(
        first.last_good.as_ref(),
        Some(&before.task_definition),
        "a rollback goes to what the last completed deployment brought"
    );
}

async fn a_plan_refuses_what_cannot_work(world: &DeployerWorld) {
    let Some(image) = world.good.images.values().next() else {
        return;
    };
    let mut change = world.good.clone();
    let container = "contract-no-such-container".to_owned();
    change.images.insert(container, image.clone());
    let plan = world.deployer.plan(&change).await;
    must_fail("a plan for an unknown container", ErrorKind::Invalid, plan);
}

async fn a_good_deployment_succeeds(world: &DeployerWorld) {
    let before = world.current().await;
    let deployment = world.start(&world.good).await;
    assert_ne!(
        deployment.id, before.id,
        "a new deployment has an id of its own"
    );
    assert_ne!(deployment.task_definition, before.task_definition);
    assert_eq!(deployment.service, world.service);
    assert_eq!(
        deployment.last_good.as_ref(),
        Some(&before.task_definition),
        "a deployment knows where a rollback goes"
    );
    let end = world.follow(&deployment).await;
    assert_eq!(end.state, DeploymentState::Succeeded);
    world.runs(&deployment.task_definition).await;
    assert_eq!(world.current().await.id, deployment.id);
    let again = world.plan(&world.good).await;
    assert_eq!(
        again.already,
        Some(Already::Deployed),
        "the same change again is there already"
    );
    let still = must("observe", world.deployer.observe(&deployment).await);
    assert_eq!(still.state, DeploymentState::Succeeded, "an end stays");
}

/// What the service runs, deployed without force: nothing new is started.
async fn starting_without_a_change_is_a_conflict(world: &DeployerWorld) {
    let before = world.current().await;
    let plan = world.plan(&world.as_it_is(false)).await;
    let release = must("register", world.deployer.register(&plan).await);
    assert_eq!(release.task_definition, before.task_definition);
    assert!(!release.registered, "the revision was there already");
    let start = world.deployer.start(&plan, &release).await;
    must_fail("starting without a change", ErrorKind::Conflict, start);
    assert_eq!(world.current().await.id, before.id);
}

async fn the_same_revision_can_be_deployed_again(world: &DeployerWorld) {
    let before = world.current().await;
    let deployment = world.start(&world.as_it_is(true)).await;
    assert_ne!(deployment.id, before.id, "forced: a deployment of its own");
    assert_eq!(deployment.task_definition, before.task_definition);
    let end = world.follow(&deployment).await;
    assert_eq!(end.state, DeploymentState::Succeeded);
}

async fn a_deployment_under_way_is_taken_up(world: &DeployerWorld) {
    let deployment = world.start(&world.good).await;
    let plan = world.plan(&world.good).await;
    match plan.already {
        Some(Already::UnderWay(found)) => {
            assert_eq!(found.id, deployment.id);
            assert_eq!(found.task_definition, deployment.task_definition);
            assert_eq!(found.last_good, deployment.last_good);
        }
        other => panic!("a deployment under way is found by a plan, which says {other:?}"),
    }
    let end = world.follow(&deployment).await;
    assert_eq!(end.state, DeploymentState::Succeeded);
}

async fn a_completed_deployment_can_be_rolled_back(world: &DeployerWorld) {
    let former = world.current().await.task_definition;
    let deployment = world.start(&world.good).await;
    world.follow(&deployment).await;
    world.roll_back(&deployment, &former).await;
}

async fn a_deployment_under_way_can_be_rolled_back(world: &DeployerWorld) {
    let former = world.current().await.task_definition;
    let deployment = world.start(&world.good).await;
    world.roll_back(&deployment, &former).await;
}

async fn a_newer_deployment_is_never_touched(world: &DeployerWorld) {
    let older = world.start(&world.good).await;
    let newer = world.start(&world.newer).await;
    let end = world.follow(&older).await;
    assert!(
        matches!(end.state, DeploymentState::Superseded { .. }),
        "a newer deployment supersedes: {:?}",
        end.state
    );
    for _ in 0..2 {
        let answer = must("rollback", world.deployer.rollback(&older).await);
        assert_eq!(answer, Rollback::Superseded);
        assert_eq!(world.current().await.id, newer.id, "the newer one stays");
    }
    let end = world.follow(&newer).await;
    assert_eq!(end.state, DeploymentState::Succeeded);
    let answer = must("rollback", world.deployer.rollback(&older).await);
    assert_eq!(answer, Rollback::Superseded, "a completed one too");
    world.runs(&newer.task_definition).await;
}

async fn an_unhealthy_revision_does_not_succeed(world: &DeployerWorld) {
    let Some(unhealthy) = &world.unhealthy else {
        return;
    };
    let former = world.current().await.task_definition;
    let deployment = world.start(unhealthy).await;
    let end = world.follow(&deployment).await;
    assert_ne!(
        end.state,
        DeploymentState::Succeeded,
        "an unhealthy revision does not succeed"
    );
    let evidence = world.deployer.evidence(&deployment).await;
    assert!(
        evidence.controller.is_some()
            || !evidence.stopped_tasks.is_empty()
            || !evidence.unhealthy_targets.is_empty()
            || !evidence.messages.is_empty(),
        "something explains the failure: {evidence:?}"
    );
    match end.state {
        DeploymentState::RolledBack { to, reason } => {
            assert!(!reason.is_empty(), "a rollback has a reason");
            if let Some(to) = to {
                assert_eq!(to, former);
            }
            let answer = must("rollback", world.deployer.rollback(&deployment).await);
            assert_eq!(answer, Rollback::AlreadyDone, "the controller was first");
            world.runs(&former).await;
        }
        DeploymentState::Failed { .. } => world.roll_back(&deployment, &former).await,
        other => panic!("an unhealthy revision ended as {other:?}"),
    }
}

impl DeployerWorld {
    async fn current(&self) -> Deployment {
        must("current", self.deployer.current(&self.service).await)
    }

    async fn plan(&self, change: &Change) -> Plan {
        must("plan", self.deployer.plan(change).await)
    }

    async fn runs(&self, revision: &TaskDefinitionArn) {
        let current = self.current().await;
        assert_eq!(&current.task_definition, revision, "what the service runs");
    }

    /// The service's own revision, deployed once more.
    fn as_it_is(&self, force_new_deployment: bool) -> Change {
        Change {
            force_new_deployment,
            ..Change::new(self.service.clone(), TaskDefinitionSource::Current)
        }
    }

    async fn start(&self, change: &Change) -> Deployment {
        let plan = self.plan(change).await;
        let release = must("register", self.deployer.register(&plan).await);
        let deployment = must("start", self.deployer.start(&plan, &release).await);
        assert_eq!(deployment.task_definition, release.task_definition);
        assert_eq!(self.current().await.id, deployment.id, "it is PRIMARY");
        deployment
    }

    /// Looks until the deployment has ended.
    async fn follow(&self, deployment: &Deployment) -> Observation {
        let mut last = None;
        for _ in 0..self.looks {
            match self.deployer.observe(deployment).await {
                Ok(seen) => {
                    well_formed(&seen, deployment);
                    if !goes_on(&seen.state) {
                        return seen;
                    }
                    last = Some(seen);
                }
                Err(error) => assert!(error.kind().is_transient(), "observe: {error}"),
            }
            tokio::time::sleep(self.interval).await;
        }
        panic!(
            "{} did not end within {} looks; the last one: {last:?}",
            deployment.id, self.looks
        )
    }

    /// Rolls back, follows that, and rolls back again.
    async fn roll_back(&self, deployment: &Deployment, former: &TaskDefinitionArn) {
        match must("rollback", self.deployer.rollback(deployment).await) {
            Rollback::Started(back) => {
                assert_eq!(&back.task_definition, former);
                assert_ne!(back.id, deployment.id);
                let end = self.follow(&back).await;
                assert_eq!(end.state, DeploymentState::Succeeded);
            }
            Rollback::UnderWay => {
                let end = self.follow(deployment).await;
                assert!(
                    matches!(end.state, DeploymentState::RolledBack { .. }),
                    "a rollback under way ends rolled back: {:?}",
                    end.state
                );
            }
            other => panic!("a rollback to {former} answered {other:?}"),
        }
        self.runs(former).await;
        let current = self.current().await.id;
        let again = must("rollback again", self.deployer.rollback(deployment).await);
        assert_eq!(
            again,
            Rollback::AlreadyDone,
            "a second rollback is harmless"
        );
        assert_eq!(self.current().await.id, current, "and changes nothing");
    }
}

fn goes_on(state: &DeploymentState) -> bool {
    matches!(
        state,
        DeploymentState::InProgress | DeploymentState::RollingBack { .. }
    )
}

fn well_formed(seen: &Observation, deployment: &Deployment) {
    for (place, revision) in seen.revisions.iter().enumerate() {
        let ours = revision.task_definition == deployment.task_definition;
        match revision.role {
            RevisionRole::New => {
                assert!(ours, "the new revision is the one being deployed: {seen:?}");
                assert_eq!(place, 0, "the new revision comes first: {seen:?}");
            }
            RevisionRole::Old => {}
        }
    }
    let mut ids: Vec<&str> = seen.messages.iter().map(|m| m.id.as_str()).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(
        all,
        ids.len(),
        "message ids are unique: {:?}",
        seen.messages
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::memory::{MemoryDeployer, Rollout};
    use crate::model::{Digest, ImageRef, PublishedImage};

    fn image(digit: char) -> PublishedImage {
        let name: ImageRef = "registry.invalid/web".parse().unwrap();
        let digest: Digest = format!("sha256:{}", String::from(digit).repeat(64))
            .parse()
            .unwrap();
        PublishedImage {
            image: name.with_digest(digest.clone()),
            digest,
            tags: Vec::new(),
            platforms: Vec::new(),
            already_there: false,
        }
    }

    fn world(bad: Rollout) -> DeployerWorld {
        let service = ServiceRef::new("main", "web");
        let change = |digit| {
            Change::new(service.clone(), TaskDefinitionSource::Current)
                .with_image("web", image(digit))
        };
        let deployer = MemoryDeployer::new()
            .with_service(&service, "web")
            .unwrap()
            .rollout_of(image('b').digest, bad);
        DeployerWorld {
            deployer: Arc::new(deployer),
            good: change('1'),
            newer: change('2'),
            unhealthy: Some(change('b')),
            service: service.clone(),
            interval: Duration::from_secs(1),
            looks: 10,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_simulated_deployer_keeps_the_contract() {
        deployer(|| async { world(Rollout::Fails { looks: 1 }) }).await;
        let breaker = Rollout::FailsAndRollsBack {
            looks: 1,
            rolling_back: 1,
        };
        deployer(|| async { world(breaker) }).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "an unhealthy revision does not succeed")]
    async fn the_suite_catches_a_false_success() {
        deployer(|| async { world(Rollout::Succeeds { looks: 1 }) }).await;
    }
}
