//! Text to an AppSpec. The rules have said what is wrong with it; here it is picked up, and refused where
//! a number or a list is still a placeholder.

use super::{
    AppSpec, CapacityProvider, Hook, HookEvent, LoadBalancerInfo, NetworkConfiguration,
    TargetService,
};
use crate::document::DocumentKind;
use crate::finding::Invalid;
use crate::rules::app_spec::{self as rules, present};
use crate::rules::{Findings, RawFinding};
use crate::source::{Member, Node, Value};
use crate::validate;

pub(super) fn parse(text: &[u8]) -> Result<AppSpec, Invalid> {
    validate::read("AppSpec", DocumentKind::AppSpec, text, |root, found| {
        let mut reader = Reader { found };
        for name in ["Resources", "Hooks"] {
            reader.filled_in(root, name);
        }
        // Collected in full, so that every placeholder is named at once.
        let services: Vec<_> = rules::services(root)
            .map(|service| reader.service(service))
            .collect();
        let hooks: Vec<_> = rules::hooks(root).map(|hook| reader.hook(hook)).collect();
        Some(AppSpec {
            services: services.into_iter().collect::<Option<_>>()?,
            hooks: hooks.into_iter().collect::<Option<_>>()?,
        })
    })
}

struct Reader<'f> {
    found: &'f mut Vec<RawFinding>,
}

impl Reader<'_> {
    /// Sees to it that a list and its items are there, and no placeholders.
    fn filled_in(&mut self, root: &Node<'_>, name: &str) {
        let Some(Some(items)) = self.maybe(root, name, list) else {
            return;
        };
        for item in items.iter().filter(|item| item.as_str().is_some()) {
            self.unread(name, item);
        }
    }

    fn service(&mut self, service: &Member<'_>) -> Option<TargetService> {
        let properties = self.some(&service.node, "Properties", Some)?;
        let load_balancer = self.some(properties, "LoadBalancerInfo", object)?;
        let task_definition = self.some(properties, "TaskDefinition", text);
        let container_name = self.some(load_balancer, "ContainerName", text);
        let container_port = self.some(load_balancer, "ContainerPort", rules::port_number);
        let platform_version = self.maybe(properties, "PlatformVersion", text);
        let network = self.network(properties);
        let capacity_providers = self.capacity_providers(properties);
        Some(TargetService {
            logical_name: service.name.to_string(),
            task_definition: task_definition?,
            load_balancer: LoadBalancerInfo {
                container_name: container_name?,
                container_port: container_port?,
            },
            platform_version: platform_version?,
            network: network?,
            capacity_providers: capacity_providers?,
        })
    }

    fn network(&mut self, properties: &Node<'_>) -> Option<Option<NetworkConfiguration>> {
        let Some(network) = self.maybe(properties, "NetworkConfiguration", object)? else {
            return Some(None);
        };
        let Some(awsvpc) = self.maybe(network, "AwsvpcConfiguration", object)? else {
            return Some(None);
        };
        // All three or none, says the rule.
        let Some(subnets) = self.maybe(awsvpc, "Subnets", texts)? else {
            return Some(None);
        };
        Some(Some(NetworkConfiguration {
            subnets,
            security_groups: self.some(awsvpc, "SecurityGroups", texts)?,
            assign_public_ip: self.some(awsvpc, "AssignPublicIp", rules::assigns_public_ip)?,
        }))
    }

    fn capacity_providers(&mut self, properties: &Node<'_>) -> Option<Vec<CapacityProvider>> {
        let items = self.maybe(properties, "CapacityProviderStrategy", list)?;
        let items = items.unwrap_or_default().iter();
        let providers = items.map(|item| {
            Some(CapacityProvider {
                name: self.some(item, "CapacityProvider", text)?,
                base: self.maybe(item, "Base", whole)?,
                weight: self.maybe(item, "Weight", whole)?,
            })
        });
        providers.collect()
    }

    fn hook(&mut self, hook: &Member<'_>) -> Option<Hook> {
        let function = self.read(&hook.name, &hook.node, text);
        let event = HookEvent::of_name(&hook.name);
        if event.is_none() {
            self.unread(&hook.name, &hook.node);
        }
        Some(Hook {
            event: event?,
            function: function?,
        })
    }

    /// A member that must be there.
    fn some<'n, 't, T>(
        &mut self,
        object: &'n Node<'t>,
        name: &str,
        read: impl Fn(&'n Node<'t>) -> Option<T>,
    ) -> Option<T> {
        let read = self.maybe(object, name, read)?;
        if read.is_none() {
            self.unread(name, object);
        }
        read
    }

    /// A member that may be there.
    fn maybe<'n, 't, T>(
        &mut self,
        object: &'n Node<'t>,
        name: &str,
        read: impl Fn(&'n Node<'t>) -> Option<T>,
    ) -> Option<Option<T>> {
        match present(object, name) {
            Some(node) => self.read(name, node, read).map(Some),
            None => Some(None),
        }
    }

    fn read<'n, 't, T>(
        &mut self,
        name: &str,
        node: &'n Node<'t>,
        read: impl Fn(&'n Node<'t>) -> Option<T>,
    ) -> Option<T> {
        let value = read(node);
        if value.is_none() {
            self.unread(name, node);
        }
        value
    }

    fn unread(&mut self, name: &str, node: &Node<'_>) {
        let message = format!("`{name}` cannot be read while it is a placeholder");
        Findings::new(&rules::MEMBER_KIND, 0, self.found).value(node, message);
    }
}

fn object<'n, 't>(node: &'n Node<'t>) -> Option<&'n Node<'t>> {
    matches!(node.value, Value::Object(_)).then_some(node)
}

fn list<'n, 't>(node: &'n Node<'t>) -> Option<&'n [Node<'t>]> {
    matches!(node.value, Value::List(_)).then(|| node.items())
}

fn texts(node: &Node<'_>) -> Option<Vec<String>> {
    list(node)?.iter().map(text).collect()
}

fn whole(node: &Node<'_>) -> Option<u32> {
    u32::try_from(node.as_i64()?).ok()
}

/// A string. YAML reads a name of digits as a number, and it is the name all the same.
fn text(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
