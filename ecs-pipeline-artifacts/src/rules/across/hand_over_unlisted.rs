//! A file that is written and not handed over.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "hand-over-unlisted",
    severity: Severity::Warning,
    summary: "the build writes a file for the deploy action, or hands one over, and leaves out another that belongs to it",
    explanation: "A deploy action reads only what is in its input artifacts. The rolling action needs imagedefinitions.json; the blue/green action needs taskdef.json and appspec.yaml, and imageDetail.json for the image, unless these come from another artifact.",
    remedy: "List the file in the `artifacts` of the build specification.",
    reference: FILES,
    check: Check::Across(check),
};

const IMAGES: [&str; 2] = ["imagedefinitions.json", "imageDetail.json"];

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    if set.pipeline_actions().next().is_some() {
        // Then it is known which file comes from where: `hand-over-missing`.
        return;
    }
    for (file, spec) in set.build_specs() {
        let mut findings = findings.in_file(file.index);
        if spec
            .root
            .get("artifacts")
            .is_none_or(|artifacts| !artifacts.items().is_empty())
        {
            continue;
        }
        written(spec, &mut findings);
        if set.is_blue_green().is_some() {
            templates(set, spec, &mut findings);
        }
    }
}

/// What a build writes for a deploy action, it should hand over. Of two such files one is enough.
fn written(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let script = spec.script();
    if IMAGES
        .iter()
        .any(|name| artifact::lists(spec, name) != artifact::Listed::No)
    {
        return;
    }
    for name in IMAGES {
        if let Some(written) = script.written(name) {
            let related = spec
                .root
                .get("artifacts")
                .map(|artifacts| findings.target(artifacts));
            let finding = findings.command(
                &written.site,
                format!("{name} is written, and the artifacts do not have it"),
            );
            if let Some(target) = related {
                finding.related(target, "the artifacts are these");
            }
        }
    }
}

/// An artifact with one of the two templates should have the other as well.
fn templates(set: &FileSet<'_>, spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let app_specs = || {
        set.of_kind(DocumentKind::AppSpec)
            .map(|file| file.name.rsplit('/').next().unwrap_or(file.name))
    };
    let app_spec = app_specs().any(|name| artifact::lists(spec, name) != artifact::Listed::No)
        || artifact::lists(spec, "appspec.yaml") != artifact::Listed::No;
    let taskdefs = || {
        set.of_kind(DocumentKind::TaskDefinition)
            .map(|file| file.name.rsplit('/').next().unwrap_or(file.name))
    };
    let taskdef = taskdefs().any(|name| artifact::lists(spec, name) != artifact::Listed::No)
        || artifact::lists(spec, "taskdef.json") != artifact::Listed::No;
    let missing = match (app_spec, taskdef) {
        (true, false) => taskdefs().next().unwrap_or("taskdef.json"),
        (false, true) => app_specs().next().unwrap_or("appspec.yaml"),
        _ => return,
    };
    let files = spec
        .root
        .get("artifacts")
        .and_then(|artifacts| artifacts.get("files"));
    if let Some(files) = files {
        findings.value(
            files,
            format!("the artifacts lack `{missing}`, which the blue/green action reads as well"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let write = |artifacts: &str| buildspec(&["printf x > imagedefinitions.json"], artifacts);
        let both = buildspec(
            &[
                "printf x > imagedefinitions.json",
                "printf x > imageDetail.json",
            ],
            "{files: [imageDetail.json]}",
        );
        let appspec = appspec("web", 80, "<TASK_DEFINITION>");
        let half = buildspec(&["make"], "{files: [appspec.yaml]}");
        let other = buildspec(&["make"], "{files: [taskdef.json]}");
        let whole = buildspec(&["make"], "{files: [appspec.yaml, taskdef.json]}");
        sets(
            &super::RULE,
            &[
                (
                    &[("buildspec.yml", &write("{files: [imagedefinitions.json]}"))],
                    &[],
                ),
                (&[("buildspec.yml", &write("{files: ['*.json']}"))], &[]),
                (&[("buildspec.yml", &both)], &[]),
                (
                    &[("buildspec.yml", &write("{files: [app.jar]}"))],
                    &["buildspec.yml phases.build.commands[0] (buildspec.yml artifacts)"],
                ),
                (
                    &[
                        ("appspec.yaml", &appspec),
                        ("taskdef.json", TASKDEF),
                        ("buildspec.yml", &whole),
                    ],
                    &[],
                ),
                (
                    &[
                        ("appspec.yaml", &appspec),
                        ("taskdef.json", TASKDEF),
                        ("buildspec.yml", &half),
                    ],
                    &["buildspec.yml artifacts.files"],
                ),
                (
                    &[
                        ("appspec.yaml", &appspec),
                        ("taskdef.json", TASKDEF),
                        ("buildspec.yml", &other),
                    ],
                    &["buildspec.yml artifacts.files"],
                ),
                (&[("taskdef.json", TASKDEF), ("buildspec.yml", &other)], &[]),
            ],
        );
    }
}
