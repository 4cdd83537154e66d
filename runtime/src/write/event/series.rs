//! Which events become requests: the first of its kind is created, repetitions are counted and told now and then.
//!
//! The note is part of what makes two events the same, so that two messages with one reason stay two.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;

use super::{Event, EventType};

/// An event that was not repeated for so long is a new one the next time; as client-go has it.
const QUIET: Duration = Duration::from_secs(6 * 60);
/// How often the count of a series is told.
const PACE: Duration = Duration::from_secs(30);
/// How many series are followed at once; the oldest is given up for a new one.
const MOST: usize = 1024;

/// An event about an object, by a controller.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) controller: String,
    pub(super) regarding: ObjectReference,
    pub(super) event: Event,
}

/// What to send.
#[derive(Debug, PartialEq)]
pub(super) enum Telling {
    /// A new event.
    Create {
        name: String,
        said: Box<Said>,
        at: Timestamp,
    },
    /// The new count of an event sent before.
    Count {
        name: String,
        said: Box<Said>,
        count: i32,
        at: Timestamp,
    },
}

/// The events of late.
#[derive(Debug, Default)]
pub(super) struct Series {
    known: BTreeMap<Key, Known>,
}

type Key = (
    String,
    [Option<String>; 4],
    EventType,
    [String; 3],
    [Option<String>; 3],
);

#[derive(Debug)]
struct Known {
    name: String,
    said: Box<Said>,
    count: i32,
    told: i32,
    last: Timestamp,
    next: Timestamp,
}

impl Series {
    /// Takes an event, and returns what to send at once, if anything; `name` names it if it is new.
    pub(super) fn take(
        &mut self,
        said: Said,
        name: impl FnOnce(&Said) -> String,
        now: Timestamp,
    ) -> Option<Telling> {
        let key = key(&said);
        if let Some(known) = self.known.get_mut(&key)
            && now.duration_since(known.last) < signed(QUIET)
        {
            known.count = known.count.saturating_add(1);
            known.last = now;
            return known.tell(now);
        }
        self.make_room();
        let name = name(&said);
        let said = Box::new(said);
        let known = Known {
            name: name.clone(),
            said: said.clone(),
            count: 1,
            told: 1,
            last: now,
            next: now + PACE,
        };
        self.known.insert(key, known);
        Some(Telling::Create { name, said, at: now })
    }

    /// Returns the counts that are due, and forgets the series that went quiet.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Telling> {
        let tellings = self
            .known
            .values_mut()
            .filter_map(|known| known.tell(now))
            .collect();
        self.known
            .retain(|_, known| now.duration_since(known.last) < signed(QUIET) || !known.is_told());
        tellings
    }

    /// Returns every count not told yet, due or not; for the end.
    pub(super) fn rest(&mut self) -> Vec<Telling> {
        self.known
            .values_mut()
            .filter(|known| !known.is_told())
            .map(Known::tell_now)
            .collect()
    }

    /// Returns when [`due`](Self::due) has something to say.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.known
            .values()
            .filter(|known| !known.is_told())
            .map(|known| known.next)
            .min()
    }

    fn make_room(&mut self) {
        while self.known.len() >= MOST {
            let oldest = self
                .known
                .iter()
                .min_by_key(|(_, known)| known.last)
                .map(|(key, _)| key.clone());
            oldest.map(|key| self.known.remove(&key));
        }
    }
}

impl Known {
    fn is_told(&self) -> bool {
        self.told == self.count
    }

    fn tell(&mut self, now: Timestamp) -> Option<Telling> {
        if self.is_told() || now < self.next {
            return None;
        }
        self.next = now + PACE;
        Some(self.tell_now())
    }

    fn tell_now(&mut self) -> Telling {
        self.told = self.count;
        Telling::Count {
            name: self.name.clone(),
            said: self.said.clone(),
            count: self.count,
            at: self.last,
        }
    }
}

/// Returns the namespace of an event: that of its object, or `default` for an object without one.
pub(super) fn namespace_of(regarding: &ObjectReference) -> String {
    regarding
        .namespace
        .clone()
        .unwrap_or_else(|| "default".to_owned())
}

fn key(said: &Said) -> Key {
    let Said {
        controller,
        regarding,
        event,
    } = said;
    let related = event.related.clone().unwrap_or_default();
    (
        controller.clone(),
        [
            regarding.kind.clone(),
            regarding.namespace.clone(),
            regarding.name.clone(),
            regarding.uid.clone(),
        ],
        event.type_,
        [event.action.clone(), event.reason.clone(), event.note.clone()],
        [related.kind, related.name, related.uid],
    )
}

fn signed(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).expect("a few minutes fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(note: &str) -> Said {
        let regarding = ObjectReference {
            kind: Some("Memcached".into()),
            namespace: Some("default".into()),
            name: Some("sample".into()),
            uid: Some("u1".into()),
            ..ObjectReference::default()
        };
        Said {
            controller: "memcached".into(),
            regarding,
            event: Event::normal("Made", note),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// Tells each note at its second, and returns what is sent: `+` and the note, or the count.
    fn check(tale: &[(i64, &str)], expected: &[&str]) {
        let mut series = Series::default();
        let sent = tale.iter().filter_map(|(second, note)| {
            series.take(said(note), |said| said.event.note.clone(), at(*second))
        });
        let sent: Vec<String> = sent.map(show).collect();
        assert_eq!(sent, expected);
    }

    fn show(telling: Telling) -> String {
        match telling {
            Telling::Create { name, .. } => format!("+{name}"),
            Telling::Count { name, count, .. } => format!("{name}={count}"),
        }
    }

    #[test]
    fn the_first_is_created_and_repetitions_are_counted_at_a_pace() {
        check(
            &[(0, "a"), (1, "a"), (2, "a"), (31, "a"), (32, "a")],
            &["+a", "a=4"],
        );
    }

    #[test]
    fn two_notes_are_two_events() {
        check(&[(0, "a"), (1, "b"), (2, "a")], &["+a", "+b"]);
    }

    #[test]
    fn after_a_long_silence_it_is_news_again() {
        check(&[(0, "a"), (361, "a")], &["+a", "+a"]);
        check(&[(0, "a"), (359, "a")], &["+a", "a=2"]);
    }

    #[test]
    fn a_count_is_told_when_it_is_due_even_if_nothing_more_happens() {
        let mut series = Series::default();
        for second in [0, 1, 2] {
            series.take(said("a"), |_| "a".into(), at(second));
        }
        assert_eq!(series.next(), Some(at(30)));
        assert!(series.due(at(29)).is_empty());
        let due: Vec<String> = series.due(at(30)).into_iter().map(show).collect();
        assert_eq!(due, ["a=3"]);
        assert_eq!(series.next(), None);
    }

    #[test]
    fn the_rest_is_told_at_the_end() {
        let mut series = Series::default();
        for second in [0, 1] {
            series.take(said("a"), |_| "a".into(), at(second));
        }
        let rest: Vec<String> = series.rest().into_iter().map(show).collect();
        assert_eq!(rest, ["a=2"]);
        assert!(series.rest().is_empty());
    }

    #[test]
    fn a_flood_of_different_events_does_not_grow_without_end() {
        let mut series = Series::default();
        for number in 0..2000 {
            series.take(said(&number.to_string()), |_| String::new(), at(number));
        }
        assert_eq!(series.known.len(), MOST);
    }
}
