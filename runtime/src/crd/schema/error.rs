//! What keeps a type from having a structural schema.

use std::fmt;

/// A type that no structural schema describes.
///
/// Trying again does not help: the type has to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    type_name: String,
    problems: Vec<SchemaProblem>,
}

/// One place in a schema, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaProblem {
    /// The place, for example `spec.ports[].name`; empty at the root.
    pub path: String,
    /// What is wrong and what to write.
    pub message: String,
}

impl SchemaError {
    pub(crate) fn new(type_name: &str, problems: Vec<SchemaProblem>) -> Self {
        Self {
            type_name: type_name.to_owned(),
            problems,
        }
    }

    /// Returns the name of the type.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns everything that is wrong, in schema order.
    #[must_use]
    pub fn problems(&self) -> &[SchemaProblem] {
        &self.problems
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no structural schema", self.type_name)?;
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SchemaError {}

impl fmt::Display for SchemaProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "at the root: {}", self.message)
        } else {
            write!(f, "`{}`: {}", self.path, self.message)
        }
    }
}
