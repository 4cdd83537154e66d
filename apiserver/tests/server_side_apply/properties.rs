//! What holds of any writes.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{Story, custom};

/// A custom object of which enough is never touched by what is applied that no map or list ever becomes empty.
fn base() -> Value {
    json!({"spec": {
        "size": 1, "obj": {"x": 1}, "tags": ["base"], "any": {"base": 1}, "ports": [{"n": "base"}],
    }})
}

fn custom_specs() -> impl Strategy<Value = Value> {
    let tags = prop::collection::vec("[a-d]", 0..4).prop_map(|mut tags| {
        let mut seen = std::collections::BTreeSet::new();
        tags.retain(|tag| seen.insert(tag.clone()));
        json!(tags)
    });
    let free = prop::collection::btree_map("[ab]", 0..3, 0..3).prop_map(|fields| json!(fields));
    let ports = prop::collection::btree_map("[a-c]", 0..3, 0..3).prop_map(|ports| {
        let port = |(name, number)| json!({"n": name, "p": number});
        ports.into_iter().map(port).collect::<Value>()
    });
    let fields = (
        prop::option::of(tags),
        prop::option::of(free),
        prop::option::of(ports),
    );
    fields.prop_map(|(tags, any, ports)| {
        let fields = [("tags", tags), ("any", any), ("ports", ports)];
        let given = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        json!({"spec": given.collect::<Value>()})
    })
}

proptest! {
    #[test]
    fn applying_twice_is_applying_once(
        theirs in custom_specs(),
        before in custom_specs(),
        ours in custom_specs(),
    ) {
        let mut story = custom();
        story.create("creator", base()).force("other", theirs).force("us", before).force("us", ours.clone());
        let once = story.live.clone();
        story.apply("us", ours);
        prop_assert_eq!(story.live, once);
    }

    #[test]
    fn a_forced_field_is_ours_and_has_our_value(live in custom_specs(), ours in custom_specs()) {
        let mut story = custom();
        story.force("other", live).force("us", ours.clone());
        let object = story.live.as_ref().unwrap();
        for (name, value) in ours["spec"]["any"].as_object().into_iter().flatten() {
            prop_assert_eq!(&object["spec"]["any"][name], value);
        }
        for tag in ours["spec"]["tags"].as_array().into_iter().flatten() {
            prop_assert!(object["spec"]["tags"].as_array().unwrap().contains(tag));
        }
    }

    #[test]
    fn what_only_we_applied_goes_when_we_apply_nothing(theirs in custom_specs(), ours in custom_specs()) {
        let mut without = custom();
        without.create("creator", base()).force("other", theirs.clone());
        let mut story = custom();
        // Whoever shares a field keeps it, so that nothing of theirs may be forced from them.
        story.create("creator", base()).force("us", ours).force("other", theirs).apply("us", json!({}));
        let fields = |story: &Story| story.live.as_ref().unwrap()["spec"].clone();
        let names = |list: &Value| -> std::collections::BTreeSet<String> {
            list.as_array().unwrap().iter().map(|item| item.get("n").unwrap_or(item).to_string()).collect()
        };
        prop_assert_eq!(&fields(&story)["any"], &fields(&without)["any"]);
        prop_assert_eq!(names(&fields(&story)["tags"]), names(&fields(&without)["tags"]));
        prop_assert_eq!(names(&fields(&story)["ports"]), names(&fields(&without)["ports"]));
    }
}
