//! Who asks, and in which Region.

use super::finding::known;
use super::{Finding, View};

const CHECK: &str = "credentials";

pub(super) fn checks(view: &View<'_>) -> Vec<Finding> {
    let absent = || Finding::problem(CHECK, "AWS names no caller", "check the credentials");
    vec![match known(&view.facts.caller, CHECK, absent) {
        Err(finding) => finding,
        Ok(caller) => {
            let region = view.facts.region.as_deref().unwrap_or("no Region");
            Finding::ok(CHECK, format!("{} in {region}", caller.arn))
        }
    }]
}
