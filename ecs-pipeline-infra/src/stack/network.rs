//! The VPC: subnets, routes, NAT or endpoints, security groups.

use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::cluster::{Capacity, capacity};
use super::{Kind, Stack, engine};
use crate::application::Application;
use crate::options::Options;
use crate::problem::Problems;

mod endpoints;
mod subnets;

use endpoints::endpoints;
use subnets::Plan;

/// What can be chosen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct NetworkOptions {
    /// The VPC's addresses.
    pub cidr: String,
    /// How many Availability Zones have subnets: 2 or 3.
    pub zones: u8,
    /// How tasks reach what is outside the VPC.
    pub nat: Nat,
    /// The public subnets' addresses, one range a zone; left out: computed from `cidr`.
    pub public_subnets: Vec<String>,
    /// The private subnets' addresses, one range a zone; left out: computed from `cidr`.
    pub private_subnets: Vec<String>,
    /// Whose requests the test listener gets, of a strategy that shifts traffic; left out: the VPC's own.
    pub test_cidr: Option<String>,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self {
            cidr: "10.0.0.0/16".to_owned(),
            zones: 2,
            nat: Nat::One,
            public_subnets: Vec::new(),
            private_subnets: Vec::new(),
            test_cidr: None,
        }
    }
}

/// How tasks reach what is outside the VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Nat {
    /// Through a NAT gateway in the first zone: if that zone fails, none does.
    One,
    /// Through a NAT gateway in each zone.
    PerZone,
    /// Not at all: they have endpoints of the AWS services that their start needs.
    None,
}

/// Where Docker takes a container's port from, if it is left to it: Linux's ephemeral ports, and those that
/// it falls back to. (`PortMapping.hostPort` in the ECS API reference.)
const EPHEMERAL: (u16, u16) = (32_768, 65_535);

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    Plan::read(&options.network, problems);
    check_test_cidr(application, options, problems);
    endpoints::check(application, options, problems);
}

fn check_test_cidr(application: &Application, options: &Options, problems: &mut Problems) {
    let member = "infra.network.test-cidr";
    let Some(text) = &options.network.test_cidr else {
        return;
    };
    if !application.strategy.shifts() {
        problems.add(
            member,
            "a rolling deployment has no test listener",
            "leave it out",
        );
    }
    let range = subnets::range(member, text, problems);
    if range.is_some_and(|range| range.prefix_len() == 0) {
        problems.add(
            member,
            "everyone could use a revision that is still being tested",
            "write the addresses of those who test it",
        );
    }
}

pub(super) fn stack(application: &Application, options: &Options) -> Stack {
    // `check` has refused what is none.
    let plan = Plan::read(&options.network, &mut Problems::default()).unwrap_or_default();
    Stack {
        kind: Kind::Network,
        name: format!("{}-network", application.cluster),
        template: engine::render(
            "network.yaml",
            context! {
                application => Serde(application),
                options => Serde(options),
                zones => (1..=options.network.zones).collect::<Vec<_>>(),
                nat_gateways => nat_gateways(&options.network),
                endpoints => Serde(endpoints(application, options)),
                shifts => application.strategy.shifts(),
                https => options.service.certificate.is_some(),
            },
        ),
        parameters: parameters(application, options, &plan),
        names_roles: true,
    }
}

/// The zones that have one.
fn nat_gateways(options: &NetworkOptions) -> Vec<u8> {
    match options.nat {
        Nat::One => vec![1],
        Nat::PerZone => (1..=options.zones).collect(),
        Nat::None => Vec::new(),
    }
}

fn parameters(application: &Application, options: &Options, plan: &Plan) -> Vec<(String, String)> {
    let (first, last) = task_ports(application, options);
    let mut parameters = vec![("VpcCidr".to_owned(), plan.vpc.to_string())];
    for (group, ranges) in [("Public", &plan.public), ("Private", &plan.private)] {
        let ranges = ranges.iter().zip(1..);
        parameters.extend(ranges.map(|(range, zone)| {
            let name = format!("{group}Subnet{zone}Cidr");
            (name, range.to_string())
        }));
    }
    parameters.push(("FirstTaskPort".to_owned(), first.to_string()));
    parameters.push(("LastTaskPort".to_owned(), last.to_string()));
    if application.strategy.shifts() {
        let chosen = options.network.test_cidr.clone();
        let chosen = chosen.unwrap_or_else(|| plan.vpc.to_string());
        parameters.push(("TestCidr".to_owned(), chosen));
        let port = options.service.test_port();
        parameters.push(("TestPort".to_owned(), port.to_string()));
    }
    parameters
}

/// The first and the last port on which the load balancer reaches tasks: the container's own, but where
/// a bridge is between them, the instance's.
fn task_ports(application: &Application, options: &Options) -> (u16, u16) {
    let own = (application.port, application.port);
    match capacity(application, options) {
        Capacity::Ec2 if application.task.is_bridged() => {
            let port = application
                .task
                .host_port(&application.container, application.port);
            port.map_or(EPHEMERAL, |port| (port, port))
        }
        _ => own,
    }
}
