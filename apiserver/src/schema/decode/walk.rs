//! The walk over a document along a definition.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::scalar::{self, Scalar};
use super::{DecodeError, Decoded};
use crate::schema::{Additional, Node, Type, go};

/// What the walk found besides the value.
#[derive(Default)]
pub(super) struct Report {
    /// Place in the document, such as `spec.ports[0].name`.
    path: String,
    /// The same as error texts write it: without indices and the keys of maps.
    fields: String,
    strict: Vec<String>,
    told: BTreeSet<String>,
    error: Option<String>,
}

impl Report {
    pub(super) fn finish(self, value: Value) -> Result<Decoded, DecodeError> {
        match self.error {
            Some(text) => Err(DecodeError::Type(text)),
            None => Ok(Decoded {
                value,
                strict: self.strict,
            }),
        }
    }

    /// The first mistake is the one that is told.
    fn fail(&mut self, text: impl FnOnce(&str) -> String) {
        if self.error.is_none() {
            self.error = Some(text(&self.fields));
        }
    }

    fn note(&mut self, what: &str) {
        if self.told.insert(self.path.clone()) {
            self.strict.push(format!("{what} field {:?}", self.path));
        }
    }

    /// Goes to a field of a struct.
    fn enter_field(&mut self, name: &str) -> Place {
        let place = self.enter_entry(name);
        push(&mut self.fields, name);
        place
    }

    /// Goes to an entry of a map.
    fn enter_entry(&mut self, key: &str) -> Place {
        let place = self.place();
        push(&mut self.path, key);
        place
    }

    /// Goes to an item of a list.
    fn enter_item(&mut self, index: usize) -> Place {
        let place = self.place();
        self.path.push_str(&format!("[{index}]"));
        place
    }

    fn place(&self) -> Place {
        (self.path.len(), self.fields.len())
    }

    fn leave(&mut self, (path, fields): Place) {
        self.path.truncate(path);
        self.fields.truncate(fields);
    }
}

/// How long the paths of a [`Report`] were.
type Place = (usize, usize);

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// What is expected at a place.
#[derive(Clone, Copy)]
enum Expect<'a> {
    /// Anything.
    Free,
    Struct(Node<'a>),
    Map(Node<'a>),
    List(Node<'a>),
    /// A schema, or something else; in CRDs.
    SchemaOr(Node<'a>),
    Scalar(Scalar),
}

impl<'a> Expect<'a> {
    fn of(node: Node<'a>) -> Self {
        let name = node.site().reference.as_deref().map(go::last).unwrap_or_default();
        match name {
            "JSON" | "RawExtension" | "FieldsV1" | "Patch" => return Self::Free,
            "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray" => {
                return Self::SchemaOr(node);
            }
            _ => {}
        }
        let schema = node.schema();
        match schema.kind {
            Some(Type::Array) => Self::List(node),
            Some(Type::Object) if matches!(schema.additional, Additional::Schema(_)) => Self::Map(node),
            Some(Type::Object) => Self::Struct(node),
            _ => Scalar::of(node, name).map_or(Self::Free, Self::Scalar),
        }
    }
}

/// One place of the walk.
pub(super) struct Walk<'a, 'r> {
    expect: Expect<'a>,
    node: Option<Node<'a>>,
    /// Name of the struct that declares the place, for error texts.
    owner: &'a str,
    report: &'r mut Report,
}

impl<'a, 'r> Walk<'a, 'r> {
    pub(super) fn root(node: Node<'a>, report: &'r mut Report) -> Self {
        Self::at(node, "", report)
    }

    pub(super) fn free(report: &'r mut Report) -> Self {
        Self {
            expect: Expect::Free,
            node: None,
            owner: "",
            report,
        }
    }

    fn at(node: Node<'a>, owner: &'a str, report: &'r mut Report) -> Self {
        Self {
            expect: Expect::of(node),
            node: Some(node),
            owner,
            report,
        }
    }

    pub(super) fn run<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    /// The value is of another type than the definition says.
    fn mismatch(self, found: &str) -> Value {
        let (Some(node), owner) = (self.node, self.owner) else {
            return Value::Null;
        };
        let name = match self.expect {
            Expect::Scalar(scalar) => scalar.go_type().to_owned(),
            _ => go::type_name(node),
        };
        self.report.fail(|path| {
            if owner.is_empty() {
                return format!("json: cannot unmarshal {found} into Go value of type {name}");
            }
            format!("json: cannot unmarshal {found} into Go struct field {owner}.{path} of type {name}")
        });
        Value::Null
    }

    fn scalar(self, value: Value, found: &str) -> Value {
        match self.expect {
            Expect::Free | Expect::SchemaOr(_) => value,
            Expect::Scalar(scalar) => match scalar.take(value) {
                Ok(value) => value,
                Err(scalar::Mistake::Type) => self.mismatch(found),
                Err(scalar::Mistake::Text(text)) => {
                    self.report.fail(|_| text);
                    Value::Null
                }
            },
            _ => self.mismatch(found),
        }
    }

    fn number(self, number: Number) -> Value {
        let quoted = matches!(self.expect, Expect::Scalar(scalar) if scalar.is_integer());
        let found = if quoted {
            format!("number {number}")
        } else {
            "number".to_owned()
        };
        self.scalar(Value::Number(number), &found)
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(self.scalar(Value::Bool(value), "bool"))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(self.number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(self.number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        let free = matches!(self.expect, Expect::Free | Expect::SchemaOr(_));
        // A whole number is written without a fraction, as the real server does when it writes it back.
        match Number::from_f64(value) {
            Some(_) if free && scalar::is_whole(value) => Ok(self.number(Number::from(value as i64))),
            Some(number) => Ok(self.number(number)),
            None => Ok(Value::Null),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(self.scalar(Value::from(value), "string"))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(self.scalar(Value::String(value), "string"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let element = match self.expect {
            Expect::List(node) => node.items(),
            Expect::SchemaOr(node) if !is_string_array(node) => schema_props(node),
            Expect::Free | Expect::SchemaOr(_) => None,
            _ => {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(self.mismatch("array"));
            }
        };
        let mut list = Vec::new();
        loop {
            let place = self.report.enter_item(list.len());
            let seed = match element {
                Some(node) => Walk::at(node, self.owner, self.report),
                None => Walk::free(self.report),
            };
            let item = items.next_element_seed(seed);
            self.report.leave(place);
            match item? {
                Some(Value::Null) => list.push(element.map_or(Value::Null, scalar::zero)),
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Value, A::Error> {
        match self.expect {
            Expect::Struct(node) => self.fields(node, fields),
            Expect::Map(node) => self.entries(node.values(), fields),
            Expect::Free => self.entries(None, fields),
            Expect::SchemaOr(node) => match schema_props(node) {
                Some(node) => Walk::at(node, self.owner, self.report).visit_map(fields),
                None => self.entries(None, fields),
            },
            Expect::List(_) | Expect::Scalar(_) => {
                let mut fields = fields;
                while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(self.mismatch("object"))
            }
        }
    }
}

const SCHEMA_PROPS: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";

fn is_string_array(node: Node<'_>) -> bool {
    let name = node.site().reference.as_deref().unwrap_or_default();
    name.ends_with("OrStringArray")
}

fn schema_props(node: Node<'_>) -> Option<Node<'_>> {
    node.definition(SCHEMA_PROPS)
}

impl Walk<'_, '_> {
    /// The fields of a struct: unknown ones are noted and dropped, empty ones dropped.
    fn fields<'de, A: MapAccess<'de>>(self, node: Node<'_>, mut fields: A) -> Result<Value, A::Error> {
        let owner = node.site().reference.as_deref().map_or(self.owner, go::last);
        let mut map = Map::new();
        let mut seen = BTreeSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            let place = self.report.enter_field(&name);
            if let Some(field) = node.property(&name) {
                if !seen.insert(name.clone()) {
                    self.report.note("duplicate");
                }
                let value = fields.next_value_seed(Walk::at(field, owner, self.report))?;
                if scalar::is_omitted(&value, field, node, &name) {
                    map.remove(&name);
                } else {
                    map.insert(name, value);
                }
            } else {
                self.report.note("unknown");
                fields.next_value::<IgnoredAny>()?;
            }
            self.report.leave(place);
        }
        Ok(Value::Object(map))
    }

    /// The entries of a map, typed or not.
    fn entries<'de, A: MapAccess<'de>>(
        self,
        values: Option<Node<'_>>,
        mut fields: A,
    ) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let place = self.report.enter_entry(&name);
            if map.contains_key(&name) {
                self.report.note("duplicate");
            }
            let seed = match values {
                Some(node) => Walk {
                    node: Some(node),
                    expect: Expect::of(node),
                    owner: self.owner,
                    report: self.report,
                },
                None => Walk::free(self.report),
            };
            let value = fields.next_value_seed(seed)?;
            let value = if value.is_null() {
                values.map_or(Value::Null, scalar::zero)
            } else {
                value
            };
            map.insert(name, value);
            self.report.leave(place);
        }
        Ok(Value::Object(map))
    }
}
