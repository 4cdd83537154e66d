//! How fields are called in an expression: names that are no identifiers are escaped.

/// Words of the language no field can be called by.
const RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Returns whether an expression calls the field `real` by `name`: escaped, or as it is if only its being a word of the
/// language is in the way.
pub(super) fn calls(name: &str, real: &str) -> bool {
    escape(real).as_deref() == Some(name) || (name == real && RESERVED.contains(&name))
}

/// Returns the name of a field in expressions; `None` if no expression can name it.
pub(super) fn escape(name: &str) -> Option<String> {
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    let escaped = name
        .replace("__", "__underscores__")
        .replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__");
    let mut characters = escaped.chars();
    let starts = characters
        .next()
        .is_some_and(|first| first == '_' || first.is_ascii_alphabetic());
    let goes_on = characters.all(|one| one == '_' || one.is_ascii_alphanumeric());
    (starts && goes_on).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_identifiers_are_escaped() {
        let cases = [
            ("plain", Some("plain")),
            ("my_field", Some("my_field")),
            ("foo-bar", Some("foo__dash__bar")),
            ("a.b/c", Some("a__dot__b__slash__c")),
            ("a__b", Some("a__underscores__b")),
            ("namespace", Some("__namespace__")),
            ("1st", None),
            ("ä", None),
        ];
        for (name, expected) in cases {
            assert_eq!(escape(name).as_deref(), expected, "{name}");
        }
    }
}
