//! Creating, reading, replacing and deleting objects of built-in kinds.

mod common;

use common::World;
use serde_json::json;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test(start_paused = true)]
async fn a_created_object_reads_back_with_what_the_server_adds() {
    let world = World::new().await;
    let created = world
        .post(
            MAPS,
            r#"{"metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v"}}"#,
        )
        .await;
    assert_eq!(created.code, 201);
    let object = created.json();
    assert_eq!(object["metadata"]["namespace"], "default");
    assert_eq!(object["metadata"]["creationTimestamp"], "1970-01-01T00:00:00Z");
    assert_eq!(
        object["metadata"]["managedFields"],
        json!([{
            "manager": "probe", "operation": "Update", "apiVersion": "v1", "time": "1970-01-01T00:00:00Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {".": {}, "f:k": {}}, "f:metadata": {"f:labels": {".": {}, "f:x": {}}}},
        }])
    );
    assert_eq!(world.get(&format!("{MAPS}/a")).await.json(), object);
    let list = world.get(MAPS).await.json();
    assert_eq!(
        (&list["kind"], &list["items"][0]["kind"]),
        (&json!("ConfigMapList"), &json!(null))
    );
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_a_real_server_says() {
    let world = World::new().await;
    world.post(MAPS, r#"{"metadata":{"name":"a"}}"#).await;
    let cases = [
        (
            "POST",
            MAPS,
            r#"{"metadata":{"name":"a"}}"#,
            409,
            "configmaps \"a\" already exists",
        ),
        (
            "POST",
            MAPS,
            r#"{"metadata":{"name":"b","namespace":"other"}}"#,
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            "POST",
            "/api/v1/namespaces/nons/configmaps",
            r#"{"metadata":{"name":"b"}}"#,
            404,
            "namespaces \"nons\" not found",
        ),
        (
            "POST",
            MAPS,
            r#"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"b"}}"#,
            400,
            "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion",
        ),
        (
            "POST",
            MAPS,
            r#"{"kind":"ConfigMap","apiVersion":"apps/v1","metadata":{"name":"b"}}"#,
            400,
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: no kind \"ConfigMap\" is registered for version \"apps/v1\" in scheme \"pkg/runtime/scheme.go:111\"",
        ),
        (
            "POST",
            MAPS,
            "{bad",
            400,
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'b' looking for beginning of object key string ({bad)",
        ),
        (
            "POST",
            MAPS,
            "",
            400,
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
        ),
        (
            "POST",
            MAPS,
            r#"{"metadata":{"name":"b","resourceVersion":"5"}}"#,
            500,
            "resourceVersion should not be set on objects to be created",
        ),
        (
            "POST",
            MAPS,
            r#"{"metadata":{"name":"b"},"bogus":1,"data":{"a":1}}"#,
            400,
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
        ),
        (
            "POST",
            "/api/v1/namespaces/default/configmaps?fieldValidation=Strict",
            r#"{"metadata":{"name":"b"},"bogus":1,"data":{"a":"1","a":"2"}}"#,
            400,
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"bogus\", duplicate field \"data.a\"",
        ),
        (
            "PUT",
            "/api/v1/namespaces/default/configmaps/zz",
            r#"{"metadata":{"name":"zz"}}"#,
            404,
            "configmaps \"zz\" not found",
        ),
        (
            "PUT",
            "/api/v1/namespaces/default/configmaps/a",
            r#"{"metadata":{"name":"b"}}"#,
            400,
            "the name of the object (b) does not match the name on the URL (a)",
        ),
        (
            "PUT",
            "/api/v1/namespaces/default/configmaps/a",
            r#"{"metadata":{"name":"a","resourceVersion":"1"}}"#,
            409,
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again",
        ),
        (
            "PUT",
            "/api/v1/namespaces/default/configmaps/a",
            r#"{"metadata":{"name":"a","resourceVersion":"abc"}}"#,
            500,
            "strconv.ParseUint: parsing \"abc\": invalid syntax",
        ),
        (
            "PUT",
            MAPS,
            r#"{"metadata":{"name":"a"}}"#,
            405,
            "the server does not allow this method on the requested resource",
        ),
        (
            "POST",
            "/api/v1/namespaces/default/configmaps/a",
            r#"{"metadata":{"name":"a"}}"#,
            405,
            "the server does not allow this method on the requested resource",
        ),
        (
            "POST",
            "/api/v1/configmaps",
            r#"{"metadata":{"name":"a"}}"#,
            405,
            "the server does not allow this method on the requested resource",
        ),
        (
            "GET",
            "/api/v1/namespaces/default/configmaps/a/status",
            "",
            404,
            "the server could not find the requested resource",
        ),
        (
            "GET",
            "/api/v1/namespaces/default/configmaps/..",
            "",
            400,
            "Name parameter invalid: \"..\": may not be '..'",
        ),
        (
            "GET",
            "/api/v1/namespaces/default/configmaps?timeout=abc",
            "",
            400,
            "invalid timeout specified in the request URL - time: invalid duration \"abc\"",
        ),
    ];
    for (method, url, body, code, message) in cases {
        let answer = world.send(method, url, "application/json", body).await;
        assert_eq!(
            (answer.code, answer.message().as_str()),
            (code, message),
            "{method} {url} {body}"
        );
    }
}

/// Bodies as Go's clients send them: a namespace, then a ConfigMap in it, and others.
const PROTOBUF: &str = include_str!("../src/codec/protobuf/bodies.txt");

fn protobuf(kind: &str) -> Vec<u8> {
    let marker = format!("{{\"kind\":\"{kind}\"");
    let mut rows = PROTOBUF.lines().filter_map(|row| row.split_once(' '));
    let (hex, _) = rows
        .find(|(_, json)| json.starts_with(&marker))
        .expect("a body of the kind");
    let digits = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]);
    digits
        .map(|digits| u8::from_str_radix(digits, 16).expect("hexadecimal digits"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn go_clients_may_write_built_in_kinds_in_protobuf() {
    let world = World::new().await;
    let send = async |method: &str, url: &str, body: Vec<u8>| {
        let request = http::Request::builder().method(method).uri(url);
        let request = request.header("content-type", "application/vnd.kubernetes.protobuf");
        let body = http_body_util::Full::new(bytes::Bytes::from(body));
        world.ask(request.body(body).unwrap()).await
    };
    assert_eq!(
        send("POST", "/api/v1/namespaces", protobuf("Namespace"))
            .await
            .code,
        201
    );
    let maps = "/api/v1/namespaces/shop/configmaps";
    let created = send("POST", maps, protobuf("ConfigMap")).await;
    assert_eq!(created.code, 201);
    let object = created.json();
    assert_eq!(object["data"], json!({"empty": "", "k": "ü"}));
    assert_eq!(object["immutable"], json!(false));
    // What it says it is has to fit where it is sent.
    let misplaced = send("POST", maps, protobuf("Secret")).await;
    assert_eq!(misplaced.code, 400);
    assert!(misplaced.message().contains("cannot be handled as a ConfigMap"));
    let broken = send("POST", maps, b"{}".to_vec()).await;
    assert_eq!(broken.code, 400);
    let deleted = send("DELETE", &format!("{maps}/a"), protobuf("DeleteOptions")).await;
    // The options ask for another uid.
    assert_eq!(deleted.code, 409, "{}", deleted.message());
}
