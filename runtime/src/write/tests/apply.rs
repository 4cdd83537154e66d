use super::super::Manner;
use super::*;

#[tokio::test(start_paused = true)]
async fn a_child_is_sent_with_its_place_and_its_owner() {
    let fake = Fake::new([(201, stored("a", UID, "2"))]);
    apply_owned(&fake, child("a"), Manner::default()).await.unwrap();
    let body = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": "child", "namespace": "default",
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Secret", "name": "sample", "uid": UID,
                "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "data": { "key": "a" },
    });
    assert_eq!(fake.asked(), [format!("{APPLY} {body}")]);
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_child_costs_one_request_after_the_start_and_then_none() {
    let cached = object::<ConfigMap>(stored("a", UID, "2"));
    let fake = Fake::new([(200, stored("a", UID, "2"))]).with_cache([cached]);
    for _ in 0..3 {
        apply_owned(&fake, child("a"), Manner::default()).await.unwrap();
    }
    assert_eq!(lines(&fake.asked()), [APPLY]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_child_is_sent() {
    let cached = object::<ConfigMap>(stored("a", UID, "2"));
    let fake = Fake::new([(200, stored("a", UID, "2")), (200, stored("b", UID, "3"))]).with_cache([cached]);
    apply_owned(&fake, child("a"), Manner::default()).await.unwrap();
    let applied = apply_owned(&fake, child("b"), Manner::default()).await.unwrap();
    assert_eq!(applied.metadata.resource_version.as_deref(), Some("3"));
    assert_eq!(lines(&fake.asked()), [APPLY, APPLY]);
}

#[tokio::test(start_paused = true)]
async fn a_child_of_another_is_left_alone() {
    let cached = object::<ConfigMap>(stored("a", "another", "2"));
    let fake = Fake::new([]).with_cache([cached]);
    let error = apply_owned(&fake, child("a"), Manner::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Controlled);
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_controller_is_told_from_other_invalid_objects() {
    let mut answer = refused(422, "Invalid");
    answer.1["message"] = json!(
        "metadata.ownerReferences: Invalid value: [..]: Only one reference can have Controller set to true. Found .."
    );
    let fake = Fake::new([answer, refused(422, "Invalid")]);
    let error = apply_owned(&fake, child("a"), Manner::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Controlled);
    let error = apply_owned(&fake, child("a"), Manner::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_makes_the_next_read_live() {
    let cached = object::<ConfigMap>(stored("a", UID, "2"));
    let fake = Fake::new([refused(504, "Timeout"), (200, stored("b", UID, "3"))]).with_cache([cached]);
    apply_owned(&fake, child("b"), Manner::default())
        .await
        .unwrap_err();
    let key = crate::cache::ObjectKey::namespaced("default", "child");
    let read = crate::context::get::<ConfigMap>(&fake.run, &crate::Kind::of::<ConfigMap>(), &key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.metadata.resource_version.as_deref(), Some("3"));
    assert_eq!(
        lines(&fake.asked())[1],
        "GET /api/v1/namespaces/default/configmaps/child"
    );
}

#[tokio::test(start_paused = true)]
async fn a_child_without_a_name_is_refused_before_it_is_sent() {
    let fake = Fake::new([]);
    let error = apply_owned(&fake, ConfigMap::default(), Manner::default())
        .await
        .unwrap_err();
    assert!(error.is_terminal());
    assert!(fake.asked().is_empty());
}
