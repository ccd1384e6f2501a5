//! Which part of an object GetObject is to answer with (RFC 9110, section 14).

use std::ops::Range;

use http::{HeaderMap, header};

use crate::world::ApiError;

use super::errors;

/// The part that the request's Range header names; `None` is all of it. A header that is not one
/// range of bytes is ignored, as the RFC allows and S3 does.
pub(super) fn wanted(headers: &HeaderMap, length: usize) -> Result<Option<Range<usize>>, ApiError> {
    let written = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let Some(bounds) = written.and_then(bounds) else {
        return Ok(None);
    };
    let range = match bounds {
        (Some(first), last) => {
            let end = last.map_or(length, |last| last.saturating_add(1).min(length));
            first..end
        }
        (None, Some(last_bytes)) => length.saturating_sub(last_bytes)..length,
        (None, None) => return Ok(None),
    };
    if range.is_empty() {
        return Err(errors::invalid_range());
    }
    Ok(Some(range))
}

fn bounds(written: &str) -> Option<(Option<usize>, Option<usize>)> {
    let (first, last) = written.strip_prefix("bytes=")?.split_once('-')?;
    let bound = |text: &str| match text.trim() {
        "" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    let (first, last) = (bound(first)?, bound(last)?);
    // The other way round it is no range at all.
    let sound = first.zip(last).is_none_or(|(first, last)| first <= last);
    sound.then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let table = [
            ("bytes=0-0", 10, Ok(Some(0..1))),
            ("bytes=2-5", 10, Ok(Some(2..6))),
            ("bytes=2-", 10, Ok(Some(2..10))),
            ("bytes=2-99", 10, Ok(Some(2..10))),
            ("bytes=-3", 10, Ok(Some(7..10))),
            ("bytes=-99", 10, Ok(Some(0..10))),
            ("bytes=10-", 10, Err("InvalidRange")),
            ("bytes=0-", 0, Err("InvalidRange")),
            ("bytes=-0", 10, Err("InvalidRange")),
            ("bytes=5-2", 10, Ok(None)),
            ("bytes=0-1,3-4", 10, Ok(None)),
            ("bytes=-", 10, Ok(None)),
            ("lines=0-1", 10, Ok(None)),
            ("bytes=x-1", 10, Ok(None)),
            ("bytes=0-18446744073709551615", 10, Ok(Some(0..10))),
        ];
        for (written, length, expected) in table {
            let headers = [(header::RANGE, written.parse().unwrap())];
            let range = wanted(&headers.into_iter().collect(), length);
            let found = range.map_err(|error| error.code);
            assert_eq!(
                found,
                expected.map_err(String::from),
                "{written} of {length}"
            );
        }
        assert_eq!(wanted(&HeaderMap::new(), 10), Ok(None));
    }
}
