//! Roles and whom they trust.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Doctor, Read, fact};
use crate::doctor::{Fact, Role};

impl Doctor {
    pub(super) async fn role(self, role: String) -> Read<Role> {
        const OPERATION: &str = "iam:GetRole";
        let name = name_of(&role).unwrap_or(&role);
        let answer = self.iam.get_role().role_name(name).send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, role.as_str(), error)))?;
        Ok(match read.map(|answer| answer.role) {
            Fact::Known(None) => Fact::Absent,
            read => read.map(|found| Role {
                arn: found.as_ref().map_or(String::new(), |it| it.arn.clone()),
                trust: trust(found.and_then(|found| found.assume_role_policy_document)),
            }),
        })
    }
}

/// A role's name, by its ARN or by itself; none where it can be neither.
pub(super) fn name_of(role: &str) -> Option<&str> {
    let name = match role.strip_prefix("arn:") {
        Some(rest) => rest.split_once(":role/")?.1.rsplit('/').next()?,
        None => role,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (!name.is_empty()
        && role.is_ascii()
        && name.chars().all(allowed)
        && !role.contains(['<', '$', '{']))
    .then_some(name)
}

/// IAM encodes policies as in a URL.
fn trust(document: Option<String>) -> Value {
    let document = document.unwrap_or_default();
    let text = percent_decode_str(&document).decode_utf8_lossy();
    serde_json::from_str(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_roles() {
        for (role, name) in [
            (
                "arn:aws:iam::123456789012:role/execution",
                Some("execution"),
            ),
            (
                "arn:aws-cn:iam::123456789012:role/service-role/x",
                Some("x"),
            ),
            ("execution", Some("execution")),
            ("arn:aws:iam::123456789012:user/x", None),
            ("arn:aws:iam::<ACCOUNT>:role/x", None),
            ("arn:aws:iam::${ACCOUNT}:role/x", None),
            ("", None),
        ] {
            assert_eq!(name_of(role), name, "{role}");
        }
    }

    #[test]
    fn trust_policies_are_decoded() {
        let encoded = "%7B%22Statement%22%3A%5B%5D%7D".to_owned();
        assert_eq!(trust(Some(encoded)), serde_json::json!({"Statement": []}));
        assert_eq!(trust(Some("no policy".to_owned())), Value::Null);
        assert_eq!(trust(None), Value::Null);
    }
}
