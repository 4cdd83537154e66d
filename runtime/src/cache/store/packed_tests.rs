//! A store of text answers as one of decoded objects does.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use tokio::time::{Duration, advance};

use super::{Read, Store};
use crate::Kind;
use crate::cache::decode::decode;
use crate::cache::form::{Form, Keep};
use crate::cache::selection::Partition;
use crate::cache::{Change, Index, ObjectKey, ResourceVersion, Selection};

const SIZE: Index<ConfigMap> = Index::new("size", |object| {
    let keys = object.data.as_ref().map_or(0, BTreeMap::len);
    vec![keys.to_string()]
});

fn object(name: &str, version: u64, size: usize) -> Value {
    let data: serde_json::Map<_, _> = (0..size).map(|key| (format!("key-{key}"), json!("x"))).collect();
    json!({"data": data, "metadata": {
        "namespace": if name < "c" { "a" } else { "b" }, "name": name, "uid": name,
        "resourceVersion": version.to_string(), "managedFields": [{"manager": "m"}],
        "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "o", "uid": format!("owner-{}", size % 2)}],
    }})
}

/// What an operator can do and see.
enum Step {
    Lists(&'static [(&'static str, u64, usize)]),
    Shows(&'static str, u64, usize),
    ShowsDelete(&'static str, u64),
    Wrote(&'static str, u64, usize),
    Passes(u64),
}

use Step::{Lists, Passes, Shows, ShowsDelete, Wrote};

fn store(form: Form) -> (Store<ConfigMap>, Keep) {
    let store: Store<ConfigMap> = Store::new(Selection::default());
    store.add_index(SIZE);
    let keep = Keep {
        managed_fields: false,
        form,
    };
    (store, keep)
}

async fn take((store, keep): &(Store<ConfigMap>, Keep), step: &Step) -> Vec<Value> {
    let arrive = |object: &Value| {
        decode::<ConfigMap>(object.to_string().as_bytes(), &Kind::of::<ConfigMap>(), *keep).unwrap()
    };
    let changes = match *step {
        Lists(objects) => {
            let mut state = store.state_mut();
            let round = state.table.begin();
            let items = objects
                .iter()
                .map(|(name, version, size)| object(name, *version, *size));
            let mut changes: Vec<_> = items
                .flat_map(|item| state.table.list_item(round, arrive(&item), true))
                .collect();
            changes.extend(state.table.end(round, &Partition::WHOLE));
            changes
        }
        Shows(name, version, size) => {
            let arrived = arrive(&object(name, version, size));
            let mut state = store.state_mut();
            state.overlay.saw(&arrived.object);
            let changes = state.table.apply(arrived);
            state.reach(&Partition::WHOLE, ResourceVersion::parse(&version.to_string()));
            changes
        }
        ShowsDelete(name, version) => {
            let gone = store.state_mut().table.delete(arrive(&object(name, version, 9)));
            gone.into_iter().collect()
        }
        Wrote(name, version, size) => {
            store.wrote(serde_json::from_value(object(name, version, size)).unwrap());
            Vec::new()
        }
        Passes(seconds) => {
            // Between a list and a change all that was at hand may have gone.
            advance(Duration::from_secs(seconds)).await;
            Vec::new()
        }
    };
    let shown = |change: &Change<ConfigMap>| {
        let states: Vec<&ConfigMap> = change.states().map(Arc::as_ref).collect();
        json!([change.verb(), change.is_initial(), states])
    };
    changes.iter().map(shown).collect()
}

fn seen(store: &Store<ConfigMap>) -> Value {
    let one = |object: &Arc<ConfigMap>| json!(object.as_ref());
    let all = |objects: Vec<Arc<ConfigMap>>| Value::from_iter(objects.iter().map(one));
    let get = |name| match store.read(&ObjectKey::namespaced("a", name)) {
        Read::Found(object) => one(&object),
        Read::Absent => json!("absent"),
        Read::Uncertain => json!("uncertain"),
    };
    json!({
        "get": Vec::from(["a", "b", "none"].map(get)),
        "list": all(store.list()),
        "list_in": Vec::from(["a", "b", "c"].map(|namespace| all(store.list_in(namespace)))),
        "owned_by": Vec::from(["owner-0", "owner-1"].map(|uid| all(store.owned_by(uid)))),
        "indexed": Vec::from(["0", "1", "2", "9"].map(|size| all(store.indexed(&SIZE, size)))),
        "len": store.len(),
    })
}

#[tokio::test(start_paused = true)]
async fn both_forms_tell_the_same_whatever_happens() {
    let (packed, decoded) = (store(Form::Packed), store(Form::Decoded));
    let steps = [
        Lists(&[("a", 1, 0), ("b", 2, 1), ("c", 3, 2)]),
        Shows("a", 5, 1),
        Shows("a", 4, 2),
        Wrote("b", 6, 2),
        Wrote("d", 7, 9),
        Shows("b", 6, 2),
        ShowsDelete("c", 8),
        ShowsDelete("c", 8),
        Passes(60),
        Lists(&[("a", 5, 1), ("d", 7, 9), ("e", 9, 0)]),
    ];
    for (place, step) in steps.iter().enumerate() {
        let changes = (take(&packed, step).await, take(&decoded, step).await);
        assert_eq!(changes.0, changes.1, "changes of step {place}");
        assert_eq!(seen(&packed.0), seen(&decoded.0), "after step {place}");
    }
    assert_eq!(packed.0.list().len(), 3);
    assert_eq!(decoded.0.report().decoded, 0);
}

/// A store of text with `a0`, `a1` and `a2` in it, none of them at hand.
fn listed() -> Store<ConfigMap> {
    let (store, keep) = store(Form::Packed);
    let mut state = store.state_mut();
    let round = state.table.begin();
    for number in 0..3 {
        let text = object(&format!("a{number}"), 1, 0).to_string();
        let arrived = decode(text.as_bytes(), store.kind(), keep).unwrap();
        state.table.list_item(round, arrived, true);
    }
    drop(state);
    store
}

#[test]
fn whether_an_object_is_here_is_known_without_decoding_it() {
    let (store, key) = (listed(), ObjectKey::namespaced("a", "a1"));
    assert!(store.knows(&key) && store.is_here(&key, "a1"));
    assert!(!store.is_here(&key, "a2"));
    store.wrote(serde_json::from_value(object("a9", 7, 0)).unwrap());
    assert!(store.is_here(&ObjectKey::namespaced("a", "a9"), "a9"));
    store.deleted(key.clone(), Some("a1".into()));
    assert!(!store.knows(&key) && !store.is_here(&key, "a1"));
    assert_eq!(store.report().decoded, 0);
}

#[test]
fn what_a_list_filters_out_was_decoded_all_the_same() {
    let store = listed();
    let found = store.list_where(Some("a"), |object| object.metadata.name.as_deref() == Some("a2"));
    assert_eq!(found.len(), 1);
    assert_eq!(store.report().decoded, 3);
    assert!(store.list_where(Some("b"), |_| true).is_empty());
}

#[test]
fn reads_are_counted_where_they_decode_and_what_is_read_again_is_at_hand() {
    let store = listed();
    let key = ObjectKey::namespaced("a", "a1");
    let (first, second) = (store.get(&key).unwrap(), store.get(&key).unwrap());
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(store.report().decoded, 1);
    assert_eq!(store.list().len(), 3);
    assert_eq!(store.report().decoded, 3);
    assert_eq!(store.list().len(), 3);
    assert_eq!(store.report().decoded, 3);
}
