//! What a request does, as admission is told.

use serde_json::{Map, Value, json};

use crate::admission::{Attributes, Operation, Shape};
use crate::handler::call::Call;
use crate::object::Meta;
use crate::registry::Resource;
use crate::request::{DeleteOptions, Propagation, Verb, WriteOptions};

/// An operation with its options.
#[derive(Debug, Clone)]
pub(in crate::handler) struct Act {
    operation: Operation,
    options: Value,
    dry_run: bool,
    /// As the request gives it.
    name: String,
}

impl Act {
    /// Making an object; `name` is the one given.
    pub(in crate::handler) fn create(call: &Call<'_>, options: &WriteOptions, name: &str) -> Self {
        Self {
            operation: Operation::Create,
            options: write_options(call, "CreateOptions"),
            dry_run: options.dry_run,
            name: name.to_owned(),
        }
    }

    /// Changing the object of this name.
    pub(in crate::handler) fn update(call: &Call<'_>, options: &WriteOptions, name: &str) -> Self {
        let kind = match call.request.info.verb {
            Verb::Patch => "PatchOptions",
            _ => "UpdateOptions",
        };
        Self {
            operation: Operation::Update,
            options: write_options(call, kind),
            dry_run: options.dry_run,
            name: name.to_owned(),
        }
    }

    /// Removing the object of this name.
    pub(in crate::handler) fn delete(options: &DeleteOptions, name: &str) -> Self {
        Self {
            operation: Operation::Delete,
            options: delete_options(options),
            dry_run: options.dry_run,
            name: name.to_owned(),
        }
    }

    /// Returns what webhooks are told of it; `object` is the present state of what it is about.
    pub(super) fn attributes(&self, call: &Call<'_>, object: Option<&Value>) -> Attributes {
        let resource = &call.resource;
        let name = if self.name.is_empty() {
            object.map(Meta::name).unwrap_or_default()
        } else {
            &self.name
        };
        let namespace = match resource.is_namespaced() {
            true => object.map(Meta::namespace).unwrap_or_default(),
            // A namespace is in itself.
            false if resource.group.is_empty() && resource.plural == "namespaces" => name,
            false => "",
        };
        let namespace = if namespace.is_empty() {
            call.namespace()
        } else {
            namespace.to_owned()
        };
        Attributes {
            operation: self.operation,
            shape: shape(resource, &call.speaks),
            subresource: call.endpoint.name().to_owned(),
            namespace,
            name: name.to_owned(),
            options: self.options.clone(),
            dry_run: self.dry_run,
            user: call.request.identity.to_user_info(),
        }
    }
}

/// Returns the endpoint in the version of `resource`, where objects are of the kind `speaks` describes.
pub(super) fn shape(resource: &Resource, speaks: &Resource) -> Shape {
    Shape {
        group: resource.group.clone(),
        version: resource.version.clone(),
        plural: resource.plural.clone(),
        object: (speaks.group.clone(), speaks.version.clone(), speaks.kind.clone()),
    }
}

fn write_options(call: &Call<'_>, kind: &str) -> Value {
    let query = &call.request.query;
    let mut options = typed(kind);
    for field in ["fieldManager", "fieldValidation"] {
        if let Some(text) = query.first(field).filter(|text| !text.is_empty()) {
            options.insert(field.to_owned(), json!(text));
        }
    }
    let dry_run: Vec<&str> = query.all("dryRun").filter(|value| !value.is_empty()).collect();
    if !dry_run.is_empty() {
        options.insert("dryRun".to_owned(), json!(dry_run));
    }
    if kind == "PatchOptions"
        && let Some(force) = query.flag("force")
    {
        options.insert("force".to_owned(), json!(force));
    }
    Value::Object(options)
}

fn delete_options(options: &DeleteOptions) -> Value {
    let mut sent = typed("DeleteOptions");
    let mut put = |field: &str, value: Value| drop(sent.insert(field.to_owned(), value));
    if let Some(seconds) = options.grace_period {
        put("gracePeriodSeconds", json!(seconds));
    }
    if let Some(propagation) = options.propagation {
        let policy = match propagation {
            Propagation::Foreground => "Foreground",
            Propagation::Background => "Background",
            Propagation::Orphan => "Orphan",
        };
        put("propagationPolicy", json!(policy));
    }
    let mut preconditions = Map::new();
    let wanted = &options.preconditions;
    for (field, value) in [
        ("uid", &wanted.uid),
        ("resourceVersion", &wanted.resource_version),
    ] {
        if let Some(value) = value {
            preconditions.insert(field.to_owned(), json!(value));
        }
    }
    if !preconditions.is_empty() {
        put("preconditions", Value::Object(preconditions));
    }
    if options.dry_run {
        put("dryRun", json!(["All"]));
    }
    Value::Object(sent)
}

fn typed(kind: &str) -> Map<String, Value> {
    let mut options = Map::new();
    options.insert("kind".to_owned(), json!(kind));
    options.insert("apiVersion".to_owned(), json!("meta.k8s.io/v1"));
    options
}
