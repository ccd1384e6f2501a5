//! CloudWatch Logs: the last lines of a container, and those that are new.

use super::{AwsConfig, Errors};
use crate::error::ProviderError;

/// How many lines are read.
const LINES: i32 = 15;

/// How many pages are read at once; one holds up to 10,000 lines or 1 MB.
const PAGES: u32 = 10;

/// Reads the end of log streams.
#[derive(Debug, Clone)]
pub struct LogReader {
    client: aws_sdk_cloudwatchlogs::Client,
    errors: Errors,
}

impl LogReader {
    /// A reader of the configuration's region.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        Self {
            client: aws_sdk_cloudwatchlogs::Client::new(config.sdk()),
            errors: config.errors(),
        }
    }

    /// The last lines of a stream, oldest first.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such stream: the container wrote
    /// nothing, or never started.
    pub async fn last_lines(
        &self,
        group: &str,
        stream: &str,
    ) -> Result<Vec<String>, ProviderError> {
        let answer = self
            .client
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream)
            .start_from_head(false)
            .limit(LINES)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("logs:GetLogEvents", format!("{group} {stream}"), error)
            })?;
        Ok(answer
            .events
            .unwrap_or_default()
            .into_iter()
            .filter_map(|event| event.message)
            .map(|line| line.trim_end().to_owned())
            .collect())
    }

    /// The lines of a stream after a place in it, oldest first, and the place that was reached; all
    /// of them where no place is given.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such stream (yet).
    pub async fn lines_after(
        &self,
        group: &str,
        stream: &str,
        place: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), ProviderError> {
        let mut lines = Vec::new();
        let mut place = place.map(str::to_owned);
        for _ in 0..PAGES {
            let answer = self
                .client
                .get_log_events()
                .log_group_name(group)
                .log_stream_name(stream)
                .start_from_head(true)
                .set_next_token(place.clone())
                .send()
                .await
                .map_err(|error| {
                    self.errors
                        .map("logs:GetLogEvents", format!("{group} {stream}"), error)
                })?;
            // The end of the stream is told by the token that was sent.
            let reached = answer.next_forward_token == place;
            place = answer.next_forward_token.or(place);
            let read = answer.events.unwrap_or_default();
            let is_end = reached || read.is_empty();
            lines.extend(
                read.into_iter()
                    .filter_map(|event| event.message)
                    .map(|line| line.trim_end().to_owned()),
            );
            if is_end {
                break;
            }
        }
        Ok((lines, place))
    }
}
