//! The `Condition` of a statement
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::glob;
use super::policy::{OneOrMore, check_variables};
use super::request::Request;

/// The condition keys that the sandbox gives to requests.
const KEYS: [&str; 8] = [
    "aws:TagKeys",
    "ecs:cluster",
    "ecs:CreateAction",
    "ecs:service",
    "ecs:task-definition",
    "elasticloadbalancing:CreateAction",
    "iam:PassedToService",
    "s3:prefix",
];

/// A key that goes on with a tag's name.
const TAG_KEY: &str = "aws:RequestTag/";

/// What stands before the `:` of keys that requests to the sandbox would have with AWS. Keys of other services are with
/// actions that nobody asks for here, such as `ec2:AuthorizedService`.
const PREFIXES: [&str; 15] = [
    "aws",
    "cloudwatch",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "ecr",
    "ecs",
    "elasticloadbalancing",
    "iam",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "ssm",
    "sts",
];

/// All conditions of a statement; each must be met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions(Vec<Condition>);

/// An operator with a key and the values of which one must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    quantifier: Option<Quantifier>,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

/// For keys with several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    AnyValue,
    AllValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// ArnEquals and ArnLike behave alike.
    Arn,
    Bool,
}

impl Conditions {
    pub(super) fn are_met(&self, request: &Request) -> bool {
        self.0.iter().all(|condition| condition.is_met(request))
    }
}

impl Condition {
    fn is_met(&self, request: &Request) -> bool {
        let mut context = request.context.iter();
        let found = context.find(|(key, _)| key.eq_ignore_ascii_case(&self.key));
        let Some((_, given)) = found.filter(|(_, given)| !given.is_empty()) else {
            return self.holds_without_key();
        };
        let fits = |value: &String| self.fits(value);
        match self.operator.quantifier {
            Some(Quantifier::AllValues) => given.iter().all(fits),
            Some(Quantifier::AnyValue) => given.iter().any(fits),
            // A key with one value: none of its values may be the exception.
            None if self.operator.negated => given.iter().all(fits),
            None => given.iter().any(fits),
        }
    }

    fn holds_without_key(&self) -> bool {
        let Operator {
            quantifier,
            negated,
            if_exists,
            ..
        } = self.operator;
        match quantifier {
            Some(Quantifier::AllValues) => true,
            Some(Quantifier::AnyValue) => if_exists,
            None => if_exists || negated,
        }
    }

    /// Whether one of the request's values fits one of the condition's, or none where that is asked.
    fn fits(&self, given: &String) -> bool {
        let mut values = self.values.iter();
        let found = values.any(|value| match self.operator.comparison {
            Comparison::StringEquals => value == given,
            Comparison::StringEqualsIgnoreCase | Comparison::Bool => {
                value.eq_ignore_ascii_case(given)
            }
            Comparison::StringLike => glob::matches(value, given),
            Comparison::Arn => glob::matches_arn(value, given),
        });
        found != self.operator.negated
    }
}

impl Operator {
    /// `None` for an operator that is not here.
    fn read(written: &str) -> Option<Self> {
        let (quantifier, rest) = match written.split_once(':') {
            Some(("ForAnyValue", rest)) => (Some(Quantifier::AnyValue), rest),
            Some(("ForAllValues", rest)) => (Some(Quantifier::AllValues), rest),
            Some(_) => return None,
            None => (None, written),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (comparison, negated) = match name {
            "StringEquals" => (Comparison::StringEquals, false),
            "StringNotEquals" => (Comparison::StringEquals, true),
            "StringEqualsIgnoreCase" => (Comparison::StringEqualsIgnoreCase, false),
            "StringLike" => (Comparison::StringLike, false),
            "StringNotLike" => (Comparison::StringLike, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            "Bool" => (Comparison::Bool, false),
            _ => return None,
        };
        Some(Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        })
    }
}

/// Whether a condition on this key is judged as AWS judges it. One that AWS gives and the sandbox does not would be
/// judged as if it were missing. Keys are without case.
fn is_known(key: &str) -> bool {
    let prefix = key.split(':').next().unwrap_or_default();
    let is_served = PREFIXES.iter().any(|one| one.eq_ignore_ascii_case(prefix));
    let start = key.get(..TAG_KEY.len());
    !is_served
        || KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
        || start.is_some_and(|start| start.eq_ignore_ascii_case(TAG_KEY))
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Operators).map(Self)
    }
}

/// Reads `{"StringEquals": {…}}`.
struct Operators;

impl<'de> Visitor<'de> for Operators {
    type Value = Vec<Condition>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of condition operators")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut conditions: Vec<Condition> = Vec::new();
        while let Some(written) = map.next_key::<String>()? {
            let operator = Operator::read(&written).ok_or_else(|| {
                A::Error::custom(format!(
                    "the condition operator {written} is not known here"
                ))
            })?;
            for (key, values) in map.next_value::<Pairs>()?.0 {
                if conditions
                    .iter()
                    .any(|other| other.operator == operator && other.key == key)
                {
                    return Err(A::Error::custom(format!(
                        "the condition {written} on {key} is there twice"
                    )));
                }
                conditions.push(Condition {
                    operator,
                    key,
                    values,
                });
            }
        }
        Ok(conditions)
    }
}

/// Reads `{"ecs:cluster": "…"}`.
struct Pairs(Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor).map(Self)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Vec<(String, Vec<String>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of condition keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if !is_known(&key) {
                return Err(A::Error::custom(format!(
                    "the sandbox does not give the condition key {key} to requests"
                )));
            }
            let OneOrMore(values) = map.next_value::<OneOrMore<Text>>()?;
            let values: Vec<String> = values.into_iter().map(|Text(value)| value).collect();
            check_variables(&values).map_err(A::Error::custom)?;
            pairs.push((key, values));
        }
        Ok(pairs)
    }
}

/// A string, or what `Bool` conditions are also written with.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a string, true or false")]
        enum Written {
            Text(String),
            Flag(bool),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Flag(flag) => flag.to_string(),
        }))
    }
}
