//! Something that should be an object or a list, and is not.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-shape",
    severity: Severity::Error,
    summary: "`phases` is missing, or a part has another form than CodeBuild reads",
    explanation: "CodeBuild stops before the first command, with `YAML_FILE_ERROR`, where it cannot make sense of the file.",
    remedy: "Give the part the form that the reference shows; often only the indentation is wrong.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

/// The members that are objects.
const OBJECTS: [&str; 7] = [
    "env",
    "proxy",
    "batch",
    "phases",
    "reports",
    "artifacts",
    "cache",
];

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    if spec.root.members().is_empty() {
        findings.value(
            spec.root,
            format!(
                "a build specification is an object with `version` and `phases`, and this is {}",
                spec.root.kind()
            ),
        );
        return;
    }
    if spec.root.present("phases").is_none() {
        findings.value(spec.root, "`phases` is missing");
    }
    for name in OBJECTS {
        object(name, spec.root.get(name), findings);
    }
    for phase in spec.phases().filter(|phase| is_known_phase(&phase.name)) {
        object(&phase.name, Some(&phase.node), findings);
        for name in ["commands", "finally"] {
            list(name, phase.node.get(name), findings);
        }
    }
    for artifacts in spec.artifacts() {
        list("files", artifacts.get("files"), findings);
    }
}

fn object(name: &str, node: Option<&Node<'_>>, findings: &mut Findings<'_>) {
    if let Some(node) = node.filter(|node| no_object(node)) {
        findings.value(
            node,
            format!("`{name}` is an object, and this is {}", node.kind()),
        );
    }
}

fn list(name: &str, node: Option<&Node<'_>>, findings: &mut Findings<'_>) {
    if let Some(node) = node.filter(|node| !node.members().is_empty()) {
        findings.value(
            node,
            format!("`{name}` is a list, and this is {}", node.kind()),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "version: 0.2\nphases:\n  build:\n    commands:\n      - a\n",
                    &[],
                ),
                (
                    "version: 0.2\nphases: {build: {commands: a}}\nartifacts: {files: a}",
                    &[],
                ),
                ("[]", &[""]),
                ("version: 0.2", &[""]),
                ("version: 0.2\nphases: [a]\nenv: 3", &["phases", "env"]),
                ("version: 0.2\nphases: {build: [a]}", &["phases.build"]),
                (
                    "version: 0.2\nphases: {build: {commands: {a: b}}}",
                    &["phases.build.commands"],
                ),
                (
                    "version: 0.2\nphases: {build: }\nartifacts: {files: {a: b}}",
                    &["artifacts.files"],
                ),
            ],
        );
    }
}
