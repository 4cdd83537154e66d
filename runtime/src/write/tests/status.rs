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

#[expect(clippy::needless_pass_by_value, reason = "cases read as data")]
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
    let fake = Fake::of_kind(
        crate::Kind::of::<Sample>(),
        [(
            200,
            sample("2", json!({ "observedGeneration": 3, "phase": "New" })),
        )],
    );
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
    let fake = Fake::of_kind(crate::Kind::of::<Sample>(), []);
    let condition = ready(&json!({ "observedGeneration": 3, "lastTransitionTime": "2020-01-01T00:00:00Z" }));
    let seen = sample("1", json!({ "observedGeneration": 3, "conditions": [condition] }));
    update(&fake, seen, set_ready).await.unwrap();
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_flips_gets_the_time_of_now() {
    let fake = Fake::of_kind(crate::Kind::of::<Sample>(), [(200, sample("2", json!({})))]);
    let condition = json!({ "type": "Ready", "status": "False", "reason": "Down", "message": "",
        "observedGeneration": 3, "lastTransitionTime": "2020-01-01T00:00:00Z" });
    let seen = sample("1", json!({ "observedGeneration": 3, "conditions": [condition] }));
    update(&fake, seen, set_ready).await.unwrap();
    let flipped = ready(&json!({ "observedGeneration": 3, "lastTransitionTime": "1970-01-01T00:00:00Z" }));
    assert_eq!(fake.asked(), [patch("1", &json!({ "conditions": [flipped] }))]);
}

#[tokio::test(start_paused = true)]
async fn the_second_edit_of_a_run_sees_the_first() {
    let written = sample("2", json!({ "observedGeneration": 3, "phase": "One" }));
    let seen = sample("1", json!({ "observedGeneration": 3 }));
    let fake = Fake::of_kind(
        crate::Kind::of::<Sample>(),
        [(200, written), (200, sample("3", json!({})))],
    )
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
    let fake = Fake::of_kind(
        crate::Kind::of::<Sample>(),
        [
            refused(409, "Conflict"),
            (200, newer),
            (200, sample("6", json!({}))),
        ],
    );
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
    let fake = Fake::of_kind(
        crate::Kind::of::<Sample>(),
        [refused(409, "Conflict"), (200, namesake)],
    );
    let error = update(&fake, sample("1", json!({})), set_ready)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn someone_who_keeps_writing_is_not_fought_for_ever() {
    let round = || [refused(409, "Conflict"), (200, sample("5", json!({})))];
    let fake = Fake::of_kind(crate::Kind::of::<Sample>(), (0..10).flat_map(|_| round()));
    let error = update(&fake, sample("1", json!({})), set_ready)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}
