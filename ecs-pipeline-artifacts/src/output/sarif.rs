//! SARIF 2.1.0, for code scanning (GitHub, GitLab, Azure DevOps, editors).
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Map, Value, json};

use super::{Shown, documentation_url, help};
use crate::finding::{Finding, Place, Position, Severity, TextEdit};
use crate::rules::{self, Rule};
use crate::validate::{Report, SourceFile};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The findings as a SARIF log with one run, whose rules are all rules that were applied.
#[must_use]
pub fn render(files: &[SourceFile], report: &Report) -> String {
    let shown = Shown::all(files);
    let rules: Vec<_> = rules::all().collect();
    let results = report
        .findings
        .iter()
        .map(|finding| result(&shown, &rules, finding));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ecs-pipeline",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "artifacts": files.iter().map(|file| json!({"location": location(file)})).collect::<Vec<_>>(),
            "results": results.collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.remedy},
        "helpUri": documentation_url(rule),
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": [rule.subject()]},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(shown: &[Shown<'_>], rules: &[&Rule], finding: &Finding) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), finding.rule.id.into());
    let index = rules.iter().position(|rule| *rule == finding.rule);
    result.extend(index.map(|index| ("ruleIndex".to_owned(), index.into())));
    result.insert("level".to_owned(), level(finding.severity()).into());
    let text = format!("{}. {}", finding.message, help(finding));
    result.insert("message".to_owned(), json!({"text": text}));
    result.insert(
        "locations".to_owned(),
        json!([place(shown, &finding.place, None)]),
    );
    if !finding.related.is_empty() {
        let related = finding.related.iter();
        let related = related.map(|(at, message)| place(shown, at, Some(message)));
        result.insert("relatedLocations".to_owned(), related.collect());
    }
    result.extend(fixes(shown, finding).map(|fixes| ("fixes".to_owned(), fixes)));
    Value::Object(result)
}

fn place(shown: &[Shown<'_>], place: &Place, message: Option<&str>) -> Value {
    let mut physical = Map::new();
    if let Some(shown) = shown.get(place.file) {
        let mut location = location(shown.file);
        location.insert("index".to_owned(), place.file.into());
        physical.insert("artifactLocation".to_owned(), location.into());
    }
    physical.insert("region".to_owned(), region(place.start, place.end));
    let mut location = Map::new();
    location.insert("physicalLocation".to_owned(), physical.into());
    if !place.path.is_empty() {
        let logical = json!([{"fullyQualifiedName": place.path}]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    location.extend(message.map(|text| ("message".to_owned(), json!({"text": text}))));
    location.into()
}

/// SARIF's end column is exclusive, too.
fn region(start: Position, end: Position) -> Value {
    json!({
        "startLine": start.line, "startColumn": start.column,
        "endLine": end.line, "endColumn": end.column,
    })
}

fn fixes(shown: &[Shown<'_>], finding: &Finding) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    let shown = shown.get(finding.place.file)?;
    let replacement = |edit: &TextEdit| {
        json!({
            "deletedRegion": region(shown.position(edit.span.start), shown.position(edit.span.end)),
            "insertedContent": {"text": edit.replacement},
        })
    };
    let replacements: Vec<_> = shown.edits(fix)?.iter().map(replacement).collect();
    // The schema wants at least one.
    (!replacements.is_empty()).then(|| {
        json!([{
            "description": {"text": fix.title},
            "artifactChanges": [{"artifactLocation": location(shown.file), "replacements": replacements}],
        }])
    })
}

fn location(file: &SourceFile) -> Map<String, Value> {
    Map::from_iter([("uri".to_owned(), uri(file.name()).into())])
}

/// A path as a relative or absolute URI reference.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path).replace('\\', "/");
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let mut uri = scheme.to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
