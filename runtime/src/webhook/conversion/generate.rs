//! Objects made up from the JSON Schema of a type, and a seed.
//!
//! Values are small and at the edges: bounds, empty texts and lists, optional fields that are there or not.
//! Patterns are not looked at, nor is what a schema cannot say about a type, so not every value is one the type reads.
//! The schema is that of the type, not the structural one of its definition: that one no longer knows which variants
//! an enum has.

use fastrand::Rng;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Number, Value, json};

/// How deep objects whose schema says nothing are.
const FREE_DEPTH: usize = 2;
/// From which depth on a type that contains itself ends as soon as it can.
const DEEP: usize = 6;
/// Where no schema is followed any more.
const TOO_DEEP: usize = 24;

/// Makes values of one type.
pub(super) struct Maker<'a> {
    schema: Value,
    rng: &'a mut Rng,
}

impl<'a> Maker<'a> {
    /// Returns a maker of what the schema of `T` says.
    pub(super) fn of<T: JsonSchema>(rng: &'a mut Rng) -> Self {
        let generator = SchemaSettings::draft2020_12().into_generator();
        Self {
            schema: generator.into_root_schema_for::<T>().to_value(),
            rng,
        }
    }

    /// Returns another value.
    pub(super) fn value(&mut self) -> Value {
        let schema = std::mem::take(&mut self.schema);
        let value = At {
            root: &schema,
            rng: self.rng,
        }
        .value(&schema, 0);
        self.schema = schema;
        value
    }

    /// Returns metadata as an object of the server has it.
    pub(super) fn metadata(&mut self, namespaced: bool) -> Value {
        metadata(namespaced, self.rng)
    }
}

/// A place in a schema whose definitions are at its root.
struct At<'a> {
    root: &'a Value,
    rng: &'a mut Rng,
}

impl At<'_> {
    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        if depth > TOO_DEEP {
            return Value::Null;
        }
        let below = depth + 1;
        let mut parts = Vec::new();
        if let Some(target) = schema["$ref"]
            .as_str()
            .and_then(|path| self.root.pointer(path.trim_start_matches('#')))
        {
            parts.push(self.value(target, below));
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            parts.push(self.value(part, below));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branch) = self.branch(&schema[key], depth) {
                parts.push(self.value(branch, below));
            }
        }
        if [
            "const",
            "enum",
            "type",
            "properties",
            "x-kubernetes-int-or-string",
        ]
        .iter()
        .any(|key| schema.get(key).is_some())
        {
            parts.push(self.own(schema, depth));
        }
        parts
            .into_iter()
            .reduce(merged)
            .unwrap_or_else(|| free(self.rng, FREE_DEPTH))
    }

    /// Picks an alternative; deep down, the one that says null if there is one.
    fn branch<'s>(&mut self, branches: &'s Value, depth: usize) -> Option<&'s Value> {
        let branches = branches.as_array()?;
        let null = branches.iter().find(|branch| branch["type"] == "null");
        match null {
            Some(null) if depth > DEEP => Some(null),
            _ => self.rng.choice(branches),
        }
    }

    fn own(&mut self, schema: &Value, depth: usize) -> Value {
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema["enum"].as_array() {
            return self.rng.choice(values).cloned().unwrap_or_default();
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return if self.rng.bool() {
                self.rng.i32(..).into()
            } else {
                text(schema, self.rng).into()
            };
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) if depth > DEEP && kinds.contains(&"null".into()) => "null",
            Value::Array(kinds) => self.rng.choice(kinds).and_then(Value::as_str).unwrap_or_default(),
            kind => kind.as_str().unwrap_or("object"),
        };
        match kind {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => text(schema, self.rng).into(),
            "integer" => integer(schema, self.rng),
            "number" => number(schema, self.rng),
            "boolean" => self.rng.bool().into(),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut object = Map::new();
        let required = schema["required"].as_array();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.is_some_and(|required| required.contains(&name.as_str().into()));
            if is_required || (depth <= DEEP && self.rng.bool()) {
                let value = self.value(schema, depth + 1);
                object.insert(name.clone(), value);
            }
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) | None => {}
            Some(values) => {
                for _ in 0..self.rng.usize(..3) {
                    let value = self.value(values, depth + 1);
                    object.insert(letters(self.rng, 6), value);
                }
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &Value, depth: usize) -> Value {
        let size = |key: &str| schema[key].as_u64().and_then(|size| usize::try_from(size).ok());
        let least = size("minItems").unwrap_or(0);
        let most = if depth > DEEP {
            least
        } else {
            size("maxItems").unwrap_or(least + 2)
        };
        let length = self.rng.usize(least..=most.clamp(least, least + 3));
        let unique = schema["uniqueItems"] == true;
        let mut items: Vec<Value> = Vec::new();
        for index in 0..length {
            // A tuple has a schema for each item.
            let schema = schema["prefixItems"].get(index).unwrap_or(&schema["items"]);
            let item = self.value(schema, depth + 1);
            if !(unique && items.contains(&item)) {
                items.push(item);
            }
        }
        items.into()
    }
}

/// Puts together what two schemas of one place say: the fields of both, or what the first says.
fn merged(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            first.extend(second);
            Value::Object(first)
        }
        (first, _) => first,
    }
}

/// Returns metadata as an object of the server has it.
fn metadata(namespaced: bool, rng: &mut Rng) -> Value {
    let mut metadata = json!({
        "name": format!("sample-{}", rng.u8(..)),
        "uid": format!("{:08x}-0000-4000-8000-000000000000", rng.u32(..)),
        "resourceVersion": rng.u32(1..).to_string(),
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "generation": rng.i64(1..1000),
    });
    if namespaced {
        metadata["namespace"] = "default".into();
    }
    for key in ["labels", "annotations"] {
        if rng.bool() {
            metadata[key] = json!({ "example.com/some": letters(rng, 5) });
        }
    }
    if rng.bool() {
        metadata["finalizers"] = json!(["example.com/some"]);
    }
    metadata
}

fn text(schema: &Value, rng: &mut Rng) -> String {
    match schema["format"].as_str() {
        Some("date-time") => format!("2026-0{}-02T03:04:05Z", rng.u8(1..10)),
        Some("date") => format!("2026-0{}-02", rng.u8(1..10)),
        Some("duration") => format!("{}s", rng.u8(1..)),
        Some("byte") => "a3JhdGU=".to_owned(),
        Some("uuid") => format!("{:08x}-0000-4000-8000-000000000000", rng.u32(..)),
        Some("ip" | "ipv4") => format!("10.0.0.{}", rng.u8(..)),
        Some("ipv6") => format!("fd00::{:x}", rng.u16(..)),
        Some("email") => format!("{}@example.com", letters(rng, 4)),
        Some("hostname") => format!("{}.example.com", letters(rng, 4)),
        Some("uri") => format!("https://example.com/{}", letters(rng, 4)),
        _ => {
            let length = |key: &str| {
                schema[key]
                    .as_u64()
                    .and_then(|length| usize::try_from(length).ok())
            };
            let least = length("minLength").unwrap_or(0);
            let most = length("maxLength").unwrap_or(least + 8).clamp(least, least + 8);
            let length = rng.usize(least..=most);
            letters(rng, length)
        }
    }
}

fn integer(schema: &Value, rng: &mut Rng) -> Value {
    let of_format = match schema["format"].as_str() {
        Some("int8") => (i64::from(i8::MIN), i64::from(i8::MAX)),
        Some("int16") => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("uint8") => (0, i64::from(u8::MAX)),
        Some("uint16") => (0, i64::from(u16::MAX)),
        Some("uint32") => (0, i64::from(u32::MAX)),
        Some(format) if format.starts_with("uint") => (0, i64::MAX),
        _ => (i64::MIN, i64::MAX),
    };
    let bound = |key: &str| schema[key].as_i64();
    let least = bound("minimum").or_else(|| Some(bound("exclusiveMinimum")?.saturating_add(1)));
    let most = bound("maximum").or_else(|| Some(bound("exclusiveMaximum")?.saturating_sub(1)));
    let least = least.unwrap_or(of_format.0).max(of_format.0);
    let most = most.unwrap_or(of_format.1).min(of_format.1).max(least);
    let picked = match rng.u8(..8) {
        0 => least,
        1 => most,
        2 => 0,
        3 => 1,
        4 => rng.i64(least..=most),
        _ => rng.i64(-9..100),
    };
    picked.clamp(least, most).into()
}

fn number(schema: &Value, rng: &mut Rng) -> Value {
    let bound = |key: &str| schema[key].as_f64();
    let (least, most) = (
        bound("minimum").unwrap_or(-64.0),
        bound("maximum").unwrap_or(64.0),
    );
    // Quarters are exact, so that they are the same after a trip.
    let picked = f64::from(rng.i32(-256..256)) / 4.0;
    let number = Number::from_f64(picked.max(least).min(most));
    number.map_or(Value::from(0), Value::Number)
}

fn free(rng: &mut Rng, depth: usize) -> Value {
    match rng.u8(..if depth == 0 { 3 } else { 5 }) {
        0 => rng.bool().into(),
        1 => rng.i32(..).into(),
        2 => letters(rng, 4).into(),
        3 => (0..rng.usize(..3)).map(|_| free(rng, depth - 1)).collect(),
        _ => json!({ letters(rng, 4): free(rng, depth - 1) }),
    }
}

fn letters(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Deserialize, Serialize, JsonSchema, Debug, PartialEq)]
    struct Sample {
        #[schemars(range(min = 3, max = 5))]
        bounded: i32,
        small: u8,
        optional: Option<Kind>,
        tagged: Vec<Tagged>,
        map: std::collections::BTreeMap<String, bool>,
        number: f64,
        mixed: Mixed,
        inner: Option<Box<Sample>>,
    }

    /// Has variants without and with fields: no structural schema tells them apart.
    #[derive(Deserialize, Serialize, JsonSchema, Debug, PartialEq)]
    enum Mixed {
        Off,
        On { since: u32 },
    }

    #[derive(Deserialize, Serialize, JsonSchema, Debug, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Kind {
        Plain { size: i64 },
        Other(String),
    }

    #[derive(Deserialize, Serialize, JsonSchema, Debug, PartialEq)]
    #[serde(tag = "type")]
    enum Tagged {
        A { a: bool },
        B { b: String },
    }

    fn values(seed: u64, count: usize) -> Vec<Value> {
        let mut rng = Rng::with_seed(seed);
        let mut maker = Maker::of::<Sample>(&mut rng);
        (0..count).map(|_| maker.value()).collect()
    }

    #[test]
    fn values_are_what_the_type_reads() {
        let read = values(7, 200).into_iter().map(|value| {
            let sample = Sample::deserialize(&value);
            sample.unwrap_or_else(|error| panic!("{error}: {value}"))
        });
        let read: Vec<Sample> = read.collect();
        let some = |holds: &dyn Fn(&Sample) -> bool| assert!(read.iter().any(holds));
        some(&|sample| sample.bounded == 3);
        some(&|sample| sample.small == 255);
        some(&|sample| sample.optional.is_none());
        some(&|sample| matches!(sample.optional, Some(Kind::Plain { .. })));
        some(&|sample| matches!(sample.optional, Some(Kind::Other(_))));
        some(&|sample| {
            sample
                .tagged
                .iter()
                .any(|tagged| matches!(tagged, Tagged::B { .. }))
        });
        some(&|sample| sample.map.len() > 1);
        some(&|sample| matches!(sample.mixed, Mixed::Off));
        some(&|sample| matches!(sample.mixed, Mixed::On { .. }));
        some(&|sample| sample.inner.is_some());
    }

    #[test]
    fn the_same_seed_makes_the_same_values() {
        assert_eq!(values(1, 9), values(1, 9));
        assert_ne!(values(1, 9), values(2, 9));
    }
}
