//! `buildspec.yml`, versions 0.1 and 0.2: what CodeBuild runs, and what it hands on.
//!
//! Everything but `batch` is read. (CodeBuild user guide, "Build specification reference".)

use std::fmt;

use crate::document::DocumentKind;
use crate::finding::Finding;
use crate::source::{Format, Node, Text, Tree};
use crate::validate::{Options, SourceFile, validate};

/// A build specification.
///
/// ```
/// use ecs_pipeline_artifacts::build_spec::{BuildSpec, PhaseName};
///
/// let spec = BuildSpec::parse("
/// version: 0.2
/// env:
///   variables: {IMAGE: shop}
/// phases:
///   build:
///     on-failure: ABORT
///     commands: [docker build -t $IMAGE .]
/// ")?;
/// let build = spec.phase(PhaseName::Build).unwrap();
/// assert_eq!(build.commands, ["docker build -t $IMAGE ."]);
/// assert_eq!(spec.env.variables[0].1.as_str(), "shop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildSpec {
    /// Whether each command has a shell of its own, as in version 0.1, or all share one.
    pub version: Version,
    /// The Linux user that runs the commands.
    pub run_as: Option<String>,
    /// Environment variables and the shell.
    pub env: Env,
    /// What goes through a proxy.
    pub proxy: Proxy,
    /// The phases that are there, in the order in which they run.
    pub phases: Vec<Phase>,
    /// Report groups.
    pub reports: Vec<ReportGroup>,
    /// What is handed on.
    pub artifacts: Option<Artifacts>,
    /// What is kept for the next build.
    pub cache: Option<Cache>,
}

/// The version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Each command in its own shell.
    V0_1,
    /// All commands in one shell.
    V0_2,
}

/// The phases that a build specification may have, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseName {
    /// Installs tools.
    Install,
    /// Before the build, such as signing in to a registry.
    PreBuild,
    /// The build.
    Build,
    /// After the build; it runs after a failed build too.
    PostBuild,
}

impl PhaseName {
    /// Every phase, in the order in which they run.
    pub const ALL: [Self; 4] = [Self::Install, Self::PreBuild, Self::Build, Self::PostBuild];

    /// The name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::PreBuild => "pre_build",
            Self::Build => "build",
            Self::PostBuild => "post_build",
        }
    }
}

impl fmt::Display for PhaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phase {
    /// Which one.
    pub name: PhaseName,
    /// The Linux user, where it is not the build's.
    pub run_as: Option<String>,
    /// What happens after a failed command; CodeBuild's default for the phase where it is not said.
    pub on_failure: Option<OnFailure>,
    /// Of `install`: the runtimes to select, with their versions.
    pub runtime_versions: Vec<(String, String)>,
    /// Run one after the other, until one fails.
    pub commands: Vec<String>,
    /// Run afterwards, whether `commands` failed or not.
    pub finally: Vec<String>,
}

/// What happens after a failed phase.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// The build ends.
    Abort,
    /// The next phase runs.
    Continue,
    /// The build is tried again.
    Retry {
        /// How often; 3 where it is not said.
        attempts: u32,
        /// Only where the failure's text matches this.
        pattern: Option<String>,
    },
}

impl OnFailure {
    /// Reads `ABORT`, `CONTINUE`, `RETRY`, `RETRY-5`, `RETRY-pattern` or `RETRY-5-pattern`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ABORT" => return Some(Self::Abort),
            "CONTINUE" => return Some(Self::Continue),
            "RETRY" => {
                return Some(Self::Retry {
                    attempts: 3,
                    pattern: None,
                });
            }
            _ => {}
        }
        let rest = text
            .strip_prefix("RETRY-")
            .filter(|rest| !rest.is_empty())?;
        let (first, pattern) = match rest.split_once('-') {
            Some((first, pattern)) => (first, Some(pattern)),
            None => (rest, None),
        };
        let digits = first.bytes().all(|byte| byte.is_ascii_digit()) && !first.is_empty();
        if !digits {
            return Some(Self::Retry {
                attempts: 3,
                pattern: Some(rest.to_owned()),
            });
        }
        let attempts = first.parse().ok().filter(|attempts| *attempts <= 100)?;
        Some(Self::Retry {
            attempts,
            pattern: pattern.map(str::to_owned),
        })
    }
}

/// The environment of the commands. Variables that a build is started with, and then those of the
/// project, come before these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Env {
    /// The shell that runs the commands.
    pub shell: Option<String>,
    /// Variables in plain text, in file order.
    pub variables: Vec<(String, EnvValue)>,
    /// Variables, each with the name of its Parameter Store parameter.
    pub parameter_store: Vec<(String, String)>,
    /// Variables, each with its Secrets Manager reference: `id:json-key:version-stage:version-id`.
    pub secrets_manager: Vec<(String, String)>,
    /// Variables that the pipeline's later stages get.
    pub exported_variables: Vec<String>,
    /// Whether CodeBuild's Git credential helper is used.
    pub git_credential_helper: bool,
}

/// The value of a variable. It may be a secret, so it is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvValue(String);

impl EnvValue {
    /// The value itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EnvValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvValue(…)")
    }
}

/// What goes through an explicit proxy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proxy {
    /// The upload of artifacts.
    pub upload_artifacts: bool,
    /// The logs.
    pub logs: bool,
}

/// Test or coverage reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportGroup {
    /// Name or ARN of the report group.
    pub name: String,
    /// Patterns of the files.
    pub files: Vec<String>,
    /// Where the patterns begin.
    pub base_directory: Option<String>,
    /// Whether the files go without their directories.
    pub discard_paths: bool,
    /// Such as `JUNITXML`, which is the default.
    pub file_format: Option<String>,
}

/// Files that are handed on as one artifact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Artifacts {
    /// Patterns of the files.
    pub files: Vec<String>,
    /// The artifact's name; shell text.
    pub name: Option<String>,
    /// Whether the files go without their directories.
    pub discard_paths: bool,
    /// Where the patterns begin, and the artifact's top.
    pub base_directory: Option<String>,
    /// Patterns of files to leave out.
    pub exclude_paths: Vec<String>,
    /// Whether symbolic links are kept.
    pub enable_symlinks: bool,
    /// A prefix in the bucket.
    pub s3_prefix: Option<String>,
    /// Further artifacts by their identifier; these have none in turn.
    pub secondary: Vec<(String, Artifacts)>,
}

/// What is kept for the next build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cache {
    /// The key under which it is kept.
    pub key: Option<String>,
    /// Keys to look for when there is nothing under `key`.
    pub fallback_keys: Vec<String>,
    /// `restore` or `save`, where only one of them is done.
    pub action: Option<String>,
    /// What is kept.
    pub paths: Vec<String>,
}

/// Why a build specification cannot be used: all that is wrong with it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", first_error(.findings))]
#[non_exhaustive]
pub struct BuildSpecError {
    /// Everything that was found, in file order, warnings too; at least one is an error.
    pub findings: Vec<Finding>,
}

fn first_error(findings: &[Finding]) -> String {
    let mut errors = findings
        .iter()
        .filter(|finding| finding.severity() == crate::finding::Severity::Error);
    let Some(first) = errors.next() else {
        return "this is no build specification".to_owned();
    };
    let more = match errors.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    format!("line {}: {}{more}", first.place.start.line, first.message)
}

impl BuildSpec {
    /// Reads a build specification, and checks it with every rule.
    ///
    /// # Errors
    ///
    /// With all findings, where one of them is an error.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, BuildSpecError> {
        let file =
            SourceFile::new("buildspec.yml", text.as_ref()).with_kind(DocumentKind::BuildSpec);
        let report = validate(&[file], &Options::default());
        if report.has_errors() {
            return Err(BuildSpecError {
                findings: report.findings,
            });
        }
        let text = Text::new(text.as_ref(), Format::Yaml);
        let tree = text.parse();
        let reader = Reader {
            text: text.as_str(),
            tree: &tree,
        };
        tree.root
            .as_ref()
            .map(|root| reader.build_spec(root))
            .ok_or(BuildSpecError {
                findings: report.findings,
            })
    }

    /// A phase, if it is there.
    #[must_use]
    pub fn phase(&self, name: PhaseName) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }
}

/// Reads a tree in which no rule found an error.
struct Reader<'t> {
    text: &'t str,
    tree: &'t Tree<'t>,
}

impl Reader<'_> {
    fn build_spec(&self, root: &Node<'_>) -> BuildSpec {
        let old = self
            .text_of(root, "version")
            .is_some_and(|version| version == "0.1");
        BuildSpec {
            version: if old { Version::V0_1 } else { Version::V0_2 },
            run_as: self.text_of(root, "run-as"),
            env: root.get("env").map(|env| self.env(env)).unwrap_or_default(),
            proxy: root
                .get("proxy")
                .map(|proxy| self.proxy(proxy))
                .unwrap_or_default(),
            phases: self.phases(root),
            reports: self.reports(root),
            artifacts: root
                .present("artifacts")
                .map(|artifacts| self.artifacts(artifacts)),
            cache: root.present("cache").map(|cache| self.cache(cache)),
        }
    }

    /// A plain value as it stands in the file: an unquoted `1.10` is not 1.1.
    fn scalar(&self, node: &Node<'_>) -> Option<String> {
        if let Some(text) = node.as_str() {
            return Some(text.to_owned());
        }
        let plain = node.items().is_empty() && node.members().is_empty() && !node.is_null();
        let place = self.tree.place(node.id).filter(|_| plain)?;
        self.text.get(place.value.clone()).map(str::to_owned)
    }

    fn text_of(&self, node: &Node<'_>, name: &str) -> Option<String> {
        self.scalar(node.get(name)?)
    }

    fn flag(&self, node: &Node<'_>, name: &str) -> bool {
        let value = self.text_of(node, name).unwrap_or_default();
        matches!(value.to_ascii_lowercase().as_str(), "yes" | "true")
    }

    /// A list, or one value for a list of one.
    fn list(&self, node: &Node<'_>, name: &str) -> Vec<String> {
        let Some(list) = node.get(name) else {
            return Vec::new();
        };
        if list.items().is_empty() {
            return self.scalar(list).into_iter().collect();
        }
        list.items()
            .iter()
            .filter_map(|item| self.scalar(item))
            .collect()
    }

    fn pairs(&self, node: &Node<'_>, name: &str) -> Vec<(String, String)> {
        let members = node.get(name).map(Node::members).unwrap_or_default().iter();
        let pair = |member: &crate::source::Member<'_>| {
            let value = self.scalar(&member.node).unwrap_or_default();
            (member.name.clone().into_owned(), value)
        };
        members.map(pair).collect()
    }

    fn env(&self, env: &Node<'_>) -> Env {
        let variables = self.pairs(env, "variables").into_iter();
        Env {
            shell: self.text_of(env, "shell"),
            variables: variables
                .map(|(name, value)| (name, EnvValue(value)))
                .collect(),
            parameter_store: self.pairs(env, "parameter-store"),
            secrets_manager: self.pairs(env, "secrets-manager"),
            exported_variables: self.list(env, "exported-variables"),
            git_credential_helper: self.flag(env, "git-credential-helper"),
        }
    }

    fn proxy(&self, proxy: &Node<'_>) -> Proxy {
        Proxy {
            upload_artifacts: self.flag(proxy, "upload-artifacts"),
            logs: self.flag(proxy, "logs"),
        }
    }

    fn phases(&self, root: &Node<'_>) -> Vec<Phase> {
        let phases = PhaseName::ALL.into_iter().filter_map(|name| {
            let phase = root.get("phases")?.get_any_case(name.as_str())?;
            Some(Phase {
                name,
                run_as: self.text_of(phase, "run-as"),
                on_failure: self
                    .text_of(phase, "on-failure")
                    .and_then(|text| OnFailure::parse(&text)),
                runtime_versions: self.pairs(phase, "runtime-versions"),
                commands: self.list(phase, "commands"),
                finally: self.list(phase, "finally"),
            })
        });
        phases.collect()
    }

    fn reports(&self, root: &Node<'_>) -> Vec<ReportGroup> {
        let members = root
            .get("reports")
            .map(Node::members)
            .unwrap_or_default()
            .iter();
        let group = |member: &crate::source::Member<'_>| ReportGroup {
            name: member.name.clone().into_owned(),
            files: self.list(&member.node, "files"),
            base_directory: self.text_of(&member.node, "base-directory"),
            discard_paths: self.flag(&member.node, "discard-paths"),
            file_format: self.text_of(&member.node, "file-format"),
        };
        members.map(group).collect()
    }

    fn artifacts(&self, node: &Node<'_>) -> Artifacts {
        let secondary = node.get("secondary-artifacts").map(Node::members);
        let secondary = secondary.unwrap_or_default().iter();
        Artifacts {
            secondary: secondary
                .map(|member| {
                    (
                        member.name.clone().into_owned(),
                        self.artifact(&member.node),
                    )
                })
                .collect(),
            ..self.artifact(node)
        }
    }

    fn artifact(&self, node: &Node<'_>) -> Artifacts {
        Artifacts {
            files: self.list(node, "files"),
            name: self.text_of(node, "name"),
            discard_paths: self.flag(node, "discard-paths"),
            base_directory: self.text_of(node, "base-directory"),
            exclude_paths: self.list(node, "exclude-paths"),
            enable_symlinks: self.flag(node, "enable-symlinks"),
            s3_prefix: self.text_of(node, "s3-prefix"),
            secondary: Vec::new(),
        }
    }

    fn cache(&self, cache: &Node<'_>) -> Cache {
        Cache {
            key: self.text_of(cache, "key"),
            fallback_keys: self.list(cache, "fallback-keys"),
            action: self.text_of(cache, "action"),
            paths: self.list(cache, "paths"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn all_of_it_is_read() {
        let spec = BuildSpec::parse(
            "version: 0.2\nrun-as: builder\nenv:\n  shell: bash\n  variables: {V: 1.10, W: yes}\n  \
             parameter-store: {P: /p}\n  secrets-manager: {S: 'id:key'}\n  exported-variables: [V]\n  \
             git-credential-helper: yes\nproxy: {upload-artifacts: yes, logs: no}\nphases:\n  \
             post_build: {commands: [b, 3], finally: [c]}\n  install:\n    runtime-versions: {nodejs: 20}\n    \
             on-failure: RETRY-2-no space\n    run-as: root\n    commands: |\n      a\n      b\n\
             reports:\n  unit: {files: ['**/*'], base-directory: t, discard-paths: yes, file-format: JUNITXML}\n\
             artifacts:\n  files: [a.json]\n  name: n\n  discard-paths: yes\n  base-directory: b\n  \
             exclude-paths: x\n  enable-symlinks: yes\n  s3-prefix: p\n  secondary-artifacts:\n    \
             two: {files: ['b']}\ncache: {key: k, fallback-keys: [f], action: save, paths: [p]}\n",
        )
        .unwrap();
        let [install, post_build] = &spec.phases[..] else {
            panic!("{:?}", spec.phases)
        };
        assert_eq!(
            install.runtime_versions,
            [("nodejs".to_owned(), "20".to_owned())]
        );
        let retry = OnFailure::Retry {
            attempts: 2,
            pattern: Some("no space".to_owned()),
        };
        assert_eq!(install.on_failure, Some(retry));
        assert_eq!(install.commands, ["a\nb\n"]);
        assert_eq!(
            (&post_build.commands[..], &post_build.finally[..]),
            (&["b".to_owned(), "3".to_owned()][..], &["c".to_owned()][..])
        );
        let values: Vec<_> = spec
            .env
            .variables
            .iter()
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(values, ["1.10", "yes"]);
        assert!(spec.env.git_credential_helper && spec.proxy.upload_artifacts && !spec.proxy.logs);
        let artifacts = spec.artifacts.as_ref().unwrap();
        assert!(artifacts.discard_paths && artifacts.enable_symlinks);
        assert_eq!(artifacts.exclude_paths, ["x"]);
        assert_eq!(artifacts.secondary[0].1.files, ["b"]);
        assert_eq!(spec.cache.as_ref().unwrap().paths, ["p"]);
        assert_eq!(spec.reports[0].file_format.as_deref(), Some("JUNITXML"));
        assert!(
            !format!("{spec:?}").contains("1.10"),
            "values may be secret"
        );
    }

    #[test]
    fn what_cannot_run_is_refused_with_its_findings() {
        let error = BuildSpec::parse("phases:\n  prebuild: {commands: [a]}\n").unwrap_err();
        assert_eq!(error.findings.len(), 2);
        assert!(error.to_string().ends_with("(and 1 more)"), "{error}");
        assert!(BuildSpec::parse("a: [").is_err());
        assert!(BuildSpec::parse("").is_err());
    }

    #[test]
    fn on_failure() {
        let retry = |attempts, pattern: Option<&str>| {
            Some(OnFailure::Retry {
                attempts,
                pattern: pattern.map(str::to_owned),
            })
        };
        for (text, expected) in [
            ("ABORT", Some(OnFailure::Abort)),
            ("CONTINUE", Some(OnFailure::Continue)),
            ("RETRY", retry(3, None)),
            ("RETRY-100", retry(100, None)),
            ("RETRY-101", None),
            ("RETRY-.*Error.*", retry(3, Some(".*Error.*"))),
            ("RETRY-3-a-b", retry(3, Some("a-b"))),
            ("RETRY-", None),
            ("abort", None),
        ] {
            assert_eq!(OnFailure::parse(text), expected, "{text}");
        }
    }
}
