//! JSON, with a note of every field that is given twice.

use super::syntax;
use crate::schema::decode::{DecodeError, Decoded, untyped_json};

/// Reads JSON.
///
/// # Errors
/// What is wrong, in the words of Go's `encoding/json`.
pub fn decode_json(body: &[u8]) -> Result<Decoded, String> {
    untyped_json(body).map_err(|error| match error {
        DecodeError::Syntax(text) => json_complaint(body, text),
        DecodeError::Type(text) => text,
    })
}

/// Says in Go's words what is wrong with a body that is no JSON; `text` is for what Go would read.
#[must_use]
pub fn json_complaint(body: &[u8], text: String) -> String {
    syntax::complaint(body).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_in_the_words_of_go() {
        let cases = [
            (
                "{bad",
                "invalid character 'b' looking for beginning of object key string",
            ),
            ("", "unexpected end of JSON input"),
            ("{\"a\":1", "unexpected end of JSON input"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("tru3", "invalid character '3' in literal true (expecting 'e')"),
            ("ibar", "invalid character 'i' looking for beginning of value"),
            ("-x", "invalid character 'x' in numeric literal"),
            (
                "1.x",
                "invalid character 'x' after decimal point in numeric literal",
            ),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            (
                "{\"a\":1,}",
                "invalid character '}' looking for beginning of object key string",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(decode_json(body.as_bytes()).unwrap_err(), expected, "{body}");
        }
    }
}
