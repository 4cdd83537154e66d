//! English plurals of lowercase kinds.

/// Returns the plural of a lowercase word.
pub(super) fn plural(word: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    if sibilant {
        return format!("{word}es");
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.is_empty() && !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn kinds_get_english_plurals() {
        let cases = [
            ("memcached", "memcacheds"),
            ("ingress", "ingresses"),
            ("box", "boxes"),
            ("batch", "batches"),
            ("policy", "policies"),
            ("gateway", "gateways"),
            ("y", "ys"),
        ];
        for (word, expected) in cases {
            assert_eq!(plural(word), expected);
        }
    }
}
