//! What `git` tells of the working directory, where no CI system does.

use std::process::{Command, Stdio};

/// The commit, with `-dirty` behind it where files differ from it.
pub(super) fn commit() -> Option<String> {
    ask(&[
        "describe",
        "--always",
        "--dirty",
        "--abbrev=12",
        "--exclude=*",
    ])
}

/// The branch; none where a commit is checked out by itself.
pub(super) fn branch() -> Option<String> {
    ask(&["rev-parse", "--abbrev-ref", "HEAD"]).filter(|branch| branch != "HEAD")
}

fn ask(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
