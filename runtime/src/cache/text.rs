//! An object as text: where the parts of interest begin and end, without decoding anything.
//!
//! This is not a JSON parser: it finds the end of a value by its brackets and quotes, once, and leaves it to the
//! decoder to complain about what is in between. Text that ends too early answers `None`.

use std::ops::Range;

use memchr::memchr2;

/// Where the parts of one object are in its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// `metadata.managedFields` with its comma: what is left without it is the object without them.
    pub(super) managed_fields: Option<Range<usize>>,
    /// The value of `metadata.uid`, with its quotes.
    pub(super) uid: Option<Range<usize>>,
    /// The value of `metadata.resourceVersion`, with its quotes.
    pub(super) version: Option<Range<usize>>,
    /// The value of `metadata.ownerReferences`, if it is a list.
    pub(super) owners: Option<Range<usize>>,
}

/// Finds the parts of an object, or nothing in text that is none.
///
/// A key that is written with escapes is not recognized; nobody writes those that way.
pub(super) fn outline(text: &[u8]) -> Outline {
    let mut fields = Fields::new(text, 0);
    while let Some(key) = fields.key() {
        if name(text, &key) == b"metadata" {
            // Its fields are walked over right away: what comes after it is of no interest.
            return fields
                .at
                .map(|start| outline_metadata(text, start))
                .unwrap_or_default();
        }
        if fields.value().is_none() {
            break;
        }
    }
    Outline::default()
}

fn outline_metadata(text: &[u8], start: usize) -> Outline {
    let mut outline = Outline::default();
    let mut fields = Fields::new(text, start);
    let mut end_of_last = None;
    while let Some((key, value)) = fields.next() {
        let end = value.end;
        match name(text, &key) {
            b"managedFields" => outline.managed_fields = Some(with_comma(text, key.start..end, end_of_last)),
            b"uid" => outline.uid = Some(value),
            b"resourceVersion" => outline.version = Some(value),
            b"ownerReferences" if text[value.start] == b'[' => outline.owners = Some(value),
            _ => {}
        }
        end_of_last = Some(end);
    }
    outline
}

/// A field goes with the comma after it, or, if it is the last one, with what is between it and the field before.
fn with_comma(text: &[u8], field: Range<usize>, end_of_last: Option<usize>) -> Range<usize> {
    let after = skip_space(text, field.end);
    match (text.get(after), end_of_last) {
        (Some(b','), _) => field.start..after + 1,
        (_, Some(end_of_last)) => end_of_last..field.end,
        (_, None) => field,
    }
}

/// Returns the name that a key is, without its quotes.
fn name<'a>(text: &'a [u8], key: &Range<usize>) -> &'a [u8] {
    &text[key.start + 1..key.end - 1]
}

/// Walks over the fields of the object that starts at a place: a key, its value, the next key.
struct Fields<'a> {
    text: &'a [u8],
    at: Option<usize>,
}

impl<'a> Fields<'a> {
    fn new(text: &'a [u8], start: usize) -> Self {
        let open = skip_space(text, start);
        let at = (text.get(open) == Some(&b'{')).then_some(open + 1);
        Self { text, at }
    }

    /// Returns where the next field is, and where its value is, quotes and all.
    fn next(&mut self) -> Option<(Range<usize>, Range<usize>)> {
        Some((self.key()?, self.value()?))
    }

    /// Goes to the next value, and returns where its key is.
    fn key(&mut self) -> Option<Range<usize>> {
        let start = skip_separators(self.text, self.at.take()?);
        if self.text.get(start) != Some(&b'"') {
            return None;
        }
        let key = start..string_end(self.text, start)?;
        self.at = Some(value_start(self.text, key.end)?);
        Some(key)
    }

    /// Passes a value, and returns where it is.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at.take()?;
        let end = value_end(self.text, start)?;
        self.at = Some(end);
        Some(start..end)
    }
}

/// Returns the first place at or after `at` that is no space.
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Returns the first place at or after `at` that is neither space nor comma.
fn skip_separators(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t' | b',')) {
        at += 1;
    }
    at
}

/// Returns where the value begins whose key ended at a place.
fn value_start(text: &[u8], key_end: usize) -> Option<usize> {
    let colon = skip_space(text, key_end);
    (text.get(colon) == Some(&b':')).then(|| skip_space(text, colon + 1))
}

/// Returns the end of the value that starts at a place.
fn value_end(text: &[u8], start: usize) -> Option<usize> {
    match text.get(start)? {
        b'"' => string_end(text, start),
        b'{' | b'[' => nested_end(text, start),
        // A number or a word ends where something else begins.
        _ => {
            let rest = text.get(start..)?;
            let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            let length = rest.iter().position(is_end)?;
            (length > 0).then_some(start + length)
        }
    }
}

fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn nested_end(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        match text.get(at)? {
            b'"' => at = string_end(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(text: &str, without: &str) {
        let mut left = text.to_owned();
        if let Some(range) = outline(text.as_bytes()).managed_fields {
            left.replace_range(range, "");
        }
        assert_eq!(left, without, "of {text}");
        let parsed: Value = serde_json::from_str(&left).unwrap();
        let mut expected: Value = serde_json::from_str(text).unwrap();
        if let Some(metadata) = expected.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        assert_eq!(parsed, expected, "of {text}");
    }

    #[test]
    fn managed_fields_are_cut_out_wherever_they_stand() {
        check(
            r#"{"metadata":{"managedFields":[{"a":"}"}],"name":"a"}}"#,
            r#"{"metadata":{"name":"a"}}"#,
        );
        check(
            r#"{"metadata":{"name":"a","managedFields":[]}}"#,
            r#"{"metadata":{"name":"a"}}"#,
        );
        check(
            r#"{"metadata":{"name":"a","managedFields":[{}],"uid":"u"}}"#,
            r#"{"metadata":{"name":"a","uid":"u"}}"#,
        );
        check(r#"{"metadata":{"managedFields":null}}"#, r#"{"metadata":{}}"#);
        check(
            "{ \"metadata\" : { \"name\" : \"a\" , \"managedFields\" : [ ] } }",
            "{ \"metadata\" : { \"name\" : \"a\" } }",
        );
    }

    #[test]
    fn what_is_called_the_same_elsewhere_stays() {
        check(
            r#"{"spec":{"managedFields":1},"metadata":{}}"#,
            r#"{"spec":{"managedFields":1},"metadata":{}}"#,
        );
        check(
            r#"{"metadata":{"annotations":{"managedFields":"\"}"}}}"#,
            r#"{"metadata":{"annotations":{"managedFields":"\"}"}}}"#,
        );
        check(
            r#"{"spec":"\"metadata\":{\"managedFields\":[]}"}"#,
            r#"{"spec":"\"metadata\":{\"managedFields\":[]}"}"#,
        );
    }

    #[test]
    fn uid_version_and_owners_are_those_of_the_object() {
        let text = json!({"metadata": {
            "ownerReferences": [{"uid": "other"}], "resourceVersion": "7", "uid": "u1",
        }})
        .to_string();
        let outline = outline(text.as_bytes());
        assert_eq!(&text[outline.uid.unwrap()], "\"u1\"");
        assert_eq!(&text[outline.version.unwrap()], "\"7\"");
        assert_eq!(&text[outline.owners.unwrap()], r#"[{"uid":"other"}]"#);
    }

    #[test]
    fn text_that_is_cut_off_or_no_object_has_no_parts() {
        let text = r#"{"metadata":{"managedFields":[{"a":1}],"uid":"u\\1"}}"#;
        for end in 0..text.len() {
            // Whatever comes of it, it ends.
            outline(&text.as_bytes()[..end]);
        }
        for text in [
            "",
            "5",
            "[]",
            "null",
            "{",
            "{5:1}",
            r#"{"metadata":5}"#,
            r#"{"metadata":{"uid""#,
        ] {
            assert_eq!(outline(text.as_bytes()), Outline::default(), "of {text}");
        }
    }
}
