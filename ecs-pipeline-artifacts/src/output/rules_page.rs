//! The page that explains every rule, in Markdown: `docs/rules.md`.

use crate::finding::Severity;
use crate::rules::{self, Rule};

/// The page, with an anchor a rule.
#[must_use]
pub fn render() -> String {
    let mut page = String::from(
        "# Rules\n\n\
         What `ecs-pipeline validate` looks for. This page is generated from the rules themselves: \
         `UPDATE_DOCS=1 cargo test -p ecs-pipeline-artifacts rules_page`.\n\n\
         An error is something that AWS refuses, or with which the deployment cannot succeed. A warning \
         is something that works and is probably not what was meant.\n",
    );
    let mut subjects: Vec<&str> = Vec::new();
    for rule in rules::all() {
        if !subjects.contains(&rule.subject()) {
            subjects.push(rule.subject());
        }
    }
    for subject in &subjects {
        page.push_str(&format!(
            "\n## {}\n\n| rule | | |\n|---|---|---|\n",
            capitalised(subject)
        ));
        for rule in rules::all().filter(|rule| rule.subject() == *subject) {
            let (id, severity) = (rule.id, rule.severity);
            page.push_str(&format!(
                "| [`{id}`](#{id}) | {severity} | {} |\n",
                plain(rule.summary)
            ));
        }
        for rule in rules::all().filter(|rule| rule.subject() == *subject) {
            page.push_str(&section(rule));
        }
    }
    page
}

fn section(rule: &Rule) -> String {
    let severity = match rule.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    let mut section = format!(
        "\n### {}\n\n{severity}: {}.\n\n{}\n\n**Remedy.** {}\n",
        rule.id,
        plain(rule.summary),
        plain(rule.explanation),
        plain(rule.remedy)
    );
    if !rule.reference.is_empty() {
        section.push_str(&format!("\n**Source.** <{}>\n", rule.reference));
    }
    section
}

/// Text in which a placeholder such as `<IMAGE1_NAME>` is not taken for HTML, nor `|` for a column.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut code = false;
    for c in text.chars() {
        code ^= c == '`';
        match c {
            '<' if !code => shown.push_str("&lt;"),
            '|' => shown.push_str("\\|"),
            c => shown.push(c),
        }
    }
    shown
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    // A file's name stays as it is.
    match text.contains(".json") {
        true => text.to_owned(),
        false => first.unwrap_or_default() + chars.as_str(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn the_page_in_docs_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rules.md");
        let page = super::render();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            there == page,
            "docs/rules.md is not up to date: UPDATE_DOCS=1 cargo test -p ecs-pipeline-artifacts rules_page"
        );
    }
}
