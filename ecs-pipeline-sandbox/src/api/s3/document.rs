//! The XML documents that a few of S3's requests have as their body.

use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::world::ApiError;

use super::errors;

/// The text of the first element of this name; `None` when there is no such element, or no body.
pub(super) fn text_of(document: &[u8], name: &str) -> Result<Option<String>, ApiError> {
    let mut all = texts(document)?.into_iter();
    Ok(all.find_map(|(element, text)| (element == name).then_some(text)))
}

/// The parts that CompleteMultipartUpload names: number and ETag, without its quotes.
pub(super) fn parts(document: &[u8]) -> Result<Vec<(u16, String)>, ApiError> {
    let mut numbers = Vec::new();
    let mut etags = Vec::new();
    for (element, text) in texts(document)? {
        match element.as_str() {
            "PartNumber" => numbers.push(text.parse().map_err(|_| errors::malformed_xml())?),
            "ETag" => {
                let etag = text.replace("&quot;", "").replace("&#34;", "");
                etags.push(etag.trim_matches('"').to_owned());
            }
            _ => {}
        }
    }
    if numbers.len() != etags.len() {
        return Err(errors::malformed_xml());
    }
    Ok(numbers.into_iter().zip(etags).collect())
}

/// Each element that directly has text, with that text.
fn texts(document: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let document = std::str::from_utf8(document).map_err(|_| errors::malformed_xml())?;
    let mut inside = None;
    let mut texts = Vec::new();
    for token in Tokenizer::from(document) {
        match token.map_err(|_| errors::malformed_xml())? {
            Token::ElementStart { local, .. } => inside = Some(local.as_str()),
            Token::Text { text } => {
                if let Some(element) = inside.take() {
                    texts.push((element.to_owned(), text.as_str().trim().to_owned()));
                }
            }
            Token::ElementEnd {
                end: ElementEnd::Close(..) | ElementEnd::Empty,
                ..
            } => inside = None,
            _ => {}
        }
    }
    Ok(texts)
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

    #[test]
    fn the_parts_of_an_upload_are_read() {
        let part = |etag: &str| (1, etag.to_owned());
        let table = [
            ("<C/>", Ok(vec![])),
            (
                "<C><Part><ETag>\"ab\"</ETag><PartNumber>1</PartNumber></Part></C>",
                Ok(vec![part("ab")]),
            ),
            (
                "<C>\n <Part>\n  <PartNumber>1</PartNumber>\n  <ETag>&quot;ab&quot;</ETag>\n \
                 </Part><Part><PartNumber>2</PartNumber><ChecksumCRC32>x</ChecksumCRC32>\
                 <ETag>cd</ETag></Part></C>",
                Ok(vec![part("ab"), (2, "cd".into())]),
            ),
            ("<C><Part><ETag>ab</ETag></Part></C>", Err("MalformedXML")),
            (
                "<C><Part><ETag>a</ETag><PartNumber>x</PartNumber></Part></C>",
                Err("MalformedXML"),
            ),
        ];
        for (document, expected) in table {
            let found = parts(document.as_bytes()).map_err(|error| error.code);
            assert_eq!(found, expected.map_err(String::from), "{document}");
        }
    }
}
