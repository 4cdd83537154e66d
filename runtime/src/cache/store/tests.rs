//! What readers see while writes of this process and the watch overtake each other.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};

use super::{Read, Store};
use crate::cache::selection::Partition;
use crate::cache::{ObjectKey, ResourceVersion, Selection};

const WHOLE: Partition = Partition::WHOLE;

fn object(uid: &str, version: u64, more: &Value) -> ConfigMap {
    let mut metadata =
        json!({"namespace": "a", "name": "one", "uid": uid, "resourceVersion": version.to_string()});
    metadata
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    serde_json::from_value(json!({"metadata": metadata})).unwrap()
}

fn at(uid: &str, version: u64) -> ConfigMap {
    object(uid, version, &json!({}))
}

fn key() -> ObjectKey {
    ObjectKey::namespaced("a", "one")
}

/// What can happen to the one object `a/one`.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The watch shows an object.
    Shows(&'static str, u64),
    /// The watch shows that an object is gone.
    ShowsDelete(&'static str, u64),
    /// The watch has come this far.
    Reaches(u64),
    /// A write of this process was answered with an object.
    Wrote(&'static str, u64),
    /// A delete by this process was answered.
    Deleted(Option<&'static str>),
    /// A write of this process got no answer.
    Lost,
    /// The server was asked, and showed an object.
    Observed(&'static str, u64),
    /// The server was asked, and there was none.
    ObservedNone,
    /// Time passes.
    Passes(u64),
}

use Step::{Deleted, Lost, Observed, ObservedNone, Passes, Reaches, Shows, ShowsDelete, Wrote};

async fn take(store: &Store<ConfigMap>, step: Step) {
    match step {
        Shows(uid, version) => {
            let mut state = store.state_mut();
            state.overlay.saw(&at(uid, version));
            state.table.apply(at(uid, version).into());
            state.reach(&WHOLE, ResourceVersion::parse(&version.to_string()));
        }
        ShowsDelete(uid, version) => {
            let mut state = store.state_mut();
            state.overlay.saw_delete(&key(), Some(uid));
            state.table.delete(at(uid, version).into());
            state.reach(&WHOLE, ResourceVersion::parse(&version.to_string()));
        }
        Reaches(version) => store
            .state_mut()
            .reach(&WHOLE, ResourceVersion::parse(&version.to_string())),
        Wrote(uid, version) => {
            store.wrote(at(uid, version));
        }
        Deleted(uid) => store.deleted(key(), uid.map(str::to_owned)),
        Lost => store.lost(key()),
        Observed(uid, version) => store.observed(&key(), Some(at(uid, version))),
        ObservedNone => store.observed(&key(), None),
        Passes(seconds) => tokio::time::advance(Duration::from_secs(seconds)).await,
    }
}

fn synced_store() -> Store<ConfigMap> {
    let store = Store::new(Selection::default());
    store.set_status(&WHOLE, |status| std::mem::replace(&mut status.synced, true));
    store
}

fn seen(store: &Store<ConfigMap>) -> String {
    match store.read(&key()) {
        Read::Found(object) => {
            let meta = &object.metadata;
            format!(
                "{}@{}",
                meta.uid.as_deref().unwrap(),
                meta.resource_version.as_deref().unwrap()
            )
        }
        Read::Absent => "absent".to_owned(),
        Read::Uncertain => "uncertain".to_owned(),
    }
}

/// Takes steps, and compares what is read after each.
async fn check(steps: &[(Step, &str)]) {
    let store = synced_store();
    for (position, (step, expected)) in steps.iter().enumerate() {
        take(&store, *step).await;
        assert_eq!(seen(&store), *expected, "after step {position}, {step:?}");
        if *expected != "uncertain" {
            let listed = usize::from(*expected != "absent");
            assert_eq!(store.list().len(), listed, "list, after step {position}");
            assert_eq!(
                store.list_in("a").len(),
                listed,
                "list of a namespace, after step {position}"
            );
            assert!(store.list_in("b").is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_seen_at_once_and_until_the_watch_has_caught_up() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Wrote("u1", 7), "u1@7"),
        (Shows("u1", 6), "u1@7"),
        (Shows("u1", 7), "u1@7"),
    ])
    .await;
    check(&[(Wrote("u1", 7), "u1@7"), (Shows("u1", 9), "u1@9")]).await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_of_a_write_that_the_watch_has_overtaken_changes_nothing() {
    check(&[(Shows("u1", 9), "u1@9"), (Wrote("u1", 7), "u1@9")]).await;
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Reaches(8), "u1@5"),
        (Wrote("u1", 7), "u1@5"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn answers_may_come_in_any_order() {
    check(&[(Wrote("u1", 8), "u1@8"), (Wrote("u1", 7), "u1@8")]).await;
    // The watch may be anywhere between them.
    check(&[
        (Wrote("u1", 8), "u1@8"),
        (Shows("u1", 7), "u1@8"),
        (Wrote("u1", 7), "u1@8"),
        (Shows("u1", 8), "u1@8"),
    ])
    .await;
    check(&[
        (Shows("u1", 7), "u1@7"),
        (Deleted(Some("u1")), "absent"),
        (Wrote("u1", 7), "absent"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_write_outside_of_the_selection_is_dropped_when_the_watch_has_passed_it() {
    check(&[
        (Wrote("u1", 7), "u1@7"),
        (Reaches(6), "u1@7"),
        (Reaches(7), "absent"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_is_seen_at_once_and_old_news_do_not_bring_the_object_back() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Deleted(Some("u1")), "absent"),
        (Shows("u1", 6), "absent"),
        (ShowsDelete("u1", 8), "absent"),
        (Shows("u2", 9), "u2@9"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_object_made_and_deleted_before_the_watch_shows_either_stays_away() {
    check(&[
        (Wrote("u1", 7), "u1@7"),
        (Deleted(Some("u1")), "absent"),
        (Shows("u1", 7), "absent"),
        (ShowsDelete("u1", 8), "absent"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_object_made_again_under_its_name_is_seen_whatever_the_watch_still_shows() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Deleted(Some("u1")), "absent"),
        (Wrote("u2", 9), "u2@9"),
        (ShowsDelete("u1", 8), "u2@9"),
        (Shows("u2", 9), "u2@9"),
    ])
    .await;
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Deleted(Some("u1")), "absent"),
        (Shows("u2", 9), "u2@9"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_of_a_delete_that_the_watch_has_overtaken_changes_nothing() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (ShowsDelete("u1", 6), "absent"),
        (Deleted(Some("u1")), "absent"),
        (Shows("u2", 7), "u2@7"),
    ])
    .await;
    check(&[(Shows("u2", 7), "u2@7"), (Deleted(Some("u1")), "u2@7")]).await;
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Deleted(None), "absent"),
        (ShowsDelete("u1", 6), "absent"),
        (Shows("u2", 7), "u2@7"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_is_uncertain_until_the_server_was_asked() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Lost, "uncertain"),
        (Shows("u1", 6), "uncertain"),
        (Observed("u1", 7), "u1@7"),
    ])
    .await;
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Lost, "uncertain"),
        (ObservedNone, "absent"),
        (Shows("u1", 6), "absent"),
    ])
    .await;
    check(&[
        (Lost, "uncertain"),
        (ObservedNone, "absent"),
        (Shows("u1", 6), "u1@6"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn patience_ends_in_a_question_to_the_server_never_in_an_old_answer() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Wrote("u1", 7), "u1@7"),
        (Passes(29), "u1@7"),
        (Passes(2), "uncertain"),
        (Reaches(6), "uncertain"),
        (Observed("u1", 8), "u1@8"),
        (Passes(31), "uncertain"),
        (Shows("u1", 8), "u1@8"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn unconfirmed_writes_are_counted_once() {
    let store = synced_store();
    for step in [Wrote("u1", 7), Passes(31), Reaches(5), Reaches(6)] {
        take(&store, step).await;
    }
    assert_eq!(store.report().unconfirmed_writes, 1);
}

#[tokio::test(start_paused = true)]
async fn a_delete_nobody_confirms_is_given_up_after_a_while() {
    check(&[
        (Shows("u1", 5), "u1@5"),
        (Deleted(Some("u1")), "absent"),
        (Passes(31), "u1@5"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_write_that_lets_a_leaving_object_go_is_a_delete() {
    let store = synced_store();
    take(&store, Shows("u1", 5)).await;
    let deletion = "2026-01-01T00:00:00Z";
    store.wrote(object(
        "u1",
        6,
        &json!({"deletionTimestamp": deletion, "finalizers": ["a/b"]}),
    ));
    assert_eq!(seen(&store), "u1@6");
    store.wrote(object(
        "u1",
        7,
        &json!({"deletionTimestamp": deletion, "finalizers": []}),
    ));
    assert_eq!(seen(&store), "absent");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_has_time_to_end_is_seen_to_be_leaving() {
    let store = synced_store();
    take(&store, Shows("u1", 5)).await;
    let leaving = json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30});
    store.wrote(object("u1", 7, &leaving));
    let Read::Found(seen) = store.read(&key()) else {
        panic!("it is still there");
    };
    assert!(seen.metadata.deletion_timestamp.is_some());
    take(&store, ShowsDelete("u1", 9)).await;
    assert!(matches!(store.read(&key()), Read::Absent));
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_without_a_name_makes_the_next_list_live() {
    let store = synced_store();
    store.lost(ObjectKey::namespaced("a", ""));
    assert!(store.uncertain().is_empty(), "no key can be asked for");
    assert!(store.blind_spots(Some("b")).is_empty());
    let spot = store.blind_spots(Some("a")).remove(0);
    assert!(store.list().is_empty());
    store.listed(&spot, vec![Arc::new(at("u1", 7))]);
    assert_eq!(seen(&store), "u1@7");
    assert!(store.blind_spots(None).is_empty());
    take(&store, Shows("u1", 8)).await;
    assert_eq!(seen(&store), "u1@8");
}

#[tokio::test(start_paused = true)]
async fn own_writes_are_found_by_owner_and_no_longer_when_they_dropped_it() {
    let store = synced_store();
    let owners =
        json!({"ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "o", "uid": "o1"}]});
    store.wrote(object("u1", 7, &owners));
    assert_eq!(store.owned_by("o1").len(), 1);
    take(&store, Shows("u1", 7)).await;
    assert_eq!(
        store.owned_by("o1").len(),
        0,
        "the watch shows it without an owner"
    );
    let mut state = store.state_mut();
    state.table.apply(object("u1", 8, &owners).into());
    drop(state);
    assert_eq!(store.owned_by("o1").len(), 1);
    store.wrote(at("u1", 9));
    assert_eq!(store.owned_by("o1").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn absence_means_nothing_before_the_first_list() {
    let store: Store<ConfigMap> = Store::new(Selection::default());
    assert_eq!(seen(&store), "uncertain");
    store.set_status(&WHOLE, |status| std::mem::replace(&mut status.synced, true));
    assert_eq!(seen(&store), "absent");
}

// F14: kube keeps one waker, so of two tasks that wait one waits for ever.
#[tokio::test(start_paused = true)]
async fn f14_any_number_of_tasks_may_wait_for_the_first_list() {
    let store: Store<ConfigMap> = Store::new(Selection::default());
    let waits: Vec<_> = (0..3)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.synced().await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.set_status(&WHOLE, |status| std::mem::replace(&mut status.synced, true));
    for wait in waits {
        wait.await.unwrap();
    }
}
