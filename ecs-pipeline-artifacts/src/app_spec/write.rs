//! An AppSpec to text.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{AppSpec, CapacityProvider, Hook, NetworkConfiguration, TargetService};

impl AppSpec {
    /// The document, its members in the order of the CodeDeploy user guide.
    pub(super) fn to_value(&self) -> Value {
        let services = self.services.iter().map(TargetService::to_value).collect();
        let mut document = Map::new();
        document.insert("version".to_owned(), json!(0.0));
        document.insert("Resources".to_owned(), Value::Array(services));
        if !self.hooks.is_empty() {
            let hooks = self.hooks.iter().map(Hook::to_value).collect();
            document.insert("Hooks".to_owned(), Value::Array(hooks));
        }
        Value::Object(document)
    }
}

impl TargetService {
    fn to_value(&self) -> Value {
        let mut properties = Map::new();
        let mut set = |name: &str, value| properties.insert(name.to_owned(), value);
        set("TaskDefinition", json!(self.task_definition));
        set(
            "LoadBalancerInfo",
            json!({
                "ContainerName": self.load_balancer.container_name,
                "ContainerPort": self.load_balancer.container_port,
            }),
        );
        if let Some(version) = &self.platform_version {
            set("PlatformVersion", json!(version));
        }
        if let Some(network) = &self.network {
            set("NetworkConfiguration", network.to_value());
        }
        if !self.capacity_providers.is_empty() {
            let providers = self.capacity_providers.iter();
            let providers = providers.map(CapacityProvider::to_value).collect();
            set("CapacityProviderStrategy", Value::Array(providers));
        }
        json!({ &self.logical_name: {"Type": "AWS::ECS::Service", "Properties": properties} })
    }
}

impl NetworkConfiguration {
    fn to_value(&self) -> Value {
        json!({"AwsvpcConfiguration": {
            "Subnets": self.subnets,
            "SecurityGroups": self.security_groups,
            "AssignPublicIp": if self.assign_public_ip { "ENABLED" } else { "DISABLED" },
        }})
    }
}

impl CapacityProvider {
    fn to_value(&self) -> Value {
        let mut item = Map::new();
        if let Some(base) = self.base {
            item.insert("Base".to_owned(), json!(base));
        }
        item.insert("CapacityProvider".to_owned(), json!(self.name));
        if let Some(weight) = self.weight {
            item.insert("Weight".to_owned(), json!(weight));
        }
        Value::Object(item)
    }
}

impl Hook {
    fn to_value(&self) -> Value {
        json!({ self.event.name(): self.function })
    }
}

/// YAML in block style. `serde_yaml` quotes a string only where YAML 1.1 or 1.2 would misread it, and
/// offers no way to ask for more; CodeDeploy's examples quote them, and a reader of the file then need
/// not know the rules. The grammar is small: objects that are not empty, lists, strings and numbers.
pub(super) fn yaml(document: &Value) -> String {
    let mut text = String::new();
    block(document, 0, &mut text);
    text
}

/// Writes a value's lines, the first of which begins where the text ends.
fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    spaces(indent, text);
                }
                text.push_str(&key(name));
                text.push(':');
                match value {
                    Value::Object(_) => child(value, indent + 2, text),
                    Value::Array(items) if !items.is_empty() => child(value, indent + 2, text),
                    _ => scalar(value, text),
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    spaces(indent, text);
                }
                text.push('-');
                match item {
                    Value::Object(_) => {
                        text.push(' ');
                        block(item, indent + 2, text);
                    }
                    _ => scalar(item, text),
                }
            }
        }
        _ => scalar(value, text),
    }
}

fn child(value: &Value, indent: usize, text: &mut String) {
    text.push('\n');
    spaces(indent, text);
    block(value, indent, text);
}

fn scalar(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => {
            text.push(' ');
            text.push_str(&quoted(string));
        }
        other => {
            let _ = write!(text, " {other}");
        }
    }
    text.push('\n');
}

fn spaces(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// A member's name: plain where no reader of YAML 1.1 or 1.2 could take it for anything but text.
fn key(name: &str) -> String {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let is_word = words.iter().any(|word| name.eq_ignore_ascii_case(word));
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_plain && !is_word {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A string in double quotes, in printable ASCII: readers differ in what else they let pass.
fn quoted(string: &str) -> String {
    let mut text = String::from("\"");
    for c in string.chars() {
        let _ = match c {
            '"' | '\\' => write!(text, "\\{c}"),
            ' '..='~' => write!(text, "{c}"),
            '\0'..='\u{FF}' => write!(text, "\\x{:02x}", u32::from(c)),
            '\u{100}'..='\u{FFFF}' => write!(text, "\\u{:04x}", u32::from(c)),
            _ => write!(text, "\\U{:08x}", u32::from(c)),
        };
    }
    text.push('"');
    text
}
