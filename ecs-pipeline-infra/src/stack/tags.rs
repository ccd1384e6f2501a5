//! The tags of everything.

use crate::options::Options;
use crate::problem::Problems;

/// AWS's limits ("Tag naming limits and requirements", Tagging AWS Resources User Guide): 50 tags of a
/// resource, keys of 128 characters, values of 256, `aws:` for AWS alone.
const MOST: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// What the templates write themselves.
const OWN: [&str; 2] = ["application", "Name"];

pub(super) fn check(options: &Options, problems: &mut Problems) {
    let tags = &options.tags;
    if tags.len() + OWN.len() > MOST {
        let have = tags.len();
        problems.add(
            "infra.tags",
            format!(
                "a resource has at most {MOST} tags, and to {have} of yours come {}",
                OWN.join(" and ")
            ),
            "write fewer",
        );
    }
    for (key, value) in tags {
        if let Some(trouble) = trouble(key, value) {
            problems.add(format!("infra.tags.{key}"), trouble, "change the tag");
        }
    }
}

fn trouble(key: &str, value: &str) -> Option<String> {
    if OWN.contains(&key) {
        return Some(format!("{key} is a tag that everything has already"));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Some("tags that begin with aws: are AWS's own".to_owned());
    }
    let (key_length, value_length) = (key.chars().count(), value.chars().count());
    if key_length == 0 || key_length > LONGEST_KEY {
        return Some(format!(
            "a key has 1 to {LONGEST_KEY} characters, and this has {key_length}"
        ));
    }
    if value_length > LONGEST_VALUE {
        return Some(format!(
            "a value has at most {LONGEST_VALUE} characters, and this has {value_length}"
        ));
    }
    let is_taken = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let bad = key.chars().chain(value.chars()).find(|c| !is_taken(*c));
    bad.map(|bad| format!("not every service takes {bad:?} in a tag"))
}
