//! Containers that outlived their sandbox.

use std::path::Path;

use super::SANDBOX_LABEL;
use super::cli::Cli;

/// A sandbox's value of [`SANDBOX_LABEL`]: its process, and where its registry is.
pub(super) fn label_value(host: &str) -> String {
    format!("{}@{host}", std::process::id())
}

/// Removes every container of this sandbox.
pub(super) async fn remove_of(cli: &Cli, sandbox: &str) {
    let filter = format!("label={SANDBOX_LABEL}={sandbox}");
    if let Ok(ids) = cli
        .run(["ps", "-aq", "--no-trunc", "--filter", &filter])
        .await
    {
        for id in ids.lines() {
            remove_one(cli, id).await;
        }
    }
}

/// Takes this registry's names off the engine's images: it will be gone, and nobody could pull
/// them again. An image that has other names stays.
pub(super) async fn forget_images(cli: &Cli, registry: &str) {
    let format = "{{.Repository}} {{.Tag}} {{.Digest}}";
    let Ok(listed) = cli
        .run(["image", "ls", "--digests", "--format", format])
        .await
    else {
        return;
    };
    let prefix = format!("{registry}/");
    for line in listed.lines().filter(|line| line.starts_with(&prefix)) {
        let parts: Vec<&str> = line.split(' ').collect();
        let name = match parts.as_slice() {
            [repository, "<none>", digest] => format!("{repository}@{digest}"),
            [repository, tag, ..] => format!("{repository}:{tag}"),
            _ => continue,
        };
        // Listed once a digest: the name may be off already.
        let _ = cli.run(["image", "rm", "--no-prune", &name]).await;
    }
}

/// Removes the containers of sandboxes whose process is gone.
pub(super) async fn remove(cli: &Cli) {
    let filter = format!("label={SANDBOX_LABEL}");
    let format = format!("{{{{.ID}}}} {{{{.Label \"{SANDBOX_LABEL}\"}}}}");
    let listed = cli
        .run([
            "ps",
            "-a",
            "--no-trunc",
            "--filter",
            &filter,
            "--format",
            &format,
        ])
        .await;
    for (id, owner) in listed
        .iter()
        .flat_map(|all| all.lines())
        .filter_map(|line| line.split_once(' '))
    {
        if !is_alive(owner) {
            tracing::info!(container = id, owner, "removing what a dead sandbox left");
            remove_one(cli, id).await;
        }
    }
}

async fn remove_one(cli: &Cli, id: &str) {
    if let Err(error) = cli.run(["rm", "-f", "-v", id]).await {
        tracing::warn!(container = id, %error, "a container could not be removed");
    }
}

/// Whether the process that a label names still runs. Where that cannot be told (no procfs), a
/// container is not taken for a leftover.
fn is_alive(owner: &str) -> bool {
    let processes = Path::new("/proc");
    let Some(pid) = owner
        .split('@')
        .next()
        .filter(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
    else {
        return true;
    };
    !processes.join("self").exists() || processes.join(pid).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dead_process_leaves_leftovers() {
        assert!(is_alive(&label_value("127.0.0.1:1")));
        assert!(is_alive("not a pid"));
        // Above the largest process id that Linux gives (2^22).
        if Path::new("/proc/self").exists() {
            assert!(!is_alive("99999999@127.0.0.1:1"));
        }
    }
}
