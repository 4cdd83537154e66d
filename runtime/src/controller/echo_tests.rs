use serde_json::json;

use super::*;

/// What asks for a run: a write of the run before, something else, or a timer.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Own,
    Others,
    Both,
    Timer,
}

use Ask::{Both, Others, Own, Timer};

fn key() -> ObjectKey {
    ObjectKey::namespaced("a", "b")
}

fn version(number: usize) -> Version {
    Version::new("Site", &number.to_string())
}

/// Runs one after the other, a time apart, each writing once; returns how long each was held back, in seconds.
fn play(asks: &[Ask], apart: Duration) -> Vec<u64> {
    let mut echoes = Echoes::default();
    let mut now = Instant::now();
    let mut held = Vec::new();
    echoes.wrote(&key(), version(0));
    for (number, ask) in (1..).zip(asks) {
        let own = || Some(version(number - 1));
        let foreign = || Some(version(1000 + number));
        let holds = match ask {
            Own => vec![echoes.asked(&key(), own())],
            Others => vec![echoes.asked(&key(), foreign())],
            Both => vec![echoes.asked(&key(), own()), echoes.asked(&key(), foreign())],
            Timer => vec![],
        };
        // One that is not held back runs the key.
        let hold = holds
            .iter()
            .map(|hold| hold.unwrap_or_default())
            .min()
            .unwrap_or_default();
        held.push(hold.as_secs());
        now += apart + hold;
        echoes.started(&key(), now);
        echoes.wrote(&key(), version(number));
    }
    held
}

#[track_caller]
fn check(asks: &[Ask], expected: &[u64]) {
    let held = play(asks, Duration::from_millis(20));
    assert_eq!(held[held.len() - expected.len()..], *expected, "{asks:?}");
    assert!(
        held[..held.len() - expected.len()].iter().all(|hold| *hold == 0),
        "{held:?}"
    );
}

#[test]
fn a_row_of_echoes_is_held_back_longer_and_longer() {
    check(&[Own; 16], &[0, 1, 2, 4, 8, 16, 32]);
}

#[test]
fn the_longest_wait_is_bounded() {
    let held = play(&[Own; 60], Duration::from_millis(20));
    assert_eq!(held.last(), Some(&300));
}

#[test]
fn a_few_echoes_are_a_part_of_life() {
    check(&[Own; 10], &[0; 10]);
}

#[test]
fn what_others_change_runs_at_once_and_starts_the_count_over() {
    check(
        &[&[Own; 12][..], &[Others], &[Own; 10]].concat(),
        &[1, 2, 0, 0, 0].into_iter().chain([0; 8]).collect::<Vec<_>>(),
    );
    check(&[Both; 40], &[0; 40]);
    check(&[&[Own, Others][..]; 20].concat(), &[0; 40]);
}

#[test]
fn a_timer_neither_counts_nor_forgives() {
    check(&[&[Own; 11][..], &[Timer], &[Own]].concat(), &[1, 0, 2]);
}

#[test]
fn echoes_far_apart_are_no_loop() {
    let held = play(&[Own; 30], Duration::from_secs(61));
    assert_eq!(held, [0; 30]);
}

#[test]
fn a_key_that_never_wrote_costs_nothing() {
    let mut echoes = Echoes::default();
    for number in 0..100 {
        assert_eq!(echoes.asked(&key(), Some(version(number))), None);
        assert!(!echoes.started(&key(), Instant::now()));
    }
    assert!(echoes.keys.is_empty());
}

#[test]
fn what_comes_back_before_its_answer_is_judged_at_the_end_of_the_run() {
    let mut echoes = Echoes::default();
    let now = Instant::now();
    echoes.wrote(&key(), version(0));
    for number in 1..=12 {
        echoes.asked(&key(), Some(version(number - 1)));
        echoes.started(&key(), now);
        // The watch is faster than the answer.
        assert_eq!(echoes.asked(&key(), Some(version(number))), None);
        echoes.wrote(&key(), version(number));
        let expected = (number >= 10).then(|| Duration::from_secs(1 << (number - 10)));
        assert_eq!(echoes.finished(&key()), expected, "{number}");
        echoes.keys.get_mut(&key()).unwrap().asked = Asked::default();
    }
}

#[test]
fn a_loop_is_told_once_with_the_fields_that_flip() {
    let mut echoes = Echoes::default();
    let now = Instant::now();
    let mut told = Vec::new();
    let mut began = 0;
    echoes.wrote(&key(), version(0));
    for number in 1..=14 {
        echoes.asked(&key(), Some(version(number - 1)));
        began += usize::from(echoes.started(&key(), now));
        echoes.wrote(&key(), version(number));
        if echoes.is_suspicious(&key()) {
            let value = json!({
                "metadata": { "resourceVersion": number.to_string(), "name": "b" },
                "spec": { "mode": if number % 2 == 0 { "a" } else { "b" }, "same": 1 },
            });
            echoes.compare(&key(), "Site", &key(), value);
        }
        told.extend(echoes.tell(&key()));
    }
    assert_eq!(began, 1);
    let fields = vec!["Site a/b .spec.mode".to_owned()];
    assert_eq!(told, [Loop { runs: 10, fields }]);
    assert_eq!(
        told[0].to_string(),
        "ran 10 times in a row because of its own writes, now backing off; what flips: Site a/b .spec.mode"
    );
}

#[test]
fn changes_are_the_fields_that_differ() {
    let check = |before: Value, after: Value, expected: &[&str]| {
        assert_eq!(changes(&before, &after), expected, "{before} {after}");
    };
    check(json!({ "a": 1 }), json!({ "a": 1 }), &[]);
    check(
        json!({ "a": 1, "b": { "c": 1 } }),
        json!({ "b": { "c": 2 } }),
        &[".a", ".b.c"],
    );
    check(
        json!({ "l": [{ "t": 1 }, { "t": 2 }] }),
        json!({ "l": [{ "t": 1 }, { "t": 3 }] }),
        &[".l[1].t"],
    );
    check(json!({ "l": [1] }), json!({ "l": [] }), &[".l"]);
    check(
        json!({ "metadata": { "generation": 1 } }),
        json!({ "metadata": { "generation": 2 } }),
        &[],
    );
}
