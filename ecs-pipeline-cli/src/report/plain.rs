//! Plain lines for CI logs: no cursor tricks, no colour, each line complete and flushed.

use std::time::Duration;

use ecs_pipeline_core::event::Event;

use super::summary::Summary;
use super::text::lines;
use super::{Renderer, print_line};

#[derive(Default)]
pub(super) struct Plain {
    summary: Summary,
}

impl Plain {
    pub(super) fn new() -> Self {
        Self::default()
    }
}

impl Renderer for Plain {
    fn event(&mut self, event: &Event) {
        for row in self.summary.add(&event.event) {
            print_line(&format!("{}{}", row.head, row.text));
        }
        let at = clock(Duration::from_millis(event.elapsed_ms));
        for line in lines(&event.event) {
            print_line(format!("{at}  {:<9} {}", line.who, line.text).trim_end());
        }
    }
}

/// `00:07`, `12:34`: minutes and seconds since the start.
fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}
