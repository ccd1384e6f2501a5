//! The containers that get an image.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "image-definitions-container",
    severity: Severity::Error,
    summary: "imagedefinitions.json, or the command that writes it, names a container that the task definition does not have",
    explanation: "The rolling action puts each image into the container of that name, and fails where the service's task definition has none.",
    remedy: "Use the name that the container has in the task definition; it is not the name of the image.",
    reference: FILES,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    // The blue/green action does not read the file.
    if !set.containers_are_known() || set.is_blue_green().is_some() {
        return;
    }
    for file in set.of_kind(DocumentKind::ImageDefinitions) {
        for entry in file.root.items() {
            if let Some((node, name)) = entry
                .get("name")
                .and_then(|node| Some((node, node.literal()?)))
            {
                unknown(set, node, name, &mut findings.in_file(file.index));
            }
        }
    }
    for (file, spec) in set.build_specs() {
        let script = spec.script();
        let Some(written) = script.written("imagedefinitions.json") else {
            continue;
        };
        if script.may_change("imagedefinitions.json") {
            continue;
        }
        let entries = written
            .content
            .as_ref()
            .and_then(crate::commands::image_definitions);
        for (name, _) in entries.unwrap_or_default() {
            if let Some(name) = name
                .literal()
                .filter(|name| !crate::source::has_placeholder(name))
            {
                unknown(
                    set,
                    written.site.node,
                    name,
                    &mut findings.in_file(file.index),
                );
            }
        }
    }
}

fn unknown(set: &FileSet<'_>, node: &Node<'_>, name: &str, findings: &mut Findings<'_>) {
    if !set.has_container(name) {
        findings
            .value(node, format!("imagedefinitions.json names container `{name}`, which is not in the task definition"))
            .did_you_mean(set.closest_container(name));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let write = |name: &str| {
            buildspec(
                &[&format!(
                    r#"printf '[{{"name":"{name}","imageUri":"%s"}}]' $I > imagedefinitions.json"#
                )],
                "{files: '**/*'}",
            )
        };
        let sed = buildspec(
            &[
                r#"printf '[{"name":"X","imageUri":"%s"}]' $I > imagedefinitions.json"#,
                "sed -i s/X/web/ imagedefinitions.json",
            ],
            "{files: '**/*'}",
        );
        let appspec = appspec("web", 80, "<TASK_DEFINITION>");
        sets(
            &super::RULE,
            &[
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        (
                            "imagedefinitions.json",
                            r#"[{"name": "web", "imageUri": "a"}]"#,
                        ),
                    ],
                    &[],
                ),
                (
                    &[(
                        "imagedefinitions.json",
                        r#"[{"name": "wbe", "imageUri": "a"}]"#,
                    )],
                    &[],
                ),
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        (
                            "imagedefinitions.json",
                            r#"[{"name": "wbe", "imageUri": "a"}]"#,
                        ),
                    ],
                    &["imagedefinitions.json [0].name"],
                ),
                (
                    &[("taskdef.json", TASKDEF), ("buildspec.yml", &write("web"))],
                    &[],
                ),
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        ("buildspec.yml", &write("'$NAME'")),
                    ],
                    &[],
                ),
                (&[("taskdef.json", TASKDEF), ("buildspec.yml", &sed)], &[]),
                (
                    &[("taskdef.json", TASKDEF), ("buildspec.yml", &write("shop"))],
                    &["buildspec.yml phases.build.commands[0]"],
                ),
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        ("appspec.yaml", &appspec),
                        ("buildspec.yml", &write("shop")),
                    ],
                    &[],
                ),
            ],
        );
    }
}
