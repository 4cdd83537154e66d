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
        if let Some(operator) = nested_repetition(&self.source) {
            return Some(format!(
                "error parsing regexp: invalid nested repetition operator: `{operator}`"
            ));
        }
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

/// Returns a repetition of a repetition, which RE2 refuses.
fn nested_repetition(source: &str) -> Option<&str> {
    let bytes = source.as_bytes();
    let (mut at, mut in_class) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' | b'+' | b'?' if !in_class && at > 0 && bytes[at - 1] != b'(' => {
                let lazy = usize::from(bytes.get(at + 1) == Some(&b'?'));
                let end = at + lazy + 1;
                if matches!(bytes.get(end), Some(b'*' | b'+' | b'?')) {
                    return source.get(at..=end);
                }
                at += lazy;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn go_message(error: &regex::Error, source: &str) -> String {
    let text = error.to_string();
    let around = ["(?=", "(?!", "(?<=", "(?<!"]
        .into_iter()
        .find(|token| source.contains(token));
    if let (true, Some(token)) = (text.contains("look-around"), around) {
        return format!("invalid or unsupported Perl syntax: `{token}`");
    }
    let known = [
        ("unclosed group", "missing closing )"),
        ("unopened group", "unexpected )"),
        ("unclosed character class", "missing closing ]"),
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
        let told = Pattern::new("a**").error();
        assert_eq!(
            told.as_deref(),
            Some("error parsing regexp: invalid nested repetition operator: `**`")
        );
        for good in ["a+", "a*?", r"\*+", "[*+]+", "(?i)a", "^(a|b)*$"] {
            assert_eq!(Pattern::new(good).error(), None, "{good}");
        }
    }
}
