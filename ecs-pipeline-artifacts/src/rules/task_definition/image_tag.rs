//! Images that change under the same name.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "image-tag-latest",
    severity: Severity::Warning,
    summary: "an image without a tag, or with latest",
    explanation: "The same name gives another image after the next push, so a rollback to this revision does \
                  not bring the old image back, and nobody can tell what runs.",
    remedy: "Name the image by a tag of its own, such as the commit, or by digest; or let the pipeline fill \
             the image in.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(node) = container.parts.image else {
            continue;
        };
        // Registry and account may be filled in later; what the tag is, is known.
        let latest = node
            .as_str()
            .is_some_and(|image| image.ends_with(":latest"));
        if latest || node.literal().is_some_and(has_no_tag) {
            let which = if latest { "the tag `latest`" } else { "no tag" };
            findings.value(
                node,
                format!("{}: the image has {which}", container.title()),
            );
        }
    }
}

fn has_no_tag(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or(image);
    // `IMAGE_URI` and `{IMAGE}` are to be filled in, with the tag.
    let is_open = !last.bytes().any(|byte| byte.is_ascii_lowercase()) || last.contains('{');
    !is_open && !last.contains([':', '@'])
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[(
                r#"{"containerDefinitions": [{"image": "nginx:1.27"}, {"image": "<IMAGE1_NAME>"}, {"image": "nginx@sha256:0"}, {"image": "${R}/app:${T}"}, {"image": "IMAGE_URI"},
                    {"image": "localhost:5000/app"}, {"image": "nginx"}, {"image": "<ACCOUNT>.dkr.ecr.eu-west-1.amazonaws.com/app:latest"}]}"#,
                &[
                    "containerDefinitions[5].image",
                    "containerDefinitions[6].image",
                    "containerDefinitions[7].image",
                ],
            )],
        );
    }
}
