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
    let action = super::super::reconcile(&held, Arc::new(object(seen)), &context)
        .await
        .unwrap();
    // A run says to come back only if its cleanup did.
    assert_eq!(action, cleanup);
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
