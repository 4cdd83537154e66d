use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};

use super::super::decode::decode;
use super::super::form::{Form, Keep};
use super::super::index::by_owner;
use super::*;

/// An object as it comes over the wire, to be kept as text.
fn object(key: &str, uid: &str, version: &str) -> Arrived<ConfigMap> {
    with_owner(key, uid, version, &json!([]))
}

fn with_owner(key: &str, uid: &str, version: &str, owners: &Value) -> Arrived<ConfigMap> {
    let (namespace, name) = key.split_once('/').unwrap();
    let metadata = json!({
        "namespace": namespace, "name": name, "uid": uid, "resourceVersion": version, "ownerReferences": owners,
    });
    let keep = Keep {
        managed_fields: false,
        form: Form::Packed,
    };
    let text = json!({"metadata": metadata}).to_string();
    decode(text.as_bytes(), &Kind::of::<ConfigMap>(), keep).unwrap()
}

fn shown(changes: &[Change<ConfigMap>]) -> Vec<String> {
    let state = |object: &Arc<ConfigMap>| {
        let meta = &object.metadata;
        format!(
            "{}@{}",
            meta.uid.as_deref().unwrap(),
            meta.resource_version.as_deref().unwrap()
        )
    };
    let show = |change: &Change<ConfigMap>| match change {
        Change::Added { new, initial } => {
            format!("added {}{}", state(new), if *initial { " initially" } else { "" })
        }
        Change::Updated { old, new } => format!("updated {} to {}", state(old.get().unwrap()), state(new)),
        Change::Deleted { old } => format!("deleted {}", state(old)),
    };
    changes.iter().map(show).collect()
}

/// A table that holds `a/one` as `u1@5`.
fn table() -> Table<ConfigMap> {
    let mut table = Table::new(Kind::of::<ConfigMap>());
    table.apply(object("a/one", "u1", "5"));
    table
}

#[track_caller]
fn check_apply(uid: &str, version: &str, expected: &[&str]) {
    let changes = table().apply(object("a/one", uid, version));
    assert_eq!(shown(&changes), expected, "{uid}@{version}");
}

#[test]
fn a_table_never_goes_back_to_an_older_version() {
    check_apply("u1", "6", &["updated u1@5 to u1@6"]);
    check_apply("u1", "5", &[]);
    check_apply("u1", "4", &[]);
    check_apply("u0", "4", &[]);
}

#[test]
fn another_object_under_the_name_is_a_delete_and_an_add() {
    check_apply("u2", "9", &["deleted u1@5", "added u2@9"]);
}

#[test]
fn versions_without_order_are_taken_as_they_come() {
    check_apply("u1", "abc", &["updated u1@5 to u1@abc"]);
}

#[test]
fn what_a_list_brought_is_packed_and_the_old_state_still_told() {
    let mut table = Table::new(Kind::of::<ConfigMap>());
    let round = table.begin();
    table.list_item(round, object("a/one", "u1", "5"), true);
    let key = ObjectKey::namespaced("a", "one");
    assert!(matches!(table.get(&key), Some(Body::Packed(_))));
    let changes = table.apply(object("a/one", "u1", "6"));
    assert_eq!(shown(&changes), ["updated u1@5 to u1@6"]);
    assert!(
        matches!(table.get(&key), Some(Body::Decoded(_))),
        "what changed is at hand"
    );
}

#[test]
fn an_object_that_was_decoded_while_it_changed_is_not_at_hand() {
    let mut table = Table::new(Kind::of::<ConfigMap>());
    let (round, key) = (table.begin(), ObjectKey::namespaced("a", "one"));
    let read = |table: &Table<ConfigMap>| {
        let Some(Body::Packed(packed)) = table.get(&key) else {
            panic!("it is packed")
        };
        let object = Body::<ConfigMap>::Packed(packed.clone()).open(&Kind::of::<ConfigMap>());
        vec![(key.clone(), packed, object.unwrap())]
    };
    table.list_item(round, object("a/one", "u1", "5"), true);
    let past = read(&table);
    table.list_item(round, object("a/one", "u1", "6"), true);
    table.have_at_hand(past);
    let now = read(&table);
    table.have_at_hand(now);
    let Some(Body::Decoded(object)) = table.get(&key) else {
        panic!("it is at hand")
    };
    assert_eq!(object.metadata.resource_version.as_deref(), Some("6"));
}

#[test]
fn a_late_delete_does_not_remove_the_next_object_of_that_name() {
    let mut table = table();
    assert!(table.delete(object("a/one", "u0", "4")).is_none());
    assert_eq!(table.len(), 1);
    let deleted = table.delete(object("a/one", "u1", "7"));
    assert_eq!(shown(deleted.as_slice()), ["deleted u1@7"]);
    assert!(table.delete(object("a/one", "u1", "7")).is_none());
}

#[test]
fn a_list_sweeps_out_what_it_did_not_contain() {
    let mut table = table();
    table.apply(object("a/two", "u2", "6"));
    let round = table.begin();
    assert_eq!(
        shown(&table.list_item(round, object("a/two", "u2", "6"), false)),
        [""; 0]
    );
    assert_eq!(
        shown(&table.list_item(round, object("a/three", "u3", "8"), true)),
        ["added u3@8 initially"]
    );
    assert_eq!(shown(&table.end(round, &Partition::WHOLE)), ["deleted u1@5"]);
    assert_eq!(table.len(), 2);
}

#[test]
fn a_list_that_was_given_up_sweeps_nothing() {
    let mut table = table();
    let abandoned = table.begin();
    table.list_item(abandoned, object("a/two", "u2", "6"), false);
    let round = table.begin();
    table.list_item(round, object("a/one", "u1", "5"), false);
    assert_eq!(shown(&table.end(round, &Partition::WHOLE)), ["deleted u2@6"]);
}

#[test]
fn a_listed_object_that_cannot_be_read_is_not_swept_out() {
    let mut table = table();
    let round = table.begin();
    table.list_unreadable(round, &ObjectKey::namespaced("a", "one"));
    assert!(table.end(round, &Partition::WHOLE).is_empty());
    assert_eq!(table.len(), 1);
}

#[test]
fn a_list_after_a_set_back_is_believed_although_it_is_older() {
    let mut table = table();
    let round = table.begin_again();
    assert_eq!(
        shown(&table.list_item(round, object("a/one", "u1", "3"), false)),
        ["updated u1@5 to u1@3"]
    );
}

#[test]
fn owners_are_found_by_uid_and_the_index_follows_changes() {
    let mut table = table();
    let owner = |uid: &str| json!([{"apiVersion": "v1", "kind": "Secret", "name": "o", "uid": uid}]);
    let found = |table: &Table<ConfigMap>, uid: &str| {
        let found = table.find(by_owner::<ConfigMap>().name(), uid).unwrap();
        found.map(|(key, _)| key.to_string()).collect::<Vec<String>>()
    };
    table.apply(with_owner("a/b", "u2", "6", &owner("o1")));
    table.apply(with_owner("a/a", "u3", "7", &owner("o1")));
    assert_eq!(found(&table, "o1"), ["a/a", "a/b"]);
    table.apply(with_owner("a/b", "u2", "8", &owner("o2")));
    assert_eq!(
        (found(&table, "o1"), found(&table, "o2")),
        (vec!["a/a".to_owned()], vec!["a/b".to_owned()])
    );
    table.delete(object("a/b", "u2", "9"));
    assert!(found(&table, "o2").is_empty());
}

#[test]
fn an_index_that_panics_on_an_object_only_hides_it() {
    let mut table = table();
    table.add_index(Index::new("test", |object: &ConfigMap| {
        assert!(object.metadata.name.as_deref() != Some("bad"), "told to panic");
        vec!["all".to_owned()]
    }));
    table.apply(object("a/bad", "u2", "6"));
    table.apply(object("a/good", "u3", "7"));
    let keys: Vec<String> = table
        .find("test", "all")
        .unwrap()
        .map(|(key, _)| key.to_string())
        .collect();
    assert_eq!(keys, ["a/good", "a/one"]);
    assert_eq!(table.len(), 3);
}

#[test]
fn a_namespace_is_listed_without_its_neighbours() {
    let mut table = Table::new(Kind::of::<ConfigMap>());
    for key in ["a/x", "a-b/x", "ab/x", "a/a", "b/a"] {
        table.apply(object(key, key, "1"));
    }
    let keys = |namespace| {
        table
            .iter(namespace)
            .map(|(key, _)| key.to_string())
            .collect::<Vec<String>>()
    };
    assert_eq!(keys(Some("a")), ["a/a", "a/x"]);
    assert_eq!(keys(Some("c")), [""; 0]);
    assert_eq!(keys(None), ["a/a", "a/x", "a-b/x", "ab/x", "b/a"]);
}

/// What is read of the states of a change that only leads to owners.
#[track_caller]
fn check_owners(before: &Value, after: &Value, expected: &[&str]) {
    let mut table = Table::new(Kind::of::<ConfigMap>());
    table.apply(with_owner("a/one", "u1", "5", before));
    let changes = table.apply(with_owner("a/one", "u1", "6", after));
    let versions: Vec<_> = changes[0]
        .states_by_owner()
        .filter_map(|state| state.metadata.resource_version.as_deref())
        .collect();
    assert_eq!(versions, expected, "{before} to {after}");
    for (owners, version) in [(before, "5"), (after, "6")] {
        let uid = owners[0]["uid"].as_str().unwrap_or("none");
        let found = table.find(by_owner::<ConfigMap>().name(), uid).unwrap().count();
        let is_now = version == "6" || owners == after;
        assert_eq!(
            found == 1,
            is_now && uid != "none",
            "{version}, of {before} to {after}"
        );
    }
}

#[test]
fn what_an_object_was_is_asked_of_owners_only_where_they_changed() {
    let owned = |uid: &str| json!([{"apiVersion": "v1", "kind": "Node", "name": "o", "uid": uid}]);
    check_owners(&owned("o1"), &owned("o1"), &["6"]);
    check_owners(&owned("o1"), &owned("o2"), &["5", "6"]);
    check_owners(&owned("o1"), &json!([]), &["5", "6"]);
    check_owners(&json!([]), &owned("o1"), &["5", "6"]);
}

#[test]
fn the_bytes_of_a_table_are_those_of_what_is_in_it() {
    let mut table = Table::new(Kind::of::<ConfigMap>());
    let (one, other) = (object("a/one", "u1", "5"), object("a/other", "u2", "6"));
    let weights = (u64::from(one.weight), u64::from(other.weight));
    table.apply(one);
    table.apply(other);
    assert_eq!(table.bytes(), weights.0 + weights.1);
    table.apply(object("a/one", "u1", "10"));
    assert_eq!(table.bytes(), weights.0 + 1 + weights.1);
    table.delete_key(&ObjectKey::namespaced("a", "one"));
    assert_eq!(table.bytes(), weights.1);
    let round = table.begin();
    table.end(round, &Partition::WHOLE);
    assert_eq!(table.bytes(), 0);
}
