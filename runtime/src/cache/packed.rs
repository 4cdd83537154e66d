//! An object as the store keeps it: its text, smaller than the typed object, decoded when it is read.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::text::outline;

/// The text of one object, without its `managedFields` unless they are kept.
///
/// Which object it is, and in which version, can be told without decoding it.
#[derive(Clone)]
pub(super) struct Packed {
    // Shared, so that it can be decoded after the store's lock is given back.
    text: Arc<[u8]>,
    uid: Span,
    version: Span,
    owners: Span,
}

/// A part of a text; empty if there is none. Objects are far smaller than what 32 bits can tell.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

impl Packed {
    /// Packs an object as it came over the wire.
    pub(super) fn new(raw: &[u8], keep_managed_fields: bool) -> Self {
        let outline = outline(raw);
        let cut = outline.managed_fields.filter(|_| !keep_managed_fields);
        let span = |part: Option<Range<usize>>| Span::new(part.unwrap_or_default(), cut.as_ref());
        let (uid, version, owners) = (span(outline.uid), span(outline.version), span(outline.owners));
        let text = match &cut {
            Some(cut) => joined(&raw[..cut.start], &raw[cut.end..]),
            None => raw.into(),
        };
        Self {
            text,
            uid,
            version,
            owners,
        }
    }

    /// Returns the text.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns how many bytes the text has.
    pub(super) fn weight(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// Returns true if both are the same memory: nothing has changed in between.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.text, &other.text)
    }

    /// Returns the uid as it is written; nothing in one needs an escape.
    pub(super) fn uid(&self) -> Option<&str> {
        self.part(self.uid)
    }

    /// Returns the resource version as it is written.
    pub(super) fn version(&self) -> Option<&str> {
        self.part(self.version)
    }

    /// Returns the list of owners as it is written: where that is the same, the owners are.
    pub(super) fn owners(&self) -> Option<&[u8]> {
        let owners = self
            .text
            .get(self.owners.start as usize..self.owners.end as usize)?;
        (!owners.is_empty()).then_some(owners)
    }

    fn part(&self, span: Span) -> Option<&str> {
        let part = self.text.get(span.start as usize..span.end as usize)?;
        std::str::from_utf8(part)
            .ok()?
            .strip_prefix('"')?
            .strip_suffix('"')
    }
}

/// Joins two parts of a text in memory of its own, which is asked for once.
fn joined(before: &[u8], after: &[u8]) -> Arc<[u8]> {
    let mut text: Arc<[u8]> = std::iter::repeat_n(0, before.len() + after.len()).collect();
    // Nobody else has it yet.
    if let Some(text) = Arc::get_mut(&mut text) {
        let (first, second) = text.split_at_mut(before.len());
        first.copy_from_slice(before);
        second.copy_from_slice(after);
    }
    text
}

impl Span {
    /// Returns where a part is once something that does not overlap it was cut out.
    fn new(part: Range<usize>, cut: Option<&Range<usize>>) -> Self {
        let before = cut.filter(|cut| cut.start < part.start);
        let gone = before.map_or(0, ExactSizeIterator::len);
        match (u32::try_from(part.start - gone), u32::try_from(part.end - gone)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::default(),
        }
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, keep: bool, expected: &str) {
        let packed = Packed::new(raw.as_bytes(), keep);
        assert_eq!(format!("{packed:?}"), expected);
        assert_eq!(
            (packed.uid(), packed.version(), packed.owners()),
            (Some("u"), Some("7"), Some(&b"[{}]"[..])),
            "of {raw}"
        );
    }

    #[test]
    fn parts_are_found_whatever_was_cut_before_or_after_them() {
        let parts = [
            r#""uid":"u""#,
            r#""resourceVersion":"7""#,
            r#""ownerReferences":[{}]"#,
        ];
        let metadata = |parts: &[&str]| format!(r#"{{"metadata":{{{}}}}}"#, parts.join(","));
        for place in 0..=parts.len() {
            let mut with = parts.to_vec();
            with.insert(place, r#""managedFields":[1]"#);
            check(&metadata(&with), false, &metadata(&parts));
            check(&metadata(&with), true, &metadata(&with));
        }
    }

    #[test]
    fn an_object_without_them_has_none() {
        for raw in [
            "",
            "{}",
            r#"{"metadata":{"uid":5}}"#,
            r#"{"metadata":{"uid":null,"ownerReferences":null}}"#,
        ] {
            let packed = Packed::new(raw.as_bytes(), false);
            assert_eq!((packed.uid(), packed.version()), (None, None), "of {raw}");
            assert_eq!(packed.owners(), None, "of {raw}");
        }
    }
}
