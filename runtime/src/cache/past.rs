//! What an object was before it changed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Cached;
use super::body::Body;
use super::decode::decode_again;
use super::packed::Packed;
use crate::Kind;

/// The state of an object before it changed, decoded by the first who asks for it.
///
/// Most who hear of a change want to know what is now; those who ask what was pay for it, microseconds.
///
/// ```
/// use std::sync::Arc;
///
/// use krate::cache::{Change, Past};
/// use krate::k8s_openapi::api::core::v1::Secret;
/// use krate::trigger::predicate;
///
/// let rotated = predicate(|change: &Change<Secret>| match change {
///     Change::Updated { old, new } => old.get().is_none_or(|old| old.data != new.data),
///     _ => true,
/// });
/// let secret = Arc::new(Secret::default());
/// assert!(!rotated.test(&Change::Updated { old: Past::from(Arc::clone(&secret)), new: secret }));
/// ```
pub struct Past<K> {
    /// What it is decoded from, if it is not there already.
    text: Option<(Packed, Kind)>,
    object: OnceLock<Option<Arc<K>>>,
    keeps_owners: bool,
}

impl<K: Cached> Past<K> {
    /// Returns what was stored of an object: as it was kept, unless it is at hand.
    pub(super) fn new(body: Body<K>, at_hand: Option<Arc<K>>, kind: &Kind) -> Self {
        match (body, at_hand) {
            (Body::Packed(text), None) => Self {
                text: Some((text, kind.clone())),
                object: OnceLock::new(),
                keeps_owners: false,
            },
            (Body::Packed(text), Some(object)) => Self {
                text: Some((text, kind.clone())),
                ..Self::from(object)
            },
            (Body::Decoded(object), _) => Self::from(object),
        }
    }

    /// Returns the object as it was; `None` if its decoder, asked again, refuses what it took before.
    #[must_use]
    pub fn get(&self) -> Option<&Arc<K>> {
        let decode = || {
            let (text, kind) = self.text.as_ref()?;
            decode_again(text, kind)
        };
        self.object.get_or_init(decode).as_ref()
    }

    /// Returns its text, if it was kept as text.
    pub(super) fn text(&self) -> Option<&Packed> {
        self.text.as_ref().map(|(text, _)| text)
    }

    /// Says that what came next has the same owners.
    pub(super) fn keep_owners(&mut self) {
        self.keeps_owners = true;
    }

    /// Returns true if it is known, without decoding anything, that what came next has the same owners.
    pub(super) fn keeps_owners(&self) -> bool {
        self.keeps_owners
    }
}

impl<K> From<Arc<K>> for Past<K> {
    fn from(object: Arc<K>) -> Self {
        Self {
            text: None,
            object: OnceLock::from(Some(object)),
            keeps_owners: false,
        }
    }
}

impl<K> Clone for Past<K> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            object: self.object.clone(),
            keeps_owners: self.keeps_owners,
        }
    }
}

impl<K: fmt::Debug> fmt::Debug for Past<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.object.get(), &self.text) {
            (Some(Some(object)), _) => object.fmt(f),
            (_, Some((text, _))) => text.fmt(f),
            (_, None) => f.write_str("unreadable"),
        }
    }
}
