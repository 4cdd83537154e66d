//! What a Rust type is in JSON, as far as its name tells.

use syn::{GenericArgument, PathArguments, Type};

use crate::wire::INTEGERS;

/// A kind of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Integer,
    Number,
    Text,
    List,
    Map,
    /// A struct, or what else no name tells the kind of.
    Object,
}

impl Kind {
    /// Returns the kind's name with its article.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bool => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Object => "an object",
        }
    }
}

/// Wrappers that are written as what they wrap.
const WRAPPERS: [&str; 8] = ["Option", "Box", "Arc", "Rc", "Cow", "Cell", "RefCell", "Wrapping"];
const LISTS: [&str; 8] = [
    "Vec",
    "VecDeque",
    "LinkedList",
    "BTreeSet",
    "HashSet",
    "IndexSet",
    "BinaryHeap",
    "ArrayVec",
];
const MAPS: [&str; 4] = ["BTreeMap", "HashMap", "IndexMap", "Map"];

/// Returns what a type is written as; `None` if its name does not tell.
pub(super) fn of(ty: &Type) -> Option<Kind> {
    match ty {
        Type::Array(_) | Type::Slice(_) => Some(Kind::List),
        Type::Group(it) => of(&it.elem),
        Type::Paren(it) => of(&it.elem),
        Type::Reference(it) => of(&it.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            if WRAPPERS.contains(&name.as_str()) {
                return argument(&last.arguments).and_then(of);
            }
            named(&name, argument(&last.arguments).is_some())
        }
        _ => None,
    }
}

fn named(name: &str, holds: bool) -> Option<Kind> {
    match name {
        "bool" => Some(Kind::Bool),
        "String" | "str" | "char" => Some(Kind::Text),
        "f32" | "f64" => Some(Kind::Number),
        _ if INTEGERS.contains(&name) || name.starts_with("NonZero") => Some(Kind::Integer),
        _ if holds && LISTS.contains(&name) => Some(Kind::List),
        _ if holds && MAPS.contains(&name) => Some(Kind::Map),
        _ => None,
    }
}

/// Returns the type of the items of a list, or of the values of a map.
pub(super) fn element(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Array(it) => Some(&it.elem),
        Type::Slice(it) => Some(&it.elem),
        Type::Group(it) => element(&it.elem),
        Type::Paren(it) => element(&it.elem),
        Type::Reference(it) => element(&it.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let inner = argument(&last.arguments)?;
            match WRAPPERS.contains(&last.ident.to_string().as_str()) {
                true => element(inner),
                false => Some(inner),
            }
        }
        _ => None,
    }
}

/// The last type argument: a map's values, and the only one of everything else.
fn argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.last()
}

/// Returns true if a field of this type may be absent.
pub(super) fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}
