//! What Kubernetes' own types mean beyond their fields.
//!
//! Their schemas carry neither list types nor the openness of raw JSON, so the well-known ones are named here.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;

/// Lists of these are maps: entries are told apart, and owned, by the key.
const LIST_KEYS: [(&str, &str); 9] = [
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Condition", "type"),
    ("io.k8s.api.core.v1.Container", "name"),
    ("io.k8s.api.core.v1.EphemeralContainer", "name"),
    ("io.k8s.api.core.v1.EnvVar", "name"),
    ("io.k8s.api.core.v1.HostAlias", "ip"),
    ("io.k8s.api.core.v1.Volume", "name"),
    ("io.k8s.api.core.v1.VolumeDevice", "devicePath"),
    ("io.k8s.api.core.v1.VolumeMount", "mountPath"),
    ("io.k8s.api.core.v1.PodResourceClaim", "name"),
];

/// Objects of these hold anything.
const OPEN: [&str; 3] = [
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
];

/// Whether a definition is one of Kubernetes' own.
pub(super) fn is_kubernetes(definition: &str) -> bool {
    definition.starts_with("io.k8s.")
}

/// Opens the types that hold raw JSON.
pub(super) fn settle(definition: &str, props: &mut JSONSchemaProps) {
    if OPEN.contains(&definition) {
        props.x_kubernetes_preserve_unknown_fields = Some(true);
    }
}

/// Makes a list of a well-known type a map list, unless its author chose a list type.
pub(super) fn settle_list(item: &str, list: &mut JSONSchemaProps) {
    let key = LIST_KEYS.iter().find(|(definition, _)| *definition == item);
    if let (Some((_, key)), None) = (key, &list.x_kubernetes_list_type) {
        list.x_kubernetes_list_type = Some("map".to_owned());
        list.x_kubernetes_list_map_keys = Some(vec![(*key).to_owned()]);
    }
}

/// Returns the first sentence of a description.
pub(super) fn first_sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.split_once(". ")
        .map_or_else(|| line.to_owned(), |(sentence, _)| format!("{sentence}."))
}
