//! Whether a build's artifacts have a file, as far as patterns tell.

use super::*;

/// Whether an artifact has a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Yes,
    No,
    /// A variable or an exclusion makes it unclear, or it is there under another directory.
    Unclear,
}

/// Whether any of the build's artifacts has the file at this path.
pub(super) fn lists(spec: &BuildSpec<'_>, path: &str) -> Listed {
    let listed: Vec<_> = spec
        .artifacts()
        .map(|artifact| has(artifact, path))
        .collect();
    [Listed::Yes, Listed::Unclear]
        .into_iter()
        .find(|wanted| listed.contains(wanted))
        .unwrap_or(Listed::No)
}

/// Whether one artifact has it. `base-directory` is the artifact's top, so patterns count from there.
pub(super) fn has(artifact: &Node<'_>, path: &str) -> Listed {
    let discard = artifact.get("discard-paths").is_some_and(|node| {
        node.as_bool() == Some(true)
            || node
                .as_str()
                .is_some_and(|text| text.eq_ignore_ascii_case("yes"))
    });
    let mut listed = Listed::No;
    for pattern in patterns(artifact, "files") {
        match matches(pattern, path, discard) {
            Listed::Yes if excludes(artifact) => return Listed::Unclear,
            Listed::Yes => return Listed::Yes,
            Listed::Unclear => listed = Listed::Unclear,
            Listed::No => {}
        }
    }
    listed
}

fn excludes(artifact: &Node<'_>) -> bool {
    patterns(artifact, "exclude-paths").next().is_some()
}

/// The patterns of a list, or of a single text.
pub(super) fn patterns<'t>(artifact: &'t Node<'t>, name: &str) -> impl Iterator<Item = &'t str> {
    let list = artifact.get(name);
    let items = list.map(Node::items).unwrap_or_default().iter();
    items.chain(list).filter_map(Node::as_str)
}

fn matches(pattern: &str, path: &str, discard: bool) -> Listed {
    if pattern.contains(['$', '`', '{']) {
        return Listed::Unclear;
    }
    let pattern = pattern.trim_start_matches("./");
    let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let (wanted_directory, wanted) = path.rsplit_once('/').unwrap_or(("", path));
    if !wildcard(name, wanted) {
        return Listed::No;
    }
    if discard || directory == wanted_directory || directory == "**" {
        return Listed::Yes;
    }
    Listed::Unclear
}

/// `*` for any text, `?` for any character; time grows with the product of the lengths at most.
fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut own) = (0, 0);
    let mut star = None;
    while let Some(byte) = text.get(at) {
        match pattern.get(own) {
            Some(b'*') => {
                star = Some((own, at));
                own += 1;
            }
            Some(expected) if expected == byte || *expected == b'?' => {
                at += 1;
                own += 1;
            }
            _ => {
                let Some((back, from)) = star else {
                    return false;
                };
                own = back + 1;
                at = from + 1;
                star = Some((back, from + 1));
            }
        }
    }
    pattern.iter().skip(own).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_artifacts() {
        for (pattern, path, discard, expected) in [
            (
                "imagedefinitions.json",
                "imagedefinitions.json",
                false,
                Listed::Yes,
            ),
            ("./taskdef.json", "taskdef.json", false, Listed::Yes),
            ("**/*", "taskdef.json", false, Listed::Yes),
            ("*", "taskdef.json", false, Listed::Yes),
            ("*.json", "taskdef.json", false, Listed::Yes),
            ("task*f.j?on", "taskdef.json", false, Listed::Yes),
            ("*.yaml", "taskdef.json", false, Listed::No),
            (
                "deploy/taskdef.json",
                "taskdef.json",
                false,
                Listed::Unclear,
            ),
            ("deploy/taskdef.json", "taskdef.json", true, Listed::Yes),
            (
                "deploy/taskdef.json",
                "deploy/taskdef.json",
                false,
                Listed::Yes,
            ),
            ("deploy/**/*", "taskdef.json", false, Listed::Unclear),
            ("$FILE", "taskdef.json", false, Listed::Unclear),
            ("app.jar", "taskdef.json", true, Listed::No),
        ] {
            assert_eq!(
                matches(pattern, path, discard),
                expected,
                "{pattern} {path}"
            );
        }
        assert!(!wildcard(&"*a".repeat(50), &"b".repeat(50)));
    }
}
