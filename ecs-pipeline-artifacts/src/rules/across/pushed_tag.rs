//! An image that is not the one that was pushed.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pushed-tag",
    severity: Severity::Warning,
    summary: "the file for the deploy action names another tag than the one that is pushed",
    explanation: "The deployment runs what the file names. Where that is not what the build has pushed, it is an older image, or none at all, unless both tags happen to be the same.",
    remedy: "Name the tag that is pushed.",
    reference: FILES,
    check: Check::Across(check),
};

use crate::build_spec::script::{Push, image_definitions, image_detail, tag};
use crate::build_spec::shell::Word;

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    for (file, spec) in set.build_specs() {
        let script = spec.script();
        let Some(pushes) = script.pushes().filter(|pushes| !pushes.is_empty()) else {
            continue;
        };
        let mut findings = findings.in_file(file.index);
        for (node, image) in named(script) {
            not_pushed(node, &image, &pushes, &mut findings);
        }
    }
}

/// A task definition has ten containers at most.
const MAX_IMAGES: usize = 100;

/// The images that the files for a deploy action name.
fn named<'t>(script: &Script<'t>) -> Vec<(&'t Node<'t>, Word)> {
    let mut named = Vec::new();
    for name in ["imagedefinitions.json", "imageDetail.json"] {
        let Some(written) = script.written(name).filter(|_| !script.may_change(name)) else {
            continue;
        };
        let Some(content) = &written.content else {
            continue;
        };
        let images = image_definitions(content)
            .unwrap_or_default()
            .into_iter()
            .map(|(_, image)| image);
        named.extend(
            images
                .chain(image_detail(content))
                .take(MAX_IMAGES)
                .map(|image| (written.node, image)),
        );
    }
    named
}

fn not_pushed(node: &Node<'_>, image: &Word, pushes: &[Push<'_>], findings: &mut Findings<'_>) {
    let Some((repository, own)) =
        tag(image).filter(|_| image.is_certain() && !image.marked().contains('@'))
    else {
        return;
    };
    // A push of the same image under a name of variables only may be this one.
    if pushes
        .iter()
        .any(|push| push.image == *image || tag(&push.image).is_none())
    {
        return;
    }
    let same = pushes
        .iter()
        .filter_map(|push| Some((push, tag(&push.image)?)));
    // Two variables may have the same value.
    let differ = |tag: &str| is_literal(own) || is_literal(tag);
    let mut same = same.filter(|(_, (other, tag))| *other == repository && differ(tag));
    if let Some((push, (_, pushed))) = same.next() {
        let show = |tag: &str| Word::from_marked(tag).show();
        let target = findings.target(push.node);
        findings
            .value(
                node,
                format!(
                    "this names the tag `{}`, and `{}` is what is pushed",
                    show(own),
                    show(pushed)
                ),
            )
            .related(target, "this is pushed");
    }
}

fn is_literal(tag: &str) -> bool {
    Word::from_marked(tag).literal().is_some()
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let spec = |push: &str, named: &str| {
            buildspec(
                &[
                    &format!("docker push {push}"),
                    &format!(
                        r#"printf '[{{"name":"%s","imageUri":"%s"}}]' $C {named} > imagedefinitions.json"#
                    ),
                ],
                "{files: '**/*'}",
            )
        };
        let detail = buildspec(
            &[
                "docker push $R/a:$T",
                r#"printf '{"ImageURI":"%s"}' $R/a:latest > imageDetail.json"#,
            ],
            "{files: '**/*'}",
        );
        let looped = buildspec(
            &[
                "for T in latest $COMMIT; do docker push $R/a:$T; done",
                r#"printf '{"ImageURI":"%s"}' $R/a:latest > imageDetail.json"#,
            ],
            "{files: '**/*'}",
        );
        let resolved = buildspec(
            &[
                "T=latest",
                "docker push $R/a:$T",
                r#"printf '{"ImageURI":"%s"}' ${R}/a:latest > imageDetail.json"#,
            ],
            "{files: '**/*'}",
        );
        let first =
            "buildspec.yml phases.build.commands[1] (buildspec.yml phases.build.commands[0])";
        for (push, named, expected) in [
            ("$R/a:$T", "$R/a:$T", &[][..]),
            ("$R/a:$T", "${R}/a:\"$T\"", &[]),
            ("$R/a:$T", "$R/a:latest", &[first]),
            ("$R/a:latest", "$R/a:$T", &[first]),
            ("$R/a", "$R/a:$T", &[first]),
            ("$R/a", "$R/a:latest", &[]),
            ("$IMAGE", "$R/a:latest", &[]),
            ("$R/b:$T", "$R/a:latest", &[]),
            ("$(cat image)", "$R/a:latest", &[]),
            ("-a $R/a", "$R/a:latest", &[]),
            ("$R/a:$T && docker push $R/a:latest", "$R/a:latest", &[]),
            ("$R/a:$T", "$R/a:$U", &[]),
            ("$R/a:1", "$R/a:2", &[first]),
            ("$R/a:$T", "$R/a@sha256:12", &[]),
            ("$R/a:$T", "$R/a:$(cat tag)", &[]),
        ] {
            sets(
                &super::RULE,
                &[(&[("buildspec.yml", &spec(push, named))], expected)],
            );
        }
        sets(
            &super::RULE,
            &[
                (&[("buildspec.yml", &detail)], &[first]),
                (&[("buildspec.yml", &resolved)], &[]),
                (&[("buildspec.yml", &looped)], &[]),
            ],
        );
    }
}
