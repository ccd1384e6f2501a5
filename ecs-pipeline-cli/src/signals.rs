//! Ctrl-C and SIGTERM: the first asks the run to stop in order, the second ends it at once.

use ecs_pipeline_core::event::{EventKind, Events};
use tokio_util::sync::CancellationToken;

/// Watches for signals. The first cancels `cancel`; the second cancels the token that is
/// returned.
pub(crate) fn watch(cancel: &CancellationToken, events: &Events) -> CancellationToken {
    let abandon = CancellationToken::new();
    let (first, second, events) = (cancel.clone(), abandon.clone(), events.clone());
    tokio::spawn(async move {
        let name = next_signal().await;
        events.send(EventKind::Warning {
            text: format!("{name}: stopping in order; a second signal stops at once"),
        });
        first.cancel();
        next_signal().await;
        second.cancel();
    });
    abandon
}

#[cfg(unix)]
async fn next_signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => "Ctrl-C",
        _ = terminate.recv() => "SIGTERM",
    }
}

#[cfg(not(unix))]
async fn next_signal() -> &'static str {
    let _ = tokio::signal::ctrl_c().await;
    "Ctrl-C"
}
