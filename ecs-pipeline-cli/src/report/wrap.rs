//! Long texts on a terminal: broken between words, under one another.

/// A line no wider than `width` where words allow it: `first` before its first part, and as much
/// space before the others.
pub(super) fn wrapped(first: &str, text: &str, width: usize) -> String {
    let indent = first.chars().count();
    let room = width.saturating_sub(indent).max(20);
    let mut lines = String::from(first);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > room {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = 0;
        }
        if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// The terminal's width in columns; 80 where there is none to ask.
pub(super) fn terminal_width() -> usize {
    ask().filter(|width| *width > 0).unwrap_or(80)
}

#[cfg(unix)]
fn ask() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    size.ok().map(|size| usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn ask() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole_and_under_one_another() {
        let text = "one two three four five six seven";
        assert_eq!(
            wrapped("- who ", text, 26),
            "- who one two three four\n      five six seven"
        );
        let digest = "a".repeat(30);
        assert_eq!(
            wrapped("x ", &format!("is {digest} long"), 26),
            format!("x is\n  {digest}\n  long")
        );
        assert_eq!(wrapped("x ", "", 26), "x ");
    }
}
