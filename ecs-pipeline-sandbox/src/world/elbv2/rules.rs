//! Rules: conditions and actions.

use serde_json::{Map, Value, json};

use crate::world::ApiError;

use super::input::{bounded, flag, invalid, list, required, text, texts};
use super::listeners::Listener;
use super::routes::Forward;
use super::{Elbv2, Surroundings, listeners, target_groups};

/// A rule of a listener.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) arn: String,
    pub(super) listener: String,
    /// 1 to 50000; `None` for the default rule, which comes last.
    pub(super) priority: Option<u32>,
    pub(super) conditions: Conditions,
    pub(super) action: Action,
}

/// What a request must be like; an empty list asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    pub(super) paths: Vec<String>,
    pub(super) hosts: Vec<String>,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// To these target groups, by weight.
    Forward(Vec<(String, u32)>),
    /// Answered, or sent elsewhere, as the data plane has it; with the configuration as it was
    /// given.
    Answer {
        kind: &'static str,
        config: Value,
        forward: Forward,
    },
}

impl Rule {
    pub(super) fn default_of(
        listener: &Listener,
        action: Action,
        around: &mut Surroundings<'_>,
    ) -> Self {
        Self {
            arn: new_arn(listener, around),
            listener: listener.arn.clone(),
            priority: None,
            conditions: Conditions::default(),
            action,
        }
    }

    pub(super) fn is_default(&self) -> bool {
        self.priority.is_none()
    }

    /// Whether the rule names this target group, even with weight 0.
    pub(super) fn forwards_to(&self, target_group: &str) -> bool {
        match &self.action {
            Action::Forward(groups) => groups.iter().any(|(arn, _)| arn == target_group),
            Action::Answer { .. } => false,
        }
    }

    fn described(&self) -> Value {
        json!({
            "RuleArn": self.arn,
            "Priority": self
                .priority
                .map_or_else(|| "default".to_owned(), |priority| priority.to_string()),
            "Conditions": self.conditions.described(),
            "Actions": [self.action.described()],
            "IsDefault": self.is_default(),
        })
    }
}

fn new_arn(listener: &Listener, around: &mut Surroundings<'_>) -> String {
    let id = around.ids.hex16();
    around
        .arns
        .elbv2(&format!("listener-rule/{}/{id}", listener.path))
}

impl Conditions {
    fn read(input: &Value) -> Result<Self, ApiError> {
        let mut read = Self::default();
        for condition in list(input, "Conditions") {
            let (values, config) = match required(condition, "Field")?.as_str() {
                "path-pattern" => (&mut read.paths, "PathPatternConfig"),
                "host-header" => (&mut read.hosts, "HostHeaderConfig"),
                other => {
                    return Err(ApiError::not_implemented(
                        "ELBv2",
                        &format!("rule conditions on {other}"),
                    ));
                }
            };
            if !values.is_empty() {
                return Err(invalid("A rule can have only one condition of each field"));
            }
            *values = texts(condition, "Values");
            if let Some(config) = condition.get(config) {
                values.extend(texts(config, "Values"));
            }
            if values.is_empty() {
                return Err(invalid("A condition value must be specified"));
            }
        }
        if read == Self::default() {
            return Err(invalid("A condition must be specified"));
        }
        Ok(read)
    }

    fn described(&self) -> Vec<Value> {
        let one = |field: &str, config: &str, values: &[String]| {
            (!values.is_empty()).then(|| {
                let mut told = Map::new();
                told.insert("Field".into(), field.into());
                told.insert("Values".into(), json!(values));
                told.insert(config.into(), json!({ "Values": values }));
                Value::Object(told)
            })
        };
        [
            one("path-pattern", "PathPatternConfig", &self.paths),
            one("host-header", "HostHeaderConfig", &self.hosts),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Action {
    fn read(action: &Value) -> Result<Self, ApiError> {
        match required(action, "Type")?.as_str() {
            "forward" => Ok(Self::Forward(target_groups_of(action)?)),
            "fixed-response" => fixed_response(action),
            "redirect" => redirect(action),
            other => Err(ApiError::not_implemented(
                "ELBv2",
                &format!("actions of type {other}"),
            )),
        }
    }

    pub(super) fn described(&self) -> Value {
        match self {
            Self::Forward(groups) => {
                let mut told = Map::new();
                told.insert("Type".into(), "forward".into());
                if let [(only, _)] = groups.as_slice() {
                    told.insert("TargetGroupArn".into(), only.as_str().into());
                }
                let groups: Vec<Value> = groups
                    .iter()
                    .map(|(arn, weight)| json!({ "TargetGroupArn": arn, "Weight": weight }))
                    .collect();
                told.insert(
                    "ForwardConfig".into(),
                    json!({
                        "TargetGroups": groups,
                        "TargetGroupStickinessConfig": { "Enabled": false },
                    }),
                );
                Value::Object(told)
            }
            Self::Answer { kind, config, .. } => {
                let member = match *kind {
                    "redirect" => "RedirectConfig",
                    _ => "FixedResponseConfig",
                };
                let mut told = Map::new();
                told.insert("Type".into(), (*kind).into());
                told.insert(member.into(), config.clone());
                Value::Object(told)
            }
        }
    }
}

fn target_groups_of(action: &Value) -> Result<Vec<(String, u32)>, ApiError> {
    let single = text(action, "TargetGroupArn");
    let Some(config) = action.get("ForwardConfig") else {
        let single = single.ok_or_else(|| invalid("A target group ARN must be specified"))?;
        return Ok(vec![(single, 1)]);
    };
    if config
        .get("TargetGroupStickinessConfig")
        .and_then(|stickiness| flag(stickiness, "Enabled"))
        == Some(true)
    {
        return Err(ApiError::not_implemented("ELBv2", "sticky sessions"));
    }
    let groups = list(config, "TargetGroups")
        .iter()
        .map(|group| {
            Ok((
                required(group, "TargetGroupArn")?,
                bounded(group, "Weight", 0, 999)?.unwrap_or(1),
            ))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let agrees = single
        .as_ref()
        .is_none_or(|single| groups.len() == 1 && groups.iter().all(|(arn, _)| arn == single));
    if groups.is_empty() || groups.len() > 5 || !agrees {
        return Err(invalid(
            "A forward action must name one to five target groups, and TargetGroupArn only when \
             it is the one in ForwardConfig",
        ));
    }
    Ok(groups)
}

fn fixed_response(action: &Value) -> Result<Action, ApiError> {
    let config = action
        .get("FixedResponseConfig")
        .ok_or_else(|| invalid("A fixed response configuration must be specified"))?;
    let status = required(config, "StatusCode")?;
    let body = text(config, "MessageBody").unwrap_or_default();
    let content_type = text(config, "ContentType").unwrap_or_else(|| "text/plain".into());
    let status = status
        .parse()
        .ok()
        .filter(|status: &u16| matches!(status, 200..=299 | 400..=599))
        .ok_or_else(|| {
            invalid(format!(
                "The status code '{status}' must be 2XX, 4XX or 5XX"
            ))
        })?;
    Ok(Action::Answer {
        kind: "fixed-response",
        config: config.clone(),
        forward: Forward::Fixed {
            status,
            body,
            content_type,
        },
    })
}

fn redirect(action: &Value) -> Result<Action, ApiError> {
    let config = action
        .get("RedirectConfig")
        .ok_or_else(|| invalid("A redirect configuration must be specified"))?;
    let status = match required(config, "StatusCode")?.as_str() {
        "HTTP_301" => 301,
        "HTTP_302" => 302,
        other => {
            return Err(invalid(format!(
                "The redirect status code '{other}' is not valid"
            )));
        }
    };
    let part = |name: &str, default: &str| text(config, name).unwrap_or_else(|| default.into());
    let query = part("Query", "#{query}");
    let location = format!(
        "{}://{}:{}{}{}{query}",
        part("Protocol", "#{protocol}").to_ascii_lowercase(),
        part("Host", "#{host}"),
        part("Port", "#{port}"),
        part("Path", "/#{path}"),
        if query.is_empty() { "" } else { "?" },
    );
    let forward = Forward::Redirect { status, location };
    Ok(Action::Answer {
        kind: "redirect",
        config: config.clone(),
        forward,
    })
}

impl Elbv2 {
    /// The one action under `name`, checked against what exists.
    pub(super) fn action_of(
        &self,
        input: &Value,
        name: &str,
        load_balancer: &str,
    ) -> Result<Action, ApiError> {
        let [action] = list(input, name) else {
            return Err(invalid(
                "Exactly one action of type forward, redirect or fixed-response must be specified",
            ));
        };
        let action = Action::read(action)?;
        if let Action::Forward(groups) = &action {
            for (arn, _) in groups {
                if !self.has_target_group(arn) {
                    return Err(target_groups::absent());
                }
                if self
                    .load_balancers_of(arn)
                    .iter()
                    .any(|other| other != load_balancer)
                {
                    return Err(ApiError::client(
                        "TargetGroupAssociationLimit",
                        format!(
                            "The following target groups cannot be associated with more than one \
                             load balancer: {arn}"
                        ),
                    ));
                }
            }
        }
        Ok(action)
    }

    pub(super) fn create_rule(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let arn = required(input, "ListenerArn")?;
        let listener = self.listeners.get(&arn).ok_or_else(listeners::absent)?;
        let priority = bounded(input, "Priority", 1, 50_000)?
            .ok_or_else(|| invalid("A rule priority must be specified"))?;
        let conditions = Conditions::read(input)?;
        let action = self.action_of(input, "Actions", &listener.load_balancer)?;
        if self
            .rules
            .values()
            .any(|rule| rule.listener == arn && rule.priority == Some(priority))
        {
            return Err(ApiError::client(
                "PriorityInUse",
                format!("Priority '{priority}' is currently in use"),
            ));
        }
        let rule = Rule {
            arn: new_arn(listener, around),
            listener: arn,
            priority: Some(priority),
            conditions,
            action,
        };
        self.tag_new(&rule.arn, input)?;
        let answer = json!({ "Rules": [rule.described()] });
        self.rules.insert(rule.arn.clone(), rule);
        Ok(answer)
    }

    pub(super) fn describe_rules(&self, input: &Value) -> Result<Value, ApiError> {
        let arns = texts(input, "RuleArns");
        let listener = text(input, "ListenerArn");
        if let Some(listener) = &listener
            && !self.listeners.contains_key(listener)
        {
            return Err(listeners::absent());
        }
        if arns.is_empty() && listener.is_none() {
            return Err(invalid(
                "You must specify either listener rule ARNs or a listener ARN",
            ));
        }
        if arns.iter().any(|arn| !self.rules.contains_key(arn)) {
            return Err(absent());
        }
        let mut rules: Vec<&Rule> = self
            .rules
            .values()
            .filter(|rule| arns.is_empty() || arns.contains(&rule.arn))
            .filter(|rule| {
                listener
                    .as_ref()
                    .is_none_or(|listener| rule.listener == *listener)
            })
            .collect();
        rules.sort_by_key(|rule| rule.priority.unwrap_or(u32::MAX));
        let rules: Vec<Value> = rules.into_iter().map(Rule::described).collect();
        Ok(json!({ "Rules": rules }))
    }

    pub(super) fn modify_rule(&mut self, input: &Value) -> Result<Value, ApiError> {
        let arn = required(input, "RuleArn")?;
        let rule = self.rules.get(&arn).ok_or_else(absent)?;
        if rule.is_default() {
            return Err(ApiError::client(
                "OperationNotPermitted",
                format!("Default rule '{arn}' cannot be modified"),
            ));
        }
        let conditions = match input.get("Conditions") {
            Some(_) => Some(Conditions::read(input)?),
            None => None,
        };
        let action = match input.get("Actions") {
            Some(_) => {
                let listener = self
                    .listeners
                    .get(&rule.listener)
                    .ok_or_else(listeners::absent)?;
                Some(self.action_of(input, "Actions", &listener.load_balancer)?)
            }
            None => None,
        };
        let rule = self.rules.get_mut(&arn).ok_or_else(absent)?;
        if let Some(conditions) = conditions {
            rule.conditions = conditions;
        }
        if let Some(action) = action {
            rule.action = action;
        }
        Ok(json!({ "Rules": [rule.described()] }))
    }

    pub(super) fn delete_rule(&mut self, input: &Value) -> Result<Value, ApiError> {
        let arn = required(input, "RuleArn")?;
        let rule = self.rules.get(&arn).ok_or_else(absent)?;
        if rule.is_default() {
            return Err(ApiError::client(
                "OperationNotPermitted",
                format!("Default rule '{arn}' cannot be deleted"),
            ));
        }
        self.rules.remove(&arn);
        self.tags.remove(&arn);
        Ok(json!({}))
    }
}

pub(super) fn absent() -> ApiError {
    ApiError::client("RuleNotFound", "One or more rules not found")
}
