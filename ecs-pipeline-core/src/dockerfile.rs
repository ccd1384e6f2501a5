//! As much of a Dockerfile as can be read without running it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::BuildRequest;

/// A Dockerfile's stages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The stages, in file order.
    pub stages: Vec<Stage>,
}

/// Where a request's Dockerfile is: beside the caller first, then in the context, as Docker has it.
#[must_use]
pub fn path_of(request: &BuildRequest) -> PathBuf {
    match &request.dockerfile {
        Some(path) if path.is_absolute() || path.exists() => path.clone(),
        Some(path) => request.context.join(path),
        None => request.context.join("Dockerfile"),
    }
}

/// A stage: a `FROM` and the instructions under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// Its name: `FROM … AS name`.
    pub name: Option<String>,
    /// What it is built from.
    pub base: String,
    /// The other instructions, upper-case, with their arguments.
    pub instructions: Vec<(String, String)>,
}

impl Dockerfile {
    /// Reads a Dockerfile. What is before the first `FROM`, comments and unknown instructions do no
    /// harm.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut stages: Vec<Stage> = Vec::new();
        for line in logical_lines(text) {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            let instruction = word.to_ascii_uppercase();
            if instruction == "FROM" {
                stages.push(from(rest));
            } else if let Some(stage) = stages.last_mut() {
                stage
                    .instructions
                    .push((instruction, rest.trim().to_owned()));
            }
        }
        Self { stages }
    }

    /// The stage that a build with this target builds: the last one without a target. A stage goes
    /// by its name, without regard to case, or by its number.
    #[must_use]
    pub fn stage(&self, target: Option<&str>) -> Option<&Stage> {
        let Some(target) = target else {
            return self.stages.last();
        };
        let by_name = self.stages.iter().find(|stage| {
            stage
                .name
                .as_ref()
                .is_some_and(|name| name.eq_ignore_ascii_case(target))
        });
        by_name.or_else(|| self.stages.get(target.parse::<usize>().ok()?))
    }

    /// The names of the stages that have one.
    #[must_use]
    pub fn stage_names(&self) -> Vec<&str> {
        self.stages
            .iter()
            .filter_map(|stage| stage.name.as_deref())
            .collect()
    }

    /// What to do about a stage that is not there.
    pub(crate) fn stages_hint(&self) -> String {
        match self.stage_names().as_slice() {
            [] => {
                "leave the target out: none of its stages has a name (`FROM … AS name`)".to_owned()
            }
            names => format!("name one of its stages: {}", names.join(", ")),
        }
    }
}

impl Stage {
    /// The arguments of the last such instruction.
    #[must_use]
    pub fn last(&self, instruction: &str) -> Option<&str> {
        self.instructions
            .iter()
            .rev()
            .find(|(name, _)| name == instruction)
            .map(|(_, rest)| rest.as_str())
    }

    /// The arguments of every such instruction.
    pub fn all<'a>(&'a self, instruction: &'a str) -> impl Iterator<Item = &'a str> {
        self.instructions
            .iter()
            .filter(move |(name, _)| name == instruction)
            .map(|(_, rest)| rest.as_str())
    }

    /// The environment that `ENV` instructions set.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<String, String> {
        self.all("ENV").flat_map(pairs).collect()
    }

    /// The build arguments that `ARG` instructions declare, with their defaults.
    #[must_use]
    pub fn arguments(&self) -> BTreeMap<String, Option<String>> {
        self.all("ARG")
            .flat_map(words)
            .map(|word| match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word, None),
            })
            .collect()
    }
}

fn from(rest: &str) -> Stage {
    let mut words = rest
        .split_whitespace()
        .filter(|word| !word.starts_with("--"));
    let base = words.next().unwrap_or_default().to_owned();
    let is_named = words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("as"));
    Stage {
        name: words.next().filter(|_| is_named).map(str::to_owned),
        base,
        instructions: Vec::new(),
    }
}

/// Lines with continuations joined, without comments and blank lines.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') || (line.is_empty() && open.is_empty()) {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(part) => {
                open.push_str(part);
                open.push(' ');
            }
            None => {
                open.push_str(line);
                lines.push(std::mem::take(&mut open).trim().to_owned());
            }
        }
    }
    if !open.trim().is_empty() {
        lines.push(open.trim().to_owned());
    }
    lines
}

/// `A=1 B="two words"`, or the old form `A one two`.
fn pairs(rest: &str) -> Vec<(String, String)> {
    let words = words(rest);
    let is_new_form = words.first().is_some_and(|word| word.contains('='));
    if !is_new_form {
        let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        return vec![(name.to_owned(), value.trim().to_owned())];
    }
    words
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Words as a shell splits them, quotes taken off.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        match (quote, c) {
            _ if escaped => {
                word.push(c);
                escaped = false;
            }
            (quote, '\\') if quote != Some('\'') => escaped = true,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, c) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn stages_are_found_by_name_number_and_position() {
        let file = Dockerfile::parse(
            "# syntax=docker/dockerfile:1\nARG V=1\nFROM --platform=$BUILDPLATFORM rust:$V AS Build\nRUN cargo \\\n  build \\\n  # a comment\n  --release\n\nfrom scratch as run\nENV A=1 B=\"two words\"\nENV OLD form of it\nARG COLOR=blue EXTRA\nEXPOSE 8080\nCMD [\"/app\"]\n",
        );
        assert_eq!(file.stage_names(), ["Build", "run"]);
        assert_eq!(file.stage(None).unwrap().base, "scratch");
        assert_eq!(file.stage(Some("build")).unwrap().base, "rust:$V");
        assert_eq!(file.stage(Some("0")).unwrap().base, "rust:$V");
        assert_eq!(file.stage(Some("nope")), None);
        let build = file.stage(Some("build")).unwrap();
        assert_eq!(
            build
                .last("RUN")
                .unwrap()
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["cargo", "build", "--release"]
        );
        let run = file.stage(None).unwrap();
        assert_eq!(run.environment()["B"], "two words");
        assert_eq!(run.environment()["OLD"], "form of it");
        assert_eq!(run.arguments()["COLOR"].as_deref(), Some("blue"));
        assert_eq!(run.arguments()["EXTRA"], None);
        assert_eq!(run.last("CMD"), Some("[\"/app\"]"));
    }
}
