//! Whether a deployment is as far as the run was told to follow it.

use super::Until;
use crate::error::{ErrorKind, ProviderError};
use crate::event::Step;
use crate::model::Observation;
use crate::provider::Deployer;

/// Refuses a stage that the deployer does not have: it would never be reached.
pub(super) fn check(until: Option<&Until>, deployer: &dyn Deployer) -> Result<(), ProviderError> {
    let Some(Until::Stage(wanted)) = until else {
        return Ok(());
    };
    if place(deployer.stages(), wanted).is_some() {
        return Ok(());
    }
    let known = match deployer.stages() {
        [] => "its deployments have no stages".to_owned(),
        stages => format!("its stages are {}", stages.join(", ")),
    };
    let message = format!("{} has no stage {wanted}: {known}", deployer.describe());
    Err(ProviderError::new(
        ErrorKind::Invalid,
        Step::Check.name(),
        wanted.clone(),
        message,
    ))
}

/// What was reached, once it is.
pub(super) fn reached(until: &Until, stages: &[&str], seen: &Observation) -> Option<String> {
    match until {
        Until::Traffic => seen
            .traffic
            .filter(|traffic| traffic.production >= 100.0)
            .map(|_| "it gets all production traffic".to_owned()),
        Until::Stage(wanted) => {
            let stage = &seen.stage.as_ref()?.name;
            let is_there = place(stages, stage)? >= place(stages, wanted)?;
            is_there.then(|| format!("it has reached {stage}"))
        }
    }
}

fn place(stages: &[&str], wanted: &str) -> Option<usize> {
    stages
        .iter()
        .position(|stage| stage.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DeploymentState, ECS_STAGES, Stage, TrafficShare};

    fn seen(stage: Option<&str>, production: Option<f64>) -> Observation {
        Observation {
            stage: stage.map(|name| Stage {
                name: name.to_owned(),
                held: None,
            }),
            traffic: production.map(|production| TrafficShare {
                production,
                test: None,
            }),
            ..Observation::new(DeploymentState::InProgress)
        }
    }

    #[test]
    fn a_stage_is_reached_by_itself_and_by_later_ones() {
        let until = Until::Stage("bake_time".to_owned());
        for (stage, expected) in [
            (None, false),
            (Some("SCALE_UP"), false),
            (Some("BAKE_TIME"), true),
            (Some("CLEAN_UP"), true),
            (Some("A_STAGE_OF_THE_FUTURE"), false),
        ] {
            let is_there = reached(&until, ECS_STAGES, &seen(stage, None)).is_some();
            assert_eq!(is_there, expected, "{stage:?}");
        }
    }

    #[test]
    fn traffic_is_reached_when_all_of_it_has_moved() {
        for (share, expected) in [(None, false), (Some(99.9), false), (Some(100.0), true)] {
            let is_there = reached(&Until::Traffic, &[], &seen(None, share)).is_some();
            assert_eq!(is_there, expected, "{share:?}");
        }
    }
}
