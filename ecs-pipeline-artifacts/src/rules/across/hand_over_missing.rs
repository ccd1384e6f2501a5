//! A file that the deploy action looks for and does not find.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "hand-over-missing",
    severity: Severity::Error,
    summary: "the build's artifacts lack a file that the pipeline's deploy action reads from them",
    explanation: "The rolling action fails with `Did not find the image definition file … in the input artifacts ZIP file`, the blue/green action with `Exception while trying to read the task definition artifact file from: …`.",
    remedy: "List the file in the `artifacts` of the build specification, under the name and directory that the action reads.",
    reference: FILES,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    // Which of several builds makes an artifact, the pipeline does not tell.
    let [(file, spec)] = set.build_specs() else {
        return;
    };
    for (pipeline, action) in set.pipeline_actions() {
        let built = built_artifacts(pipeline.root);
        let mut builds = crate::pipeline::actions(pipeline.root)
            .filter(|action| crate::pipeline::provider(action) == Some("CodeBuild"));
        if builds.next().is_none() || builds.next().is_some() {
            continue;
        }
        for (path, artifact) in reads(&action) {
            let name = artifact.and_then(Node::literal);
            if !name.is_some_and(|name| built.contains(&name))
                || crate::source::has_placeholder(path)
            {
                continue;
            }
            if artifact::lists(spec, path) == artifact::Listed::No {
                let related =
                    artifact.map(|artifact| findings.in_file(pipeline.index).target(artifact));
                let at = spec
                    .root
                    .get("artifacts")
                    .and_then(|artifacts| artifacts.get("files"));
                let mut findings = findings.in_file(file.index);
                let finding = findings.value(
                    at.unwrap_or(spec.root),
                    format!(
                        "the artifacts lack `{path}`, which action `{}` reads",
                        action.name()
                    ),
                );
                if let Some(target) = related {
                    finding.related(target, "it is read from this artifact");
                }
            }
        }
    }
}

/// The output artifacts of the pipeline's builds.
fn built_artifacts<'t>(pipeline: &'t Node<'t>) -> Vec<&'t str> {
    let builds = crate::pipeline::actions(pipeline)
        .filter(|action| crate::pipeline::provider(action) == Some("CodeBuild"));
    let outputs = builds.flat_map(|build| {
        build
            .get("outputArtifacts")
            .map(Node::items)
            .unwrap_or_default()
    });
    outputs
        .filter_map(|output| output.get("name")?.as_str())
        .collect()
}

/// What an action reads, each with the artifact.
fn reads<'t>(action: &Action<'t>) -> Vec<(&'t str, Option<&'t Node<'t>>)> {
    match action.kind {
        DeployAction::Ecs => {
            let input = action.inputs().first().and_then(|input| input.get("name"));
            let files = action.kind.files().iter();
            files.map(|file| (action.path_of(file), input)).collect()
        }
        DeployAction::CodeDeployToEcs => {
            let files = action.kind.files().iter().filter_map(|file| {
                let artifact = match file.kind {
                    DocumentKind::TaskDefinition => {
                        action.configured("TaskDefinitionTemplateArtifact")
                    }
                    DocumentKind::AppSpec => action.configured("AppSpecTemplateArtifact"),
                    _ => return None,
                };
                Some((action.path_of(file), artifact))
            });
            let images = action.images().filter_map(|slot| slot.artifact);
            files
                .chain(images.map(|artifact| ("imageDetail.json", Some(artifact))))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let pipeline = |provider: &str, configuration: &str| {
            format!(
                r#"{{"pipeline": {{"stages": [
            {{"actions": [{{"name": "B", "actionTypeId": {{"provider": "CodeBuild"}}, "outputArtifacts": [{{"name": "Build"}}]}}]}},
            {{"actions": [{{"name": "D", "actionTypeId": {{"provider": "{provider}"}}, "inputArtifacts": [{{"name": "Build"}}], "configuration": {{{configuration}}}}}]}}]}}}}"#
            )
        };
        let rolling = pipeline("ECS", "");
        let named = pipeline("ECS", r#""FileName": "out/images.json""#);
        let blue = pipeline(
            "CodeDeployToECS",
            r#""TaskDefinitionTemplateArtifact": "Build", "AppSpecTemplateArtifact": "Source", "Image1ArtifactName": "Build", "Image1ContainerName": "I""#,
        );
        let lists = |files: &str| buildspec(&["make"], files);
        let (all, one, none) = (
            lists("{files: '**/*'}"),
            lists("{files: [imagedefinitions.json]}"),
            lists("{files: [app.jar]}"),
        );
        let secondary = lists(
            "{secondary-artifacts: {x: {files: [taskdef.json]}, y: {files: [imageDetail.json]}}}",
        );
        let d = "pipeline.json pipeline.stages[1].actions[0]";
        let image = format!("buildspec.yml artifacts.files ({d}.inputArtifacts[0].name)");
        let taskdef = format!(
            "buildspec.yml artifacts.files ({d}.configuration.TaskDefinitionTemplateArtifact)"
        );
        let detail =
            format!("buildspec.yml artifacts.files ({d}.configuration.Image1ArtifactName)");
        sets(
            &super::RULE,
            &[
                (&[("buildspec.yml", &none)], &[]),
                (&[("buildspec.yml", &one), ("pipeline.json", &rolling)], &[]),
                (&[("buildspec.yml", &all), ("pipeline.json", &rolling)], &[]),
                (
                    &[("buildspec.yml", &none), ("pipeline.json", &rolling)],
                    &[&image],
                ),
                (
                    &[("buildspec.yml", &one), ("pipeline.json", &named)],
                    &[&image],
                ),
                (&[("buildspec.yml", &all), ("pipeline.json", &blue)], &[]),
                (
                    &[("buildspec.yml", &secondary), ("pipeline.json", &blue)],
                    &[],
                ),
                (
                    &[("buildspec.yml", &one), ("pipeline.json", &blue)],
                    &[&taskdef, &detail],
                ),
                (
                    &[
                        ("a-buildspec.yml", &none),
                        ("buildspec.yml", &none),
                        ("pipeline.json", &rolling),
                    ],
                    &[],
                ),
            ],
        );
    }
}
