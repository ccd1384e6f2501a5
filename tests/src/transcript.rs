//! Pages that show a run as it was printed. A test runs it again and sees that it still says the same.

use std::path::Path;
use std::sync::LazyLock;

use regex_lite::Regex;

/// What differs from run to run, and what stands for it.
const CHANGING: [(&str, &str); 12] = [
    // When it was, and how long it took.
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)?", "TIME"),
    (r"(?m)^\d\d:\d\d(:\d\d)?  ", "TIME  "),
    (r"(\d+ min )?\b\d+(\.\d+)? s\b", "TIME"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r" +TIME", " TIME"),
    // Digests, commits, task ids, deployments' ids.
    (r"sha256:[0-9a-f]{12,64}", "DIGEST"),
    (r"ecs-svc/\d+", "ecs-svc/ID"),
    (r"\bd-[A-Z0-9]{9}\b", "d-ID"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (
        r"\b([0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{12}|[0-9a-f]{8})\b",
        "ID",
    ),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\bport \d{5}\b", "port PORT"),
];

/// Lines that come more or less often, or in another order: what a program that was called printed, ECS's events, the
/// evidence of a failure, and how far something is.
const PASSING: [&str; 4] = [
    r"^TIME  \w+ +\| ",
    r"^TIME  ecs ",
    r"^TIME +- ",
    r"^TIME  \w+ +(new|old) .* (running|starting|pending)",
];

/// A gate that is read more than once.
const READINGS: &str = r"^TIME  gate +(passed|failed) \d+ of \d+:";

/// The text without what differs from run to run.
#[must_use]
pub fn normalised(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let pattern = |(from, to): &(&str, &'static str)| (Regex::new(from).unwrap(), *to);
        CHANGING.iter().map(pattern).collect()
    });
    static DROPPED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let all = PASSING.iter().chain([&READINGS]);
        all.map(|pattern| Regex::new(pattern).unwrap()).collect()
    });
    let text = PATTERNS.iter().fold(text.to_owned(), |text, (from, to)| {
        from.replace_all(&text, *to).into_owned()
    });
    let kept = text
        .lines()
        .filter(|line| !DROPPED.iter().any(|dropped| dropped.is_match(line)));
    kept.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Sees that `docs/transcripts/FILE` still says what was printed just now; with `UPDATE_DOCS=1`, writes it where it
/// does not.
///
/// # Panics
///
/// If it says something else.
pub fn keep(file: &str, page: &str) {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/transcripts")).join(file);
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let (was, is) = (normalised(&there), normalised(page));
    if was == is {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page).unwrap();
        return;
    }
    let differs = |(was, is): &(&str, &str)| was != is;
    let first = std::iter::zip(was.lines(), is.lines()).find(differs);
    panic!(
        "docs/transcripts/{file} is not up to date (UPDATE_DOCS=1 writes it): {} lines, and now {}; \
         the first that differ: {first:#?}\n{page}",
        was.lines().count(),
        is.lines().count(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_the_same_are_the_same() {
        let one = "00:03  build     | Step 1/7\n\
                   00:03  build     done in 3.8 s: sha256:cb690a0af0ef for linux/amd64\n\
                   00:00  deploy    following ecs-svc/4719 of demo/hello-web to hello-web:2\n\
                   00:02  ecs       has stopped 1 running tasks: (task 84bb3f97).\n\
                   00:02  deploy    new hello-web:2 2/2 running\n\
                   00:04  gate      passed 3 of 3: GET http://127.0.0.1:39541/health answered 200\n\
                   \x20 deploy          12.1 s  ok       hello-web:2 is deployed\n";
        let other = "00:11  build     done in 10.8 s: sha256:0a690a0af0ff for linux/amd64\n\
                     00:00  deploy    following ecs-svc/1 of demo/hello-web to hello-web:2\n\
                     \x20 deploy           2.0 s  ok       hello-web:2 is deployed\n";
        assert_eq!(normalised(one), normalised(other));
    }

    #[test]
    fn another_end_is_not_the_same() {
        let one = "00:04  SUCCEEDED demo/hello-web runs hello-web:2";
        for other in [
            "00:04  FAILED demo/hello-web runs hello-web:2",
            "00:04  SUCCEEDED demo/hello-web runs hello-web:3",
            "",
        ] {
            assert_ne!(normalised(one), normalised(other));
        }
    }
}
