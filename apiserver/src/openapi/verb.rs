//! The operations a resource has by its verbs.

use serde_json::{Value, json};

use super::name::{self, capitalized, with_article};
use super::operation::{Dialect, Operation};
use super::parameter::{self, DELETE, LIST, Parameter, WRITE};
use crate::registry::{Resource, Subresource};

/// The definition of what `/scale` speaks.
const SCALE: &str = "io.k8s.api.autoscaling.v1.Scale";
const WATCH_EVENT: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent";

/// Makes the operations of a resource.
pub(super) struct Verbs<'a> {
    resource: &'a Resource,
    dialect: Dialect,
    schema: String,
}

impl<'a> Verbs<'a> {
    pub(super) fn new(resource: &'a Resource) -> Self {
        Self {
            resource,
            dialect: Dialect::of(resource),
            schema: name::schema(resource),
        }
    }

    /// Returns those on the collection of all namespaces.
    pub(super) fn everywhere(&self) -> Vec<Operation> {
        let list = Operation {
            id: format!("list{}{}ForAllNamespaces", self.id(), self.resource.kind),
            parameters: options(&LIST, Vec::new()),
            ..self.list()
        };
        self.served([("list", list)])
    }

    /// Returns those on the collection.
    pub(super) fn collection(&self) -> Vec<Operation> {
        self.served([
            ("list", self.list()),
            ("create", self.create()),
            ("deletecollection", self.delete_collection()),
        ])
    }

    /// Returns those on one object.
    pub(super) fn object(&self) -> Vec<Operation> {
        self.served([
            ("get", self.get("", &self.schema)),
            ("update", self.put("", &self.schema)),
            ("delete", self.delete()),
            ("patch", self.patch("", &self.schema)),
        ])
    }

    /// Returns those on a subresource.
    pub(super) fn subresource(&self, one: &Subresource) -> Vec<Operation> {
        let schema = one.definition.as_deref().unwrap_or(match one.name.as_str() {
            "scale" => SCALE,
            _ => &self.schema,
        });
        let all = [
            ("get", self.get(&one.name, schema)),
            ("update", self.put(&one.name, schema)),
            ("patch", self.patch(&one.name, schema)),
            ("create", self.create_below(one, schema)),
        ];
        let served = all.into_iter().filter(|(verb, _)| one.verbs.contains(verb));
        let kind = (!self.resource.custom).then(|| kind(&one.group, &one.version, &one.kind));
        served
            .map(|(_, operation)| Operation {
                kind: kind.clone().or(operation.kind),
                ..operation
            })
            .collect()
    }

    /// Returns the watch of a collection under its old path.
    pub(super) fn watch_collection(&self) -> Vec<Operation> {
        let name = format!("{}{}List", self.scope(), self.resource.kind);
        self.watch(&name, self.place())
    }

    /// Returns the watch of all namespaces under its old path.
    pub(super) fn watch_everywhere(&self) -> Vec<Operation> {
        self.watch(&format!("{}ListForAllNamespaces", self.resource.kind), Vec::new())
    }

    /// Returns the watch of one object under its old path.
    pub(super) fn watch_object(&self) -> Vec<Operation> {
        let kind = &self.resource.kind;
        let watch = self.watch(&format!("{}{kind}", self.scope()), self.named(kind));
        let single = watch.into_iter().map(|operation| Operation {
            action: Some("watch"),
            description: format!(
                "watch changes to an object of kind {kind}. deprecated: use the 'watch' parameter with a list operation \
                 instead, filtered to a single item with the 'fieldSelector' parameter."
            ),
            ..operation
        });
        single.collect()
    }

    fn watch(&self, name: &str, place: Vec<Parameter>) -> Vec<Operation> {
        if self.resource.custom {
            return Vec::new();
        }
        let description = format!(
            "watch individual changes to a list of {}. deprecated: use the 'watch' parameter with a list operation \
             instead.",
            self.resource.kind
        );
        let watch = Operation {
            id: format!("watch{}{name}", self.id()),
            parameters: options(&LIST, place),
            responses: self.dialect.streamed(WATCH_EVENT),
            ..self.operation("get", "watchlist", description)
        };
        self.served([("watch", watch)])
    }

    fn list(&self) -> Operation {
        let watch = if self.resource.custom || !self.has("watch") {
            ""
        } else {
            "or watch "
        };
        let description = format!("list {watch}objects of kind {}", self.resource.kind);
        Operation {
            id: self.name("list", ""),
            parameters: options(&LIST, self.place()),
            responses: self.dialect.streamed(&name::list_schema(self.resource)),
            ..self.operation("get", "list", description)
        }
    }

    fn create(&self) -> Operation {
        Operation {
            id: self.name("create", ""),
            parameters: options(&WRITE, self.place()),
            request: Some(self.dialect.object(&self.schema)),
            responses: self.dialect.answers(&[200, 201, 202], &self.schema),
            ..self.operation("post", "post", format!("create {}", self.article()))
        }
    }

    fn create_below(&self, one: &Subresource, schema: &str) -> Operation {
        let description = format!("create {} of {}", one.name, self.article());
        Operation {
            id: self.name("create", &one.name),
            parameters: options(&WRITE, self.named(&one.kind)),
            request: Some(self.dialect.object(schema)),
            responses: self.dialect.answers(&[200, 201, 202], schema),
            ..self.operation("post", "post", description)
        }
    }

    fn delete_collection(&self) -> Operation {
        let description = format!("delete collection of {}", self.resource.kind);
        let (names, request) = if self.resource.custom {
            (LIST.to_vec(), None)
        } else {
            let watch = ["allowWatchBookmarks", "watch"];
            let selection = LIST.into_iter().filter(|name| !watch.contains(name));
            (
                selection.chain(DELETE).collect(),
                Some(self.dialect.delete_options()),
            )
        };
        Operation {
            id: format!(
                "delete{}Collection{}{}",
                self.id(),
                self.scope(),
                self.resource.kind
            ),
            parameters: options(&names, self.place()),
            request,
            responses: self.dialect.status(&[200]),
            ..self.operation("delete", "deletecollection", description)
        }
    }

    fn get(&self, below: &str, schema: &str) -> Operation {
        let named = self.named(&self.resource.kind);
        Operation {
            id: self.name("read", below),
            parameters: match self.dialect {
                Dialect::BuiltIn => options(&[], named),
                Dialect::Custom => options(&["resourceVersion"], named),
            },
            responses: self.dialect.answers(&[200], schema),
            ..self.operation("get", "get", self.deed("read", below))
        }
    }

    fn put(&self, below: &str, schema: &str) -> Operation {
        Operation {
            id: self.name("replace", below),
            parameters: options(&WRITE, self.named(&self.resource.kind)),
            request: Some(self.dialect.object(schema)),
            responses: self.dialect.answers(&[200, 201], schema),
            ..self.operation("put", "put", self.deed("replace", below))
        }
    }

    fn delete(&self) -> Operation {
        let codes = &[200, 202];
        let responses = if self.resource.shows_deleted() {
            self.dialect.answers(codes, &self.schema)
        } else {
            self.dialect.status(codes)
        };
        Operation {
            id: self.name("delete", ""),
            parameters: options(&DELETE, self.named(&self.resource.kind)),
            request: Some(self.dialect.delete_options()),
            responses,
            ..self.operation("delete", "delete", format!("delete {}", self.article()))
        }
    }

    fn patch(&self, below: &str, schema: &str) -> Operation {
        let codes = match self.dialect {
            Dialect::BuiltIn => &[200, 201][..],
            Dialect::Custom => &[200],
        };
        let names = [&WRITE[..], &["force"]].concat();
        Operation {
            id: self.name("patch", below),
            parameters: options(&names, self.named(&self.resource.kind)),
            request: Some(self.dialect.patch()),
            responses: self.dialect.answers(codes, schema),
            ..self.operation("patch", "patch", self.deed("partially update", below))
        }
    }

    /// An operation with what all of this resource have in common.
    fn operation(&self, method: &'static str, action: &'static str, description: String) -> Operation {
        let resource = self.resource;
        Operation {
            method,
            tag: format!("{}_{}", name::tag(&resource.group), resource.version),
            id: String::new(),
            description,
            action: Some(action),
            kind: Some(kind(&resource.group, &resource.version, &resource.kind)),
            parameters: Vec::new(),
            request: None,
            responses: Value::Null,
        }
    }

    fn served<const N: usize>(&self, all: [(&'static str, Operation); N]) -> Vec<Operation> {
        let served = all.into_iter().filter(|(verb, _)| self.has(verb));
        served.map(|(_, operation)| operation).collect()
    }

    fn has(&self, verb: &str) -> bool {
        self.resource.verbs.contains(verb)
    }

    fn name(&self, verb: &str, below: &str) -> String {
        let (id, scope, kind) = (self.id(), self.scope(), &self.resource.kind);
        format!("{verb}{id}{scope}{kind}{}", capitalized(below))
    }

    fn deed(&self, verb: &str, below: &str) -> String {
        let of = if below.is_empty() {
            String::new()
        } else {
            format!(" {below} of")
        };
        format!("{verb}{of} the specified {}", self.resource.kind)
    }

    fn id(&self) -> String {
        name::id(&self.resource.group, &self.resource.version)
    }

    fn scope(&self) -> &'static str {
        if self.resource.is_namespaced() {
            "Namespaced"
        } else {
            ""
        }
    }

    fn article(&self) -> String {
        with_article(&self.resource.kind)
    }

    /// The parts of the path of a collection.
    fn place(&self) -> Vec<Parameter> {
        let namespaced = self.resource.is_namespaced();
        let namespace = namespaced.then(|| parameter::path("namespace", "the namespace of the object"));
        namespace.into_iter().collect()
    }

    /// The parts of the path of an object.
    fn named(&self, kind: &str) -> Vec<Parameter> {
        let mut place = self.place();
        place.push(parameter::path("name", format!("name of the {kind}")));
        place
    }
}

/// Options of an operation; all can be asked to be indented.
fn options(names: &[&str], place: Vec<Parameter>) -> Vec<Parameter> {
    let named = parameter::query(names).chain(parameter::query(&["pretty"]));
    place.into_iter().chain(named).collect()
}

fn kind(group: &str, version: &str, kind: &str) -> Value {
    json!({"group": group, "version": version, "kind": kind})
}
