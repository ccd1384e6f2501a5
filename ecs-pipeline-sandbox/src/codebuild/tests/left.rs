//! What a build leaves: artifacts, reports, a cache.

use bytes::Bytes;
use ecs_pipeline_artifacts::bundle::Bundle;

use super::*;
use crate::builds::{BuildRequest, Builds};

/// A pattern, base directory and so on, and the files that come of it.
#[tokio::test]
async fn what_an_artifact_holds() {
    let tree = source(&[
        ("a.json", "{}"),
        ("my-build-1/my-file-1.txt", "1"),
        ("my-build-2/my-file-2.txt", "2"),
        ("my-build-2/sub/my-file-3.txt", "3"),
        ("my-build-2/sub/.hidden", "4"),
    ]);
    let no_files = "no matching artifact paths found";
    for (artifacts, expected) in [
        ("{files: [a.json]}", Ok("a.json")),
        ("{files: [./a.json, missing.json]}", Ok("a.json")),
        ("{files: [$NAME.json]}", Ok("a.json")),
        ("{files: ['${NAME}.json']}", Ok("a.json")),
        (
            "{files: [a.json], base-directory: $CODEBUILD_SRC_DIR}",
            Ok("a.json"),
        ),
        ("{files: [$CODEBUILD_SRC_DIR/a.json]}", Ok("a.json")),
        ("{files: [missing.json]}", Err(no_files)),
        ("{files: [my-build-1]}", Err(no_files)),
        ("{files: [../a.json, /etc/passwd]}", Err(no_files)),
        ("{files: ['my-build-2/*']}", Ok("my-build-2/my-file-2.txt")),
        (
            "{files: ['**/*'], base-directory: my-build-2, exclude-paths: ['**/.*']}",
            Ok("my-file-2.txt sub/my-file-3.txt"),
        ),
        (
            "{files: ['*/my-file-3.txt'], base-directory: my-build-2}",
            Ok("sub/my-file-3.txt"),
        ),
        (
            "{files: ['**/*'], base-directory: 'my-build*', discard-paths: yes}",
            Ok(".hidden my-file-1.txt my-file-2.txt my-file-3.txt"),
        ),
        (
            "{files: ['**/*'], base-directory: dist}",
            Err("no matching base directory path found for dist"),
        ),
    ] {
        let spec = format!(
            "version: 0.2\nphases: {{build: {{commands: [NAME=a]}}}}\nartifacts: {artifacts}\n"
        );
        let project = Project::new("shop").buildspec(spec);
        let build = project.build(tree.path(), Start::default()).await;
        let names = match &build.artifact {
            Some(artifact) => Ok(artifact
                .files
                .files()
                .map(|(name, ..)| name)
                .collect::<Vec<_>>()
                .join(" ")),
            None => Err(build.failed_phase().unwrap().message.clone()),
        };
        assert_eq!(
            names.as_deref().map_err(String::as_str),
            expected,
            "{artifacts}"
        );
        assert_eq!(build.succeeded(), expected.is_ok(), "{artifacts}");
    }
}

#[tokio::test]
async fn links_and_modes_of_an_artifact() {
    let build = run(
        "version: 0.2\nphases:\n  build:\n    commands: ['mkdir d; printf x > d/f; chmod 755 d/f; ln -s d/f l; \
         ln -s . d/loop; ln -s nowhere broken']\n\
         artifacts: {files: ['**/*'], exclude-paths: [buildspec.yml], enable-symlinks: yes, \
         name: 'shop-$(echo \"$CODEBUILD_BUILD_NUMBER\")'}\n",
    )
    .await;
    let artifact = build.artifact.unwrap();
    let files: Vec<_> = artifact.files.files().collect();
    assert_eq!(files, [("d/f", &b"x"[..], 0o755), ("l", &b"x"[..], 0o755)]);
    assert_eq!(artifact.name.as_deref(), Some("shop-1"));
    assert!(
        build
            .notes
            .iter()
            .any(|note| note.starts_with("enable-symlinks")),
        "{:?}",
        build.notes
    );
}

#[tokio::test]
async fn reports_are_collected_after_a_failure_too() {
    let build = run(
        "version: 0.2\nphases:\n  build:\n    commands: ['mkdir t; echo x > t/a.xml', 'false']\n\
         reports:\n  unit: {files: ['*.xml'], base-directory: t, file-format: junitxml}\n  \
         none: {files: ['*.json']}\n",
    )
    .await;
    assert_eq!(build.status, Status::Failed);
    assert_eq!(
        build.phase(PhaseName::UploadArtifacts).unwrap().status,
        Status::Succeeded
    );
    let [report] = &build.reports[..] else {
        panic!("{:#?}", build.reports)
    };
    assert_eq!(
        (report.group.as_str(), report.file_format.as_str()),
        ("shop-unit", "JUNITXML")
    );
    assert_eq!(report.files.get("a.xml"), Some(&b"x\n"[..]));
}

#[tokio::test]
async fn a_cache_is_there_for_the_next_build() {
    let project = Project::new("shop");
    let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      \
                - cat deps/n .cache/n 2>/dev/null || echo empty\n      \
                - cat $HOME/.m2/r/n 2>/dev/null || true\n      \
                - mkdir -p deps .cache $HOME/.m2/r\n      \
                - echo $CODEBUILD_BUILD_NUMBER | tee deps/n .cache/n > $HOME/.m2/r/n\n\
                cache: {paths: ['deps/**/*', .cache, '/root/.m2/**/*', /etc/hosts]}\n";
    assert_eq!(printed(&build(&project, spec).await), ["empty"]);
    let second = build(&project, spec).await;
    assert_eq!(printed(&second), ["1", "1", "1"]);
    assert!(
        second.notes.iter().any(|note| note.contains("/etc/hosts")),
        "{:?}",
        second.notes
    );
    let failing = format!("{spec}env: {{variables: {{X: x}}}}\n")
        .replace("commands:\n", "commands:\n      - 'exit 1'\n");
    assert!(!build(&project, &failing).await.succeeded());
    assert_eq!(
        printed(&build(&project, spec).await)[0],
        "2",
        "a failed build keeps nothing"
    );
    let restored = spec.replace("cache: {", "cache: {action: restore, ");
    assert_eq!(printed(&build(&project, &restored).await)[0], "4");
    assert_eq!(
        printed(&build(&project, spec).await)[0],
        "4",
        "it was restored and not saved"
    );
    let key = spec.replace("cache: {", "cache: {key: a, fallback-keys: [''], ");
    assert_eq!(printed(&build(&project, &key).await)[0], "6");
    let other = spec.replace("cache: {", "cache: {key: b, ");
    assert_eq!(printed(&build(&project, &other).await), ["empty"]);
}

#[tokio::test]
async fn a_pipeline_gets_the_artifacts_that_it_asks_for() {
    let spec = "version: 0.2\nenv: {exported-variables: [TAG]}\nphases:\n  build:\n    commands:\n      \
                - TAG=$CODEBUILD_RESOLVED_SOURCE_VERSION-$MODE\n      \
                - cat \"$CODEBUILD_SRC_DIR_Extra/e.txt\" > out.txt; ./run.sh >> out.txt\n\
                artifacts:\n  files: [out.txt]\n  secondary-artifacts:\n    One: {files: [buildspec.yml]}\n    \
                Two: {files: [out.txt]}\n";
    let zip = |files: &[(&str, &str, u32)]| {
        let mut bundle = Bundle::default();
        for (name, contents, mode) in files {
            bundle.insert_with_mode(*name, *contents, *mode);
        }
        Bytes::from(bundle.to_zip().unwrap())
    };
    let primary = zip(&[
        ("buildspec.yml", spec, 0o644),
        ("run.sh", "#!/bin/sh\necho ran\n", 0o755),
    ]);
    let extra = zip(&[("e.txt", "extra\n", 0o644)]);
    let builds = Builds::default();
    Project::new("shop")
        .variable("MODE", "project")
        .define_in(&builds);
    for (outputs, expected) in [
        (&[][..], &[][..]),
        (&["App"][..], &[("App", "out.txt")][..]),
        (&["One"], &[("One", "buildspec.yml")]),
        (
            &["One", "Two"],
            &[("One", "buildspec.yml"), ("Two", "out.txt")],
        ),
    ] {
        let mut request = BuildRequest::new("shop");
        request.sources = vec![
            ("App".into(), primary.clone()),
            ("Extra".into(), extra.clone()),
        ];
        request
            .variables
            .insert("CODEBUILD_RESOLVED_SOURCE_VERSION".into(), "abc".into());
        request.variables.insert("MODE".into(), "action".into());
        request.outputs = outputs.iter().map(|name| (*name).to_owned()).collect();
        let answer = builds.build(request).await.unwrap();
        assert!(answer.succeeded, "{answer:?}");
        assert_eq!(answer.exported["TAG"], "abc-action");
        let files = answer.artifacts.iter().map(|(name, zip)| {
            let bundle = Bundle::from_zip(zip).unwrap();
            let files: Vec<_> = bundle.files().map(|(name, ..)| name.to_owned()).collect();
            if let Some(out) = bundle.get("out.txt") {
                assert_eq!(out, b"extra\nran\n");
            }
            (name.clone(), files.join(" "))
        });
        let expected = expected
            .iter()
            .map(|(name, file)| ((*name).to_owned(), (*file).to_owned()));
        assert_eq!(files.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
    let mut request = BuildRequest::new("shop");
    request.sources = vec![("App".into(), primary), ("Extra".into(), extra)];
    request.outputs = vec!["One".into(), "Three".into()];
    let answer = builds.build(request).await.unwrap();
    assert!(!answer.succeeded);
    assert!(
        answer
            .message
            .ends_with("no secondary artifact named Three in the build specification"),
        "{answer:?}"
    );

    let mut request = BuildRequest::new("shop");
    request.sources = vec![("App".into(), Bytes::from_static(b"no zip"))];
    let answer = builds.build(request).await.unwrap();
    assert!(
        answer
            .message
            .contains("Phase: DOWNLOAD_SOURCE, Code: CLIENT_ERROR"),
        "{answer:?}"
    );
}
