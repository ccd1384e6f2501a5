//! The namespaces, and this program once more inside them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::image;

/// Names the directory that the outer half has made for the inner one.
const DIRECTORY: &str = "ECS_PIPELINE_AMAZONAWS";

/// Where the engine of the inner half is to listen: `/run` is its own.
pub(super) const DOCKER_HOST: &str = "unix:///run/docker.sock";

/// Makes the machine's names, its Docker engine and its network invisible, and then runs a
/// program: the first argument is the directory.
const FURNISH: &str = "
    set -eu
    mount -t tmpfs tmpfs /run
    mount --bind \"$1/hosts\" /etc/hosts
    if [ -d /etc/docker ]; then mount -t tmpfs tmpfs /etc/docker; fi
    ip link set lo up
    shift
    exec \"$@\"
";

/// Runs an ignored test of this program, by its whole name, in network, mount and process
/// namespaces of its own, and expects it to pass.
///
/// It is waited for here, without a runtime: if this thread ends for any reason, the kernel ends
/// all that runs inside.
///
/// # Panics
///
/// If it does not pass, or leaves something behind.
pub fn inside(test: &str) {
    // What cannot be downloaded inside is made here.
    image::example();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("hosts"), "127.0.0.1 localhost\n").unwrap();
    // What is killed cannot clear away: it goes with the directory.
    let temporary = directory.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let program = std::env::current_exe().unwrap();
    let output = isolated(FURNISH)
        .arg(directory.path())
        .arg(program)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(DIRECTORY, directory.path())
        .env("DOCKER_HOST", DOCKER_HOST)
        .env("TMPDIR", temporary)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let log = std::fs::read_to_string(directory.path().join("engine.log")).unwrap_or_default();
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test}: {}\n{stdout}\n{stderr}\nits engine:\n{log}",
        output.status
    );
    directory.close().expect("nothing in it is in use any more");
}

/// The directory of this half, if it is the inner one: the first process of its namespace.
pub(super) fn directory() -> Option<PathBuf> {
    let first = std::process::id() == 1;
    std::env::var_os(DIRECTORY)
        .filter(|_| first)
        .map(PathBuf::from)
}

/// A program that succeeds where there can be such a machine: who runs it is root, and the kernel
/// lets root make namespaces and mounts.
#[must_use]
pub fn probe() -> Command {
    isolated("mount -t tmpfs tmpfs /run && ip link set lo up && command -v dockerd")
}

/// A shell's script in new namespaces. All that it has started ends with it, and it ends with the
/// thread that has started it.
fn isolated(script: &str) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args([
            "--pdeathsig",
            "KILL",
            "unshare",
            "--net",
            "--mount",
            "--pid",
        ])
        .args(["--propagation", "private", "--mount-proc", "--fork"])
        .args(["--kill-child", "sh", "-c", script, "sh"]);
    command
}
