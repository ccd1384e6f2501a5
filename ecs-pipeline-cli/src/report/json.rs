//! One event a line, and nothing else on standard output.

use ecs_pipeline_core::event::Event;

use super::{Renderer, print_line};

pub(super) struct Json;

impl Renderer for Json {
    fn event(&mut self, event: &Event) {
        // An event is made of texts and numbers: it always has a JSON form.
        if let Ok(line) = serde_json::to_string(event) {
            print_line(&line);
        }
    }
}
