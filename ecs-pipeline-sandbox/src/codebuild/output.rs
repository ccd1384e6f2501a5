//! What the commands of a build print, line by line.

use std::io::{self, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe::Receiver;

/// One pipe for all commands of a build. A process that a command leaves running may keep it open, so the
/// end of a command's lines is marked in it, by [`Output::mark`], and is not its end.
#[derive(Debug)]
pub(super) struct Output {
    lines: BufReader<Receiver>,
    writer: PipeWriter,
    mark: String,
}

impl Output {
    /// `mark` is a line that no command prints.
    pub(super) fn new(mark: String) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let lines = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        Ok(Self {
            lines: BufReader::new(lines),
            writer,
            mark,
        })
    }

    /// A standard output, or a standard error.
    pub(super) fn stdio(&self) -> io::Result<Stdio> {
        Ok(self.writer.try_clone()?.into())
    }

    /// What marks the end of a command's lines: to be called when it has ended. It waits while the pipe is
    /// full, and so needs somebody who reads.
    pub(super) fn marker(&self) -> io::Result<impl FnOnce() -> io::Result<()> + Send + 'static> {
        let mut writer = self.writer.try_clone()?;
        // The last line need not have an end.
        let mark = format!("\n{}\n", self.mark);
        Ok(move || writer.write_all(mark.as_bytes()))
    }

    /// Reads up to the mark. Between two commands CodeBuild's log has an empty line: it is the mark's.
    pub(super) async fn read(&mut self, mut line: impl FnMut(&str)) -> io::Result<()> {
        let mut bytes = Vec::new();
        while self.lines.read_until(b'\n', &mut bytes).await? > 0 {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            if text == self.mark {
                break;
            }
            line(text);
            bytes.clear();
        }
        Ok(())
    }
}
