//! Whether versions have room for each other's objects, so that nothing has to convert them.
//!
//! Without a conversion the API server hands out a stored object under another `apiVersion`, less the fields that
//! version does not describe. So a difference in fields, types, allowed values or what must be there loses data or
//! makes objects nobody can read. Bounds, patterns and rules may differ: they are about what is written, and no
//! conversion could help.

use serde_json::{Map, Value};

use super::MergeError;
use super::definition::Version;
use crate::crd::evolve::{keeps_unknown, kind_of};

/// How many differences an error tells.
const TOLD: usize = 10;

/// A place that two versions do not both have room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The field, as in `spec.ports[].name`.
    pub(crate) path: String,
    pub(crate) message: String,
}

/// Refuses versions of which one has no room for what the stored one says, or the other way round.
pub(super) fn check_room(kind: &str, versions: &[Version<'_>]) -> Result<(), MergeError> {
    let Some(stored) = versions.iter().find(|version| version.version.storage) else {
        return Ok(());
    };
    for other in versions.iter().filter(|version| !version.version.storage) {
        let found = differences(side(stored), side(other));
        if found.is_empty() {
            continue;
        }
        let (hub, spoke) = (stored.definition.type_name(), other.definition.type_name());
        let told = found.iter().take(TOLD);
        let mut lines: Vec<String> = told
            .map(|difference| format!("  `{}` {}", difference.path, difference.message))
            .collect();
        if let Some(more) = found.len().checked_sub(TOLD).filter(|more| *more > 0) {
            lines.push(format!("  and {more} more"));
        }
        return Err(MergeError::new(format!(
            "versions {} and {} of {kind} differ, and nothing converts them:\n{}\nhelp: give both the same fields, or derive `Spoke` and add `.webhook(Webhook::conversion::<{hub}>().spoke::<{spoke}>())`",
            stored.called(),
            other.called(),
            lines.join("\n"),
        )));
    }
    Ok(())
}

/// A version and its schema, as JSON.
pub(crate) type Side = (String, Value);

fn side(version: &Version<'_>) -> Side {
    let schema = version.version.schema.as_ref();
    let schema = schema.and_then(|schema| schema.open_api_v3_schema.as_ref());
    // What was made of JSON types serializes.
    let schema = serde_json::to_value(schema).unwrap_or_default();
    (version.version.name.clone(), schema)
}

/// Returns where one of two versions has no room for what the other may say.
pub(crate) fn differences((a, old): Side, (b, new): Side) -> Vec<Difference> {
    let mut walk = Walk {
        names: [a, b],
        path: Vec::new(),
        found: Vec::new(),
    };
    walk.node([&old, &new]);
    walk.found
}

/// Both ways to look at two things.
const WAYS: [(usize, usize); 2] = [(0, 1), (1, 0)];

struct Walk {
    names: [String; 2],
    path: Vec<String>,
    found: Vec<Difference>,
}

impl Walk {
    fn node(&mut self, schemas: [&Value; 2]) {
        let [Value::Object(a), Value::Object(b)] = schemas else {
            return;
        };
        let schemas = [a, b];
        let kinds = schemas.map(kind_of);
        if kinds[0] != kinds[1] {
            let [here, there] = self.names.clone();
            return self.say(format!(
                "is of type {} in {here} and {} in {there}",
                kinds[0], kinds[1]
            ));
        }
        self.unknown(schemas);
        self.fields(schemas);
        self.required(schemas);
        self.values(schemas);
        self.null(schemas);
        self.merging(schemas);
        self.entries(schemas);
        if let (Some(a), Some(b)) = (a.get("items"), b.get("items")) {
            self.within("[]", |walk| walk.node([a, b]));
        }
    }

    fn unknown(&mut self, schemas: [&Map<String, Value>; 2]) {
        for (here, there) in WAYS {
            if keeps_unknown(schemas[here]) && !keeps_unknown(schemas[there]) {
                let (here, there) = (&self.names[here], &self.names[there]);
                self.say(format!(
                    "keeps fields that are not described in {here}, and drops them in {there}"
                ));
            }
        }
    }

    fn fields(&mut self, schemas: [&Map<String, Value>; 2]) {
        let fields = schemas.map(|schema| schema.get("properties").and_then(Value::as_object));
        for (here, there) in WAYS {
            for (name, schema) in fields[here].into_iter().flatten() {
                if self.path.is_empty() && ["apiVersion", "kind", "metadata"].contains(&name.as_str()) {
                    continue;
                }
                match fields[there].and_then(|fields| fields.get(name)) {
                    Some(other) if here == 0 => self.within(name, |walk| walk.node([schema, other])),
                    None if !keeps_unknown(schemas[there]) => {
                        let (here, there) = (&self.names[here], &self.names[there]);
                        let message = format!("is only in {here}: writes in {there} drop it");
                        self.within(name, |walk| walk.say(message));
                    }
                    _ => {}
                }
            }
        }
    }

    /// What must be there in one version may be missing in what was written in the other.
    fn required(&mut self, schemas: [&Map<String, Value>; 2]) {
        let field = |side: usize, name: &str| schemas[side].get("properties")?.get(name);
        let names = |side: usize| schemas[side].get("required").and_then(Value::as_array);
        for (here, there) in WAYS {
            for name in names(here).into_iter().flatten().filter_map(Value::as_str) {
                let is_required = names(there).is_some_and(|names| names.iter().any(|other| other == name));
                // Defaults are filled in on writes, and in the stored version, which is the first, also on reads.
                let has_default =
                    |side| field(side, name).is_some_and(|field| field.get("default").is_some());
                let is_filled = has_default(there) || (here == 0 && has_default(here));
                if field(there, name).is_none() || is_required || is_filled {
                    continue;
                }
                let (here, there) = (&self.names[here], &self.names[there]);
                let message = format!("must be there in {here}, and may be left out in {there}");
                self.within(name, |walk| walk.say(message));
            }
        }
    }

    fn values(&mut self, schemas: [&Map<String, Value>; 2]) {
        let values = schemas.map(|schema| schema.get("enum").and_then(Value::as_array));
        for (here, there) in WAYS {
            let Some(allowed) = values[there] else { continue };
            let (here_name, there_name) = (&self.names[here], &self.names[there]);
            let Some(all) = values[here] else {
                self.say(format!(
                    "may be anything in {here_name}, and one of few values in {there_name}"
                ));
                continue;
            };
            let only: Vec<String> = all
                .iter()
                .filter(|value| !allowed.contains(value))
                .map(|value| {
                    format!(
                        "`{}`",
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            if !only.is_empty() {
                self.say(format!("may be {} in {here_name} only", only.join(", ")));
            }
        }
    }

    fn null(&mut self, schemas: [&Map<String, Value>; 2]) {
        let nullable = schemas.map(|schema| schema.get("nullable") == Some(&Value::Bool(true)));
        for (here, there) in WAYS {
            if nullable[here] && !nullable[there] {
                let here = &self.names[here];
                self.say(format!("may be null in {here} only"));
            }
        }
    }

    /// Managers' fields are recorded by how lists and maps are merged.
    fn merging(&mut self, schemas: [&Map<String, Value>; 2]) {
        for (keyword, default) in [
            ("x-kubernetes-list-type", "atomic"),
            ("x-kubernetes-map-type", "granular"),
            ("x-kubernetes-list-map-keys", "[]"),
        ] {
            let [a, b] = schemas.map(|schema| {
                let value = schema.get(keyword);
                value.map_or_else(
                    || default.to_owned(),
                    |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                )
            });
            if a != b {
                let [here, there] = self.names.clone();
                self.say(format!(
                    "is merged otherwise by server-side apply: `{keyword}` is `{a}` in {here} and `{b}` in {there}"
                ));
            }
        }
    }

    /// The entries of a map.
    fn entries(&mut self, schemas: [&Map<String, Value>; 2]) {
        let entries = schemas.map(|schema| match schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => None,
            Some(values) => Some(values),
        });
        match entries {
            [Some(a), Some(b)] => self.within("*", |walk| walk.node([a, b])),
            [None, None] => {}
            [map, _] => {
                let here = usize::from(map.is_none());
                if !keeps_unknown(schemas[1 - here]) {
                    let (here, there) = (&self.names[here], &self.names[1 - here]);
                    self.say(format!("is a map in {here}, and has no entries in {there}"));
                }
            }
        }
    }

    fn within(&mut self, step: &str, look: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        look(self);
        self.path.pop();
    }

    fn say(&mut self, message: String) {
        let path = self.path.join(".").replace(".[]", "[]");
        self.found.push(Difference { path, message });
    }
}
