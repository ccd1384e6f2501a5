//! Docker's words in the form in which ECS reports them.

/// ECS shows this much of a container's reason.
const LONGEST: usize = 1024;

/// Why an image could not be pulled.
pub(super) fn cannot_pull(image: &str, said: &str) -> String {
    let said = without_advice(said);
    let reason = if said.contains("no matching manifest for") {
        let platform = platform_of(said).unwrap_or("linux/amd64");
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
             image Manifest does not contain descriptor matching platform '{platform}': {said}"
        )
    } else if said.contains("manifest unknown") || said.contains("not found") {
        // What the sandbox's registry says itself adds nothing.
        let words = match said.strip_suffix(": not found") {
            Some(name) if name == image => String::new(),
            _ => format!(": {said}"),
        };
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
             failed to resolve ref {image}: {image}: not found{words}"
        )
    } else {
        format!("CannotPullContainerError: {said}")
    };
    shortened(reason)
}

/// Why a container could not be created.
pub(super) fn cannot_create(said: &str) -> String {
    shortened(format!(
        "CannotCreateContainerError: {}",
        without_advice(said)
    ))
}

/// Why a container could not be started.
pub(super) fn cannot_start(said: &str) -> String {
    shortened(format!(
        "CannotStartContainerError: {}",
        without_advice(said)
    ))
}

/// What ECS adds to a container that the kernel killed for its memory.
pub(super) const OUT_OF_MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";

/// The platform in `no matching manifest for linux/amd64 in the manifest list entries`.
fn platform_of(said: &str) -> Option<&str> {
    said.split("no matching manifest for ")
        .nth(1)?
        .split_whitespace()
        .next()
}

/// Docker's client adds advice for people at a keyboard.
fn without_advice(said: &str) -> &str {
    let said = said.split(" See 'docker ").next().unwrap_or(said);
    said.split(" Error: failed to start containers:")
        .next()
        .unwrap_or(said)
        .trim()
}

fn shortened(mut reason: String) -> String {
    let mut end = LONGEST.min(reason.len());
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_image_reads_as_ecs_says_it() {
        let reason = cannot_pull(
            "127.0.0.1:4566/web:2",
            "Error response from daemon: manifest for 127.0.0.1:4566/web:2 not found: manifest unknown: gone",
        );
        assert!(reason.starts_with(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
             failed to resolve ref 127.0.0.1:4566/web:2: 127.0.0.1:4566/web:2: not found"
        ));
        assert!(reason.contains("manifest unknown"));
        assert!(cannot_pull("i:1", "i:1: not found").ends_with("ref i:1: i:1: not found"));
    }

    #[test]
    fn a_wrong_platform_is_named() {
        let reason = cannot_pull(
            "i",
            "no matching manifest for linux/arm64/v8 in the manifest list entries",
        );
        assert!(reason.contains("does not contain descriptor matching platform 'linux/arm64/v8'"));
    }

    #[test]
    fn other_words_are_docker_s_own() {
        assert_eq!(
            cannot_pull("i", "Error response from daemon: pull access denied for i"),
            "CannotPullContainerError: Error response from daemon: pull access denied for i"
        );
        let long = "é".repeat(2000);
        assert!(cannot_start(&long).len() <= LONGEST);
        assert_eq!(
            cannot_start("Error response from daemon: no Error: failed to start containers: ab"),
            "CannotStartContainerError: Error response from daemon: no"
        );
    }
}
