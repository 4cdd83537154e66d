use super::*;
use crate::object::Meta as _;

fn store(window: usize) -> Arc<Store> {
    Arc::new(Store::new(window))
}

fn put(store: &Store, key: &str, data: &str) -> u64 {
    let (namespace, name) = key.split_once('/').unwrap();
    let value = json!({"metadata": {"name": name, "namespace": namespace}, "data": data});
    let expected = store.get("things", key).map(|one| one.revision());
    store.put("things", key, expected, value).unwrap().revision()
}

fn delete(store: &Store, key: &str) -> u64 {
    let current = store.get("things", key).unwrap();
    store.delete("things", key, &current).unwrap().revision()
}

/// `name=data` of each object, space separated.
fn show(page: &Page) -> String {
    let each = page.objects.iter().map(|one| {
        let data = one.value()["data"].as_str().unwrap();
        format!("{}={data}", one.name())
    });
    each.collect::<Vec<_>>().join(" ")
}

fn list(store: &Store, prefix: &str, at: Option<u64>) -> String {
    show(&store.page("things", &Range::all(prefix), at).unwrap())
}

fn names(batch: &Batch) -> Vec<String> {
    match batch {
        Batch::Events(events) => events
            .iter()
            .map(|event| format!("{:?} {}", event.change, event.key))
            .collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn every_write_takes_the_next_revision() {
    let store = store(10);
    let first = put(&store, "n/a", "1");
    assert_eq!(put(&store, "n/b", "1"), first + 1);
    assert_eq!(delete(&store, "n/a"), first + 2);
    assert_eq!(store.revision(), first + 2);
    assert_eq!(
        store.get("things", "n/b").unwrap().resource_version(),
        (first + 1).to_string()
    );
}

#[test]
fn a_stale_write_is_refused_and_changes_nothing() {
    let store = store(10);
    let first = put(&store, "n/a", "1");
    let second = put(&store, "n/a", "2");
    for expected in [None, Some(first), Some(second + 1)] {
        let stale = store.put("things", "n/a", expected, json!({})).unwrap_err();
        assert_eq!(stale.current.unwrap().revision(), second, "{expected:?}");
    }
    assert!(
        store
            .put("things", "n/missing", Some(1), json!({}))
            .unwrap_err()
            .current
            .is_none()
    );
    assert_eq!(store.revision(), second);
}

#[test]
fn a_range_is_one_namespace_in_key_order() {
    let store = store(10);
    for key in ["b/x", "a/z", "a-b/y", "a/x"] {
        put(&store, key, "1");
    }
    assert_eq!(list(&store, "a/", None), "x=1 z=1");
    assert_eq!(list(&store, "", None), "y=1 x=1 z=1 x=1");
    assert_eq!(list(&store, "c/", None), "");
}

#[test]
fn a_past_revision_reads_as_it_was() {
    let store = store(10);
    put(&store, "n/a", "1");
    let then = put(&store, "n/c", "1");
    put(&store, "n/b", "new");
    put(&store, "n/a", "2");
    delete(&store, "n/c");
    put(&store, "n/a", "3");
    assert_eq!(list(&store, "n/", Some(then)), "a=1 c=1");
    assert_eq!(list(&store, "n/", Some(then + 1)), "a=1 b=new c=1");
    assert_eq!(list(&store, "n/", None), "a=3 b=new");
}

#[test]
fn pages_of_one_revision_add_up_to_it() {
    let store = store(100);
    for name in ["a", "b", "c", "d", "e"] {
        put(&store, &format!("n/{name}"), "1");
    }
    let at = store.revision();
    let whole = list(&store, "n/", None);
    let (mut seen, mut start, mut counts) = (Vec::new(), String::new(), Vec::new());
    loop {
        let range = Range {
            prefix: "n/",
            start: &start,
            limit: 2,
        };
        let page = store.page("things", &range, Some(at)).unwrap();
        counts.push(page.remaining);
        seen.push(show(&page));
        if page.remaining == 0 {
            break;
        }
        start = format!("{}\0", page.last.unwrap());
        put(&store, "n/bb", "between");
        put(&store, "n/d", "changed");
    }
    assert_eq!(seen.join(" "), whole);
    assert_eq!(counts, [3, 1, 0]);
}

#[test]
fn what_fell_out_of_the_history_cannot_be_read() {
    let store = store(2);
    let first = put(&store, "n/a", "1");
    put(&store, "n/a", "2");
    put(&store, "n/a", "3");
    assert_eq!(list(&store, "", Some(first)), "a=1");
    let error = store
        .page("things", &Range::all(""), Some(first - 1))
        .unwrap_err();
    assert_eq!(error, Compacted { floor: first });
}

#[test]
fn a_watcher_sees_each_change_once_and_in_order() {
    let store = store(10);
    let start = put(&store, "n/a", "1");
    let mut watcher = store.watch("things", start);
    put(&store, "n/b", "1");
    put(&store, "n/a", "2");
    delete(&store, "n/b");
    assert_eq!(
        names(&watcher.look()),
        ["Stored n/b", "Stored n/a", "Removed n/b"]
    );
    assert_eq!(names(&watcher.look()), [format!("Idle({})", store.revision())]);
}

#[test]
fn a_removal_shows_the_last_state_at_its_own_revision() {
    let store = store(10);
    put(&store, "n/a", "last");
    let mut watcher = store.watch("things", store.revision());
    let revision = delete(&store, "n/a");
    let Batch::Events(events) = watcher.look() else {
        panic!("no event")
    };
    assert_eq!(events[0].new.value()["data"], "last");
    assert_eq!(events[0].new.resource_version(), revision.to_string());
}

#[test]
fn a_watcher_that_fell_behind_is_told() {
    let store = store(2);
    let mut watcher = store.watch("things", store.revision());
    for data in ["1", "2", "3"] {
        put(&store, "n/a", data);
    }
    assert!(matches!(watcher.look(), Batch::Expired(_)));
}

#[test]
fn a_closed_bucket_ends_its_watchers_after_the_last_change_but_not_later_ones() {
    let store = store(10);
    let mut watcher = store.watch("things", store.revision());
    put(&store, "n/a", "1");
    delete(&store, "n/a");
    store.close("things");
    let mut later = store.watch("things", store.revision());
    put(&store, "n/b", "1");
    assert_eq!(names(&watcher.look()), ["Stored n/a", "Removed n/a"]);
    assert!(matches!(watcher.look(), Batch::Closed));
    assert_eq!(names(&later.look()), ["Stored n/b"]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_watcher_wakes_on_changes_of_its_bucket() {
    let store = store(10);
    let mut watcher = store.watch("things", store.revision());
    watcher.look();
    let waiting = tokio::spawn(async move {
        watcher.woken().await;
        names(&watcher.look())
    });
    tokio::task::yield_now().await;
    put(&store, "n/a", "1");
    assert_eq!(waiting.await.unwrap(), ["Stored n/a"]);
}

#[tokio::test(start_paused = true)]
async fn a_revision_can_be_waited_for() {
    let store = store(10);
    let wanted = store.revision() + 2;
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.reach(wanted).await }
    });
    put(&store, "n/a", "1");
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    put(&store, "n/a", "2");
    waiting.await.unwrap();
}
