//! String and number formats a CRD may ask for; others are ignored.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use regex::Regex;
use serde_json::Value;

use super::Schema;

/// Returns whether `text` is of `format`; every text is of a format nobody knows.
pub(super) fn holds(format: &str, text: &str) -> bool {
    match format {
        "date-time" | "datetime" => is_date_time(text),
        "date" => is_date(text),
        "duration" => is_duration(text),
        // No bytes at all are not base64 to the real server.
        "byte" => !text.is_empty() && BASE64_STANDARD.decode(text).is_ok(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "uri" => is_uri(text),
        "isbn" => is_isbn10(text) || is_isbn13(text),
        "isbn10" => is_isbn10(text),
        "isbn13" => is_isbn13(text),
        "creditcard" => is_credit_card(text),
        "hostname" => text.len() <= 255 && matches("hostname", text),
        "k8s-short-name" => text.len() <= 63 && matches(format, text),
        "k8s-long-name" => text.len() <= 253 && matches(format, text),
        _ => matches(format, text),
    }
}

/// Formats of texts that are checked by code, or not at all; the others are [`PATTERNS`].
const CODED: [&str; 14] = [
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "datetime",
    "duration",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "password",
    "uri",
];

/// Returns the name of every format of texts.
pub(crate) fn text_formats() -> impl Iterator<Item = &'static str> {
    CODED.into_iter().chain(PATTERNS.iter().map(|(name, _)| *name))
}

/// Returns whether a schema asks for a format of texts.
pub(super) fn is_of_texts(schema: &Schema) -> bool {
    let format = schema.format.as_deref();
    format.is_some_and(|format| text_formats().any(|name| name == format))
}

/// Returns whether a number fits `format`.
pub(super) fn number_holds(format: &str, value: &Value) -> bool {
    match format {
        "int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "int64" => value.is_i64(),
        "float" => value
            .as_f64()
            .is_some_and(|number| number.abs() <= f64::from(f32::MAX)),
        _ => true,
    }
}

const PATTERNS: &[(&str, &str)] = &[
    ("bsonobjectid", "^[0-9a-fA-F]{24}$"),
    ("email", r"^[^@\s<>]+@[^@\s<>]+$"),
    (
        "hostname",
        r"^([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$",
    ),
    (
        "mac",
        "^([0-9a-fA-F]{2}[:-]){5}([0-9a-fA-F]{2})$|^([0-9a-fA-F]{4}[.]){2}([0-9a-fA-F]{4})$",
    ),
    (
        "uuid",
        "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$",
    ),
    (
        "uuid3",
        "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?3[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$",
    ),
    (
        "uuid4",
        "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?4[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$",
    ),
    (
        "uuid5",
        "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?5[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$",
    ),
    ("ssn", r"^\d{3}[- ]?\d{2}[- ]?\d{4}$"),
    ("hexcolor", "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
    (
        "rgbcolor",
        r"^rgb\(\s*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*,\s*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*,\s*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*\)$",
    ),
    ("k8s-short-name", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
    (
        "k8s-long-name",
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ),
];

static COMPILED: [OnceLock<Option<Regex>>; PATTERNS.len()] = [const { OnceLock::new() }; PATTERNS.len()];

fn matches(format: &str, text: &str) -> bool {
    let Some(place) = PATTERNS.iter().position(|(name, _)| *name == format) else {
        return true;
    };
    let regex = COMPILED[place].get_or_init(|| Regex::new(PATTERNS[place].1).ok());
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let zoned = time.contains(['Z', 'z', '+', '-']);
    is_date(date) && zoned && text.to_ascii_uppercase().parse::<jiff::Timestamp>().is_ok()
}

/// Go's `1h30m`, or words such as `2 days`.
fn is_duration(text: &str) -> bool {
    let go = text.strip_prefix(['+', '-']).unwrap_or(text);
    go == "0" || is_go_duration(go) || is_worded_duration(text)
}

fn is_go_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let unit_end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let known = matches!(unit, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h");
        if !known || number.parse::<f64>().is_err() {
            return false;
        }
        rest = tail;
    }
    !text.is_empty()
}

fn is_worded_duration(text: &str) -> bool {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().trim_end_matches('s');
    let units = [
        "nanosecond",
        "microsecond",
        "millisecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "d",
        "w",
    ];
    !number.is_empty() && units.contains(&unit)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else {
        return false;
    };
    let most = if address.parse::<Ipv4Addr>().is_ok() {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    prefix.parse::<u8>().is_ok_and(|prefix| prefix <= most)
}

/// A request URI: absolute, or a path from the root.
fn is_uri(text: &str) -> bool {
    if text.is_empty() || text.contains(|c: char| c.is_ascii_control() || c == ' ') || bad_escape(text) {
        return false;
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let absolute = scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    text.starts_with('/') || absolute
}

fn bad_escape(text: &str) -> bool {
    text.split('%').skip(1).any(|rest| {
        let hex = rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count();
        hex < 2
    })
}

fn is_isbn10(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let digit = |(index, letter): (usize, &char)| match letter {
        'X' if index == 9 => Some(10),
        _ => letter.to_digit(10),
    };
    let digits: Option<Vec<u32>> = letters.iter().enumerate().map(digit).collect();
    let sum = |digits: &[u32]| {
        digits
            .iter()
            .zip((1..=10).rev())
            .map(|(digit, weight)| digit * weight)
            .sum::<u32>()
    };
    digits.is_some_and(|digits| digits.len() == 10 && sum(&digits) % 11 == 0)
}

fn is_isbn13(text: &str) -> bool {
    let letters = text.chars().filter(|c| !matches!(c, '-' | ' '));
    let digits: Option<Vec<u32>> = letters.map(|letter| letter.to_digit(10)).collect();
    let sum = |digits: &[u32]| {
        digits
            .iter()
            .zip([1, 3].iter().cycle())
            .map(|(digit, weight)| digit * weight)
            .sum::<u32>()
    };
    digits.is_some_and(|digits| digits.len() == 13 && sum(&digits) % 10 == 0)
}

/// Luhn's check over 13 to 19 digits.
fn is_credit_card(text: &str) -> bool {
    let letters = text.chars().filter(|c| !matches!(c, '-' | ' '));
    let digits: Option<Vec<u32>> = letters.map(|letter| letter.to_digit(10)).collect();
    let luhn = |(index, digit): (usize, &u32)| match (index % 2, digit * 2) {
        (0, _) => *digit,
        (_, doubled) if doubled > 9 => doubled - 9,
        (_, doubled) => doubled,
    };
    digits.is_some_and(|digits| {
        (13..=19).contains(&digits.len()) && digits.iter().rev().enumerate().map(luhn).sum::<u32>() % 10 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for (name, source) in PATTERNS {
            assert!(Regex::new(source).is_ok(), "{name}");
        }
    }

    #[test]
    fn formats_tell_good_from_bad() {
        for (format, good, bad) in [
            ("date-time", "2026-01-02T03:04:05Z", "2026-01-02"),
            ("date-time", "2026-01-02t03:04:05.123+02:00", "notdate"),
            ("date", "2026-01-02", "2026-13-02"),
            ("duration", "1h30m", "zz"),
            ("duration", "2 days", "1x"),
            ("byte", "aGk=", "*"),
            ("ipv4", "10.0.0.1", "10.0.0"),
            ("ipv6", "::1", "1.2.3.4"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/33"),
            ("uri", "https://a.b/c?d=%20", "%%"),
            ("email", "a@b.io", "x"),
            ("hostname", "a.b-c.io", "_"),
            ("mac", "00:11:22:33:44:55", "00:11"),
            ("uuid", "d3a0a005-e7c4-497f-beab-4c610d23e0b7", "x"),
            (
                "uuid4",
                "d3a0a005-e7c4-497f-beab-4c610d23e0b7",
                "d3a0a005-e7c4-397f-beab-4c610d23e0b7",
            ),
            ("isbn", "978-3-16-148410-0", "978-3-16-148410-1"),
            ("isbn10", "0-306-40615-2", "0-306-40615-3"),
            ("creditcard", "4111 1111 1111 1111", "4111 1111 1111 1112"),
            ("ssn", "123-45-6789", "123"),
            ("hexcolor", "#ffF", "#ffffg"),
            ("rgbcolor", "rgb(1, 22, 255)", "rgb(1,2,256)"),
            ("bsonobjectid", "507f1f77bcf86cd799439011", "507f"),
            ("k8s-short-name", "a-b", "A_"),
            ("k8s-long-name", "a.b", "a..b"),
        ] {
            assert!(holds(format, good), "{format} {good}");
            assert!(!holds(format, bad), "{format} {bad}");
        }
    }

    #[test]
    fn unknown_formats_and_passwords_hold_anything() {
        assert!(holds("nope", "x") && holds("password", "x"));
    }

    #[test]
    fn numbers_have_sizes() {
        for (format, value, expected) in [
            ("int32", Value::from(i32::MAX), true),
            ("int32", Value::from(i64::from(i32::MAX) + 1), false),
            ("int64", Value::from(u64::MAX), false),
            ("float", Value::from(1e300), false),
            ("double", Value::from(1e300), true),
        ] {
            assert_eq!(number_holds(format, &value), expected, "{format} {value}");
        }
    }
}
