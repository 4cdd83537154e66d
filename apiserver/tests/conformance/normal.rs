//! Replaces what differs from run to run by stand-ins: uids, times, revisions, tokens, addresses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::scenario::{Answer, Exchange};

/// Numbers stand-ins by first appearance, so that equal values stay equal.
#[derive(Default)]
pub(crate) struct Normalizer {
    saved: BTreeMap<String, String>,
    uids: BTreeMap<String, usize>,
    revisions: BTreeMap<String, usize>,
}

impl Normalizer {
    /// Fills `{{name}}` by what was saved under the name.
    pub(crate) fn fill(&self, text: &str) -> String {
        let fill_one =
            |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{{{name}}}}}"), value);
        self.saved.iter().fold(text.to_owned(), fill_one)
    }

    /// Saves what the exchange asks for from its answer.
    pub(crate) fn save(&mut self, exchange: &Exchange, answer: &Answer) {
        let body: Value = serde_json::from_str(&answer.body.join("\n")).unwrap_or_default();
        for (name, path) in &exchange.save {
            let found = path.split('.').fold(&body, |value, field| &value[field]);
            let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            self.saved.insert(name.clone(), text);
        }
    }

    /// Returns the answer with stand-ins.
    pub(crate) fn answer(&mut self, mut answer: Answer) -> Answer {
        answer.content_type = answer
            .content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        if answer.content_type == "application/yaml" {
            answer.body = as_json(&answer.body);
        }
        answer.body = answer.body.iter().map(|line| self.line(line)).collect();
        answer.warnings = answer.warnings.iter().map(|text| self.text(text)).collect();
        answer.warnings.sort();
        answer
    }

    fn line(&mut self, line: &str) -> String {
        match serde_json::from_str::<Value>(line) {
            Ok(mut value) => {
                sort_mistakes(&mut value);
                self.value(&mut value, &mut Vec::new());
                value.to_string()
            }
            Err(_) => self.text(line),
        }
    }

    fn value(&mut self, value: &mut Value, path: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                generated_name(map);
                self.owner_keys(map);
                progress(map);
                for (key, field) in map {
                    path.push(key.clone());
                    self.value(field, path);
                    path.pop();
                }
            }
            Value::Array(list) => {
                list.iter_mut().for_each(|item| self.value(item, path));
                if path.last().is_some_and(|key| key == "managedFields") {
                    list.sort_by_cached_key(manager_order);
                }
            }
            Value::String(text) => *text = self.scalar(text, path),
            _ => {}
        }
    }

    /// Keys of owner references in `managedFields` hold uids.
    fn owner_keys(&mut self, map: &mut Map<String, Value>) {
        let (owners, others): (Vec<_>, Vec<_>) = std::mem::take(map)
            .into_iter()
            .partition(|(key, _)| key.starts_with("k:{\"uid\":"));
        map.extend(others);
        map.extend(owners.into_iter().map(|(key, value)| (self.text(&key), value)));
    }

    fn scalar(&mut self, text: &str, path: &[String]) -> String {
        let key = path.last().map(String::as_str).unwrap_or_default();
        match key {
            "resourceVersion" if path.len() == 2 || text == "<revision>" => "<revision>".to_owned(),
            "resourceVersion" => number("revision", &mut self.revisions, text),
            "continue" if !text.is_empty() => "<continue>".to_owned(),
            "token" => "<token>".to_owned(),
            "ca.crt" => "<certificate>".to_owned(),
            // How old an object looks depends on how long the story took.
            "cells" if AGE.is_match(text) => "<age>".to_owned(),
            "serverAddress" => "<address>".to_owned(),
            _ => self.text(text),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        let uids: Vec<String> = UID
            .find_iter(&text)
            .map(|found| found.as_str().to_owned())
            .collect();
        for uid in uids {
            text = text.replace(&uid, &number("uid", &mut self.uids, &uid));
        }
        for (pattern, stand_in) in STAND_INS.iter() {
            text = pattern.replace_all(&text, *stand_in).into_owned();
        }
        text
    }
}

static UID: LazyLock<Regex> =
    LazyLock::new(|| pattern("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"));

static AGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\d+[dhms])+$"));

/// What is the same from run to run only in its form.
static STAND_INS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let stand_ins = [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (
            r"resource version: \d+( \(\d+\))?(, current: \d+)?",
            "resource version: <revision>",
        ),
        (r#"(resourceVersion\\?"?: ?\\?")\d+"#, "$1<revision>"),
        (r"in record \(\d+\)", "in record (<revision>)"),
        (r"\b10\.\d+\.\d+\.\d+\b", "<address>"),
        (r"hash=[0-9A-F]+", "hash=<hash>"),
    ];
    stand_ins.map(|(text, stand_in)| (pattern(text), stand_in)).into()
});

/// How far a bookmark says a watch has come depends on all that others do.
fn progress(event: &mut Map<String, Value>) {
    if event.get("type").is_some_and(|kind| kind == "BOOKMARK")
        && let Some(metadata) = event
            .get_mut("object")
            .and_then(|object| object.get_mut("metadata"))
    {
        metadata["resourceVersion"] = "<revision>".into();
    }
}

/// The real server reports several mistakes in no particular order.
fn sort_mistakes(status: &mut Value) {
    let Some(causes) = status
        .pointer_mut("/details/causes")
        .and_then(Value::as_array_mut)
    else {
        return;
    };
    causes.sort_by_cached_key(Value::to_string);
    let several = causes.len() > 1;
    if let Some(Value::String(message)) = status.get_mut("message")
        && let Some((head, _)) = message.split_once(" is invalid: [")
        && several
    {
        *message = format!("{head} is invalid: <causes>");
    }
}

/// YAML is compared by what it says: there are several ways to quote a key.
fn as_json(lines: &[String]) -> Vec<String> {
    match serde_saphyr::from_str::<Value>(&lines.join("\n")) {
        Ok(value) => vec![value.to_string()],
        Err(_) => lines.to_vec(),
    }
}

/// A made-up name ends in five characters of chance.
fn generated_name(map: &mut Map<String, Value>) {
    let prefix = map.get("generateName").and_then(Value::as_str).map(str::to_owned);
    if let (Some(prefix), Some(Value::String(name))) = (prefix, map.get_mut("name"))
        && name.starts_with(&prefix)
    {
        let made_up = std::mem::replace(name, format!("{prefix}<suffix>"));
        let labels = map.get_mut("labels").and_then(Value::as_object_mut);
        for label in labels.into_iter().flat_map(serde_json::Map::values_mut) {
            if *label == made_up {
                *label = Value::from(format!("{prefix}<suffix>"));
            }
        }
    }
}

fn manager_order(entry: &Value) -> String {
    ["operation", "manager", "subresource", "apiVersion"]
        .map(|key| entry[key].to_string())
        .join(" ")
}

fn number(what: &str, known: &mut BTreeMap<String, usize>, value: &str) -> String {
    let next = known.len() + 1;
    format!("<{what} {}>", known.entry(value.to_owned()).or_insert(next))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns above are valid")
}
