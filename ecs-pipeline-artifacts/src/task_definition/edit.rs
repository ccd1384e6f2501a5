//! Edits: each changes one member and leaves every other where it stands.

use serde_json::{Map, Value, json};

use super::{TaskDefinitionDocument, read::name_of};
use crate::suggest;

/// The task definition has no container of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the task definition has no container `{wanted}`; {}", self.known_text())]
#[non_exhaustive]
pub struct NoSuchContainer {
    /// The name that was asked for.
    pub wanted: String,
    /// The names that are there, in file order.
    pub known: Vec<String>,
}

impl NoSuchContainer {
    /// The name that was probably meant.
    pub fn did_you_mean(&self) -> Option<&str> {
        suggest::closest(&self.wanted, self.known.iter().map(String::as_str))
    }

    fn known_text(&self) -> String {
        match (self.did_you_mean(), self.known.is_empty()) {
            (_, true) => "it has no named container at all".to_owned(),
            (Some(name), _) => format!("did you mean `{name}`?"),
            (None, _) => format!("it has `{}`", self.known.join("`, `")),
        }
    }
}

/// Why an edit was not made. The document is then as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The container that was to be edited is not there.
    #[error(transparent)]
    NoSuchContainer(#[from] NoSuchContainer),
    /// A member that must be a list is something else, and is not overwritten.
    #[error("`{member}` of container `{container}` is not a list")]
    #[non_exhaustive]
    NotAList {
        /// The container.
        container: String,
        /// The member.
        member: String,
    },
    /// The name is taken by an entry of `secrets`; AWS refuses a name that stands in both.
    #[error("container `{container}` has a secret of the name `{name}`")]
    #[non_exhaustive]
    NameOfASecret {
        /// The container.
        container: String,
        /// The name of the variable.
        name: String,
    },
}

impl TaskDefinitionDocument {
    /// Sets the image of a container. Where several bear the name (which AWS refuses), all are set.
    ///
    /// ```
    /// # use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    /// let mut taskdef = TaskDefinitionDocument::parse(
    ///     r#"{"family": "shop", "containerDefinitions": [{"name": "web", "image": "a"}]}"#,
    /// )?;
    /// taskdef.set_image("web", "b")?;
    /// assert_eq!(taskdef.image_of("web"), Some("b"));
    ///
    /// let error = taskdef.set_image("wbe", "b").unwrap_err();
    /// assert_eq!(error.to_string(), "the task definition has no container `wbe`; did you mean `web`?");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no such container.
    pub fn set_image(&mut self, container: &str, image: &str) -> Result<(), NoSuchContainer> {
        for container in self.containers_named(container)? {
            container.insert("image".to_owned(), image.into());
        }
        Ok(())
    }

    /// Sets a plain environment variable of a container: in place where it is there, otherwise after
    /// the others.
    ///
    /// ```
    /// # use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    /// let mut taskdef = TaskDefinitionDocument::parse(
    ///     r#"{"family": "shop", "containerDefinitions": [{"name": "web"}]}"#,
    /// )?;
    /// taskdef.set_environment("web", "STAGE", "live")?;
    /// let sent = taskdef.into_register_input();
    /// assert_eq!(sent["containerDefinitions"][0]["environment"][0]["value"], "live");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no such container, its `environment` is not a list, or the name is a secret's.
    pub fn set_environment(
        &mut self,
        container: &str,
        name: &str,
        value: &str,
    ) -> Result<(), EditError> {
        for found in self.containers_named(container)? {
            check_environment(container, found, name)?;
        }
        for found in self.containers_named(container)? {
            set_variable(found, name, value);
        }
        Ok(())
    }

    fn containers_named(
        &mut self,
        wanted: &str,
    ) -> Result<Vec<&mut Map<String, Value>>, NoSuchContainer> {
        if !self.container_names().contains(&wanted) {
            return Err(NoSuchContainer {
                wanted: wanted.to_owned(),
                known: self
                    .container_names()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            });
        }
        let containers = self
            .root
            .get_mut("containerDefinitions")
            .and_then(Value::as_array_mut);
        let containers = containers
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut);
        Ok(containers
            .filter(|container| name_of(container) == Some(wanted))
            .collect())
    }
}

fn check_environment(
    container: &str,
    found: &Map<String, Value>,
    name: &str,
) -> Result<(), EditError> {
    if !matches!(
        found.get("environment"),
        None | Some(Value::Null | Value::Array(_))
    ) {
        return Err(EditError::NotAList {
            container: container.to_owned(),
            member: "environment".to_owned(),
        });
    }
    let mut secrets = found
        .get("secrets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    if secrets.any(|secret| is_named(secret, name)) {
        return Err(EditError::NameOfASecret {
            container: container.to_owned(),
            name: name.to_owned(),
        });
    }
    Ok(())
}

fn set_variable(container: &mut Map<String, Value>, name: &str, value: &str) {
    let environment = container.entry("environment").or_insert(Value::Null);
    if environment.is_null() {
        *environment = json!([]);
    }
    let Some(variables) = environment.as_array_mut() else {
        return;
    };
    let mut present = variables
        .iter_mut()
        .filter(|variable| is_named(variable, name))
        .peekable();
    if present.peek().is_none() {
        variables.push(json!({"name": name, "value": value}));
        return;
    }
    for variable in present.filter_map(Value::as_object_mut) {
        variable.insert("value".to_owned(), value.into());
    }
}

fn is_named(entry: &Value, name: &str) -> bool {
    entry.get("name").and_then(Value::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn document(container: Value) -> TaskDefinitionDocument {
        TaskDefinitionDocument::from_value(
            json!({"family": "f", "containerDefinitions": [container]}),
        )
        .unwrap()
    }

    fn edited(container: Value) -> Result<Value, EditError> {
        let mut document = document(container);
        document.set_environment("web", "A", "new")?;
        Ok(document.into_register_input()["containerDefinitions"][0].clone())
    }

    #[test]
    fn a_variable_is_set_in_place_or_appended() {
        for (before, after) in [
            (
                json!({"name": "web"}),
                json!([{"name": "A", "value": "new"}]),
            ),
            (
                json!({"name": "web", "environment": null}),
                json!([{"name": "A", "value": "new"}]),
            ),
            (
                json!({"name": "web", "environment": [{"value": "old", "name": "A", "x": 1}, {"name": "B", "value": "b"}]}),
                json!([{"value": "new", "name": "A", "x": 1}, {"name": "B", "value": "b"}]),
            ),
            (
                json!({"name": "web", "environment": [{"name": "a", "value": "b"}]}),
                json!([{"name": "a", "value": "b"}, {"name": "A", "value": "new"}]),
            ),
        ] {
            assert_eq!(edited(before).unwrap()["environment"], after);
        }
    }

    #[test]
    fn what_cannot_be_set_without_harm_is_refused() {
        assert!(matches!(
            edited(json!({"name": "web", "environment": {"A": "x"}})),
            Err(EditError::NotAList { .. })
        ));
        assert!(matches!(
            edited(json!({"name": "web", "secrets": [{"name": "A", "valueFrom": "arn"}]})),
            Err(EditError::NameOfASecret { .. })
        ));
        assert!(matches!(
            edited(json!({"name": "api"})),
            Err(EditError::NoSuchContainer(_))
        ));
    }

    #[test]
    fn a_missing_container_is_told_with_those_that_are_there() {
        let error = document(json!({"name": "api"}))
            .set_image("web", "x")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the task definition has no container `web`; it has `api`"
        );
        let error = document(json!({})).set_image("web", "x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the task definition has no container `web`; it has no named container at all"
        );
    }
}
