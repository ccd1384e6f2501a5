//! AWS Query: forms in, XML out.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use crate::world::{ApiError, Service};

use super::xml::{self, escaped};
use super::{Call, Protocol, Refusal};

/// Reads a form: `Action` and `Version` say what is asked, the rest is its input.
pub(super) fn read(body: &[u8]) -> Result<Call, Refusal> {
    let mut input = tree(body);
    let mut take = |name: &str| match input.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (operation, version) = (take("Action"), take("Version"));
    let (service, namespace) = match version.as_str() {
        "2015-12-01" => (
            Service::Elbv2,
            "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        ),
        "2010-08-01" => (
            Service::CloudWatch,
            "http://monitoring.amazonaws.com/doc/2010-08-01/",
        ),
        "2010-05-08" => (Service::Iam, "https://iam.amazonaws.com/doc/2010-05-08/"),
        "2011-06-15" => (Service::Sts, "https://sts.amazonaws.com/doc/2011-06-15/"),
        _ => {
            let protocol = Protocol::Query("");
            return Err(Refusal {
                protocol,
                error: protocol.unknown_operation(format!(
                    "Could not find operation {operation} for version {version}: the sandbox \
                     implements ELBv2 (2015-12-01), CloudWatch (2010-08-01), IAM (2010-05-08) \
                     and STS (2011-06-15)"
                )),
            });
        }
    };
    Ok(Call {
        protocol: Protocol::Query(namespace),
        service,
        operation,
        input: Ok(Value::Object(input)),
    })
}

/// What a form's dotted names stand for.
///
/// `Tags.member.1.Key=a` is `{"Tags": [{"Key": "a"}]}`. Every value is a string, for the form does
/// not say more; an empty list is an empty string.
fn tree(body: &[u8]) -> Map<String, Value> {
    let mut root = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let path: Vec<&str> = name.split('.').collect();
        insert(&mut root, &path, value.into_owned());
    }
    root.into_iter()
        .map(|(name, value)| (name, lists(value)))
        .collect()
}

fn insert(into: &mut Map<String, Value>, path: &[&str], value: String) {
    match path {
        [] => {}
        [last] => {
            into.insert((*last).into(), value.into());
        }
        [first, rest @ ..] => {
            let below = into
                .entry(*first)
                .or_insert_with(|| Value::Object(Map::new()));
            if !below.is_object() {
                *below = Value::Object(Map::new());
            }
            if let Some(below) = below.as_object_mut() {
                insert(below, rest, value);
            }
        }
    }
}

/// Turns `{"member": {"1": a, "2": b}}` into `[a, b]`, all the way down.
fn lists(value: Value) -> Value {
    let Value::Object(mut members) = value else {
        return value;
    };
    if members.len() == 1
        && let Some(Value::Object(numbered)) = members.get_mut("member")
    {
        let mut items: Vec<(u32, Value)> = std::mem::take(numbered)
            .into_iter()
            .filter_map(|(number, item)| Some((number.parse().ok()?, lists(item))))
            .collect();
        items.sort_by_key(|(number, _)| *number);
        return items.into_iter().map(|(_, item)| item).collect();
    }
    members
        .into_iter()
        .map(|(name, value)| (name, lists(value)))
        .collect()
}

pub(super) fn answer(namespace: &str, operation: &str, output: &Value, request: &str) -> Response {
    let output = xml::members(output);
    let operation = escaped(operation);
    respond(
        StatusCode::OK,
        format!(
            "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{output}\
             </{operation}Result><ResponseMetadata><RequestId>{request}</RequestId>\
             </ResponseMetadata></{operation}Response>"
        ),
    )
}

pub(super) fn error(namespace: &str, error: &ApiError, request: &str) -> Response {
    let told = xml::members(&json!({
        "Type": if error.status < 500 { "Sender" } else { "Receiver" },
        "Code": error.code,
        "Message": error.message,
    }));
    respond(
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
        format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error>{told}</Error>\
             <RequestId>{request}</RequestId></ErrorResponse>"
        ),
    )
}

fn respond(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_become_trees() {
        let table = [
            ("", json!({})),
            ("Name=a%20b&Port=80", json!({ "Name": "a b", "Port": "80" })),
            (
                "Subnets.member.2=b&Subnets.member.1=a",
                json!({ "Subnets": ["a", "b"] }),
            ),
            (
                "Subnets.member.10=j&Subnets.member.9=i",
                json!({ "Subnets": ["i", "j"] }),
            ),
            (
                "Actions.member.1.Type=forward\
                 &Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=t\
                 &Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=3",
                json!({ "Actions": [{
                    "Type": "forward",
                    "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": "t", "Weight": "3" }] },
                }] }),
            ),
            ("Targets=", json!({ "Targets": "" })),
            ("A=1&A.B=2", json!({ "A": { "B": "2" } })),
            ("A.member.x=1", json!({ "A": [] })),
            (
                "%ff=1&=2&....=3",
                json!({ "\u{fffd}": "1", "": { "": { "": { "": { "": "3" } } } } }),
            ),
        ];
        for (form, expected) in table {
            assert_eq!(Value::Object(tree(form.as_bytes())), expected, "{form}");
        }
    }

    #[test]
    fn the_version_says_which_service() {
        let call = read(b"Action=DescribeRules&Version=2015-12-01&ListenerArn=x");
        assert_eq!(
            call,
            Ok(Call {
                protocol: Protocol::Query(
                    "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
                ),
                service: Service::Elbv2,
                operation: "DescribeRules".into(),
                input: Ok(json!({ "ListenerArn": "x" })),
            })
        );
        let refusal = read(b"Action=DescribeVpcs&Version=2016-11-15");
        assert!(
            matches!(&refusal, Err(Refusal { error, .. })
                if error.code == "InvalidAction" && error.message.contains("DescribeVpcs")),
            "{refusal:?}"
        );
    }
}
