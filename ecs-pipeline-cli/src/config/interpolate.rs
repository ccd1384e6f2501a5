//! `${VAR}` and `${VAR:-default}` in a configuration's text values.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use ecs_pipeline_core::ci::Source;
use serde_yaml::Value;

use super::git;

/// Where `${…}` is filled from: the environment, and what is known about the build's source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    set: BTreeMap<String, String>,
    /// Read when first asked for: it may take a process.
    source: OnceLock<Source>,
}

impl Variables {
    /// The process's environment.
    pub(crate) fn from_environment() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            set: std::env::vars_os().filter_map(text).collect(),
            source: OnceLock::new(),
        }
    }

    /// These, of a build about which nothing else is known.
    #[cfg(test)]
    pub(crate) fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        let set: BTreeMap<String, String> = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let source = Source::read(|name| set.get(name).cloned());
        Self {
            set,
            source: OnceLock::from(source),
        }
    }

    /// The same with one variable set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set.insert(name.to_owned(), value.to_owned());
        self.source = OnceLock::new();
        self
    }

    /// A variable of the environment; an empty one is as good as none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.set.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// What tells this run of the pipeline from others. `git` knows nothing of it, and is not asked.
    pub(crate) fn run(&self) -> Option<String> {
        Source::read(|name| self.set.get(name).cloned()).run
    }

    /// What is built: as the CI system's variables tell, or else as `git` does.
    pub(crate) fn source(&self) -> &Source {
        self.source.get_or_init(|| {
            let source = Source::read(|name| self.set.get(name).cloned());
            match source.commit {
                None => source.or(git::commit(), git::branch()),
                Some(_) => source,
            }
        })
    }

    /// A variable, or, under the name by which it can be set by hand, what is known otherwise.
    fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.set.get(name) {
            return Some(value.clone());
        }
        match name {
            "ECS_PIPELINE_TAG" => self.source().tag(),
            "ECS_PIPELINE_COMMIT" => self.source().commit.clone(),
            "ECS_PIPELINE_BRANCH" => self.source().branch.clone(),
            "ECS_PIPELINE_PULL_REQUEST" => self.source().pull_request.clone(),
            "ECS_PIPELINE_BUILD_NUMBER" => self.source().build.clone(),
            _ => None,
        }
    }

    /// Fills every text value of a document. It is done after parsing, so that a variable's value
    /// can never become YAML of its own.
    pub(crate) fn fill(&self, value: &mut Value) -> Result<(), String> {
        match value {
            Value::String(text) => {
                *text = self.fill_text(text)?;
                Ok(())
            }
            Value::Sequence(items) => items.iter_mut().try_for_each(|item| self.fill(item)),
            Value::Mapping(members) => members.values_mut().try_for_each(|item| self.fill(item)),
            _ => Ok(()),
        }
    }

    fn fill_text(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(escaped) = before.strip_suffix('$') {
                filled.push_str(escaped);
                filled.push_str("${");
                rest = after;
                continue;
            }
            filled.push_str(before);
            let (inside, after) = after
                .split_once('}')
                .ok_or_else(|| format!("{text:?}: ${{ without a closing brace"))?;
            filled.push_str(&self.value_of(inside)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// As in a shell, `:-` also replaces a variable that is set but empty.
    fn value_of(&self, inside: &str) -> Result<String, String> {
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        match (self.value(name), default) {
            (Some(value), None) => Ok(value),
            (Some(value), Some(_)) if !value.is_empty() => Ok(value),
            (_, Some(default)) => Ok(default.to_owned()),
            (None, None) => Err(format!(
                "the variable {name} is not set, and ${{{name}}} has no default (${{{name}:-…}})"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn variables_are_filled_as_in_a_shell() {
        let variables = Variables::from_pairs([("A", "1"), ("EMPTY", "")]);
        let table = [
            ("plain", "plain"),
            ("${A}", "1"),
            ("x${A}y${A}", "x1y1"),
            ("${B:-two}", "two"),
            ("${EMPTY:-two}", "two"),
            ("${EMPTY}", ""),
            ("$A $", "$A $"),
            ("$${A}", "${A}"),
        ];
        for (text, expected) in table {
            assert_eq!(variables.fill_text(text).unwrap(), expected, "{text}");
        }
        assert!(variables.fill_text("${B}").unwrap_err().contains('B'));
        assert!(variables.fill_text("${A").is_err());
    }

    #[test]
    fn what_is_known_of_the_source_needs_not_be_set() {
        let variables = Variables::from_pairs([("BUILD_NUMBER", "42"), ("BRANCH_NAME", "main")]);
        let filled = variables.fill_text("${ECS_PIPELINE_TAG} ${ECS_PIPELINE_COMMIT:-none}");
        assert_eq!(filled.unwrap(), "main-42 none");
        let by_hand = variables.with("ECS_PIPELINE_TAG", "mine");
        assert_eq!(by_hand.fill_text("${ECS_PIPELINE_TAG}").unwrap(), "mine");
    }

    #[test]
    fn a_value_never_becomes_structure() {
        let variables = Variables::from_pairs([("A", "[1, 2]")]);
        let mut value: Value = serde_yaml::from_str("a: '${A}'").unwrap();
        variables.fill(&mut value).unwrap();
        assert_eq!(value.get("a"), Some(&Value::String("[1, 2]".to_owned())));
    }
}
