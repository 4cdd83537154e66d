//! Rotation as a function of time: what is served is always verified by what was made known.

use std::time::Duration;

use jiff::Timestamp;

use super::material::{AUTHORITY, AUTHORITY_KEY, BUNDLE, CERTIFICATE, Data, KEY, Material};
use super::pair::certificates;
use super::plan::plan;
use super::trust::is_trusted;
use super::{Lifetimes, Pair};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn names() -> Vec<String> {
    ["web.shop.svc", "web.shop.svc.cluster.local", "web.shop", "web"]
        .map(String::from)
        .into()
}

fn leaf(data: &Data) -> Pair {
    Pair::from_pem(&data[CERTIFICATE].0, &data[KEY].0).unwrap()
}

fn authorities(data: &Data) -> usize {
    certificates(&data[BUNDLE].0).unwrap().len()
}

/// Returns what is written at a time, if anything is.
fn step(data: &Data, now: Timestamp, injected: bool) -> Option<Data> {
    let material = Material::read(data.clone());
    plan(&material, &names(), &Lifetimes::default(), now, injected)
        .unwrap()
        .write
}

fn first() -> Data {
    step(&Data::new(), start(), false).unwrap()
}

fn is_accepted(leaf: &Pair, bundle: &[u8], now: Timestamp) -> bool {
    is_trusted(&certificates(bundle).unwrap(), leaf.der(), &names(), now)
}

#[test]
fn an_empty_secret_is_filled_once() {
    let data = first();
    assert!(is_accepted(&leaf(&data), &data[BUNDLE].0, start()));
    assert_eq!(leaf(&data).names(), names());
    assert_eq!(leaf(&data).not_after(), start() + 90 * DAY);
    assert_eq!(authorities(&data), 1);
    assert!(step(&data, start(), false).is_none());
    assert!(step(&data, start() + 59 * DAY, true).is_none());
}

#[test]
fn a_certificate_is_exchanged_when_a_third_of_its_life_is_left() {
    let data = first();
    let now = start() + 60 * DAY;
    // The authority is known already: nobody has to be told anything.
    let next = step(&data, now, false).unwrap();
    assert_ne!(leaf(&next).der(), leaf(&data).der());
    assert_eq!(next[BUNDLE], data[BUNDLE]);
    assert_eq!(leaf(&next).not_after(), now + 90 * DAY);
    assert!(is_accepted(&leaf(&next), &data[BUNDLE].0, now));
}

#[test]
fn a_new_authority_is_used_only_once_it_is_known_everywhere() {
    let mut old = first();
    // Certificates of the same authority, up to the day before it is due.
    for day in [60, 120, 180] {
        old = step(&old, start() + day * DAY, true).unwrap();
    }
    let now = start() + 186 * DAY;
    let announced = step(&old, now, true).unwrap();
    assert_ne!(announced[AUTHORITY], old[AUTHORITY]);
    assert_eq!(authorities(&announced), 2);
    assert_eq!(announced[CERTIFICATE], old[CERTIFICATE]);
    assert!(step(&announced, now, false).is_none());
    let used = step(&announced, now, true).unwrap();
    assert_ne!(used[CERTIFICATE], old[CERTIFICATE]);
    assert!(is_accepted(&leaf(&used), &announced[BUNDLE].0, now));
    assert!(!is_accepted(&leaf(&used), &old[BUNDLE].0, now));
    // The old one goes when it ends, and with it the last certificate it could have signed.
    let end = start() + 365 * DAY;
    let mut before = used;
    for day in [246, 306] {
        before = step(&before, start() + day * DAY, true).unwrap();
    }
    assert_eq!(authorities(&before), 2);
    let after = step(&before, end, true).unwrap();
    assert!(is_accepted(&leaf(&after), &after[BUNDLE].0, end));
    assert!(
        certificates(&after[BUNDLE].0)
            .unwrap()
            .iter()
            .all(|one| { super::pair::Facts::of(one).unwrap().not_after > end })
    );
}

#[test]
fn what_is_broken_is_made_anew_and_the_rest_is_kept() {
    let whole = first();
    let check = |broken: &str, authority_stays: bool, leaf_stays: bool| {
        for content in [
            &b""[..],
            b"garbage",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let mut data = whole.clone();
            data.get_mut(broken).unwrap().0 = content.to_vec();
            let mended = step(&data, start(), false).unwrap();
            assert_eq!(mended[AUTHORITY] == whole[AUTHORITY], authority_stays, "{broken}");
            assert_eq!(mended[CERTIFICATE] == whole[CERTIFICATE], leaf_stays, "{broken}");
            assert!(
                is_accepted(&leaf(&mended), &mended[BUNDLE].0, start()),
                "{broken}"
            );
        }
    };
    check(CERTIFICATE, true, false);
    check(KEY, true, false);
    check(BUNDLE, true, false);
    // The certificate is verified by the bundle still: it stays until the new authority is known.
    check(AUTHORITY, false, true);
    check(AUTHORITY_KEY, false, true);
}

#[test]
fn a_key_of_another_certificate_is_noticed() {
    let (mut data, other) = (first(), first());
    data.insert(KEY.to_owned(), other[KEY].clone());
    assert_ne!(
        step(&data, start(), true).unwrap()[CERTIFICATE],
        data[CERTIFICATE]
    );
    let mut data = first();
    data.insert(AUTHORITY_KEY.to_owned(), other[AUTHORITY_KEY].clone());
    assert_ne!(step(&data, start(), true).unwrap()[AUTHORITY], data[AUTHORITY]);
}

#[test]
fn a_new_name_makes_a_new_certificate_of_the_same_authority() {
    let data = first();
    let mut more = names();
    more.push("hooks.example.com".to_owned());
    let material = Material::read(data.clone());
    let next = plan(&material, &more, &Lifetimes::default(), start(), false).unwrap();
    let next = next.write.unwrap();
    assert_eq!(leaf(&next).names(), more);
    assert_eq!(next[AUTHORITY], data[AUTHORITY]);
}

#[test]
fn a_replica_whose_clock_is_behind_leaves_alone_what_others_made() {
    let ahead = step(&Data::new(), start() + 200 * DAY, true).unwrap();
    assert!(step(&ahead, start(), true).is_none());
}

#[test]
fn an_operator_that_slept_for_years_starts_over() {
    let data = first();
    let now = start() + 2000 * DAY;
    let next = step(&data, now, false).unwrap();
    assert_eq!(authorities(&next), 1);
    assert!(is_accepted(&leaf(&next), &next[BUNDLE].0, now));
}

/// Six years, looked at every day. The API server may be as far behind as it was told last, replicas serve what
/// they have or what they had before: whoever meets whom, the handshake succeeds.
#[test]
fn no_combination_of_what_is_known_and_what_is_served_is_ever_refused() {
    let mut secret = first();
    let mut bundles = [secret[BUNDLE].0.clone(), secret[BUNDLE].0.clone()];
    let mut leaves = [leaf(&secret), leaf(&secret)];
    let (mut rotations, mut exchanges) = (0, 0);
    for day in 0..(6 * 365) {
        let now = start() + day * DAY;
        // Known for long enough: the older of the two is what was made known.
        let injected = bundles[0] == secret[BUNDLE].0;
        bundles = [bundles[1].clone(), secret[BUNDLE].0.clone()];
        if let Some(next) = step(&secret, now, injected) {
            rotations += usize::from(next[AUTHORITY] != secret[AUTHORITY]);
            secret = next;
        }
        if leaves[1].der() != leaf(&secret).der() {
            exchanges += 1;
        }
        leaves = [leaves[1].clone(), leaf(&secret)];
        for leaf in &leaves {
            assert!(
                bundles.iter().all(|bundle| is_accepted(leaf, bundle, now)),
                "after {day} days"
            );
        }
        assert!(authorities(&secret) <= 3);
    }
    assert!((10..=13).contains(&rotations), "{rotations}");
    assert!((36..=50).contains(&exchanges), "{exchanges}");
}
