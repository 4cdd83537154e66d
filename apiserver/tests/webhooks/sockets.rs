//! Webhooks as they are called in earnest: TLS, a bundle, a service with endpoints.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use krate_apiserver::Server;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::common::World;
use crate::endpoint::Endpoint;

/// Serves `hooks` over TLS on a free port under `names`; returns the port and the authority as a `caBundle`.
async fn serve(hooks: Endpoint, names: &[&str]) -> (u16, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let leaf = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let hooks = hooks.clone();
            let service = service_fn(move |request: http::Request<Incoming>| {
                let hooks = hooks.clone();
                async move {
                    let path = request.uri().path().to_owned();
                    let body = request.into_body().collect().await?.to_bytes();
                    let answer = hooks.answer(&path, serde_json::from_slice(&body).unwrap());
                    Ok::<_, hyper::Error>(answer.unwrap())
                }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            drop(connection.serve_connection(TokioIo::new(stream), service).await);
        }
    });
    (port, BASE64_STANDARD.encode(authority.pem()))
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

async fn create(world: &World) -> (u16, String) {
    let answer = world.post(MAPS, r#"{"metadata":{"generateName":"a"}}"#).await;
    (answer.code, answer.message())
}

fn failed(url: &str, why: &str) -> (u16, String) {
    let message = format!(
        "Internal error occurred: failed calling webhook \"w.x.io\": failed to call webhook: \
         Post \"{url}?timeout=10s\": {why}"
    );
    (500, message)
}

#[tokio::test]
async fn a_webhook_is_called_over_tls_and_only_its_authority_is_trusted() {
    let hooks = Endpoint::default();
    hooks.review("/v", |_| json!({"allowed": true}));
    let (port, bundle) = serve(hooks.clone(), &["127.0.0.1"]).await;
    let (_, foreign) = serve(hooks.clone(), &["127.0.0.1"]).await;
    let url = format!("https://127.0.0.1:{port}/v");
    let world = World::of(Server::builder().build().unwrap());
    let configured = |bundle: &str| json!({"clientConfig": {"url": url, "caBundle": bundle}});
    world.validating("v", configured(&bundle)).await;
    assert_eq!(create(&world).await.0, 201);
    assert_eq!(hooks.asked("/v").len(), 1);
    world.validating("w", configured(&foreign)).await;
    let why = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    assert_eq!(create(&world).await, failed(&url, why));
}

#[tokio::test]
async fn a_service_is_found_by_its_endpoints() {
    let hooks = Endpoint::default();
    hooks.review("/v", |_| json!({"allowed": true}));
    let (port, bundle) = serve(hooks.clone(), &["svc.default.svc"]).await;
    let world = World::of(Server::builder().build().unwrap());
    let service = json!({"name": "svc", "namespace": "default", "path": "/v"});
    world
        .validating(
            "v",
            json!({"clientConfig": {"service": service, "caBundle": bundle}}),
        )
        .await;
    let url = "https://svc.default.svc:443/v";
    assert_eq!(create(&world).await, failed(url, "service \"svc\" not found"));
    let service = r#"{"metadata":{"name":"svc"},"spec":{"ports":[{"port":443,"targetPort":9443}]}}"#;
    world.post("/api/v1/namespaces/default/services", service).await;
    assert_eq!(
        create(&world).await,
        failed(url, "no endpoints available for service \"svc\"")
    );
    let slice = |address: &str, port: u16| -> Value {
        json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "svc-1", "labels": {"kubernetes.io/service-name": "svc"}},
            "endpoints": [{"addresses": [address]}], "ports": [{"port": port}],
        })
    };
    let slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    let pod = slice("10.244.0.9", 9443).to_string();
    assert_eq!(world.post(slices, &pod).await.code, 201);
    let why = "dial tcp 10.244.0.9:9443: connect: no route to host";
    assert_eq!(create(&world).await, failed(url, why));
    let mut here = slice("127.0.0.1", port);
    here["metadata"]["resourceVersion"] =
        world.get(&format!("{slices}/svc-1")).await.json()["metadata"]["resourceVersion"].clone();
    assert_eq!(
        world
            .put(&format!("{slices}/svc-1"), &here.to_string())
            .await
            .code,
        200
    );
    assert_eq!(create(&world).await.0, 201);
}

#[tokio::test]
async fn nobody_there_is_said_as_a_real_server_says_it() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("https://127.0.0.1:{port}/v");
    let world = World::of(Server::builder().build().unwrap());
    world.validating("v", json!({"clientConfig": {"url": url}})).await;
    let why = format!("dial tcp 127.0.0.1:{port}: connect: connection refused");
    assert_eq!(create(&world).await, failed(&url, &why));
}
