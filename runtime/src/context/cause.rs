//! Why a run was started.

use std::fmt;

/// Why a reconcile run was started; for logs and traces, not for decisions.
///
/// A run that several things asked for shows the first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The object appeared or changed.
    Changed {
        /// The version that was seen.
        resource_version: String,
    },
    /// The object was in the first list after the start.
    Initial,
    /// An owned or watched object changed.
    Related {
        /// Its kind.
        kind: String,
        /// Its namespace and name, or its name alone.
        name: String,
    },
    /// The time a former run asked for has come.
    Timer,
    /// A former run failed.
    Retry,
    /// The program asked for it.
    Requested,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { resource_version } => write!(f, "changed@{resource_version}"),
            Self::Initial => f.write_str("initial"),
            Self::Related { kind, name } => write!(f, "{kind} {name}"),
            Self::Timer => f.write_str("timer"),
            Self::Retry => f.write_str("retry"),
            Self::Requested => f.write_str("requested"),
        }
    }
}
