//! A template as data: CloudFormation's short forms (`!Ref`) written out (`{"Ref": …}`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A parsed template with the values of its parameters.
#[derive(Debug)]
pub(crate) struct Document {
    /// The stack's name.
    pub(crate) stack: String,
    /// What is said of it in messages.
    pub(crate) label: String,
    /// The template.
    pub(crate) body: Value,
    /// The parameter file.
    pub(crate) values: BTreeMap<String, String>,
}

/// One of a template's resources.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource<'a> {
    pub(crate) name: &'a str,
    pub(crate) body: &'a Value,
}

impl Document {
    /// # Panics
    ///
    /// If it is no YAML, or says that it could not be rendered.
    pub(crate) fn parse(stack: &str, label: &str, text: &str) -> Self {
        assert!(!text.starts_with("# defect"), "{label}: {text}");
        let body: serde_yaml::Value = match serde_yaml::from_str(text) {
            Ok(body) => body,
            Err(error) => panic!("{label}: {error}\n{text}"),
        };
        Self {
            stack: stack.to_owned(),
            label: label.to_owned(),
            body: written_out(body),
            values: BTreeMap::new(),
        }
    }

    /// The members of a section, such as `Parameters`.
    pub(crate) fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let members = self.body.get(name).and_then(Value::as_object);
        members.into_iter().flatten().map(|(k, v)| (k.as_str(), v))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let resources = self.section("Resources");
        resources.map(|(name, body)| Resource { name, body })
    }

    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        self.resources().filter(move |it| it.kind() == kind)
    }

    /// A parameter's value: that of the parameter file, or else its default.
    pub(crate) fn value_of(&self, parameter: &str) -> Option<String> {
        let default = || {
            let path = format!("/Parameters/{parameter}/Default");
            self.body.pointer(&path).map(text)
        };
        self.values.get(parameter).cloned().or_else(default)
    }

    /// What a property says, a reference to a parameter being its value.
    pub(crate) fn resolve(&self, value: &Value) -> Option<String> {
        match value.get("Ref").and_then(Value::as_str) {
            Some(parameter) => self.value_of(parameter),
            None if value.is_object() || value.is_array() || value.is_null() => None,
            None => Some(text(value)),
        }
    }
}

impl<'a> Resource<'a> {
    /// Such as `AWS::S3::Bucket`.
    pub(crate) fn kind(&self) -> &'a str {
        self.body["Type"].as_str().unwrap_or_default()
    }

    /// A property by its JSON pointer; null where there is none.
    pub(crate) fn property(&self, pointer: &str) -> &'a Value {
        let properties = self.body.get("Properties");
        let found = properties.and_then(|it| it.pointer(pointer));
        found.unwrap_or(&Value::Null)
    }

    /// The members of a list.
    pub(crate) fn list(&self, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.property(pointer).as_array().into_iter().flatten()
    }
}

/// A scalar without quotes.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Calls `f` with every object in a value, outermost first.
pub(crate) fn each_object<'a>(value: &'a Value, f: &mut impl FnMut(&'a Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            f(members);
            members.values().for_each(|member| each_object(member, f));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, f)),
        _ => {}
    }
}

fn written_out(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(it) => it.into(),
        Yaml::Number(it) => serde_json::to_value(it).unwrap(),
        Yaml::String(it) => it.into(),
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Mapping(members) => {
            let members = members.into_iter();
            let members = members.map(|(key, value)| (text(&written_out(key)), written_out(value)));
            Value::Object(members.collect())
        }
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string();
            function(name.trim_start_matches('!'), written_out(tagged.value))
        }
    }
}

fn function(name: &str, argument: Value) -> Value {
    match (name, argument.as_str()) {
        ("Ref" | "Condition", _) => json!({name: argument}),
        ("GetAtt", Some(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((path, ""));
            json!({"Fn::GetAtt": [resource, attribute]})
        }
        _ => json!({format!("Fn::{name}"): argument}),
    }
}
