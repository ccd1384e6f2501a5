//! Annotated text, for people at a terminal or before a CI log.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Counts, Shown, documentation_url, help};
use crate::finding::{Finding, Place, Severity};
use crate::source::Span;
use crate::validate::{Report, SourceFile};

/// How the text is to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Without colour.
    #[default]
    Plain,
    /// With a terminal's colours and links.
    Colour,
}

/// Characters of a line that are shown on either side of what a finding points at.
const REACH: usize = 60;

/// The findings with the lines that they point at, and one line that counts them.
#[must_use]
pub fn render(files: &[SourceFile], report: &Report, style: Style) -> String {
    let shown = Shown::all(files);
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let mut text = String::new();
    for finding in &report.findings {
        let rendered = renderer.render(&[group(&shown, finding, style)]);
        let lines = rendered.lines().filter(|line| !is_empty_origin(line));
        text.extend(lines.flat_map(|line| [line, "\n"]));
        text.push('\n');
    }
    text.push_str(&Counts::of(report).summary(files.len()));
    text.push('\n');
    text
}

/// The place is told apart from the snippet, since the snippet's columns are those of a masked line;
/// what the crate writes for a snippet without a path says nothing then.
fn is_empty_origin(line: &str) -> bool {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, code)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = code.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain.trim() == ":::"
}

fn group<'a>(shown: &[Shown<'a>], finding: &'a Finding, style: Style) -> Group<'a> {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut title = level
        .primary_title(finding.message.as_str())
        .id(finding.rule.id);
    if style == Style::Colour {
        title = title.id_url(documentation_url(finding.rule));
    }
    let mut group = Group::with_title(title);
    group = at(group, shown, &finding.place, AnnotationKind::Primary, None);
    for (place, message) in &finding.related {
        group = at(group, shown, place, AnnotationKind::Context, Some(message));
    }
    group = group.element(Level::HELP.message(help(finding)));
    if let Some(fix) = &finding.fix {
        let text = format!("`ecs-pipeline fix` can do this: {}", fix.title);
        group = group.element(Level::NOTE.message(text));
    }
    group
}

/// Adds where it is, and the line there. The snippet is cut and masked, so it is told its place.
fn at<'a>(
    group: Group<'a>,
    shown: &[Shown<'a>],
    place: &Place,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Group<'a> {
    let Some(file) = shown.get(place.file) else {
        return group;
    };
    let origin = Origin::path(file.file.name());
    let origin = origin
        .line(place.start.line)
        .char_column(place.start.column);
    let masked = file.masked();
    let (line, span) = window(masked.text(), masked.span(&place.span));
    let group = group.element(origin);
    if line.trim().is_empty() {
        return match label {
            Some(label) => group.element(Level::NOTE.message(label)),
            None => group,
        };
    }
    let snippet = Snippet::source(line).line_start(place.start.line);
    group.element(snippet.annotation(kind.span(span).label(label)))
}

/// The line in which a span begins, cut to what is near it, and the part of the span that is there.
fn window(text: &str, span: Span) -> (String, Span) {
    let before = text.get(..span.start).unwrap_or(text);
    let (cut_before, near) = last(before, REACH);
    let (newline, near) = match near.rsplit_once('\n') {
        Some((_, line)) => (true, line),
        None => (false, near),
    };
    let mut line = String::new();
    if cut_before && !newline {
        line.push('…');
    }
    line.push_str(near);
    let start = line.len();
    let rest = text.get(span.start..).unwrap_or_default();
    let pointed_at = first(rest.get(..span.len()).unwrap_or(rest), REACH);
    let shown = first(rest, pointed_at.chars().count() + REACH);
    let content = shown.split(['\n', '\r']).next().unwrap_or_default();
    line.push_str(content);
    let end = start + pointed_at.len().min(content.len());
    if content.len() == shown.len()
        && shown.len() < rest.len()
        && !rest
            .get(shown.len()..)
            .is_some_and(|more| more.starts_with(['\n', '\r']))
    {
        line.push('…');
    }
    (line, start..end)
}

/// The first characters of a text.
fn first(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters);
    text.get(..end.map_or(text.len(), |(at, _)| at))
        .unwrap_or_default()
}

/// The last characters of a text, and whether there are more before them.
fn last(text: &str, characters: usize) -> (bool, &str) {
    match text.char_indices().rev().nth(characters) {
        Some((at, _)) => (true, text.get(at..).unwrap_or_default()),
        None => (false, text),
    }
}
