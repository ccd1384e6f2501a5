//! The XML documents that a few of S3's requests have as their body.

use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::world::ApiError;

use super::errors;

/// The text of the first element of this name; `None` when there is no such element, or no body.
pub(super) fn text_of(document: &[u8], name: &str) -> Result<Option<String>, ApiError> {
    let document = std::str::from_utf8(document).map_err(|_| errors::malformed_xml())?;
    let mut inside = false;
    let mut found = None;
    for token in Tokenizer::from(document) {
        match token.map_err(|_| errors::malformed_xml())? {
            Token::ElementStart { local, .. } => inside = local.as_str() == name,
            Token::Text { text } if inside && found.is_none() => {
                found = Some(text.as_str().trim().to_owned());
            }
            Token::ElementEnd {
                end: ElementEnd::Close(..) | ElementEnd::Empty,
                ..
            } => inside = false,
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elements_text_is_found() {
        let table = [
            ("", Ok(None)),
            ("<A/>", Ok(None)),
            ("<A><Status>Enabled</Status></A>", Ok(Some("Enabled"))),
            (
                "<?xml version='1.0'?>\n<A xmlns=\"x\"> <B>no</B>\n <s:Status> on </s:Status></A>",
                Ok(Some("on")),
            ),
            ("<A><Status/>no</A>", Ok(None)),
            ("<A><Status></A", Err("MalformedXML")),
            ("Status", Err("MalformedXML")),
        ];
        for (document, expected) in table {
            let found = text_of(document.as_bytes(), "Status").map_err(|error| error.code);
            let expected = expected.map(|text| text.map(String::from));
            assert_eq!(found, expected.map_err(String::from), "{document}");
        }
        assert!(text_of(b"\xff", "Status").is_err());
    }
}
