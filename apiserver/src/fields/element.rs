//! One step of a field path, and how `FieldsV1` and messages spell it.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Map, Value};

use super::number;

/// A path from the root of an object to a field.
pub type Path = Vec<Element>;

/// One step into a value.
#[derive(Debug, Clone)]
pub enum Element {
    /// A field of an object: `f:name`.
    Field(String),
    /// The item of a map list with these keys, sorted by name: `k:{"name":"a"}`.
    Key(Vec<(String, Value)>),
    /// The item of a set with this value: `v:"a"`.
    Value(Value),
    /// The item at this place: `i:0`.
    Index(i64),
}

impl Element {
    /// Returns the element of a field.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self::Field(name.to_owned())
    }

    /// Reads a step as `FieldsV1` writes it; `None` is a kind of step this version does not know.
    ///
    /// # Errors
    ///
    /// The text is no step at all.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let Some((kind, rest)) = text.split_once(':') else {
            return Err(format!("missing colon: {text}"));
        };
        Ok(Some(match kind {
            "f" => Self::field(rest),
            "v" => Self::Value(decode(rest)?),
            "k" => {
                let keys: Map<String, Value> = decode(rest)?;
                let mut keys: Vec<_> = keys.into_iter().collect();
                keys.sort_by(|left, right| left.0.cmp(&right.0));
                Self::Key(keys)
            }
            "i" => Self::Index(rest.parse().map_err(|_| format!("invalid index: {rest}"))?),
            _ => return Ok(None),
        }))
    }

    /// Writes the step as `FieldsV1` does.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Value(value) => format!("v:{}", escape_html(&value.to_string())),
            Self::Index(index) => format!("i:{index}"),
            Self::Key(keys) => {
                let pairs = keys
                    .iter()
                    .map(|(name, value)| format!("{}:{value}", quote(name)));
                let pairs: Vec<String> = pairs.collect();
                format!("k:{{{}}}", escape_html(&pairs.join(",")))
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Field(_) => 0,
            Self::Key(_) => 1,
            Self::Value(_) => 2,
            Self::Index(_) => 3,
        }
    }
}

fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

/// Escapes what Go's JSON encoder escapes for the sake of HTML, so that texts match byte for byte.
pub(super) fn escape_html(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

impl Ord for Element {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(left), Self::Field(right)) => left.cmp(right),
            (Self::Key(left), Self::Key(right)) => order_keys(left, right),
            (Self::Value(left), Self::Value(right)) => number::order(left, right),
            (Self::Index(left), Self::Index(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn order_keys(left: &[(String, Value)], right: &[(String, Value)]) -> Ordering {
    let pairs = left.iter().zip(right);
    let unequal = pairs
        .map(|(l, r)| l.0.cmp(&r.0).then_with(|| number::order(&l.1, &r.1)))
        .find(|order| order.is_ne());
    unequal.unwrap_or_else(|| left.len().cmp(&right.len()))
}

impl PartialOrd for Element {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Element {}

/// As messages write it: `.name`, `[name="a"]`, `[="a"]`, `[0]`.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Value(value) => write!(f, "[={value}]"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(keys) => {
                let pairs = keys.iter().map(|(name, value)| format!("{name}={value}"));
                write!(f, "[{}]", pairs.collect::<Vec<_>>().join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(pairs: &[(&str, Value)]) -> Element {
        Element::Key(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn a_step_is_written_as_the_server_writes_it_and_read_back() {
        let check = |element: Element, encoded: &str, shown: &str| {
            assert_eq!(element.encode(), encoded);
            assert_eq!(element.to_string(), shown);
            assert_eq!(Element::parse(encoded), Ok(Some(element)));
        };
        check(Element::field("image"), "f:image", ".image");
        check(Element::field("a.b/c:d"), "f:a.b/c:d", ".a.b/c:d");
        check(
            key(&[("containerPort", json!(80)), ("protocol", json!("TCP"))]),
            r#"k:{"containerPort":80,"protocol":"TCP"}"#,
            r#"[containerPort=80,protocol="TCP"]"#,
        );
        check(Element::Value(json!("a<b")), r#"v:"a\u003cb""#, r#"[="a<b"]"#);
        check(Element::Index(3), "i:3", "[3]");
    }

    #[test]
    fn keys_are_sorted_by_name_when_read() {
        let read = Element::parse(r#"k:{"b":1,"a":2}"#);
        assert_eq!(read, Ok(Some(key(&[("a", json!(2)), ("b", json!(1))]))));
    }

    #[test]
    fn an_unknown_kind_of_step_is_passed_over_and_nonsense_is_an_error() {
        assert_eq!(Element::parse("z:a"), Ok(None));
        assert!(Element::parse("f").is_err());
        assert!(Element::parse("k:[]").is_err());
        assert!(Element::parse("i:x").is_err());
    }

    #[test]
    fn fields_come_before_keys_before_values_before_indices() {
        let sorted = [
            Element::field("a"),
            Element::field("b"),
            key(&[("n", json!(2))]),
            key(&[("n", json!(10))]),
            key(&[("n", json!(10)), ("p", json!(1))]),
            Element::Value(json!("x")),
            Element::Index(0),
        ];
        assert!(sorted.is_sorted());
    }
}
