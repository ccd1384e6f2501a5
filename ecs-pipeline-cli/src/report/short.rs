//! AWS's texts with its names cut to what people need; the JSON output has them whole.

/// A task's id is 32 hexadecimal digits: as with commits, the first ones tell them apart.
const ID_SHOWN: usize = 8;

/// Cuts ARNs to names and task ids to their beginning, and leaves out the service that an event
/// begins with: a run is about one service.
pub(crate) fn short(text: &str) -> String {
    let text = match text.strip_prefix("(service ") {
        Some(rest) => rest.split_once(") ").map_or(text, |(_, rest)| rest),
        None => text,
    };
    let mut shortened = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '(', ')', ',', '[', ']', '"', '\'', '\n']) {
        let end = word.trim_end_matches([' ', '(', ')', ',', '[', ']', '"', '\'', '\n', '.', ':']);
        shortened.push_str(short_word(end));
        shortened.push_str(word.get(end.len()..).unwrap_or_default());
    }
    shortened
}

fn short_word(word: &str) -> &str {
    if let Some(resource) = resource_of(word) {
        return resource;
    }
    let is_id = word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { beginning(word) } else { word }
}

/// The name in an ARN of what a deployment is about. Others, such as a role's, are left whole:
/// somebody has to write them into a policy.
fn resource_of(word: &str) -> Option<&str> {
    let resource = word.strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
    let parts: Vec<&str> = resource.split('/').collect();
    match parts.as_slice() {
        ["targetgroup", name, _] | ["loadbalancer", "app", name, _] => Some(name),
        ["task", _, id] => Some(beginning(id)),
        ["task-definition", revision] => Some(revision),
        _ => None,
    }
}

fn beginning(id: &str) -> &str {
    id.get(..ID_SHOWN).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_to_what_people_need() {
        let table = [
            (
                "(service web) has started 2 tasks: (task 690ed476743aae49774615d7b1a1f2e1) (task df268adeb65133562098eb73d4367d77).",
                "has started 2 tasks: (task 690ed476) (task df268ade).",
            ),
            (
                "(service web) registered 1 targets in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/53cb9f0c747ea2ea)",
                "registered 1 targets in (target-group web)",
            ),
            (
                "(service web) (deployment ecs-svc/4504985774214511021) deployment completed.",
                "(deployment ecs-svc/4504985774214511021) deployment completed.",
            ),
            (
                "arn:aws:ecs:us-east-1:1:task/c/690ed476743aae49774615d7b1a1f2e1: arn:aws:ecs:us-east-1:1:task-definition/web:2.",
                "690ed476: web:2.",
            ),
            (
                "allow iam:PassRole on arn:aws:iam::1:role/execution",
                "allow iam:PassRole on arn:aws:iam::1:role/execution",
            ),
            ("it has 32 digits: 1234", "it has 32 digits: 1234"),
        ];
        for (text, expected) in table {
            assert_eq!(short(text), expected);
        }
    }
}
