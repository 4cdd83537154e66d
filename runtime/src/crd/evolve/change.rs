//! One difference between two definitions, and whom it hurts.

use std::fmt;

/// Whom a change hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Impact {
    /// Nobody, but it can be noticed: a default is added, a column is gone.
    Notable,
    /// Who makes objects anew: what was accepted may be refused on create, in restores and from git.
    ///
    /// Updates that leave the value alone pass: the API server
    /// [ratchets](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting)
    /// since Kubernetes 1.30.
    Tightening,
    /// Stored objects or clients: values are lost, refused, or mean something else; or the API server refuses the
    /// definition.
    Breaking,
}

/// A difference between the definitions of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The version it is in; `None` for what concerns the kind as a whole.
    pub version: Option<String>,
    /// The field, as in `spec.ports[].name`; empty for what concerns no field.
    pub path: String,
    /// Whom it hurts.
    pub impact: Impact,
    /// What changed, and what follows from it.
    pub message: String,
}

impl Impact {
    /// Returns the word for it: `notable`, `tightening` or `breaking`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notable => "notable",
            Self::Tightening => "tightening",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.impact)?;
        if let Some(version) = &self.version {
            write!(f, "{version}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}
