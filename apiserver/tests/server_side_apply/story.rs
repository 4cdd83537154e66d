//! One object under a series of writes.

use std::sync::Arc;

use krate_apiserver::fields::{self, Writer};
use krate_apiserver::patch;
use krate_apiserver::registry::{Registry, ResetFields, Resource};
use krate_apiserver::schema::Schema;
use krate_apiserver::status::Error;
use serde_json::{Value, json};

/// One object and who writes it; each write is a second after the one before.
pub(crate) struct Story {
    pub(crate) resource: Resource,
    pub(crate) live: Option<Value>,
    seconds: u8,
}

impl Story {
    pub(crate) fn of(group: &str, version: &str, plural: &str) -> Self {
        let resource = Registry::new()
            .lookup(group, version, plural)
            .expect("the kind is built in");
        Self::on(Arc::unwrap_or_clone(resource))
    }

    pub(crate) fn custom(spec: Value) -> Self {
        let schema = json!({"type": "object", "properties": {
            "spec": spec,
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        }});
        let mut story = Self::of("apps", "v1", "deployments");
        story.resource = Resource {
            group: "y.io".to_owned(),
            kind: "W".to_owned(),
            plural: "ws".to_owned(),
            custom: true,
            schema: Some(Arc::new(Schema::parse(&schema))),
            reset_fields: ResetFields {
                main: vec!["status".to_owned()],
                status: vec!["spec".to_owned()],
            },
            ..story.resource
        };
        story
    }

    pub(crate) fn on(resource: Resource) -> Self {
        Self {
            resource,
            live: None,
            seconds: 0,
        }
    }

    pub(crate) fn write<T>(
        &mut self,
        manager: &str,
        subresource: &str,
        write: impl FnOnce(Writer<'_>, Option<&Value>) -> T,
    ) -> T {
        self.seconds += 1;
        let now = format!("2026-01-01T00:00:{:02}Z", self.seconds);
        let writer = Writer {
            resource: &self.resource,
            manager,
            subresource,
            now: &now,
        };
        write(writer, self.live.as_ref())
    }

    pub(crate) fn object(&self, body: &Value) -> Value {
        let mut object = json!({
            "apiVersion": self.resource.api_version(), "kind": self.resource.kind, "metadata": {"name": "s"},
        });
        for (name, value) in body.as_object().into_iter().flatten() {
            object[name] = value.clone();
        }
        object
    }

    /// Stores what a write made, as the server does: with a uid.
    pub(crate) fn store(&mut self, mut object: Value) {
        object["metadata"]["uid"] = json!("u");
        self.live = Some(object);
    }

    pub(crate) fn try_apply(
        &mut self,
        manager: &str,
        subresource: &str,
        body: Value,
        force: bool,
    ) -> Result<(), Error> {
        let config = self.object(&body);
        let applied = self.write(manager, subresource, |writer, live| {
            fields::apply(writer, live, &config, force)
        })?;
        self.store(applied);
        Ok(())
    }

    pub(crate) fn apply(&mut self, manager: &str, body: Value) -> &mut Self {
        self.try_apply(manager, "", body, false).expect("no conflict");
        self
    }

    pub(crate) fn force(&mut self, manager: &str, body: Value) -> &mut Self {
        self.try_apply(manager, "", body, true).expect("no mistake");
        self
    }

    pub(crate) fn refused(&mut self, manager: &str, body: Value) -> Error {
        self.try_apply(manager, "", body, false)
            .expect_err("a mistake or a conflict")
    }

    pub(crate) fn create(&mut self, manager: &str, body: Value) -> &mut Self {
        let object = self.object(&body);
        let created = self.write(manager, "", |writer, live| fields::update(writer, live, object));
        self.store(created);
        self
    }

    pub(crate) fn patch(&mut self, manager: &str, subresource: &str, patch: Value) -> &mut Self {
        let live = self.live.clone().expect("the object exists");
        let patched = patch::merge::apply(&live, &patch).expect("a merge patch");
        let updated = self.write(manager, subresource, |writer, live| {
            fields::update(writer, live, patched)
        });
        self.store(updated);
        self
    }

    #[track_caller]
    pub(crate) fn has(&mut self, pointer: &str, expected: Value) -> &mut Self {
        let live = self.live.as_ref().expect("the object exists");
        assert_eq!(live.pointer(pointer), Some(&expected));
        self
    }

    /// Compares the owners, written as `manager` or `manager/subresource`, with `+` after appliers.
    #[track_caller]
    pub(crate) fn owned(&mut self, expected: &[(&str, Value)]) -> &mut Self {
        let live = self.live.as_ref().expect("the object exists");
        let entries = live["metadata"].get("managedFields").and_then(Value::as_array);
        let show = |entry: &Value| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default();
            let applier = if text("operation") == "Apply" { "+" } else { "" };
            let subresource = match text("subresource") {
                "" => String::new(),
                name => format!("/{name}"),
            };
            (
                format!("{}{subresource}{applier}", text("manager")),
                entry["fieldsV1"].clone(),
            )
        };
        let actual: Vec<_> = entries.into_iter().flatten().map(show).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, fields)| ((*name).to_owned(), fields.clone()))
            .collect();
        assert_eq!(actual, expected);
        self
    }
}

#[track_caller]
pub(crate) fn assert_refused(error: Error, code: u16, message: &str) {
    assert_eq!((error.code, error.message.as_str()), (code, message));
}

pub(crate) fn config_map() -> Story {
    Story::of("", "v1", "configmaps")
}

pub(crate) fn deployment() -> Value {
    json!({"spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{
                "name": "c1", "image": "i1", "env": [{"name": "A", "value": "1"}], "ports": [{"containerPort": 80}],
            }]},
        },
    }})
}

pub(crate) fn custom() -> Story {
    Story::custom(json!({"type": "object", "properties": {
        "size": {"type": "integer"},
        "obj": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": {"type": "string"}},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "port": {"x-kubernetes-int-or-string": true},
        "ports": {
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n", "proto"],
            "items": {"type": "object", "properties": {
                "n": {"type": "string"}, "p": {"type": "integer"},
                "proto": {"type": "string", "default": "TCP"},
            }},
        },
    }}))
}
