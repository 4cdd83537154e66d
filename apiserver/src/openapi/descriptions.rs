//! What the definitions' fields mean, in words; unpacked when first asked for.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use serde_json::{Map, Value};

/// As they come with the program: a definition and its texts by field on each line.
pub(super) static PACKED: &[u8] = include_bytes!("../../data/descriptions.txt.gz");

/// JSON of the texts by definition.
static TEXTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut text = String::new();
    // The data is part of the program; a test reads all of it.
    let read = GzDecoder::new(PACKED).read_to_string(&mut text);
    let lines = read
        .ok()
        .map(|_| text.lines().filter_map(|line| line.split_once(' ')))
        .into_iter()
        .flatten();
    lines
        .map(|(name, json)| (name.to_owned(), json.to_owned()))
        .collect()
});

/// Returns the description of a definition's field, or of the definition itself if `field` is empty.
#[must_use]
pub fn description(definition: &str, field: &str) -> Option<String> {
    let texts = texts(definition);
    texts.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// Returns all descriptions of a definition by field; that of the definition itself has the empty key.
pub(super) fn texts(definition: &str) -> Map<String, Value> {
    let json = TEXTS.get(definition).map(String::as_str).unwrap_or_default();
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_has_its_texts() {
        for name in crate::schema::Definitions::built_in().names() {
            assert!(TEXTS.contains_key(name), "{name}");
        }
        let text = description("io.k8s.api.apps.v1.DeploymentSpec", "replicas").unwrap();
        assert!(text.ends_with("Defaults to 1."), "{text}");
    }
}
