//! Reviews in, reviews out, without a socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::Client;
use serde_json::{Value, json};

use super::{Answer, BODY_LIMIT, Webhooks};
use crate::error::{Error, Result};
use crate::prelude::*;
use crate::webhook::{
    Admission, Call, Defaulting, FieldErrors, Hub, Observer, Operation, Panicked, Validating, Webhook, field,
};

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(group = "x.io", version = "v1", kind = "Foo", namespaced, crate = "crate")]
struct FooSpec {
    size: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl Hub for Foo {}

/// An old version of the same kind.
mod old {
    use crate::prelude::*;
    use crate::webhook::Spoke;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "x.io",
        version = "v1alpha1",
        kind = "Foo",
        namespaced,
        storage = false,
        crate = "crate"
    )]
    #[spoke(hub = super::Foo, crate = crate)]
    pub(super) struct FooSpec {
        #[spoke(rename = size)]
        #[schemars(range(min = 0))]
        pub(super) count: i32,
        pub(super) image: Option<String>,
    }
}

/// Fills in the image, and tries everything that can go wrong.
struct Rules;

impl Defaulting for Rules {
    type Object = Foo;

    async fn apply_defaults(&self, foo: &mut Foo, cx: &Admission) -> Result<()> {
        if cx.subresource().is_none() {
            foo.spec
                .image
                .get_or_insert_with(|| format!("image-of-{}", cx.user().username));
        }
        Ok(())
    }
}

impl Validating for Rules {
    type Object = Foo;

    async fn validate_create(&self, new: &Foo, cx: &Admission) -> Result<()> {
        match new.spec.size {
            666 => panic!("the number of the beast"),
            1000 => std::future::pending().await,
            _ => {}
        }
        if new.spec.size > 9 {
            cx.warn("that is a lot");
        }
        cx.audit("size", new.spec.size.to_string());
        let mut errors = FieldErrors::new();
        if new.spec.size % 2 == 0 {
            errors.push(field("spec.size").invalid(new.spec.size, "must be odd"));
        }
        errors.into_result()
    }

    async fn validate_update(&self, old: &Foo, new: &Foo, cx: &Admission) -> Result<()> {
        if cx.is_dry_run() {
            return Err(Error::new("not even on trial"));
        }
        if old.spec.image != new.spec.image {
            Err(field("spec.image").forbidden("may not change"))?;
        }
        self.validate_create(new, cx).await
    }

    async fn validate_delete(&self, old: &Foo, _: &Admission) -> Result<()> {
        Err(Error::new(format!("{} has to stay", old.name_any())))
    }
}

fn client() -> Client {
    let nobody = tower::service_fn(|_: http::Request<kube::client::Body>| async {
        Err::<http::Response<kube::client::Body>, _>(kube::Error::LinesCodecMaxLineLengthExceeded)
    });
    Client::new(nobody, "default")
}

fn webhooks() -> Webhooks {
    let all = [
        Webhook::defaulting(Rules).into(),
        Webhook::validating(Rules)
            .operations([Operation::Create, Operation::Update, Operation::Delete])
            .into(),
        Webhook::conversion::<Foo>().spoke::<old::Foo>().into(),
    ];
    Webhooks::new(all, client()).unwrap()
}

const MUTATE: &str = "/mutate-x-io-v1-foo";
const VALIDATE: &str = "/validate-x-io-v1-foo";

fn foo(spec: Value) -> Value {
    json!({"apiVersion": "x.io/v1", "kind": "Foo", "metadata": {"name": "a", "namespace": "b"}, "spec": spec})
}

fn review(operation: &str, object: Value, old_object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "u-1",
            "kind": {"group": "x.io", "version": "v1", "kind": "Foo"},
            "resource": {"group": "x.io", "version": "v1", "resource": "foos"},
            "name": "a", "namespace": "b", "operation": operation,
            "userInfo": {"username": "alice", "groups": ["g"]},
            "object": object, "oldObject": old_object, "dryRun": false,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
    })
}

async fn send(webhooks: &Webhooks, path: &str, review: &Value) -> Value {
    let answer = webhooks
        .answer(path, Some("timeout=10s"), Ok(review.to_string().as_bytes()))
        .await;
    assert_eq!((answer.code, answer.content_type), (200, "application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

/// Returns the response of a review that is answered, without its id.
async fn asked(path: &str, review: &Value) -> Value {
    let mut answer = send(&webhooks(), path, review).await;
    assert_eq!(answer["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(answer["kind"], "AdmissionReview");
    let mut response = answer["response"].take();
    assert_eq!(
        response.as_object_mut().unwrap().remove("uid"),
        Some("u-1".into())
    );
    response
}

fn patch(response: &Value) -> Value {
    assert_eq!(response["patchType"], "JSONPatch");
    serde_json::from_slice(&STANDARD.decode(response["patch"].as_str().unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_default_is_a_patch_of_the_object_as_it_was_sent() {
    let object = foo(json!({"size": 1, "unknown": null}));
    let response = asked(MUTATE, &review("CREATE", object, Value::Null)).await;
    assert_eq!(response["allowed"], true);
    assert_eq!(
        patch(&response),
        json!([{"op": "add", "path": "/spec/image", "value": "image-of-alice"}])
    );
}

#[tokio::test]
async fn without_a_change_there_is_no_patch() {
    let object = foo(json!({"size": 1, "image": "x"}));
    let response = asked(MUTATE, &review("UPDATE", object.clone(), object)).await;
    assert_eq!(response, json!({"allowed": true}));
}

#[tokio::test]
async fn a_subresource_is_told_apart() {
    let object = foo(json!({"size": 1}));
    let mut review = review("UPDATE", object.clone(), object);
    review["request"]["subResource"] = "status".into();
    assert_eq!(asked(MUTATE, &review).await, json!({"allowed": true}));
}

#[tokio::test]
async fn a_broken_rule_is_answered_as_by_the_api_server() {
    let response = asked(VALIDATE, &review("CREATE", foo(json!({"size": 12})), Value::Null)).await;
    let status = &response["status"];
    assert_eq!(response["allowed"], false);
    assert_eq!(response["warnings"], json!(["that is a lot"]));
    assert_eq!(response["auditAnnotations"], json!({"size": "12"}));
    assert_eq!(
        (&status["code"], &status["reason"]),
        (&json!(422), &json!("Invalid"))
    );
    assert_eq!(
        status["message"],
        "Foo.x.io \"a\" is invalid: spec.size: Invalid value: 12: must be odd"
    );
    let cause = json!({"reason": "FieldValueInvalid", "message": "Invalid value: 12: must be odd", "field": "spec.size"});
    assert_eq!(status["details"]["causes"], json!([cause]));
}

#[tokio::test]
async fn each_operation_is_asked_about_with_its_objects() {
    let check = async |review: Value, code: Value, message: &str| {
        let response = asked(VALIDATE, &review).await;
        assert_eq!(
            (&response["status"]["code"], &response["status"]["message"]),
            (&code, &json!(message))
        );
    };
    let (old, new) = (
        foo(json!({"size": 1, "image": "x"})),
        foo(json!({"size": 1, "image": "y"})),
    );
    let forbidden = "Foo.x.io \"a\" is invalid: spec.image: Forbidden: may not change";
    check(review("UPDATE", new, old.clone()), json!(422), forbidden).await;
    check(
        review("DELETE", Value::Null, old.clone()),
        json!(403),
        "a has to stay",
    )
    .await;
    let mut trial = review("UPDATE", old.clone(), old);
    trial["request"]["dryRun"] = true.into();
    check(trial, json!(403), "not even on trial").await;
    // Nothing is filled in on delete, and nothing has to be readable.
    let response = asked(MUTATE, &review("DELETE", Value::Null, json!({"no": "object"}))).await;
    assert_eq!(response, json!({"allowed": true}));
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_a_call_without_end_are_answered() {
    let check = async |size: i32, code: u16, message: &str| {
        let response = asked(
            VALIDATE,
            &review("CREATE", foo(json!({"size": size})), Value::Null),
        )
        .await;
        let status = &response["status"];
        assert_eq!(response["allowed"], false);
        assert_eq!(
            (&status["code"], &status["message"]),
            (&json!(code), &json!(message))
        );
    };
    check(
        666,
        500,
        "the webhook panicked; the log of the operator says where",
    )
    .await;
    check(1000, 504, "the webhook did not decide within 9.5s").await;
}

#[tokio::test]
async fn what_is_not_understood_is_told() {
    let good = review("CREATE", foo(json!({"size": 1})), Value::Null);
    let check = async |change: &dyn Fn(&mut Value), message: &str| {
        let mut review = good.clone();
        change(&mut review);
        let mut answer = send(&webhooks(), VALIDATE, &review).await;
        assert_eq!(answer["apiVersion"], review["apiVersion"]);
        let response = answer["response"].take();
        assert_eq!(
            (&response["uid"], &response["allowed"]),
            (&json!("u-1"), &json!(false))
        );
        assert_eq!(response["status"]["code"], 400);
        let found = response["status"]["message"].as_str().unwrap();
        assert!(found.starts_with(message), "{found}");
    };
    check(
        &|review| review["apiVersion"] = "admission.k8s.io/v1beta1".into(),
        "reviews are taken as `admission.k8s.io/v1`, not as `admission.k8s.io/v1beta1`: set `admissionReviewVersions: [v1]`",
    )
    .await;
    check(
        &|review| review["request"]["operation"] = "CONNECT".into(),
        "the review is not understood: request.operation: unknown variant `CONNECT`",
    )
    .await;
    check(
        &|review| review["request"]["kind"]["kind"] = "Scale".into(),
        "this webhook takes Foo of `x.io/v1`, and was sent a Scale of `x.io/v1`: correct the rules",
    )
    .await;
    check(
        &|review| review["request"]["object"]["spec"]["size"] = "big".into(),
        "the object is no Foo this operator understands: spec.size: invalid type",
    )
    .await;
}

#[tokio::test]
async fn what_is_no_review_is_no_call() {
    let check = async |path: &str, body: &str, code: u16, text: &str| {
        let answer = webhooks().answer(path, None, Ok(body.as_bytes())).await;
        let found = String::from_utf8(answer.body).unwrap();
        assert_eq!((answer.code, found.trim_end()), (code, text), "{path} {body}");
    };
    check("/elsewhere", "{}", 404, "no webhook is served here").await;
    for (path, kind) in [(VALIDATE, "AdmissionReview"), ("/convert", "ConversionReview")] {
        check(
            path,
            "",
            400,
            &format!("the body is empty: POST an {kind} as JSON"),
        )
        .await;
        check(
            path,
            "{",
            400,
            "the body is no JSON: EOF while parsing an object at line 1 column 1",
        )
        .await;
        check(
            path,
            "[]",
            400,
            &format!("the body is no {kind}: it has no `request`"),
        )
        .await;
    }
    let conversion =
        r#"{"apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "request": {}}"#;
    let expected = "expected AdmissionReview of `admission.k8s.io/v1`, got `ConversionReview` of `apiextensions.k8s.io/v1`";
    check(VALIDATE, conversion, 400, expected).await;
    check("/convert", conversion, 400, "the review has no `request.uid`").await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_everywhere() {
    let check = async |method: &str, path: &str, size: usize, code: u16| {
        let request = http::Request::builder().method(method).uri(path);
        let response = webhooks()
            .respond(request.body(vec![b' '; size].into()).unwrap())
            .await;
        assert_eq!(response.status(), code, "{method} {path} {size}");
    };
    for path in [MUTATE, VALIDATE, "/convert"] {
        check("POST", path, BODY_LIMIT + 1, 413).await;
        check("POST", path, BODY_LIMIT, 400).await;
        check("GET", path, 0, 405).await;
    }
}

fn conversion(desired: &str, objects: Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "ConversionReview",
        "request": {"uid": "u-2", "desiredAPIVersion": desired, "objects": objects},
    })
}

#[tokio::test]
async fn a_list_of_mixed_versions_is_converted() {
    let mut old = foo(json!({"count": 2, "image": null}));
    old["apiVersion"] = "x.io/v1alpha1".into();
    let new = foo(json!({"size": 3}));
    let answer = send(&webhooks(), "/convert", &conversion("x.io/v1", json!([old, new]))).await;
    let expected = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
        "response": {
            "uid": "u-2", "result": {"status": "Success"},
            "convertedObjects": [foo(json!({"size": 2})), foo(json!({"size": 3}))],
        },
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn one_object_that_does_not_convert_fails_the_review() {
    let check = async |review: Value, message: &str| {
        let answer = send(&webhooks(), "/convert", &review).await;
        let response = &answer["response"];
        assert_eq!(
            (&response["uid"], &response["convertedObjects"]),
            (&json!("u-2"), &json!([]))
        );
        assert_eq!(response["result"]["status"], "Failure");
        let found = response["result"]["message"].as_str().unwrap();
        assert!(found.starts_with(message), "{found}");
    };
    let new = foo(json!({"size": 3}));
    let bad = foo(json!({"size": "big"}));
    check(
        conversion("x.io/v1alpha1", json!([new, bad])),
        "failed to convert Foo `b/a` from v1 to v1alpha1: the object is no Foo of version v1: spec.size: invalid type",
    )
    .await;
    check(
        conversion("y.io/v1", json!([new])),
        "cannot convert Foo of `x.io/v1` to `y.io/v1`: another group",
    )
    .await;
    let mut other = new.clone();
    other["kind"] = "Bar".into();
    check(
        conversion("x.io/v1alpha1", json!([other])),
        "this operator does not convert Bar of `x.io/v1`",
    )
    .await;
    let mut beta = conversion("x.io/v1", json!([]));
    beta["apiVersion"] = "apiextensions.k8s.io/v1beta1".into();
    check(beta, "reviews are taken as `apiextensions.k8s.io/v1`").await;
}

#[tokio::test]
async fn calls_are_counted_and_observed() {
    #[derive(Default)]
    struct Seen(Mutex<Vec<(u16, Option<Panicked>)>>);
    impl Observer for Seen {
        fn answered(&self, call: &Call<'_>) {
            assert!(call.took < Duration::from_secs(5));
            assert_eq!(call.path, VALIDATE);
            self.0.lock().unwrap().push((call.code, call.panicked));
        }
    }
    let (webhooks, seen) = (webhooks(), Arc::new(Seen::default()));
    webhooks.observe(seen.clone());
    for size in [1, 2, 666] {
        send(
            &webhooks,
            VALIDATE,
            &review("CREATE", foo(json!({"size": size})), Value::Null),
        )
        .await;
    }
    let large = webhooks
        .answer(VALIDATE, None, Err((413, "too large".to_owned())))
        .await;
    assert_eq!(
        large,
        Answer {
            code: 413,
            content_type: "text/plain",
            body: b"too large\n".into()
        }
    );
    let report = webhooks
        .reports()
        .into_iter()
        .find(|report| report.path == VALIDATE)
        .unwrap();
    assert_eq!(
        (
            report.in_flight,
            report.answered,
            report.malformed,
            report.panicked
        ),
        (0, 3, 1, 1)
    );
    let panicked = Some(Panicked::Admission);
    let expected = [(200, None), (200, None), (200, panicked), (413, None)];
    assert_eq!(*seen.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn webhooks_that_cannot_be_together_are_refused() {
    let check = |webhooks: Vec<Webhook>, expected: &str| {
        assert_eq!(
            Webhooks::new(webhooks, client()).unwrap_err().to_string(),
            expected
        );
    };
    let rules = || Webhook::validating(Rules);
    check(
        vec![rules().into(), rules().into()],
        "two webhooks are served at `/validate-x-io-v1-foo`: give one of them another with `path(..)` and `name(..)`",
    );
    check(
        vec![rules().into(), rules().path("/other").into()],
        "two webhooks are named `vfoo-v1.kb.io`: give one of them another with `name(..)`",
    );
    check(
        vec![rules().path("/convert").into()],
        "`/convert` is where conversions are served: give the webhook another `path(..)`",
    );
    check(
        vec![rules().timeout(Duration::from_millis(1500)).into()],
        "the webhook at `/validate-x-io-v1-foo` cannot be installed: its timeout is not from 1 to 30 whole seconds: give another with `timeout(..)`",
    );
    check(
        vec![Webhook::defaulting(Rules).operations([Operation::Delete]).into()],
        "the webhook at `/mutate-x-io-v1-foo` cannot be installed: it fills in objects, and there is none to fill in on delete: leave out `Operation::Delete`",
    );
    check(
        vec![rules().name("short").into()],
        "the webhook at `/validate-x-io-v1-foo` cannot be installed: its name is no domain of at least three parts: write one like `size.memcached.example.com`",
    );
    let conversion = || Webhook::conversion::<Foo>().spoke::<old::Foo>();
    check(
        vec![conversion().into(), conversion().into()],
        "two webhooks convert `foos.x.io`: add all versions to one of them",
    );
}

#[test]
fn the_old_version_loses_nothing() {
    crate::webhook::conversion::round_trips::<old::Foo>().unwrap();
}
