//! The few forms that the page is made of.

use ecs_pipeline_artifacts::output::xml::escaped;

use super::GREY;

/// A table's cell.
pub(super) struct Cell {
    attributes: &'static str,
    inside: String,
}

impl Cell {
    pub(super) fn text(said: &str) -> Self {
        Self::markup(text(said))
    }

    pub(super) fn markup(inside: String) -> Self {
        Self {
            attributes: "",
            inside,
        }
    }

    /// The name of what stands in its row.
    pub(super) fn head(name: &str) -> Self {
        Self {
            attributes: " width=\"120\"",
            inside: coloured_plainly(GREY, &text(name)),
        }
    }

    pub(super) fn number(said: &str) -> Self {
        Self {
            attributes: " align=\"right\" nowrap=\"nowrap\"",
            inside: text(said),
        }
    }
}

/// Text, which a browser may break after the parts of a long name.
pub(super) fn text(said: &str) -> String {
    let mut broken = String::with_capacity(said.len());
    for part in said.split_inclusive(['/', '@']) {
        if !broken.is_empty() {
            broken.push_str("<wbr/>");
        }
        broken.push_str(&escaped(part));
    }
    broken
}

/// A word that is to be seen.
pub(super) fn coloured(colour: &str, word: &str) -> String {
    format!("<font color=\"{colour}\"><b>{}</b></font>", escaped(word))
}

fn coloured_plainly(colour: &str, markup: &str) -> String {
    format!("<font color=\"{colour}\">{markup}</font>")
}

pub(super) fn small(markup: &str) -> String {
    format!("<font size=\"2\" color=\"{GREY}\">{markup}</font>")
}

/// Lines of logs and the like.
pub(super) fn code_lines<'a>(lines: impl Iterator<Item = &'a String>) -> String {
    let lines: Vec<String> = lines.map(|line| text(line)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "<table width=\"100%\" border=\"0\" cellpadding=\"8\" cellspacing=\"0\" bgcolor=\"#f3f4f6\"><tr><td>\
         <font size=\"2\"><code>{}</code></font></td></tr></table>\n",
        lines.join("<br/>\n")
    )
}

pub(super) fn section(title: &str, inside: &str) -> String {
    match title {
        "" => format!("<br/>\n{inside}"),
        title => format!("<h3>{}</h3>\n{inside}", escaped(title)),
    }
}

/// A table with these columns; without names it has no head.
pub(super) fn table(columns: &[&str], rows: &[Vec<Cell>]) -> String {
    let mut table =
        String::from("<table width=\"100%\" border=\"0\" cellpadding=\"5\" cellspacing=\"0\">\n");
    if !columns.is_empty() {
        let names = columns.iter().map(|name| {
            let name = coloured_plainly(GREY, &escaped(name));
            format!("<th align=\"left\">{}</th>", name)
        });
        table.push_str(&format!("<tr>{}</tr>\n", names.collect::<String>()));
    }
    for (index, row) in rows.iter().enumerate() {
        // Lines between rows would be a style: every other row has a ground.
        let ground = if index % 2 == 0 {
            " bgcolor=\"#f8f9fa\""
        } else {
            ""
        };
        let cells = row
            .iter()
            .map(|cell| format!("<td{}>{}</td>", cell.attributes, cell.inside));
        table.push_str(&format!(
            "<tr valign=\"top\"{ground}>{}</tr>\n",
            cells.collect::<String>()
        ));
    }
    table.push_str("</table>\n");
    table
}
