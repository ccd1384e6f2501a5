//! Whatever bytes: what a typed format takes, it writes and reads again as the same.
#![no_main]

use ecs_pipeline_artifacts::app_spec::AppSpec;
use ecs_pipeline_artifacts::build_spec::BuildSpec;
use ecs_pipeline_artifacts::image_definitions::ImageDefinitions;
use ecs_pipeline_artifacts::image_detail::ImageDetail;
use ecs_pipeline_artifacts::task_definition::{TaskDefinitionDocument, convert};
use ecs_pipeline_artifacts::validate::SourceFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = AppSpec::parse(bytes) {
        assert_eq!(AppSpec::parse(read.to_yaml_string()).expect("as YAML"), read);
        assert_eq!(AppSpec::parse(read.to_json_string()).expect("as JSON"), read);
    }
    if let Ok(read) = ImageDefinitions::parse(bytes) {
        assert_eq!(ImageDefinitions::parse(read.to_json_string()).expect("read again"), read);
    }
    if let Ok(read) = ImageDetail::parse(bytes) {
        assert_eq!(ImageDetail::parse(read.to_json_string()).expect("read again"), read);
    }
    let _ = BuildSpec::parse(bytes);
    for name in ["taskdef.json", "taskdef.yaml"] {
        if let Ok(converted) = convert(&SourceFile::new(name, bytes), Some("family")) {
            let text = converted.document.to_json_string();
            let read = TaskDefinitionDocument::parse(&text).expect("what is converted can be read");
            assert_eq!(read.to_json_string(), text);
        }
    }
});
