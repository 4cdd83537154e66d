use super::*;

fn dropped() -> ConfigMap {
    let mut value = stored("a", UID, "2");
    value["metadata"]["name"] = json!("dropped");
    value["metadata"]["uid"] = json!("c2");
    object(value)
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_returned_is_deleted_by_its_uid() {
    let deleted = || (200, json!({ "kind": "Status", "status": "Success" }));
    let fake = Fake::new([(200, stored("a", UID, "2")), deleted(), deleted()]).with_cache([dropped()]);
    apply_children(&fake, child("a")).await.unwrap();
    apply_children(&fake, None::<ConfigMap>).await.unwrap();
    let delete = "DELETE /api/v1/namespaces/default/configmaps";
    let asked = fake.asked();
    assert_eq!(
        lines(&asked),
        [APPLY, &format!("{delete}/dropped"), &format!("{delete}/child")]
    );
    assert!(
        asked[1].contains(r#""preconditions":{"uid":"c2"}"#),
        "{}",
        asked[1]
    );
    assert!(
        asked[2].contains(r#""preconditions":{"uid":"c1"}"#),
        "{}",
        asked[2]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_is_not_deleted_again() {
    let fake = Fake::new([(200, json!({ "kind": "Status", "status": "Success" }))]).with_cache([dropped()]);
    apply_children(&fake, ()).await.unwrap();
    apply_children(&fake, ()).await.unwrap();
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_went_by_itself_is_fine() {
    for answer in [refused(404, "NotFound"), refused(409, "Conflict")] {
        let fake = Fake::new([answer]).with_cache([dropped()]);
        apply_children(&fake, ()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_pruned_if_a_child_could_not_be_applied() {
    let fake = Fake::new([refused(403, "Forbidden")]).with_cache([dropped()]);
    let error = apply_children(&fake, child("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(lines(&fake.asked()), [APPLY]);
}

#[tokio::test(start_paused = true)]
async fn children_come_back_in_the_shape_they_were_given() {
    let answer = || (200, stored("a", UID, "2"));
    let fake = Fake::new([answer(), answer(), answer()]);
    let run = async {
        let children = (
            child("a"),
            vec![child("b")],
            Some(child("c")),
            None::<ConfigMap>,
            (),
        );
        super::super::apply_children::<Lonely, _, _>(&fake.run, &owner(), children, Default::default()).await
    };
    let (one, many, some, none, ()) = run.await.unwrap();
    assert_eq!(one.metadata.name.as_deref(), Some("child"));
    assert_eq!((many.len(), some.is_some(), none.is_none()), (1, true, true));
}

/// Owns kinds, but has none declared for pruning.
struct Lonely;

impl Reconciler for Lonely {
    type Object = Secret;
    fn name(&self) -> std::borrow::Cow<'static, str> {
        "lonely".into()
    }
    fn permissions() -> Vec<crate::permission::Permission> {
        Vec::new()
    }
}

/// Deletes the dropped child with an answer, and returns whether reads still see it.
async fn is_seen_after(answer: Value) -> bool {
    let fake = Fake::new([(200, answer)]).with_cache([dropped()]);
    apply_children(&fake, ()).await.unwrap();
    let key = crate::cache::ObjectKey::namespaced("default", "dropped");
    crate::context::get::<ConfigMap>(&fake.run, &crate::Kind::of::<ConfigMap>(), &key)
        .await
        .unwrap()
        .is_some()
}

#[tokio::test(start_paused = true)]
async fn a_deleted_child_is_seen_for_as_long_as_it_stays() {
    let leaving = |extra: Value| {
        let mut object = serde_json::to_value(dropped()).unwrap();
        let metadata = object["metadata"].as_object_mut().unwrap();
        metadata.insert("deletionTimestamp".into(), json!("2026-01-01T00:00:00Z"));
        metadata.extend(extra.as_object().cloned().unwrap());
        object
    };
    assert!(!is_seen_after(json!({ "kind": "Status", "status": "Success" })).await);
    assert!(!is_seen_after(serde_json::to_value(dropped()).unwrap()).await);
    assert!(is_seen_after(leaving(json!({ "finalizers": ["example.com/theirs"] }))).await);
    assert!(is_seen_after(leaving(json!({ "deletionGracePeriodSeconds": 30 }))).await);
}
