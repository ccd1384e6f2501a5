//! Bytes to lines and columns.

/// A place in a text that people can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[non_exhaustive]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// How many characters begin before each block of bytes, so that a file of one line and many
    /// findings is not counted through for each of them. Empty where every character is one byte.
    marks: Vec<usize>,
}

const BLOCK: usize = 1024;

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
            marks: if text.is_ascii() {
                Vec::new()
            } else {
                marks(text)
            },
        }
    }

    /// The position of a byte; of one within a character, that character's.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        Position {
            line,
            column: self.characters_before(offset) - self.characters_before(start) + 1,
        }
    }

    /// How many characters begin before a byte, or before the character that it is in.
    fn characters_before(&self, offset: usize) -> usize {
        let offset = self.text.floor_char_boundary(offset);
        if self.marks.is_empty() {
            return offset;
        }
        let block = offset / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..offset);
        let marked = self.marks.get(block).copied().unwrap_or_default();
        marked + characters(rest.unwrap_or_default())
    }
}

fn marks(text: &str) -> Vec<usize> {
    let mut marks = vec![0];
    for block in text.as_bytes().chunks(BLOCK) {
        let before = marks.last().copied().unwrap_or_default();
        marks.push(before + characters(block));
    }
    marks
}

fn characters(bytes: &[u8]) -> usize {
    // Every byte of a character but its first has the form 10xxxxxx.
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_right_beyond_a_block() {
        let text = format!("{}x\n{}y", "ü".repeat(3000), "a".repeat(BLOCK));
        let lines = Lines::new(&text);
        for (offset, line, column) in [
            (2 * BLOCK, 1, BLOCK + 1),
            (2 * BLOCK - 1, 1, BLOCK),
            (6000, 1, 3001),
            (6002, 2, 1),
            (text.len() - 1, 2, BLOCK + 1),
        ] {
            assert_eq!(
                lines.position(offset),
                Position { line, column },
                "{offset}"
            );
        }
    }

    #[test]
    fn columns_count_characters_and_lines_count_breaks() {
        let lines = Lines::new("aü\r\nb\n");
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 1, 2),
            (3, 1, 3),
            (5, 2, 1),
            (6, 2, 2),
            (7, 3, 1),
            (99, 3, 1),
        ] {
            assert_eq!(
                lines.position(offset),
                Position { line, column },
                "{offset}"
            );
        }
    }
}
