//! Just enough DER to walk a certificate to its subject.

/// One value: its tag, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

/// Yields the values that stand one after another in `bytes`; ends early where they are malformed.
pub(super) fn elements(mut bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let (element, rest) = split(bytes)?;
        bytes = rest;
        Some(element)
    })
}

fn split(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        long_length(usize::from(first & 0x7f), rest)?
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// Lengths of 128 and more take several bytes; four are enough for any certificate.
fn long_length(count: usize, bytes: &[u8]) -> Option<(usize, &[u8])> {
    if !(1..=4).contains(&count) {
        return None;
    }
    let (length, rest) = bytes.split_at_checked(count)?;
    let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    Some((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_until_one_is_malformed() {
        let check = |bytes: &[u8], expected: &[(u8, usize)]| {
            let found: Vec<_> = elements(bytes).map(|one| (one.tag, one.content.len())).collect();
            assert_eq!(found, expected, "{bytes:?}");
        };
        check(&[], &[]);
        check(&[2, 1, 9, 4, 0], &[(2, 1), (4, 0)]);
        check(&[2, 1, 9, 4], &[(2, 1)]);
        check(&[2, 5, 9], &[]);
        check(&[2, 0x81, 2, 1, 1], &[(2, 2)]);
        check(&[2, 0x80, 1, 1], &[]);
        check(&[2, 0x85, 1, 1, 1, 1, 1], &[]);
        check(&[2, 0x84, 0xff, 0xff, 0xff, 0xff], &[]);
    }
}
