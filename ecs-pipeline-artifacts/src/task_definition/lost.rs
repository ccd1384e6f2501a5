//! The proof that nothing was lost: what was sent, compared with what AWS says it registered.

use serde_json::{Map, Value};

use super::document::{merge_described, unwrap_description};

/// Lists whose order means nothing to AWS, although their items are plain strings.
const SETS: [&str; 3] = ["requiresCompatibilities", "add", "drop"];

/// A member that did not come back as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Where it is: `containerDefinitions[0].image`.
    pub path: String,
    /// What became of it.
    pub kind: LossKind,
}

/// What became of a member that did not come back as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
    /// It did not come back.
    Missing,
    /// It did not come back, and it was what its absence means as far as is known: `false`, 0, or an
    /// empty text.
    Default,
    /// It came back with another value.
    Changed,
}

/// The paths of members that were sent and did not come back, or came back with another value: those
/// of [`losses`], of every kind.
///
/// ```
/// use ecs_pipeline_artifacts::task_definition::lost_members;
/// use serde_json::json;
///
/// let sent = json!({"family": "shop", "containerDefinitions": [{"name": "web", "novelty": true}]});
/// let got_back = json!({"family": "shop", "revision": 3, "containerDefinitions": [{"name": "web", "cpu": 0}]});
/// assert_eq!(lost_members(&sent, &got_back), ["containerDefinitions[0].novelty"]);
/// ```
#[must_use]
pub fn lost_members(sent: &Value, got_back: &Value) -> Vec<String> {
    losses(sent, got_back)
        .into_iter()
        .map(|loss| loss.path)
        .collect()
}

/// The members that were sent and did not come back, or came back with another value.
///
/// `sent` is the input of `RegisterTaskDefinition`; `got_back` is its response, or that of
/// `DescribeTaskDefinition` with `include = TAGS` (without which no tag comes back), whole or only its
/// `taskDefinition`.
///
/// What AWS does by itself is no loss: it adds defaults and empty lists, drops nulls and empty members,
/// reorders lists of named things such as `environment`, and writes the task's `cpu` and `memory` as
/// numbers of units (`1 vCPU` comes back as `1024`). The order of `command` and other lists of plain
/// values counts.
#[must_use]
pub fn losses(sent: &Value, got_back: &Value) -> Vec<Loss> {
    let mut got_back = got_back.clone();
    if let Some(root) = got_back.as_object_mut()
        && let Some((mut inner, beside)) = unwrap_description(root)
    {
        merge_described(&mut inner, beside);
        got_back = Value::Object(inner);
    }
    let mut lost = Vec::new();
    compare(&mut lost, "", "", sent, Some(&got_back));
    lost
}

/// `member` is the name of the nearest member above, which says how a value is to be understood.
fn compare(lost: &mut Vec<Loss>, path: &str, member: &str, sent: &Value, got: Option<&Value>) {
    match (sent, got) {
        (Value::Null, _) => {}
        (Value::Object(sent), None | Some(Value::Null)) if sent.is_empty() => {}
        (Value::Array(sent), None | Some(Value::Null)) if sent.is_empty() => {}
        (Value::Object(sent), Some(Value::Object(got))) => compare_objects(lost, path, sent, got),
        (Value::Array(sent), Some(Value::Array(got))) => {
            compare_lists(lost, path, member, sent, got)
        }
        (sent, Some(got)) if same_scalar(path, member, sent, got) => {}
        (sent, None | Some(Value::Null)) if is_default(member, sent) => {
            lost.push(Loss::of(path, LossKind::Default));
        }
        (_, None | Some(Value::Null)) => lost.push(Loss::of(path, LossKind::Missing)),
        _ => lost.push(Loss::of(path, LossKind::Changed)),
    }
}

impl Loss {
    fn of(path: &str, kind: LossKind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
        }
    }
}

/// Whether leaving a member out means the same as this value. For these three it does not.
fn is_default(member: &str, sent: &Value) -> bool {
    !matches!(member, "essential" | "swappiness" | "maxSwap")
        && (sent == &Value::Bool(false) || sent.as_f64() == Some(0.0) || sent.as_str() == Some(""))
}

fn compare_objects(
    lost: &mut Vec<Loss>,
    path: &str,
    sent: &Map<String, Value>,
    got: &Map<String, Value>,
) {
    for (member, value) in sent {
        let below = if path.is_empty() {
            member.clone()
        } else {
            format!("{path}.{member}")
        };
        compare(lost, &below, member, value, got.get(member));
    }
}

fn compare_lists(lost: &mut Vec<Loss>, path: &str, member: &str, sent: &[Value], got: &[Value]) {
    let ordered = !sent.iter().all(Value::is_object) && !SETS.contains(&member);
    if ordered && sent.len() != got.len() {
        return lost.push(Loss::of(path, LossKind::Changed));
    }
    let same_order = sent.len() <= got.len()
        && sent
            .iter()
            .zip(got)
            .all(|(sent, got)| is_kept(member, sent, got));
    if same_order {
        return;
    }
    let pairs = if ordered {
        (0..sent.len()).map(Some).collect()
    } else {
        pair_up(member, sent, got)
    };
    for (at, (value, pair)) in sent.iter().zip(pairs).enumerate() {
        compare(
            lost,
            &format!("{path}[{at}]"),
            member,
            value,
            pair.and_then(|pair| got.get(pair)),
        );
    }
}

fn is_kept(member: &str, sent: &Value, got: &Value) -> bool {
    let mut lost = Vec::new();
    // The path only has to be one below the top: see `same_scalar`.
    compare(&mut lost, "[]", member, sent, Some(got));
    lost.is_empty()
}

/// For each sent item the index of the one that came back for it: first as many as possible without
/// loss (a matching in which later items may move earlier ones), then by name, so that what is left
/// is reported member by member.
fn pair_up(member: &str, sent: &[Value], got: &[Value]) -> Vec<Option<usize>> {
    let kept: Vec<Vec<usize>> = sent
        .iter()
        .map(|sent| {
            (0..got.len())
                .filter(|&at| got.get(at).is_some_and(|got| is_kept(member, sent, got)))
                .collect()
        })
        .collect();
    let mut owner = vec![None; got.len()];
    for item in 0..sent.len() {
        assign(item, &kept, &mut owner, &mut vec![false; got.len()]);
    }
    let mut pairs = vec![None; sent.len()];
    for (at, item) in owner.iter().enumerate() {
        if let Some(pair) = item.and_then(|item: usize| pairs.get_mut(item)) {
            *pair = Some(at);
        }
    }
    pair_by_name(sent, got, &mut pairs);
    pairs
}

/// One round of Kuhn's algorithm for bipartite matching.
fn assign(
    item: usize,
    kept: &[Vec<usize>],
    owner: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for &at in kept.get(item).into_iter().flatten() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        let free = owner[at].is_none_or(|other| assign(other, kept, owner, seen));
        if free {
            owner[at] = Some(item);
            return true;
        }
    }
    false
}

fn pair_by_name(sent: &[Value], got: &[Value], pairs: &mut [Option<usize>]) {
    for (at, item) in sent.iter().enumerate() {
        if pairs.get(at).is_some_and(Option::is_none) {
            let free = |candidate: &usize| !pairs.contains(&Some(*candidate));
            let named = (0..got.len())
                .find(|&other| identity(item).is_some() && identity(&got[other]) == identity(item));
            let pair = named
                .filter(free)
                .or_else(|| identity(item).is_none().then_some(at).filter(free));
            pairs[at] = pair;
        }
    }
}

/// What tells one entry of a list from another in ECS's shapes.
fn identity(item: &Value) -> Option<&Value> {
    [
        "name",
        "key",
        "containerName",
        "containerPort",
        "sourceVolume",
        "hostname",
        "namespace",
        "containerPath",
    ]
    .iter()
    .find_map(|member| item.get(member))
}

fn same_scalar(path: &str, member: &str, sent: &Value, got: &Value) -> bool {
    match (sent, got) {
        (Value::Number(sent), Value::Number(got))
            if member == "hostPort" && sent.as_u64() == Some(0) =>
        {
            got.is_u64()
        }
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && !(is_integer(a) && is_integer(b)))
        }
        (Value::String(sent), Value::String(got)) => {
            sent == got
                || (path == member
                    && matches!(member, "cpu" | "memory")
                    && units(sent) == units(got))
                || (matches!(member, "taskRoleArn" | "executionRoleArn")
                    && got.ends_with(&format!(":role/{sent}")))
        }
        (sent, got) => sent == got,
    }
}

fn is_integer(number: &serde_json::Number) -> bool {
    number.is_u64() || number.is_i64()
}

/// A task's `cpu` or `memory` in units or MiB: `1024`, `1 vCPU`, `.5 vcpu`, `2GB`. `None` for what is
/// none of these, in millis to stay exact for halves and quarters.
fn units(text: &str) -> Result<u64, &str> {
    let lower = text.trim().to_ascii_lowercase();
    let (number, factor) = match lower
        .strip_suffix("vcpu")
        .or_else(|| lower.strip_suffix("gb"))
    {
        Some(number) => (number.trim(), 1024.0),
        None => (lower.as_str(), 1.0),
    };
    number
        .parse::<f64>()
        .map(|number| (number * factor * 1000.0).round() as u64)
        .map_err(|_| text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn container(members: Value) -> Value {
        json!({"containerDefinitions": [members]})
    }

    #[test]
    fn what_aws_does_by_itself_is_no_loss() {
        for (sent, got) in [
            (
                json!({"family": "f"}),
                json!({"family": "f", "revision": 1, "volumes": [], "status": "ACTIVE"}),
            ),
            (
                json!({"family": "f", "volumes": [], "x": null, "y": {}}),
                json!({"family": "f"}),
            ),
            (
                json!({"cpu": "1 vCPU", "memory": "2GB"}),
                json!({"cpu": "1024", "memory": "2048"}),
            ),
            (json!({"cpu": ".25 vcpu"}), json!({"cpu": "256"})),
            (
                json!({"requiresCompatibilities": ["EC2", "FARGATE"]}),
                json!({"requiresCompatibilities": ["FARGATE", "EC2"]}),
            ),
            (
                json!({"taskRoleArn": "app"}),
                json!({"taskRoleArn": "arn:aws:iam::123456789012:role/app"}),
            ),
            (
                json!({"volumes": [{"name": "v"}]}),
                json!({"volumes": [{"name": "v", "host": {}}]}),
            ),
            (
                json!({"family": "f", "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}),
                json!({"taskDefinition": {"family": "f"}, "tags": [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]}),
            ),
            (
                container(
                    json!({"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
                ),
                container(
                    json!({"environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}], "cpu": 0}),
                ),
            ),
            (
                container(json!({"portMappings": [{"containerPort": 80, "hostPort": 0}]})),
                container(
                    json!({"portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]}),
                ),
            ),
            // The first also fits the second's place: only a real matching finds that nothing is lost.
            (
                json!({"x": [{"a": 1}, {"a": 1, "b": 2}]}),
                json!({"x": [{"a": 1, "b": 2}, {"a": 1}]}),
            ),
            (json!({"x": 1.0}), json!({"x": 1})),
        ] {
            assert_eq!(lost_members(&sent, &got), [""; 0], "{sent} {got}");
        }
    }

    #[test]
    fn a_loss_is_of_a_kind() {
        use LossKind::{Changed, Default, Missing};
        for (sent, got, kind) in [
            (json!({"a": true}), json!({}), Missing),
            (json!({"a": false}), json!({}), Default),
            (json!({"a": 0}), json!({"a": null}), Default),
            (json!({"essential": false}), json!({}), Missing),
            (json!({"a": "80"}), json!({"a": 80}), Changed),
            (
                json!({"command": ["a", "b"]}),
                json!({"command": ["a"]}),
                Changed,
            ),
        ] {
            let kinds: Vec<_> = losses(&sent, &got)
                .into_iter()
                .map(|loss| loss.kind)
                .collect();
            assert_eq!(kinds, [kind], "{sent} {got}");
        }
    }

    #[test]
    fn what_is_missing_or_changed_is_named() {
        for (sent, got, lost) in [
            (
                json!({"a": {"b": {"c": 1}}}),
                json!({"a": {"b": {}}}),
                vec!["a.b.c"],
            ),
            (json!({"a": 1, "b": false}), json!({"a": 2}), vec!["a", "b"]),
            (json!({"cpu": "1 vCPU"}), json!({"cpu": "512"}), vec!["cpu"]),
            (
                json!({"x": 9007199254740993u64}),
                json!({"x": 9007199254740992u64}),
                vec!["x"],
            ),
            (
                json!({"tags": [{"key": "a", "value": "1"}]}),
                json!({}),
                vec!["tags"],
            ),
            (
                container(json!({"command": ["a", "b"]})),
                container(json!({"command": ["b", "a"]})),
                vec![
                    "containerDefinitions[0].command[0]",
                    "containerDefinitions[0].command[1]",
                ],
            ),
            (
                container(json!({"command": ["a"]})),
                container(json!({"command": ["a", "b"]})),
                vec!["containerDefinitions[0].command"],
            ),
            (
                container(
                    json!({"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
                ),
                container(
                    json!({"environment": [{"name": "B", "value": "3"}, {"name": "A", "value": "1"}]}),
                ),
                vec!["containerDefinitions[0].environment[1].value"],
            ),
            (
                container(json!({"environment": [{"name": "A", "value": "1"}]})),
                container(json!({"environment": []})),
                vec!["containerDefinitions[0].environment[0]"],
            ),
            // Only the task's own cpu and memory have units.
            (
                container(json!({"memory": "1GB"})),
                container(json!({"memory": "1024"})),
                vec!["containerDefinitions[0].memory"],
            ),
            (
                json!({"x": [{"a": 1}, {"a": 1}]}),
                json!({"x": [{"a": 1}]}),
                vec!["x[1]"],
            ),
            (
                json!({"x": [{"q": 1}]}),
                json!({"x": [{"q": 2}]}),
                vec!["x[0].q"],
            ),
        ] {
            assert_eq!(lost_members(&sent, &got), lost, "{sent} {got}");
        }
    }
}
