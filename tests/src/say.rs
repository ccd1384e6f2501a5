//! What a test has to say whether or not it passes.

use std::io::Write;

/// Prints a line on the standard error, which the test harness does not swallow as it does the
/// output of macros.
pub fn say(line: impl AsRef<str>) {
    // Nobody can be told that nobody can be told.
    let _ = writeln!(std::io::stderr(), "{}", line.as_ref());
}
