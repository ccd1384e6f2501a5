//! A command that YAML takes for something else.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-command-not-text",
    severity: Severity::Error,
    summary: "a command that is an object, mostly for a colon and a space in it",
    explanation: "YAML reads `- echo \"result: good\"` as a name and a value. CodeBuild stops before the first command: `YAML_FILE_ERROR Message: Expected Commands[0] to be of string type: found subkeys instead at line 7, value of the key tag on line 6 might be empty`.",
    remedy: "Put the whole command in quotes, or write it below `- |`.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let phases = spec.phases().filter(|phase| is_known_phase(&phase.name));
    for item in phases.flat_map(|phase| crate::commands::items(&phase.node)) {
        if item.members().is_empty() && item.items().is_empty() {
            continue;
        }
        let kind = item.kind();
        let finding = findings.value(
            item,
            format!("a command is text, and YAML reads this as {kind}"),
        );
        if item.members().len() == 1 {
            finding
                .help("put the whole command in quotes: `: ` separates name and value")
                .fix("put the command in quotes", [Change::Quote(item.id)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "phases: {build: {commands: ['a: b', 3, true, \"c: d\"], finally: ['a']}}",
                    &[],
                ),
                (
                    "phases:\n  build:\n    commands:\n      - |\n        echo \"a: b\"\n      - echo \"a: b\"\n",
                    &["phases.build.commands[1]"],
                ),
                (
                    "phases:\n  build:\n    finally:\n      - echo is:\n      - [a]\n",
                    &["phases.build.finally[0]", "phases.build.finally[1]"],
                ),
            ],
        );
    }

    /// The text after the fix, where there is one.
    fn fixed(text: &str) -> Option<String> {
        use crate::validate::{Options, SourceFile, validate};
        let files = [SourceFile::new("buildspec.yml", text)];
        let findings = validate(&files, &Options::default()).findings;
        let own = findings
            .into_iter()
            .find(|found| *found.rule == super::RULE);
        let mut fixed = text.to_owned();
        for edit in own?.fix?.edits.iter().rev() {
            fixed.replace_range(edit.span.clone(), &edit.replacement);
        }
        Some(fixed)
    }

    #[test]
    fn a_command_on_one_line_is_put_in_quotes() {
        let text = |command: &str| {
            format!("phases:\n  build:\n    commands:\n      - {command}\n      - b\n")
        };
        for (command, expected) in [
            (r#"echo "a: b""#, Some(r#"'echo "a: b"'"#)),
            ("echo it's: 'x'", Some("'echo it''s: ''x'''")),
            ("echo content:", Some("'echo content:'")),
            ("echo a:  \"b\"", Some("'echo a:  \"b\"'")),
            ("echo a: b # c", None),
            ("'echo a': b", None),
            ("{echo a: b}", None),
            ("echo a: b\n        c", None),
            ("a: b\n        c: d", None),
        ] {
            assert_eq!(fixed(&text(command)), expected.map(text), "{command}");
        }
    }
}
