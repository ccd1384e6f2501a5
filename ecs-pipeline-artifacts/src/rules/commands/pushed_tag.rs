//! An image that is not the one that was pushed.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pushed-tag",
    severity: Severity::Warning,
    summary: "the file for the deploy action names another tag than the one that is pushed",
    explanation: "The deployment runs what the file names. Where that is not what the build has pushed, it is an older image, or none at all, unless both tags happen to be the same.",
    remedy: "Name the tag that is pushed.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html",
    check: Check::Commands(check),
};

use crate::commands::shell::Word;
use crate::commands::{Push, Site, image_definitions, image_detail, tag};

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    let Some(pushes) = script.pushes().filter(|pushes| !pushes.is_empty()) else {
        return;
    };
    for (site, image) in named(script) {
        not_pushed(&site, &image, &pushes, findings);
    }
}

/// A task definition has ten containers at most.
const MAX_IMAGES: usize = 100;

/// The images that the files for a deploy action name.
fn named<'t>(script: &Script<'t>) -> Vec<(Site<'t>, Word)> {
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
                .map(|image| (written.site.clone(), image)),
        );
    }
    named
}

fn not_pushed(site: &Site<'_>, image: &Word, pushes: &[Push<'_>], findings: &mut Findings<'_>) {
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
        let target = findings.target_command(&push.site);
        findings
            .command(
                site,
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
    use crate::rules::commands::tests::jenkinsfiles;

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

    #[test]
    fn the_steps_of_a_jenkinsfile() {
        let file = |push: &str, image: &str, quote: &str| {
            format!(
                "environment {{ TAG = \"${{f()}}\" }}\nsh \"docker push {push}\"\nsh {quote}printf '[{{\"name\":\"a\",\"imageUri\":\"{image}\"}}]' > imagedefinitions.json{quote}"
            )
        };
        let (groovy, shell) = ("\"\"\"", "'''");
        for (push, image, quote, expected) in [
            ("a:${env.TAG}", "a:${TAG}", groovy, &[][..]),
            ("a:\\$TAG", "a:${params.TAG}", groovy, &[]),
            ("a:${TAG}", "a:latest", groovy, &["sh[1]"]),
            ("a:${TAG}", "a:latest", shell, &["sh[1]"]),
            ("a:${f()}", "a:latest", shell, &[]),
            ("a:1", "a:${g()}", groovy, &[]),
            // The shell fills in nothing within these quotes.
            ("a:1", "a:$TAG", shell, &["sh[1]"]),
        ] {
            jenkinsfiles(&super::RULE, &[(&file(push, image, quote), expected)]);
        }
    }
}
