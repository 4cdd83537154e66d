//! Names, checked by Kubernetes' and Rust's rules before anything is planned.
//!
//! Each type holds a name that passed; what is derived from it (plural, module, folder, CRD name) is derived here too, so
//! that its length and its collisions are known up front.

mod kind;
mod label;
mod port;
mod project;
mod version;

pub(crate) use kind::Kind;
pub(crate) use label::{Domain, Group, Plural};
pub(crate) use port::{Image, Port};
pub(crate) use project::ProjectName;
pub(crate) use version::Version;

/// The longest DNS label.
const LABEL_MAX: usize = 63;

/// The longest DNS subdomain, and the longest name of most objects.
const SUBDOMAIN_MAX: usize = 253;

/// Words that are no identifiers, now or by reservation, in any edition up to 2024.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Returns why `text` is no DNS label that starts with a letter (RFC 1035), nothing if it is one.
fn label_fault(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return Some("it is empty");
    };
    let legal = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    if bytes.len() > LABEL_MAX {
        Some("it is longer than 63 characters")
    } else if !bytes.iter().all(legal) {
        Some("only lower-case letters, digits and `-` are allowed")
    } else if !first.is_ascii_lowercase() {
        Some("it must start with a letter")
    } else if *last == b'-' {
        Some("it must not end with `-`")
    } else {
        None
    }
}

/// Returns why `text` is no DNS subdomain (RFC 1123), nothing if it is one.
fn subdomain_fault(text: &str) -> Option<&'static str> {
    if text.len() > SUBDOMAIN_MAX {
        return Some("it is longer than 253 characters");
    }
    let digit_start = |part: &str| part.as_bytes().first().is_some_and(u8::is_ascii_digit);
    // Unlike a 1035 label, a part may start with a digit.
    let fault = |part: &str| {
        if digit_start(part) {
            label_fault(&format!("a{}", &part[1..]))
        } else {
            label_fault(part)
        }
    };
    text.split('.').find_map(fault)
}

/// Returns a spelling near `text` that may pass as a label.
fn as_label(text: &str) -> String {
    use heck::ToKebabCase;
    let kept: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let label = kept.to_kebab_case();
    label
        .trim_start_matches(|c: char| !c.is_ascii_lowercase())
        .chars()
        .take(LABEL_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_told_from_what_is_none() {
        let check = |text: &str, legal: bool| assert_eq!(label_fault(text).is_none(), legal, "{text}");
        check("a", true);
        check("memcached-operator-2", true);
        check(&"a".repeat(63), true);
        check(&"a".repeat(64), false);
        for bad in ["", "-a", "a-", "1a", "A", "a.b", "a_b", "ä", "a b"] {
            check(bad, false);
        }
    }

    #[test]
    fn a_subdomain_is_told_from_what_is_none() {
        let check = |text: &str, legal: bool| assert_eq!(subdomain_fault(text).is_none(), legal, "{text}");
        for good in ["example.com", "1.2", "a", "3com.com", "a-b.c"] {
            check(good, true);
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "Example.com",
            "a_b.com",
            "-a.b",
            &"a.".repeat(127),
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn a_near_label_is_offered() {
        let check = |text, expected| assert_eq!(as_label(text), expected);
        check("Memcached Operator", "memcached-operator");
        check("my_operator", "my-operator");
        check("3com", "com");
    }
}
