//! What may stand at a place of an object, as far as ownership is concerned.
//!
//! A [`Shape`] is a schema node, or one of the two stand-ins for places the schema says nothing of: there maps
//! are owned field by field and lists whole ([`Shape::Deduced`]), or everything is owned whole
//! ([`Shape::Untyped`]). [`Shape::at`] decides which of the forms of a shape a value takes.

use serde_json::Value;

use super::meta;
use crate::registry::Resource;
use crate::schema::{Additional, ListType, MapType, Node, Schema, Type};

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'a> {
    /// What a schema says.
    Declared(Place<'a>),
    /// Anything; maps are owned by field, lists whole.
    Deduced,
    /// Anything, owned whole.
    Untyped,
}

/// A schema node and what it inherits from the places above.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    node: Node<'a>,
    /// Fields the schema does not declare are kept here.
    open: bool,
    /// The value is a whole object: it has `apiVersion`, `kind` and `metadata` whatever the schema declares.
    object: bool,
}

/// The forms a value may take at a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Forms<'a> {
    pub(super) map: Option<MapForm<'a>>,
    pub(super) scalar: Option<ScalarForm>,
    pub(super) list: Option<ListForm<'a>>,
}

/// The one form that counts for a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    Map(MapForm<'a>),
    Scalar(ScalarForm),
    List(ListForm<'a>),
}

/// Which scalars are legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarForm {
    Numeric,
    String,
    Boolean,
    Any,
}

/// How a map is owned and what its fields are.
#[derive(Debug, Clone, Copy)]
pub(super) struct MapForm<'a> {
    place: Option<Place<'a>>,
    /// What undeclared fields are; `None` forbids them.
    rest: Option<Shape<'a>>,
    /// The map is owned whole.
    pub(super) atomic: bool,
}

/// How a list is owned and what its items are.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListForm<'a> {
    pub(super) items: Shape<'a>,
    pub(super) relation: Relation<'a>,
}

/// How the items of a list are told apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relation<'a> {
    /// Not at all: the list is owned whole.
    Atomic,
    /// By value.
    Set,
    /// By these fields.
    Map(&'a [String]),
}

impl<'a> Shape<'a> {
    /// The shape of the objects of a resource.
    pub(super) fn of(resource: &'a Resource) -> Self {
        match resource.node() {
            Some(node) => Self::Declared(Place {
                node,
                open: false,
                object: resource.custom,
            }),
            None => Self::Deduced,
        }
    }

    /// The shape of a schema node.
    pub(super) fn node(node: Node<'a>) -> Self {
        Self::Declared(Place {
            node,
            open: false,
            object: false,
        })
    }

    /// All forms a value may take.
    pub(super) fn forms(self) -> Forms<'a> {
        match self {
            Self::Declared(place) => place.forms(),
            Self::Deduced => Forms::anything(Self::Deduced, false),
            Self::Untyped => Forms::anything(Self::Untyped, true),
        }
    }

    /// The form `value` takes. Where the value fits none, or is null, maps go before scalars before lists.
    pub(super) fn at(self, value: &Value) -> Form<'a> {
        let forms = self.forms();
        let fitting = match value {
            Value::Null => None,
            Value::Array(_) => forms.list.map(Form::List),
            Value::Object(_) => forms.map.map(Form::Map),
            _ => forms.scalar.map(Form::Scalar),
        };
        fitting.unwrap_or_else(|| forms.first())
    }

    /// The default of a field of the items, for keys that are left out.
    pub(super) fn field_default(self, name: &str) -> Option<&'a Value> {
        let map = self.forms().map?;
        let field = map.place?.node.property(name)?;
        field.site().default.as_ref()
    }
}

impl<'a> Forms<'a> {
    fn anything(below: Shape<'a>, atomic: bool) -> Self {
        Self {
            map: Some(MapForm {
                place: None,
                rest: Some(below),
                atomic,
            }),
            scalar: Some(ScalarForm::Any),
            list: Some(ListForm {
                items: Shape::Untyped,
                relation: Relation::Atomic,
            }),
        }
    }

    fn scalar(form: ScalarForm) -> Self {
        Self {
            scalar: Some(form),
            ..Self::default()
        }
    }

    /// The form that counts where no value decides.
    pub(super) fn first(self) -> Form<'a> {
        let map = self.map.map(Form::Map);
        let scalar = self.scalar.map(Form::Scalar);
        let list = self.list.map(Form::List);
        map.or(scalar)
            .or(list)
            .expect("every shape has at least one form")
    }
}

impl<'a> MapForm<'a> {
    /// The shape of a declared field.
    pub(super) fn declared(self, name: &str) -> Option<Shape<'a>> {
        let place = self.place?;
        if place.object
            && let Some(shape) = meta::field(name)
        {
            return Some(shape);
        }
        let node = place.node.property(name)?;
        Some(place.below(node))
    }

    /// The shape of a field; `None` if it is not allowed.
    pub(super) fn field(self, name: &str) -> Option<Shape<'a>> {
        self.declared(name).or(self.rest)
    }

    /// The declared fields and the schemas where they are declared.
    pub(super) fn properties(self) -> impl Iterator<Item = (&'a String, &'a Schema)> {
        let properties = self.place.map(|place| &place.node.schema().properties);
        properties.into_iter().flatten()
    }

    /// Whether a field must be there.
    pub(super) fn requires(self, name: &str) -> bool {
        self.place.is_some_and(|place| {
            place
                .node
                .schema()
                .required
                .iter()
                .any(|required| required == name)
        })
    }

    /// Whether nothing is known of the fields.
    pub(super) fn is_deduced(self) -> bool {
        let bare = self
            .place
            .is_none_or(|place| !place.object && place.node.schema().properties.is_empty());
        bare && matches!(self.rest, Some(Shape::Deduced))
    }
}

impl<'a> Place<'a> {
    fn below(self, node: Node<'a>) -> Shape<'a> {
        Shape::Declared(Self {
            node,
            open: self.is_open(),
            object: node.schema().embedded_resource,
        })
    }

    fn is_open(self) -> bool {
        self.open || self.node.schema().preserve_unknown
    }

    fn forms(self) -> Forms<'a> {
        match self.node.site().reference.as_deref() {
            Some(name) if name.ends_with(".api.resource.Quantity") => return Forms::scalar(ScalarForm::Any),
            Some(name) if name.ends_with(".pkg.runtime.RawExtension") => return Shape::Untyped.forms(),
            _ => {}
        }
        let schema = self.node.schema();
        match schema.kind {
            Some(Type::Integer | Type::Number) => Forms::scalar(ScalarForm::Numeric),
            Some(Type::Boolean) => Forms::scalar(ScalarForm::Boolean),
            Some(Type::String) => Forms::scalar(string_form(schema)),
            Some(Type::Object) => Forms {
                map: Some(self.map()),
                ..Forms::default()
            },
            Some(Type::Array) => Forms {
                list: Some(self.list()),
                ..Forms::default()
            },
            None => Forms {
                map: Some(self.map()),
                scalar: Some(ScalarForm::Any),
                list: Some(self.list()),
            },
        }
    }

    fn map(self) -> MapForm<'a> {
        MapForm {
            place: Some(self),
            rest: self.rest(),
            atomic: self.node.map_type() == MapType::Atomic,
        }
    }

    fn rest(self) -> Option<Shape<'a>> {
        let schema = self.node.schema();
        match &schema.additional {
            Additional::Schema(_) => self.node.values().map(|node| self.below(node)),
            Additional::Any => Some(Shape::Deduced),
            Additional::None => None,
            Additional::Undeclared => {
                let free = schema.properties.is_empty() && !self.object;
                (free || self.is_open()).then_some(Shape::Deduced)
            }
        }
    }

    fn list(self) -> ListForm<'a> {
        ListForm {
            items: self.node.items().map_or(Shape::Untyped, |node| self.below(node)),
            relation: self.relation(),
        }
    }

    fn relation(self) -> Relation<'a> {
        if self
            .node
            .site()
            .list_type
            .or(self.node.schema().list_type)
            .is_none()
        {
            return self.relation_by_patch_strategy();
        }
        match self.node.list_type() {
            ListType::Atomic => Relation::Atomic,
            ListType::Set => Relation::Set,
            ListType::Map => Relation::Map(self.node.list_map_keys()),
        }
    }

    /// A list without a list type is owned as strategic merge patch merges it.
    fn relation_by_patch_strategy(self) -> Relation<'a> {
        let site = self.node.site();
        match site.patch_strategy.as_deref() {
            Some("merge" | "merge,retainKeys") => match &site.patch_merge_key {
                Some(key) => Relation::Map(std::slice::from_ref(key)),
                None => Relation::Set,
            },
            _ => Relation::Atomic,
        }
    }
}

fn string_form(schema: &Schema) -> ScalarForm {
    match schema.format.as_deref() {
        None | Some("" | "byte") => ScalarForm::String,
        Some(_) => ScalarForm::Any,
    }
}
