//! How the VPC's addresses are divided.

use ipnet::Ipv4Net;

use super::NetworkOptions;
use crate::problem::Problems;

/// Which subnet has which addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    pub(super) vpc: Ipv4Net,
    /// One a zone.
    pub(super) public: Vec<Ipv4Net>,
    /// One a zone.
    pub(super) private: Vec<Ipv4Net>,
}

/// A VPC's sizes, and a subnet's ("VPC CIDR blocks" and "Subnet CIDR blocks", Amazon VPC User Guide).
const LARGEST: u8 = 16;
const SMALLEST: u8 = 28;
/// A subnet of an Application Load Balancer, which wants 8 free addresses in it besides ("Subnets for your
/// load balancer", User Guide for Application Load Balancers).
const SMALLEST_PUBLIC: u8 = 27;
/// The default division: a quarter of the VPC for each of up to three private subnets, where tasks take an
/// address each, and of the last quarter a quarter for each public one. It is the same for two zones, so that
/// a third can be added without moving them.
const PRIVATE_SHARE: u8 = 2;
const PUBLIC_SHARE: u8 = 4;

impl Plan {
    /// The plan, unless something is wrong with the options.
    pub(super) fn read(options: &NetworkOptions, problems: &mut Problems) -> Option<Self> {
        let zones = check_zones(options.zones, problems);
        let vpc = vpc(&options.cidr, problems)?;
        let is_computed = options.public_subnets.is_empty() || options.private_subnets.is_empty();
        if is_computed && vpc.prefix_len() + PUBLIC_SHARE > SMALLEST_PUBLIC {
            problems.add(
                "infra.network.cidr",
                format!(
                    "{vpc} is too small: of its sixteenths, one a zone is for the load balancer, which \
                     wants /{SMALLEST_PUBLIC} or larger"
                ),
                format!("write /{} or larger", SMALLEST_PUBLIC - PUBLIC_SHARE),
            );
            return None;
        }
        let zones = zones?;
        let public = match &*options.public_subnets {
            [] => quarter(vpc, 3)?
                .subnets(vpc.prefix_len() + PUBLIC_SHARE)
                .ok()?
                .take(zones)
                .collect(),
            given => ranges("public", given, problems),
        };
        let private = match &*options.private_subnets {
            [] => vpc
                .subnets(vpc.prefix_len() + PRIVATE_SHARE)
                .ok()?
                .take(zones)
                .collect(),
            given => ranges("private", given, problems),
        };
        let plan = Self {
            vpc,
            public,
            private,
        };
        plan.check(zones, problems);
        Some(plan)
    }

    fn check(&self, zones: usize, problems: &mut Problems) {
        for (group, ranges, smallest) in [
            ("public", &self.public, SMALLEST_PUBLIC),
            ("private", &self.private, SMALLEST),
        ] {
            let member = format!("infra.network.{group}-subnets");
            if ranges.len() != zones {
                let have = ranges.len();
                problems.add(
                    &member,
                    format!("{zones} zones have a {group} subnet each, and {have} are given"),
                    "write one range a zone",
                );
            }
            for range in ranges {
                self.check_range(&member, *range, smallest, problems);
            }
        }
        self.check_overlaps(problems);
    }

    fn check_range(&self, member: &str, range: Ipv4Net, smallest: u8, problems: &mut Problems) {
        if !self.vpc.contains(&range) {
            problems.add(
                member,
                format!("{range} is not within the VPC, {}", self.vpc),
                "write a part of infra.network.cidr",
            );
        }
        if range.prefix_len() > smallest {
            let free = range.hosts().count().saturating_sub(3);
            problems.add(
                member,
                format!(
                    "{range} is too small: AWS keeps 5 addresses of a subnet, and leaves {free}"
                ),
                format!("write /{smallest} or larger"),
            );
        }
    }

    fn check_overlaps(&self, problems: &mut Problems) {
        let public = self.public.iter().map(|range| ("public", range));
        let private = self.private.iter().map(|range| ("private", range));
        let mut seen: Vec<&Ipv4Net> = Vec::new();
        for (group, range) in public.chain(private) {
            let other = seen
                .iter()
                .find(|it| it.contains(range) || range.contains(**it));
            if let Some(other) = other {
                problems.add(
                    format!("infra.network.{group}-subnets"),
                    format!("{range} and {other} overlap"),
                    "give each subnet addresses of its own",
                );
            }
            seen.push(range);
        }
    }
}

fn check_zones(zones: u8, problems: &mut Problems) -> Option<usize> {
    let message = match zones {
        2 | 3 => return Some(usize::from(zones)),
        0 | 1 => "a load balancer has subnets in two zones at least",
        _ => "most Regions have three zones",
    };
    problems.add("infra.network.zones", message, "write 2 or 3");
    None
}

/// The fourth part of a range, counted from 0.
fn quarter(range: Ipv4Net, number: usize) -> Option<Ipv4Net> {
    range.subnets(range.prefix_len() + 2).ok()?.nth(number)
}

fn ranges(group: &str, texts: &[String], problems: &mut Problems) -> Vec<Ipv4Net> {
    let member = format!("infra.network.{group}-subnets");
    let texts = texts.iter();
    texts
        .filter_map(|text| range(&member, text, problems))
        .collect()
}

/// Addresses in CIDR notation, with no bits behind the prefix, which AWS would cut.
pub(super) fn range(member: &str, text: &str, problems: &mut Problems) -> Option<Ipv4Net> {
    let Ok(range) = text.parse::<Ipv4Net>() else {
        problems.add(
            member,
            format!("{text} is no range of IPv4 addresses"),
            "write one such as 10.0.0.0/16",
        );
        return None;
    };
    if range.addr() != range.network() {
        problems.add(
            member,
            format!("{text} has bits set behind its prefix"),
            format!("write {}", range.trunc()),
        );
        return None;
    }
    Some(range)
}

fn vpc(text: &str, problems: &mut Problems) -> Option<Ipv4Net> {
    let member = "infra.network.cidr";
    let vpc = range(member, text, problems)?;
    let trouble = if !(LARGEST..=SMALLEST).contains(&vpc.prefix_len()) {
        format!("a VPC is /{LARGEST} to /{SMALLEST}, and {vpc} is not")
    } else if !PRIVATE.iter().any(|range| range.contains(&vpc)) {
        format!("{vpc} is not for private use: tasks could not reach whom the addresses belong to")
    } else if DOCKER.contains(&vpc) || vpc.contains(&DOCKER) {
        format!("{vpc} is Docker's own network on every instance, {DOCKER}")
    } else {
        return Some(vpc);
    };
    problems.add(member, trouble, "write one such as 10.0.0.0/16");
    None
}

/// RFC 1918, and RFC 6598's shared addresses, which AWS allows as well.
const PRIVATE: [Ipv4Net; 4] = [
    net([10, 0, 0, 0], 8),
    net([172, 16, 0, 0], 12),
    net([192, 168, 0, 0], 16),
    net([100, 64, 0, 0], 10),
];

/// AWS advises against it in any VPC: its own services run Docker, too.
const DOCKER: Ipv4Net = net([172, 17, 0, 0], 16);

const fn net([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), prefix)
}
