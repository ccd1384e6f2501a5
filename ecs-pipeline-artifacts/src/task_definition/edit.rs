//! Edits: each changes one member and leaves every other where it stands.
//!
//! A member that is there keeps its place; a new one goes to the end. Where several containers bear
//! the name (which AWS refuses), all of them are edited.

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
    /// A member is not what it must be, and is not overwritten.
    #[error("`{member}` is not {expected}")]
    #[non_exhaustive]
    Malformed {
        /// The way to the member, such as `containerDefinitions[0].environment`.
        member: String,
        /// What it must be: "a list", "an object".
        expected: &'static str,
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
    /// The name is taken by an entry of `environment`; AWS refuses a name that stands in both.
    #[error("container `{container}` has a plain environment variable of the name `{name}`")]
    #[non_exhaustive]
    NameOfAVariable {
        /// The container.
        container: String,
        /// The name of the secret.
        name: String,
    },
    /// The container has no `logConfiguration`, and the option alone does not tell the log driver.
    #[error("container `{container}` has no `logConfiguration` whose option could be set")]
    #[non_exhaustive]
    NoLogConfiguration {
        /// The container.
        container: String,
    },
}

/// A container with the way to it.
type Located<'d> = (String, &'d mut Map<String, Value>);

/// A list whose entries one of their members names.
#[derive(Clone, Copy)]
struct NamedList {
    member: &'static str,
    key: &'static str,
    value: &'static str,
}

const ENVIRONMENT: NamedList = NamedList {
    member: "environment",
    key: "name",
    value: "value",
};
const SECRETS: NamedList = NamedList {
    member: "secrets",
    key: "name",
    value: "valueFrom",
};
const TAGS: NamedList = NamedList {
    member: "tags",
    key: "key",
    value: "value",
};

impl TaskDefinitionDocument {
    /// Sets the image of a container.
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
        for (_, container) in self.containers_named(container)? {
            container.insert("image".to_owned(), image.into());
        }
        Ok(())
    }

    /// Sets a plain environment variable of a container.
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
        let taken = || EditError::NameOfASecret {
            container: container.to_owned(),
            name: name.to_owned(),
        };
        self.set_named(container, ENVIRONMENT, name, value, (SECRETS, &taken))
    }

    /// Sets a secret of a container: the variable of that name gets what `value_from` names, a
    /// parameter of Systems Manager or a secret of Secrets Manager, when the container starts.
    ///
    /// ```
    /// # use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    /// let mut taskdef = TaskDefinitionDocument::parse(
    ///     r#"{"family": "shop", "containerDefinitions": [{"name": "web"}]}"#,
    /// )?;
    /// taskdef.set_secret("web", "DB_PASSWORD", "/shop/db-password")?;
    /// let sent = taskdef.into_register_input();
    /// assert_eq!(sent["containerDefinitions"][0]["secrets"][0]["valueFrom"], "/shop/db-password");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no such container, its `secrets` is not a list, or the name is a plain variable's.
    pub fn set_secret(
        &mut self,
        container: &str,
        name: &str,
        value_from: &str,
    ) -> Result<(), EditError> {
        let taken = || EditError::NameOfAVariable {
            container: container.to_owned(),
            name: name.to_owned(),
        };
        self.set_named(container, SECRETS, name, value_from, (ENVIRONMENT, &taken))
    }

    /// Sets an option of a container's log driver, such as `awslogs-group`.
    ///
    /// ```
    /// # use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    /// let mut taskdef = TaskDefinitionDocument::parse(r#"{"family": "shop", "containerDefinitions": [
    ///     {"name": "web", "logConfiguration": {"logDriver": "awslogs"}}
    /// ]}"#)?;
    /// taskdef.set_log_option("web", "awslogs-group", "/shop/web")?;
    /// assert_eq!(taskdef.log_configuration("web").unwrap().group.as_deref(), Some("/shop/web"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no such container, it has no `logConfiguration`, or that or its options are not
    /// objects.
    pub fn set_log_option(
        &mut self,
        container: &str,
        name: &str,
        value: &str,
    ) -> Result<(), EditError> {
        for (path, found) in self.containers_named(container)? {
            let path = format!("{path}.logConfiguration");
            match found.get("logConfiguration") {
                None | Some(Value::Null) => {
                    return Err(EditError::NoLogConfiguration {
                        container: container.to_owned(),
                    });
                }
                Some(Value::Object(log)) => {
                    expect_object(log.get("options"), || format!("{path}.options"))?;
                }
                other => expect_object(other, || path)?,
            }
        }
        for (_, found) in self.containers_named(container)? {
            let log = found.get_mut("logConfiguration");
            if let Some(log) = log.and_then(Value::as_object_mut) {
                let options = log.entry("options").or_insert(Value::Null);
                if options.is_null() {
                    *options = json!({});
                }
                if let Some(options) = options.as_object_mut() {
                    options.insert(name.to_owned(), value.into());
                }
            }
        }
        Ok(())
    }

    /// Sets a tag of the task definition.
    ///
    /// # Errors
    ///
    /// Where `tags` is not a list.
    pub fn set_tag(&mut self, key: &str, value: &str) -> Result<(), EditError> {
        expect_list(self.root.get("tags"), || "tags".to_owned())?;
        TAGS.set(&mut self.root, key, value);
        Ok(())
    }

    /// Sets the CPU units of the whole task, such as `256` or `1 vCPU`.
    pub fn set_cpu(&mut self, cpu: &str) {
        self.root.insert("cpu".to_owned(), cpu.into());
    }

    /// Sets the memory of the whole task, such as `512` (MiB) or `2 GB`.
    pub fn set_memory(&mut self, memory: &str) {
        self.root.insert("memory".to_owned(), memory.into());
    }

    fn set_named(
        &mut self,
        container: &str,
        list: NamedList,
        name: &str,
        value: &str,
        (excluded, taken): (NamedList, &dyn Fn() -> EditError),
    ) -> Result<(), EditError> {
        for (path, found) in self.containers_named(container)? {
            expect_list(found.get(list.member), || format!("{path}.{}", list.member))?;
            if excluded.has(found, name) {
                return Err(taken());
            }
        }
        for (_, found) in self.containers_named(container)? {
            list.set(found, name, value);
        }
        Ok(())
    }

    /// The containers of that name, each with the way to it.
    fn containers_named(&mut self, wanted: &str) -> Result<Vec<Located<'_>>, NoSuchContainer> {
        if !self.container_names().contains(&wanted) {
            let known = self.container_names().into_iter();
            return Err(NoSuchContainer {
                wanted: wanted.to_owned(),
                known: known.map(str::to_owned).collect(),
            });
        }
        let containers = self
            .root
            .get_mut("containerDefinitions")
            .and_then(Value::as_array_mut);
        let containers = containers.into_iter().flatten().enumerate();
        let named = containers.filter_map(|(index, container)| {
            let container = container.as_object_mut()?;
            (name_of(container) == Some(wanted))
                .then(|| (format!("containerDefinitions[{index}]"), container))
        });
        Ok(named.collect())
    }
}

impl NamedList {
    fn names(self, entry: &Value, name: &str) -> bool {
        entry.get(self.key).and_then(Value::as_str) == Some(name)
    }

    fn has(self, owner: &Map<String, Value>, name: &str) -> bool {
        let entries = owner.get(self.member).and_then(Value::as_array);
        let mut entries = entries.into_iter().flatten();
        entries.any(|entry| self.names(entry, name))
    }

    /// Sets an entry in place where it is there, otherwise after the others. The list must be a list,
    /// null or absent.
    fn set(self, owner: &mut Map<String, Value>, name: &str, value: &str) {
        let list = owner.entry(self.member).or_insert(Value::Null);
        if list.is_null() {
            *list = json!([]);
        }
        let Some(entries) = list.as_array_mut() else {
            return;
        };
        let mut present = entries
            .iter_mut()
            .filter(|entry| self.names(entry, name))
            .peekable();
        if present.peek().is_none() {
            entries.push(json!({self.key: name, self.value: value}));
            return;
        }
        for entry in present.filter_map(Value::as_object_mut) {
            entry.insert(self.value.to_owned(), value.into());
        }
    }
}

fn expect_list(member: Option<&Value>, path: impl FnOnce() -> String) -> Result<(), EditError> {
    match member {
        None | Some(Value::Null | Value::Array(_)) => Ok(()),
        Some(_) => Err(EditError::Malformed {
            member: path(),
            expected: "a list",
        }),
    }
}

fn expect_object(member: Option<&Value>, path: impl FnOnce() -> String) -> Result<(), EditError> {
    match member {
        None | Some(Value::Null | Value::Object(_)) => Ok(()),
        Some(_) => Err(EditError::Malformed {
            member: path(),
            expected: "an object",
        }),
    }
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
            Err(EditError::Malformed { member, .. }) if member == "containerDefinitions[0].environment"
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
    fn a_secret_and_a_variable_cannot_share_a_name() {
        let mut taken =
            document(json!({"name": "web", "environment": [{"name": "A", "value": "x"}]}));
        let before = taken.clone();
        assert!(matches!(
            taken.set_secret("web", "A", "/p"),
            Err(EditError::NameOfAVariable { .. })
        ));
        assert!(taken == before);
        taken.set_secret("web", "B", "/p").unwrap();
        taken.set_secret("web", "B", "/q").unwrap();
        assert_eq!(
            taken.into_register_input()["containerDefinitions"][0]["secrets"],
            json!([{"name": "B", "valueFrom": "/q"}])
        );
    }

    #[test]
    fn a_log_option_needs_a_log_driver() {
        for (container, expected) in [
            (json!({"name": "web"}), Err("has no `logConfiguration`")),
            (
                json!({"name": "web", "logConfiguration": []}),
                Err("`containerDefinitions[0].logConfiguration` is not an object"),
            ),
            (
                json!({"name": "web", "logConfiguration": {"options": "x"}}),
                Err("`containerDefinitions[0].logConfiguration.options` is not an object"),
            ),
            (
                json!({"name": "web", "logConfiguration": {"options": null, "logDriver": "awslogs"}}),
                Ok(json!({"options": {"k": "v"}, "logDriver": "awslogs"})),
            ),
            (
                json!({"name": "web", "logConfiguration": {"options": {"k": 1, "z": "z"}}}),
                Ok(json!({"options": {"k": "v", "z": "z"}})),
            ),
        ] {
            let mut document = document(container);
            match (document.set_log_option("web", "k", "v"), expected) {
                (Ok(()), Ok(expected)) => assert_eq!(
                    document.into_register_input()["containerDefinitions"][0]["logConfiguration"],
                    expected
                ),
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
                (result, expected) => panic!("{result:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn tags_cpu_and_memory_belong_to_the_task() {
        let mut document = TaskDefinitionDocument::from_value(json!({
            "cpu": 256, "family": "f", "tags": [{"key": "a"}]
        }))
        .unwrap();
        document.set_cpu("512");
        document.set_memory("1 GB");
        document.set_tag("a", "1").unwrap();
        document.set_tag("b", "2").unwrap();
        assert_eq!(
            document.into_register_input().to_string(),
            r#"{"cpu":"512","family":"f","tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}],"memory":"1 GB"}"#
        );
        let mut document =
            TaskDefinitionDocument::from_value(json!({"family": "f", "tags": {"a": "1"}})).unwrap();
        assert!(document.set_tag("a", "1").is_err());
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
