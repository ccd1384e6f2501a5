//! A value that is none of the few that there are.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-choice",
    severity: Severity::Warning,
    summary: "a member has a value that it cannot have",
    explanation: "`shell` is `bash`, `/bin/sh`, `powershell.exe` or `cmd.exe`; `git-credential-helper`, `upload-artifacts`, `logs`, `discard-paths` and `enable-symlinks` are `yes` or `no`; the cache's `action` is `restore` or `save`; `run-as` is the name of a Linux user.",
    remedy: "Use one of these.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

const YES_NO: &[&str] = &["yes", "no"];
const SHELLS: &[&str] = &["bash", "/bin/sh", "powershell.exe", "cmd.exe"];

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let root = spec.root;
    if let Some(env) = root.get("env") {
        choice(env, "shell", SHELLS, findings);
        choice(env, "git-credential-helper", YES_NO, findings);
    }
    if let Some(proxy) = root.get("proxy") {
        choice(proxy, "upload-artifacts", YES_NO, findings);
        choice(proxy, "logs", YES_NO, findings);
    }
    if let Some(cache) = root.get("cache") {
        choice(cache, "action", &["restore", "save"], findings);
    }
    for artifacts in spec.artifacts() {
        choice(artifacts, "discard-paths", YES_NO, findings);
        choice(artifacts, "enable-symlinks", YES_NO, findings);
    }
    for group in root.get("reports").map(Node::members).unwrap_or_default() {
        choice(&group.node, "discard-paths", YES_NO, findings);
    }
    for node in spec.phases().map(|phase| &phase.node).chain([root]) {
        if let Some(user) = node
            .present("run-as")
            .filter(|user| user.as_str().is_none())
        {
            findings.value(
                user,
                format!(
                    "`run-as` is the name of a user, and this is {}",
                    user.kind()
                ),
            );
        }
    }
}

fn choice(object: &Node<'_>, name: &str, choices: &[&str], findings: &mut Findings<'_>) {
    let Some(node) = object.present(name) else {
        return;
    };
    // YAML's `true` is what `yes` was before YAML 1.2.
    if node.as_bool().is_some() && choices == YES_NO {
        return;
    }
    let text = node.as_str().unwrap_or_default();
    if !choices
        .iter()
        .any(|choice| choice.eq_ignore_ascii_case(text))
        && !crate::source::has_placeholder(text)
    {
        findings
            .value(
                node,
                format!("`{name}` is one of `{}`", choices.join("`, `")),
            )
            .did_you_mean(crate::suggest::closest(text, choices.iter().copied()));
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
                    "run-as: user\nenv: {shell: bash, git-credential-helper: no}\nphases: {}\nartifacts: {files: a, discard-paths: true}",
                    &[],
                ),
                (
                    "run-as: [a]\nenv: {shell: zsh, git-credential-helper: on}\nproxy: {logs: 1}\nphases: {build: {run-as: 0}}",
                    &[
                        "run-as",
                        "env.shell",
                        "env.git-credential-helper",
                        "proxy.logs",
                        "phases.build.run-as",
                    ],
                ),
                (
                    "reports: {r: {discard-paths: maybe}}\nphases: {}\nartifacts: {discard-paths: all, secondary-artifacts: {a: {enable-symlinks: 2}}}\ncache: {action: both}",
                    &[
                        "reports.r.discard-paths",
                        "artifacts.discard-paths",
                        "artifacts.secondary-artifacts.a.enable-symlinks",
                        "cache.action",
                    ],
                ),
            ],
        );
    }
}
