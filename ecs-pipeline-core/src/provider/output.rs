//! Lines that a provider's tools write while they work.

use tokio::sync::mpsc::UnboundedSender;

/// Takes the lines that a build or a push writes, and hands them to whoever watches.
#[derive(Debug, Clone, Default)]
pub struct Output(Option<UnboundedSender<String>>);

impl Output {
    /// Lines go to this channel.
    #[must_use]
    pub fn to(lines: UnboundedSender<String>) -> Self {
        Self(Some(lines))
    }

    /// Nobody watches.
    #[must_use]
    pub fn discard() -> Self {
        Self(None)
    }

    /// Hands on a line.
    pub fn line(&self, line: impl Into<String>) {
        if let Some(lines) = &self.0 {
            // Whoever watched has gone: the work goes on without.
            let _ = lines.send(line.into());
        }
    }
}
