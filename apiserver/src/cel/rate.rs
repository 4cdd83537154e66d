//! What the real server charges, both where it reckons beforehand and where it counts.

/// The factor by which going through a text costs less than one unit per character.
pub(super) const TEXT: f64 = 0.1;
/// The factor for the length of a regular expression: an expression has some four characters.
pub(super) const REGEX: f64 = 0.25;

/// What making a list and a map costs, whatever is in them.
pub(super) const NEW_LIST: u64 = 10;
pub(super) const NEW_MAP: u64 = 30;

/// Rounded up; what is beyond is the greatest number.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the real server reckons in floating point, too"
)]
pub(super) fn scaled(number: u64, factor: f64) -> u64 {
    (number as f64 * factor).ceil() as u64
}
