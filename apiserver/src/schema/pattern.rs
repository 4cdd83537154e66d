//! Regular expressions as CRDs write them, compiled once.

mod mistake;

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
        let told = mistake::of(&self.source).or_else(|| {
            let unknown = compile(&self.source).is_err();
            unknown.then(|| format!("invalid escape sequence: `{}`", self.source))
        });
        told.map(|told| format!("error parsing regexp: {told}"))
    }
}

/// RE2 classes are ASCII where this library's are Unicode.
fn compile(source: &str) -> Result<Regex, regex::Error> {
    let source = mistake::with_plain_braces(source);
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
}
