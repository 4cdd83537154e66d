//! Two schemas of one value, walked side by side.

use serde_json::{Map, Value};

use super::Impact;
use super::definition::Found;
use super::keyword;

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
                "properties" => self.fields(before, new),
                "items" => self.part("[]", before, after),
                "additionalProperties" => self.values(before, after),
                _ if before == after => {}
                name => keyword::compare(self, name, (old, before), (new, after)),
            }
        }
    }

    fn fields(&mut self, before: Option<&Value>, new: &Map<String, Value>) {
        let before = before.and_then(Value::as_object);
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
                        "the field is gone: its values are dropped with the next write of each object",
                    );
                }),
            }
        }
    }

    fn part(&mut self, step: &str, before: Option<&Value>, after: Option<&Value>) {
        if let (Some(before), Some(after)) = (before, after) {
            self.within(step, |walk| walk.node(before, after));
        }
    }

    /// The values of a map: described, or anything.
    fn values(&mut self, before: Option<&Value>, after: Option<&Value>) {
        match (before, after) {
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                self.within("*", |walk| walk.node(before, after));
            }
            (Some(Value::Bool(true)), Some(Value::Object(_))) => {
                self.say(
                    Impact::Tightening,
                    "the values of the map were free, and are described now",
                );
            }
            (Some(_), None) => self.say(Impact::Breaking, "it is no map any more: entries are dropped"),
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

pub(super) fn keeps_unknown(schema: &Map<String, Value>) -> bool {
    schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true))
}
