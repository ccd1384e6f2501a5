//! Images that cannot be pulled, whatever is in the registry.

use super::*;
use crate::rules::image_form::ImageForm;

pub(crate) const RULE: Rule = Rule {
    id: "image-reference",
    severity: Severity::Error,
    summary: "an image that is no image reference",
    explanation: "An image is `repository:tag` of up to 255 characters, or `repository@sha256:` and 64 hexadecimal \
                  digits, without a scheme such as `https://`. AWS or the container runtime refuses anything else, \
                  and the task stops with `CannotPullContainerError: invalid reference format`.",
    remedy: "Write `registry/repository:tag`, or `registry/repository@sha256:…`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(node) = container.parts.image else {
            continue;
        };
        let Some(image) = node.as_str() else { continue };
        if let Some((_, rest)) = image
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https" | "docker"))
        {
            let finding = findings.value(
                node,
                format!("{}: an image has no scheme", container.title()),
            );
            // What stands before an `@` there is a name and a password.
            if !rest.contains('@') {
                finding.help(format!("write `{rest}`"));
            }
        } else if let Some(problem) = node.literal().and_then(problem) {
            findings.value(node, format!("{}: the image {problem}", container.title()));
        }
    }
}

fn problem(image: &str) -> Option<&'static str> {
    let form = ImageForm::of(image);
    if image.is_empty() {
        return Some("is empty");
    }
    if form.is_too_long() {
        return Some("is longer than 255 characters");
    }
    // `{IMAGE}` is one more way to leave something to be filled in.
    if form.name.contains('{') && form.name.contains('}') {
        return None;
    }
    if form.has_other_characters() {
        return Some("may have only letters, digits and `_-:./#` before the digest");
    }
    if form.has_other_digest() {
        return Some("has a digest that is not `sha256:` and 64 hexadecimal digits");
    }
    name_problem(form.name)
}

/// As the container runtime reads a name: `[registry[:port]/]path[:tag]`.
fn name_problem(name: &str) -> Option<&'static str> {
    let (path, last) = name.rsplit_once('/').unwrap_or(("", name));
    let (last, tag) = match last.split_once(':') {
        Some((last, tag)) => (last, Some(tag)),
        None => (last, None),
    };
    // What comes first and has an upper-case letter is taken for the registry.
    let repository = path.split('/').skip(1).chain([last]);
    if tag == Some("") {
        Some("ends with `:` and has no tag")
    } else if tag.is_some_and(|tag| tag.contains(':')) {
        Some("has two tags")
    } else if repository.clone().any(str::is_empty) {
        Some("has an empty part")
    } else if repository.clone().any(is_mixed_case) {
        Some("has an upper-case letter in the repository, where only lower case is allowed")
    } else {
        None
    }
}

/// A part all in upper case, such as `IMAGE_URI`, is to be filled in.
fn is_mixed_case(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_uppercase())
        && part.bytes().any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::problem;
    use crate::rules::tests::table;

    #[test]
    fn references() {
        let digest = format!("app@sha256:{}", "0aF9".repeat(16));
        for fine in [
            "nginx",
            "nginx:1.27-alpine",
            "amazon/amazon-ecs-sample",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:Build_7",
            "localhost:5000/app",
            "Registry/app:1",
            "IMAGE_URI",
            "REPOSITORY_URI:IMAGE_TAG",
            "{IMAGE}:{TAG}",
            &digest,
        ] {
            assert_eq!(problem(fine), None, "{fine}");
        }
        let long = "a".repeat(256);
        for wrong in [
            "",
            "app:",
            "app:1:2",
            "my app:1",
            "shop//web",
            "MyApp:1",
            "example.com/Shop/web:1",
            "example.com/",
            "app@sha256:0af9",
            "app@latest",
            &long,
        ] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[(
                r#"{"containerDefinitions": [{"image": "<IMAGE1_NAME>"}, {"image": "${R}/app:${TAG}"}, {"image": 1}, {},
                    {"image": "app:"}, {"image": "https://${R}/app:1"}]}"#,
                &[
                    "containerDefinitions[4].image",
                    "containerDefinitions[5].image",
                ],
            )],
        );
    }
}
