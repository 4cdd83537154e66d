//! Resource versions as a clock: which of two states of a kind is the later one.

use std::cmp::Ordering;
use std::fmt;

use kube::Resource;

/// A `metadata.resourceVersion`.
///
/// Since Kubernetes 1.35 two versions of one kind may be compared as numbers, and every server with etcd behind
/// it always gave them out so. A server that writes something else is legal but unordered: then [`compare`]
/// answers `None` unless both are equal, and callers fall back to order of arrival.
///
/// [`compare`]: ResourceVersion::compare
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceVersion(Option<u64>);

impl ResourceVersion {
    /// The version of something nobody has seen; it is not later than any other.
    pub const UNKNOWN: Self = Self(None);

    /// Reads a version as the server wrote it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.parse().ok())
    }

    /// Returns the version of an object.
    #[must_use]
    pub fn of<K: Resource>(object: &K) -> Self {
        object
            .meta()
            .resource_version
            .as_deref()
            .map_or(Self::UNKNOWN, Self::parse)
    }

    /// Tells which version is later, `None` if one of them is unknown or unordered.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        Some(self.0?.cmp(&other.0?))
    }

    /// Returns true if this version is known to be older than the other.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        self.compare(other) == Some(Ordering::Less)
    }

    /// Returns true if this version is known to include the other.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        matches!(self.compare(other), Some(Ordering::Equal | Ordering::Greater))
    }

    /// Returns the later of two versions, or the known one.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

impl fmt::Display for ResourceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => version.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_not_as_text() {
        let parse = ResourceVersion::parse;
        assert!(parse("9").is_before(parse("10")));
        assert!(parse("10").includes(parse("10")));
        assert_eq!(parse("10").max(parse("9")), parse("10"));
    }

    #[test]
    fn an_unordered_version_is_neither_before_nor_after() {
        let odd = ResourceVersion::parse("abc");
        assert_eq!(odd.compare(ResourceVersion::parse("1")), None);
        assert!(!odd.is_before(ResourceVersion::parse("1")));
        assert!(!ResourceVersion::parse("1").includes(odd));
    }
}
