//! Which phases run, and what the log says of them.

use super::*;

#[tokio::test]
async fn a_build_has_every_phase() {
    let build = run("version: 0.2\nphases: {build: {commands: [echo hi]}}\n").await;
    let phases = build.phases.iter().map(|phase| phase.name.to_string());
    assert_eq!(
        phases.collect::<Vec<_>>(),
        [
            "SUBMITTED",
            "QUEUED",
            "PROVISIONING",
            "DOWNLOAD_SOURCE",
            "INSTALL",
            "PRE_BUILD",
            "BUILD",
            "POST_BUILD",
            "UPLOAD_ARTIFACTS",
            "FINALIZING",
            "COMPLETED"
        ]
    );
    assert_eq!(build.status, Status::Succeeded);
    assert_eq!(build.message(), "");
    assert!(build.id.starts_with("shop:"), "{}", build.id);
    assert!(build.log[0].starts_with("[ecs-pipeline] this stands for CodeBuild"));
}

/// The log of a build, without its dates.
#[tokio::test]
async fn the_log_has_codebuilds_form() {
    let build = run(
        "version: 0.2\nphases: {build: {commands: [printf hi, 'exit 3']}}\n\
         artifacts: {files: ['*.json']}\n",
    )
    .await;
    let lines = build
        .log
        .iter()
        .map(|line| match line.strip_prefix("[Container] ") {
            Some(line) => line.splitn(3, ' ').nth(2).unwrap(),
            None => line,
        });
    let lines: Vec<_> = lines
        .skip_while(|line| !line.starts_with("Phases found"))
        .collect();
    assert_eq!(
        lines,
        [
            "Phases found in YAML: 1",
            " BUILD: 2 commands",
            "Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase INSTALL",
            "Phase complete: INSTALL State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase PRE_BUILD",
            "Phase complete: PRE_BUILD State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase BUILD",
            "Running command printf hi",
            "hi",
            "Running command exit 3",
            "",
            "Command did not exit successfully exit 3 exit status 3",
            "Phase complete: BUILD State: FAILED",
            "Phase context status code: COMMAND_EXECUTION_ERROR Message: \
             Error while executing command: exit 3. Reason: exit status 3",
            "Entering phase POST_BUILD",
            "Phase complete: POST_BUILD State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Expanding base directory path: .",
            "Assembling file list",
            "Expanding .",
            "Expanding file paths for base directory .",
            "Assembling file list",
            "Expanding *.json",
            "Skipping invalid file path *.json",
            "Phase complete: UPLOAD_ARTIFACTS State: FAILED",
            "Phase context status code: CLIENT_ERROR Message: no matching artifact paths found",
        ]
    );
    assert_eq!(
        build.message(),
        "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, \
         Message: Error while executing command: exit 3. Reason: exit status 3"
    );
}

/// Which phases run, and what `CODEBUILD_BUILD_SUCCEEDING` says in each of them.
#[tokio::test]
async fn what_follows_a_failed_phase() {
    // The phase that fails, with its `on-failure`; what is printed; how the phases end.
    for (failing, on_failure, says, phases) in [
        (
            "",
            "",
            "i1 p1 b1 a1",
            "INSTALL+ PRE_BUILD+ BUILD+ POST_BUILD+ UPLOAD_ARTIFACTS+",
        ),
        ("install", "", "i1", "INSTALL-"),
        ("pre_build", "", "i1 p1", "INSTALL+ PRE_BUILD-"),
        (
            "build",
            "",
            "i1 p1 b1 a0",
            "INSTALL+ PRE_BUILD+ BUILD- POST_BUILD+ UPLOAD_ARTIFACTS+",
        ),
        (
            "post_build",
            "",
            "i1 p1 b1 a1",
            "INSTALL+ PRE_BUILD+ BUILD+ POST_BUILD- UPLOAD_ARTIFACTS+",
        ),
        ("build", "ABORT", "i1 p1 b1", "INSTALL+ PRE_BUILD+ BUILD-"),
        (
            "install",
            "CONTINUE",
            "i1 p0 b0 a0",
            "INSTALL- PRE_BUILD+ BUILD+ POST_BUILD+ UPLOAD_ARTIFACTS+",
        ),
    ] {
        let mut spec = "version: 0.2\nphases:\n".to_owned();
        for (name, letter) in [
            ("install", "i"),
            ("pre_build", "p"),
            ("build", "b"),
            ("post_build", "a"),
        ] {
            spec += &format!("  {name}:\n");
            let fails = name == failing;
            if fails && !on_failure.is_empty() {
                spec += &format!("    on-failure: {on_failure}\n");
            }
            let command = if fails { "false" } else { "true" };
            spec += &format!(
                "    commands: ['echo {letter}$CODEBUILD_BUILD_SUCCEEDING', {command:?}]\n"
            );
        }
        let build = run(&spec).await;
        assert_eq!(printed(&build).join(" "), says, "{failing} {on_failure}");
        let ended = ran(&build)
            .join(" ")
            .replace(" SUCCEEDED", "+")
            .replace(" FAILED", "-");
        assert_eq!(ended, phases, "{failing} {on_failure}");
        assert_eq!(
            build.succeeded(),
            failing.is_empty(),
            "{failing} {on_failure}"
        );
    }
}

#[tokio::test]
async fn finally_runs_whether_the_commands_failed_or_not() {
    let build = run(
        "version: 0.2\nphases:\n  pre_build:\n    commands: [echo 1, 'false', echo no]\n    \
         finally: [echo 2, echo 3]\n",
    )
    .await;
    assert_eq!(printed(&build), ["1", "2", "3"]);
    assert_eq!(ran(&build), ["INSTALL SUCCEEDED", "PRE_BUILD FAILED"]);

    let build = run(
        "version: 0.2\nphases:\n  build:\n    commands: [echo 1]\n    finally: ['false', echo no]\n",
    )
    .await;
    assert_eq!(printed(&build), ["1"]);
    let phase = build.failed_phase().unwrap();
    assert_eq!(
        (phase.name, phase.code.as_str()),
        (PhaseName::Build, "COMMAND_EXECUTION_ERROR")
    );
    assert_eq!(
        phase.message,
        "Error while executing command: false. Reason: exit status 1"
    );
}

#[tokio::test]
async fn a_build_specification_that_cannot_run_ends_it_early() {
    let command = "phases: {build: {commands: [echo ran]}}\n";
    for (spec, code, message) in [
        ("version: 0.2\nphases: [\n", "YAML_FILE_ERROR", "line "),
        ("version: 0.2\n", "YAML_FILE_ERROR", ""),
        ("", "YAML_FILE_ERROR", ""),
        (
            &format!("version: 0.2\nenv: {{shell: powershell.exe}}\n{command}"),
            "YAML_FILE_ERROR",
            "env.shell: powershell.exe does not run here",
        ),
        (
            "version: 0.2\nphases: {build: {on-failure: 'RETRY-(', commands: [echo ran]}}\n",
            "YAML_FILE_ERROR",
            "on-failure of build: ",
        ),
        (
            &format!("version: 0.2\nenv: {{parameter-store: {{A: /a}}}}\n{command}"),
            "Decrypted Variables Error",
            "parameter does not exist: /a",
        ),
        (
            &format!("version: 0.2\nenv: {{secrets-manager: {{A: a}}}}\n{command}"),
            "Secrets Manager Error",
            "ResourceNotFoundException: ",
        ),
    ] {
        let build = run(spec).await;
        let phase = build.failed_phase().unwrap();
        assert_eq!(
            (phase.name, phase.code.as_str()),
            (PhaseName::DownloadSource, code),
            "{spec}"
        );
        assert!(
            phase.message.starts_with(message),
            "{spec}: {}",
            phase.message
        );
        assert_eq!(printed(&build), [""; 0], "{spec}");
        assert_eq!(build.status, Status::Failed, "{spec}");
    }
    let empty = source(&[]);
    let build = Project::new("shop")
        .build(empty.path(), Start::default())
        .await;
    assert_eq!(
        build.failed_phase().unwrap().message,
        "YAML file does not exist"
    );
}

#[tokio::test]
async fn where_the_build_specification_is() {
    let source = source(&[
        (
            "buildspec.yml",
            "version: 0.2\nphases: {build: {commands: [echo top]}}\n",
        ),
        (
            "ci/b.yml",
            "version: 0.2\nphases: {build: {commands: [echo ci]}}\n",
        ),
    ]);
    let inline = "version: 0.2\nphases: {build: {commands: [echo inline]}}\n";
    let (plain, ci) = (
        Project::new("shop"),
        Project::new("shop").buildspec("ci/b.yml"),
    );
    let mut start = Start::default();
    for (project, asked, expected) in [
        (&plain, None, "top"),
        (&ci, None, "ci"),
        (&ci, Some(inline), "inline"),
        (&plain, Some("ci/b.yml"), "ci"),
    ] {
        start.buildspec = asked.map(str::to_owned);
        let build = project.build(source.path(), start.clone()).await;
        assert_eq!(printed(&build), [expected]);
    }
}

/// Each attempt is a build of its own, on the source as it was.
#[tokio::test]
async fn a_build_is_tried_again() {
    let spec = "version: 0.2\nphases:\n  build:\n    on-failure: RETRY-2-status 9\n    \
                commands: ['test ! -e left', touch left, 'test $CODEBUILD_BUILD_NUMBER = 2 || exit 9']\n";
    let build = run(spec).await;
    assert!(build.succeeded(), "{:#?}", build.log);
    assert_eq!((build.number, build.retries), (2, 1));

    let build = run(&spec.replace("= 2", "= 7")).await;
    assert_eq!(
        (build.number, build.retries, build.status),
        (3, 2, Status::Failed)
    );
    assert!(build.phase(PhaseName::PostBuild).is_none());
}

#[tokio::test]
async fn a_source_that_cannot_be_copied_is_refused() {
    let there = source(&[]);
    let gone = there.path().join("gone");
    let temporary = std::env::temp_dir();
    for (path, message) in [
        (&gone, "No such file or directory"),
        (&temporary, "this machine's temporary files are in it"),
    ] {
        let build = Project::new("shop").build(path, Start::default()).await;
        let phase = build.failed_phase().unwrap();
        assert_eq!(
            (phase.name, phase.code.as_str()),
            (PhaseName::DownloadSource, "CLIENT_ERROR")
        );
        let named = phase.message.contains(&path.display().to_string());
        assert!(
            named && phase.message.contains(message),
            "{}",
            phase.message
        );
    }
}
