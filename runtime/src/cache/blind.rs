//! Where this process may have made objects it does not know the names of.
//!
//! A create that leaves the name to the server and gets no answer cannot be looked up by its key. Until somebody has
//! listed the namespace live, every list of it may lack an object: who counts its children would make one more.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// The namespaces to be listed live; `None` is for what has no namespace.
#[derive(Debug, Default)]
pub(super) struct Blind {
    until: BTreeMap<Option<String>, Instant>,
}

/// A place to list live before the store can be trusted about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlindSpot {
    pub(crate) namespace: Option<String>,
    until: Instant,
}

impl Blind {
    pub(super) fn lost(&mut self, namespace: Option<&str>, patience: Duration, now: Instant) {
        self.until.insert(namespace.map(str::to_owned), now + patience);
    }

    /// Returns the spots within a namespace, or everywhere.
    pub(super) fn spots(&self, within: Option<&str>, now: Instant) -> Vec<BlindSpot> {
        let concerned = |place: &Option<String>| within.is_none() || place.as_deref() == within;
        self.until
            .iter()
            .filter(|(place, until)| concerned(place) && **until > now)
            .map(|(place, until)| BlindSpot {
                namespace: place.clone(),
                until: *until,
            })
            .collect()
    }

    /// Notes that a spot was listed live, unless another write was lost there since the list began.
    pub(super) fn listed(&mut self, spot: &BlindSpot, now: Instant) {
        if self.until.get(&spot.namespace) == Some(&spot.until) {
            self.until.remove(&spot.namespace);
        }
        self.until.retain(|_, until| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn places(blind: &Blind, within: Option<&str>, now: Instant) -> Vec<Option<String>> {
        let spots = blind.spots(within, now);
        spots.into_iter().map(|spot| spot.namespace).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_spot_is_blind_until_it_was_listed_or_the_time_is_over() {
        let (mut blind, now) = (Blind::default(), Instant::now());
        blind.lost(Some("a"), PATIENCE, now);
        blind.lost(Some("b"), PATIENCE, now);
        let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
        assert_eq!(places(&blind, None, now), [a.clone(), b.clone()]);
        assert_eq!(places(&blind, Some("a"), now), [a]);
        assert!(places(&blind, Some("c"), now).is_empty());
        let spot = blind.spots(Some("a"), now).remove(0);
        blind.listed(&spot, now);
        assert_eq!(places(&blind, None, now), [b]);
        assert!(places(&blind, None, now + PATIENCE).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_lost_during_the_list_asks_for_another() {
        let (mut blind, now) = (Blind::default(), Instant::now());
        blind.lost(None, PATIENCE, now);
        let spot = blind.spots(None, now).remove(0);
        let later = now + Duration::from_secs(1);
        blind.lost(None, PATIENCE, later);
        blind.listed(&spot, later);
        assert_eq!(places(&blind, None, later), [None]);
    }
}
