//! Writing YAML as the real server does: block style, quotes only where a plain scalar would mean something else.
//!
//! Long lines are not folded: that means the same.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Words that YAML 1.1 takes for something else than text, in lower case.
const WORDS: [&str; 15] = [
    "", "~", "null", "true", "false", "y", "n", "yes", "no", "on", "off", ".nan", ".inf", "+.inf", "-.inf",
];

/// Returns a value as a YAML document.
#[must_use]
pub fn encode_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(&mut out, map, 0),
        Value::Array(list) if !list.is_empty() => write_list(&mut out, list, 0),
        other => {
            write_scalar(&mut out, other, 0);
            out.push('\n');
        }
    }
    out
}

/// Writes the fields of an object; the cursor is where the first one starts.
fn write_map(out: &mut String, map: &Map<String, Value>, indent: usize) {
    for (at, (key, value)) in map.iter().enumerate() {
        if at > 0 {
            pad(out, indent);
        }
        let key = if key.contains('\n') {
            Value::from(key.as_str()).to_string()
        } else {
            inline(key)
        };
        out.push_str(&key);
        out.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                out.push('\n');
                pad(out, indent + 2);
                write_map(out, map, indent + 2);
            }
            // The items of a list stand under its name.
            Value::Array(list) if !list.is_empty() => {
                out.push('\n');
                pad(out, indent);
                write_list(out, list, indent);
            }
            other => {
                out.push(' ');
                write_scalar(out, other, indent + 2);
                out.push('\n');
            }
        }
    }
}

fn write_list(out: &mut String, list: &[Value], indent: usize) {
    for (at, item) in list.iter().enumerate() {
        if at > 0 {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => write_map(out, map, indent + 2),
            Value::Array(list) if !list.is_empty() => write_list(out, list, indent + 2),
            other => {
                write_scalar(out, other, indent + 2);
                out.push('\n');
            }
        }
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn write_scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) if is_block(text) => write_block(out, text, indent),
        Value::String(text) => out.push_str(&inline(text)),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        other => out.push_str(&other.to_string()),
    }
}

fn is_block(text: &str) -> bool {
    text.contains('\n') && !text.chars().any(|c| c != '\n' && c.is_control())
}

/// Writes a text of several lines without its last line's end.
fn write_block(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = match text.strip_suffix('\n') {
        None => {
            out.push('-');
            text
        }
        Some(body) if body.is_empty() || body.ends_with('\n') => {
            out.push('+');
            body
        }
        Some(body) => body,
    };
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
    }
}

/// Returns a text of one line as a scalar.
fn inline(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return double_quoted(text);
    }
    if means_something_else(text) {
        return format!("\"{text}\"");
    }
    if is_plain(text) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{:02X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn means_something_else(text: &str) -> bool {
    WORDS.contains(&text.to_ascii_lowercase().as_str()) || is_number(text) || is_time(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text).replace('_', "");
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let radix = [("0x", 16), ("0b", 2), ("0o", 8)];
    let of_radix = |(prefix, radix): &(&str, u32)| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(*radix)))
    };
    let sixties = digits.contains(':')
        && digits
            .split(':')
            .all(|part| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit()));
    radix.iter().any(of_radix) || sixties || digits.parse::<f64>().is_ok()
}

/// `2006-1-2`, alone or with a time of day.
fn is_time(text: &str) -> bool {
    let (date, time) = text
        .split_once(['T', 't', ' '])
        .map_or((text, None), |(date, time)| (date, Some(time)));
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3
        && parts[0].len() == 4
        && parts[1..].iter().all(|part| part.len() <= 2)
        && parts.iter().all(digits)
        && time.is_none_or(|time| time.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_plain(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    let rest = &text[first.len_utf8().min(text.len())..];
    let starts = match first {
        '-' | '?' | ':' => !rest.is_empty() && !rest.starts_with(' ') && text != "---",
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
        | ' ' => false,
        _ => true,
    };
    starts && !text.ends_with([' ', ':']) && !text.contains(": ") && !text.contains(" #")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codec::decode_yaml;

    #[test]
    fn texts_are_quoted_as_a_real_server_quotes_them() {
        let cases = [
            ("true", "\"true\""),
            ("y", "\"y\""),
            ("yes", "\"yes\""),
            ("", "\"\""),
            ("~", "\"~\""),
            ("12", "\"12\""),
            (".5", "\".5\""),
            ("1_000", "\"1_000\""),
            ("0x1f", "\"0x1f\""),
            ("12:30", "\"12:30\""),
            ("2020-01-01", "\"2020-01-01\""),
            ("2026-11-21T12:19:01Z", "\"2026-11-21T12:19:01Z\""),
            ("2dfb30c0-4fde", "2dfb30c0-4fde"),
            ("é", "é"),
            ("a,b", "a,b"),
            ("f:x", "f:x"),
            (".", "."),
            ("-x", "-x"),
            (":x", ":x"),
            ("<<", "<<"),
            ("http://x", "http://x"),
            ("k:{\"n\":\"a\"}", "k:{\"n\":\"a\"}"),
            ("-", "'-'"),
            ("- x", "'- x'"),
            ("x:", "'x:'"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            (" lead", "' lead'"),
            ("trail ", "'trail '"),
            ("it's", "it's"),
            ("a': b", "'a'': b'"),
            ("{a}", "'{a}'"),
            ("\"q\"", "'\"q\"'"),
            ("a\tb", "\"a\\tb\""),
            ("\u{1}", "\"\\x01\""),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_document_is_written_in_block_style() {
        let value = json!({
            "a": {"list": [{"x": 1, "y": []}, [true, null]], "none": {}},
            "h": "line1\nline2\n", "i": "line1\nline2", "k": "a\n\n", "s": "  in\nout\n", "z": "\n",
        });
        let expected = "a:\n  list:\n  - x: 1\n    \"y\": []\n  - - true\n    - null\n  none: {}\n\
            h: |\n  line1\n  line2\ni: |-\n  line1\n  line2\nk: |+\n  a\n\ns: |2\n    in\n  out\nz: |2+\n\n";
        assert_eq!(encode_yaml(&value), expected);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({
            "plain": "x", "quoted": "a: b", "lines": " a\n b\n\nc", "tab": "a\tb\r\n", "end": "a\n\n\n",
            "number": 1.5, "list": ["1", 1, "- x", ["a\nb"], {"k": "v\n"}], "empty": "", "null": null,
        });
        assert_eq!(decode_yaml(encode_yaml(&value).as_bytes()).unwrap().value, value);
        assert_eq!(encode_yaml(&json!({})), "{}\n");
    }
}
