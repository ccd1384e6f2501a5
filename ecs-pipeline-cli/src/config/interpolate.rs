//! `${VAR}` and `${VAR:-default}` in a configuration's text values.

use std::collections::BTreeMap;

use serde_yaml::Value;

/// Where `${…}` is filled from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// The process's environment.
    pub(crate) fn from_environment() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    #[cfg(test)]
    pub(crate) fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// The same with one variable set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
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
            filled.push_str(self.value_of(inside)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// As in a shell, `:-` also replaces a variable that is set but empty.
    fn value_of<'a>(&'a self, inside: &'a str) -> Result<&'a str, String> {
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        match (self.0.get(name), default) {
            (Some(value), None) => Ok(value),
            (Some(value), Some(_)) if !value.is_empty() => Ok(value),
            (_, Some(default)) => Ok(default),
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
    fn a_value_never_becomes_structure() {
        let variables = Variables::from_pairs([("A", "[1, 2]")]);
        let mut value: Value = serde_yaml::from_str("a: '${A}'").unwrap();
        variables.fill(&mut value).unwrap();
        assert_eq!(value.get("a"), Some(&Value::String("[1, 2]".to_owned())));
    }
}
