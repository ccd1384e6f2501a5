//! What AWS says when IAM denies something.

/// What to do about it, where the message names the action: `User: … is not authorized to perform:
/// ecs:UpdateService on resource: … because no identity-based policy allows …`. ECR's registry says the
/// same to `docker push`.
pub(crate) fn advice(message: &str) -> Option<String> {
    permission(message).map(|permission| with_least(permission, message))
}

/// The same for an action that the message does not name.
#[cfg(feature = "aws-config")]
pub(crate) fn advice_for(operation: &str, message: &str) -> String {
    with_least(permission_for(operation, message), message)
}

/// What is to be allowed, and no more: for what a pipeline can do without, and its policy does not have.
#[cfg(feature = "aws-config")]
pub(crate) fn permission_for(operation: &str, message: &str) -> String {
    permission(message).unwrap_or_else(|| allow(operation, resource(message)))
}

fn permission(message: &str) -> Option<String> {
    let action = word_after(message, "not authorized to perform: ")?;
    let resource = resource(message);
    if is_forbidden(message) {
        let on = resource.map_or(String::new(), |resource| format!(" on {resource}"));
        return Some(format!(
            "take the Deny of {action}{on} out of the caller's policies: no Allow undoes it"
        ));
    }
    Some(allow(action, resource))
}

fn is_forbidden(message: &str) -> bool {
    message.contains("with an explicit deny")
}

fn with_least(permission: String, message: &str) -> String {
    match is_forbidden(message) {
        true => permission,
        false => format!("{permission}; `ecs-pipeline iam-policy` prints the least one"),
    }
}

/// IAM says `role NAME` where others give an ARN.
fn resource(message: &str) -> Option<&str> {
    let first = word_after(message, "on resource: ")?;
    match first {
        "role" | "policy" | "user" => {
            let (_, rest) = message.split_once("on resource: ")?;
            let end = rest
                .match_indices(' ')
                .nth(1)
                .map_or(rest.len(), |(at, _)| at);
            rest.get(..end)
        }
        _ => Some(first),
    }
}

fn allow(action: &str, resource: Option<&str>) -> String {
    let on = resource.map_or(String::new(), |resource| format!(" on {resource}"));
    format!("allow {action}{on} in the caller's IAM policy")
}

fn word_after<'m>(message: &'m str, marker: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(marker)?;
    let word = rest.split_whitespace().next()?;
    Some(word.trim_end_matches(['.', ',']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "aws-config")]
    #[test]
    fn an_action_that_is_not_named_is_the_operation() {
        let advice = advice_for("ecs:UpdateService", "Access Denied");
        assert!(advice.starts_with("allow ecs:UpdateService in"), "{advice}");
    }

    #[test]
    fn the_action_and_the_resource_are_named() {
        for (said, expected) in [
            (
                "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: iam:PassRole on resource: \
                 arn:aws:iam::1:role/task because no identity-based policy allows the iam:PassRole action",
                Some("allow iam:PassRole on arn:aws:iam::1:role/task in"),
            ),
            (
                "denied: User: u is not authorized to perform: ecr:InitiateLayerUpload.",
                Some("allow ecr:InitiateLayerUpload in"),
            ),
            (
                "User: u is not authorized to perform: iam:GetRole on resource: role web because no policy",
                Some("allow iam:GetRole on role web in"),
            ),
            (
                "User: u is not authorized to perform: ecs:UpdateService on resource: arn:x with an explicit \
                 deny in an identity-based policy",
                Some("take the Deny of ecs:UpdateService on arn:x out"),
            ),
            ("Access Denied", None),
        ] {
            let advice = advice(said);
            let begins = |expected| advice.as_ref().is_some_and(|it| it.starts_with(expected));
            assert_eq!(advice.is_some(), expected.is_some(), "{said}");
            assert!(expected.is_none_or(begins), "{advice:?}");
        }
    }
}
