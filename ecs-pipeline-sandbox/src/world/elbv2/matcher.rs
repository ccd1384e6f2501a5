//! Which HTTP statuses a health check takes for success.

use crate::world::ApiError;

use super::input::invalid;

/// A matcher as `Matcher.HttpCode` has it: `200`, `200,202` or `200-299`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matcher {
    written: String,
    ranges: Vec<(u16, u16)>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            written: "200".into(),
            ranges: vec![(200, 200)],
        }
    }
}

impl Matcher {
    /// Reads a matcher. For Application Load Balancers, AWS allows 200 to 499.
    pub(super) fn parse(written: &str) -> Result<Self, ApiError> {
        let ranges = written
            .split(',')
            .map(range)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                invalid(format!(
                    "Health check matcher HTTP code '{written}' must be within '200-499' inclusive"
                ))
            })?;
        Ok(Self {
            written: written.into(),
            ranges,
        })
    }

    pub(super) fn accepts(&self, status: u16) -> bool {
        self.ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&status))
    }

    pub(super) fn written(&self) -> &str {
        &self.written
    }
}

fn range(part: &str) -> Option<(u16, u16)> {
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let first = first.trim().parse().ok()?;
    let last = last.trim().parse().ok()?;
    (200 <= first && first <= last && last <= 499).then_some((first, last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Matcher;

    #[test]
    fn matchers() {
        let table: &[(&str, &[u16], &[u16])] = &[
            ("200", &[200], &[199, 201, 301, 503]),
            ("200,202", &[200, 202], &[201]),
            ("200-299", &[200, 250, 299], &[300]),
            ("200-299,301", &[204, 301], &[300, 302]),
        ];
        for (written, good, bad) in table {
            let matcher = Matcher::parse(written).unwrap();
            for status in *good {
                assert!(matcher.accepts(*status), "{written} takes {status}");
            }
            for status in *bad {
                assert!(!matcher.accepts(*status), "{written} refuses {status}");
            }
        }
        for wrong in ["", "abc", "200-", "299-200", "500", "100-200", "200,,201"] {
            assert!(Matcher::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
