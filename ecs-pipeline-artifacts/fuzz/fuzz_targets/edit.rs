//! Whatever task definition it is: edited, written and read again it has the edit, and nothing is lost.
#![no_main]

use ecs_pipeline_artifacts::task_definition::{TaskDefinitionDocument, lost_members};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut document) = TaskDefinitionDocument::parse(bytes) else {
        return;
    };
    let mut before = document.clone().into_register_input();
    let names = document.container_names();
    let container = names.first().map(|name| (*name).to_owned());
    if let Some(container) = container {
        document.set_image(&container, "edited:1").expect("the container is there");
        assert_eq!(document.image_of(&container), Some("edited:1"));
        let _ = document.set_environment(&container, "A", "b");
        let _ = document.set_secret(&container, "B", "/b");
        let _ = document.set_log_option(&container, "awslogs-group", "b");
        // An image that is replaced is no loss.
        for definition in before["containerDefinitions"].as_array_mut().into_iter().flatten() {
            if let Some(definition) = definition.as_object_mut() {
                for edited in ["image", "environment", "secrets", "logConfiguration"] {
                    definition.remove(edited);
                }
            }
        }
    }
    let written = TaskDefinitionDocument::parse(document.to_json_string()).expect("what is written reads back");
    let after = written.into_register_input();
    assert_eq!(after.to_string(), document.into_register_input().to_string());
    assert_eq!(lost_members(&before, &after), [""; 0]);
});
