//! CloudWatch Logs: the last lines of a container.

use super::{AwsConfig, Errors};
use crate::error::ProviderError;

/// How many lines are read.
const LINES: i32 = 15;

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
}
