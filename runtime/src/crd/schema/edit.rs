//! What `#[derive(KubeSchema)]` writes into a JSON Schema; called by generated code only.

use std::marker::PhantomData;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;
use kube::core::cel::MergeStrategy;
use kube::core::{Message, Rule};
use schemars::Schema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::default::KUBERNETES_FORMAT;

/// The keyword of CEL rules.
const RULES: &str = "x-kubernetes-validations";

/// Sets a keyword.
pub fn keyword<T: Serialize + ?Sized>(schema: &mut Schema, keyword: &str, value: &T) {
    // A value that does not serialize is left to the type's own tests: a schema has no place for an error.
    if let Ok(value) = serde_json::to_value(value) {
        if keyword == "format" {
            // Said for Kubernetes, where some formats mean something else than in JSON Schema.
            schema.insert(KUBERNETES_FORMAT.to_owned(), true.into());
        }
        schema.insert(keyword.to_owned(), value);
    }
}

/// Adds a CEL rule with its message.
pub fn rule(schema: &mut Schema, rule: &str, message: &str) {
    push(schema, json!({"rule": rule, "message": message}));
}

/// Adds a CEL rule.
pub fn cel(schema: &mut Schema, rule: ValidationRule) {
    if let Ok(rule) = serde_json::to_value(rule) {
        push(schema, rule);
    }
}

/// Returns a CEL rule as kube spells it.
#[must_use]
pub fn validation(rule: impl Into<Rule>) -> ValidationRule {
    let rule = rule.into();
    let (message, message_expression) = match rule.message {
        Some(Message::Message(text)) => (Some(text), None),
        Some(Message::Expression(text)) => (None, Some(text)),
        None => (None, None),
    };
    ValidationRule {
        rule: rule.rule,
        message,
        message_expression,
        field_path: rule.field_path,
        reason: rule.reason.map(|reason| format!("{reason:?}")),
        optional_old_self: rule.optional_old_self,
    }
}

/// Returns a CEL rule as its attribute spells it.
#[must_use]
pub fn full_rule(
    rule: &str,
    message: Option<&str>,
    message_expression: Option<&str>,
    reason: Option<&str>,
    field_path: Option<&str>,
    optional_old_self: bool,
) -> ValidationRule {
    ValidationRule {
        rule: rule.to_owned(),
        message: message.map(str::to_owned),
        message_expression: message_expression.map(str::to_owned),
        field_path: field_path.map(str::to_owned),
        reason: reason.map(str::to_owned),
        optional_old_self: optional_old_self.then_some(true),
    }
}

/// Compares values of attributes with the types that have to read them, in a generated test.
#[derive(Debug)]
pub struct Fit<T>(PhantomData<fn() -> T>);

impl<T: DeserializeOwned> Fit<T> {
    /// Fails the test that calls it if the value is none of the type's.
    ///
    /// # Panics
    ///
    /// If the type does not read the value.
    pub fn check<V: Serialize + ?Sized>(place: &str, what: &str, value: &V) {
        let fault = match serde_json::to_value(value) {
            Ok(value) => serde_json::from_value::<T>(value).err(),
            Err(error) => Some(error),
        };
        assert!(
            fault.is_none(),
            "the {what} of `{place}` is not of its type: {}",
            fault.map(|error| error.to_string()).unwrap_or_default()
        );
    }
}

/// The answer for types that are never read.
pub trait Unreadable {
    /// Has nothing to say.
    fn check<V: Serialize + ?Sized>(_: &str, _: &str, _: &V) {}
}

impl<T> Unreadable for Fit<T> {}

/// Sets how server-side apply merges, as kube spells it.
pub fn merge_strategy(schema: &mut Schema, strategy: impl Into<MergeStrategy>) {
    use kube::core::{ListMerge, MapMerge, StructMerge};
    let (key, value) = match strategy.into() {
        MergeStrategy::ListType(ListMerge::Map(keys)) => {
            keyword(schema, "x-kubernetes-list-map-keys", &keys);
            ("x-kubernetes-list-type", "map")
        }
        MergeStrategy::ListType(ListMerge::Set) => ("x-kubernetes-list-type", "set"),
        MergeStrategy::ListType(ListMerge::Atomic) => ("x-kubernetes-list-type", "atomic"),
        MergeStrategy::MapType(MapMerge::Atomic) | MergeStrategy::StructType(StructMerge::Atomic) => {
            ("x-kubernetes-map-type", "atomic")
        }
        MergeStrategy::MapType(MapMerge::Granular) | MergeStrategy::StructType(StructMerge::Granular) => {
            ("x-kubernetes-map-type", "granular")
        }
    };
    keyword(schema, key, value);
}

/// Sets where more can be read.
pub fn external_docs(schema: &mut Schema, url: &str, description: Option<&str>) {
    let docs = match description {
        Some(description) => json!({"url": url, "description": description}),
        None => json!({"url": url}),
    };
    keyword(schema, "externalDocs", &docs);
}

/// Edits the schema of a part: the items of a list, or the values of a map.
///
/// The values of a map stand under the names its keys may have, or the patterns of these, if they are not just texts.
pub fn within(schema: &mut Schema, part: &str, edit: impl Fn(&mut Schema)) {
    let edit = |part: &mut Value| {
        if let Ok(part) = <&mut Schema>::try_from(part) {
            edit(part);
        }
    };
    if part == "additionalProperties" {
        for part in ["properties", "patternProperties"] {
            let named = schema.get_mut(part).and_then(Value::as_object_mut);
            named
                .into_iter()
                .flat_map(|named| named.values_mut())
                .for_each(edit);
        }
    }
    // Where there is none, this is no schema but `false`.
    schema.get_mut(part).filter(|part| part.is_object()).map(edit);
}

/// Says of an enum of documented variants in one list, too, which words it has: so that maps know their keys.
pub fn words(schema: &mut Schema) {
    let words = |one: &Value| match (&one["const"], &one["enum"]) {
        (Value::String(_), _) => Some(vec![one["const"].clone()]),
        (_, Value::Array(words)) if words.iter().all(Value::is_string) => Some(words.clone()),
        _ => None,
    };
    let variants = schema.get("oneOf").and_then(Value::as_array);
    let words = variants.and_then(|variants| variants.iter().map(words).collect::<Option<Vec<_>>>());
    if let Some(words) = words {
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), words.concat().into());
    }
}

fn push(schema: &mut Schema, rule: Value) {
    let rules = schema.ensure_object().entry(RULES).or_insert_with(|| json!([]));
    if let Value::Array(rules) = rules {
        rules.push(rule);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::schema_for;

    use super::*;

    #[test]
    fn the_values_of_a_map_are_edited_whatever_its_keys_are() {
        #[derive(schemars::JsonSchema)]
        #[expect(dead_code, reason = "it is only described")]
        enum Word {
            A,
            B,
        }
        let check = |mut schema: Schema, at: &[&str]| {
            within(&mut schema, "additionalProperties", |part| {
                keyword(part, "maximum", &3)
            });
            for place in at {
                assert_eq!(schema.pointer(place).unwrap()["maximum"], 3, "{schema:?}");
            }
        };
        check(schema_for!(BTreeMap<String, i32>), &["/additionalProperties"]);
        check(
            schema_for!(BTreeMap<Word, i32>),
            &["/properties/A", "/properties/B"],
        );
        check(schema_for!(BTreeMap<i32, i32>), &["/patternProperties/^-?\\d+$"]);
    }

    #[test]
    #[should_panic(
        expected = "the default of `Spec.size` is not of its type: invalid type: string \"a\", expected i32"
    )]
    fn a_value_of_another_type_fails_its_test() {
        Fit::<i32>::check("Spec.size", "default", "a");
    }

    #[test]
    fn a_type_that_is_never_read_has_no_wrong_values() {
        struct Written;
        Fit::<Written>::check("Spec.size", "default", "a");
        Fit::<Option<u8>>::check("Spec.size", "default", &3);
    }
}
