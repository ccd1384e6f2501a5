//! Every rule over a set of files.

use std::collections::HashMap;

use crate::commands::Script;
use crate::document::{DocumentKind, format_of_name};
use crate::finding::{Finding, Fix, Invalid, Place, Severity};
use crate::mask::message;
use crate::place::Placer;
use crate::rules::{
    self, Check, FileSet, Findings, RawFinding, build_spec::BuildSpec,
    task_definition::TaskDefinition,
};
use crate::source::{Format, Node, Text, Tree};

/// A file to look at.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    kind: Option<DocumentKind>,
    text: Text,
}

impl SourceFile {
    /// A file with the name under which it is reported. The name also tells whether it is JSON or
    /// YAML and, where it is one of the usual names, what it is; otherwise the content does.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        let name = name.into();
        let kind = DocumentKind::of_name(&name);
        Self {
            kind,
            text: Text::new(bytes.as_ref(), format(&name, kind, bytes.as_ref())),
            name,
        }
    }

    /// Says what the file is, whatever its name and content look like.
    #[must_use]
    pub fn with_kind(mut self, kind: DocumentKind) -> Self {
        let format = format(&self.name, Some(kind), self.text().as_bytes());
        self.kind = Some(kind);
        self.text = self.text.in_format(format);
        self
    }

    /// The name that was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark. Where the bytes are not UTF-8, what can be shown of them.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// What the text says, as far as it can be read.
    pub(crate) fn tree(&self) -> Tree<'_> {
        self.text.parse()
    }

    /// How it is written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.text.format()
    }

    /// The whole file, with its byte order mark.
    #[must_use]
    pub fn contents(&self) -> String {
        let mark = if self.has_byte_order_mark() {
            "\u{FEFF}"
        } else {
            ""
        };
        format!("{mark}{}", self.text())
    }

    pub(crate) fn has_byte_order_mark(&self) -> bool {
        self.text.has_byte_order_mark()
    }

    /// Whether the text is all that the file has.
    pub(crate) fn is_text(&self) -> bool {
        self.text.is_readable()
    }

    /// The same file with another text.
    pub(crate) fn with_text(&self, text: Text) -> Self {
        Self {
            name: self.name.clone(),
            kind: self.kind,
            text,
        }
    }
}

/// How a file is written: as its kind is, as its name says, or else as it begins.
fn format(name: &str, kind: Option<DocumentKind>, bytes: &[u8]) -> Format {
    let by_kind = kind.and_then(DocumentKind::format);
    by_kind.or_else(|| format_of_name(name)).unwrap_or_else(|| {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            Some(b'{' | b'[') => Format::Json,
            _ => Format::Yaml,
        }
    })
}

/// What is known beside the files.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// The CodePipeline action that will read the files.
    pub action: Option<DeployAction>,
}

/// CodePipeline's two ways to ECS; each reads other files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeployAction {
    /// "Amazon ECS": a rolling update, from `imagedefinitions.json`.
    Ecs,
    /// "Amazon ECS (Blue/Green)": CodeDeploy, from `appspec.yaml`, `taskdef.json` and `imageDetail.json`.
    CodeDeployToEcs,
}

/// What was found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// All findings, by file and then in file order.
    pub findings: Vec<Finding>,
    /// What each file was taken for; `None` where nothing could be made of it.
    pub kinds: Vec<Option<DocumentKind>>,
}

impl Report {
    /// Whether AWS would refuse one of the files.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity() == Severity::Error)
    }
}

/// A file as the rules see it.
pub(crate) struct Parsed<'t> {
    pub(crate) name: &'t str,
    pub(crate) kind: Option<DocumentKind>,
    pub(crate) text: &'t Text,
    pub(crate) tree: Tree<'t>,
}

/// Looks at the files with every rule, each on its own and all together.
///
/// ```
/// use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
///
/// let files = [SourceFile::new(
///     "taskdef.json",
///     r#"{"family": "shop", "revision": 7, "containerDefinitions": [{"name": "web", "image": "shop:1", "memory": 128}]}"#,
/// )];
/// let report = validate(&files, &Options::default());
/// let finding = &report.findings[0];
/// assert_eq!(finding.rule.id, "read-only-member");
/// assert_eq!((finding.place.start.line, finding.place.path.as_str()), (1, "revision"));
/// ```
#[must_use]
pub fn validate(files: &[SourceFile], options: &Options) -> Report {
    let files: Vec<_> = files.iter().map(parse).collect();
    let mut found = check(&files, options);
    cap(&mut found);
    Report {
        findings: place(&files, found),
        kinds: files.iter().map(|file| file.kind).collect(),
    }
}

/// Makes a value of a file that no rule calls an error. `build` may find more that keeps it from that.
pub(crate) fn read<T>(
    name: &str,
    kind: DocumentKind,
    bytes: &[u8],
    build: impl FnOnce(&Node<'_>, &mut Vec<RawFinding>) -> Option<T>,
) -> Result<T, Invalid> {
    let file = SourceFile::new(name, bytes).with_kind(kind);
    let files = [parse(&file)];
    let mut found = check(&files, &Options::default());
    found.retain(|finding| finding.rule.severity == Severity::Error);
    let [Parsed { tree, .. }] = &files;
    let root = tree.root.as_ref().filter(|_| found.is_empty());
    let value = root.and_then(|root| build(root, &mut found));
    value.filter(|_| found.is_empty()).ok_or_else(|| {
        cap(&mut found);
        Invalid {
            findings: place(&files, found),
        }
    })
}

/// As [`validate`], with every finding.
pub(crate) fn validate_all(files: &[SourceFile], options: &Options) -> Vec<Finding> {
    let files: Vec<_> = files.iter().map(parse).collect();
    place(&files, check(&files, options))
}

/// How many findings of a rule in a file are told: whoever has more wants to know the first, and how
/// many there are.
const MOST: usize = 200;

fn cap(found: &mut Vec<RawFinding>) {
    if found.len() <= MOST {
        return;
    }
    // By rule and file: how many there are, and where the last stands that is told.
    let mut counts: HashMap<(&str, usize), (usize, usize)> = HashMap::new();
    let mut told: Vec<RawFinding> = Vec::new();
    for finding in found.drain(..) {
        let key = (finding.rule.id, finding.target.file);
        let (count, last) = counts.entry(key).or_default();
        *count += 1;
        if *count <= MOST {
            *last = told.len();
            told.push(finding);
        }
    }
    for (count, last) in counts.into_values().filter(|(count, _)| *count > MOST) {
        if let Some(finding) = told.get_mut(last) {
            finding
                .message
                .push_str(&format!(" (and {} more of this rule)", count - MOST));
        }
    }
    *found = told;
}

fn check(files: &[Parsed<'_>], options: &Options) -> Vec<RawFinding> {
    let mut found = Vec::new();
    for (index, file) in files.iter().enumerate() {
        check_text(index, file, &mut found);
        if let (Some(kind), Some(root)) = (file.kind, &file.tree.root) {
            check_file(index, file, kind, root, &mut found);
        }
    }
    check_together(files, options, &mut found);
    found
}

fn parse(file: &SourceFile) -> Parsed<'_> {
    let tree = file.tree();
    let content = tree.root.as_ref().and_then(DocumentKind::of_content);
    Parsed {
        name: &file.name,
        kind: file.kind.or(content),
        text: &file.text,
        tree,
    }
}

fn check_text(index: usize, file: &Parsed<'_>, found: &mut Vec<RawFinding>) {
    rules::syntax::report(index, file, found);
}

fn check_file(
    index: usize,
    file: &Parsed<'_>,
    kind: DocumentKind,
    root: &Node<'_>,
    found: &mut Vec<RawFinding>,
) {
    let taskdef =
        (kind == DocumentKind::TaskDefinition).then(|| TaskDefinition::in_file(file, root));
    let build_spec = (kind == DocumentKind::BuildSpec).then(|| BuildSpec::of(root));
    let own = match kind {
        DocumentKind::Jenkinsfile => Some(Script::of_jenkinsfile(root)),
        DocumentKind::ShellScript => Some(Script::of_shell_script(root)),
        _ => None,
    };
    let script = build_spec.as_ref().map(BuildSpec::script).or(own.as_ref());
    for rule in rules::all() {
        let findings = &mut Findings::new(rule, index, found);
        match (rule.check, kind) {
            (Check::TaskDefinition(check), _) => {
                if let Some(taskdef) = taskdef.as_ref().filter(|it| it.form.is_whole()) {
                    check(taskdef, findings);
                }
            }
            (Check::TaskDefinitionShape(check), _) => {
                if let Some(taskdef) = &taskdef {
                    check(taskdef, findings);
                }
            }
            (Check::BuildSpec(check), _) => {
                if let Some(build_spec) = &build_spec {
                    check(build_spec, findings);
                }
            }
            (Check::Commands(check), _) => {
                if let Some(script) = script {
                    check(script, findings);
                }
            }
            (Check::AppSpec(check), DocumentKind::AppSpec)
            | (Check::ImageDefinitions(check), DocumentKind::ImageDefinitions)
            | (Check::ImageDetail(check), DocumentKind::ImageDetail)
            | (Check::Pipeline(check), DocumentKind::Pipeline) => check(root, findings),
            _ => {}
        }
    }
}

fn check_together(files: &[Parsed<'_>], options: &Options, found: &mut Vec<RawFinding>) {
    let set = FileSet::new(files, options);
    for rule in rules::all() {
        if let Check::Across(check) = rule.check {
            check(&set, &mut Findings::new(rule, 0, found));
        }
    }
}

/// Gives findings their places, in file order. Every text passes through the mask of URLs here, on its way
/// to whatever shows it.
fn place(files: &[Parsed<'_>], found: Vec<RawFinding>) -> Vec<Finding> {
    if found.is_empty() {
        return Vec::new();
    }
    let placers: Vec<_> = files.iter().map(Placer::new).collect();
    let at = |target: &rules::Target| -> Option<Place> {
        Some(placers.get(target.file)?.place(target.file, &target.part))
    };
    let findings = found.into_iter().filter_map(|raw| {
        let placer = placers.get(raw.target.file)?;
        let related = raw.related.into_iter();
        Some(Finding {
            rule: raw.rule,
            message: message(raw.message),
            place: at(&raw.target)?,
            related: related
                .filter_map(|(target, label)| Some((at(&target)?, message(label))))
                .collect(),
            help: raw.help.map(message),
            fix: raw.fix.and_then(|(title, changes)| {
                let title = message(title);
                placer.edits(&changes).map(|edits| Fix { title, edits })
            }),
        })
    });
    let mut findings: Vec<_> = findings.collect();
    findings.sort_by_key(|finding| (finding.place.file, finding.place.span.start));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_findings_of_a_rule_the_first_are_told_and_how_many_more() {
        let links = vec!["\"x\""; 20_000].join(",");
        let text = format!(
            r#"{{"family": "f", "containerDefinitions": [{{"name": "a", "image": "a:1", "memory": 9, "links": [{links}]}}]}}"#
        );
        let files = [
            SourceFile::new("taskdef.json", &text),
            SourceFile::new("b/taskdef.json", &text),
        ];
        let found = validate(&files, &Options::default()).findings;
        for file in 0..2 {
            let of =
                |found: &&Finding| found.rule.id == "unknown-container" && found.place.file == file;
            let told: Vec<_> = found.iter().filter(of).collect();
            assert_eq!(told.len(), 200);
            let more: Vec<_> = told
                .iter()
                .map(|found| found.message.contains("and 19800 more"))
                .collect();
            assert_eq!(more.iter().position(|more| *more), Some(199));
        }
        assert!(validate_all(&files, &Options::default()).len() >= 40_000);
    }
}
