//! JUnit XML, for what CI servers show of tests.
//!
//! A suite a file and a test case a rule that was applied to it, since that is what Jenkins and
//! CodeBuild make most of: a case keeps its name from build to build, so that they tell since when it
//! fails, and a file in which nothing is found is shown as passed. An error fails its case; a warning
//! skips it, with the message, unless warnings fail the command too.
//!
//! It is written here and not by a crate: the elements are five, and `quick-junit` brings dates, UUIDs
//! and an XML parser.

use super::help;
use super::xml::escaped;
use crate::document::DocumentKind;
use crate::finding::{Finding, Severity};
use crate::rules::{self, Check, Rule};
use crate::validate::{Report, SourceFile};

/// The findings as test results. With `strict`, warnings are failures.
#[must_use]
pub fn render(files: &[SourceFile], report: &Report, strict: bool) -> String {
    let of_file = std::iter::zip(files, &report.kinds).enumerate();
    let mut suites: Vec<_> = of_file
        .map(|(index, (file, kind))| {
            let rules = rules::all().filter(|rule| applies(rule, *kind));
            let mut suite = Suite::new(file.name());
            for rule in rules {
                let found = findings(report, rule).filter(|found| found.place.file == index);
                suite.case(rule, found, files, strict);
            }
            suite
        })
        .collect();
    let mut across = Suite::new("across files");
    for rule in rules::all().filter(|rule| matches!(rule.check, Check::Across(_))) {
        across.case(rule, findings(report, rule), files, strict);
    }
    suites.push(across);
    document(&suites)
}

fn findings<'r>(report: &'r Report, rule: &'r Rule) -> impl Iterator<Item = &'r Finding> {
    report
        .findings
        .iter()
        .filter(move |found| found.rule == rule)
}

fn applies(rule: &Rule, kind: Option<DocumentKind>) -> bool {
    match rule.check {
        Check::Syntax => true,
        Check::TaskDefinition(_) | Check::TaskDefinitionShape(_) => {
            kind == Some(DocumentKind::TaskDefinition)
        }
        Check::AppSpec(_) => kind == Some(DocumentKind::AppSpec),
        Check::ImageDefinitions(_) => kind == Some(DocumentKind::ImageDefinitions),
        Check::ImageDetail(_) => kind == Some(DocumentKind::ImageDetail),
        Check::BuildSpec(_) => kind == Some(DocumentKind::BuildSpec),
        Check::Pipeline(_) => kind == Some(DocumentKind::Pipeline),
        Check::Commands(_) => matches!(
            kind,
            Some(DocumentKind::BuildSpec | DocumentKind::Jenkinsfile | DocumentKind::ShellScript)
        ),
        Check::Across(_) => false,
    }
}

struct Suite<'a> {
    name: &'a str,
    tests: usize,
    failures: usize,
    skipped: usize,
    cases: String,
}

impl<'a> Suite<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            tests: 0,
            failures: 0,
            skipped: 0,
            cases: String::new(),
        }
    }

    fn case<'r>(
        &mut self,
        rule: &Rule,
        found: impl Iterator<Item = &'r Finding>,
        files: &[SourceFile],
        strict: bool,
    ) {
        self.tests += 1;
        let (name, suite) = (escaped(rule.id), escaped(self.name));
        let found: Vec<_> = found.collect();
        let Some(first) = found.first() else {
            let case = format!("    <testcase name=\"{name}\" classname=\"{suite}\"/>\n");
            self.cases.push_str(&case);
            return;
        };
        let lines: Vec<_> = found.iter().map(|found| line(found, files)).collect();
        let mut message = first.message.clone();
        if found.len() > 1 {
            message.push_str(&format!(" (and {} more)", found.len() - 1));
        }
        let (message, lines) = (escaped(&message), escaped(&lines.join("\n")));
        let outcome = if strict || rule.severity == Severity::Error {
            self.failures += 1;
            format!(
                "<failure type=\"{}\" message=\"{message}\">{lines}</failure>",
                rule.severity
            )
        } else {
            self.skipped += 1;
            format!("<skipped message=\"{message}\"/><system-out>{lines}</system-out>")
        };
        self.cases.push_str(&format!(
            "    <testcase name=\"{name}\" classname=\"{suite}\">{outcome}</testcase>\n"
        ));
    }
}

fn line(finding: &Finding, files: &[SourceFile]) -> String {
    let name = files.get(finding.place.file).map_or("", SourceFile::name);
    let start = finding.place.start;
    let (line, column) = (start.line, start.column);
    format!(
        "{name}:{line}:{column}: {}: {}",
        finding.message,
        help(finding)
    )
}

fn document(suites: &[Suite<'_>]) -> String {
    let sum = |count: fn(&Suite<'_>) -> usize| suites.iter().map(count).sum::<usize>();
    let (tests, failures) = (sum(|suite| suite.tests), sum(|suite| suite.failures));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ecs-pipeline validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    );
    for suite in suites.iter().filter(|suite| suite.tests > 0) {
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n{}  </testsuite>\n",
            escaped(suite.name), suite.tests, suite.failures, suite.skipped, suite.cases
        ));
    }
    text.push_str("</testsuites>\n");
    text
}
