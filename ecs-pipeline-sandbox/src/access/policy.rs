//! Reads identity-based policies, and decides by them.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::condition::Conditions;
use super::glob;
use super::request::Request;

/// An identity-based policy.
///
/// An unknown member, operator or condition key is an error when it is read: what would be ignored might be the one
/// thing that forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

/// Why a text is no policy; it says where.
#[derive(Debug, thiserror::Error)]
#[error("not a policy that the sandbox can enforce: {0}")]
pub struct PolicyError(String);

/// What a policy says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// Whether it allows the action on all the resources.
    pub allowed: bool,
    /// Which of its statements apply, by their places in the policy.
    pub statements: BTreeSet<usize>,
    /// Why it is not allowed.
    pub refusal: Option<Refusal>,
}

/// Why a request is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The resource in question.
    pub resource: String,
    /// Whether a statement forbids it; otherwise none allows it.
    pub explicit: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
struct Statement {
    effect: Effect,
    actions: Names,
    resources: Names,
    conditions: Conditions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Names {
    These(Vec<String>),
    AllBut(Vec<String>),
}

impl FromStr for Policy {
    type Err = PolicyError;

    /// # Errors
    ///
    /// See [`PolicyError`].
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let document: Document =
            serde_json::from_str(text).map_err(|error| PolicyError(error.to_string()))?;
        Ok(Self {
            statements: document.statements.0,
        })
    }
}

impl Policy {
    /// How many statements it has.
    #[must_use]
    pub fn statements(&self) -> usize {
        self.statements.len()
    }

    /// The policy without one of its statements, by its place; as it is, where there is none.
    #[must_use]
    pub fn without(&self, statement: usize) -> Self {
        let statements = self.statements.iter().enumerate();
        let others = statements.filter(|(place, _)| *place != statement);
        Self {
            statements: others.map(|(_, other)| other.clone()).collect(),
        }
    }

    /// The policy with another one's statements behind its own, as a role has several.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.statements.extend(other.statements);
        self
    }

    /// A statement that denies wins over all that allow, and what none allows is denied.
    #[must_use]
    pub fn decide(&self, request: &Request) -> Decision {
        let mut decision = Decision {
            allowed: true,
            statements: BTreeSet::new(),
            refusal: None,
        };
        for resource in &request.resources {
            let refusal = self.judge(request, resource, &mut decision.statements);
            // A resource that is forbidden says more than one that is not allowed.
            if refusal.as_ref().is_some_and(|new| new.explicit) || decision.refusal.is_none() {
                decision.refusal = refusal.or(decision.refusal);
            }
        }
        decision.allowed = decision.refusal.is_none();
        decision
    }

    fn judge(
        &self,
        request: &Request,
        resource: &str,
        applied: &mut BTreeSet<usize>,
    ) -> Option<Refusal> {
        let (mut allowed, mut denied) = (false, false);
        for (place, statement) in self.statements.iter().enumerate() {
            if statement.applies(request, resource) {
                applied.insert(place);
                match statement.effect {
                    Effect::Allow => allowed = true,
                    Effect::Deny => denied = true,
                }
            }
        }
        (denied || !allowed).then(|| Refusal {
            resource: resource.to_owned(),
            explicit: denied,
        })
    }
}

impl Statement {
    fn applies(&self, request: &Request, resource: &str) -> bool {
        let action = request.action.to_ascii_lowercase();
        self.actions.have(|pattern| glob::matches(pattern, &action))
            && self
                .resources
                .have(|pattern| glob::matches_arn(pattern, resource))
            && self.conditions.are_met(request)
    }
}

impl Names {
    fn have(&self, matches: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::These(names) => names.iter().any(|name| matches(name)),
            Self::AllBut(names) => !names.iter().any(|name| matches(name)),
        }
    }

    fn list(&self) -> &[String] {
        match self {
            Self::These(names) | Self::AllBut(names) => names,
        }
    }

    fn lower(self) -> Self {
        let lower = |names: Vec<String>| names.iter().map(|n| n.to_ascii_lowercase()).collect();
        match self {
            Self::These(names) => Self::These(lower(names)),
            Self::AllBut(names) => Self::AllBut(lower(names)),
        }
    }
}

/// A policy document. The two versions differ in variables alone, and those are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version", default)]
    _version: Version,
    #[serde(rename = "Id", default)]
    _id: Option<String>,
    #[serde(rename = "Statement")]
    statements: OneOrMore<Statement>,
}

#[derive(Deserialize, Default)]
enum Version {
    #[default]
    #[serde(rename = "2008-10-17")]
    First,
    #[serde(rename = "2012-10-17")]
    Second,
}

/// A statement as it stands in the document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Written {
    #[serde(rename = "Sid", default)]
    _sid: Option<String>,
    effect: Effect,
    action: Option<OneOrMore<String>>,
    not_action: Option<OneOrMore<String>>,
    resource: Option<OneOrMore<String>>,
    not_resource: Option<OneOrMore<String>>,
    #[serde(default)]
    condition: Conditions,
}

impl TryFrom<Written> for Statement {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let actions = one_of(["Action", "NotAction"], written.action, written.not_action)?;
        let resources = one_of(
            ["Resource", "NotResource"],
            written.resource,
            written.not_resource,
        )?;
        check(actions.list(), "service:Action", |name| {
            name.split_once(':').is_some()
        })?;
        // Five colons, and something behind the last.
        check(resources.list(), "an ARN", |name| {
            name.starts_with("arn:") && name.splitn(6, ':').nth(5).is_some_and(|s| !s.is_empty())
        })?;
        Ok(Self {
            effect: written.effect,
            actions: actions.lower(),
            resources,
            conditions: written.condition,
        })
    }
}

fn one_of(
    members: [&str; 2],
    these: Option<OneOrMore<String>>,
    but: Option<OneOrMore<String>>,
) -> Result<Names, String> {
    let [one, other] = members;
    match (these, but) {
        (Some(OneOrMore(names)), None) => Ok(Names::These(names)),
        (None, Some(OneOrMore(names))) => Ok(Names::AllBut(names)),
        (None, None) => Err(format!("a statement has neither {one} nor {other}")),
        (Some(_), Some(_)) => Err(format!("a statement has both {one} and {other}")),
    }
}

/// Variables are not replaced here.
pub(super) fn check_variables(values: &[String]) -> Result<(), String> {
    match values.iter().find(|value| value.contains("${")) {
        None => Ok(()),
        Some(value) => Err(format!("policy variables are not known here: {value}")),
    }
}

/// Every name must be `*` or have the form.
fn check(names: &[String], form: &str, has_form: impl Fn(&str) -> bool) -> Result<(), String> {
    check_variables(names)?;
    for name in names {
        if name != "*" && !has_form(name) {
            return Err(format!("{name} is neither * nor {form}"));
        }
    }
    Ok(())
}

/// A value alone, or a list of them.
pub(super) struct OneOrMore<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not an untagged enum: its errors say neither what is wrong nor where.
        deserializer.deserialize_any(OneOrMoreVisitor(PhantomData))
    }
}

struct OneOrMoreVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMoreVisitor<T> {
    type Value = OneOrMore<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value, or a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(OneOrMore(vec![T::deserialize(text.into_deserializer())?]))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(OneOrMore(vec![T::deserialize(flag.into_deserializer())?]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let one = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(OneOrMore(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(OneOrMore)
    }
}
