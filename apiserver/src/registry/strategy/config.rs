//! Config maps and secrets.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::edit::{self, ensure, entries, put, text_at};
use super::hooks::{Hooks, NONE};
use super::name;
use super::rule::Rules;
use crate::status::FieldError;

/// The data of one object.
const DATA_BYTES: usize = 1024 * 1024;

pub(super) const CONFIG_MAP: Hooks = Hooks {
    validate: |rules, value| {
        let mut size = 0;
        for field in ["data", "binaryData"] {
            for (key, text) in entries(value, &format!("/{field}")) {
                let place = format!("{field}[{key}]");
                rules.reasons(&place, key, name::config_key(key));
                if field == "data" && value["binaryData"].get(key).is_some() {
                    rules.invalid(&place, &json!(key), "duplicate of key present in binaryData");
                }
                size += bytes(field == "binaryData", text);
            }
        }
        if size > DATA_BYTES {
            rules.push(FieldError::too_long("", DATA_BYTES));
        }
    },
    validate_update: |rules, new, old| frozen(rules, new, old, &["data", "binaryData"]),
    ..NONE
};

pub(super) const SECRET: Hooks = Hooks {
    default: |value| {
        let secret = edit::map(value);
        put(secret, "type", "Opaque");
        let Some(Value::Object(texts)) = secret.remove("stringData") else {
            return;
        };
        let data = ensure(secret, "data");
        for (key, text) in texts {
            data.insert(
                key,
                json!(BASE64_STANDARD.encode(text.as_str().unwrap_or_default())),
            );
        }
    },
    validate: |rules, value| {
        let mut size = 0;
        for (key, text) in entries(value, "/data") {
            rules.reasons(&format!("data[{key}]"), key, name::config_key(key));
            size += bytes(true, text);
        }
        if size > DATA_BYTES {
            rules.push(FieldError::too_long("data", DATA_BYTES));
        }
        required_keys(rules, value);
    },
    validate_update: |rules, new, old| {
        rules.immutable(new, old, "/type");
        frozen(rules, new, old, &["data"]);
    },
    ..NONE
};

fn bytes(encoded: bool, text: &Value) -> usize {
    let text = text.as_str().unwrap_or_default();
    if encoded { text.len() / 4 * 3 } else { text.len() }
}

/// What is immutable stays so, with all its data.
fn frozen(rules: &mut Rules, new: &Value, old: &Value, fields: &[&str]) {
    if old["immutable"] != true {
        return;
    }
    let detail = "field is immutable when `immutable` is set";
    if new["immutable"] != true {
        rules.forbidden("immutable", detail);
    }
    for field in fields.iter().filter(|field| new[**field] != old[**field]) {
        rules.forbidden(*field, detail);
    }
}

/// Some types of secret promise certain keys.
fn required_keys(rules: &mut Rules, secret: &Value) {
    let keys: &[&str] = match text_at(secret, "/type") {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/basic-auth" => {
            let either = ["username", "password"]
                .iter()
                .any(|key| secret["data"].get(key).is_some());
            if either { &[] } else { &["username", "password"] }
        }
        "kubernetes.io/service-account-token" => {
            let account = "kubernetes.io/service-account.name";
            if secret["metadata"]["annotations"][account]
                .as_str()
                .unwrap_or_default()
                .is_empty()
            {
                rules.required(format!("metadata.annotations[{account}]"), "");
            }
            &[]
        }
        _ => &[],
    };
    for key in keys.iter().filter(|key| secret["data"].get(**key).is_none()) {
        rules.required(format!("data[{key}]"), "");
    }
    docker_config(rules, secret);
}

fn docker_config(rules: &mut Rules, secret: &Value) {
    let key = match text_at(secret, "/type") {
        "kubernetes.io/dockerconfigjson" => ".dockerconfigjson",
        "kubernetes.io/dockercfg" => ".dockercfg",
        _ => return,
    };
    let Some(text) = secret["data"][key].as_str() else {
        return;
    };
    let json = BASE64_STANDARD.decode(text).unwrap_or_default();
    if serde_json::from_slice::<Value>(&json).is_err() {
        let first = String::from_utf8_lossy(&json).chars().next();
        let detail = match first {
            Some(letter) => format!("invalid character '{letter}' looking for beginning of value"),
            None => "unexpected end of JSON input".to_owned(),
        };
        rules.invalid(
            format!("data[{key}]"),
            &json!("<secret contents redacted>"),
            &detail,
        );
    }
}
