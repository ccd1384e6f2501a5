//! The repository, and the image that the service runs.

use super::{Doctor, Read, fact};
use crate::aws::ecr::EcrRegistry;
use crate::doctor::{Fact, Facts, Repository, RunningImage, Wanted};
use crate::error::ProviderError;
use crate::model::ImageRef;
use crate::provider::Registry;

impl Doctor {
    pub(super) async fn repository(
        &self,
        wanted: &Wanted,
    ) -> Result<Option<Fact<Repository>>, ProviderError> {
        let Some(name) = &wanted.repository else {
            return Ok(None);
        };
        self.described_repository(name).await.map(Some)
    }

    async fn described_repository(&self, name: &str) -> Read<Repository> {
        const OPERATION: &str = "ecr:DescribeRepositories";
        let call = self.ecr.describe_repositories().repository_names(name);
        let answer = call.send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, name, error)))?;
        Ok(
            match read.map(|answer| answer.repositories.unwrap_or_default().into_iter().next()) {
                Fact::Known(None) => Fact::Absent,
                read => read.map(|found| found.as_ref().map(described).unwrap_or_default()),
            },
        )
    }

    /// Of the container that gets the image, where it is from the repository.
    pub(super) async fn running_image(
        &self,
        wanted: &Wanted,
        facts: &Facts,
    ) -> Result<Option<RunningImage>, ProviderError> {
        let Some((name, image)) = image_of(wanted, facts) else {
            return Ok(None);
        };
        let tag = image.tag().unwrap_or("latest");
        let reference = image.digest().map_or(tag, |digest| digest.as_str());
        let mut registry = EcrRegistry::new(&self.config);
        if let Some(host) = &wanted.registry_host {
            registry = registry.with_host(host);
        }
        let resolved = registry.resolve(image.repository(), reference).await;
        let platforms = fact(resolved)?.map(|published| published.platforms);
        Ok(Some(RunningImage { name, platforms }))
    }
}

fn described(found: &aws_sdk_ecr::types::Repository) -> Repository {
    let filters = found.image_tag_mutability_exclusion_filters().iter();
    Repository {
        uri: found.repository_uri().unwrap_or_default().to_owned(),
        mutability: found
            .image_tag_mutability()
            .map_or("MUTABLE", |mutability| mutability.as_str())
            .to_owned(),
        exclusions: filters.map(|filter| filter.filter().to_owned()).collect(),
    }
}

fn image_of(wanted: &Wanted, facts: &Facts) -> Option<(String, ImageRef)> {
    let repository = facts.repository.as_ref()?.known()?;
    let running = facts.running.as_ref()?.known()?;
    let behind = || {
        Some(
            facts
                .service
                .known()?
                .load_balancers
                .first()?
                .container
                .as_str(),
        )
    };
    let container = wanted.container.as_deref().or_else(behind)?;
    let name = running.image_of(container)?;
    let image: ImageRef = name.parse().ok()?;
    let elsewhere = wanted
        .registry_host
        .as_deref()
        .zip(wanted.repository.as_deref());
    let elsewhere = elsewhere.map(|(host, name)| format!("{host}/{name}"));
    let is_ours = image.name() == repository.uri || Some(image.name()) == elsewhere;
    is_ours.then(|| (name.to_owned(), image))
}
