//! Forms of names and keys, and what is said of those that break them.

use std::sync::LazyLock;

use regex::Regex;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
    and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
    start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for \
    validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
    '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex \
    used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
    'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

static SUBDOMAIN_FORM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$").ok());

fn too_long(text: &str, limit: usize) -> Option<String> {
    (text.len() > limit).then(|| format!("must be no more than {limit} bytes"))
}

fn is_subdomain(text: &str) -> bool {
    SUBDOMAIN_FORM.as_ref().is_some_and(|form| form.is_match(text))
}

fn is_label(text: &str) -> bool {
    is_subdomain(text) && !text.contains('.')
}

/// A name as most kinds have it.
pub(crate) fn subdomain(text: &str) -> Vec<String> {
    let form = (!is_subdomain(text)).then(|| SUBDOMAIN.to_owned());
    too_long(text, 253).into_iter().chain(form).collect()
}

/// A name without dots.
pub(crate) fn label(text: &str) -> Vec<String> {
    let form = (!is_label(text)).then(|| LABEL.to_owned());
    too_long(text, 63).into_iter().chain(form).collect()
}

/// The name of an object whose kind allows no dots: of a dotted name, the dots are what is told.
pub(crate) fn dotless(text: &str) -> Vec<String> {
    if is_subdomain(text) && text.contains('.') {
        return vec!["must not contain dots".to_owned()];
    }
    label(text)
}

/// A name that starts with a letter.
pub(crate) fn label_1035(text: &str) -> Vec<String> {
    let good = is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase());
    let form = (!good).then(|| LABEL_1035.to_owned());
    // Others are told a number of bytes.
    let long = (text.len() > 63).then(|| "must be no more than 63 characters".to_owned());
    long.into_iter().chain(form).collect()
}

/// A name that only has to fit into a path.
pub(crate) fn path_segment(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    let bad = ['/', '%'].into_iter().filter(|letter| text.contains(*letter));
    bad.map(|letter| format!("may not contain '{letter}'")).collect()
}

/// A label or annotation key: a name, with a domain before a slash if it likes.
pub(crate) fn qualified(text: &str) -> Vec<String> {
    let (prefix, name) = match text.split_once('/') {
        None => (None, text),
        Some((prefix, name)) if !name.contains('/') => (Some(prefix), name),
        Some(_) => {
            let ending = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a valid label key {NAME_PART} {ending}")];
        }
    };
    let mut reasons = Vec::new();
    match prefix {
        Some("") => reasons.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => reasons.extend(
            subdomain(prefix)
                .into_iter()
                .map(|reason| format!("prefix part {reason}")),
        ),
        None => {}
    }
    if name.is_empty() {
        reasons.push("name part must be non-empty".to_owned());
    }
    reasons.extend(too_long(name, 63).map(|reason| format!("name part {reason}")));
    if !is_name(name) {
        reasons.push(format!("name part {NAME_PART}"));
    }
    reasons
}

/// The value of a label.
pub(crate) fn label_value(text: &str) -> Vec<String> {
    let form = (!text.is_empty() && !is_name(text)).then(|| LABEL_VALUE.to_owned());
    too_long(text, 63).into_iter().chain(form).collect()
}

/// A key of a `ConfigMap` or `Secret`.
pub(crate) fn config_key(text: &str) -> Vec<String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let form = (text.is_empty() || !text.bytes().all(legal)).then(|| CONFIG_KEY.to_owned());
    let dots = match text {
        "." => Some("must not be '.'".to_owned()),
        ".." => Some("must not be '..'".to_owned()),
        _ if text.starts_with("..") => Some("must not start with '..'".to_owned()),
        _ => None,
    };
    let long = (text.len() > 253).then(|| "must be no more than 253 characters".to_owned());
    long.into_iter().chain(form).chain(dots).collect()
}

/// The name of a port.
pub(crate) fn port_name(text: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    if text.len() > 15 {
        reasons.push("must be no more than 15 characters".to_owned());
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        reasons.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned());
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        reasons.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        reasons.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        reasons.push("must not begin or end with a hyphen".to_owned());
    }
    reasons
}

fn is_name(text: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    edge(text.bytes().next()) && edge(text.bytes().last()) && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> Vec<String>, text: &str, expected: &[&str]) {
        assert_eq!(rule(text), expected, "{text}");
    }

    #[test]
    fn names_are_told_what_they_break() {
        check(subdomain, "a.b-c", &[]);
        check(subdomain, "A", &[SUBDOMAIN]);
        check(subdomain, &"x".repeat(254), &["must be no more than 253 bytes"]);
        check(dotless, "a.b", &["must not contain dots"]);
        check(dotless, "a_b", &[LABEL]);
        check(label_1035, "1a", &[LABEL_1035]);
        check(path_segment, "system:x", &[]);
        check(path_segment, ".", &["may not be '.'"]);
        check(path_segment, "a/b", &["may not contain '/'"]);
    }

    #[test]
    fn keys_are_told_by_their_parts() {
        check(qualified, "a.b/c", &[]);
        check(qualified, "/x", &["prefix part must be non-empty"]);
        check(
            qualified,
            "",
            &["name part must be non-empty", &format!("name part {NAME_PART}")],
        );
        check(qualified, "A.b/x", &[&format!("prefix part {SUBDOMAIN}")]);
        check(label_value, "_", &[LABEL_VALUE]);
        check(label_value, "", &[]);
        check(config_key, "..a", &["must not start with '..'"]);
        check(config_key, "k k", &[CONFIG_KEY]);
    }

    #[test]
    fn port_names_have_letters() {
        check(port_name, "http-2", &[]);
        check(
            port_name,
            "A",
            &[
                "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
                "must contain at least one letter (a-z)",
            ],
        );
    }
}
