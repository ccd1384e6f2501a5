//! What validation costs beside the least that any reader of a task definition must do: `serde_json`
//! parsing it into a `Value`, in the same run.
//!
//! `cargo bench -p ecs-pipeline-artifacts`. The documents are the corpus's (see `CONTRIBUTING.md`), or,
//! where there is none, the examples of this repository.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

use std::{env, fs, hint::black_box, path::PathBuf, time::Instant};

use criterion::{Criterion, Throughput};
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use serde_json::Value;

fn documents() -> Vec<Vec<u8>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let corpus = env::var_os("ECS_PIPELINE_CORPUS")
        .map_or_else(|| here.join("../../shared/corpus"), PathBuf::from)
        .join("taskdef");
    let files: Vec<_> = match fs::read_dir(&corpus) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => vec![here.join("../examples/hello-web/taskdef.json")],
    };
    let texts = files.iter().map(|file| fs::read(file).unwrap());
    let parsed = |text: &Vec<u8>| serde_json::from_slice::<Value>(text).is_ok();
    texts.filter(parsed).collect()
}

fn to_value(text: &[u8]) {
    black_box(serde_json::from_slice::<Value>(black_box(text)).unwrap());
}

fn to_findings(text: &[u8]) -> usize {
    let files = [SourceFile::new("taskdef.json", black_box(text))];
    validate(&files, &Options::default()).findings.len()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn seconds(work: impl Fn()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// The cost of the second relative to the first: the median of rounds that take turns.
fn ratio(documents: &[Vec<u8>], one: impl Fn(&[u8]), other: impl Fn(&[u8])) -> f64 {
    let mut ratios: Vec<f64> = (0..101)
        .map(|_| {
            let base = seconds(|| documents.iter().for_each(|text| one(text)));
            seconds(|| documents.iter().for_each(|text| other(text))) / base
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn main() {
    let all = documents();
    let (clean, faulty): (Vec<_>, Vec<_>) =
        all.iter().cloned().partition(|text| to_findings(text) == 0);
    let mut criterion = Criterion::default().configure_from_args();
    for (name, documents) in [("clean", &clean), ("with findings", &faulty), ("all", &all)] {
        if documents.is_empty() {
            continue;
        }
        let bytes: usize = documents.iter().map(Vec::len).sum();
        let mut group = criterion.benchmark_group(format!("task definitions, {name}"));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function("serde_json, to a Value", |bencher| {
            bencher.iter(|| documents.iter().for_each(|text| to_value(text)));
        });
        group.bench_function("parse and validate", |bencher| {
            bencher.iter(|| {
                documents
                    .iter()
                    .for_each(|text| _ = black_box(to_findings(text)))
            });
        });
        group.finish();
        let times = ratio(documents, to_value, |text| {
            _ = black_box(to_findings(text));
        });
        eprintln!(
            "{} task definitions ({name}), {} KiB: validation costs {times:.2} times the parse\n",
            documents.len(),
            bytes / 1024,
        );
    }
    criterion.final_summary();
}
