//! CloudWatch Logs: what containers with the `awslogs` driver wrote.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ApiError, Time, World};

/// Log groups, their streams, and the streams' events.
#[derive(Debug, Default)]
pub(super) struct Logs {
    groups: BTreeMap<String, Group>,
}

#[derive(Debug)]
struct Group {
    created: u64,
    streams: BTreeMap<String, Stream>,
}

#[derive(Debug)]
struct Stream {
    created: u64,
    events: Vec<Event>,
}

#[derive(Debug, Clone)]
struct Event {
    /// Milliseconds since the epoch, as the writer has it.
    timestamp: u64,
    ingested: u64,
    message: String,
}

impl Logs {
    /// Appends a line. ECS calls this for containers whose log driver is `awslogs`; the stream is
    /// `PREFIX/CONTAINER/TASK-ID`, and is created with its first line. Without the group the line
    /// is lost.
    pub(super) fn append(&mut self, now: Time, group: &str, stream: &str, line: String) {
        let now = millis(now);
        let Some(group) = self.groups.get_mut(group) else {
            return;
        };
        let stream = group
            .streams
            .entry(stream.into())
            .or_insert_with(|| Stream::new(now));
        stream.events.push(Event {
            timestamp: now,
            ingested: now,
            message: line,
        });
    }

    /// Whether the log group exists. A task whose group is missing cannot start, unless
    /// `awslogs-create-group` is set.
    pub(super) fn has_group(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// Creates the group where it is missing (`awslogs-create-group`).
    pub(super) fn ensure_group(&mut self, now: Time, group: &str) {
        self.groups.entry(group.into()).or_insert_with(|| Group {
            created: millis(now),
            streams: BTreeMap::new(),
        });
    }

    fn group(&mut self, input: &Value) -> Result<&mut Group, ApiError> {
        // A log group may be named by its ARN as well.
        let name = match text(input, "logGroupName") {
            Some(name) => name,
            None => {
                let identifier = required(input, "logGroupIdentifier")?;
                let name = identifier.rsplit(":log-group:").next();
                name.unwrap_or(identifier).trim_end_matches(":*")
            }
        };
        self.groups
            .get_mut(name)
            .ok_or_else(|| not_found("The specified log group does not exist."))
    }

    fn stream(&mut self, input: &Value) -> Result<&mut Stream, ApiError> {
        let name = required(input, "logStreamName")?;
        self.group(input)?
            .streams
            .get_mut(name)
            .ok_or_else(|| not_found("The specified log stream does not exist."))
    }
}

impl Stream {
    fn new(created: u64) -> Self {
        Self {
            created,
            events: Vec::new(),
        }
    }

    fn described(&self, name: &str, arn: String) -> Value {
        let mut told = json!({
            "logStreamName": name,
            "creationTime": self.created,
            "arn": arn,
            "storedBytes": 0,
        });
        if let (Some(first), Some(last), Some(members)) = (
            self.events.first(),
            self.events.last(),
            told.as_object_mut(),
        ) {
            members.insert("firstEventTimestamp".into(), first.timestamp.into());
            members.insert("lastEventTimestamp".into(), last.timestamp.into());
            members.insert("lastIngestionTime".into(), last.ingested.into());
        }
        told
    }
}

impl World {
    pub(super) fn call_logs(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        match operation {
            "CreateLogGroup" => self.create_log_group(&input),
            "DeleteLogGroup" => self.delete_log_group(&input),
            "DescribeLogGroups" => self.describe_log_groups(&input),
            "CreateLogStream" => self.create_log_stream(&input),
            "DescribeLogStreams" => self.describe_log_streams(&input),
            "PutLogEvents" => self.put_log_events(&input),
            "GetLogEvents" => get_log_events(self.logs.stream(&input)?, &input),
            "FilterLogEvents" => filter_log_events(self.logs.group(&input)?, &input),
            other => Err(ApiError::not_implemented("CloudWatch Logs", other)),
        }
    }

    fn create_log_group(&mut self, input: &Value) -> Result<Value, ApiError> {
        let name = required(input, "logGroupName")?;
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-/.#".contains(letter);
        if name.is_empty() || name.len() > 512 || !name.chars().all(allowed) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
            )));
        }
        if self.logs.has_group(name) {
            return Err(exists("The specified log group already exists"));
        }
        self.logs.ensure_group(self.now, name);
        Ok(json!({}))
    }

    fn delete_log_group(&mut self, input: &Value) -> Result<Value, ApiError> {
        self.logs.group(input)?;
        self.logs.groups.remove(required(input, "logGroupName")?);
        Ok(json!({}))
    }

    fn describe_log_groups(&self, input: &Value) -> Result<Value, ApiError> {
        let prefix = text(input, "logGroupNamePrefix").unwrap_or_default();
        let pattern = text(input, "logGroupNamePattern").unwrap_or_default();
        let groups = self
            .logs
            .groups
            .iter()
            .filter(|(name, _)| name.starts_with(prefix) && name.contains(pattern))
            .map(|(name, group)| {
                json!({
                    "logGroupName": name,
                    "creationTime": group.created,
                    "metricFilterCount": 0,
                    "arn": self.arns.logs(&format!("log-group:{name}:*")),
                    "logGroupArn": self.arns.logs(&format!("log-group:{name}")),
                    "storedBytes": 0,
                    "logGroupClass": "STANDARD",
                })
            })
            .collect();
        page("logGroups", groups, input, 50)
    }

    fn create_log_stream(&mut self, input: &Value) -> Result<Value, ApiError> {
        let now = millis(self.now);
        let name = required(input, "logStreamName")?;
        if name.is_empty() || name.len() > 512 || name.contains([':', '*']) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{name}' at 'logStreamName' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: [^:*]*"
            )));
        }
        let group = self.logs.group(input)?;
        if group.streams.contains_key(name) {
            return Err(exists("The specified log stream already exists"));
        }
        group.streams.insert(name.into(), Stream::new(now));
        Ok(json!({}))
    }

    fn describe_log_streams(&mut self, input: &Value) -> Result<Value, ApiError> {
        let prefix = text(input, "logStreamNamePrefix").unwrap_or_default();
        let group_name = text(input, "logGroupName").unwrap_or_default().to_owned();
        let arns = &self.arns;
        let group = self.logs.group(input)?;
        let mut streams: Vec<(&String, &Stream)> = group
            .streams
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .collect();
        if text(input, "orderBy") == Some("LastEventTime") {
            streams.sort_by_key(|(_, stream)| stream.events.last().map(|event| event.timestamp));
        }
        if flag(input, "descending") {
            streams.reverse();
        }
        let streams = streams
            .into_iter()
            .map(|(name, stream)| {
                let arn = arns.logs(&format!("log-group:{group_name}:log-stream:{name}"));
                stream.described(name, arn)
            })
            .collect();
        page("logStreams", streams, input, 50)
    }

    fn put_log_events(&mut self, input: &Value) -> Result<Value, ApiError> {
        let now = millis(self.now);
        let events = list(input, "logEvents")
            .iter()
            .map(|event| {
                Ok(Event {
                    timestamp: number(event, "timestamp")
                        .ok_or_else(|| invalid("timestamp must be a number"))?,
                    ingested: now,
                    message: required(event, "message")?.to_owned(),
                })
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        if events
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.timestamp > b.timestamp))
        {
            return Err(ApiError::client(
                "InvalidParameterException",
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        let stream = self.logs.stream(input)?;
        stream.events.extend(events);
        stream.events.sort_by_key(|event| event.timestamp);
        Ok(json!({ "nextSequenceToken": stream.events.len().to_string() }))
    }
}

/// A page of a stream, oldest event first.
///
/// As in AWS, both tokens always come; the end is reached when a token that was passed in comes
/// back. A token is `f/N` or `b/N`: forward from event N, or back from it.
fn get_log_events(stream: &Stream, input: &Value) -> Result<Value, ApiError> {
    let limit = limit(input, 10_000)?;
    let events: Vec<&Event> = stream
        .events
        .iter()
        .filter(|event| within(event, input))
        .collect();
    let (from, to) = match text(input, "nextToken").map(token).transpose()? {
        Some(("f", at)) => (at, at.saturating_add(limit)),
        Some((_, at)) => (at.saturating_sub(limit), at),
        None if flag(input, "startFromHead") => (0, limit),
        None => (events.len().saturating_sub(limit), events.len()),
    };
    let to = to.min(events.len());
    let from = from.min(to);
    let page: Vec<Value> = events
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .map(|event| {
            json!({
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested,
            })
        })
        .collect();
    Ok(json!({
        "events": page,
        "nextForwardToken": format!("f/{to:056}"),
        "nextBackwardToken": format!("b/{from:056}"),
    }))
}

fn token(token: &str) -> Result<(&str, usize), ApiError> {
    token
        .split_once('/')
        .filter(|(direction, _)| matches!(*direction, "f" | "b"))
        .and_then(|(direction, at)| Some((direction, at.parse().ok()?)))
        .ok_or_else(|| {
            ApiError::client(
                "InvalidParameterException",
                "The specified nextToken is invalid.",
            )
        })
}

/// Events of several streams in the order of their time. A filter pattern is one word or quoted
/// phrase that the message must contain.
fn filter_log_events(group: &Group, input: &Value) -> Result<Value, ApiError> {
    let names: Vec<&str> = list(input, "logStreamNames")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let prefix = text(input, "logStreamNamePrefix").unwrap_or_default();
    let pattern = text(input, "filterPattern").unwrap_or_default().trim();
    let wanted = pattern.trim_matches('"');
    if wanted == pattern && pattern.contains([' ', '{', '[', '?', '%', '-']) {
        return Err(ApiError::not_implemented(
            "CloudWatch Logs",
            &format!("FilterLogEvents with the filter pattern {pattern}"),
        ));
    }
    if names.iter().any(|name| !group.streams.contains_key(*name)) {
        return Err(not_found("The specified log stream does not exist."));
    }
    let mut found: Vec<(&Event, usize, &String)> = group
        .streams
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()))
        .filter(|(name, _)| name.starts_with(prefix))
        .flat_map(|(name, stream)| {
            let numbered = stream.events.iter().enumerate();
            numbered.map(move |(at, event)| (event, at, name))
        })
        .filter(|(event, ..)| within(event, input) && event.message.contains(wanted))
        .collect();
    found.sort_by_key(|(event, ..)| event.timestamp);
    let events = found
        .into_iter()
        .map(|(event, at, name)| {
            json!({
                "logStreamName": name,
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested,
                "eventId": format!("{}{at:020}", event.timestamp),
            })
        })
        .collect();
    let mut answer = page("events", events, input, 10_000)?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("searchedLogStreams".into(), json!([]));
    }
    Ok(answer)
}

/// `startTime` counts, `endTime` does not: as AWS says of both.
fn within(event: &Event, input: &Value) -> bool {
    number(input, "startTime").is_none_or(|start| start <= event.timestamp)
        && number(input, "endTime").is_none_or(|end| event.timestamp < end)
}

/// A page of a list; `nextToken` is where the next one starts.
fn page(name: &str, items: Vec<Value>, input: &Value, most: usize) -> Result<Value, ApiError> {
    let limit = limit(input, most)?;
    let from: usize = text(input, "nextToken")
        .map(|token| {
            token.parse().map_err(|_| {
                ApiError::client(
                    "InvalidParameterException",
                    "The specified nextToken is invalid.",
                )
            })
        })
        .transpose()?
        .unwrap_or(0);
    let more = items.len() > from.saturating_add(limit);
    let items: Vec<Value> = items.into_iter().skip(from).take(limit).collect();
    let mut answer = serde_json::Map::new();
    answer.insert(name.into(), items.into());
    if more {
        answer.insert("nextToken".into(), (from + limit).to_string().into());
    }
    Ok(Value::Object(answer))
}

fn limit(input: &Value, most: usize) -> Result<usize, ApiError> {
    let Some(limit) = number(input, "limit") else {
        return Ok(most);
    };
    usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy \
                 constraint: Member must have value between 1 and {most}"
            ))
        })
}

fn millis(time: Time) -> u64 {
    u64::try_from(time.since_epoch().as_millis()).unwrap_or(u64::MAX)
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(input, name).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

fn number(input: &Value, name: &str) -> Option<u64> {
    input.get(name).and_then(Value::as_u64)
}

fn flag(input: &Value, name: &str) -> bool {
    input.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn list<'a>(input: &'a Value, name: &str) -> &'a [Value] {
    input
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

fn not_found(message: &str) -> ApiError {
    ApiError::client("ResourceNotFoundException", message)
}

fn exists(message: &str) -> ApiError {
    ApiError::client("ResourceAlreadyExistsException", message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use super::*;
    use crate::world::{Place, Service};

    fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
        world.call(Time::default(), Service::Logs, operation, input)
    }

    fn messages(answer: &Value) -> Vec<&str> {
        list(answer, "events")
            .iter()
            .map(|event| text(event, "message").unwrap())
            .collect()
    }

    fn world_with_lines(count: u64) -> World {
        let mut world = World::new(Place::default(), Time::default());
        call(
            &mut world,
            "CreateLogGroup",
            json!({ "logGroupName": "/g" }),
        )
        .unwrap();
        for second in 0..count {
            let at = Time::from_epoch(Duration::from_secs(second));
            world
                .logs
                .append(at, "/g", "web/app/1", format!("line {second}"));
        }
        world
    }

    #[test]
    fn a_forward_reader_reaches_the_end() {
        let mut world = world_with_lines(5);
        let mut seen = Vec::new();
        let mut input = json!({
            "logGroupName": "/g", "logStreamName": "web/app/1", "startFromHead": true, "limit": 2,
        });
        loop {
            let page = call(&mut world, "GetLogEvents", input.clone()).unwrap();
            seen.extend(messages(&page).into_iter().map(String::from));
            let next = page["nextForwardToken"].clone();
            if input["nextToken"] == next {
                break;
            }
            input["nextToken"] = next;
        }
        assert_eq!(seen, ["line 0", "line 1", "line 2", "line 3", "line 4"]);
        world
            .logs
            .append(Time::default(), "/g", "web/app/1", "new".into());
        let page = call(&mut world, "GetLogEvents", input).unwrap();
        assert_eq!(messages(&page), ["new"], "the last token stays good");
    }

    #[test]
    fn without_a_token_the_newest_come() {
        let mut world = world_with_lines(5);
        let input = json!({ "logGroupName": "/g", "logStreamName": "web/app/1", "limit": 2 });
        let page = call(&mut world, "GetLogEvents", input.clone()).unwrap();
        assert_eq!(messages(&page), ["line 3", "line 4"]);
        let mut back = input;
        back["nextToken"] = page["nextBackwardToken"].clone();
        let page = call(&mut world, "GetLogEvents", back).unwrap();
        assert_eq!(messages(&page), ["line 1", "line 2"]);
    }

    #[test]
    fn events_are_filtered_by_stream_time_and_text() {
        let mut world = world_with_lines(3);
        world
            .logs
            .append(Time::default(), "/g", "web/app/2", "other line".into());
        let table = [
            (json!({}), vec!["line 0", "other line", "line 1", "line 2"]),
            (
                json!({ "logStreamNames": ["web/app/2"] }),
                vec!["other line"],
            ),
            (json!({ "filterPattern": "\"line 1\"" }), vec!["line 1"]),
            (json!({ "filterPattern": "other" }), vec!["other line"]),
            (
                json!({ "startTime": 1000, "endTime": 2000 }),
                vec!["line 1"],
            ),
        ];
        for (mut input, expected) in table {
            input["logGroupName"] = "/g".into();
            let answer = call(&mut world, "FilterLogEvents", input.clone()).unwrap();
            assert_eq!(messages(&answer), expected, "{input}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut world = world_with_lines(0);
        let group = call(
            &mut world,
            "GetLogEvents",
            json!({ "logGroupName": "x", "logStreamName": "s" }),
        );
        assert_eq!(
            group.unwrap_err(),
            not_found("The specified log group does not exist.")
        );
        let stream = call(
            &mut world,
            "GetLogEvents",
            json!({ "logGroupName": "/g", "logStreamName": "s" }),
        );
        assert_eq!(
            stream.unwrap_err(),
            not_found("The specified log stream does not exist.")
        );
        let again = call(
            &mut world,
            "CreateLogGroup",
            json!({ "logGroupName": "/g" }),
        );
        assert_eq!(again.unwrap_err().code, "ResourceAlreadyExistsException");
    }
}
