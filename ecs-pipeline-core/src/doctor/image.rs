//! The repository, its tags, and what the image runs on.

use super::finding::known;
use super::{Fact, Finding, Repository, View};
use crate::model::Platform;

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(repository(view));
    findings.extend(platform_to_build(view));
    findings.extend(running_image(view));
    findings
}

fn repository(view: &View<'_>) -> Vec<Finding> {
    const CHECK: &str = "repository";
    let (Some(name), Some(fact)) = (&view.wanted.repository, &view.facts.repository) else {
        return Vec::new();
    };
    let absent = || match view.wanted.creates_repository {
        true => Finding::ok(CHECK, format!("{name} is not there, and will be created")),
        false => Finding::problem(
            CHECK,
            format!("there is no repository {name}"),
            "create it, or let this tool create it: `create: {}` under `registry` in ecs-pipeline.yml",
        ),
    };
    match known(fact, CHECK, absent) {
        Err(finding) => vec![finding],
        Ok(repository) => {
            let mut findings = vec![Finding::ok(CHECK, format!("{} is there", repository.uri))];
            findings.extend(tags(view, repository));
            findings
        }
    }
}

/// A tag that is the same at every run can be pushed once where tags are immutable.
fn tags(view: &View<'_>, repository: &Repository) -> Option<Finding> {
    const CHECK: &str = "tags";
    let fixed = view.wanted.fixed_tags.iter();
    let stuck: Vec<_> = fixed
        .filter(|tag| is_immutable(repository, tag))
        .cloned()
        .collect();
    if stuck.is_empty() {
        let message = format!("the repository's tags are {}", repository.mutability);
        return Some(Finding::ok(CHECK, message));
    }
    Some(Finding::problem(
        CHECK,
        format!(
            "the repository's tags are {}, and {} is pushed at every run",
            repository.mutability,
            stuck.join(", ")
        ),
        "leave registry.tags out, or make the tag of the commit: ${ECS_PIPELINE_TAG}",
    ))
}

fn is_immutable(repository: &Repository, tag: &str) -> bool {
    let is_excluded = repository
        .exclusions
        .iter()
        .any(|pattern| matches(pattern, tag));
    match repository.mutability.as_str() {
        "IMMUTABLE" => true,
        "IMMUTABLE_WITH_EXCLUSION" => !is_excluded,
        "MUTABLE_WITH_EXCLUSION" => is_excluded,
        _ => false,
    }
}

/// Whether a text is of a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|text| {
            let mut ends = (0..=text.len()).filter_map(|at| text.get(at..));
            ends.any(|text| matches(rest, text))
        }),
    }
}

fn platform_to_build(view: &View<'_>) -> Option<Finding> {
    const CHECK: &str = "platform";
    let wanted = view.task_definition.as_ref()?.platform()?;
    let built = view.wanted.platform.as_ref()?;
    Some(match built.runs_on(&wanted) {
        true => Finding::ok(CHECK, format!("the image is built for {built}")),
        false => Finding::problem(
            CHECK,
            format!("the image is built for {built}, and runtimePlatform asks for {wanted}"),
            format!("set build.platform to {wanted}, or change runtimePlatform"),
        ),
    })
}

/// A rollback needs the image that the service runs now.
fn running_image(view: &View<'_>) -> Option<Finding> {
    const CHECK: &str = "running-image";
    let Some(image) = view.facts.image.as_ref() else {
        return unknown_image(view);
    };
    let name = &image.name;
    let absent = || {
        Finding::problem(
            CHECK,
            format!(
                "{name}, which the service runs, is not in the registry any more: no task of it can start, and nothing can be rolled back to it"
            ),
            "push it again, and let no lifecycle rule expire what a service runs",
        )
    };
    let platforms = match known(&image.platforms, CHECK, absent) {
        Err(finding) => return Some(finding),
        Ok(platforms) => platforms,
    };
    let running = view
        .facts
        .running
        .as_ref()
        .and_then(|running| running.known());
    let wanted = running.and_then(|running| running.platform());
    if let Some(wanted) = wanted
        && !platforms.is_empty()
        && !platforms.iter().any(|platform| platform.runs_on(&wanted))
    {
        let has: Vec<_> = platforms.iter().map(Platform::to_string).collect();
        return Some(Finding::problem(
            CHECK,
            format!(
                "{name} runs on {}, and the service's runtimePlatform asks for {wanted}",
                has.join(", ")
            ),
            format!("build with --platform {wanted}, or change runtimePlatform"),
        ));
    }
    Some(Finding::ok(CHECK, format!("{name} is in the registry")))
}

/// Where a file is the model, nothing else says that what the service runs may not be read.
fn unknown_image(view: &View<'_>) -> Option<Finding> {
    view.wanted.task_definition.as_ref()?;
    view.wanted.repository.as_ref()?;
    match view.facts.running.as_ref()? {
        Fact::Known(_) => None,
        unseen => {
            let gone = "the service's task definition is not there any more";
            let fix = "deploy: the new revision takes its place";
            known(unseen, "running-image", || {
                Finding::warning("running-image", gone, fix)
            })
            .err()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{Stage, statuses};
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("latest", "latest", true),
            ("latest", "later", false),
            ("*", "", true),
            ("dev-*", "dev-1", true),
            ("dev-*", "prod-1", false),
            ("*-rc*", "1-rc2", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_fixed_tag_is_pushed_once_where_tags_are_immutable() {
        for (mutability, exclusion, tag, expected) in [
            ("MUTABLE", "", "latest", Status::Ok),
            ("IMMUTABLE", "", "latest", Status::Problem),
            ("IMMUTABLE", "", "", Status::Ok),
            ("IMMUTABLE_WITH_EXCLUSION", "late*", "latest", Status::Ok),
            ("IMMUTABLE_WITH_EXCLUSION", "dev", "latest", Status::Problem),
            (
                "MUTABLE_WITH_EXCLUSION",
                "latest",
                "latest",
                Status::Problem,
            ),
        ] {
            let mut stage = Stage::healthy();
            stage.facts.repository = Some(Fact::Known(Repository {
                mutability: mutability.to_owned(),
                exclusions: vec![exclusion.to_owned()],
                ..Repository::default()
            }));
            let fixed = Some(tag).filter(|tag| !tag.is_empty());
            stage.wanted.fixed_tags = fixed.map(str::to_owned).into_iter().collect();
            assert_eq!(
                statuses(&stage.found("tags")),
                [expected],
                "{mutability} {exclusion}"
            );
        }
    }

    #[test]
    fn a_repository_is_there_or_will_be() {
        let mut stage = Stage::healthy();
        assert_eq!(statuses(&stage.found("repository")), [Status::Ok]);
        stage.facts.repository = Some(Fact::Absent);
        assert_eq!(statuses(&stage.found("repository")), [Status::Problem]);
        stage.wanted.creates_repository = true;
        assert_eq!(statuses(&stage.found("repository")), [Status::Ok]);
    }

    #[test]
    fn images_run_where_the_tasks_do() {
        let mut stage = Stage::healthy();
        stage.wanted.platform = Some("linux/arm64".parse().unwrap());
        assert_eq!(statuses(&stage.found("platform")), [Status::Problem]);
        stage.wanted.platform = Some("linux/amd64".parse().unwrap());
        assert_eq!(statuses(&stage.found("platform")), [Status::Ok]);

        let mut running = |platforms| {
            stage.facts.image.as_mut().unwrap().platforms = platforms;
            statuses(&stage.found("running-image"))
        };
        let arm: Platform = "linux/arm64".parse().unwrap();
        let amd: Platform = "linux/amd64".parse().unwrap();
        assert_eq!(running(Fact::Known(vec![arm.clone()])), [Status::Problem]);
        assert_eq!(running(Fact::Known(vec![arm, amd])), [Status::Ok]);
        assert_eq!(running(Fact::Known(Vec::new())), [Status::Ok]);
        assert_eq!(running(Fact::Absent), [Status::Problem]);
    }
}
