//! Admission webhooks: who is asked about what, and what becomes of the answers.

use bytes::Bytes;
use futures::FutureExt as _;
use http::Response;
use http_body_util::Full;
use krate_apiserver::authn::Identity;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, configuration, patch};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn map(name: &str) -> String {
    json!({"metadata": {"name": name}}).to_string()
}

fn allow(_: &Value) -> Value {
    json!({"allowed": true})
}

#[tokio::test(start_paused = true)]
async fn a_mutating_webhook_changes_what_is_stored_and_warns() {
    let hooks = Endpoint::default();
    hooks.review("/m", |_| {
        let mut answer = patch(&json!([{"op": "add", "path": "/data", "value": {"mutated": "1"}}]));
        answer["warnings"] = json!(["w from mut"]);
        answer
    });
    let world = hooks.world();
    world.mutating("m", json!({})).await;
    let made = world.post(MAPS, &map("a")).await;
    assert_eq!((made.code, &made.json()["data"]), (201, &json!({"mutated": "1"})));
    assert_eq!(made.warnings(), ["299 - \"w from mut\""]);
    assert_eq!(
        world.get(&format!("{MAPS}/a")).await.json()["data"],
        json!({"mutated": "1"})
    );
    let dry = world.post(&format!("{MAPS}?dryRun=All"), &map("b")).await;
    assert_eq!((dry.code, &dry.json()["data"]), (201, &json!({"mutated": "1"})));
    assert_eq!(world.get(&format!("{MAPS}/b")).await.code, 404);
}

#[tokio::test(start_paused = true)]
async fn a_review_says_what_is_done_to_what_and_by_whom() {
    let hooks = Endpoint::default();
    hooks.review("/m", allow);
    hooks.review("/v", allow);
    let world = hooks.world();
    world.mutating("m", json!({})).await;
    world.validating("v", json!({})).await;

    world
        .post(
            &format!("{MAPS}?fieldManager=me&fieldValidation=Strict"),
            &map("a"),
        )
        .await;
    let mutating = hooks.asked("/m").remove(0);
    assert_eq!(mutating["apiVersion"], "admission.k8s.io/v1");
    let request = &mutating["request"];
    assert_eq!(
        request["object"]["metadata"].get("uid"),
        None,
        "the object is not made yet"
    );
    let mut told = request.clone();
    for field in ["uid", "object"] {
        told.as_object_mut().unwrap().remove(field);
    }
    let kind = json!({"group": "", "version": "v1", "kind": "ConfigMap"});
    let resource = json!({"group": "", "version": "v1", "resource": "configmaps"});
    assert_eq!(
        told,
        json!({
            "kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource,
            "name": "a", "namespace": "default", "operation": "CREATE",
            "userInfo": {"username": "admin", "groups": ["system:masters", "system:authenticated"]},
            "oldObject": null, "dryRun": false,
            "options": {
                "kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1",
                "fieldManager": "me", "fieldValidation": "Strict",
            },
        })
    );
    let validating = hooks.asked("/v").remove(0);
    assert!(validating["request"]["object"]["metadata"]["uid"].is_string());

    world
        .merge(&format!("{MAPS}/a?dryRun=All"), r#"{"data":{"k":"v"}}"#)
        .await;
    let request = hooks.asked("/v").remove(0)["request"].take();
    assert_eq!(request["operation"], "UPDATE");
    assert_eq!(request["options"]["kind"], "PatchOptions");
    assert_eq!(request["options"]["dryRun"], json!(["All"]));
    assert_eq!(request["dryRun"], true);
    assert_eq!(request["object"]["data"], json!({"k": "v"}));
    assert_eq!(request["oldObject"].get("data"), None);

    hooks.asked("/m");
    world.delete(&format!("{MAPS}/a?gracePeriodSeconds=0"), "").await;
    for path in ["/m", "/v"] {
        let request = hooks.asked(path).remove(0)["request"].take();
        assert_eq!(request["operation"], "DELETE");
        assert_eq!(request["object"], Value::Null);
        assert_eq!(request["oldObject"]["metadata"]["name"], "a");
        assert_eq!(
            request["options"],
            json!({"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "gracePeriodSeconds": 0})
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_reaches_the_client_as_the_webhook_words_it() {
    let hooks = Endpoint::default();
    let world = hooks.world();
    world.validating("v", json!({})).await;
    let cases = [
        (
            json!({"message": "nope", "reason": "BadRequest"}),
            json!({
                "code": 400, "reason": "BadRequest",
                "message": "admission webhook \"w.x.io\" denied the request: nope",
            }),
        ),
        (
            json!(null),
            json!({"code": 400, "message": "admission webhook \"w.x.io\" denied the request without explanation"}),
        ),
        (
            json!({
                "code": 422, "reason": "Invalid", "message": "d",
                "details": {"causes": [{"reason": "FieldValueInvalid", "message": "m", "field": "a"}]},
            }),
            json!({
                "code": 422, "reason": "Invalid", "message": "admission webhook \"w.x.io\" denied the request: d",
                "details": {"causes": [{"reason": "FieldValueInvalid", "message": "m", "field": "a"}]},
            }),
        ),
    ];
    for (status, expected) in cases {
        let answered = status.clone();
        hooks.review("/v", move |_| json!({"allowed": false, "status": answered}));
        let refused = world.post(MAPS, &map("a")).await;
        let mut found = refused.json();
        for field in ["kind", "apiVersion", "metadata", "status"] {
            found.as_object_mut().unwrap().remove(field);
        }
        assert_eq!(found, expected, "{status}");
        assert_eq!(u64::from(refused.code), expected["code"].as_u64().unwrap());
    }
    assert_eq!(world.get(&format!("{MAPS}/a")).await.code, 404);
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_fails_fails_the_write_unless_it_may_be_ignored() {
    let hooks = Endpoint::default();
    hooks.raw("/boom", |_| {
        let mut answer = Response::new(Full::new(Bytes::from("boom\n")));
        *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        answer
    });
    hooks.review("/uid", |_| json!({"allowed": true, "uid": "x"}));
    let cases = [
        (
            "silent",
            "failed to call webhook: Post \"https://hooks.test/silent?timeout=1s\": context deadline exceeded",
        ),
        (
            "boom",
            "failed to call webhook: an error on the server (\"boom\") has prevented the request from succeeding",
        ),
        (
            "uid",
            "received invalid webhook response: expected response.uid=\"<uid>\", got \"x\"",
        ),
    ];
    for (name, why) in cases {
        let world = hooks.world();
        world.validating(name, json!({"timeoutSeconds": 1})).await;
        let failed = world.post(MAPS, &map("a")).await;
        let asked = hooks.asked(&format!("/{name}")).remove(0);
        let why = why.replace("<uid>", asked["request"]["uid"].as_str().unwrap());
        let message = format!("Internal error occurred: failed calling webhook \"w.x.io\": {why}");
        assert_eq!((failed.code, failed.message()), (500, message), "{name}");

        let world = hooks.world();
        world
            .validating(name, json!({"timeoutSeconds": 1, "failurePolicy": "Ignore"}))
            .await;
        assert_eq!(world.post(MAPS, &map("a")).await.code, 201, "{name}");
        world
            .mutating(name, json!({"timeoutSeconds": 1, "failurePolicy": "Ignore"}))
            .await;
        assert_eq!(world.post(MAPS, &map("b")).await.code, 201, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn selectors_decide_who_is_asked() {
    let hooks = Endpoint::default();
    hooks.review("/v", allow);
    let world = hooks.world();
    world
        .validating(
            "v",
            json!({
                "namespaceSelector": {"matchLabels": {"watched": "yes"}},
                "objectSelector": {"matchExpressions": [{"key": "skip", "operator": "DoesNotExist"}]},
            }),
        )
        .await;
    world
        .post(
            "/api/v1/namespaces",
            r#"{"metadata":{"name":"seen","labels":{"watched":"yes"}}}"#,
        )
        .await;
    let skipped = r#"{"metadata":{"name":"b","labels":{"skip":"1"}}}"#;
    world.post(MAPS, &map("a")).await;
    world.post("/api/v1/namespaces/seen/configmaps", skipped).await;
    assert_eq!(hooks.asked("/v").len(), 0);
    world.post("/api/v1/namespaces/seen/configmaps", &map("a")).await;
    assert_eq!(hooks.asked("/v").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn webhooks_are_asked_in_order_and_again_after_a_later_change() {
    let hooks = Endpoint::default();
    let add = |key: &'static str| {
        move |request: &Value| {
            let data = &request["object"]["data"];
            if data.get(key).is_some() {
                return json!({"allowed": true});
            }
            let operations = if data.is_null() {
                json!([{"op": "add", "path": "/data", "value": {key: "1"}}])
            } else {
                json!([{"op": "add", "path": format!("/data/{key}"), "value": "1"}])
            };
            patch(&operations)
        }
    };
    hooks.review("/a", add("a"));
    hooks.review("/b", add("b"));
    hooks.review("/c", add("c"));
    let world = hooks.world();
    // Made in another order than they are asked in.
    world.mutating("b", json!({})).await;
    world
        .mutating("c", json!({"reinvocationPolicy": "IfNeeded"}))
        .await;
    world
        .mutating("a", json!({"reinvocationPolicy": "IfNeeded"}))
        .await;
    let made = world.post(MAPS, &map("x")).await;
    assert_eq!(made.json()["data"], json!({"a": "1", "b": "1", "c": "1"}));
    let seen: Vec<Vec<Value>> = ["/a", "/b", "/c"]
        .map(|path| {
            let reviews = hooks.asked(path).into_iter();
            reviews
                .map(|review| review["request"]["object"]["data"].clone())
                .collect()
        })
        .into();
    assert_eq!(
        seen,
        [
            vec![Value::Null, json!({"a": "1", "b": "1", "c": "1"})],
            vec![json!({"a": "1"})],
            // Nothing changed after it.
            vec![json!({"a": "1", "b": "1"})],
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_patch_makes_is_typed_filled_in_and_checked() {
    let hooks = Endpoint::default();
    let world = hooks.world();
    let rules = json!({"rules": [{
        "apiGroups": [""], "apiVersions": ["v1"], "resources": ["services"], "operations": ["CREATE"],
    }]});
    world.mutating("m", rules).await;
    let url = "/api/v1/namespaces/default/services";
    let body = r#"{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}"#;
    let cases = [
        (
            json!({"op": "add", "path": "/spec/ports/-", "value": {"port": 81, "name": "b", "bogus": 1}}),
            422,
            "Service \"s\" is invalid: spec.ports[0].name: Required value",
        ),
        (
            json!({"op": "replace", "path": "/spec/ports", "value": "x"}),
            500,
            "Internal error occurred: json: cannot unmarshal string into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort",
        ),
    ];
    for (operation, code, message) in cases {
        hooks.review("/m", move |_| patch(&json!([operation])));
        let answer = world.post(url, body).await;
        assert_eq!((answer.code, answer.message().as_str()), (code, message));
    }
    hooks.review("/m", |_| {
        patch(&json!([{"op": "replace", "path": "/spec/ports/0", "value": {"port": 443}}]))
    });
    let made = world.post(url, body).await.json();
    assert_eq!(
        made["spec"]["ports"],
        json!([{"port": 443, "protocol": "TCP", "targetPort": 443}])
    );
}

#[tokio::test(start_paused = true)]
async fn subresources_are_asked_about_as_what_they_are() {
    let hooks = Endpoint::default();
    hooks.review("/v", allow);
    let world = hooks.world();
    let template =
        json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let deployment = json!({
        "metadata": {"name": "d"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template},
    });
    world
        .post(
            "/apis/apps/v1/namespaces/default/deployments",
            &deployment.to_string(),
        )
        .await;
    world
        .validating(
            "v",
            json!({"rules": [{
                "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"],
                "resources": ["*/scale", "*/status", "*/eviction", "*/binding"],
            }]}),
        )
        .await;
    let url = "/apis/apps/v1/namespaces/default/deployments/d";
    world.merge(url, r#"{"spec":{"paused":true}}"#).await;
    assert_eq!(hooks.asked("/v").len(), 0, "the object itself is no subresource");
    world
        .merge(&format!("{url}/scale"), r#"{"spec":{"replicas":3}}"#)
        .await;
    let request = hooks.asked("/v").remove(0)["request"].take();
    assert_eq!(request["subResource"], "scale");
    assert_eq!(
        request["kind"],
        json!({"group": "autoscaling", "version": "v1", "kind": "Scale"})
    );
    assert_eq!(request["resource"]["resource"], "deployments");
    assert_eq!(request["object"]["spec"]["replicas"], 3);
    assert_eq!(request["oldObject"]["spec"]["replicas"], 1);
    world
        .merge(&format!("{url}/status"), r#"{"status":{"replicas":2}}"#)
        .await;
    let request = hooks.asked("/v").remove(0)["request"].take();
    assert_eq!(
        (&request["subResource"], &request["kind"]["kind"]),
        (&json!("status"), &json!("Deployment"))
    );
    let pod = r#"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"#;
    world.post("/api/v1/namespaces/default/pods", pod).await;
    let eviction = r#"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}"#;
    world
        .post("/api/v1/namespaces/default/pods/p/eviction", eviction)
        .await;
    let request = hooks.asked("/v").remove(0)["request"].take();
    assert_eq!(request["operation"], "CREATE");
    assert_eq!(
        request["kind"],
        json!({"group": "policy", "version": "v1", "kind": "Eviction"})
    );
    assert_eq!(request["name"], "p");
}

#[tokio::test(start_paused = true)]
async fn each_object_of_a_collection_may_be_kept() {
    let hooks = Endpoint::default();
    hooks.review("/v", |request| json!({"allowed": request["name"] != "b"}));
    let world = hooks.world();
    for name in ["a", "b", "c"] {
        world.post(MAPS, &map(name)).await;
    }
    world
        .validating(
            "v",
            json!({"rules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["DELETE"],
            }]}),
        )
        .await;
    assert_eq!(world.delete(MAPS, "").await.code, 400);
    assert!(world.get(MAPS).await.names().contains(&"b".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_webhook_with_side_effects_is_not_asked_about_dry_runs() {
    let hooks = Endpoint::default();
    hooks.review("/v", allow);
    let world = hooks.world();
    world
        .validating("v", json!({"sideEffects": "NoneOnDryRun"}))
        .await;
    assert_eq!(
        world.post(&format!("{MAPS}?dryRun=All"), &map("a")).await.code,
        201
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_about_webhook_configurations() {
    let hooks = Endpoint::default();
    let world = hooks.world();
    let everything = json!({"rules": [{
        "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"],
    }]});
    // Nobody answers: whoever asked would never get on.
    world.validating("v", everything.clone()).await;
    world.mutating("m", everything).await;
    let url = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/v";
    assert_eq!(world.delete(url, "").await.code, 200);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_overtaken_while_a_webhook_thought_is_made_anew() {
    const PODS: &str = "/api/v1/namespaces/default/pods";
    let hooks = Endpoint::default();
    let world = hooks.world();
    let pod = r#"{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}]}}"#;
    world.post(PODS, pod).await;
    let local = world.server.local(Identity::admin(), "rival");
    hooks.review("/v", move |request| {
        if request["oldObject"]["status"]["message"].is_null() {
            // The store is free while we are asked; nobody is asked about a status.
            let path = format!("{PODS}/a/status");
            let write = local.merge(&path, json!({"status": {"message": "rival"}}));
            write.now_or_never().unwrap().unwrap();
        }
        json!({"allowed": true})
    });
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["UPDATE"]}]);
    world.validating("v", json!({"rules": rules})).await;
    let written = world
        .merge(&format!("{PODS}/a"), r#"{"metadata":{"labels":{"k":"mine"}}}"#)
        .await;
    let written = written.json();
    assert_eq!(written["metadata"]["labels"], json!({"k": "mine"}));
    assert_eq!(written["status"]["message"], "rival");
    assert_eq!(hooks.asked("/v").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn conditions_decide_who_is_asked() {
    let hooks = Endpoint::default();
    hooks.review("/v", allow);
    let world = hooks.world();
    let condition = |text: &str| json!({"matchConditions": [{"name": "c", "expression": text}]});
    world.validating("v", condition("object.data.x == '1'")).await;
    let with = |x: &str| json!({"metadata": {"name": "a"}, "data": {"x": x}}).to_string();
    assert_eq!(
        world.post(&format!("{MAPS}?dryRun=All"), &with("2")).await.code,
        201
    );
    assert_eq!(hooks.asked("/v").len(), 0);
    assert_eq!(
        world.post(&format!("{MAPS}?dryRun=All"), &with("1")).await.code,
        201
    );
    assert_eq!(hooks.asked("/v").len(), 1);
    let failed = world.post(MAPS, &map("a")).await;
    assert_eq!(
        (failed.code, failed.message().as_str()),
        (
            403,
            "configmaps \"a\" is forbidden: expression 'object.data.x == '1'' resulted in error: no such key: data",
        )
    );
    let more = json!({"matchConditions": [{"name": "c", "expression": "1"}]});
    let body = configuration("ValidatingWebhookConfiguration", "w", &more);
    let url = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    assert_eq!(
        world.post(url, &body).await.message(),
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io \"w\" is invalid: \
         webhooks[0].matchConditions[0].expression: Invalid value: \"1\": must evaluate to bool but got int"
    );
}
