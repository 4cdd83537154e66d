//! The schema of one value, parsed from OpenAPI v3 with the Kubernetes extensions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::Pattern;
use crate::cel::Rule;

/// A schema node. The default is the schema that says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Name of the definition this node stands for (`$ref`); only in built-in kinds.
    pub reference: Option<Arc<str>>,
    /// JSON type; absent for int-or-string, preserve-unknown and references.
    pub kind: Option<Type>,
    /// Format such as `int32` or `date-time`.
    pub format: Option<String>,
    /// Fields of an object.
    pub properties: BTreeMap<String, Schema>,
    /// What fields beyond `properties` may be.
    pub additional: Additional,
    /// Schema of array items.
    pub items: Option<Box<Schema>>,
    /// Fields that must be present.
    pub required: Vec<String>,
    /// Value of an absent field.
    pub default: Option<Value>,
    /// The real server has a struct here, which exists even if nobody wrote it; only in built-in kinds.
    pub always_present: bool,
    /// Null is a legal value.
    pub nullable: bool,
    /// The only legal values.
    pub enumeration: Vec<Value>,
    /// Lower bound.
    pub minimum: Option<Bound>,
    /// Upper bound.
    pub maximum: Option<Bound>,
    /// The value is a multiple of this.
    pub multiple_of: Option<f64>,
    /// Least number of characters.
    pub min_length: Option<u64>,
    /// Greatest number of characters.
    pub max_length: Option<u64>,
    /// RE2 pattern a string must match somewhere.
    pub pattern: Option<Pattern>,
    /// Least number of items.
    pub min_items: Option<u64>,
    /// Greatest number of items.
    pub max_items: Option<u64>,
    /// Items differ from each other.
    pub unique_items: bool,
    /// Least number of fields.
    pub min_properties: Option<u64>,
    /// Greatest number of fields.
    pub max_properties: Option<u64>,
    /// All must hold.
    pub all_of: Vec<Schema>,
    /// At least one must hold.
    pub any_of: Vec<Schema>,
    /// Exactly one must hold.
    pub one_of: Vec<Schema>,
    /// Must not hold.
    pub not: Option<Box<Schema>>,
    /// `x-kubernetes-list-type`; absent means atomic.
    pub list_type: Option<ListType>,
    /// `x-kubernetes-list-map-keys`.
    pub list_map_keys: Vec<String>,
    /// `x-kubernetes-map-type`; absent means granular.
    pub map_type: Option<MapType>,
    /// `x-kubernetes-preserve-unknown-fields`.
    pub preserve_unknown: bool,
    /// `x-kubernetes-embedded-resource`.
    pub embedded_resource: bool,
    /// `x-kubernetes-int-or-string`.
    pub int_or_string: bool,
    /// `x-kubernetes-patch-strategy`, of strategic merge patch: `merge`, `replace`, `retainKeys`, comma-separated.
    pub patch_strategy: Option<String>,
    /// `x-kubernetes-patch-merge-key`, of strategic merge patch.
    pub patch_merge_key: Option<String>,
    /// `x-kubernetes-validations`, compiled.
    pub validations: Vec<Arc<Rule>>,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `object`
    Object,
    /// `array`
    Array,
    /// `string`
    String,
    /// `integer`
    Integer,
    /// `number`
    Number,
    /// `boolean`
    Boolean,
}

impl Type {
    /// Returns the type as OpenAPI spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }

    /// Returns the type OpenAPI spells like this.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Object,
            Self::Array,
            Self::String,
            Self::Integer,
            Self::Number,
            Self::Boolean,
        ];
        all.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A numeric bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// The number itself is out of bounds.
    pub exclusive: bool,
}

/// What fields beyond the named ones may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Additional {
    /// Not declared: unknown fields are pruned.
    #[default]
    Undeclared,
    /// `true`: anything.
    Any,
    /// `false`: nothing.
    None,
    /// Each is of this schema: the object is a map.
    Schema(Box<Schema>),
}

/// How the items of a list relate for server-side apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType {
    /// One value, owned whole.
    Atomic,
    /// Scalars, each owned by itself.
    Set,
    /// Objects told apart by their keys.
    Map,
}

/// How the fields of an object relate for server-side apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapType {
    /// One value, owned whole.
    Atomic,
    /// Each field owned by itself.
    Granular,
}
