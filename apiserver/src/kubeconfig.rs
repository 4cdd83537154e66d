//! Kubeconfig files for the clients of a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

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
    let name = Value::from(name);
    let authority = STANDARD.encode(&endpoint.ca_pem);
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: {name}
  cluster:
    server: {url}
    certificate-authority-data: {authority}
users:
- name: {name}
  user:
{user}
contexts:
- name: {name}
  context:
    cluster: {name}
    user: {name}
    namespace: default
current-context: {name}
",
        url = endpoint.url,
        user = user(credential),
    )
}

/// Strings that may be anything are written as JSON, which YAML takes.
fn user(credential: &Credential<'_>) -> String {
    match credential {
        Credential::Token(token) => format!("    token: {}", Value::from(*token)),
        Credential::Certificate(pair) => format!(
            "    client-certificate-data: {}\n    client-key-data: {}",
            STANDARD.encode(&pair.certificate_pem),
            STANDARD.encode(&pair.key_pem),
        ),
    }
}
