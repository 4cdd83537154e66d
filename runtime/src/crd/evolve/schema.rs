//! Two schemas of one value, walked side by side.

use serde_json::{Map, Value};

use super::Impact;
use super::definition::Found;
use super::keyword;

/// What to do where a change is wanted and the version at hand must not have it.
pub(super) const ELSEWHERE: &str = "make the change in a new version that is converted";

/// Compares the schemas of a version.
pub(super) fn compare(old: &Value, new: &Value, found: &mut Found) {
    let mut walk = Walk {
        path: Vec::new(),
        found,
    };
    walk.node(old, new);
}

pub(super) struct Walk<'a> {
    path: Vec<String>,
    found: &'a mut Found,
}

impl Walk<'_> {
    /// Compares the schemas of one value.
    fn node(&mut self, old: &Value, new: &Value) {
        let empty = Map::new();
        let (old, new) = (
            old.as_object().unwrap_or(&empty),
            new.as_object().unwrap_or(&empty),
        );
        let mut keywords: Vec<&String> = old.keys().chain(new.keys()).collect();
        keywords.sort();
        keywords.dedup();
        for name in keywords {
            let (before, after) = (old.get(name), new.get(name));
            match name.as_str() {
                "properties" => self.fields(old, new),
                "items" => self.items(before, after),
                "additionalProperties" => self.values(before, after, new),
                _ if before == after => {}
                name => keyword::compare(self, name, (old, before), (new, after)),
            }
        }
    }

    fn fields(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let before = old.get("properties").and_then(Value::as_object);
        let after = new.get("properties").and_then(Value::as_object);
        for (name, schema) in before.into_iter().flatten() {
            match after.and_then(|fields| fields.get(name)) {
                Some(other) => self.within(name, |walk| walk.node(schema, other)),
                None if keeps_unknown(new) => {
                    self.within(name, |walk| {
                        walk.say(
                            Impact::Notable,
                            "the field is no longer described; its values are kept",
                        )
                    });
                }
                None => self.within(name, |walk| {
                    walk.say(
                        Impact::Breaking,
                        format!("the field is gone: its values are dropped with the next write of each object. Keep it, or {ELSEWHERE}"),
                    );
                }),
            }
        }
        if keeps_unknown(old) {
            self.described(before, after);
        }
    }

    /// Fields that could be anything before, since what was not described was kept.
    fn described(&mut self, before: Option<&Map<String, Value>>, after: Option<&Map<String, Value>>) {
        let is_new = |name: &str| before.is_none_or(|fields| !fields.contains_key(name));
        for name in after.into_iter().flat_map(Map::keys).filter(|name| is_new(name)) {
            self.within(name, |walk| {
                walk.say(Impact::Tightening, "the field was free, and is described now");
            });
        }
    }

    fn items(&mut self, before: Option<&Value>, after: Option<&Value>) {
        match (before, after) {
            (Some(before), Some(after)) => self.within("[]", |walk| walk.node(before, after)),
            (None, Some(_)) => self.say(
                Impact::Tightening,
                "the items of the list were free, and are described now",
            ),
            _ => {}
        }
    }

    /// The values of a map: described, or anything.
    fn values(&mut self, before: Option<&Value>, after: Option<&Value>, new: &Map<String, Value>) {
        match (before, after) {
            (None | Some(Value::Bool(false)), _) => {}
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                self.within("*", |walk| walk.node(before, after));
            }
            (Some(Value::Bool(true)), Some(Value::Object(_))) => {
                self.say(
                    Impact::Tightening,
                    "the values of the map were free, and are described now",
                );
            }
            (Some(_), None | Some(Value::Bool(false))) if !keeps_unknown(new) => self.say(
                Impact::Breaking,
                format!("it is no map any more: entries are dropped. Keep it, or {ELSEWHERE}"),
            ),
            _ => {}
        }
    }

    fn within(&mut self, step: &str, look: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        look(self);
        self.path.pop();
    }

    /// Notes a change of the value the walk stands at.
    pub(super) fn say(&mut self, impact: Impact, message: impl Into<String>) {
        let path = self.path.join(".").replace(".[]", "[]");
        self.found.push(&path, impact, message);
    }
}

/// Returns whether a value may have fields that the schema does not describe.
pub(in crate::crd) fn keeps_unknown(schema: &Map<String, Value>) -> bool {
    schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true))
}

/// Returns what a value is: its type, or what stands in for one.
pub(in crate::crd) fn kind_of(schema: &Map<String, Value>) -> &str {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) => "int-or-string",
        None => "anything",
    }
}
