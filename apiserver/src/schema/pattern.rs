//! Regular expressions as CRDs write them, compiled once.

use std::sync::OnceLock;

use regex::Regex;

/// An RE2 expression; two are equal if they are written alike.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Pattern {
    /// Returns the expression `source`, not yet compiled.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            compiled: OnceLock::new(),
        }
    }

    /// Returns the expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Returns whether `text` matches somewhere; an expression that does not compile matches everything, as CRDs
    /// with such a one are refused.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let regex = self.compiled.get_or_init(|| compile(&self.source).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    /// Returns what is wrong with the expression, as Go's `regexp` says it.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        let error = compile(&self.source).err()?;
        Some(format!(
            "error parsing regexp: {}",
            go_message(&error, &self.source)
        ))
    }
}

/// RE2 classes are ASCII where this library's are Unicode.
fn compile(source: &str) -> Result<Regex, regex::Error> {
    let mut ascii = String::with_capacity(source.len());
    let mut letters = source.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            ascii.push(letter);
            continue;
        }
        match letters.next() {
            Some('d') => ascii.push_str("[0-9]"),
            Some('D') => ascii.push_str("[^0-9]"),
            Some('w') => ascii.push_str("[0-9A-Za-z_]"),
            Some('W') => ascii.push_str("[^0-9A-Za-z_]"),
            Some('s') => ascii.push_str(r"[\t\n\f\r ]"),
            Some('S') => ascii.push_str(r"[^\t\n\f\r ]"),
            Some('b') => ascii.push_str(r"(?-u:\b)"),
            other => {
                ascii.push('\\');
                ascii.extend(other);
            }
        }
    }
    Regex::new(&ascii)
}

fn go_message(error: &regex::Error, source: &str) -> String {
    let text = error.to_string();
    let known = [
        ("unclosed group", "missing closing )"),
        ("unopened group", "unexpected )"),
        ("unclosed character class", "missing closing ]"),
        ("look-around", "invalid or unsupported Perl syntax"),
        (
            "repetition operator missing expression",
            "missing argument to repetition operator",
        ),
    ];
    let found = known.iter().find(|(ours, _)| text.contains(ours));
    let words = found.map_or("invalid escape sequence", |(_, go)| go);
    format!("{words}: `{source}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_matches_may_be_anywhere() {
        for (pattern, text, expected) in [
            ("^[a-z]+$", "abc", true),
            ("^[a-z]+$", "aBc", false),
            ("b", "abc", true),
            (r"^\d+$", "١", false),
            (r"^[\w-]+$", "a-b", true),
            (r"^\S+$", "a b", false),
        ] {
            assert_eq!(Pattern::new(pattern).is_match(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn mistakes_are_told_in_gos_words() {
        let told = Pattern::new("(").error();
        assert_eq!(
            told.as_deref(),
            Some("error parsing regexp: missing closing ): `(`")
        );
        assert_eq!(Pattern::new("a+").error(), None);
    }
}
