//! Why a run was started.

use std::fmt;

/// Why a reconcile run was started; for logs and traces, not for decisions.
///
/// A run that several things asked for has several, see [`Causes`].
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
        /// The version that was seen.
        resource_version: String,
    },
    /// The time a former run asked for has come.
    Timer,
    /// A former run failed.
    Retry,
    /// Something outside the cluster asked for it.
    Outside {
        /// The name of the source.
        source: String,
        /// What it said about it.
        why: Option<String>,
    },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { resource_version } => write!(f, "changed@{resource_version}"),
            Self::Initial => f.write_str("initial"),
            Self::Related { kind, name, .. } => write!(f, "{kind} {name}"),
            Self::Timer => f.write_str("timer"),
            Self::Retry => f.write_str("retry"),
            Self::Outside { source, why: None } => f.write_str(source),
            Self::Outside {
                source,
                why: Some(why),
            } => write!(f, "{source}: {why}"),
        }
    }
}

/// Everything that asked for a run, in order; the first few of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Causes {
    first: Cause,
    others: Vec<Cause>,
    omitted: u32,
}

impl Causes {
    pub(crate) fn new(first: Cause, others: Vec<Cause>, omitted: u32) -> Self {
        Self {
            first,
            others,
            omitted,
        }
    }

    /// Returns what asked first.
    #[must_use]
    pub fn first(&self) -> &Cause {
        &self.first
    }

    /// Iterates over all that are kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Cause> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Returns how many more there were.
    #[must_use]
    pub fn omitted(&self) -> u32 {
        self.omitted
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, cause) in self.iter().enumerate() {
            let comma = if position > 0 { ", " } else { "" };
            write!(f, "{comma}{cause}")?;
        }
        match self.omitted {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_in_order() {
        let related = Cause::Related {
            kind: "Secret".into(),
            name: "a/b".into(),
            resource_version: "7".into(),
        };
        let check = |causes: Causes, expected: &str| assert_eq!(causes.to_string(), expected);
        check(Causes::new(Cause::Timer, Vec::new(), 0), "timer");
        check(
            Causes::new(Cause::Initial, vec![related], 3),
            "initial, Secret a/b and 3 more",
        );
    }
}
