//! Kubernetes' rules for names, as functions from a text to what is wrong with it.

/// What a rule says: nothing, or what is wrong and what to write.
pub(super) type Verdict = Result<(), String>;

/// A DNS-1035 label: plural, singular, short names and categories.
pub(super) fn label(text: &str) -> Verdict {
    let ok = text.starts_with(|c: char| c.is_ascii_lowercase()) && is_dns_label(text);
    rule(ok, || {
        format!(
            "`{text}` is no DNS label: use at most 63 lowercase letters, digits and `-`, starting with a letter and not ending in `-`"
        )
    })
}

/// A DNS subdomain with at least one dot.
pub(super) fn group(text: &str) -> Verdict {
    rule(text.len() <= 253 && text.split('.').all(is_dns_label), || {
        format!(
            "`{text}` is no API group: use lowercase letters, digits, `-` and `.`, such as `cache.example.com`"
        )
    })?;
    rule(text.contains('.'), || {
        format!(
            "`{text}` is no domain of yours: an API group of custom resources has a dot, such as `{text}.example.com`"
        )
    })
}

/// `v1`, `v1beta2`, `v2alpha1`, and any other DNS-1035 label: an API server takes it, and sorts it behind those.
pub(super) fn version(text: &str) -> Verdict {
    rule(label(text).is_ok(), || {
        format!("`{text}` is no API version: write `v1`, `v1beta1` or `v1alpha1`")
    })
}

/// The length of a kind, to whose list `List` is added for a name of 63 characters.
const KIND_MAX: usize = 59;

/// A kind: PascalCase, and a DNS-1035 label in lowercase.
pub(super) fn kind(text: &str) -> Verdict {
    let pascal =
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric());
    rule(pascal && text.len() <= KIND_MAX, || {
        format!(
            "`{text}` is no kind: write it in PascalCase with at most {KIND_MAX} ASCII letters and digits"
        )
    })
}

/// The key of a label or an annotation: an optional DNS prefix and a name.
pub(super) fn key(text: &str) -> Verdict {
    let (prefix, name) = text
        .split_once('/')
        .map_or((None, text), |(prefix, name)| (Some(prefix), name));
    let prefix_ok = prefix.is_none_or(|it| it.len() <= 253 && it.split('.').all(is_dns_label));
    rule(prefix_ok && !name.is_empty() && is_value(name), || {
        format!("`{text}` is no key: write `name` or `example.com/name`")
    })
}

/// The value of a label.
pub(super) fn value(text: &str) -> Verdict {
    rule(is_value(text), || {
        format!(
            "`{text}` is no label value: use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
        )
    })
}

/// A path of plain field names: `.spec.replicas`.
pub(super) fn simple_path(text: &str) -> Verdict {
    let is_field = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    let ok = text
        .strip_prefix('.')
        .is_some_and(|rest| rest.split('.').all(is_field));
    rule(ok, || {
        format!("`{text}` is no simple path: write field names after dots, such as `.spec.replicas`")
    })
}

fn rule(ok: bool, message: impl FnOnce() -> String) -> Verdict {
    if ok { Ok(()) } else { Err(message()) }
}

fn is_dns_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_value(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| edge(c) || "-_.".contains(c);
    text.is_empty()
        || text.len() <= 63 && text.chars().all(inner) && text.starts_with(edge) && text.ends_with(edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> Verdict, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(rule(text), Ok(()), "{text}");
        }
        for text in bad {
            assert!(rule(text).is_err(), "`{text}` is accepted");
        }
    }

    #[test]
    fn labels_are_dns_1035() {
        let long = "a".repeat(64);
        check(
            label,
            &["a", "mc", "a-1"],
            &["", "1a", "A", "a-", "-a", "a.b", "a_b", &long],
        );
    }

    #[test]
    fn groups_are_domains_with_a_dot() {
        check(
            group,
            &["a.b", "cache.example.com", "1.2"],
            &["", "a", "A.b", "a..b", "a.b-", ".a.b", "a_b.c"],
        );
    }

    #[test]
    fn versions_are_what_the_api_server_takes() {
        let good = [
            "v1", "v10", "v1alpha1", "v2beta13", "v0", "v1alpha", "v1gamma1", "beta",
        ];
        let bad = ["", "1", "V1", "v1.0", "v1_0", "v1-", "-v1", &"v".repeat(64)];
        check(version, &good, &bad);
    }

    #[test]
    fn kinds_are_pascal_case() {
        check(
            kind,
            &["Memcached", "A", "HTTPRoute2", &"A".repeat(59)],
            &[
                "",
                "memcached",
                "My_Kind",
                "My-Kind",
                "Ünit",
                "2Kind",
                &"A".repeat(60),
            ],
        );
    }

    #[test]
    fn keys_and_values_are_qualified_names() {
        check(
            key,
            &["a", "a.b/C_d", "app"],
            &["", "/a", "a/", "a/b/c", "A.b/c", "-a"],
        );
        check(
            value,
            &["", "a", "A.b-c_d"],
            &["-a", "a-", "a b", &"a".repeat(64)],
        );
    }

    #[test]
    fn simple_paths_are_field_names_after_dots() {
        check(
            simple_path,
            &[".spec", ".spec.replicas"],
            &["", "spec", ".", ".spec.", ".spec[0]", ".a..b"],
        );
    }
}
