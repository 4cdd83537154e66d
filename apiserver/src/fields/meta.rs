//! The shapes of the fields every custom object has, whatever its schema declares.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::json;

use super::shape::Shape;
use crate::schema::{Additional, Definitions, ListType, MapType, Node, Schema, Type};

/// The shape of a field of the object itself, if it is one that every object has.
pub(super) fn field(name: &str) -> Option<Shape<'static>> {
    let schema = match name {
        "apiVersion" | "kind" => &TEXT,
        "metadata" => &OBJECT_META,
        _ => return None,
    };
    Some(Shape::node(Node::new(schema, &NONE)))
}

static NONE: LazyLock<Definitions> = LazyLock::new(Definitions::new);

static TEXT: LazyLock<Schema> = LazyLock::new(|| scalar(Type::String));

static OBJECT_META: LazyLock<Schema> = LazyLock::new(|| {
    object([
        ("annotations", map(scalar(Type::String))),
        ("creationTimestamp", time()),
        ("deletionGracePeriodSeconds", scalar(Type::Integer)),
        ("deletionTimestamp", time()),
        ("finalizers", list(ListType::Set, &[], scalar(Type::String))),
        ("generateName", scalar(Type::String)),
        ("generation", scalar(Type::Integer)),
        ("labels", map(scalar(Type::String))),
        ("managedFields", list(ListType::Atomic, &[], object([]))),
        ("name", scalar(Type::String)),
        ("namespace", scalar(Type::String)),
        (
            "ownerReferences",
            list(ListType::Map, &["uid"], owner_reference()),
        ),
        ("resourceVersion", scalar(Type::String)),
        ("selfLink", scalar(Type::String)),
        ("uid", scalar(Type::String)),
    ])
});

fn owner_reference() -> Schema {
    let text = || Schema {
        default: Some(json!("")),
        ..scalar(Type::String)
    };
    Schema {
        map_type: Some(MapType::Atomic),
        ..object([
            ("apiVersion", text()),
            ("blockOwnerDeletion", scalar(Type::Boolean)),
            ("controller", scalar(Type::Boolean)),
            ("kind", text()),
            ("name", text()),
            ("uid", text()),
        ])
    }
}

fn scalar(kind: Type) -> Schema {
    Schema {
        kind: Some(kind),
        ..Schema::default()
    }
}

fn time() -> Schema {
    Schema {
        format: Some("date-time".to_owned()),
        ..scalar(Type::String)
    }
}

fn map(values: Schema) -> Schema {
    Schema {
        additional: Additional::Schema(Box::new(values)),
        ..scalar(Type::Object)
    }
}

fn list(list_type: ListType, keys: &[&str], items: Schema) -> Schema {
    Schema {
        items: Some(Box::new(items)),
        list_type: Some(list_type),
        list_map_keys: keys.iter().map(|&key| key.to_owned()).collect(),
        ..scalar(Type::Array)
    }
}

fn object<const N: usize>(fields: [(&str, Schema); N]) -> Schema {
    let fields = fields.into_iter().map(|(name, schema)| (name.to_owned(), schema));
    Schema {
        properties: fields.collect::<BTreeMap<_, _>>(),
        ..scalar(Type::Object)
    }
}
