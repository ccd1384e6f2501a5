//! Roles.

use crate::access::Request;

use super::Asked;

/// Every operation on a role has an action of its own name. A role that is there is known by its ARN, with
/// its path; any other by what the request says.
pub(super) fn needed(asked: &Asked<'_>) -> Vec<Request> {
    let name = asked.named("RoleName");
    let resource = match asked.operation {
        "ListRoles" => "*".to_owned(),
        _ => asked.world.role_arn(name).unwrap_or_else(|| {
            let account = &asked.world.place().account;
            let path = asked.text("Path").unwrap_or("/");
            format!("arn:aws:iam::{account}:role{path}{name}")
        }),
    };
    vec![asked.own("iam", resource)]
}
