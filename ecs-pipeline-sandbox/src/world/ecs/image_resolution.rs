//! Which image a tag is, for each service revision: ECS asks once, when the first task of the
//! revision pulls it, and starts every other task of the revision by the digest ("container image
//! resolution"). So all its tasks are alike, and a rollback brings back what ran, wherever the tag
//! points meanwhile.

use std::collections::BTreeMap;

use super::Ecs;
use super::deployment::ServiceRevision;
use super::task::Task;
use crate::world::{ContainerSpec, TaskId};

/// Digests of the images of each service revision, by its ARN and the container.
#[derive(Debug, Default)]
pub(super) struct ResolvedImages(BTreeMap<String, BTreeMap<String, String>>);

impl ResolvedImages {
    /// The digest that a container of a revision runs; `None` before its first pull, and where
    /// the task definition switches this off.
    pub(super) fn digest(&self, revision: &ServiceRevision, container: &str) -> Option<&str> {
        let digest = self.0.get(&revision.arn)?.get(container)?;
        Some(digest)
    }

    /// Takes note of what a tag was; what was said before stays.
    fn note(&mut self, revision: &ServiceRevision, container: &str, digest: &str) {
        let defined = revision.definition.parsed.container(container);
        if defined.is_none_or(|c| !c.is_consistent()) {
            return;
        }
        let containers = self.0.entry(revision.arn.clone()).or_default();
        containers
            .entry(container.to_owned())
            .or_insert_with(|| digest.to_owned());
    }

    /// What a task is to run: its containers, by digest where that is known.
    pub(super) fn pinned(&self, task: &Task) -> Vec<ContainerSpec> {
        let mut specs = task.specs.clone();
        for spec in &mut specs {
            let owner = task.owner.as_ref();
            if let Some(digest) = owner.and_then(|o| self.digest(&o.revision, &spec.name)) {
                spec.image = format!("{}@{digest}", without_reference(&spec.image));
            }
        }
        specs
    }
}

impl Ecs {
    /// An image of a task was pulled.
    pub(super) fn image_pulled(&mut self, id: &TaskId, container: &str, digest: String) {
        let Some(task) = self.tasks.get_mut(id) else {
            return;
        };
        if let Some(owner) = &task.owner {
            self.images.note(&owner.revision, container, &digest);
        }
        let pulled = task.containers.iter_mut().find(|c| c.name == container);
        if let Some(pulled) = pulled {
            pulled.image_digest = Some(digest);
        }
    }
}

/// An image's name without its tag and digest.
fn without_reference(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    match name.rsplit_once(':') {
        // What follows a registry's port has a slash.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::Cell;
    use std::rc::Rc;

    use serde_json::{Value, json};

    use super::super::script::{Fate, Manner, Play};
    use super::without_reference;

    /// A service of two tasks that runs what the tag was at first, `sha256:one`. By now it is
    /// `sha256:two`. What is started breaks while the switch is on.
    fn moved_tag(container: Value) -> (Play, Rc<Cell<bool>>) {
        let breaks = Rc::new(Cell::new(false));
        let switch = Rc::clone(&breaks);
        let mut play = Play::new((), move |_, _| Manner {
            slow: 1,
            fate: match switch.get() {
                true => Fate::Exits(5),
                false => Fate::Fine,
            },
        });
        play.tagged = Some("sha256:one".into());
        play.register_with(container);
        let breaker = json!({ "enable": true, "rollback": true });
        let configuration = json!({ "deploymentCircuitBreaker": breaker });
        play.create(2, json!({ "deploymentConfiguration": configuration }));
        play.pass_until(600, Play::is_completed);
        play.tagged = Some("sha256:two".into());
        (play, breaks)
    }

    /// The image of the task that is started when one more is wanted.
    fn one_more(play: &mut Play, desired: u32) -> String {
        play.update(json!({ "desiredCount": desired }));
        play.pass_until(600, Play::is_completed);
        play.images.last().unwrap().clone()
    }

    #[test]
    fn a_revision_runs_what_its_tag_was_at_first() {
        let (mut play, _) = moved_tag(json!({}));
        assert_eq!(play.images, ["repo/app:1"; 2]);
        assert_eq!(one_more(&mut play, 3), "repo/app@sha256:one");
        for task in play.tasks("RUNNING") {
            let container = &task["containers"][0];
            // The reference stays as the task definition has it.
            assert_eq!(container["image"], "repo/app:1");
            assert_eq!(container["imageDigest"], "sha256:one");
        }
        let target = play.service_deployment(0)["targetServiceRevision"]["arn"].clone();
        let arns = json!({ "serviceRevisionArns": [target] });
        let shown = play.ecs("DescribeServiceRevisions", arns);
        assert_eq!(
            shown["serviceRevisions"][0]["containerImages"],
            json!([{ "containerName": "app", "image": "repo/app:1", "imageDigest": "sha256:one" }])
        );
    }

    #[test]
    fn a_new_deployment_asks_again() {
        let (mut play, _) = moved_tag(json!({}));
        play.update(json!({ "forceNewDeployment": true }));
        play.pass_until(600, Play::is_completed);
        assert_eq!(play.images.last().unwrap(), "repo/app:1");
        assert_eq!(one_more(&mut play, 3), "repo/app@sha256:two");
    }

    #[test]
    fn a_rollback_brings_back_what_ran() {
        let (mut play, breaks) = moved_tag(json!({}));
        breaks.set(true);
        play.update(json!({ "forceNewDeployment": true }));
        play.pass_until(1800, |play| {
            play.events("s").iter().any(|e| e.contains("rolling back"))
        });
        breaks.set(false);
        play.pass_until(600, Play::is_completed);
        assert_eq!(one_more(&mut play, 3), "repo/app@sha256:one");
    }

    #[test]
    fn it_can_be_switched_off() {
        let (mut play, _) = moved_tag(json!({ "versionConsistency": "disabled" }));
        assert_eq!(one_more(&mut play, 3), "repo/app:1");
    }

    #[test]
    fn references_are_taken_off() {
        for (image, expected) in [
            ("repo/app:1", "repo/app"),
            ("repo/app", "repo/app"),
            ("127.0.0.1:4566/app", "127.0.0.1:4566/app"),
            ("127.0.0.1:4566/app:latest", "127.0.0.1:4566/app"),
            ("r/app:1@sha256:ab", "r/app"),
            ("r/app@sha256:ab", "r/app"),
        ] {
            assert_eq!(without_reference(image), expected, "{image}");
        }
    }
}
