//! The rules of Kubernetes for the names an attribute can give.

/// Returns what is wrong with a finalizer's name: it must be a qualified name, `<domain>/<name>`.
pub(super) fn finalizer_problem(name: &str) -> Option<String> {
    let Some((domain, local)) = name.split_once('/') else {
        return Some(format!(
            "a finalizer needs a domain: write `example.com/{name}`, with the group of your API as the domain"
        ));
    };
    subdomain_problem("the domain of a finalizer", domain).or_else(|| local_problem(local))
}

/// Returns what is wrong with a controller's name: it is a DNS label, and stands in logs, metrics and field managers.
pub(super) fn controller_problem(name: &str) -> Option<String> {
    if name.len() > 63 {
        return Some("a controller's name has at most 63 characters".to_owned());
    }
    (!is_label(name)).then(|| {
        "a controller's name has lower-case letters, digits and `-`, and starts and ends with a letter or digit"
            .to_owned()
    })
}

fn subdomain_problem(what: &str, text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(format!("{what} is empty"));
    }
    if text.len() > 253 {
        return Some(format!("{what} has at most 253 characters"));
    }
    (!text.split('.').all(is_label))
        .then(|| format!("{what} has lower-case letters, digits, `-` and `.`, as in `cache.example.com`"))
}

fn local_problem(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("a finalizer needs a name behind the `/`".to_owned());
    }
    if text.len() > 63 {
        return Some("the name behind the `/` has at most 63 characters".to_owned());
    }
    let ends_well = [text.chars().next(), text.chars().last()]
        .into_iter()
        .flatten()
        .all(|c| c.is_ascii_alphanumeric());
    let all_allowed = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (!ends_well || !all_allowed).then(|| {
        "the name behind the `/` has letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit"
            .to_owned()
    })
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finalizer_is_a_qualified_name() {
        let check = |name: &str, valid: bool| {
            assert_eq!(finalizer_problem(name).is_none(), valid, "{name}");
        };
        check("cache.example.com/cleanup", true);
        check("example.com/Clean_up.now", true);
        check("cleanup", false);
        check("/cleanup", false);
        check("example.com/", false);
        check("Example.com/cleanup", false);
        check("example..com/cleanup", false);
        check("example.com/a/b", false);
        check("example.com/-cleanup", false);
        check(&format!("example.com/{}", "a".repeat(64)), false);
    }

    #[test]
    fn a_controller_is_named_like_a_label() {
        let check = |name: &str, valid: bool| {
            assert_eq!(controller_problem(name).is_none(), valid, "{name}");
        };
        check("memcached", true);
        check("memcached-2", true);
        check("Memcached", false);
        check("memcached_two", false);
        check("", false);
        check(&"a".repeat(64), false);
    }
}
