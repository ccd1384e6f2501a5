//! Our verdict on real task definitions, beside that of botocore's parameter validation: see
//! `CONTRIBUTING.md` for where the files come from.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

use std::collections::BTreeMap;

mod support;

use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::finding::{Finding, Severity};
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use support::{Sample, samples};

/// Rules that find errors of which botocore knows nothing: what ECS refuses, and what no reader reads
/// like another. An error by any other rule in a file that botocore accepts is a false one.
const BEYOND_BOTOCORE: &[&str] = &[
    "duplicate-member",
    "enum-value",
    "inexact-number",
    "taskdef-too-large",
    // What a task definition means, of which botocore knows nothing.
    "awslogs-options",
    "container-incomplete",
    "container-memory-missing",
    "container-name",
    "containers-exceed-task",
    "dependency-cycle",
    "depends-on-condition",
    "duplicate-container",
    "duplicate-port",
    "efs-authorization",
    "environment-file",
    "ephemeral-storage",
    "execution-role-missing",
    "family-name",
    "fargate-cpu-memory",
    "fargate-firelens-config",
    "fargate-log-driver",
    "fargate-network-mode",
    "fargate-task-size",
    "fargate-timeout",
    "fargate-unsupported",
    "firelens-container-missing",
    "health-check-bounds",
    "host-port-mismatch",
    "hostname-in-awsvpc",
    "image-reference",
    "links-outside-bridge",
    "memory-below-reservation",
    "memory-minimum",
    "no-containers",
    "no-essential-container",
    "port-missing",
    "port-name",
    "port-number",
    "port-range",
    "ports-without-network",
    "restart-policy",
    "secret-name-taken",
    "secret-value-from",
    "several-firelens-containers",
    "swap",
    "tags",
    "task-size-form",
    "too-many-containers",
    "too-many-files",
    "ulimit-order",
    "unknown-container",
    "unknown-volume",
    "volume-configuration",
    "volume-name",
];

/// Rules about the form of a file that botocore was only asked about after it was put right.
const FORMS: &[&str] = &[
    "bare-container-list",
    "describe-output",
    "json-syntax",
    "not-utf8",
    "yaml-syntax",
];

/// What botocore says.
struct Verdict {
    /// It was not asked: the file is no task definition, or could not be read.
    asked: bool,
    /// Where the task definition stands that it was asked about, as our paths have it.
    inside: Inside,
    complaints: Vec<Complaint>,
    nulls: usize,
}

#[derive(Clone, Copy)]
enum Inside {
    Document,
    /// The value of `taskDefinition`.
    Wrapper,
    /// A bare list, as if it were `containerDefinitions`.
    List,
}

#[derive(Debug)]
struct Complaint {
    kind: Kind,
    /// In our document.
    path: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Unknown,
    Null,
    Missing,
    Type,
    Other,
}

impl Verdict {
    fn of(column: &str) -> Self {
        let prefixes = [
            ("lenient: ", Inside::Document),
            ("inner: ", Inside::Wrapper),
            ("as-containerDefinitions: ", Inside::List),
        ];
        let prefixed = prefixes
            .into_iter()
            .find_map(|(prefix, inside)| Some((column.strip_prefix(prefix)?, inside)));
        let (text, inside) = prefixed.unwrap_or((column, Inside::Document));
        let parts: Vec<_> = text
            .split(" | ")
            .filter(|part| !matches!(*part, "ok" | "n/a"))
            .collect();
        Self {
            asked: text != "n/a",
            inside,
            nulls: parts.iter().copied().map(nulls).sum(),
            complaints: parts
                .into_iter()
                .flat_map(complaints)
                .map(|(kind, path)| Complaint {
                    kind,
                    path: inside.path(&path),
                })
                .collect(),
        }
    }

    fn accepts(&self) -> bool {
        self.asked && self.complaints.is_empty()
    }
}

impl Inside {
    fn path(self, path: &str) -> String {
        match self {
            Self::Document => path.to_owned(),
            Self::Wrapper => format!("taskDefinition.{path}"),
            Self::List => path.trim_start_matches("containerDefinitions").to_owned(),
        }
    }
}

/// `unknown: a.b`, `null(2): a,b`, `missing: input.a`, `type: a is str, want int`, or botocore's own
/// words: `Invalid length for parameter a, value: …`.
fn complaints(text: &str) -> Vec<(Kind, String)> {
    let (head, rest) = text.split_once(' ').unwrap_or((text, ""));
    let one = |kind, path: &str| vec![(kind, path.trim_end_matches(',').to_owned())];
    match head {
        "unknown:" => one(Kind::Unknown, rest),
        "missing:" => one(Kind::Missing, rest.strip_prefix("input.").unwrap_or(rest)),
        "type:" => one(Kind::Type, rest.split_once(" is ").expect("a type").0),
        _ if head.starts_with("null(") => {
            let paths: Vec<_> = rest
                .split(',')
                .map(|path| (Kind::Null, path.to_owned()))
                .collect();
            // Of many, only the first are listed.
            assert!(paths.len() <= nulls(text), "{text}");
            paths
        }
        _ => {
            // In words that name no parameter, it is of the document.
            let path = text.split_once(" parameter ").map(|(_, path)| path);
            one(
                Kind::Other,
                path.and_then(|path| path.split(' ').next())
                    .unwrap_or_default(),
            )
        }
    }
}

/// How many there are: `null(2): …`.
fn nulls(text: &str) -> usize {
    let count = text
        .strip_prefix("null(")
        .and_then(|rest| rest.split(')').next());
    count.map_or(0, |count| count.parse().expect("a count"))
}

impl Complaint {
    /// Whether we say the same, at the same place.
    fn is_answered_by(&self, finding: &Finding) -> bool {
        let at = |path: &str| finding.place.path == path;
        let parent = |path: &str| {
            path.rsplit_once('.')
                .map_or("", |(parent, _)| parent)
                .to_owned()
        };
        match (self.kind, finding.rule.id) {
            // One for the whole document.
            (Kind::Unknown | Kind::Missing, "pascal-case") => true,
            (Kind::Unknown, "unknown-member" | "read-only-member") => at(&self.path),
            (Kind::Missing, "missing-member") => {
                let name = self.path.rsplit('.').next().unwrap_or_default();
                at(&parent(&self.path)) && finding.message.ends_with(&format!("no `{name}`"))
            }
            (Kind::Null, "null-member") | (Kind::Type, "wrong-type") => at(&self.path),
            (Kind::Other, _) if self.path.is_empty() => is_error(&finding),
            (Kind::Other, "length" | "number-range" | "missing-member") => at(&self.path),
            _ => false,
        }
    }
}

fn findings(sample: &Sample) -> Vec<Finding> {
    let name = sample.file.rsplit("__").next().unwrap_or(&sample.file);
    // The endings of templates and backups, too, are JSON here.
    let name = match name.rsplit_once('.') {
        Some((_, "yaml" | "yml")) => name.to_owned(),
        _ => format!("{name}.json"),
    };
    let file = SourceFile::new(name, &sample.bytes).with_kind(DocumentKind::TaskDefinition);
    validate(&[file], &Options::default()).findings
}

fn is_error(finding: &&Finding) -> bool {
    finding.severity() == Severity::Error
}

/// Our errors that botocore should have found too.
fn unexplained(sample: &Sample, verdict: &Verdict, findings: &[Finding]) -> Vec<String> {
    let is_form = |id: &str| {
        FORMS.contains(&id) && !(sample.parses && matches!(verdict.inside, Inside::Document))
    };
    let errors = findings.iter().filter(is_error);
    errors
        .filter(|found| !BEYOND_BOTOCORE.contains(&found.rule.id) && !is_form(found.rule.id))
        // To Python, true is an integer.
        .filter(|found| {
            !found
                .message
                .ends_with("must be an integer, and is a boolean")
        })
        .map(|found| {
            format!(
                "{} at {:?}: {}",
                found.rule.id, found.place.path, found.message
            )
        })
        .collect()
}

/// What botocore says and we do not.
fn unanswered<'v>(verdict: &'v Verdict, findings: &[Finding]) -> Vec<&'v Complaint> {
    // Of bytes that are not UTF-8 nothing more is read than that.
    if findings.iter().any(|found| found.rule.id == "not-utf8") {
        return Vec::new();
    }
    let complaints = verdict.complaints.iter();
    complaints
        .filter(|complaint| !findings.iter().any(|found| complaint.is_answered_by(found)))
        .collect()
}

#[test]
fn we_accept_what_botocore_accepts_and_find_what_it_finds() {
    let Some(samples) = samples("taskdef") else {
        return;
    };
    let mut matrix: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for sample in &samples {
        let verdict = Verdict::of(&sample.botocore);
        let findings = findings(sample);
        let ours = match findings.iter().filter(is_error).count() {
            0 => "we accept",
            _ => "we refuse",
        };
        let theirs = match (sample.parses, verdict.asked, verdict.accepts()) {
            (_, false, _) => "not asked",
            (true, _, true) => "botocore accepts",
            (false, _, true) => "botocore accepts it mended",
            (_, _, false) => "botocore refuses",
        };
        *matrix.entry((theirs, ours)).or_default() += 1;
        if verdict.accepts() {
            let beyond = findings.iter().filter(is_error).map(|found| found.rule.id);
            let beyond: Vec<_> = beyond.filter(|id| !FORMS.contains(id)).collect();
            if !beyond.is_empty() {
                eprintln!("{} ({}): {beyond:?}", sample.file, sample.variant);
            }
            for error in unexplained(sample, &verdict, &findings) {
                disagreements.push(format!(
                    "{}: botocore accepts, and we say: {error}",
                    sample.file
                ));
            }
        }
        for complaint in unanswered(&verdict, &findings) {
            disagreements.push(format!(
                "{}: botocore says, and we do not: {complaint:?}",
                sample.file
            ));
        }
        let nulls = findings
            .iter()
            .filter(|found| found.rule.id == "null-member")
            .count();
        let read = !findings.iter().any(|found| found.rule.id == "not-utf8");
        if read && nulls < verdict.nulls {
            disagreements.push(format!(
                "{}: botocore counts {} nulls, and we {nulls}",
                sample.file, verdict.nulls
            ));
        }
        let must_refuse = !sample.parses || !matches!(verdict.inside, Inside::Document);
        if must_refuse && ours == "we accept" {
            disagreements.push(format!(
                "{} ({}): we accept it",
                sample.file, sample.variant
            ));
        }
    }
    for ((theirs, ours), count) in &matrix {
        eprintln!("{count:5}  {theirs}, {ours}");
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[test]
fn complaints_are_read() {
    let verdict = Verdict::of(
        "lenient: unknown: a.b | null(2): c,d[0].e | missing: input.family | type: f[1] is str, want int \
         | Invalid length for parameter tags[0].key, value: 0, valid min length: 1",
    );
    let read = verdict.complaints.iter();
    let read: Vec<_> = read.map(|it| (it.kind, it.path.as_str())).collect();
    assert_eq!(
        read,
        [
            (Kind::Unknown, "a.b"),
            (Kind::Null, "c"),
            (Kind::Null, "d[0].e"),
            (Kind::Missing, "family"),
            (Kind::Type, "f[1]"),
            (Kind::Other, "tags[0].key"),
        ]
    );
    let inner = Verdict::of("inner: unknown: revision");
    assert_eq!(inner.complaints[0].path, "taskDefinition.revision");
    let list = Verdict::of("as-containerDefinitions: unknown: containerDefinitions[0].x");
    assert_eq!(list.complaints[0].path, "[0].x");
    assert!(Verdict::of("inner: ok").accepts() && !Verdict::of("n/a").accepts());
}
