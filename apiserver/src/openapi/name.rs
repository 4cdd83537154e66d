//! The names documents are made of: of schemas, tags and operations.

use crate::registry::Resource;

const BUILT_IN_SUFFIX: &str = ".k8s.io";

/// Returns the tag of a group's operations: `rbacAuthorization` for `rbac.authorization.k8s.io`.
pub(super) fn tag(group: &str) -> String {
    if group.is_empty() {
        return "core".to_owned();
    }
    let group = group.strip_suffix(BUILT_IN_SUFFIX).unwrap_or(group);
    let mut words = group.split(|c: char| !c.is_ascii_alphanumeric());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capitalized(word))
}

/// Returns what all operations of a group and version have in their ids: `RbacAuthorizationV1`.
pub(super) fn id(group: &str, version: &str) -> String {
    capitalized(&tag(group)) + &capitalized(version)
}

/// Returns the text with its first letter in upper case.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Returns the kind after the article it takes; names in the plural take none.
pub(super) fn with_article(kind: &str) -> String {
    if kind.ends_with('s') && !kind.ends_with("ss") {
        return kind.to_owned();
    }
    let article = if kind.starts_with(['A', 'E', 'I', 'O', 'U']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

/// Returns the name of the schema of a resource.
pub(super) fn schema(resource: &Resource) -> String {
    let reference = resource
        .schema
        .as_ref()
        .and_then(|schema| schema.reference.clone());
    reference.map_or_else(|| custom(resource, &resource.kind), |name| name.to_string())
}

/// Returns the name of the schema of a resource's lists.
pub(super) fn list_schema(resource: &Resource) -> String {
    let item = schema(resource);
    match item.rsplit_once('.') {
        Some((package, _)) => format!("{package}.{}", resource.list_kind),
        None => resource.list_kind.clone(),
    }
}

/// Groups are domain names, packages are turned round: `com.example.cache.v1alpha1.Memcached`.
fn custom(resource: &Resource, kind: &str) -> String {
    let mut parts: Vec<&str> = resource.group.split('.').rev().collect();
    parts.extend([resource.version.as_str(), kind]);
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_give_tags_and_ids() {
        let cases = [
            ("", "core", "CoreV1"),
            ("apps", "apps", "AppsV1"),
            (
                "rbac.authorization.k8s.io",
                "rbacAuthorization",
                "RbacAuthorizationV1",
            ),
            ("cache.example.com", "cacheExampleCom", "CacheExampleComV1"),
            ("schema-probe.io", "schemaProbeIo", "SchemaProbeIoV1"),
        ];
        for (group, expected_tag, expected_id) in cases {
            assert_eq!(tag(group), expected_tag, "{group}");
            assert_eq!(id(group, "v1"), expected_id, "{group}");
        }
    }

    #[test]
    fn kinds_take_the_article_they_are_said_with() {
        assert_eq!(with_article("Ingress"), "an Ingress");
        assert_eq!(with_article("Deployment"), "a Deployment");
        assert_eq!(with_article("Endpoints"), "Endpoints");
    }
}
