//! Whatever a file holds, it is looked at without a panic, and every place and fix lies in it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

mod support;

use std::{fs, path::Path};

use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::finding::Finding;
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Fixes that are tried in one file.
const MAX_FIXES: usize = 8;

/// Looks at the bytes as each kind of file, and at what is found.
fn look(name: &str, bytes: &[u8]) {
    for kind in DocumentKind::ALL {
        let files = [SourceFile::new(name, bytes).with_kind(kind)];
        let findings = validate(&files, &Options::default()).findings;
        let text = files[0].text();
        for finding in &findings {
            let place = finding.place.span.clone();
            assert!(text.get(place).is_some(), "{finding:?} in {text}");
        }
        let is_clean = !findings.iter().any(is_syntax);
        let fixes = findings.iter().filter(|finding| finding.fix.is_some());
        for finding in fixes.take(MAX_FIXES) {
            let fixed = fixed(text, finding);
            let still = [SourceFile::new(name, &fixed).with_kind(kind)];
            let after = validate(&still, &Options::default()).findings;
            if is_clean {
                let is_same = |other: &Finding| {
                    other.rule == finding.rule && other.place.path == finding.place.path
                };
                let left = after
                    .iter()
                    .find(|other| is_syntax(other) || is_same(other));
                assert!(
                    left.is_none(),
                    "{finding:?} of {text} leaves {left:?} in {fixed}"
                );
            }
        }
    }
    let _ = validate(&[SourceFile::new("x", bytes)], &Options::default());
}

/// What keeps a file from being read as it is written.
fn is_syntax(finding: &Finding) -> bool {
    let ids = ["json-syntax", "yaml-syntax", "not-utf8", "duplicate-member"];
    ids.contains(&finding.rule.id)
}

fn fixed(text: &str, finding: &Finding) -> String {
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
    let mut fixed = text.to_owned();
    let mut end = text.len();
    for edit in edits.rev() {
        assert!(
            edit.span.end <= end && text.get(edit.span.clone()).is_some(),
            "{finding:?} in {text}"
        );
        end = edit.span.start;
        fixed.replace_range(edit.span.clone(), &edit.replacement);
    }
    fixed
}

/// Names that the rules know, and others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "family", "containerDefinitions", "taskDefinition", "tags", "cpu", "memory", "networkMode",
            "requiresCompatibilities", "volumes", "revision", "name", "image", "portMappings",
            "containerPort", "hostPort", "protocol", "environment", "value", "secrets", "valueFrom", "command",
            "logConfiguration", "logDriver", "options", "dependsOn", "condition", "essential", "healthCheck",
            "Family", "ContainerDefinitions", "Name", "imag", "CPU", "imageUri", "Resources", "version",
            "ImageURI", "phases", "runtimePlatform", "ulimits", "linuxParameters", "resourceRequirements",
        ]).prop_map(str::to_owned),
        1 => ".*",
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..70_000i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        prop::sample::select(vec![
            "FARGATE", "awsvpc", "${X}", "<X>", "80", "true", "", "tcp"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 96, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_looked_at(value in document(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        look("taskdef.json", text.as_bytes());
        look("taskdef.yaml", text.as_bytes());
    }

    #[test]
    fn any_containers_are_looked_at(containers in prop::collection::vec(document(), 0..4)) {
        let value = json!({"family": "f", "containerDefinitions": containers});
        look("taskdef.json", value.to_string().as_bytes());
    }

    #[test]
    fn any_text_is_looked_at(text in r#"[\[\]{}:,"' \n\-#&*$<>a0\\ü]{0,80}"#) {
        look("taskdef.json", text.as_bytes());
        look("taskdef.yaml", text.as_bytes());
    }
}

/// xorshift64*: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % limit.max(1)
    }
}

/// Task definitions to start from: one, and those of the corpus where it is at hand.
fn seeds() -> Vec<Vec<u8>> {
    let own = json!({
        "family": "shop", "cpu": 256, "networkMode": "awsvpc", "pidMode": null, "revision": 3,
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{
            "name": "web", "image": "<IMAGE1_NAME>", "command": "npm start", "essential": "true",
            "portMappings": [{"containerPort": "80", "protocol": "tcp"}],
            "environment": {"A": "b"}, "Secrets": [{"name": "ü"}],
            "logConfiguration": {"logDriver": "AWSLOGS", "options": {"mode": null}},
        }],
    });
    let mut seeds = vec![serde_json::to_vec_pretty(&own).unwrap()];
    let samples = support::samples("taskdef").unwrap_or_default();
    seeds.extend(samples.into_iter().map(|sample| sample.bytes));
    seeds
}

/// The seeds of the fuzzing, which needs another compiler: what they once showed stays mended.
#[test]
fn seeds_are_looked_at() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut looked = 0;
    for target in fs::read_dir(seeds).unwrap() {
        for seed in fs::read_dir(target.unwrap().path()).unwrap() {
            let bytes = fs::read(seed.unwrap().path()).unwrap();
            for part in bytes.split(|byte| *byte == 0) {
                look("taskdef.json", part);
                look("appspec.yaml", part.get(1..).unwrap_or_default());
                looked += 1;
            }
        }
    }
    assert!(looked > 20, "{looked}");
}

/// What the properties above found once.
#[test]
fn texts_that_were_once_mended_wrongly_are_looked_at() {
    look("taskdef.yaml", b"{<0}");
}

#[test]
fn damaged_files_are_looked_at() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for seed in seeds() {
        look("taskdef.json", &seed);
        let mut cut = seed.clone();
        cut.truncate(random.below(seed.len()));
        look("taskdef.json", &cut);
        let mut flipped = seed.clone();
        for _ in 0..3 {
            let at = random.below(flipped.len());
            if let Some(byte) = flipped.get_mut(at) {
                *byte ^= 1 << random.below(7);
            }
        }
        look("taskdef.json", &flipped);
        look("taskdef.yaml", &flipped);
    }
}

/// The JSON pointers of every value in it.
fn pointers(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{here}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(member, &format!("{here}/{name}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn files_with_values_in_the_wrong_places_are_looked_at() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for seed in seeds() {
        let Ok(value) = serde_json::from_slice::<Value>(&seed) else {
            continue;
        };
        let mut places = Vec::new();
        pointers(&value, "", &mut places);
        for _ in 0..4 {
            let mut swapped = value.clone();
            let (to, from) = (random.below(places.len()), random.below(places.len()));
            let moved = value.pointer(&places[from]).unwrap().clone();
            *swapped.pointer_mut(&places[to]).unwrap() = moved;
            look("taskdef.json", swapped.to_string().as_bytes());
        }
    }
}

/// Nothing takes time that grows faster than the file.
#[test]
fn large_files_take_no_longer_than_they_must() {
    let started = std::time::Instant::now();
    let count = 100_000;
    let many = |item: &str| vec![item; count].join(",");
    let members = |name: &str| -> String {
        let members: Vec<_> = (0..count).map(|n| format!("\"{name}{n}\":null")).collect();
        members.join(",")
    };
    for text in [
        format!(
            r#"{{"family": "f", "containerDefinitions": [{}]}}"#,
            many("{}")
        ),
        format!(
            r#"{{"family": "f", "containerDefinitions": [{}]}}"#,
            many("null")
        ),
        format!(
            r#"{{"family": "f", "containerDefinitions": [{{"command": [{}]}}]}}"#,
            many("1")
        ),
        format!(
            r#"{{"family": "f", "containerDefinitions": [{{{}}}]}}"#,
            members("image")
        ),
        format!(
            r#"{{"family": "f", "containerDefinitions": [{{"dockerLabels": {{{}}}}}]}}"#,
            members("a")
        ),
        format!(r#"{{"family": "f", "tags": [{}]}}"#, many(r#"{"Key":""}"#)),
    ] {
        let files = [SourceFile::new("taskdef.json", text)];
        let report = validate(&files, &Options::default());
        assert!(!report.findings.is_empty());
    }
    let took = started.elapsed();
    eprintln!("six large files took {took:?}");
    assert!(took.as_secs() < 60, "{took:?}");
}
