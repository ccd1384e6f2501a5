#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::document::DocumentKind;

fn fixed(name: &str, text: &str) -> String {
    let files = [SourceFile::new(name, text)];
    let mut fixed = fix(&files, &Options::default());
    fixed
        .pop()
        .map_or_else(|| text.to_owned(), |fixed| fixed.contents)
}

#[test]
fn what_is_safe_is_fixed_and_the_rest_stays() {
    for (text, expected) in [
        (r#"{"family": "f"}"#, r#"{"family": "f"}"#),
        (
            r#"{"revision": 7, "family": "f", "status": "ACTIVE"}"#,
            r#"{"family": "f"}"#,
        ),
        (
            "\u{FEFF}{\r\n  \"family\": \"f\",\r\n  \"taskRoleArn\": <ROLE>, // x\r\n  \"revision\": 7\r\n}\r\n",
            "\u{FEFF}{\r\n  \"family\": \"f\",\r\n  \"taskRoleArn\": \"<ROLE>\" \r\n}\r\n",
        ),
        ("{\"family\": tru}", "{\"family\": tru}"),
    ] {
        let after = fixed("taskdef.json", text);
        // What a finding of another rule mends beside it does not matter here.
        assert_eq!(
            after.replace(", \r\n}", "\r\n}"),
            expected.replace(" \r\n}", "\r\n}"),
            "{text}"
        );
    }
}

/// What `envsubst` or Terraform fills in keeps the quotes that it is given.
#[test]
fn placeholders_are_quoted_only_where_a_string_is_wanted() {
    let container = |members: &str| {
        format!(
            r#"{{"family": "f", "containerDefinitions": [{{"name": "w", "image": "i", {members}}}]}}"#
        )
    };
    for (before, after) in [
        (r#""memory": ${MEM}"#, r#""memory": ${MEM}"#),
        (
            r#""portMappings": [{"containerPort": <PORT>, "protocol": <P>}]"#,
            r#""portMappings": [{"containerPort": <PORT>, "protocol": "<P>"}]"#,
        ),
        (r#""command": ${COMMAND}"#, r#""command": ${COMMAND}"#),
        (r#""command": ["a", $B,]"#, r#""command": ["a", "$B"]"#),
        (r#""essential": {{x}}"#, r#""essential": {{x}}"#),
        (
            r#""hostname": ${jsonencode(x)}"#,
            r#""hostname": ${jsonencode(x)}"#,
        ),
        (
            r#""dockerLabels": {"k": <V>}"#,
            r#""dockerLabels": {"k": "<V>"}"#,
        ),
        (r#""nobodyKnows": <X>"#, r#""nobodyKnows": <X>"#),
    ] {
        let after = container(&format!("{after}, \"memoryReservation\": 9"));
        let before = container(&format!("{before}, \"memoryReservation\": 9"));
        assert_eq!(fixed("taskdef.json", &before), after);
    }
    for (name, before, after) in [
        ("taskdef.json", r#"{"Cpu": $C}"#, r#"{"cpu": "$C"}"#),
        (
            "taskdef.json",
            r#"{"taskDefinition": {"cpu": $C}}"#,
            r#"{"cpu": "$C"}"#,
        ),
        (
            "containerdefs.json",
            r#"[{"cpu": $C, "image": $I}]"#,
            r#"[{"cpu": $C, "image": "$I"}]"#,
        ),
        (
            "imageDetail.json",
            r#"{"ImageURI": <I>}"#,
            r#"{"ImageURI": "<I>"}"#,
        ),
        (
            "appspec.json",
            r#"{"ContainerPort": <P>}"#,
            r#"{"ContainerPort": <P>}"#,
        ),
    ] {
        let fixed = fixed(name, before);
        assert!(
            fixed.contains(after.trim_matches(['{', '}'])) || fixed == after,
            "{fixed}"
        );
    }
}

#[test]
fn a_fix_of_the_syntax_says_what_it_does() {
    let text = "{'family': <F>, // x\n \"a\": [True,]\n \"b\": 1, c: 2}";
    let fixed = fix(
        &[SourceFile::new("taskdef.json", text)],
        &Options::default(),
    );
    let titles: Vec<_> = fixed[0]
        .done
        .iter()
        .map(|done| done.title.as_str())
        .collect();
    for title in [
        "use double quotes",
        "quote the placeholder",
        "remove the comment",
        "write it as JSON has it",
        "remove the comma",
        "add the comma",
    ] {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
}

#[test]
fn what_is_not_text_is_left_alone() {
    for bytes in [&b"\xFF\xFE{\0}\0"[..], b"{\"revision\": \"\xFF\"}", b""] {
        let files = [SourceFile::new("taskdef.json", bytes)];
        assert_eq!(fix(&files, &Options::default()), []);
    }
}

#[test]
fn each_fix_is_told() {
    let files = [
        SourceFile::new("imagedefinitions.json", "[]"),
        SourceFile::new("taskdef.json", "{\"family\": \"f\",\n \"revision\": 7}"),
    ];
    let fixed = fix(&files, &Options::default());
    let fixed = fixed.iter().find(|fixed| fixed.file == 1).unwrap();
    let done = fixed
        .done
        .iter()
        .find(|done| done.rule == "read-only-member")
        .unwrap();
    assert_eq!((done.line, done.title.as_str()), (2, "remove `revision`"));
}

#[cfg(feature = "diff")]
#[test]
fn a_diff_shows_what_changes() {
    let text = "{\n  \"family\": \"f\",\n  \"environment\": [{\"name\": \"A\", \"value\": \"hunter2\"}],\n  \"revision\": 2\n}\n";
    let file = SourceFile::new("taskdef.json", text);
    let options = Options::default();
    let fixed = fix(std::slice::from_ref(&file), &options).pop().unwrap();
    assert!(fixed.contents.contains("hunter2"));
    assert_eq!(
        fixed.diff(&file),
        "--- a/taskdef.json\n+++ b/taskdef.json\n@@ -1,5 +1,4 @@\n {\n   \"family\": \"f\",\n\
         -  \"environment\": [{\"name\": \"A\", \"value\": \"***\"}],\n-  \"revision\": 2\n\
         +  \"environment\": [{\"name\": \"A\", \"value\": \"***\"}]\n }\n"
    );
}

/// Task definitions with faults of many kinds: read-only members, misspelt ones, wrong types.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-5i64..100_000).prop_map(Into::into),
        "[a-zA-Z0-9<>${} ü/:.-]{0,12}".prop_map(Into::into),
    ];
    let name = prop_oneof![
        prop::sample::select(vec![
            "family",
            "Family",
            "revision",
            "status",
            "cpu",
            "memory",
            "containerDefinitions",
            "name",
            "image",
            "environment",
            "value",
            "portMappings",
            "containerPort",
            "esential",
            "networkMode",
        ]),
        Just("unknown"),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                serde_json::Value::Object(members.collect())
            }),
        ]
    })
}

/// Spoils a JSON text in ways that people do.
fn spoiled(text: &str, how: u8) -> String {
    match how {
        1 => text.replacen("\n}", ",\n}", 1),
        2 => text.replacen('\n', " // note\n", 1),
        3 => text.replace('\n', "\r\n"),
        4 => format!("\u{FEFF}{}", text.replace('\n', "\r\n")),
        5 => text.replacen('"', "", 1),
        6 => text.replacen(':', "", 1),
        _ => text.to_owned(),
    }
}

proptest! {
    #[test]
    fn fixing_ends_and_does_no_harm(document in document(), how in 0u8..8, kind in prop::sample::select(DocumentKind::ALL.to_vec())) {
        let text = spoiled(&format!("{document:#}"), how);
        let file = || SourceFile::new("x.json", &text).with_kind(kind);
        let before = file();
        let fixed = fix(&[before], &Options::default());
        let Some(fixed) = fixed.into_iter().next() else {
            return Ok(());
        };
        let after = SourceFile::new("x.json", &fixed.contents).with_kind(kind);
        prop_assert!(!fixed.done.is_empty());
        prop_assert!(after.reads() || !file().reads(), "{text}\n{}", fixed.contents);
        prop_assert_eq!(fix(&[after], &Options::default()), [], "again");
        prop_assert_eq!(text.starts_with('\u{FEFF}'), fixed.contents.starts_with('\u{FEFF}'));
        if text.contains("\r\n") {
            prop_assert!(!fixed.contents.replace("\r\n", "").contains('\n'));
        }
    }
}
