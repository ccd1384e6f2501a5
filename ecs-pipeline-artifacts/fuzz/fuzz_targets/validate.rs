//! Whatever bytes the files have: no panic, every finding points into its text, and every output shows it.
#![no_main]

use ecs_pipeline_artifacts::output;
use ecs_pipeline_artifacts::validate::{Options, validate};
use libfuzzer_sys::fuzz_target;

#[path = "files.rs"]
mod files;

fuzz_target!(|bytes: &[u8]| {
    let files = files::split(bytes);
    let report = validate(&files, &Options::default());
    for finding in &report.findings {
        let text = files[finding.place.file].text();
        let place = &finding.place;
        assert!(text.get(place.span.clone()).is_some(), "{place:?}");
        assert!(place.start <= place.end, "{place:?}");
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.clone()).is_some(), "{edit:?}");
        }
    }
    let _ = output::text::render(&files, &report, output::text::Style::Plain);
    let _ = output::json::render(&files, &report);
    // These two write every rule out, which would leave little time for the rest.
    if bytes.len() % 32 == 0 {
        let _ = output::sarif::render(&files, &report);
        let _ = output::junit::render(&files, &report, true);
    }
});
