//! Rules for task definitions.

use super::{Change, Check, Findings, Rule};
use crate::finding::Severity;
use crate::shape::{Fault, walk};
use crate::source::{Node, Value};
use crate::validate::Parsed;

mod form;
// The form of the document.
mod bare_container_list;
mod describe_output;
mod not_a_task_definition;
mod pascal_case;
mod taskdef_too_large;
mod yaml_task_definition;
// Its shape: what botocore would refuse.
mod enum_ignored;
mod enum_value;
mod length;
mod missing_member;
mod null_member;
mod number_range;
mod read_only_member;
mod unknown_member;
mod wrong_type;
// Its meaning.
mod awslogs_option_name;
mod awslogs_options;
mod container_incomplete;
mod container_memory_missing;
mod container_name;
mod containers_exceed_task;
mod context;
mod dependency_cycle;
mod depends_on_condition;
mod duplicate_container;
mod duplicate_environment;
mod duplicate_name;
mod duplicate_port;
mod efs_authorization;
mod environment_aws_key;
mod environment_file;
mod environment_secret;
mod ephemeral_storage;
mod essential_container;
mod execution_role;
mod family_name;
mod fargate_cpu_memory;
mod fargate_firelens_file;
mod fargate_log_driver;
mod fargate_network_mode;
mod fargate_task_size;
mod fargate_timeout;
mod fargate_unsupported;
mod firelens_container;
mod fixed_host_port;
mod health_check_bounds;
mod health_check_command;
mod host_port_mismatch;
mod hostname_in_awsvpc;
mod image_reference;
mod image_tag;
mod links_outside_bridge;
mod memory_below_reservation;
mod memory_minimum;
mod mount_path;
mod no_containers;
mod placeholder_left;
mod port_missing;
mod port_name;
mod port_number;
mod port_range;
mod ports_without_network;
mod reserved_host_port;
mod restart_policy;
mod secret_name_taken;
mod secret_value_from;
mod several_firelens;
mod swap;
mod tags;
mod task_size_form;
mod too_many_containers;
mod too_many_files;
mod ulimit;
mod unknown_container;
mod unknown_volume;
mod unused_volume;
mod volume_kinds;
mod volume_name;

use context::{Names, is_plain_name, repeated, shortened, why_not_plain};
pub(crate) use context::{Network, Parts, Task};
pub(crate) use form::Form;

pub(super) const RULES: &[&Rule] = &[
    &not_a_task_definition::RULE,
    &describe_output::RULE,
    &bare_container_list::RULE,
    &pascal_case::RULE,
    &yaml_task_definition::RULE,
    &taskdef_too_large::RULE,
    &read_only_member::RULE,
    &unknown_member::RULE,
    &missing_member::RULE,
    &null_member::RULE,
    &wrong_type::RULE,
    &enum_value::RULE,
    &enum_ignored::RULE,
    &length::RULE,
    &number_range::RULE,
    &family_name::RULE,
    &no_containers::RULE,
    &container_incomplete::RULE,
    &container_name::RULE,
    &volume_name::RULE,
    &port_name::RULE,
    &image_reference::RULE,
    &image_tag::RULE,
    &placeholder_left::RULE,
    &too_many_containers::RULE,
    &essential_container::RULE,
    &duplicate_container::RULE,
    &unknown_container::RULE,
    &dependency_cycle::RULE,
    &depends_on_condition::RULE,
    &fargate_network_mode::RULE,
    &fargate_task_size::RULE,
    &fargate_cpu_memory::RULE,
    &fargate_unsupported::RULE,
    &fargate_log_driver::RULE,
    &fargate_firelens_file::RULE,
    &fargate_timeout::RULE,
    &execution_role::RULE,
    &task_size_form::RULE,
    &container_memory_missing::RULE,
    &memory_below_reservation::RULE,
    &memory_minimum::RULE,
    &containers_exceed_task::RULE,
    &swap::RULE,
    &ulimit::RULE,
    &port_missing::RULE,
    &port_number::RULE,
    &port_range::RULE,
    &host_port_mismatch::RULE,
    &ports_without_network::RULE,
    &duplicate_port::RULE,
    &fixed_host_port::RULE,
    &reserved_host_port::RULE,
    &links_outside_bridge::RULE,
    &hostname_in_awsvpc::RULE,
    &health_check_command::RULE,
    &health_check_bounds::RULE,
    &restart_policy::RULE,
    &awslogs_options::RULE,
    &awslogs_option_name::RULE,
    &firelens_container::RULE,
    &several_firelens::RULE,
    &environment_secret::RULE,
    &environment_aws_key::RULE,
    &duplicate_environment::RULE,
    &environment_file::RULE,
    &too_many_files::RULE,
    &secret_name_taken::RULE,
    &secret_value_from::RULE,
    &unknown_volume::RULE,
    &unused_volume::RULE,
    &mount_path::RULE,
    &duplicate_name::RULE,
    &volume_kinds::RULE,
    &efs_authorization::RULE,
    &ephemeral_storage::RULE,
    &tags::RULE,
];

/// A task definition, with what many rules ask of it.
pub(crate) struct TaskDefinition<'t> {
    pub(crate) root: &'t Node<'t>,
    pub(crate) containers: Vec<Container<'t>>,
    pub(crate) task: Task<'t>,
    /// What the document is that it stands in.
    pub(crate) form: Form<'t>,
    /// Where it differs from what `RegisterTaskDefinition` takes.
    pub(crate) faults: Vec<Fault<'t>>,
    file: Option<&'t Parsed<'t>>,
}

/// A container definition.
pub(crate) struct Container<'t> {
    pub(crate) node: &'t Node<'t>,
    pub(crate) name: Option<&'t str>,
    pub(crate) parts: Parts<'t>,
}

impl Container<'_> {
    /// The container in a message: "container `web`".
    fn title(&self) -> String {
        match self.name {
            Some(name) if !name.is_empty() => format!("container `{}`", shortened(name)),
            _ => "container without a name".to_owned(),
        }
    }
}

impl<'t> TaskDefinition<'t> {
    /// The task definition that a document is or, as `describe-task-definition` prints it, contains.
    pub(crate) fn of(document: &'t Node<'t>) -> Self {
        let form = Form::of(document);
        let root = match form {
            Form::Described(wrapper) => wrapper,
            _ => document,
        };
        let containers = root.get("containerDefinitions");
        let containers = containers.map(Node::items).unwrap_or_default().iter();
        Self {
            root,
            containers: containers
                .map(|node| Container {
                    node,
                    name: node.get("name").and_then(Node::as_str),
                    parts: Parts::of(node),
                })
                .collect(),
            task: Task::of(root),
            form,
            faults: Vec::new(),
            file: None,
        }
    }

    /// As [`of`](Self::of), looked through for faults of shape.
    pub(crate) fn in_file(file: &'t Parsed<'t>, document: &'t Node<'t>) -> Self {
        let mut taskdef = Self::of(document);
        if !matches!(taskdef.form, Form::Other(_)) {
            taskdef.faults = walk(taskdef.root, file.text.format());
        }
        taskdef.file = Some(file);
        taskdef
    }

    /// How a value is written in the file.
    fn source(&self, node: &Node<'_>) -> Option<&'t str> {
        let file = self.file?;
        let span = file.tree.place(node.id)?.value.clone();
        file.text.as_str().get(span)
    }
}

/// Every port mapping, with its container.
fn port_mappings<'a, 't>(
    taskdef: &'a TaskDefinition<'t>,
) -> impl Iterator<Item = (&'a Container<'t>, &'t Node<'t>)> {
    let containers = taskdef.containers.iter();
    containers.flat_map(|container| {
        let mappings = container.parts.port_mappings.iter();
        mappings.map(move |mapping| (container, mapping))
    })
}

/// The protocol of a port mapping; `None` where it is still to be filled in.
fn protocol<'t>(mapping: &'t Node<'t>) -> Option<&'t str> {
    mapping
        .present("protocol")
        .map_or(Some("tcp"), Node::literal)
}

/// The name of an environment variable or secret.
fn variable_name<'t>(variable: &'t Node<'t>) -> Option<&'t str> {
    let name = variable.get("name").and_then(Node::literal);
    name.filter(|name| !name.is_empty())
}

/// Whether an environment variable holds an AWS access key.
fn is_aws_key(name: &str) -> bool {
    matches!(name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY")
}
