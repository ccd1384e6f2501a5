//! Mechanical fixes, applied.

use std::collections::HashSet;

use crate::finding::{Finding, TextEdit};
#[cfg(feature = "diff")]
use crate::mask::Masked;
use crate::source::Text;
use crate::validate::{Options, SourceFile, validate_all};

/// Rounds of looking and fixing: a fix may uncover what another one can mend.
const MAX_ROUNDS: usize = 10;

/// A file in which something was fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fixed {
    /// Which file, as an index into what was given.
    pub file: usize,
    /// The whole file as it is to be written, with the byte order mark and the line breaks that it had.
    pub contents: String,
    /// What was done, in order.
    pub done: Vec<Done>,
}

#[cfg(feature = "diff")]
impl Fixed {
    /// What the fixes change, as a unified diff. Values that may be secret are masked on both sides, so
    /// that it can be shown in a log; it is to be read and not to be applied.
    #[must_use]
    pub fn diff(&self, before: &SourceFile) -> String {
        let after = before.with_contents(&self.contents);
        let (before_text, after_text) = Masked::of_both(before, &after);
        let diff = similar::TextDiff::from_lines(before_text.text(), after_text.text());
        let name = before.name();
        let mut unified = diff.unified_diff();
        unified
            .context_radius(3)
            .header(&format!("a/{name}"), &format!("b/{name}"));
        unified.to_string()
    }
}

/// A fix that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done {
    /// The id of the rule whose finding it puts right.
    pub rule: &'static str,
    /// The line where it was, as the file was then.
    pub line: usize,
    /// What was done, as an imperative: "remove `revision`".
    pub title: String,
}

/// Makes every fix that is safe, looks again, and goes on until there is nothing left to fix. Files in
/// which nothing is to be fixed are not in the result; what is left can be asked of
/// [`validate`](crate::validate::validate) with the new contents.
///
/// A file that can be read before can be read afterwards: fixes that would break it are not made.
///
/// ```
/// use ecs_pipeline_artifacts::fix::fix;
/// use ecs_pipeline_artifacts::validate::{Options, SourceFile};
///
/// let files = [SourceFile::new("taskdef.json", r#"{"family": "shop", "revision": 7,}"#)];
/// let fixed = fix(&files, &Options::default());
/// assert_eq!(fixed[0].contents, r#"{"family": "shop"}"#);
/// assert_eq!(fixed[0].done.len(), 2);
/// ```
#[must_use]
pub fn fix(files: &[SourceFile], options: &Options) -> Vec<Fixed> {
    let mut work: Vec<_> = files.to_vec();
    let mut done: Vec<Vec<Done>> = files.iter().map(|_| Vec::new()).collect();
    for _ in 0..MAX_ROUNDS {
        // All of them, not only those that a report tells.
        let all = validate_all(&work, options);
        let mut changed = false;
        for (index, (file, done)) in std::iter::zip(&mut work, &mut done).enumerate() {
            let findings = all.iter();
            let findings: Vec<_> = findings.filter(|found| found.place.file == index).collect();
            if let Some((next, made)) = round(file, &findings) {
                *file = next;
                done.extend(made);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let fixed = std::iter::zip(files, work).zip(done).enumerate();
    fixed
        .filter(|(_, ((before, after), _))| before.text() != after.text())
        .map(|(file, ((_, after), done))| Fixed {
            file,
            contents: after.contents(),
            done,
        })
        .collect()
}

/// The file with as many of its fixes as go together; `None` where there is none to make.
fn round(file: &SourceFile, findings: &[&Finding]) -> Option<(SourceFile, Vec<Done>)> {
    if !file.is_text() {
        return None;
    }
    let chosen = compatible(findings);
    if chosen.is_empty() {
        return None;
    }
    let reads = file.reads();
    let all = file.edited(chosen.iter().copied());
    if !reads || all.reads() {
        return changed(file, all, &chosen);
    }
    // One of them does harm, though none should: those that do none by themselves are made one a round.
    chosen.iter().find_map(|finding| {
        let one = file.edited([*finding]);
        one.reads().then(|| changed(file, one, &[*finding]))?
    })
}

fn changed(
    before: &SourceFile,
    after: SourceFile,
    made: &[&Finding],
) -> Option<(SourceFile, Vec<Done>)> {
    let done = made.iter().filter_map(|finding| {
        Some(Done {
            rule: finding.rule.id,
            line: finding.place.start.line,
            title: finding.fix.as_ref()?.title.clone(),
        })
    });
    (before.text() != after.text()).then(|| (after, done.collect()))
}

/// The findings whose fixes touch nothing that an earlier one touches, each fix as a whole.
fn compatible<'f>(findings: &[&'f Finding]) -> Vec<&'f Finding> {
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let mut chosen = Vec::new();
    let mut seen = HashSet::new();
    for finding in findings {
        let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) else {
            continue;
        };
        let free = |edit: &TextEdit| {
            // Touching is overlapping: of two insertions at one place the order would not be known.
            let before = taken.range(..=edit.span.end).next_back();
            before.is_none_or(|(_, end)| *end < edit.span.start)
        };
        let new = fix
            .edits
            .iter()
            .all(|edit| seen.insert((edit.span.start, edit.span.end)));
        if new && fix.edits.iter().all(free) {
            taken.extend(
                fix.edits
                    .iter()
                    .map(|edit| (edit.span.start, edit.span.end)),
            );
            chosen.push(*finding);
        }
    }
    chosen
}

impl SourceFile {
    /// The file with other contents: it is what it was, whatever they look like.
    #[must_use]
    pub fn with_contents(&self, contents: &str) -> Self {
        let text = Text::new(contents.as_bytes(), self.format());
        self.with_text(text)
    }

    /// Whether it can be read as it is, without mending.
    fn reads(&self) -> bool {
        let tree = self.tree();
        tree.root.is_some() && tree.faults.is_empty()
    }

    fn edited<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let fixes = findings
            .into_iter()
            .filter_map(|finding| finding.fix.as_ref());
        let mut edits: Vec<_> = fixes.flat_map(|fix| &fix.edits).collect();
        edits.sort_by_key(|edit| edit.span.start);
        let text = self.text();
        let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
        let mut contents = String::with_capacity(text.len());
        let mut done = 0;
        for edit in edits {
            contents.push_str(text.get(done..edit.span.start).unwrap_or_default());
            match crlf {
                true => contents.push_str(&with_crlf(&edit.replacement)),
                false => contents.push_str(&edit.replacement),
            }
            done = edit.span.end;
        }
        contents.push_str(text.get(done..).unwrap_or_default());
        if self.has_byte_order_mark() {
            contents.insert(0, '\u{FEFF}');
        }
        self.with_contents(&contents)
    }
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

#[cfg(test)]
mod tests;
