//! Whatever the files: what is fixed can still be read, stays fixed, and its diff can be shown.
#![no_main]

use ecs_pipeline_artifacts::fix::fix;
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use libfuzzer_sys::fuzz_target;

#[path = "files.rs"]
mod files;

fn unreadable(file: &SourceFile) -> bool {
    let report = validate(std::slice::from_ref(file), &Options::default());
    let syntax = ["json-syntax", "yaml-syntax", "not-utf8", "too-large"];
    report.findings.iter().any(|found| syntax.contains(&found.rule.id))
}

fuzz_target!(|bytes: &[u8]| {
    let mut files = files::split(bytes);
    for fixed in fix(&files.clone(), &Options::default()) {
        let before = &files[fixed.file];
        let _ = fixed.diff(before);
        let after = SourceFile::new(before.name(), &fixed.contents);
        assert!(unreadable(before) || !unreadable(&after), "{}", fixed.contents);
        files[fixed.file] = after;
    }
    let again = fix(&files, &Options::default());
    assert!(again.is_empty() || again.iter().all(|fixed| fixed.done.len() < 1000));
});
