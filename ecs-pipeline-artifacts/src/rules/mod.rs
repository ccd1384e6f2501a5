//! The rules, one file each.
//!
//! A rule is a constant that says what it is, and a function that looks. What it finds goes to
//! `Findings`, which knows the file; places are looked up afterwards.

use crate::commands::Script;
use crate::finding::Severity;
use crate::source::Node;

mod across;
pub(crate) mod app_spec;
pub(crate) mod build_spec;
mod commands;
pub(crate) mod image_definitions;
mod image_detail;
mod image_form;
mod members;
mod pipeline;
mod report;
pub(crate) mod syntax;
pub(crate) mod task_definition;

pub(crate) use across::FileSet;
pub(crate) use report::{Change, Findings, Part, RawFinding, Target};

/// A rule: what it finds, why that matters, and how it is put right.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The stable name, such as `fargate-cpu-memory`: never given to another rule.
    pub id: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// What is wrong where the rule finds something, in one line.
    pub summary: &'static str,
    /// What it means: what AWS does, and what the user would see.
    pub explanation: &'static str,
    /// How to put it right.
    pub remedy: &'static str,
    /// Where AWS says so; empty for what follows from reason alone.
    pub reference: &'static str,
    pub(crate) check: Check,
}

impl Rule {
    /// What kind of file the rule looks at, in words: "task definition", "across files".
    #[must_use]
    pub fn subject(&self) -> &'static str {
        match self.check {
            Check::Syntax => "every file",
            Check::TaskDefinition(_) | Check::TaskDefinitionShape(_) => "task definition",
            Check::AppSpec(_) => "AppSpec",
            Check::ImageDefinitions(_) => "imagedefinitions.json",
            Check::ImageDetail(_) => "imageDetail.json",
            Check::BuildSpec(_) => "build specification",
            Check::Commands(_) => "commands",
            Check::Pipeline(_) => "pipeline definition",
            Check::Across(_) => "across files",
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// Found while the text is read.
    Syntax,
    /// What a task definition means: asked only of a document that is one.
    TaskDefinition(fn(&task_definition::TaskDefinition<'_>, &mut Findings<'_>)),
    /// What form a task definition has: asked of whatever stands in its place.
    TaskDefinitionShape(fn(&task_definition::TaskDefinition<'_>, &mut Findings<'_>)),
    AppSpec(fn(&Node<'_>, &mut Findings<'_>)),
    ImageDefinitions(fn(&Node<'_>, &mut Findings<'_>)),
    ImageDetail(fn(&Node<'_>, &mut Findings<'_>)),
    BuildSpec(fn(&build_spec::BuildSpec<'_>, &mut Findings<'_>)),
    /// The commands of a build specification, a Jenkinsfile or a shell script.
    Commands(fn(&Script<'_>, &mut Findings<'_>)),
    Pipeline(fn(&Node<'_>, &mut Findings<'_>)),
    /// The files together.
    Across(fn(&FileSet<'_>, &mut Findings<'_>)),
}

/// Every rule, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        syntax::RULES,
        task_definition::RULES,
        app_spec::RULES,
        image_definitions::RULES,
        image_detail::RULES,
        build_spec::RULES,
        commands::RULES,
        pipeline::RULES,
        across::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The rule of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::finding::Finding;
    use crate::validate::{Options, SourceFile, validate};

    /// What the rule finds in one file.
    fn found(rule: &Rule, name: &str, bytes: impl AsRef<[u8]>) -> Vec<Finding> {
        let files = [SourceFile::new(name, bytes)];
        let findings = validate(&files, &Options::default()).findings;
        findings
            .into_iter()
            .filter(|found| found.rule == rule)
            .collect()
    }

    /// The lines at which the rule finds something.
    pub(crate) fn lines(rule: &Rule, name: &str, bytes: impl AsRef<[u8]>) -> Vec<usize> {
        let found = found(rule, name, bytes).into_iter();
        found.map(|found| found.place.start.line).collect()
    }

    /// The pieces of the text at which the rule finds something.
    pub(crate) fn spans<'t>(rule: &Rule, name: &str, text: &'t str) -> Vec<&'t str> {
        let found = found(rule, name, text).into_iter();
        found
            .map(|found| text.get(found.place.span).unwrap())
            .collect()
    }

    /// The text with the fixes of all that the rule finds, which must have one each.
    pub(crate) fn fixed(rule: &Rule, name: &str, text: &str) -> String {
        let fixes = found(rule, name, text).into_iter();
        let mut edits: Vec<_> = fixes.flat_map(|found| found.fix.unwrap().edits).collect();
        edits.sort_by_key(|edit| edit.span.start);
        let mut text = text.to_owned();
        for edit in edits.into_iter().rev() {
            text.replace_range(edit.span, &edit.replacement);
        }
        text
    }

    /// Texts of a file, each with the paths at which the rule must find something, in file order.
    pub(crate) fn table(rule: &Rule, name: &str, cases: &[(&str, &[&str])]) {
        for (text, expected) in cases {
            let found = found(rule, name, text);
            let paths: Vec<_> = found
                .iter()
                .map(|found| found.place.path.as_str())
                .collect();
            assert_eq!(paths, *expected, "{} in {text}", rule.id);
        }
    }

    #[test]
    fn ids_are_unique_and_every_rule_says_what_it_means() {
        let mut ids = std::collections::HashSet::new();
        for rule in all() {
            assert!(ids.insert(rule.id), "{} stands twice", rule.id);
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.id.chars().all(kebab), "{}", rule.id);
            for text in [rule.summary, rule.explanation, rule.remedy] {
                assert!(!text.is_empty(), "{}", rule.id);
            }
            assert_eq!(find(rule.id), Some(rule));
        }
    }
}
