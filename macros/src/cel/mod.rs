//! Rules in CEL, read and checked where they are written.
//!
//! The grammar is the [language's own](https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax), the
//! functions are those [Kubernetes has](https://kubernetes.io/docs/reference/using-api/cel/) for custom resources.
//! It does *not* run rules. The parser is an own one: the one in the field takes half a minute to build, which
//! everybody who derives a schema would pay, and the grammar is a page.
//!
//! Read in order: `token`, `parse` (to the tree of `tree`), `function` (the table), `check` (types), `snippet` (how a
//! place in a rule is shown).

mod check;
mod function;
mod name;
mod parse;
mod snippet;
mod token;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use check::{Scope, check};
pub(crate) use name::escaped;

/// Something wrong in an expression, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) message: String,
    pub(crate) at: std::ops::Range<usize>,
}

impl Mistake {
    fn new(at: std::ops::Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at,
        }
    }

    /// Returns the message with the place in the text below.
    pub(crate) fn shown(&self, text: &str) -> String {
        format!("{}{}", self.message, snippet::snippet(text, &self.at))
    }
}
