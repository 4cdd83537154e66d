//! The bytes of protobuf: fields with a number and a content, one after another.
//!
//! The encoding: <https://protobuf.dev/programming-guides/encoding/>.

use std::fmt;

/// Bytes that are no protobuf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unexpected EOF")
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content<'a> {
    /// A whole number or a truth value.
    Number(u64),
    /// Eight bytes; a fraction.
    Fraction(f64),
    /// A text, bytes, or a message.
    Bytes(&'a [u8]),
}

/// The fields of a message.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn field(&mut self) -> Result<(u32, Content<'a>), Malformed> {
        let tag = self.varint()?;
        let content = match tag & 7 {
            0 => Content::Number(self.varint()?),
            1 => Content::Fraction(f64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Content::Bytes(self.take(length)?)
            }
            5 => Content::Fraction(f64::from(f32::from_le_bytes(self.array()?))),
            _ => return Err(Malformed),
        };
        let number = u32::try_from(tag >> 3).map_err(|_| Malformed)?;
        Ok((number, content))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let (value, rest) = varint(self.0)?;
        self.0 = rest;
        Ok(value)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Content<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            // Where one ends is not known, so nothing behind it is.
            self.0 = &[];
        }
        Some(field)
    }
}

/// Returns the numbers of a list that is packed into one field.
pub(super) fn packed(mut bytes: &[u8]) -> Result<Vec<u64>, Malformed> {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        let (number, rest) = varint(bytes)?;
        numbers.push(number);
        bytes = rest;
    }
    Ok(numbers)
}

/// Seven bits a byte, the lowest first; all but the last have the eighth set.
fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok((value, bytes.get(at + 1..).unwrap_or_default()));
        }
    }
    Err(Malformed)
}
