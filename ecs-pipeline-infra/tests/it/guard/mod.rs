//! Rules that every template keeps, as cfn-guard and cfn-nag have them: each a small function over
//! the parsed template that returns what breaks it.
//!
//! A rule that cannot fail is none: [`bad`] has a template for each that breaks it.

mod bad;
mod contract;
mod data;
mod deployments;
mod iam;
mod network;
mod parameters;
mod tags;

use std::collections::BTreeSet;

use crate::support::combination::distinct;
use crate::support::document::Document;

/// A rule: what a template breaks it with.
pub(crate) type Rule = fn(&Document) -> Vec<String>;

/// Each rule by its name.
pub(crate) const RULES: &[(&str, Rule)] = &[
    (
        "only listeners are open to everyone",
        network::only_listeners_are_open,
    ),
    (
        "groups say what goes out",
        network::groups_say_what_goes_out,
    ),
    (
        "nothing has a public address",
        network::nothing_has_a_public_address,
    ),
    (
        "balancers drop invalid headers",
        network::balancers_drop_invalid_headers,
    ),
    ("TLS is a recent one", network::tls_is_recent),
    (
        "instances want signed metadata requests",
        network::metadata_requests_are_signed,
    ),
    ("what is stored is encrypted", data::is_encrypted),
    ("buckets are closed", data::buckets_are_closed),
    ("data stays when its stack goes", data::stays),
    (
        "statements name what they allow",
        iam::statements_are_narrow,
    ),
    ("roles trust somebody in particular", iam::trust_is_narrow),
    ("everything has tags", tags::are_everywhere),
    ("updates undo no deployment", deployments::are_not_undone),
    ("parameters are described", parameters::are_described),
    ("parameters are used", parameters::are_used),
    ("parameters have values that fit", parameters::have_values),
    (
        "outputs are described and exported",
        contract::outputs_are_exported,
    ),
];

#[test]
fn every_template_keeps_every_rule() {
    let mut broken = BTreeSet::new();
    for document in distinct() {
        for (name, rule) in RULES {
            let found = rule(document).into_iter();
            broken.extend(found.map(|what| format!("{}: {name}: {what}", document.stack)));
        }
    }
    let broken: Vec<_> = broken.into_iter().collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}
