//! Kubeconfig files for the clients of a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::listen::Endpoint;
use crate::tls::Pair;

/// What a client shows to be known.
#[derive(Debug)]
pub enum Credential<'a> {
    /// A bearer token, for example of a service account.
    Token(&'a str),
    /// A client certificate.
    Certificate(&'a Pair),
}

/// Returns a kubeconfig with one cluster, one user and one context, all called `name`.
#[must_use]
pub fn kubeconfig(endpoint: &Endpoint, name: &str, credential: &Credential<'_>) -> String {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {
            "server": endpoint.url,
            "certificate-authority-data": STANDARD.encode(&endpoint.ca_pem),
        }}],
        "users": [{"name": name, "user": user(credential)}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "default"}}],
        "current-context": name,
    });
    serde_saphyr::to_string(&config).expect("a tree of strings is YAML")
}

fn user(credential: &Credential<'_>) -> Value {
    match credential {
        Credential::Token(token) => json!({"token": token}),
        Credential::Certificate(pair) => json!({
            "client-certificate-data": STANDARD.encode(&pair.certificate_pem),
            "client-key-data": STANDARD.encode(&pair.key_pem),
        }),
    }
}
