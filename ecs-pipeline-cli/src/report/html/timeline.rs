//! A deployment as a picture: the tasks that ran, old and new, and the share of the traffic.

use std::time::Duration;

use ecs_pipeline_core::model::RevisionRole;

use super::super::story::Progress;
use super::super::text::duration;
use super::{BLUE, GREEN, GREY};

/// In the picture's own units, which are pixels where there is room.
const WIDTH: f64 = 940.0;
const LEFT: f64 = 70.0;
const HEIGHT: f64 = 90.0;

/// A panel of the picture: lines over the same time.
struct Panel {
    title: &'static str,
    /// The value at the top, and how it is written.
    top: f64,
    unit: &'static str,
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    colour: &'static str,
    /// Broken, so that a line beneath it is seen.
    dashed: bool,
    /// Times in milliseconds, and values that hold from then on.
    points: Vec<(u64, f64)>,
}

/// Draws what was seen; nothing where that is a single moment.
pub(super) fn draw(seen: &[Progress]) -> String {
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else {
        return String::new();
    };
    if first.at_ms == last.at_ms {
        return String::new();
    }
    let mut panels = vec![tasks(seen)];
    panels.extend(traffic(seen));
    let height = panels.len() as f64 * (HEIGHT + 40.0) + 20.0;
    let mut drawn = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n"
    );
    for (index, panel) in panels.iter().enumerate() {
        let y = index as f64 * (HEIGHT + 40.0) + 24.0;
        drawn.push_str(&panel.draw(y, first.at_ms, last.at_ms));
    }
    for (x, anchor, at_ms) in [
        (LEFT, "start", first.at_ms),
        (WIDTH - 10.0, "end", last.at_ms),
    ] {
        let at = duration(Duration::from_millis(at_ms));
        drawn.push_str(&label(x, height - 8.0, anchor, GREY, &at));
    }
    drawn.push_str("</svg>\n");
    drawn
}

fn tasks(seen: &[Progress]) -> Panel {
    let running = |role: RevisionRole| {
        let at = seen.iter().map(|seen| {
            let of_role = seen.revisions.iter().filter(|it| it.role == role);
            (seen.at_ms, of_role.map(|it| f64::from(it.running)).sum())
        });
        at.collect::<Vec<(u64, f64)>>()
    };
    let new = line("new", GREEN, running(RevisionRole::New));
    let mut old = line("old", GREY, running(RevisionRole::Old));
    old.dashed = true;
    let lines = vec![new, old];
    let all = lines.iter().flat_map(|line| &line.points);
    let top = all.map(|(_, value)| *value).fold(1.0, f64::max);
    Panel {
        title: "tasks running",
        top,
        unit: "",
        lines,
    }
}

/// The new revision's share, where it is shifted by weights.
fn traffic(seen: &[Progress]) -> Option<Panel> {
    let shares = seen
        .iter()
        .filter_map(|seen| Some((seen.at_ms, seen.traffic?.production)));
    let points: Vec<(u64, f64)> = shares.collect();
    (!points.is_empty()).then(|| Panel {
        title: "traffic to the new revision",
        top: 100.0,
        unit: " %",
        lines: vec![line("share", BLUE, points)],
    })
}

fn line(name: &'static str, colour: &'static str, points: Vec<(u64, f64)>) -> Line {
    Line {
        name,
        colour,
        dashed: false,
        points,
    }
}

impl Panel {
    fn draw(&self, y: f64, from: u64, to: u64) -> String {
        let bottom = y + HEIGHT;
        let mut drawn = label(LEFT, y - 8.0, "start", "#1f2328", self.title);
        let mut x = LEFT + 190.0;
        for line in &self.lines {
            drawn.push_str(&label(x, y - 8.0, "start", line.colour, line.name));
            x += 60.0;
        }
        for (value, at) in [(self.top, y), (0.0, bottom)] {
            let value = format!("{value}{}", self.unit);
            drawn.push_str(&format!(
                "<line x1=\"{LEFT}\" y1=\"{at}\" x2=\"{}\" y2=\"{at}\" stroke=\"#d0d7de\"/>\n",
                WIDTH - 10.0
            ));
            drawn.push_str(&label(LEFT - 8.0, at + 4.0, "end", GREY, &value));
        }
        for line in &self.lines {
            drawn.push_str(&self.polyline(line, bottom, from, to));
        }
        drawn
    }

    /// A value holds until the next one is seen: the line goes in steps.
    fn polyline(&self, line: &Line, bottom: f64, from: u64, to: u64) -> String {
        let place = |at_ms: u64, value: f64| {
            let part = at_ms.saturating_sub(from) as f64 / (to - from) as f64;
            let x = LEFT + part * (WIDTH - 10.0 - LEFT);
            format!("{x:.1},{:.1}", bottom - value / self.top * HEIGHT)
        };
        let mut points = Vec::new();
        let mut last = None;
        for (at_ms, value) in &line.points {
            points.extend(last.map(|last| place(*at_ms, last)));
            points.push(place(*at_ms, *value));
            last = Some(*value);
        }
        points.extend(last.map(|last| place(to, last)));
        let dashes = match line.dashed {
            true => " stroke-dasharray=\"7 5\"",
            false => "",
        };
        format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\"{dashes}/>\n",
            points.join(" "),
            line.colour
        )
    }
}

fn label(x: f64, y: f64, anchor: &str, colour: &str, text: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>\n")
}
