//! Finds numbers that `serde_json` would round.

/// The byte offset of the first number in `json`, which must be valid JSON, whose value changes when it
/// is read and written.
pub(crate) fn first_inexact(json: &str) -> Option<usize> {
    tokens(json)
        .find(|(_, token)| !survives(token))
        .map(|(offset, _)| offset)
}

/// Number tokens with their offsets. Digits within strings are passed over.
fn tokens(json: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = json.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = end_of_string(bytes, at),
                b'-' | b'0'..=b'9' => {
                    let start = at;
                    while bytes.get(at).is_some_and(|b| {
                        matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
                    }) {
                        at += 1;
                    }
                    return json.get(start..at).map(|token| (start, token));
                }
                _ => at += 1,
            }
        }
        None
    })
}

/// The offset behind the string that opens at `open`.
fn end_of_string(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn survives(token: &str) -> bool {
    // Up to 18 digits always fit a 64-bit integer.
    if token.len() <= 18 && token.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    serde_json::from_str::<serde_json::Number>(token)
        .is_ok_and(|number| decimal(token) == decimal(&number.to_string()))
}

/// A decimal numeral as sign, significant digits and power of ten, so that `1.50`, `15e-1` and `1.5`
/// are one.
fn decimal(numeral: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = numeral.split_once(['e', 'E']).unwrap_or((numeral, "0"));
    let negative = mantissa.starts_with('-');
    let (whole, fraction) = mantissa
        .trim_start_matches('-')
        .split_once('.')
        .unwrap_or((mantissa.trim_start_matches('-'), ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    let trailing_zeros = digits.len() - digits.trim_end_matches('0').len();
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX);
    let power = exponent
        .saturating_sub(fraction.len() as i64)
        .saturating_add(trailing_zeros as i64);
    (negative, significant.to_owned(), power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_lose_digits_are_found() {
        for (json, found) in [
            (
                "[1, -1, 0, -0, 0.0, 1.50, 1e2, 1E+2, 2.5e-3, 100, 1.0]",
                None,
            ),
            ("[18446744073709551615, -9223372036854775808]", None),
            ("[18446744073709551616]", Some(1)),
            ("[1, 0.12345678901234567890]", Some(4)),
            (
                r#"["18446744073709551616", "\"0.12345678901234567890"]"#,
                None,
            ),
            ("[1e300, 0.1, 3.141592653589793]", None),
            ("[18446744073709551620000]", Some(1)),
            ("[1000000000000000000000]", None),
        ] {
            assert_eq!(first_inexact(json), found, "{json}");
        }
    }
}
