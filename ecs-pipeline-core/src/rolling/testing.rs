//! What the tests of verdicts share.
#![allow(clippy::unwrap_used)]

use crate::model::{Deployment, DeploymentId, ServiceRef, TaskDefinitionArn};

pub(super) fn arn(revision: u32) -> TaskDefinitionArn {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{revision}")
        .parse()
        .unwrap()
}

/// Ours: `ecs-svc/2` brings `web:2` over `web:1`.
pub(super) fn ours() -> Deployment {
    Deployment {
        last_good: Some(arn(1)),
        ..Deployment::new(
            ServiceRef::new("prod", "web"),
            DeploymentId::new("ecs-svc/2"),
            arn(2),
        )
    }
}
