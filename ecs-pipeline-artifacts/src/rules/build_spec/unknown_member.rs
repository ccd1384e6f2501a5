//! A member that nobody knows.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-unknown-member",
    severity: Severity::Warning,
    summary: "a member that the reference does not have",
    explanation: "CodeBuild passes over what it does not know, so what the member was to say is not heard.",
    remedy: "Correct the name, or the indentation.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

pub(super) const TOP: &[&str] = &[
    "version",
    "run-as",
    "env",
    "proxy",
    "batch",
    "phases",
    "reports",
    "artifacts",
    "cache",
];
const ENV: &[&str] = &[
    "shell",
    "variables",
    "parameter-store",
    "secrets-manager",
    "exported-variables",
    "git-credential-helper",
];
const PROXY: &[&str] = &["upload-artifacts", "logs"];
const INSTALL: &[&str] = &[
    "run-as",
    "on-failure",
    "runtime-versions",
    "commands",
    "finally",
];
const PHASE: &[&str] = &["run-as", "on-failure", "commands", "finally"];
const REPORT: &[&str] = &["files", "base-directory", "discard-paths", "file-format"];
const ARTIFACTS: &[&str] = &[
    "files",
    "name",
    "discard-paths",
    "base-directory",
    "exclude-paths",
    "enable-symlinks",
    "s3-prefix",
    "secondary-artifacts",
];
const CACHE: &[&str] = &["key", "fallback-keys", "action", "paths"];

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let root = spec.root;
    known(Some(root), "a build specification", TOP, findings);
    known(root.get("env"), "`env`", ENV, findings);
    known(root.get("proxy"), "`proxy`", PROXY, findings);
    known(root.get("cache"), "`cache`", CACHE, findings);
    for phase in spec.phases().filter(|phase| is_known_phase(&phase.name)) {
        let members = if phase.name.eq_ignore_ascii_case("install") {
            INSTALL
        } else {
            PHASE
        };
        known(Some(&phase.node), "this phase", members, findings);
    }
    for group in root.get("reports").map(Node::members).unwrap_or_default() {
        known(Some(&group.node), "a report group", REPORT, findings);
    }
    for artifacts in spec.artifacts() {
        known(Some(artifacts), "artifacts", ARTIFACTS, findings);
    }
}

fn known(node: Option<&Node<'_>>, of: &str, known: &[&str], findings: &mut Findings<'_>) {
    for member in node.map(Node::members).unwrap_or_default() {
        let name = member.name.as_ref();
        if !known.contains(&name) && !crate::source::has_placeholder(name) {
            findings
                .name(
                    &member.node,
                    format!("`{name}` is no member of {of}, as far as is known"),
                )
                .did_you_mean(crate::suggest::closest(name, known.iter().copied()));
        }
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
                    "version: 0.2\nenv: {variables: {ANY: a}}\nphases: {install: {runtime-versions: {x: 1}, commands: [a]}}",
                    &[],
                ),
                (
                    "versoin: 0.2\nenv: {variable: {}}\nproxy: {log: yes}\nphases: {build: {command: [a], runtime-versions: {}}}",
                    &[
                        "versoin",
                        "env.variable",
                        "proxy.log",
                        "phases.build.command",
                        "phases.build.runtime-versions",
                    ],
                ),
                (
                    "reports: {any: {file: []}}\nartifacts: {file: [a], secondary-artifacts: {any: {names: a}}}\ncache: {path: []}",
                    &[
                        "reports.any.file",
                        "artifacts.file",
                        "artifacts.secondary-artifacts.any.names",
                        "cache.path",
                    ],
                ),
            ],
        );
    }
}
