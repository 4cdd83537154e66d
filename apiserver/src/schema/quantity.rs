//! Quantities such as `500m` or `1.5Gi`, in the canonical form the server stores.

use std::cmp::Ordering;

/// What the server says of a text that is no quantity.
pub const MALFORMED: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// A number as `digits` times ten to the `exponent`, and how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    digits: i128,
    exponent: i32,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `k`, `M`, `m`, …
    Decimal,
    /// `Ki`, `Mi`, …
    Binary,
    /// `e3`
    Exponent,
}

/// The finest step kept, ten to the minus nine.
const FINEST: i32 = -9;
/// Ten to this is more than any quantity may be.
const MOST_DIGITS: usize = 30;

impl Quantity {
    /// Returns the quantity `text` stands for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') || number.len() > MOST_DIGITS {
            return None;
        }
        let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
        let digits = if negative { -digits } else { digits };
        let scale = -i32::try_from(fraction.len()).ok()?;
        let (form, multiplier, exponent) = suffix_of(suffix)?;
        let digits = digits.checked_mul(multiplier)?;
        Some(
            Self {
                digits,
                exponent: scale + exponent,
                form,
            }
            .rounded(),
        )
    }

    /// Returns the form the server stores and shows.
    #[must_use]
    pub fn canonical(self) -> String {
        let small =
            self.compare_whole(1024) == Ordering::Less && self.compare_whole(-1024) == Ordering::Greater;
        match self.form {
            Form::Binary if !small => self.binary(),
            Form::Exponent => self.decimal(|exponent| match exponent {
                0 => String::new(),
                other => format!("e{other}"),
            }),
            Form::Binary | Form::Decimal => self.decimal(|exponent| decimal_suffix(exponent).to_owned()),
        }
    }

    /// Returns whether the number is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// Returns whether the number has no fraction.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.exponent >= 0
            || 10i128
                .checked_pow(self.exponent.unsigned_abs())
                .is_some_and(|unit| self.digits % unit == 0)
    }

    /// Returns how two numbers relate, however they are written.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        match (self.at(exponent), other.at(exponent)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (None, _) if self.digits >= 0 => Ordering::Greater,
            (_, None) if other.digits < 0 => Ordering::Greater,
            _ => Ordering::Less,
        }
    }

    fn compare_whole(self, number: i128) -> Ordering {
        self.compare(Self {
            digits: number,
            exponent: 0,
            form: self.form,
        })
    }

    fn at(self, exponent: i32) -> Option<i128> {
        let steps = u32::try_from(self.exponent - exponent).ok()?;
        self.digits.checked_mul(10i128.checked_pow(steps)?)
    }

    /// Finer steps than kept are rounded away from zero.
    fn rounded(mut self) -> Self {
        while self.exponent < FINEST {
            let up = self.digits % 10 != 0;
            self.digits = self.digits / 10 + i128::from(up) * self.digits.signum();
            self.exponent += 1;
        }
        self
    }

    fn decimal(self, suffix: impl Fn(i32) -> String) -> String {
        let (mut digits, mut exponent) = (self.digits, self.exponent);
        if digits == 0 {
            return "0".to_owned();
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        while exponent.rem_euclid(3) != 0 || exponent > 18 {
            digits = digits.saturating_mul(10);
            exponent -= 1;
        }
        format!("{digits}{}", suffix(exponent))
    }

    fn binary(self) -> String {
        let mut whole = self;
        while whole.exponent < 0 {
            let up = whole.digits % 10 != 0;
            whole.digits = whole.digits / 10 + i128::from(up) * whole.digits.signum();
            whole.exponent += 1;
        }
        let mut digits = whole.at(0).unwrap_or(i128::MAX);
        let mut steps = 0;
        while digits % 1024 == 0 && steps < 6 {
            digits /= 1024;
            steps += 1;
        }
        format!("{digits}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][steps])
    }
}

/// Returns the canonical form of `text`, or nothing if it is no quantity.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    Quantity::parse(text).map(Quantity::canonical)
}

fn suffix_of(suffix: &str) -> Option<(Form, i128, i32)> {
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
        .iter()
        .position(|one| *one == suffix);
    if let Some(step) = binary {
        return Some((Form::Binary, 1 << (10 * (step + 1)), 0));
    }
    if let Some(exponent) = (-9..=18)
        .step_by(3)
        .find(|exponent| decimal_suffix(*exponent) == suffix)
    {
        return Some((Form::Decimal, 1, exponent));
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    (-30..=30)
        .contains(&exponent)
        .then_some((Form::Exponent, 1, exponent))
}

fn decimal_suffix(exponent: i32) -> &'static str {
    match exponent {
        -9 => "n",
        -6 => "u",
        -3 => "m",
        3 => "k",
        6 => "M",
        9 => "G",
        12 => "T",
        15 => "P",
        18 => "E",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_stored_in_canonical_form() {
        for (text, expected) in [
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("0.5Gi", "512Mi"),
            ("1000", "1k"),
            ("100000", "100k"),
            ("1e3", "1e3"),
            ("1.5e3", "1500"),
            ("0", "0"),
            ("0Mi", "0"),
            ("0.5Ki", "512"),
            ("12E2", "1200"),
            ("1.5Mi", "1536Ki"),
            ("5E", "5E"),
            ("0.1m", "100u"),
            ("1.50", "1500m"),
            ("-0.5", "-500m"),
            ("250m", "250m"),
            (".5", "500m"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_quantities() {
        for text in ["", "abc", "1.2.3", "1x", "m", "--1", "1e", "1 Gi"] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    #[test]
    fn quantities_compare_by_number() {
        let compare = |a: &str, b: &str| Quantity::parse(a).unwrap().compare(Quantity::parse(b).unwrap());
        assert_eq!(compare("1", "1000m"), Ordering::Equal);
        assert_eq!(compare("1Gi", "1G"), Ordering::Greater);
        assert_eq!(compare("-1", "1m"), Ordering::Less);
    }
}
