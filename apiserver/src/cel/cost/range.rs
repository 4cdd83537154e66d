//! From how much to how much: sizes and costs, which stop at the greatest number instead of wrapping.

use super::super::rate::scaled;

/// A size or a cost between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Range {
    /// Nobody knows.
    pub(super) const UNKNOWN: Self = Self {
        least: 0,
        most: u64::MAX,
    };
    pub(super) const NONE: Self = Self::exactly(0);
    pub(super) const ONE: Self = Self::exactly(1);
    /// Holds nothing yet; a union with anything is that thing.
    pub(super) const EMPTY: Self = Self {
        least: u64::MAX,
        most: 0,
    };

    pub(super) const fn exactly(number: u64) -> Self {
        Self {
            least: number,
            most: number,
        }
    }

    pub(super) const fn up_to(most: u64) -> Self {
        Self { least: 0, most }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    pub(super) fn times(self, other: Self) -> Self {
        self.zip(other, u64::saturating_mul)
    }

    /// Rounded up.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            least: scaled(self.least, factor),
            most: scaled(self.most, factor),
        }
    }

    /// What holds both.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    fn zip(self, other: Self, operation: fn(u64, u64) -> u64) -> Self {
        Self {
            least: operation(self.least, other.least),
            most: operation(self.most, other.most),
        }
    }
}
