//! Durations as Kubernetes writes them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What [`GoDuration`] reads, for the API server to hold against.
const PATTERN: &str = "^([0-9]+(\\.[0-9]+)?(ns|us|\u{b5}s|\u{3bc}s|ms|s|m|h))+$";

/// Units, longer names first, with their length in nanoseconds.
const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// A duration in the words of Go, such as `1h30m` or `250ms`: how Kubernetes' own types write one.
///
/// It is never negative, and at most the 292 years Go can count in nanoseconds.
/// `std::time::Duration` by itself becomes an object with `secs` and `nanos`. Where the field should stay one, name
/// [`go_duration`] in its attributes.
///
/// ```
/// use std::time::Duration;
///
/// use krate::crd::GoDuration;
///
/// let timeout: GoDuration = serde_json::from_str(r#""1h30m""#).unwrap();
/// assert_eq!(timeout.0, Duration::from_secs(5400));
/// assert_eq!(serde_json::to_string(&timeout).unwrap(), r#""1h30m0s""#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoDuration(pub Duration);

impl From<Duration> for GoDuration {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl From<GoDuration> for Duration {
    fn from(duration: GoDuration) -> Self {
        duration.0
    }
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.as_secs();
        // Below a second the largest unit is taken that leaves a whole part, as Go does.
        if whole == 0 {
            return match self.0.is_zero() {
                true => f.write_str("0s"),
                false => write!(f, "{:?}", self.0),
            };
        }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if whole >= 60 {
            write!(f, "{minutes}m")?;
        }
        let rest = Duration::new(whole % 60, self.0.subsec_nanos());
        let fraction = format!("{:09}", rest.subsec_nanos());
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{}s", rest.as_secs()),
            fraction => write!(f, "{}.{fraction}s", rest.as_secs()),
        }
    }
}

impl FromStr for GoDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let mut rest = text;
        let mut total: u128 = 0;
        while !rest.is_empty() || text.is_empty() {
            let (nanoseconds, after) = part(rest).ok_or_else(|| DurationError(text.to_owned()))?;
            total = total.saturating_add(nanoseconds);
            rest = after;
        }
        // The greatest duration Go has.
        let total = i64::try_from(total)
            .ok()
            .and_then(|total| u64::try_from(total).ok());
        let total = total.ok_or_else(|| DurationError(text.to_owned()))?;
        Ok(Self(Duration::from_nanos(total)))
    }
}

/// Reads a number and its unit, and returns the nanoseconds and what comes after.
fn part(text: &str) -> Option<(u128, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    let mut units = UNITS.iter();
    let (rest, size) = units.find_map(|(unit, size)| Some((rest.strip_prefix(unit)?, size)))?;
    let mut nanoseconds = whole.parse::<u128>().ok()?.checked_mul(*size)?;
    let mut share = *size;
    for digit in fraction.bytes() {
        share /= 10;
        nanoseconds = nanoseconds.checked_add(share * u128::from(digit - b'0'))?;
    }
    Some((nanoseconds, rest))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationError(String);

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no duration: write numbers with the units h, m, s, ms, us and ns, such as `1h30m`",
            self.0
        )
    }
}

impl std::error::Error for DurationError {}

impl Serialize for GoDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for GoDuration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": PATTERN})
    }
}

/// Writes and reads `std::time::Duration` as [`GoDuration`] does; for `#[serde(with = "..")]`.
///
/// ```
/// use std::time::Duration;
///
/// use krate::prelude::*;
///
/// #[derive(KubeSchema, Serialize, Deserialize)]
/// struct Probe {
///     #[serde(with = "krate::crd::go_duration")]
///     #[schemars(with = "krate::crd::GoDuration")]
///     period: Duration,
/// }
/// # let probe: Probe = serde_json::from_str(r#"{"period": "10s"}"#).unwrap();
/// # assert_eq!(probe.period, Duration::from_secs(10));
/// ```
pub mod go_duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::GoDuration;

    /// Writes a duration as Go does.
    ///
    /// # Errors
    ///
    /// Fails when the serializer does.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        GoDuration(*duration).serialize(serializer)
    }

    /// Reads a duration as Go does.
    ///
    /// # Errors
    ///
    /// Fails when the text is no duration, or a negative one.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        GoDuration::deserialize(deserializer).map(Duration::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_does_and_read_back() {
        let cases = [
            (Duration::ZERO, "0s"),
            (Duration::from_millis(250), "250ms"),
            (Duration::from_nanos(1_500), "1.5\u{b5}s"),
            (Duration::from_millis(1_500), "1.5s"),
            (Duration::from_secs(60), "1m0s"),
            (Duration::from_secs(5_400), "1h30m0s"),
            (Duration::from_secs(90_061), "25h1m1s"),
            (Duration::new(3_600, 1_000), "1h0m0.000001s"),
        ];
        let pattern = regex::Regex::new(PATTERN).unwrap();
        for (duration, expected) in cases {
            let written = GoDuration(duration).to_string();
            assert_eq!(written, expected);
            assert!(pattern.is_match(&written), "{written}");
            let read: GoDuration = serde_json::from_value(written.into()).unwrap();
            assert_eq!(read.0, duration);
        }
        for refused in [
            "-1s",
            "1",
            "x",
            "",
            "1s x",
            ".5s",
            "1.s2",
            "99999999999999999999999h",
            "300000h300000h999999999h",
        ] {
            let read: Result<GoDuration, _> = serde_json::from_value(refused.into());
            assert!(read.is_err(), "{refused}");
        }
    }
}
