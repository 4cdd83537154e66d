//! Custom resources in places nobody expects, and of all forms.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::CustomResource as _;
use krate::crd::SchemaError;

/// What a kind is about, and its definition.
pub(crate) type Kind = (&'static str, Result<CustomResourceDefinition, SchemaError>);

/// Columns, selectable fields and a scale through all that paths can lead through.
mod paths {
    use std::collections::BTreeMap;

    use k8s_openapi::api::core::v1::PodTemplateSpec;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
    use krate::prelude::*;

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[kube(
        group = "paths.example.com",
        version = "v1",
        kind = "Thing",
        namespaced,
        status = "Status",
        printcolumn(name = "A", type_ = "string", json_path = ".spec.name"),
        printcolumn(
            name = "B",
            type_ = "string",
            json_path = ".metadata.labels['app\\.kubernetes\\.io/name']"
        ),
        printcolumn(
            name = "C",
            type_ = "string",
            json_path = ".metadata.labels.app\\.kubernetes\\.io/name"
        ),
        printcolumn(
            name = "D",
            type_ = "string",
            json_path = ".status.conditions[?(@.type==\"Ready\")].status"
        ),
        printcolumn(name = "E", type_ = "string", json_path = ".status.conditions[-1:].type"),
        printcolumn(name = "F", type_ = "string", json_path = ".spec.ports[*].name"),
        printcolumn(name = "G", type_ = "integer", json_path = ".spec.ports[0]['number']"),
        printcolumn(name = "H", type_ = "date", json_path = ".status.since"),
        printcolumn(name = "I", type_ = "string", json_path = ".spec..name"),
        printcolumn(
            name = "J",
            type_ = "string",
            json_path = ".spec.template.spec.containers[0].image"
        ),
        printcolumn(name = "K", type_ = "integer", json_path = ".spec.any.thing.at.all"),
        printcolumn(name = "L", type_ = "number", json_path = ".spec.share"),
        printcolumn(name = "M", type_ = "string", json_path = ".spec.mode"),
        printcolumn(name = "N", type_ = "integer", json_path = ".spec.sizes.North"),
        printcolumn(name = "O", type_ = "boolean", json_path = ".spec.on", priority = 1),
        selectable = ".spec.name",
        selectable = ".spec.mode",
        selectable = ".spec.on",
        selectable = ".spec.nested.deep",
        selectable = ".status.phase",
        selectable = ".spec.replicas",
        selectable = ".spec.sizes.North",
        scale(
            spec_replicas_path = ".spec.replicas",
            status_replicas_path = ".status.replicas",
            label_selector_path = ".status.selector"
        )
    )]
    pub(super) struct ThingSpec {
        name: Name,
        ports: Vec<Port>,
        template: PodTemplateSpec,
        #[x_kube(preserve_unknown_fields)]
        any: serde_json::Value,
        share: f64,
        mode: Mode,
        port: IntOrString,
        on: Option<bool>,
        nested: Option<Nested>,
        replicas: Option<u32>,
        sizes: BTreeMap<Mode, i32>,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    struct Name(String);

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    struct Nested {
        deep: Option<String>,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    struct Port {
        name: String,
        number: u16,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Mode {
        /// Up.
        North,
        South,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    pub(super) struct Status {
        conditions: Conditions,
        since: Option<Time>,
        phase: Option<Mode>,
        replicas: i32,
        selector: Option<String>,
    }
}

/// An enum as spec.
mod word {
    use krate::prelude::*;

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[kube(
        group = "word.example.com",
        version = "v1",
        kind = "Thing",
        printcolumn(name = "A", type_ = "string", json_path = ".spec.type"),
        validation = "self.spec.type == 'A' || self.spec.size > 0",
        selectable = ".spec.type"
    )]
    #[serde(tag = "type")]
    pub(super) enum ThingSpec {
        A,
        B { size: i32 },
    }
}

/// A newtype as spec.
mod wrapped {
    use krate::prelude::*;

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[kube(
        group = "wrapped.example.com",
        version = "v1",
        kind = "Thing",
        printcolumn(name = "A", type_ = "integer", json_path = ".spec.a"),
        validation = "self.spec.a > 0"
    )]
    #[serde(transparent)]
    pub(super) struct ThingSpec(Inner);

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    struct Inner {
        a: i32,
    }
}

/// Fields at the root, some of them flattened, with a map as status.
mod flat {
    use krate::prelude::*;

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[kube(
        group = "flat.example.com",
        version = "v1",
        kind = "Thing",
        no_spec,
        status = "std::collections::BTreeMap<String, String>",
        printcolumn(name = "A", type_ = "integer", json_path = ".replicas"),
        printcolumn(name = "B", type_ = "string", json_path = ".status.phase"),
        validation = "self.replicas > 0 && self.base.x > 1 && self.metadata.name.size() < 10"
    )]
    pub(super) struct ThingSpec {
        replicas: i32,
        base: Base,
        #[serde(flatten)]
        more: More,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    struct Base {
        x: i32,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    struct More {
        y: i32,
    }
}

/// The crate under another name.
mod renamed {
    use krate::prelude::*;

    mod own {
        pub(super) use krate as other;
    }

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[kube(
        group = "renamed.example.com",
        version = "v1",
        kind = "Thing",
        crate = "own::other",
        printcolumn(name = "A", type_ = "integer", json_path = ".spec.part.x"),
        validation = "self.spec.part.x > 1"
    )]
    #[x_kube(crate = own::other)]
    pub(super) struct ThingSpec {
        part: Part,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[x_kube(crate = own::other)]
    struct Part {
        x: i32,
    }
}

/// Rules over the whole object.
mod whole {
    use krate::prelude::*;

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
    #[kube(
        group = "whole.example.com",
        version = "v1",
        kind = "Thing",
        status = "Status",
        validation = "self.metadata.name == 'cluster'",
        validation = "self.metadata.name.size() + self.spec.name.size() < 63 && self.kind == 'Thing'",
        validation = "!has(self.status) || self.status.n <= self.spec.n",
        validation(
            rule = "!has(oldSelf.status) || has(self.status)",
            message_expression = "self.metadata.name + ' lost its status'"
        ),
        validation = "has(self.metadata.generateName) || self.apiVersion != ''"
    )]
    pub(super) struct ThingSpec {
        name: String,
        n: i32,
    }

    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
    pub(super) struct Status {
        n: i64,
    }
}

/// Nothing in it, and everything about it; the name is as long as one may be.
mod named {
    use krate::prelude::*;

    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default)]
    #[kube(
        group = "a-very-long-group.named.example.com",
        version = "v1alpha1",
        kind = "Abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefg",
        root = "Thing",
        plural = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk",
        shortname = "t",
        shortname = "th",
        category = "all",
        label("a.b/c", "d"),
        annotation("e.f/g", "h i"),
        deprecated = "old",
        derive = "Default"
    )]
    pub(super) struct ThingSpec {}
}

/// Made by a macro, all fields from outside.
macro_rules! kind {
    ($module:ident, $group:literal, $kind:literal { $($field:ident: $type:ty = $least:expr),* } $rule:literal) => {
        mod $module {
            use krate::prelude::*;

            #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
            #[kube(group = $group, version = "v1", kind = $kind, root = "Thing", validation = $rule)]
            pub(super) struct Spec {
                $(#[x_kube(minimum = $least)] $field: $type,)*
            }
        }
    };
}

kind!(made, "made.example.com", "Goose" { size: i32 = 1, share: f64 = 0.5 } "self.spec.size > 1");
kind!(irregular, "irregular.example.com", "Policy" { r#type: u8 = 1 } "self.spec.type > 1");

/// In a house with strict rules.
#[deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unsafe_code,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
mod strict {
    use krate::prelude::*;

    /// A spec.
    #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
    #[kube(
        group = "strict.example.com",
        version = "v1",
        kind = "Thing",
        namespaced,
        status = "Status",
        derive = "PartialEq",
        printcolumn(name = "Size", type_ = "integer", json_path = ".spec.size")
    )]
    pub(crate) struct ThingSpec {
        /// A field.
        pub(crate) size: i32,
        /// A field.
        #[deprecated(note = "write `size`")]
        pub(crate) old: Option<i32>,
    }

    /// A status.
    #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
    pub(crate) struct Status {
        /// A field.
        #[serde(default)]
        pub(crate) conditions: Conditions,
    }
}

/// Two in the bodies of two functions, under the same names.
fn inside() -> [Kind; 2] {
    fn one() -> Kind {
        use krate::prelude::*;

        #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
        #[kube(
            group = "one.example.com",
            version = "v1",
            kind = "Thing",
            validation = "self.spec.item.a > 1"
        )]
        struct ThingSpec {
            item: Item,
        }

        #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
        struct Item {
            a: i32,
        }
        ("inside of a function", Thing::try_crd())
    }

    fn two() -> Kind {
        use krate::prelude::*;

        #[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug)]
        #[kube(
            group = "two.example.com",
            version = "v1",
            kind = "Thing",
            validation = "self.spec.item.b > 1"
        )]
        struct ThingSpec {
            #[x_kube(list_type = "map", list_map_keys("b"))]
            items: Vec<Item>,
            item: Item,
        }

        #[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
        struct Item {
            b: i32,
        }
        ("inside of another", Thing::try_crd())
    }
    [one(), two()]
}

pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = vec![
        ("paths through everything", paths::Thing::try_crd()),
        ("an enum as spec", word::Thing::try_crd()),
        ("a newtype as spec", wrapped::Thing::try_crd()),
        ("fields at the root", flat::Thing::try_crd()),
        ("the crate under another name", renamed::Thing::try_crd()),
        ("rules over the whole object", whole::Thing::try_crd()),
        ("long names and nothing else", named::Thing::try_crd()),
        ("made by a macro", made::Thing::try_crd()),
        ("an irregular plural", irregular::Thing::try_crd()),
        ("a strict house", strict::Thing::try_crd()),
    ];
    kinds.extend(inside());
    kinds
}
