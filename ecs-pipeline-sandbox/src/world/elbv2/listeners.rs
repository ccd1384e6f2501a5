//! Listeners.

use serde_json::{Value, json};

use crate::world::{ApiError, Effect};

use super::input::{invalid, port, required, text, texts};
use super::rules::{Action, Rule};
use super::{Elbv2, Surroundings, load_balancers};

/// A listener; its default actions are its default rule's.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) arn: String,
    /// The part of its ARN that its rules' ARNs share: `app/NAME/ID/ID`.
    pub(super) path: String,
    pub(super) load_balancer: String,
    port: u16,
}

/// Refuses what the data plane cannot do.
fn check_protocol(input: &Value) -> Result<(), ApiError> {
    match text(input, "Protocol") {
        Some(protocol) if protocol != "HTTP" => Err(ApiError::not_implemented(
            "ELBv2",
            &format!("listeners with protocol {protocol}"),
        )),
        _ => Ok(()),
    }
}

impl Elbv2 {
    pub(super) fn create_listener(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        check_protocol(input)?;
        if text(input, "Protocol").is_none() {
            return Err(invalid("A listener protocol must be specified"));
        }
        let port =
            port(input, "Port")?.ok_or_else(|| invalid("A listener port must be specified"))?;
        let lb = self.load_balancer_mut(input)?;
        let (lb_arn, lb_path) = (lb.arn.clone(), lb.path.clone());
        let action = self.action_of(input, "DefaultActions", &lb_arn)?;
        if let Some(taken) = self.listeners.values().find(|taken| taken.port == port) {
            return self.port_taken(taken, &lb_arn, &action);
        }
        let path = format!("{lb_path}/{}", around.ids.hex16());
        let listener = Listener {
            arn: around.arns.elbv2(&format!("listener/{path}")),
            path,
            load_balancer: lb_arn,
            port,
        };
        self.tag_new(&listener.arn, input)?;
        let rule = Rule::default_of(&listener, action, around);
        let answer = json!({ "Listeners": [described(&listener, &rule.action)] });
        around.effects.push(Effect::Listen {
            listener: listener.arn.clone(),
            port,
        });
        self.rules.insert(rule.arn.clone(), rule);
        self.listeners.insert(listener.arn.clone(), listener);
        Ok(answer)
    }

    /// CreateListener on a port that is taken: the same again succeeds, as in AWS.
    fn port_taken(&self, taken: &Listener, lb: &str, action: &Action) -> Result<Value, ApiError> {
        if taken.load_balancer != lb {
            return Err(ApiError::client(
                "DuplicateListener",
                format!(
                    "The sandbox serves every load balancer on 127.0.0.1, where port {} belongs \
                     to listener '{}' already",
                    taken.port, taken.arn
                ),
            ));
        }
        match self.default_rule(&taken.arn) {
            Some(rule) if rule.action == *action => {
                Ok(json!({ "Listeners": [described(taken, action)] }))
            }
            _ => Err(duplicate(lb)),
        }
    }

    pub(super) fn describe_listeners(&self, input: &Value) -> Result<Value, ApiError> {
        let arns = texts(input, "ListenerArns");
        let lb = text(input, "LoadBalancerArn");
        if let Some(lb) = &lb
            && !self.load_balancers.contains_key(lb)
        {
            return Err(load_balancers::absent(lb));
        }
        if arns.is_empty() && lb.is_none() {
            return Err(invalid(
                "You must specify either listener ARNs or a load balancer ARN",
            ));
        }
        if arns.iter().any(|arn| !self.listeners.contains_key(arn)) {
            return Err(absent());
        }
        let listeners: Vec<Value> = self
            .listeners
            .values()
            .filter(|listener| arns.is_empty() || arns.contains(&listener.arn))
            .filter(|listener| lb.as_ref().is_none_or(|lb| listener.load_balancer == *lb))
            .filter_map(|listener| {
                let rule = self.default_rule(&listener.arn)?;
                Some(described(listener, &rule.action))
            })
            .collect();
        Ok(json!({ "Listeners": listeners }))
    }

    pub(super) fn modify_listener(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        check_protocol(input)?;
        let arn = required(input, "ListenerArn")?;
        let listener = self.listeners.get(&arn).ok_or_else(absent)?;
        let (lb, port_before) = (listener.load_balancer.clone(), listener.port);
        let port = port(input, "Port")?.unwrap_or(port_before);
        let action = match input.get("DefaultActions") {
            Some(_) => Some(self.action_of(input, "DefaultActions", &lb)?),
            None => None,
        };
        if self
            .listeners
            .values()
            .any(|other| other.port == port && other.arn != arn)
        {
            return Err(duplicate(&lb));
        }
        if port != port_before {
            around.effects.push(Effect::Unlisten {
                listener: arn.clone(),
            });
            around.effects.push(Effect::Listen {
                listener: arn.clone(),
                port,
            });
        }
        if let Some(listener) = self.listeners.get_mut(&arn) {
            listener.port = port;
        }
        if let Some(action) = action
            && let Some(rule) = self
                .rules
                .values_mut()
                .find(|rule| rule.listener == arn && rule.is_default())
        {
            rule.action = action;
        }
        self.describe_listeners(&json!({ "ListenerArns": [arn] }))
    }

    pub(super) fn delete_listener(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let arn = required(input, "ListenerArn")?;
        if !self.listeners.contains_key(&arn) {
            return Err(absent());
        }
        self.remove_listener(&arn, around.effects);
        Ok(json!({}))
    }

    /// Removes a listener with its rules.
    pub(super) fn remove_listener(&mut self, arn: &str, effects: &mut Vec<Effect>) {
        self.listeners.remove(arn);
        self.tags.remove(arn);
        self.rules.retain(|_, rule| rule.listener != arn);
        effects.push(Effect::Unlisten {
            listener: arn.into(),
        });
    }

    fn default_rule(&self, listener: &str) -> Option<&Rule> {
        self.rules
            .values()
            .find(|rule| rule.listener == listener && rule.is_default())
    }
}

pub(super) fn absent() -> ApiError {
    ApiError::client("ListenerNotFound", "One or more listeners not found")
}

fn duplicate(lb: &str) -> ApiError {
    ApiError::client(
        "DuplicateListener",
        format!("A listener already exists on this port for this load balancer '{lb}'"),
    )
}

fn described(listener: &Listener, action: &Action) -> Value {
    json!({
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.load_balancer,
        "Port": listener.port,
        "Protocol": "HTTP",
        "DefaultActions": [action.described()],
    })
}
