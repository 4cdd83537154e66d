//! How fields are called in rules: <https://kubernetes.io/docs/reference/using-api/cel/#escaping>.

use crate::wire::Step;

/// Words CEL keeps for itself.
pub(super) const RESERVED: [&str; 21] = [
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

/// Writes a field's name as rules have to.
pub(crate) fn escaped(name: &str) -> String {
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    let name = name.replace("__", "__underscores__");
    name.replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__")
}

/// Returns the step that a name in a rule is.
pub(super) fn step(written: &str) -> Step {
    if RESERVED.contains(&written) {
        return Step::Reserved(written.to_owned());
    }
    let word = written.strip_prefix("__").and_then(|it| it.strip_suffix("__"));
    if let Some(word) = word.filter(|word| RESERVED.contains(word)) {
        return Step::Field(word.to_owned());
    }
    let name = written
        .replace("__dot__", ".")
        .replace("__dash__", "-")
        .replace("__slash__", "/")
        .replace("__underscores__", "__");
    Step::Field(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cel_cannot_spell_are_escaped_and_read_back() {
        let check = |name: &str, expected| {
            assert_eq!(escaped(name), expected);
            assert_eq!(step(expected), Step::Field(name.to_owned()));
        };
        check("size", "size");
        check("namespace", "__namespace__");
        check("max-size", "max__dash__size");
        check("a__b", "a__underscores__b");
        check("example.com/a", "example__dot__com__slash__a");
        // `do` is a word of no language here.
        check("do", "do");
    }

    #[test]
    fn a_bare_word_is_no_field() {
        assert_eq!(step("namespace"), Step::Reserved("namespace".to_owned()));
    }
}
