//! Where a piece of a string's text stands in the file that the string was read from.

use super::Span;

/// Which byte of a text comes from which byte of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offsets(Vec<Piece>);

/// A piece of the text, up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    text: usize,
    file: usize,
    /// Whether it stands in the file as it is; all of an escape or a variable comes from where it begins.
    is_same: bool,
}

impl Offsets {
    /// From this byte of the text on, it is what stands from that byte of the file on.
    pub(super) fn same(&mut self, text: usize, file: usize) {
        let goes_on = self
            .0
            .last()
            .is_some_and(|last| last.is_same && last.of(text) == file);
        if !goes_on {
            self.0.push(Piece {
                text,
                file,
                is_same: true,
            });
        }
    }

    /// From this byte of the text on, it stands for what begins at that byte of the file.
    pub(super) fn other(&mut self, text: usize, file: usize) {
        self.0.push(Piece {
            text,
            file,
            is_same: false,
        });
    }

    pub(super) fn of(&self, offset: usize) -> usize {
        let after = self.0.partition_point(|piece| piece.text <= offset);
        let last = after.checked_sub(1).and_then(|last| self.0.get(last));
        last.map_or(0, |piece| piece.of(offset))
    }
}

impl Piece {
    fn of(self, offset: usize) -> usize {
        self.file + if self.is_same { offset - self.text } else { 0 }
    }
}

/// The piece of `text` as it stands in `written`, where a string has quotes, escapes, indentation and line
/// breaks of its own: both are read side by side. `None` where they come apart.
pub(super) fn aligned(written: &str, text: &str, piece: &Span) -> Option<Span> {
    let mut reader = Aligned {
        written: written.as_bytes(),
        at: 0,
    };
    let before = text.get(..piece.start)?;
    let inside = text.get(piece.clone())?;
    before.bytes().try_for_each(|byte| reader.pass(byte))?;
    let first = inside.bytes().next()?;
    reader.reach(first)?;
    let start = reader.at;
    inside.bytes().try_for_each(|byte| reader.pass(byte))?;
    let word = inside.split_whitespace().next()?;
    let is_there = written.get(start..)?.starts_with(word);
    is_there.then_some(start..reader.at)
}

struct Aligned<'w> {
    written: &'w [u8],
    at: usize,
}

impl Aligned<'_> {
    fn here(&self) -> Option<u8> {
        self.written.get(self.at).copied()
    }

    /// To the next place of a byte, past quotes, backslashes and indentation.
    fn reach(&mut self, byte: u8) -> Option<()> {
        while self.here()? != byte {
            self.at += 1;
        }
        Some(())
    }

    /// Behind a byte of the text. White space may be written as other white space, or as an escape.
    fn pass(&mut self, byte: u8) -> Option<()> {
        if !byte.is_ascii_whitespace() {
            self.reach(byte)?;
            self.at += 1;
        } else if self.here() == Some(byte) {
            self.at += 1;
        } else if self.here() == Some(b'\\') {
            self.at += 2;
        } else {
            while self.here().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::source::{Format, Text};

    /// What stands in the file for each word of the only item of a list.
    fn words(yaml: &str) -> Vec<&str> {
        let text = Text::new(yaml.as_bytes(), Format::Yaml);
        let tree = text.parse();
        let node = &tree.root.as_ref().unwrap().items()[0];
        let value = node.as_str().unwrap();
        let words = value.split_whitespace().map(|word| {
            let start = word.as_ptr() as usize - value.as_ptr() as usize;
            let place = tree.within(yaml, node, &(start..start + word.len()));
            place.map_or("none", |place| &yaml[place])
        });
        words.collect()
    }

    #[test]
    fn words_of_yaml_are_found_as_they_are_written() {
        for (yaml, expected) in [
            ("- docker push a", &["docker", "push", "a"][..]),
            ("- 'it''s a'", &["none", "a"]),
            ("- \"a\\nb \\\"c d\"", &["a", "b", "\"c", "d"]),
            ("- |\n   a b\n     c\n\n   d\n", &["a", "b", "c", "d"]),
            ("- >-\n   a b\n   - c\n", &["a", "b", "-", "c"]),
            ("- a b\n   c", &["a", "b", "c"]),
            ("- \"ü a\"", &["ü", "a"]),
        ] {
            assert_eq!(words(yaml), expected, "{yaml}");
        }
    }
}
