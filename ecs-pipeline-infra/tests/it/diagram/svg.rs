//! SVG, readable on a light and on a dark page.

use std::fmt::Write as _;

use super::layout::{Frame, Line, Node, STACKS, TALL, TITLE};

/// A drawing that grows.
pub(super) struct Canvas {
    text: String,
    height: i32,
}

const STYLE: &str = "
  text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 12px; fill: #1f2328 }
  .strong { font-weight: 600 }
  .quiet { fill: #57606a }
  .page { fill: #ffffff }
  .box { fill: #f6f8fa; stroke: #8c959f }
  .vpc { fill: none; stroke: #57606a; stroke-width: 1.5 }
  .public { fill: #dafbe1; fill-opacity: .45; stroke: #1a7f37; stroke-dasharray: 5 3 }
  .private { fill: #ddf4ff; fill-opacity: .45; stroke: #0969da; stroke-dasharray: 5 3 }
  .cluster { fill: none; stroke: #8250df; stroke-dasharray: 2 3 }
  .line { fill: none; stroke: #57606a; stroke-width: 1.5 }
  .head { fill: #57606a }
  .network { fill: #0969da } .registry { fill: #bc4c00 } .cluster-stack { fill: #8250df } .service { fill: #1a7f37 }
  .codedeploy { fill: #cf222e } .pipeline { fill: #9a6700 } .jenkins { fill: #bf3989 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .page { fill: #0d1117 }
    .box { fill: #161b22; stroke: #6e7681 } .vpc { stroke: #9198a1 }
    .public { fill: #033a16; stroke: #3fb950 } .private { fill: #051d4d; stroke: #4493f8 }
    .cluster { stroke: #ab7df8 } .line { stroke: #9198a1 } .head { fill: #9198a1 }
  }
";

impl Canvas {
    pub(super) fn new(width: i32, height: i32) -> Self {
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"What the templates create\">\n<style>{STYLE}</style>\n<defs><marker id=\"head\" \
             viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
             <path class=\"head\" d=\"M0 0 L8 4 L0 8 Z\"/></marker></defs>\n"
        );
        let page = format!("<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n");
        text.push_str(&page);
        let mut canvas = Self { text, height };
        canvas.write("strong", (20, 30), TITLE);
        canvas
    }

    pub(super) fn frame(&mut self, frame: &Frame, text: &str) {
        let Frame {
            class,
            x,
            y,
            width,
            height,
            ..
        } = frame;
        self.rect(class, (*x, *y, *width, *height));
        self.write("quiet", (x + 10, y + 18), text);
    }

    pub(super) fn node(&mut self, node: &Node, stack: &str, title: &str, text: &str) {
        let (x, y) = (node.x, node.y);
        self.rect("box", (x, y, node.width, TALL));
        self.stripe(stack, (x, y, TALL));
        let middle = if text.is_empty() { y + 28 } else { y + 19 };
        self.write("strong", (x + 14, middle), title);
        self.write("quiet", (x + 14, y + 36), text);
    }

    pub(super) fn line(&mut self, line: &Line) {
        let points: Vec<_> = line
            .points
            .iter()
            .map(|(x, y)| format!("{x},{y}"))
            .collect();
        let points = points.join(" ");
        let _ = writeln!(
            self.text,
            "<polyline class=\"line\" marker-end=\"url(#head)\" points=\"{points}\"/>"
        );
        self.write("quiet", line.text_at, line.text);
    }

    /// A titled list, each line with the colour of its stack.
    pub(super) fn list(
        &mut self,
        title: &str,
        (x, y, width): (i32, i32, i32),
        lines: &[(&str, String)],
    ) {
        let height = 32 + 18 * i32::try_from(lines.len()).unwrap();
        self.rect("box", (x, y, width, height));
        self.write("strong", (x + 14, y + 20), title);
        for ((stack, line), row) in lines.iter().zip(0..) {
            let y = y + 40 + 18 * row;
            self.dot(stack, (x + 18, y - 4));
            self.write("quiet", (x + 30, y), line);
        }
    }

    /// With what the colours mean.
    pub(super) fn finish(mut self) -> String {
        let y = self.height - 24;
        self.write(
            "strong",
            (20, y),
            "Stacks, in the order in which they are deployed:",
        );
        for (stack, column) in STACKS.iter().zip(0..) {
            let x = 400 + 105 * column;
            self.dot(stack, (x, y - 4));
            self.write("", (x + 10, y), stack);
        }
        self.text.push_str("</svg>\n");
        self.text
    }

    fn rect(&mut self, class: &str, (x, y, width, height): (i32, i32, i32, i32)) {
        let _ = writeln!(
            self.text,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>"
        );
    }

    fn stripe(&mut self, stack: &str, (x, y, height): (i32, i32, i32)) {
        let class = class(stack);
        let _ = writeln!(
            self.text,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"6\" height=\"{height}\" rx=\"3\"/>"
        );
    }

    fn dot(&mut self, stack: &str, (x, y): (i32, i32)) {
        let class = class(stack);
        let _ = writeln!(
            self.text,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>"
        );
    }

    fn write(&mut self, class: &str, (x, y): (i32, i32), text: &str) {
        if text.is_empty() {
            return;
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            self.text,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        );
    }
}

/// The cluster has a frame, too.
fn class(stack: &str) -> &str {
    match stack {
        "cluster" => "cluster-stack",
        other => other,
    }
}
