//! `printcolumn`: typed, or kube's older JSON in a string.

#![expect(
    clippy::unreachable,
    reason = "darling's derives write it, behind a check of the field they read"
)]

use darling::FromMeta;
use darling::ast::NestedMeta;
use serde_json::Value;
use syn::{Lit, LitStr};

/// A column of `kubectl get`.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: LitStr,
    pub(super) type_: LitStr,
    pub(super) json_path: LitStr,
    pub(super) description: Option<LitStr>,
    pub(super) format: Option<LitStr>,
    pub(super) priority: Option<i32>,
}

#[derive(FromMeta)]
struct Typed {
    name: LitStr,
    type_: LitStr,
    json_path: LitStr,
    description: Option<LitStr>,
    format: Option<LitStr>,
    priority: Option<i32>,
}

impl FromMeta for Column {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let typed = Typed::from_list(items).map_err(|error| placed(error, items))?;
        Ok(Self {
            name: typed.name,
            type_: typed.type_,
            json_path: typed.json_path,
            description: typed.description,
            format: typed.format,
            priority: typed.priority,
        })
    }

    fn from_value(value: &Lit) -> darling::Result<Self> {
        const KEYS: [&str; 6] = ["name", "type", "jsonPath", "description", "format", "priority"];
        let object = JsonObject::parse(value, &KEYS)?;
        Ok(Self {
            name: object.text("name")?,
            type_: object.text("type")?,
            json_path: object.text("jsonPath")?,
            description: object.optional("description")?,
            format: object.optional("format")?,
            priority: object.number("priority")?,
        })
    }
}

/// Points at the list what points nowhere, such as a missing field.
pub(super) fn placed(error: darling::Error, items: &[NestedMeta]) -> darling::Error {
    let errors = error.flatten().into_iter().map(|error| match items.first() {
        Some(item) => error.with_span(item),
        None => error,
    });
    darling::Error::multiple(errors.collect())
}

/// A JSON object in a string literal; what is read from it carries the literal's place.
pub(super) struct JsonObject<'a> {
    literal: &'a LitStr,
    fields: serde_json::Map<String, Value>,
}

impl<'a> JsonObject<'a> {
    pub(super) fn parse(value: &'a Lit, keys: &[&str]) -> darling::Result<Self> {
        let Lit::Str(literal) = value else {
            return Err(darling::Error::unexpected_lit_type(value));
        };
        let fields: serde_json::Map<String, Value> =
            serde_json::from_str(&literal.value()).map_err(|error| {
                darling::Error::custom(format!("not a JSON object: {error}")).with_span(literal)
            })?;
        if let Some(key) = fields.keys().find(|key| !keys.contains(&key.as_str())) {
            return Err(darling::Error::unknown_field_with_alts(key, keys).with_span(literal));
        }
        Ok(Self { literal, fields })
    }

    pub(super) fn text(&self, key: &str) -> darling::Result<LitStr> {
        self.optional(key)?
            .ok_or_else(|| self.error(format!("the JSON object has no `{key}`")))
    }

    pub(super) fn optional(&self, key: &str) -> darling::Result<Option<LitStr>> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(LitStr::new(text, self.literal.span()))),
            Some(other) => Err(self.error(format!("`{key}` is a string, not `{other}`"))),
        }
    }

    fn number(&self, key: &str) -> darling::Result<Option<i32>> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_i64().and_then(|number| i32::try_from(number).ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(self.error(format!("`{key}` is a small whole number, not `{value}`"))),
            },
        }
    }

    fn error(&self, message: String) -> darling::Error {
        darling::Error::custom(message).with_span(self.literal)
    }
}
