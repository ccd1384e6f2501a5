//! What many rules ask of a task definition, looked up once.

use std::cell::Cell;
use std::collections::HashSet;

use super::Node;
use crate::suggest::closest;

/// The members of an object, found in one pass. One that is null counts as absent, and of one that
/// stands twice the last counts.
macro_rules! parts {
    ($(#[$doc:meta])* $name:ident {
        values { $($value:ident = $value_name:literal,)* }
        lists { $($list:ident = $list_name:literal,)* }
    }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name<'t> {
            $(pub(crate) $value: Option<&'t Node<'t>>,)*
            $(pub(crate) $list: &'t [Node<'t>],)*
        }

        impl<'t> $name<'t> {
            pub(crate) fn of(node: &'t Node<'t>) -> Self {
                let mut parts = Self::default();
                for member in node.members() {
                    let node = Some(&member.node).filter(|node| !node.is_null());
                    match member.name.as_ref() {
                        $($value_name => parts.$value = node,)*
                        $($list_name => parts.$list = node.map(Node::items).unwrap_or_default(),)*
                        _ => {}
                    }
                }
                parts
            }
        }
    };
}

parts! {
    /// Members of a container definition. A list that is absent, or no list, is empty.
    Parts {
        values {
            image = "image",
            repository_credentials = "repositoryCredentials",
            cpu = "cpu",
            memory = "memory",
            memory_reservation = "memoryReservation",
            essential = "essential",
            restart_policy = "restartPolicy",
            linux_parameters = "linuxParameters",
            start_timeout = "startTimeout",
            stop_timeout = "stopTimeout",
            hostname = "hostname",
            log_configuration = "logConfiguration",
            health_check = "healthCheck",
            firelens = "firelensConfiguration",
        }
        lists {
            links = "links",
            port_mappings = "portMappings",
            environment = "environment",
            environment_files = "environmentFiles",
            secrets = "secrets",
            mount_points = "mountPoints",
            volumes_from = "volumesFrom",
            depends_on = "dependsOn",
            extra_hosts = "extraHosts",
            credential_specs = "credentialSpecs",
            ulimits = "ulimits",
            resource_requirements = "resourceRequirements",
        }
    }
}

parts! {
    /// Members of a task definition. A list that is absent, or no list, is empty.
    TaskParts {
        values {
            family = "family",
            execution_role = "executionRoleArn",
            network_mode = "networkMode",
            cpu = "cpu",
            memory = "memory",
            proxy = "proxyConfiguration",
            ephemeral_storage = "ephemeralStorage",
            runtime_platform = "runtimePlatform",
            pid_mode = "pidMode",
            ipc_mode = "ipcMode",
        }
        lists {
            compatibilities = "requiresCompatibilities",
            volumes = "volumes",
            tags = "tags",
            placement_constraints = "placementConstraints",
        }
    }
}

/// What the task definition says of the task as a whole.
pub(crate) struct Task<'t> {
    pub(crate) parts: TaskParts<'t>,
    /// Whether AWS validates it for Fargate.
    pub(crate) fargate: bool,
    pub(crate) windows: bool,
    pub(crate) network: Network,
    /// In CPU units, of which a vCPU has 1024; `None` if absent or no size.
    pub(crate) cpu: Option<i64>,
    /// In MiB; `None` if absent or no size.
    pub(crate) memory: Option<i64>,
}

/// How the containers are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Awsvpc,
    Bridge,
    Host,
    None,
    /// Still to be filled in, wrong, or the default of a platform other than Linux on EC2.
    Unknown,
}

impl<'t> Task<'t> {
    pub(crate) fn of(root: &'t Node<'t>) -> Self {
        let parts = TaskParts::of(root);
        let requires = |wanted: &str| {
            let mut launch_types = parts.compatibilities.iter();
            launch_types.any(|launch_type| launch_type.as_str() == Some(wanted))
        };
        let fargate = requires("FARGATE");
        let system = parts
            .runtime_platform
            .and_then(|platform| platform.get("operatingSystemFamily"));
        let windows = system
            .and_then(Node::as_str)
            .is_some_and(|system| system.starts_with("WINDOWS"));
        let network = match parts.network_mode.map(Node::as_str) {
            Some(Some("awsvpc")) => Network::Awsvpc,
            Some(Some("bridge")) => Network::Bridge,
            Some(Some("host")) => Network::Host,
            Some(Some("none")) => Network::None,
            None if !fargate && !windows && !requires("MANAGED_INSTANCES") => Network::Bridge,
            _ => Network::Unknown,
        };
        Self {
            fargate,
            windows,
            network,
            cpu: parts.cpu.and_then(Node::literal).and_then(cpu_units),
            memory: parts.memory.and_then(Node::literal).and_then(mebibytes),
            parts,
        }
    }
}

/// `1024`, `1 vCPU` or `.5 vcpu` in CPU units.
fn cpu_units(text: &str) -> Option<i64> {
    match number_and_unit(text) {
        (number, "") => number.parse().ok(),
        (number, unit) if unit.eq_ignore_ascii_case("vcpu") => times_1024(number),
        _ => None,
    }
}

/// `2048`, `2GB` or `0.5 gb` in MiB.
fn mebibytes(text: &str) -> Option<i64> {
    match number_and_unit(text) {
        (number, "") => number.parse().ok(),
        (number, unit) if unit.eq_ignore_ascii_case("gb") => times_1024(number),
        _ => None,
    }
}

/// A size such as `.5 vCPU` in its two halves.
pub(crate) fn number_and_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    (number, unit.trim())
}

fn times_1024(number: &str) -> Option<i64> {
    let product = number.parse::<f64>().ok()? * 1024.0;
    (product.fract() == 0.0 && product < 1e9).then_some(product as i64)
}

/// The items whose name an earlier one has, each with that one.
pub(crate) fn repeated<'n, T>(
    items: &'n [T],
    name: impl Fn(&'n T) -> Option<&'n str>,
) -> Vec<(&'n T, &'n T)> {
    let mut found = Vec::new();
    // In a short list, which nearly all are, comparing each with each is quicker than anything
    // that allocates.
    if items.len() <= 16 {
        for (index, item) in items.iter().enumerate() {
            let Some(wanted) = name(item) else { continue };
            let earlier = items.iter().take(index);
            let first = earlier
                .into_iter()
                .find(|first| name(first) == Some(wanted));
            found.extend(first.map(|first| (item, first)));
        }
        return found;
    }
    let mut first_of = std::collections::HashMap::new();
    for item in items {
        let Some(wanted) = name(item) else { continue };
        if let Some(first) = first_of.get(wanted) {
            found.push((item, *first));
        } else {
            first_of.insert(wanted, item);
        }
    }
    found
}

/// Names that others may refer to.
pub(crate) struct Names<'t> {
    in_order: Vec<&'t str>,
    all: HashSet<&'t str>,
    /// How often the closest was asked for, which is not quick.
    asked: Cell<usize>,
    /// Whether a name is still to be filled in, so that a reference may be to that one.
    open: bool,
}

impl<'t> Names<'t> {
    pub(crate) fn of(nodes: impl Iterator<Item = &'t Node<'t>>) -> Self {
        let names = nodes.map(|node| node.get("name"));
        let mut open = false;
        let in_order = names
            .filter_map(|name| {
                let literal = name.and_then(Node::literal);
                open |= literal.is_none();
                literal
            })
            .collect::<Vec<_>>();
        Self {
            all: in_order.iter().copied().collect(),
            in_order,
            asked: Cell::new(0),
            open,
        }
    }

    /// Whether certainly none has that name.
    pub(crate) fn lack(&self, name: &str) -> bool {
        !self.open && !self.all.contains(name)
    }

    /// The one that was most likely meant; of many unknown names, only for the first.
    pub(crate) fn closest(&self, name: &str) -> Option<&'t str> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > 20 {
            return None;
        }
        // AWS takes ten containers and names of 255 letters; more is not worth comparing.
        let fits = |name: &&str| name.len() <= 255;
        let known = self.in_order.iter().copied().filter(fits).take(20);
        Some(name)
            .filter(fits)
            .and_then(|name| closest(name, known))
    }
}

/// A name as messages have it: many may name one container, so one that is too long is cut off.
pub(crate) fn shortened(name: &str) -> &str {
    let end = name.char_indices().nth(255);
    end.and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

/// Whether a family, container or volume may have the name.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !name.is_empty() && name.len() <= 255 && name.bytes().all(plain)
}

/// What is wrong with a name that is not plain.
pub(crate) fn why_not_plain(name: &str) -> String {
    if name.is_empty() {
        return "is empty".to_owned();
    }
    if name.len() > 255 {
        return format!("is {} characters long; at most 255 are allowed", name.len());
    }
    "may have only letters, digits, `_` and `-`".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_every_spelling() {
        for (text, units) in [
            ("1024", Some(1024)),
            ("1 vCPU", Some(1024)),
            ("1vcpu", Some(1024)),
            (".5 vcpu", Some(512)),
            (".25 vCPU", Some(256)),
            ("0.25 vCPU", Some(256)),
            ("32 vCPU", Some(32768)),
            (" 256 ", Some(256)),
            ("1 GB", None),
            ("one", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(cpu_units(text), units, "{text}");
        }
        for (text, mib) in [
            ("2048", Some(2048)),
            ("2GB", Some(2048)),
            ("2 GB", Some(2048)),
            ("0.5 gb", Some(512)),
            ("0.0001 GB", None),
            ("2048 MB", None),
        ] {
            assert_eq!(mebibytes(text), mib, "{text}");
        }
    }

    #[test]
    fn repeated_names_in_short_and_long_lists() {
        let short = ["a", "b", "a", "a"];
        let pairs = repeated(&short, |name| Some(*name));
        assert_eq!(pairs, [(&"a", &"a"), (&"a", &"a")]);
        let mut long: Vec<_> = (0..100_000).map(|n| n.to_string()).collect();
        assert!(repeated(&long, |name| Some(name)).is_empty());
        long.push("7".to_owned());
        assert_eq!(repeated(&long, |name| Some(name)).len(), 1);
    }
}
