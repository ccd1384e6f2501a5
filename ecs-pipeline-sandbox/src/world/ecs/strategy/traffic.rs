//! Whose traffic goes where: the rules of a service's load balancers.

use super::super::Outside;
use super::super::deployment::{Lane, ServiceRevision};
use super::steps::Share;

/// The rules of one load balancer, and the two target groups between which they shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crossing {
    production: String,
    test: Option<String>,
    blue: String,
    green: String,
}

/// The crossings of a deployment of `target` in `lane`, beside `source` in its own lane.
pub(super) fn crossings(
    target: &ServiceRevision,
    lane: Lane,
    source: Option<(&ServiceRevision, Lane)>,
) -> Vec<Crossing> {
    let of = |lb: &super::super::deployment::LoadBalancer| {
        let advanced = lb.advanced_configuration.as_ref()?;
        let sources = source.iter().flat_map(|(revision, lane)| {
            let same = revision.load_balancers.iter().filter(|other| {
                other.container_name == lb.container_name
                    && other.container_port == lb.container_port
            });
            same.filter_map(|other| other.target_group(*lane))
        });
        let blue = sources.last().or(lb.target_group(lane.other()))?;
        Some(Crossing {
            production: advanced.production_listener_rule.clone()?,
            test: advanced.test_listener_rule.clone(),
            blue: blue.into(),
            green: lb.target_group(lane)?.into(),
        })
    };
    target.load_balancers.iter().filter_map(of).collect()
}

/// The lane in which a deployment of `target` keeps out of the way of what serves now.
pub(super) fn free_lane(
    target: &ServiceRevision,
    source: Option<(&ServiceRevision, Lane)>,
) -> Lane {
    let Some((source, taken)) = source else {
        return Lane::Primary;
    };
    let used: Vec<&str> = groups(source, taken).collect();
    let is_free = |lane: &Lane| groups(target, *lane).all(|group| !used.contains(&group));
    let candidates = [taken.other(), taken];
    candidates
        .into_iter()
        .find(is_free)
        .unwrap_or(taken.other())
}

fn groups(revision: &ServiceRevision, lane: Lane) -> impl Iterator<Item = &str> {
    let balancers = revision.load_balancers.iter();
    balancers.filter_map(move |lb| lb.target_group(lane))
}

/// A kind of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Traffic {
    Production,
    Test,
}

/// Sends this share of the traffic to green, and the rest to blue.
pub(super) fn shift(
    out: &mut Outside<'_>,
    crossings: &[Crossing],
    traffic: Traffic,
    share: Share,
) -> Result<(), String> {
    let (blue, green) = share.weights();
    for crossing in crossings {
        let rule = match traffic {
            Traffic::Production => Some(&crossing.production),
            Traffic::Test => crossing.test.as_ref(),
        };
        if let Some(rule) = rule {
            let weights = [
                (crossing.blue.clone(), blue),
                (crossing.green.clone(), green),
            ];
            out.elbv2.shift(rule, &weights)?;
        }
    }
    Ok(())
}

/// Whether any of the crossings has this kind of traffic.
pub(super) fn has(crossings: &[Crossing], traffic: Traffic) -> bool {
    crossings.iter().any(|crossing| match traffic {
        Traffic::Production => true,
        Traffic::Test => crossing.test.is_some(),
    })
}
