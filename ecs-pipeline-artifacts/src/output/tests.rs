#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::*;
use crate::validate::{Options, validate};

/// Files with faults of every layer, and a secret wherever one can be.
fn files() -> Vec<SourceFile> {
    vec![
        SourceFile::new("app/taskdef.json", TASKDEF),
        SourceFile::new("broken taskdef.json", BROKEN),
        SourceFile::new("buildspec.yml", BUILDSPEC),
        SourceFile::new("broken-buildspec.yml", BROKEN_BUILDSPEC),
        SourceFile::new("x.json", "{\"password\": \"hunter2\"}"),
        SourceFile::new("misspelt/taskdef.json", MISSPELT),
        SourceFile::new(
            "comma/taskdef.json",
            r#"{"name":"PASSWORD" "value":"hunter2-SECRET"}"#,
        ),
        SourceFile::new("commands/buildspec.yml", COMMANDS),
    ]
}

const TASKDEF: &str = r#"{"family": "shop", "revision": 7, "status": "hunter2",
  "containerDefinitions": [{"name": "web", "image": "https://me:hunter2@host/web", "memory": 128,
    "environment": [{"name": "A", "value": "hunter2", "value": "hunter2"}, {"name": "B", "value": 'hunter2' }],
    "dockerLabels": {"x": "hunter2", "x": "hunter2"},
    "command": ["--password", "hunter2", "--token=hunter2"], // "hunter2"
    "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter2", "splunk-token": "hunter2"}},
  }]}"#;
const MISSPELT: &str = r#"{"family": "f", "revision": 1, "containerDefinitions": [{"name": "web", "image": "i",
  "environmnt":[{"name":"A","value":"hunter2"}], "esential": true, "command": ["sh","-c","mysql -phunter2-SECRET"],
  "https://me:hunter2@host/x": 1, "portMappings": "https://me:hunter2@host/"}]}"#;
const COMMANDS: &str = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo \"token a: hunter2-SECRET\"\n      - mysql -phunter2 -e \"x: y\"\n      - curl https://me:hunter2@host/ -d \"a: b\"\n";
const BROKEN: &str = "{\"environment\": [{\"name\": \"A\", \"value\": \"hunter2\" \"hunter2\"}";
const BUILDSPEC: &str = "version: 0.2\nenv:\n  variables:\n    A: hunter2\n    A: hunter2\nphases: {build: {commands: [docker login -p hunter2]}}\n";
const BROKEN_BUILDSPEC: &str =
    "version: 0.2\nenv:\n  variables:\n    A: hunter2\n    B: \"hunter2: [\n";

/// Everything but `status`, which no file has for a secret, must stay untold.
fn report(files: &[SourceFile]) -> Report {
    validate(files, &Options::default())
}

fn assert_tells_nothing(what: &str, text: &str) {
    for line in text.lines() {
        let told = line.replace("\"status\": \"hunter2\"", "");
        assert!(!told.contains("hunter2"), "{what}: {line}\n{text}");
    }
}

#[test]
fn no_output_tells_a_secret() {
    let files = files();
    let report = report(&files);
    assert!(report.findings.len() > 8);
    assert_tells_nothing("json", &json::render(&files, &report));
    assert_tells_nothing("sarif", &sarif::render(&files, &report));
    assert_tells_nothing("junit", &junit::render(&files, &report, true));
    #[cfg(feature = "text")]
    for style in [text::Style::Plain, text::Style::Colour] {
        assert_tells_nothing("text", &text::render(&files, &report, style));
    }
}

#[cfg(feature = "diff")]
#[test]
fn no_diff_tells_a_secret() {
    let files = files();
    let fixed = crate::fix::fix(&files, &Options::default());
    assert!(fixed.len() > 2);
    for fixed in fixed {
        let diff = fixed.diff(&files[fixed.file]);
        assert_tells_nothing("diff", &diff);
        for done in fixed.done {
            assert_tells_nothing("title", &done.title);
        }
    }
}

#[test]
fn what_a_rule_quotes_of_a_url_is_masked() {
    let secret = || "`https://me:hunter2@host/a` and ftp://hunter2@b".to_owned();
    let shown = crate::mask::message(secret());
    assert_eq!(shown, "`https://***@host/a` and ftp://***@b");
    assert_eq!(crate::mask::message("a@b: c".to_owned()), "a@b: c");
}

/// Every file of the corpus, with a secret planted in the values of its environment.
#[test]
fn nothing_of_the_corpus_is_told() {
    let Some(corpus) = std::env::var_os("ECS_PIPELINE_CORPUS") else {
        return;
    };
    let mut planted = 0;
    for folder in ["taskdef", "buildspec"] {
        let folder = std::path::Path::new(&corpus).join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let text = plant(&text);
            if !text.contains("hunter2") {
                continue;
            }
            planted += 1;
            // With a fault at the end, and with one in the middle.
            let middle = text.char_indices().nth(text.chars().count() / 2).unwrap().0;
            let (start, end) = text.split_at(middle);
            for text in [
                text.clone(),
                format!("{text}\n}}]"),
                format!("{start}\n\" }}: {end}"),
            ] {
                let name = path.file_name().unwrap().to_str().unwrap();
                let files = [SourceFile::new(name, text)];
                let report = report(&files);
                assert_tells_nothing(name, &json::render(&files, &report));
                assert_tells_nothing(name, &sarif::render(&files, &report));
                assert_tells_nothing(name, &junit::render(&files, &report, true));
                #[cfg(feature = "text")]
                assert_tells_nothing(name, &text::render(&files, &report, text::Style::Plain));
            }
        }
    }
    assert!(planted > 20, "{planted}");
}

/// Puts a secret into every `"value": "…"` of a text.
fn plant(text: &str) -> String {
    let mut planted = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\"value\"") {
        let (before, after) = rest.split_at(at + "\"value\"".len());
        planted.push_str(before);
        let gap = after.len() - after.trim_start_matches([' ', ':']).len();
        planted.push_str(&after[..gap]);
        rest = &after[gap..];
        let plain = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        if let Some((value, _)) = plain.filter(|(value, _)| !value.contains(['\\', '\n'])) {
            planted.push_str("\"hunter2 and more\"");
            rest = &rest[value.len() + 2..];
        }
    }
    planted + rest
}

#[test]
fn sarif_is_as_its_schema_says() {
    let schema = include_str!("../../tests/fixtures/sarif/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let files = files();
    for files in [&files[..], &[]] {
        let log: Value = serde_json::from_str(&sarif::render(files, &report(files))).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&log)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    // The schema does refuse what is wrong.
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{}]})));
}

#[test]
fn sarif_tells_places_and_fixes() {
    let files = [SourceFile::new(
        "my dir/taskdef.json",
        "{\"family\": \"ü\", \"revision\": 7}",
    )];
    let log: Value = serde_json::from_str(&sarif::render(&files, &report(&files))).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let result = results
        .iter()
        .find(|result| result["ruleId"] == "read-only-member")
        .unwrap();
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "my%20dir/taskdef.json");
    let region =
        serde_json::json!({"startLine": 1, "startColumn": 17, "endLine": 1, "endColumn": 27});
    assert_eq!(location["region"], region);
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"]["startColumn"], 15);
    assert_eq!(replacement["insertedContent"]["text"], "");
    let rule =
        &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "read-only-member");
    assert!(
        rule["helpUri"]
            .as_str()
            .unwrap()
            .ends_with("docs/rules.md#read-only-member")
    );
}

#[test]
fn junit_has_a_case_for_every_rule_and_keeps_xml_together() {
    let files = [
        SourceFile::new(
            "a\"<&\u{1}/taskdef.json",
            "{\"family\": \"f\", \"revision\": 7, \"status\": \"x\"}",
        ),
        SourceFile::new(
            "taskdef.json",
            r#"{"family": "f", "containerDefinitions": [{"name": "w", "image": "i", "memory": 8}]}"#,
        ),
    ];
    let text = junit::render(&files, &report(&files), false);
    assert!(
        text.contains("<testsuite name=\"a&quot;&lt;&amp;\u{FFFD}/taskdef.json\""),
        "{text}"
    );
    let failed = "<testcase name=\"read-only-member\" classname=\"a&quot;&lt;&amp;\u{FFFD}/taskdef.json\"><failure";
    assert!(text.contains(failed), "{text}");
    assert!(text.contains("(and 1 more)"), "{text}");
    assert!(
        text.contains("<testcase name=\"read-only-member\" classname=\"taskdef.json\"/>"),
        "{text}"
    );
    let cases = text.matches("<testcase ").count();
    assert!(text.contains(&format!("tests=\"{cases}\"")), "{text}");
}

#[cfg(feature = "text")]
#[test]
fn text_shows_the_line_with_what_is_wrong_in_it() {
    let text = "{\"family\": \"shop\",\n \"containerDefinitions\": [{\"name\": \"web\", \"image\": \"i\", \"memory\": 8, \"environment\": [{\"name\": \"A\", \"value\": \"a secret\", \"value\": \"x\"}]}]\n}";
    let files = [SourceFile::new("taskdef.json", text)];
    let mut report = report(&files);
    report
        .findings
        .retain(|found| found.rule.id == "duplicate-member");
    let expected = "\
warning[duplicate-member]: `value` stands twice in one object; most readers take the last
 --> taskdef.json:2:121
  |
2 | …, \"memory\": 8, \"environment\": [{\"name\": \"A\", \"value\": \"***\", \"value\": \"***\"}]}]
  |                                                               ^^^^^^^
  |
  = help: Keep one of them.

1 warning in 1 file
";
    assert_eq!(text::render(&files, &report, text::Style::Plain), expected);
}

#[test]
fn one_line_counts() {
    let counts = Counts {
        errors: 3,
        warnings: 1,
        fixable: 2,
        files: 2,
    };
    assert_eq!(
        counts.summary(5),
        "3 errors, 1 warning in 2 files; 2 can be fixed with `ecs-pipeline fix`"
    );
    assert_eq!(Counts::default().summary(1), "1 file: nothing found");
}
