use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::object::HasStatus;
use serde_json::{Value, json};

use super::{Children, OwnsAll};
use crate::context::fake::{Fake, refused};
use crate::error::ErrorKind;
use crate::prelude::*;
use crate::reconcile::Object;

const UID: &str = "u1";

fn object<K: Object>(value: Value) -> K {
    serde_json::from_value(value).unwrap()
}

fn owner() -> Secret {
    object(
        json!({ "metadata": { "name": "sample", "namespace": "default", "uid": UID, "resourceVersion": "1" } }),
    )
}

fn child(data: &str) -> ConfigMap {
    object(json!({ "metadata": { "name": "child" }, "data": { "key": data } }))
}

/// The child as the API server has it, under an owner.
fn stored(data: &str, owner: &str, version: &str) -> Value {
    json!({
        "metadata": {
            "name": "child", "namespace": "default", "uid": "c1", "resourceVersion": version,
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Secret", "name": "sample", "uid": owner,
                "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "data": { "key": data },
    })
}

const APPLY: &str = "PATCH /api/v1/namespaces/default/configmaps/child?&force=true&fieldManager=memcached";

/// The lines without their bodies.
fn lines(asked: &[String]) -> Vec<&str> {
    asked
        .iter()
        .map(|line| line.split(" {").next().unwrap_or_default())
        .collect()
}

struct Sites;

impl Reconciler for Sites {
    type Object = Secret;
    fn name(&self) -> std::borrow::Cow<'static, str> {
        "memcached".into()
    }
    fn permissions() -> Vec<crate::permission::Permission> {
        Vec::new()
    }
    fn owned() -> super::OwnedKinds {
        super::OwnedKinds::new().with::<ConfigMap>()
    }
}

impl crate::permission::Owns<ConfigMap> for Sites {}

async fn apply_children<C, M>(fake: &Fake, children: C) -> Result<C::Applied>
where
    C: Children<M>,
    Sites: OwnsAll<C::Kinds>,
{
    super::apply_children::<Sites, _, _>(&fake.run, &owner(), children).await
}

mod apply {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_child_is_sent_with_its_place_and_its_owner() {
        let fake = Fake::new([(201, stored("a", UID, "2"))]);
        super::super::apply_owned(&fake.run, &owner(), child("a"))
            .await
            .unwrap();
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
            super::super::apply_owned(&fake.run, &owner(), child("a"))
                .await
                .unwrap();
        }
        assert_eq!(lines(&fake.asked()), [APPLY]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_changed_child_is_sent() {
        let cached = object::<ConfigMap>(stored("a", UID, "2"));
        let fake =
            Fake::new([(200, stored("a", UID, "2")), (200, stored("b", UID, "3"))]).with_cache([cached]);
        super::super::apply_owned(&fake.run, &owner(), child("a"))
            .await
            .unwrap();
        let applied = super::super::apply_owned(&fake.run, &owner(), child("b"))
            .await
            .unwrap();
        assert_eq!(applied.metadata.resource_version.as_deref(), Some("3"));
        assert_eq!(lines(&fake.asked()), [APPLY, APPLY]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_child_of_another_is_left_alone() {
        let cached = object::<ConfigMap>(stored("a", "another", "2"));
        let fake = Fake::new([]).with_cache([cached]);
        let error = super::super::apply_owned(&fake.run, &owner(), child("a"))
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
        let error = super::super::apply_owned(&fake.run, &owner(), child("a"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Controlled);
        let error = super::super::apply_owned(&fake.run, &owner(), child("a"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_was_lost_makes_the_next_read_live() {
        let cached = object::<ConfigMap>(stored("a", UID, "2"));
        let fake = Fake::new([refused(504, "Timeout"), (200, stored("b", UID, "3"))]).with_cache([cached]);
        super::super::apply_owned(&fake.run, &owner(), child("b"))
            .await
            .unwrap_err();
        let key = crate::cache::ObjectKey::namespaced("default", "child");
        let read = crate::context::get::<ConfigMap>(&fake.run, &key)
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
        let error = super::super::apply_owned(&fake.run, &owner(), ConfigMap::default())
            .await
            .unwrap_err();
        assert!(error.is_terminal());
        assert!(fake.asked().is_empty());
    }
}

mod children {
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
        let fake =
            Fake::new([(200, json!({ "kind": "Status", "status": "Success" }))]).with_cache([dropped()]);
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
            super::super::apply_children::<Lonely, _, _>(&fake.run, &owner(), children).await
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
}

mod finalizer {
    use super::*;
    use crate::permission::Permission;

    const FINALIZER: &str = "example.com/cleanup";

    struct Held {
        cleanup: Action,
        told: Arc<std::sync::Mutex<Vec<&'static str>>>,
    }

    impl Reconciler for Held {
        type Object = Secret;
        const FINALIZER: Option<&'static str> = Some(FINALIZER);
        fn name(&self) -> std::borrow::Cow<'static, str> {
            "held".into()
        }
        fn permissions() -> Vec<Permission> {
            Vec::new()
        }
    }

    impl Reconcile for Held {
        async fn reconcile(&self, object: Arc<Secret>, _: &Context<Self>) -> Result<Action> {
            let is_held = object
                .metadata
                .finalizers
                .iter()
                .flatten()
                .any(|known| known == FINALIZER);
            self.told
                .lock()
                .unwrap()
                .push(if is_held { "reconcile" } else { "reconcile unheld" });
            Ok(Action::done())
        }
        async fn cleanup(&self, _: Arc<Secret>, _: &Context<Self>) -> Result<Action> {
            self.told.lock().unwrap().push("cleanup");
            Ok(self.cleanup)
        }
    }

    fn sample(finalizers: &[&str], is_leaving: bool, version: &str) -> Value {
        let mut value = json!({ "metadata": {
            "name": "sample", "namespace": "default", "uid": UID, "resourceVersion": version,
            "finalizers": finalizers,
        }});
        if is_leaving {
            value["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        value
    }

    /// Runs an object against answers, and checks what was called and what was asked.
    async fn check(seen: Value, answers: Vec<(u16, Value)>, called: &[&str], asked: &[&str]) {
        check_with(Action::done(), seen, answers, called, asked).await;
    }

    async fn check_with(
        cleanup: Action,
        seen: Value,
        answers: Vec<(u16, Value)>,
        called: &[&str],
        expected: &[&str],
    ) {
        let (context, asked) = Fake::new(answers).into_context::<Held>();
        let held = Held {
            cleanup,
            told: Arc::default(),
        };
        super::super::reconcile(&held, Arc::new(object(seen)), &context)
            .await
            .unwrap();
        assert_eq!(*held.told.lock().unwrap(), called);
        assert_eq!(asked.shown(), expected);
    }

    const PATCH: &str = "PATCH /api/v1/namespaces/default/secrets/sample?&fieldManager=memcached";
    const GET: &str = "GET /api/v1/namespaces/default/secrets/sample";

    fn patch(version: &str, finalizers: &[&str]) -> String {
        format!(
            "{PATCH} {}",
            json!({ "metadata": { "finalizers": finalizers, "resourceVersion": version } })
        )
    }

    #[tokio::test(start_paused = true)]
    async fn the_finalizer_is_there_before_the_first_reconcile() {
        let patched = (200, sample(&["theirs", FINALIZER], false, "2"));
        let asked = patch("1", &["theirs", FINALIZER]);
        check(
            sample(&["theirs"], false, "1"),
            vec![patched],
            &["reconcile"],
            &[&asked],
        )
        .await;
        check(sample(&[FINALIZER], false, "1"), vec![], &["reconcile"], &[]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_finalizer_goes_after_the_cleanup() {
        let patched = (200, sample(&["theirs"], true, "2"));
        let asked = patch("1", &["theirs"]);
        check(
            sample(&["theirs", FINALIZER], true, "1"),
            vec![patched],
            &["cleanup"],
            &[&asked],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_cleanup_that_needs_more_time_keeps_the_finalizer() {
        let later = Action::requeue(std::time::Duration::from_secs(5));
        check_with(later, sample(&[FINALIZER], true, "1"), vec![], &["cleanup"], &[]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_that_is_leaving_is_neither_held_nor_reconciled() {
        check(sample(&["theirs"], true, "1"), vec![], &[], &[]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_that_is_gone_by_then_is_fine() {
        let gone = || vec![refused(404, "NotFound")];
        check(sample(&[], false, "1"), gone(), &[], &[&patch("1", &[FINALIZER])]).await;
        check(
            sample(&[FINALIZER], true, "1"),
            gone(),
            &["cleanup"],
            &[&patch("1", &[])],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_race_is_run_again_on_the_newer_state() {
        let answers = vec![
            refused(409, "Conflict"),
            (200, sample(&["theirs"], false, "5")),
            (200, sample(&["theirs", FINALIZER], false, "6")),
        ];
        let asked = [
            &patch("1", &[FINALIZER]),
            GET,
            &patch("5", &["theirs", FINALIZER]),
        ];
        check(sample(&[], false, "1"), answers, &["reconcile"], &asked).await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_deleted_in_between_is_not_held() {
        let answers = vec![refused(409, "Conflict"), (200, sample(&["theirs"], true, "5"))];
        check(
            sample(&[], false, "1"),
            answers,
            &[],
            &[&patch("1", &[FINALIZER]), GET],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_namesake_is_not_touched() {
        let mut namesake = sample(&[], false, "5");
        namesake["metadata"]["uid"] = json!("u2");
        let answers = vec![refused(409, "Conflict"), (200, namesake)];
        check(
            sample(&[], false, "1"),
            answers,
            &[],
            &[&patch("1", &[FINALIZER]), GET],
        )
        .await;
    }
}

mod status {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct SampleStatus {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        observed_generation: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
        #[serde(default, skip_serializing_if = "Conditions::is_empty")]
        conditions: Conditions,
    }

    /// A kind with a status, as the derive makes one.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    struct Sample {
        metadata: ObjectMeta,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<SampleStatus>,
    }

    impl kube::Resource for Sample {
        type DynamicType = ();
        type Scope = kube::core::NamespaceResourceScope;
        fn kind(_: &()) -> std::borrow::Cow<'_, str> {
            "Sample".into()
        }
        fn group(_: &()) -> std::borrow::Cow<'_, str> {
            "example.com".into()
        }
        fn version(_: &()) -> std::borrow::Cow<'_, str> {
            "v1".into()
        }
        fn plural(_: &()) -> std::borrow::Cow<'_, str> {
            "samples".into()
        }
        fn meta(&self) -> &ObjectMeta {
            &self.metadata
        }
        fn meta_mut(&mut self) -> &mut ObjectMeta {
            &mut self.metadata
        }
    }

    impl HasStatus for Sample {
        type Status = SampleStatus;
        fn status(&self) -> Option<&SampleStatus> {
            self.status.as_ref()
        }
        fn status_mut(&mut self) -> &mut Option<SampleStatus> {
            &mut self.status
        }
    }

    fn sample(version: &str, status: Value) -> Value {
        json!({
            "metadata": { "name": "sample", "namespace": "default", "uid": UID, "resourceVersion": version, "generation": 3 },
            "status": status,
        })
    }

    const PATCH: &str =
        "PATCH /apis/example.com/v1/namespaces/default/samples/sample/status?&fieldManager=memcached";

    fn patch(version: &str, status: &Value) -> String {
        format!(
            "{PATCH} {}",
            json!({ "metadata": { "resourceVersion": version }, "status": status })
        )
    }

    async fn update(fake: &Fake, seen: Value, edit: impl FnOnce(&mut SampleStatus)) -> Result<Arc<Sample>> {
        super::super::update_status(&fake.run, &object::<Sample>(seen), edit).await
    }

    fn ready(extra: &Value) -> Value {
        let mut condition = json!({ "type": "Ready", "status": "True", "reason": "Up", "message": "all up" });
        condition
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().cloned().unwrap());
        condition
    }

    fn set_ready(status: &mut SampleStatus) {
        status.conditions.set(Condition::ready("Up", "all up"));
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_changed_is_sent_with_its_generation() {
        let fake = Fake::new([(
            200,
            sample("2", json!({ "observedGeneration": 3, "phase": "New" })),
        )]);
        let seen = sample("1", json!({ "observedGeneration": 2, "conditions": [] }));
        update(&fake, seen, |status| status.phase = Some("New".into()))
            .await
            .unwrap();
        assert_eq!(
            fake.asked(),
            [patch("1", &json!({ "observedGeneration": 3, "phase": "New" }))]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_when_nothing_changed() {
        let fake = Fake::new([]);
        let condition =
            ready(&json!({ "observedGeneration": 3, "lastTransitionTime": "2020-01-01T00:00:00Z" }));
        let seen = sample("1", json!({ "observedGeneration": 3, "conditions": [condition] }));
        update(&fake, seen, set_ready).await.unwrap();
        assert!(fake.asked().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_condition_that_flips_gets_the_time_of_now() {
        let fake = Fake::new([(200, sample("2", json!({})))]);
        let condition = json!({ "type": "Ready", "status": "False", "reason": "Down", "message": "",
            "observedGeneration": 3, "lastTransitionTime": "2020-01-01T00:00:00Z" });
        let seen = sample("1", json!({ "observedGeneration": 3, "conditions": [condition] }));
        update(&fake, seen, set_ready).await.unwrap();
        let flipped =
            ready(&json!({ "observedGeneration": 3, "lastTransitionTime": "1970-01-01T00:00:00Z" }));
        assert_eq!(fake.asked(), [patch("1", &json!({ "conditions": [flipped] }))]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_edit_of_a_run_sees_the_first() {
        let written = sample("2", json!({ "observedGeneration": 3, "phase": "One" }));
        let seen = sample("1", json!({ "observedGeneration": 3 }));
        let fake = Fake::new([(200, written), (200, sample("3", json!({})))])
            .with_cache([object::<Sample>(seen.clone())]);
        update(&fake, seen.clone(), |status| status.phase = Some("One".into()))
            .await
            .unwrap();
        update(&fake, seen, |status| {
            assert_eq!(status.phase.as_deref(), Some("One"));
            status.phase = Some("Two".into());
        })
        .await
        .unwrap();
        assert_eq!(fake.asked()[1], patch("2", &json!({ "phase": "Two" })));
    }

    #[tokio::test(start_paused = true)]
    async fn an_edit_is_carried_over_to_what_others_wrote() {
        let theirs = json!({ "type": "Theirs", "status": "True", "reason": "R", "message": "",
            "lastTransitionTime": "2020-01-01T00:00:00Z" });
        let newer = sample("5", json!({ "observedGeneration": 3, "conditions": [theirs] }));
        let fake = Fake::new([
            refused(409, "Conflict"),
            (200, newer),
            (200, sample("6", json!({}))),
        ]);
        update(&fake, sample("1", json!({ "observedGeneration": 3 })), set_ready)
            .await
            .unwrap();
        let ours = ready(&json!({ "observedGeneration": 3, "lastTransitionTime": "1970-01-01T00:00:00Z" }));
        assert_eq!(
            fake.asked()[2],
            patch("5", &json!({ "conditions": [theirs, ours] }))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_status_of_a_namesake_is_not_touched() {
        let mut namesake = sample("5", json!({}));
        namesake["metadata"]["uid"] = json!("u2");
        let fake = Fake::new([refused(409, "Conflict"), (200, namesake)]);
        let error = update(&fake, sample("1", json!({})), set_ready)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(fake.asked().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn someone_who_keeps_writing_is_not_fought_for_ever() {
        let round = || [refused(409, "Conflict"), (200, sample("5", json!({})))];
        let fake = Fake::new((0..10).flat_map(|_| round()));
        let error = update(&fake, sample("1", json!({})), set_ready)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
}
