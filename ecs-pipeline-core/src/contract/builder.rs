use super::{must, must_describe, must_fail};
use crate::error::ErrorKind;
use crate::model::{BuildRequest, BuiltImage};
use crate::provider::{ImageBuilder, Output};

/// Every [`ImageBuilder`]. `request` must be one that can be built.
///
/// # Panics
///
/// When the contract is not kept.
pub async fn image_builder(builder: &dyn ImageBuilder, request: &BuildRequest) {
    must_describe(&builder.describe());
    let nothing = builder.find("contract-no-such-image:none").await;
    must_fail(
        "finding an image that nobody built",
        ErrorKind::NotFound,
        nothing,
    );

    let built = must("build", builder.build(request, &Output::discard()).await);
    is_what_was_asked_for(&built, request);
    let found = must("find", builder.find(&request.name).await);
    assert_eq!(
        found.id, built.id,
        "find answers with the image that was built"
    );
    for name in &request.extra_names {
        let found = must("find by an extra name", builder.find(name).await);
        assert_eq!(found.id, built.id, "{name} is the image that was built");
    }

    let again = must(
        "build again",
        builder.build(request, &Output::discard()).await,
    );
    is_what_was_asked_for(&again, request);
    let found = must("find", builder.find(&request.name).await);
    assert_eq!(found.id, again.id, "find answers with the latest build");
}

fn is_what_was_asked_for(built: &BuiltImage, request: &BuildRequest) {
    assert!(!built.name.is_empty(), "a built image has a name");
    if let Some(wanted) = &request.platform {
        assert!(
            built.platform.runs_on(wanted),
            "{} was built where {wanted} was asked for",
            built.platform
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryBuilder;
    use crate::model::Platform;

    #[tokio::test]
    async fn the_simulated_builder_keeps_the_contract() {
        let request = BuildRequest {
            name: "web:1".to_owned(),
            extra_names: vec!["web:latest".to_owned()],
            platform: Some(Platform::new("linux", "arm64")),
            ..BuildRequest::default()
        };
        image_builder(&MemoryBuilder::new(), &request).await;
    }
}
