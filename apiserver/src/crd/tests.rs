//! CRDs and what a real server made of them.

use serde_json::Value;

use crate::registry::{Registry, Resource, strategy};
use crate::schema::decode;

const REFUSED: &str = include_str!("refused.txt");

fn definitions() -> std::sync::Arc<Resource> {
    Registry::new()
        .lookup("apiextensions.k8s.io", "v1", "customresourcedefinitions")
        .unwrap()
}

fn create(body: &str) -> (Value, Vec<String>) {
    let resource = definitions();
    let mut crd = decode::typed_json(body.as_bytes(), resource.node().unwrap())
        .unwrap()
        .value;
    strategy::default(&resource, &mut crd);
    strategy::prepare_create(&resource, &mut crd);
    let errors = strategy::validate_create(&resource, &crd);
    let line = |error: &crate::status::FieldError| {
        let reason = error.reason.trim_start_matches("FieldValue");
        format!("{reason} | {} | {}", error.field, error.message)
    };
    let mut lines: Vec<String> = errors.iter().map(line).collect();
    lines.sort();
    (crd, lines)
}

#[test]
fn crds_are_refused_in_a_real_servers_words() {
    let mut wrong = Vec::new();
    let mut cases: Vec<(&str, Vec<String>)> = Vec::new();
    for line in REFUSED.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix("  "), cases.last_mut()) {
            (Some(error), Some(case)) => case.1.push(error.to_owned()),
            _ => cases.push((line, Vec::new())),
        }
    }
    assert!(cases.len() > 70, "{}", cases.len());
    for (body, mut expected) in cases {
        expected.sort();
        let (_, found) = create(body);
        if found != expected {
            wrong.push(format!("{body}\n  ours {found:#?}\n  real {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
