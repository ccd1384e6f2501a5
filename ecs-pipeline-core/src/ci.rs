//! Where a build comes from: its commit, branch and number, as the CI system's variables tell.
//!
//! [`TABLE`] says which variable is read for what, and in which order. What is set by hand goes over
//! everything else.
//!
//! ```
//! use ecs_pipeline_core::ci::Source;
//!
//! let source = Source::read(|name| match name {
//!     "GIT_COMMIT" => Some("8f4c1f0b1e2d3c4b5a69788796a5b4c3d2e1f001".to_owned()),
//!     "BRANCH_NAME" => Some("feature/checkout".to_owned()),
//!     "BUILD_NUMBER" => Some("42".to_owned()),
//!     _ => None,
//! });
//! assert_eq!(source.tag().as_deref(), Some("feature-checkout-8f4c1f0b1e2d-42"));
//! ```

use std::fmt;

/// CodeBuild's variable for what it was asked to build: a commit, a branch, a pull request, or the version
/// of an object in S3.
const SOURCE_VERSION: &str = "CODEBUILD_SOURCE_VERSION";

/// CodeBuild's variable for what that came to.
const RESOLVED: &str = "CODEBUILD_RESOLVED_SOURCE_VERSION";

/// How much of a commit's name is in a tag.
const COMMIT_DIGITS: usize = 12;

/// A tag has at most 128 characters: the rest is the commit's and the build's.
/// (OCI distribution specification, "Pulling manifests".)
const BRANCH_CHARACTERS: usize = 80;

/// What is known about a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fact {
    /// The commit that is built.
    Commit,
    /// The branch that it is on.
    Branch,
    /// The number of the pull request that it belongs to.
    PullRequest,
    /// The number of the build.
    Build,
    /// What tells this run of the pipeline from every other one.
    Run,
    /// The image's tag, in place of the one that is made of the others.
    Tag,
}

/// Where a fact is read: the first variable that says it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The fact.
    pub fact: Fact,
    /// The variable to set it by hand.
    pub by_hand: &'static str,
    /// CodeBuild's variables. (CodeBuild user guide, "Environment variables in build environments".)
    pub codebuild: &'static [&'static str],
    /// The variables of Jenkins and of its Git plugin.
    pub jenkins: &'static [&'static str],
}

/// Which variables are read for what.
pub const TABLE: &[Row] = &[
    Row {
        fact: Fact::Commit,
        by_hand: "ECS_PIPELINE_COMMIT",
        codebuild: &[
            "CODEBUILD_RESOLVED_SOURCE_VERSION",
            "CODEBUILD_SOURCE_VERSION",
        ],
        jenkins: &["GIT_COMMIT"],
    },
    Row {
        fact: Fact::Branch,
        by_hand: "ECS_PIPELINE_BRANCH",
        codebuild: &[
            "CODEBUILD_WEBHOOK_HEAD_REF",
            "CODEBUILD_WEBHOOK_TRIGGER",
            "CODEBUILD_SOURCE_VERSION",
        ],
        jenkins: &["CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"],
    },
    Row {
        fact: Fact::PullRequest,
        by_hand: "ECS_PIPELINE_PULL_REQUEST",
        codebuild: &["CODEBUILD_WEBHOOK_TRIGGER", "CODEBUILD_SOURCE_VERSION"],
        jenkins: &["CHANGE_ID"],
    },
    Row {
        fact: Fact::Build,
        by_hand: "ECS_PIPELINE_BUILD_NUMBER",
        codebuild: &["CODEBUILD_BUILD_NUMBER"],
        jenkins: &["BUILD_NUMBER"],
    },
    Row {
        fact: Fact::Run,
        by_hand: "ECS_PIPELINE_RUN",
        codebuild: &["CODEBUILD_BUILD_ID"],
        jenkins: &["BUILD_URL", "BUILD_TAG"],
    },
    Row {
        fact: Fact::Tag,
        by_hand: "ECS_PIPELINE_TAG",
        codebuild: &[],
        jenkins: &[],
    },
];

/// What the CI system tells about a build; `None` for what it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The commit, as far as it is one: a version of an S3 source is not.
    pub commit: Option<String>,
    /// The branch, without `refs/heads/` or the remote's name.
    pub branch: Option<String>,
    /// The number of the pull request.
    pub pull_request: Option<String>,
    /// The number of the build.
    pub build: Option<String>,
    /// What tells this run of the pipeline from every other one.
    pub run: Option<String>,
    /// The tag that was set by hand.
    tag: Option<String>,
}

impl Source {
    /// Reads the variables of [`TABLE`]. An empty one is as good as none.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |fact| Row::of(fact)?.first(&variable);
        Self {
            commit: first(Fact::Commit),
            branch: first(Fact::Branch),
            pull_request: first(Fact::PullRequest),
            build: first(Fact::Build),
            run: first(Fact::Run),
            tag: first(Fact::Tag),
        }
    }

    /// The image's tag: `BRANCH-COMMIT-BUILD`, of which what is unknown is left out; for a pull
    /// request `pr-NUMBER` is its branch, since a fork may have a branch of any name. `None` where
    /// neither commit nor build is known: a branch alone would name another image tomorrow.
    #[must_use]
    pub fn tag(&self) -> Option<String> {
        if let Some(tag) = &self.tag {
            return Some(tag.clone());
        }
        if self.commit.is_none() && self.build.is_none() {
            return None;
        }
        let request = self.pull_request.as_ref();
        let request = request.map(|number| format!("pr-{number}"));
        let branch = request.or_else(|| self.branch.clone());
        let branch = branch.map(|branch| in_a_tag(&branch, BRANCH_CHARACTERS));
        let commit = self.commit.as_deref().map(short);
        let commit = commit.map(|commit| in_a_tag(&commit, 24));
        let build = self.build.as_ref().map(|build| in_a_tag(build, 20));
        let parts: Vec<String> = [branch, commit, build]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        Some(parts.join("-"))
    }

    /// The same with what was asked elsewhere, such as of `git`, where the variables do not tell.
    #[must_use]
    pub fn or(mut self, commit: Option<String>, branch: Option<String>) -> Self {
        self.commit = self.commit.or(commit);
        self.branch = self.branch.or(branch);
        self
    }
}

/// For people: `commit 8f4c1f0b1e2d, branch main, build 42`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commit = self.commit.as_deref().map(short);
        let facts = [
            ("commit", &commit),
            ("branch", &self.branch),
            ("pull request", &self.pull_request),
            ("build", &self.build),
        ];
        let known: Vec<String> = facts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)))
            .collect();
        match known.is_empty() {
            true => f.write_str("neither commit, branch nor build number"),
            false => f.write_str(&known.join(", ")),
        }
    }
}

impl Row {
    fn of(fact: Fact) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.fact == fact)
    }

    /// The variables in the order in which they count.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.by_hand)
            .chain(self.codebuild.iter().copied())
            .chain(self.jenkins.iter().copied())
    }

    fn first(&self, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
        self.variables().find_map(|name| {
            let value = variable(name)?;
            let value = value.trim();
            match name == self.by_hand {
                _ if value.is_empty() => None,
                true => Some(self.fact.by_hand(value)),
                // A plain name beside what is no commit is the version of an object in S3.
                false if name == SOURCE_VERSION && !value.starts_with("refs/heads/") => {
                    let resolved = variable(RESOLVED).is_some_and(|value| is_commit(&value));
                    let is_plain = self.fact == Fact::Branch && !resolved;
                    self.fact.read(value).filter(|_| !is_plain)
                }
                false => self.fact.read(value),
            }
        })
    }
}

impl Fact {
    /// What somebody says about the fact is taken as it is, but for a branch's whole name.
    fn by_hand(self, value: &str) -> String {
        let branch = (self == Self::Branch).then(|| value.strip_prefix("refs/heads/"));
        branch.flatten().unwrap_or(value).to_owned()
    }

    /// What a system's variable says about the fact. One variable may hold several things:
    /// CodeBuild's source version is a commit, a branch, a pull request, or an object in S3.
    fn read(self, value: &str) -> Option<String> {
        match self {
            Self::Commit => is_commit(value).then(|| value.to_owned()),
            Self::Branch => branch(value),
            Self::PullRequest => pull_request(value),
            Self::Build | Self::Run | Self::Tag => Some(value.to_owned()),
        }
    }
}

/// A commit in few digits, with what `git describe` says behind it, such as `-dirty`.
fn short(commit: &str) -> String {
    let (name, rest) = commit.split_at(commit.find('-').unwrap_or(commit.len()));
    let digits: String = name.chars().take(COMMIT_DIGITS).collect();
    digits + rest
}

/// A name of Git's for a commit, whole or cut: hexadecimal.
fn is_commit(value: &str) -> bool {
    (7..=64).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn branch(value: &str) -> Option<String> {
    let name = ["refs/heads/", "branch/", "origin/"]
        .into_iter()
        .find_map(|prefix| value.strip_prefix(prefix));
    if let Some(name) = name {
        return Some(name.to_owned());
    }
    let other = value.starts_with("refs/")
        || value.starts_with("pr/")
        || value.starts_with("tag/")
        || value.starts_with("arn:")
        || is_commit(value);
    (!other).then(|| value.to_owned())
}

/// CodeBuild calls it `pr/12`, and Jenkins `12`.
fn pull_request(value: &str) -> Option<String> {
    let number = value.strip_prefix("pr/").unwrap_or(value);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.to_owned())
}

/// What a tag can hold of a text: letters, digits, `_`, `.` and `-`, the first of them none of the
/// last two.
fn in_a_tag(text: &str, longest: usize) -> String {
    let mut tag = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => tag.push(character),
            _ if tag.ends_with('-') => {}
            _ => tag.push('-'),
        }
    }
    let tag = tag.trim_matches(['-', '.']);
    let cut: String = tag.chars().take(longest).collect();
    cut.trim_end_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "8f4c1f0b1e2d3c4b5a69788796a5b4c3d2e1f001";

    fn of(pairs: &[(&str, &str)]) -> Source {
        Source::read(|name| {
            let found = pairs.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn tags_tell_branch_commit_and_build() {
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>);
        let table: &[Case<'_>] = &[
            (&[], None),
            (&[("BRANCH_NAME", "main")], None),
            (&[("BUILD_NUMBER", "7")], Some("7")),
            (&[("GIT_COMMIT", COMMIT)], Some("8f4c1f0b1e2d")),
            (
                &[
                    ("GIT_COMMIT", COMMIT),
                    ("GIT_BRANCH", "origin/main"),
                    ("BUILD_NUMBER", "42"),
                ],
                Some("main-8f4c1f0b1e2d-42"),
            ),
            (
                &[
                    ("GIT_COMMIT", COMMIT),
                    ("BRANCH_NAME", "PR-12"),
                    ("CHANGE_BRANCH", "main"),
                    ("CHANGE_ID", "12"),
                ],
                Some("pr-12-8f4c1f0b1e2d"),
            ),
            (
                &[("GIT_COMMIT", COMMIT), ("BRANCH_NAME", "fix/über uns")],
                Some("fix-ber-uns-8f4c1f0b1e2d"),
            ),
            (
                &[
                    ("CODEBUILD_RESOLVED_SOURCE_VERSION", COMMIT),
                    ("CODEBUILD_SOURCE_VERSION", "refs/heads/release/2"),
                    ("CODEBUILD_BUILD_NUMBER", "5"),
                ],
                Some("release-2-8f4c1f0b1e2d-5"),
            ),
            (
                &[
                    ("CODEBUILD_RESOLVED_SOURCE_VERSION", COMMIT),
                    ("CODEBUILD_SOURCE_VERSION", "pr/12"),
                ],
                Some("pr-12-8f4c1f0b1e2d"),
            ),
            // A pipeline whose source is an object in S3 has a version that is no commit.
            (
                &[
                    (
                        "CODEBUILD_RESOLVED_SOURCE_VERSION",
                        "3/L4kqtJlcpXroDTDmJ+rmSp",
                    ),
                    ("CODEBUILD_SOURCE_VERSION", "arn:aws:s3:::b/p/Source/x.zip"),
                    ("CODEBUILD_BUILD_NUMBER", "5"),
                ],
                Some("5"),
            ),
            (
                &[
                    ("CODEBUILD_RESOLVED_SOURCE_VERSION", "L4kqtJlcpXroDTDmJ"),
                    ("CODEBUILD_SOURCE_VERSION", "L4kqtJlcpXroDTDmJ"),
                    ("CODEBUILD_BUILD_NUMBER", "7"),
                ],
                Some("7"),
            ),
            (
                &[
                    ("CODEBUILD_RESOLVED_SOURCE_VERSION", COMMIT),
                    ("CODEBUILD_SOURCE_VERSION", "main"),
                ],
                Some("main-8f4c1f0b1e2d"),
            ),
            (
                &[
                    ("ECS_PIPELINE_COMMIT", "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"),
                    ("ECS_PIPELINE_BRANCH", "refs/heads/main"),
                ],
                Some("main-3-L4kqtJlcpX"),
            ),
            (
                &[("ECS_PIPELINE_TAG", "v1.2.3"), ("BUILD_NUMBER", "7")],
                Some("v1.2.3"),
            ),
            (
                &[("ECS_PIPELINE_BUILD_NUMBER", "9"), ("BUILD_NUMBER", "7")],
                Some("9"),
            ),
            (
                &[("ECS_PIPELINE_COMMIT", ""), ("GIT_COMMIT", COMMIT)],
                Some("8f4c1f0b1e2d"),
            ),
        ];
        for (pairs, tag) in table {
            assert_eq!(of(pairs).tag().as_deref(), *tag, "{pairs:?}");
        }
    }

    #[test]
    fn a_tag_never_grows_too_long() {
        let long = "x/".repeat(200);
        let tag = of(&[("BRANCH_NAME", &long), ("GIT_COMMIT", COMMIT)]).tag();
        assert!(tag.is_some_and(|tag| tag.len() <= 128));
    }

    #[test]
    fn a_commit_with_changes_says_so() {
        let source = Source::default().or(Some("8f4c1f0b1e2d3c4b-dirty".to_owned()), None);
        assert_eq!(source.tag().as_deref(), Some("8f4c1f0b1e2d-dirty"));
    }

    #[test]
    fn what_is_known_is_told() {
        let source = of(&[("GIT_COMMIT", COMMIT), ("BUILD_NUMBER", "7")]);
        assert_eq!(source.to_string(), "commit 8f4c1f0b1e2d, build 7");
        assert!(of(&[]).to_string().starts_with("neither"));
    }

    #[test]
    fn the_documentation_has_every_variable() {
        let page = include_str!("../../docs/configuration.md");
        for row in TABLE {
            let cell = |names: &[&str]| match names {
                [] => "–".to_owned(),
                names => names
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            let line = format!(
                "| `{}` | {} | {} |",
                row.by_hand,
                cell(row.codebuild),
                cell(row.jenkins)
            );
            assert!(page.contains(&line), "docs/configuration.md lacks {line}");
        }
    }
}
