//! One line of the table.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use krate::crd::{SchemaError, structural_schema};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A type, with values that fit it and values that do not.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) schema: fn() -> Result<JSONSchemaProps, SchemaError>,
    /// Reads a spec as serde does, and writes it again.
    pub(crate) trip: fn(Value) -> serde_json::Result<Value>,
    /// What serde reads, and the server takes as it is and as serde writes it.
    pub(crate) taken: Vec<Value>,
    /// What serde reads, and the server need not take as it is.
    pub(crate) read: Vec<Value>,
    /// What both refuse.
    pub(crate) refused: Vec<Value>,
    /// What serde refuses and the server takes, as no structural schema can say why not.
    pub(crate) let_pass: Vec<Value>,
    /// What the server alone refuses, by rules serde does not know.
    pub(crate) forbidden: Vec<Value>,
    /// What the server takes, whatever serde would write.
    pub(crate) sent: Vec<Value>,
    /// Whether values of every kind are tried, too.
    pub(crate) with_common: bool,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Root<T> {
    spec: Spec<T>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Spec<T> {
    value: T,
}

/// Begins a line: a field of the type `T`, called `value`.
pub(crate) fn row<T: JsonSchema + Serialize + DeserializeOwned>(name: &'static str) -> Row {
    Row {
        name,
        schema: structural_schema::<Root<T>>,
        trip: |spec| serde_json::to_value(serde_json::from_value::<Spec<T>>(spec)?),
        taken: Vec::new(),
        read: Vec::new(),
        refused: Vec::new(),
        let_pass: Vec::new(),
        forbidden: Vec::new(),
        sent: Vec::new(),
        with_common: true,
    }
}

impl Row {
    /// Adds values both take.
    pub(crate) fn takes<const N: usize>(mut self, values: [Value; N]) -> Self {
        self.taken.extend(values);
        self
    }

    /// Adds values serde takes and writes in another way.
    pub(crate) fn reads<const N: usize>(mut self, values: [Value; N]) -> Self {
        self.read.extend(values);
        self
    }

    /// Adds values both refuse.
    pub(crate) fn refuses<const N: usize>(mut self, values: [Value; N]) -> Self {
        self.refused.extend(values);
        self
    }

    /// Adds values that only serde refuses.
    pub(crate) fn lets_pass<const N: usize>(mut self, values: [Value; N]) -> Self {
        self.let_pass.extend(values);
        self
    }

    /// Adds values that only the server refuses.
    pub(crate) fn forbids<const N: usize>(mut self, values: [Value; N]) -> Self {
        self.forbidden.extend(values);
        self
    }

    /// Adds values the server takes, whatever serde would write.
    pub(crate) fn sends<const N: usize>(mut self, values: [Value; N]) -> Self {
        self.sent.extend(values);
        self
    }

    /// Leaves out values of every kind, for a type that may write what its own rules refuse.
    pub(crate) fn alone(mut self) -> Self {
        self.with_common = false;
        self
    }

    /// Values of every kind, tried on every type: whether they fit is what serde says.
    pub(crate) fn common() -> Vec<Value> {
        vec![
            json!(null),
            json!(true),
            json!(7),
            json!(-7),
            json!(1.5),
            json!("text"),
            json!([]),
            json!([1]),
            json!(["text"]),
            json!({}),
            json!({"key": 1}),
            json!({"key": "text"}),
        ]
    }
}
