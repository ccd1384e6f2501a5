use super::{must, must_fail};
use crate::error::ErrorKind;
use crate::model::{BuiltImage, PublishRequest, PublishedImage};
use crate::provider::{Output, Registry};

/// What the suite for a [`Registry`] works with.
#[derive(Debug, Clone)]
pub struct RegistryWorld {
    /// A repository that exists and that takes pushes; tags named `contract-…` are made in it.
    pub repository: String,
    /// An image that the repository does not have yet.
    pub image: BuiltImage,
    /// A different one.
    pub other_image: BuiltImage,
    /// Whether the repository refuses to move a tag (`IMMUTABLE`).
    pub immutable_tags: bool,
    /// Whether a repository that is missing is created by a push.
    pub creates_repositories: bool,
}

/// Every [`Registry`].
///
/// # Panics
///
/// When the contract is not kept.
pub async fn registry(registry: &dyn Registry, world: &RegistryWorld) {
    what_is_unknown_is_not_found(registry, world).await;
    let first = publishing_puts_an_image_under_every_tag(registry, world).await;
    publishing_again_changes_nothing(registry, world, &first).await;
    a_tag_moves_unless_it_is_immutable(registry, world, &first).await;
    a_missing_repository_is_refused_or_created(registry, world).await;
}

async fn what_is_unknown_is_not_found(registry: &dyn Registry, world: &RegistryWorld) {
    let unknown = registry.resolve(&world.repository, "contract-none").await;
    must_fail("resolving an unknown tag", ErrorKind::NotFound, unknown);
    let digest = format!("sha256:{}", "0".repeat(64));
    let unknown = registry.resolve(&world.repository, &digest).await;
    must_fail("resolving an unknown digest", ErrorKind::NotFound, unknown);
    let unknown = registry
        .resolve("contract/no-such-repository", "latest")
        .await;
    must_fail(
        "resolving in an unknown repository",
        ErrorKind::NotFound,
        unknown,
    );
}

async fn publishing_puts_an_image_under_every_tag(
    registry: &dyn Registry,
    world: &RegistryWorld,
) -> PublishedImage {
    let request = request(&world.repository, &["contract-1", "contract-1-b"]);
    let published = publish(registry, &world.image, &request).await;
    assert!(!published.already_there, "the image was not there before");
    assert_eq!(published.tags, request.tags);
    assert_eq!(
        published.image.digest(),
        Some(&published.digest),
        "the image is pinned by its digest"
    );
    assert_eq!(published.image.tag(), None, "a pinned image has no tag");
    assert_eq!(published.image.repository(), world.repository);
    for reference in ["contract-1", "contract-1-b", published.digest.as_str()] {
        let resolved = must(
            "resolve",
            registry.resolve(&world.repository, reference).await,
        );
        assert_eq!(resolved.digest, published.digest, "{reference}");
        assert_eq!(resolved.image, published.image, "{reference}");
    }
    let platforms = &published.platforms;
    assert!(
        platforms.is_empty() || platforms.iter().any(|p| p.runs_on(&world.image.platform)),
        "an image for {} was published as one for {platforms:?}",
        world.image.platform
    );
    published
}

async fn publishing_again_changes_nothing(
    registry: &dyn Registry,
    world: &RegistryWorld,
    first: &PublishedImage,
) {
    let request = request(&world.repository, &["contract-1", "contract-1-b"]);
    let again = publish(registry, &world.image, &request).await;
    assert_eq!(again.digest, first.digest, "the same image has one digest");
    assert!(again.already_there, "the second push finds the image there");
}

async fn a_tag_moves_unless_it_is_immutable(
    registry: &dyn Registry,
    world: &RegistryWorld,
    first: &PublishedImage,
) {
    let request = request(&world.repository, &["contract-1"]);
    let moved = registry
        .publish(&world.other_image, &request, &Output::discard())
        .await;
    let expected = if world.immutable_tags {
        must_fail("moving an immutable tag", ErrorKind::Conflict, moved);
        first.digest.clone()
    } else {
        let moved = must("publish another image", moved);
        assert_ne!(moved.digest, first.digest, "another image, another digest");
        moved.digest
    };
    let now = must(
        "resolve",
        registry.resolve(&world.repository, "contract-1").await,
    );
    assert_eq!(now.digest, expected, "what the tag names now");
    let kept = registry.resolve(&world.repository, "contract-1-b").await;
    assert_eq!(
        must("resolve", kept).digest,
        first.digest,
        "other tags stay"
    );
}

async fn a_missing_repository_is_refused_or_created(
    registry: &dyn Registry,
    world: &RegistryWorld,
) {
    let request = request("contract/missing", &["contract-1"]);
    let answer = registry
        .publish(&world.image, &request, &Output::discard())
        .await;
    if world.creates_repositories {
        must("publish into a repository to create", answer);
    } else {
        must_fail(
            "publishing into a missing repository",
            ErrorKind::NotFound,
            answer,
        );
    }
}

fn request(repository: &str, tags: &[&str]) -> PublishRequest {
    PublishRequest {
        repository: repository.to_owned(),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
    }
}

async fn publish(
    registry: &dyn Registry,
    image: &BuiltImage,
    request: &PublishRequest,
) -> PublishedImage {
    let answer = registry.publish(image, request, &Output::discard()).await;
    must("publish", answer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::memory::{MemoryBuilder, MemoryRegistry};
    use crate::model::BuildRequest;
    use crate::provider::ImageBuilder;

    async fn image(name: &str) -> BuiltImage {
        let request = BuildRequest {
            name: name.to_owned(),
            context: name.into(),
            ..BuildRequest::default()
        };
        let output = Output::discard();
        MemoryBuilder::new().build(&request, &output).await.unwrap()
    }

    #[tokio::test]
    async fn the_simulated_registry_keeps_the_contract() {
        for (immutable_tags, creates_repositories) in [(false, false), (true, false), (false, true)]
        {
            let mut simulated = MemoryRegistry::new().with_repository("team/web");
            if immutable_tags {
                simulated = simulated.immutable_tags();
            }
            if creates_repositories {
                simulated = simulated.create_missing();
            }
            let world = RegistryWorld {
                repository: "team/web".to_owned(),
                image: image("web:1").await,
                other_image: image("web:2").await,
                immutable_tags,
                creates_repositories,
            };
            registry(&simulated, &world).await;
        }
    }
}
