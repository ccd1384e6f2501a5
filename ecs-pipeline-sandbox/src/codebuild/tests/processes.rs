//! What ends with a build.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::*;

/// A pipe that the build's processes hold open: it has an end when all of them have one.
fn pipe(directory: &Path) -> PathBuf {
    let path = directory.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

async fn is_closed(pipe: PathBuf) {
    let read = tokio::task::spawn_blocking(move || {
        let mut held = String::new();
        fs::File::open(pipe)
            .unwrap()
            .read_to_string(&mut held)
            .unwrap();
        held
    });
    assert_eq!(read.await.unwrap(), "held\n");
}

/// `echo` gets through when somebody reads the pipe.
const HOLDS: &str = "(exec > $PIPE; echo held; exec sleep 10000) & PID=$!";

#[tokio::test]
async fn what_a_command_leaves_running_ends_with_the_build() {
    let directory = tempfile::tempdir().unwrap();
    let path = pipe(directory.path());
    let project = Project::new("shop").variable("PIPE", path.to_str().unwrap());
    let spec = format!(
        "version: 0.2\nphases:\n  install: {{commands: [{HOLDS:?}]}}\n  \
         build: {{commands: ['kill -0 $PID && echo runs']}}\n"
    );
    let (build, ()) = tokio::join!(build(&project, &spec), is_closed(path));
    assert_eq!(printed(&build), ["runs"], "{:#?}", build.log);
}

/// A project that tells when a command prints `ready`.
fn that_tells(pipe: &Path) -> (Project, Arc<Notify>) {
    let ready = Arc::new(Notify::new());
    let told = Arc::clone(&ready);
    let project = Project::new("shop").variable("PIPE", pipe.to_str().unwrap());
    let project = project.on_line(move |line| {
        if line == "ready" {
            told.notify_one();
        }
    });
    (project, ready)
}

/// The paused clock stands still as long as somebody reads the pipe, which is until the build has ended.
#[tokio::test(start_paused = true)]
async fn a_build_that_takes_too_long_is_ended_with_all_that_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let path = pipe(directory.path());
    let (project, ready) = that_tells(&path);
    let spec = format!(
        "version: 0.2\nphases:\n  pre_build: {{commands: [{HOLDS:?}]}}\n  \
         build: {{on-failure: CONTINUE, commands: ['echo ready; sleep 10000'], finally: [echo no]}}\n  \
         post_build: {{commands: [echo no]}}\n"
    );
    let late = async {
        ready.notified().await;
        tokio::time::advance(Project::TIME_LIMIT + Duration::from_secs(1)).await;
    };
    let (build, (), ()) = tokio::join!(build(&project, &spec), is_closed(path), late);
    assert_eq!(build.status, Status::TimedOut);
    let phase = build.failed_phase().unwrap();
    let found = (phase.name, phase.message.as_str());
    assert_eq!(found, (PhaseName::Build, "Build has timed out."));
    assert_eq!(printed(&build), ["ready"]);
    assert!(build.phase(PhaseName::PostBuild).is_none());
}

#[tokio::test]
async fn a_build_that_is_dropped_ends_with_all_that_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let path = pipe(directory.path());
    let (project, ready) = that_tells(&path);
    let spec = format!(
        "version: 0.2\nphases:\n  build: {{commands: [{HOLDS:?}, 'echo ready; sleep 10000']}}\n"
    );
    let building = async {
        tokio::select! {
            build = build(&project, &spec) => panic!("{:#?}", build.log),
            () = ready.notified() => {}
        }
    };
    tokio::join!(building, is_closed(path));
}
