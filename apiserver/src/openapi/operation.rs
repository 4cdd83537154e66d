//! One method on one path.

use serde_json::{Map, Value, json};

use super::component;
use super::parameter::Parameter;
use crate::registry::Resource;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const JSON: &str = "application/json";
const YAML: &str = "application/yaml";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const PATCHES: [&str; 4] = [
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
];

/// What the bodies of a resource are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Built-in kinds: anything is read, strategic patches too.
    BuiltIn,
    /// Custom kinds: JSON and YAML.
    Custom,
}

/// A method on a path.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// HTTP method in lower case.
    pub(super) method: &'static str,
    pub(super) tag: String,
    pub(super) id: String,
    pub(super) description: String,
    /// `x-kubernetes-action`; none for what is no verb of a resource.
    pub(super) action: Option<&'static str>,
    /// Group, version and kind.
    pub(super) kind: Option<Value>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) request: Option<Value>,
    pub(super) responses: Value,
}

impl Operation {
    /// Returns it as documents show it, with the parameters that are not on the path.
    pub(super) fn value(&self, parameters: &[Parameter]) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
        put("tags", json!([self.tag]));
        put("description", json!(self.description));
        put("operationId", json!(self.id));
        if !parameters.is_empty() {
            put("parameters", parameters.iter().map(Parameter::value).collect());
        }
        if let Some(request) = &self.request {
            put("requestBody", request.clone());
        }
        put("responses", self.responses.clone());
        if let Some(action) = self.action {
            put("x-kubernetes-action", json!(action));
        }
        if let Some(kind) = &self.kind {
            put("x-kubernetes-group-version-kind", kind.clone());
        }
        Value::Object(out)
    }
}

impl Dialect {
    /// Returns what a resource speaks.
    pub(super) fn of(resource: &Resource) -> Self {
        if resource.custom {
            Self::Custom
        } else {
            Self::BuiltIn
        }
    }

    /// Returns the body of a write.
    pub(super) fn object(self, schema: &str) -> Value {
        json!({"content": self.request(schema), "required": true})
    }

    /// Returns the body of a deletion, which may be left out.
    pub(super) fn delete_options(self) -> Value {
        json!({"content": self.request(&format!("{META}DeleteOptions"))})
    }

    /// Returns the body of a patch.
    pub(super) fn patch(self) -> Value {
        let known = match self {
            Self::BuiltIn => &PATCHES[..],
            Self::Custom => &PATCHES[..3],
        };
        json!({"content": content(known, &format!("{META}Patch")), "required": true})
    }

    /// Returns the answers of these codes, all of one schema.
    pub(super) fn answers(self, codes: &[u16], schema: &str) -> Value {
        let kinds = match self {
            Self::BuiltIn => &[JSON, PROTOBUF, YAML][..],
            Self::Custom => &[JSON, YAML][..],
        };
        responses(codes, &content(kinds, schema))
    }

    /// Returns the answer of a list or watch.
    pub(super) fn streamed(self, schema: &str) -> Value {
        const STREAM: &str = ";stream=watch";
        if self == Self::Custom {
            return self.answers(&[200], schema);
        }
        let kinds = [
            JSON.to_owned(),
            JSON.to_owned() + STREAM,
            PROTOBUF.to_owned(),
            PROTOBUF.to_owned() + STREAM,
            YAML.to_owned(),
        ];
        responses(&[200], &content(&kinds, schema))
    }

    /// Returns the answer with a `Status`.
    pub(super) fn status(self, codes: &[u16]) -> Value {
        self.answers(codes, &format!("{META}Status"))
    }

    fn request(self, schema: &str) -> Value {
        match self {
            Self::BuiltIn => content(&["*/*"], schema),
            Self::Custom => content(&[JSON, YAML], schema),
        }
    }
}

/// Returns the schema of what a group and version say of themselves.
pub(super) fn meta(kind: &str) -> String {
    format!("{META}{kind}")
}

fn content<T: AsRef<str>>(types: &[T], schema: &str) -> Value {
    let body = json!({"schema": component::reference(schema)});
    let types = types.iter().map(|one| (one.as_ref().to_owned(), body.clone()));
    Value::Object(types.collect())
}

fn responses(codes: &[u16], content: &Value) -> Value {
    let mut out = Map::new();
    for code in codes {
        let text = match code {
            201 => "Created",
            202 => "Accepted",
            _ => "OK",
        };
        out.insert(code.to_string(), json!({"description": text, "content": content}));
    }
    out.insert("401".to_owned(), json!({"description": "Unauthorized"}));
    Value::Object(out)
}
