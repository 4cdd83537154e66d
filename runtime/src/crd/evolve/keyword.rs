//! One rule per keyword of a schema: what it means that it came, went or changed.

use serde_json::{Map, Value};

use super::Impact::{self, Breaking, Notable, Tightening};
use super::schema::{ELSEWHERE, Walk, keeps_unknown, kind_of};

/// A schema, and what it says under the keyword in question.
type Side<'a> = (&'a Map<String, Value>, Option<&'a Value>);

/// Notes what it means that a keyword differs.
pub(super) fn compare(walk: &mut Walk<'_>, name: &str, old: Side<'_>, new: Side<'_>) {
    match name {
        "type" | "x-kubernetes-int-or-string" => kind(walk, name, old, new),
        "required" => required(walk, old, new),
        "enum" => values(walk, old.1, new.1),
        "minimum" | "minLength" | "minItems" | "minProperties" => {
            bound(walk, name, old.1, new.1, |a, b| b > a)
        }
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => {
            bound(walk, name, old.1, new.1, |a, b| b < a)
        }
        "exclusiveMinimum" | "exclusiveMaximum" if is_true(new.1) => {
            walk.say(
                Tightening,
                format!("`{name}` is set: the bound itself is no longer allowed"),
            );
        }
        "format" if widens(old.1, new.1) => {
            walk.say(
                Notable,
                "larger numbers become allowed: readers have to expect them",
            );
        }
        "pattern" | "format" | "multipleOf" => restriction(walk, name, old.1, new.1),
        "nullable" if is_true(old.1) => walk.say(Tightening, "null is no longer allowed"),
        "nullable" => walk.say(Notable, "null becomes allowed: readers have to expect it"),
        "default" => default(walk, old.1, new.1),
        "x-kubernetes-preserve-unknown-fields" if keeps_unknown(old.0) => {
            let message = "fields that are not described are dropped from now on. Describe all that are in use, or keep the attribute";
            walk.say(Breaking, message);
        }
        "x-kubernetes-list-type" | "x-kubernetes-list-map-keys" | "x-kubernetes-map-type" => {
            merge(walk, name, old.1, new.1)
        }
        "x-kubernetes-embedded-resource" if is_true(new.1) => {
            walk.say(
                Tightening,
                "the value has to be a whole object, with `apiVersion`, `kind` and `metadata`",
            );
        }
        "x-kubernetes-validations" => rules(walk, old.1, new.1),
        "oneOf" | "anyOf" | "allOf" | "not" if new.1.is_some() => {
            walk.say(
                Tightening,
                format!("`{name}` differs: what was accepted may be refused"),
            );
        }
        "description" => walk.say(Notable, "it is described otherwise"),
        // Documentation restricts nothing, and what is left of the others only opens up.
        "title"
        | "example"
        | "externalDocs"
        | "exclusiveMinimum"
        | "exclusiveMaximum"
        | "x-kubernetes-preserve-unknown-fields"
        | "x-kubernetes-embedded-resource"
        | "oneOf"
        | "anyOf"
        | "allOf"
        | "not" => {}
        _ => walk.say(
            Breaking,
            format!("`{name}` differs, and nothing is known about what that means"),
        ),
    }
}

fn kind(walk: &mut Walk<'_>, name: &str, old: Side<'_>, new: Side<'_>) {
    let (before, after) = (kind_of(old.0), kind_of(new.0));
    // Told once, where the type itself is missing or differs.
    let told_elsewhere = name != "type" && (old.0.contains_key("type") || new.0.contains_key("type"));
    if before == after || told_elsewhere {
        return;
    }
    let whom = match (before, after) {
        ("integer" | "string", "int-or-string") | ("integer", "number") | (_, "anything") => {
            "old clients cannot read the new values"
        }
        _ => "stored values no longer fit",
    };
    let message =
        format!("the type changes from {before} to {after}: {whom}. Add a field beside it, or {ELSEWHERE}");
    walk.say(Breaking, message);
}

fn required(walk: &mut Walk<'_>, old: Side<'_>, new: Side<'_>) {
    let before = strings(old.1);
    let fields = new.0.get("properties").and_then(Value::as_object);
    for name in strings(new.1).into_iter().filter(|name| !before.contains(name)) {
        let field = fields.and_then(|fields| fields.get(name));
        if field.is_some_and(|field| field.get("default").is_some()) {
            walk.say(Notable, format!("`{name}` becomes required, and has a default"));
        } else {
            walk.say(Breaking, format!("`{name}` becomes required: objects without it are refused. Give it a default, or leave it optional"));
        }
    }
}

fn values(walk: &mut Walk<'_>, old: Option<&Value>, new: Option<&Value>) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (before, after) = (list(old), list(new));
    if new.is_none() {
        return walk.say(Notable, "any value becomes allowed: readers have to expect it");
    }
    if old.is_none() {
        return walk.say(
            Tightening,
            format!("only {} are allowed from now on", shown(&after)),
        );
    }
    let gone: Vec<Value> = before
        .iter()
        .filter(|value| !after.contains(value))
        .cloned()
        .collect();
    let come: Vec<Value> = after
        .iter()
        .filter(|value| !before.contains(value))
        .cloned()
        .collect();
    if !gone.is_empty() {
        walk.say(Tightening, format!("{} no longer allowed", shown(&gone)));
    }
    if !come.is_empty() {
        walk.say(
            Notable,
            format!("{} become allowed: readers have to expect them", shown(&come)),
        );
    }
}

fn bound(
    walk: &mut Walk<'_>,
    name: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    tighter: fn(f64, f64) -> bool,
) {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    match (number(old), number(new)) {
        // Nothing is shorter than nothing.
        (None, Some(0.0)) if name.starts_with("min") && name != "minimum" => {}
        (None, Some(new)) => walk.say(Tightening, format!("`{name}` is {new} from now on")),
        (Some(old), Some(new)) if tighter(old, new) => {
            walk.say(Tightening, format!("`{name}` changes from {old} to {new}"));
        }
        _ => {}
    }
}

/// Returns whether a format of numbers has room for all of another.
fn widens(old: Option<&Value>, new: Option<&Value>) -> bool {
    let format = |value: Option<&'_ Value>| value.and_then(Value::as_str).map(str::to_owned);
    matches!(
        (format(old).as_deref(), format(new).as_deref()),
        (Some("int32"), Some("int64")) | (Some("float"), Some("double"))
    )
}

fn restriction(walk: &mut Walk<'_>, name: &str, old: Option<&Value>, new: Option<&Value>) {
    match (old, new) {
        (None, Some(new)) => walk.say(Tightening, format!("`{name}` is `{}` from now on", text(new))),
        (Some(old), Some(new)) => {
            walk.say(
                Tightening,
                format!("`{name}` changes from `{}` to `{}`", text(old), text(new)),
            );
        }
        _ => {}
    }
}

fn default(walk: &mut Walk<'_>, old: Option<&Value>, new: Option<&Value>) {
    match (old, new) {
        (None, Some(new)) => walk.say(Notable, format!("what is left out becomes {new}")),
        (Some(old), None) => walk.say(
            Breaking,
            format!("what is left out is no longer {old}. Keep the default, or {ELSEWHERE}"),
        ),
        (Some(old), Some(new)) => walk.say(
            Breaking,
            format!("what is left out becomes {new}, and was {old}. Keep the default, or {ELSEWHERE}"),
        ),
        (None, None) => {}
    }
}

/// How server-side apply merges decides who owns what; managers' fields are recorded accordingly.
fn merge(walk: &mut Walk<'_>, name: &str, old: Option<&Value>, new: Option<&Value>) {
    let show = |value: Option<&Value>| {
        value.map_or_else(|| "the default".to_owned(), |value| format!("`{}`", text(value)))
    };
    let default = |value: Option<&Value>| {
        let value = value.and_then(Value::as_str);
        matches!(
            (name, value),
            ("x-kubernetes-list-type", None | Some("atomic"))
                | ("x-kubernetes-map-type", None | Some("granular"))
        )
    };
    if default(old) && default(new) {
        return;
    }
    let message = format!(
        "`{name}` changes from {} to {}: server-side apply merges and owns it otherwise. Keep it, or {ELSEWHERE}",
        show(old),
        show(new)
    );
    walk.say(Breaking, message);
}

fn rules(walk: &mut Walk<'_>, old: Option<&Value>, new: Option<&Value>) {
    let rules = |value: Option<&Value>| -> Vec<String> {
        let all = value.and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|rule| rule.get("rule")?.as_str().map(str::to_owned))
            .collect()
    };
    let before = rules(old);
    for rule in rules(new).into_iter().filter(|rule| !before.contains(rule)) {
        let impact = if rule.contains("oldSelf") {
            Impact::Breaking
        } else {
            Tightening
        };
        let what = match impact {
            Breaking => {
                "updates that passed may be refused, also of objects that are stored. Let it pass where `oldSelf` breaks it"
            }
            _ => "what was accepted may be refused",
        };
        walk.say(impact, format!("the rule `{rule}` is new: {what}"));
    }
}

fn is_true(value: Option<&Value>) -> bool {
    value == Some(&Value::Bool(true))
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn shown(values: &[Value]) -> String {
    let texts: Vec<String> = values.iter().map(|value| format!("`{}`", text(value))).collect();
    texts.join(", ")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
