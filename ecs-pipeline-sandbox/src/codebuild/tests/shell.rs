//! What commands see, and what is seen of them.

use super::*;

/// What the next command sees of a command, in version 0.2; each with what real builds show.
#[tokio::test]
async fn what_one_command_leaves_for_the_next() {
    for shell in ["/bin/sh", "bash"] {
        for (first, then, expected) in [
            ("export A=1", "echo $A", "1"),
            // All variables are exported.
            ("A='a  b'", "sh -c 'echo \"$A\"'", "a  b"),
            ("A=\"$(printf 'x\\ny')\"", "echo \"$A\"", "x y"),
            ("unset GIVEN", "echo ${GIVEN-gone}", "gone"),
            ("mkdir d && cd d", "basename \"$PWD\"", "d"),
            ("cd /; exit 0", "basename \"$PWD\"", "src"),
            ("B=1; exit 0", "echo ${B-gone}", "gone"),
            ("f() { echo f; }", "f 2>/dev/null || echo gone", "gone"),
            ("set -e", "false; echo on", "on"),
            ("alias ll=ls", "alias ll 2>/dev/null || echo gone", "gone"),
            ("cat", "echo nothing to read", "nothing to read"),
            ("cat <<EOF\nhere $GIVEN\nEOF", "true", "here given"),
            ("for i in 1 2; do\n  echo $i\ndone", "true", "1 2"),
            ("echo 'it''s'", "echo \"$0\" | grep -c script", "its 1"),
            // A command that is not whole fails by itself, or ends with the file.
            ("printf 'no end'", "true", "no end"),
        ] {
            let spec = format!(
                "version: 0.2\nenv: {{shell: {shell}, variables: {{GIVEN: given}}}}\nphases:\n  \
                 pre_build: {{commands: [{}]}}\n  build: {{commands: [{}]}}\n",
                serde_json::to_string(first).unwrap(),
                serde_json::to_string(then).unwrap(),
            );
            let build = run(&spec).await;
            assert!(build.succeeded(), "{shell} {first}: {:#?}", build.log);
            assert_eq!(printed(&build).join(" "), expected, "{shell} {first}");
        }
    }
    let arrays = "version: 0.2\nenv: {shell: bash}\nphases:\n  build:\n    commands:\n      \
                  - A=(1 2)\n      - 'echo ${#A[@]}'\n";
    assert_eq!(printed(&run(arrays).await), ["0"]);
}

#[tokio::test]
async fn in_version_0_1_each_command_begins_anew() {
    let build = run(
        "version: 0.1\nphases:\n  build:\n    commands: ['A=1; cd /', 'echo ${A-gone}; basename \"$PWD\"']\n",
    )
    .await;
    assert_eq!(printed(&build), ["gone", "src"]);
}

#[tokio::test]
async fn a_command_that_is_not_whole_fails_alone() {
    for command in ["echo 'open", "if true; then", "cat <<EOF"] {
        let spec = format!(
            "version: 0.2\nphases:\n  build:\n    on-failure: CONTINUE\n    commands: [{}]\n  \
             post_build: {{commands: [echo after]}}\n",
            serde_json::to_string(command).unwrap()
        );
        let build = run(&spec).await;
        assert_eq!(
            printed(&build).last(),
            Some(&"after"),
            "{command}: {:#?}",
            build.log
        );
        let told = build
            .log
            .iter()
            .any(|line| line.contains("CODEBUILD_LAST_EXIT"));
        assert!(!told, "{command}: {:#?}", build.log);
    }
}

#[tokio::test]
async fn a_signal_is_told() {
    // The second one is for every process of the build.
    for (command, reason) in [("kill -9 $$", "killed"), ("kill 0", "terminated")] {
        let build = run(&format!(
            "version: 0.2\nphases:\n  build: {{commands: [{command}]}}\n  \
             post_build: {{commands: [echo after]}}\n"
        ))
        .await;
        let message = &build.failed_phase().unwrap().message;
        let expected =
            format!("Error while executing command: {command}. Reason: signal: {reason}");
        assert_eq!(*message, expected);
        assert_eq!(printed(&build), ["after"], "{command}");
    }
}

#[tokio::test]
async fn nothing_of_this_machine_is_seen_but_what_is_given() {
    let project = Project::new("shop").machine("DOCKER_HOST", "unix:///nowhere");
    let spec = "version: 0.2\nphases: {build: {commands: [env]}}\n";
    let build = build(&project, spec).await;
    let names = printed(&build)
        .into_iter()
        .filter_map(|line| line.split_once('='));
    let mut names: Vec<_> = names.map(|(name, _)| name).collect();
    let of_shells = ["OLDPWD", "PWD", "SHLVL", "_"];
    names.retain(|name| !name.starts_with("CODEBUILD_") && !of_shells.contains(name));
    names.sort_unstable();
    let expected = [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "DOCKER_HOST",
        "HOME",
        "PATH",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn exported_variables_are_read_at_the_end() {
    let build = run(
        "version: 0.2\nenv: {variables: {A: spec, B: spec}, exported-variables: [A, B, C, AWS_REGION]}\n\
         phases:\n  build: {commands: [A=build]}\n  post_build: {commands: [A=post]}\n",
    )
    .await;
    let exported: Vec<_> = build
        .exported
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(exported, ["A=post", "B=spec"]);
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let project = Project::new("shop")
        .parameter("/token", "hunter2")
        .secret("db", "swordfish");
    let build = build(
        &project,
        "version: 0.2\nenv: {parameter-store: {T: /token}, secrets-manager: {S: db}}\n\
         phases: {build: {commands: ['echo $T $S', 'echo x$T >&2', 'echo hunter2; false']}}\n",
    )
    .await;
    assert_eq!(printed(&build), ["*** ***", "x***", "***"]);
    let shown = format!("{build:?} {project:?} {}", build.message());
    assert!(
        !shown.contains("hunter2") && !shown.contains("swordfish"),
        "{shown}"
    );
}

/// More than a pipe holds, and lines that are no text.
#[tokio::test]
async fn whatever_a_command_prints_is_logged() {
    let build = run("version: 0.2\nphases: {build: {commands: [\
         'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done', \
         \"printf '\\\\377\\\\n\\\\n'\"]}}\n")
    .await;
    let printed = printed(&build);
    assert_eq!(printed.len(), 20_001);
    assert_eq!(
        (printed[19_999], printed[20_000]),
        ("line 19999", "\u{fffd}")
    );
}
