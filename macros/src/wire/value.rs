//! What a value is: of a Rust type, or of an expression over one.

use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, Ident, PathArguments, Type};

use super::Record;

/// What a value is; `Any` goes with everything.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Not known.
    Any,
    /// One of the kinds without parts.
    Kind(Mask),
    /// A list of these.
    List(Rc<Value>),
    /// A map to these; its keys are texts.
    Map(Rc<Value>),
    /// A value of CEL that may be absent.
    Optional(Rc<Value>),
    /// Named fields.
    Record(Rc<Record>),
    /// A type that only the compiler knows, and the way from it.
    Foreign(Foreign),
}

/// A place in a type that only the compiler knows.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    /// The type, as it is written; of the keys, if it is a map.
    pub(crate) ty: Rc<TokenStream>,
    /// What the values of a map are whose keys decide whether it is one: those of an enum are fields.
    pub(crate) values: Option<Rc<Value>>,
    /// The way from it.
    pub(crate) steps: Vec<Step>,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The field of an object, or a value of a map.
    Field(String),
    /// A word of CEL where the name of a field is wanted.
    Reserved(String),
    /// An item of a list, or a value of a map.
    Index,
    /// What a comprehension goes through.
    Each,
}

/// A set of kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask(u32);

macro_rules! kinds {
    ($($name:ident = $bit:literal, $text:literal;)*) => {
        impl Mask {
            $(pub(crate) const $name: Self = Self(1 << $bit);)*

            /// Returns the kinds by name, those the compiler knows too first.
            const NAMED: &'static [(Self, &'static str, &'static str)] = &[
                $((Self::$name, stringify!($name), $text),)*
            ];
        }
    };
}

kinds! {
    BOOL = 0, "a boolean";
    INTEGER = 1, "an integer";
    NUMBER = 2, "a number";
    TEXT = 3, "a text";
    BYTES = 4, "bytes";
    TIME = 5, "a time";
    DURATION = 6, "a duration";
    LIST = 7, "a list";
    MAP = 8, "a map";
    OBJECT = 9, "an object";
    // Values of CEL that no field is.
    UNSIGNED = 10, "an unsigned integer";
    NULL = 11, "null";
    OPTIONAL = 12, "an optional value";
    QUANTITY = 13, "a quantity";
    IP = 14, "an IP address";
    CIDR = 15, "a CIDR block";
    URL = 16, "a URL";
    SEMVER = 17, "a semantic version";
    FORMAT = 18, "a format";
    TYPE = 19, "a type";
}

/// How many of the kinds a field may be of.
const OF_FIELDS: usize = 10;

impl Mask {
    pub(crate) const ALL: Self = Self(u32::MAX);

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets have a kind in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the name of a kind with its article; of the first if there are several.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMED
            .iter()
            .find(|(kind, ..)| self.meets(*kind))
            .map_or("nothing", |(_, _, text)| text)
    }

    /// Returns the names of all kinds, as in `a text or a list`.
    pub(crate) fn names(self) -> String {
        let names: Vec<&str> = Self::NAMED
            .iter()
            .filter(|(kind, ..)| self.meets(*kind))
            .map(|(_, _, text)| *text)
            .collect();
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [name] => (*name).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }

    /// Returns the expression the compiler reads.
    pub(super) fn tokens(self, shape: &TokenStream) -> TokenStream {
        if self == Self::ALL {
            return quote!(#shape::ALL);
        }
        let kinds = Self::NAMED
            .iter()
            .take(OF_FIELDS)
            .filter(|(kind, ..)| self.meets(*kind))
            .map(|(_, name, _)| Ident::new(name, proc_macro2::Span::call_site()));
        let kinds: Vec<TokenStream> = kinds.map(|kind| quote!(#shape::#kind)).collect();
        match kinds.is_empty() {
            true => quote!(0),
            false => quote!(#(#kinds)|*),
        }
    }
}

/// Where a type is written.
#[derive(Debug)]
pub(crate) struct Context {
    /// What `Self` means.
    pub(crate) owner: TokenStream,
    /// Parameters, of which nothing is known.
    pub(crate) parameters: Vec<String>,
}

/// Wrappers that are written as what they wrap.
const WRAPPERS: [&str; 6] = ["Option", "Box", "Arc", "Rc", "Cow", "Wrapping"];
const LISTS: [&str; 7] = [
    "Vec",
    "VecDeque",
    "LinkedList",
    "BTreeSet",
    "HashSet",
    "IndexSet",
    "BinaryHeap",
];
const MAPS: [&str; 3] = ["BTreeMap", "HashMap", "IndexMap"];
/// Whole numbers of the language.
pub(crate) const INTEGERS: [&str; 12] = [
    "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
];

impl Context {
    /// Returns what the values of a type are.
    pub(crate) fn value(&self, ty: &Type) -> Value {
        match ty {
            Type::Array(it) => Value::List(Rc::new(self.value(&it.elem))),
            Type::Slice(it) => Value::List(Rc::new(self.value(&it.elem))),
            Type::Group(it) => self.value(&it.elem),
            Type::Paren(it) => self.value(&it.elem),
            Type::Reference(it) => self.value(&it.elem),
            Type::Path(path) => path.path.segments.last().map_or(Value::Any, |last| {
                self.named(&last.ident.to_string(), &last.arguments, ty)
            }),
            _ => Value::Any,
        }
    }

    fn named(&self, name: &str, arguments: &PathArguments, ty: &Type) -> Value {
        let arguments = types(arguments);
        let part = |list: &[&str]| list.contains(&name).then(|| arguments.last()).flatten();
        if let Some(inner) = part(&WRAPPERS) {
            return self.value(inner);
        }
        if let Some(item) = part(&LISTS) {
            return Value::List(Rc::new(self.value(item)));
        }
        if let (true, [keys, values, ..]) = (MAPS.contains(&name), arguments.as_slice()) {
            return self.map(keys, values);
        }
        if arguments.is_empty()
            && let Some(kind) = primitive(name)
        {
            return Value::Kind(kind);
        }
        self.foreign(ty)
    }

    fn foreign(&self, ty: &Type) -> Value {
        let ty = self.tokens(ty.to_token_stream());
        ty.map_or(Value::Any, |ty| Value::Foreign(Foreign::of(ty)))
    }

    fn map(&self, keys: &Type, values: &Type) -> Value {
        let values = Rc::new(self.value(values));
        match self.value(keys) {
            Value::Any => Value::Any,
            Value::Foreign(keys) => Value::Foreign(Foreign {
                values: Some(values),
                ..keys
            }),
            _ => Value::Map(values),
        }
    }

    /// The type as the compiler can ask for it elsewhere; `None` if it depends on a parameter.
    fn tokens(&self, tokens: TokenStream) -> Option<TokenStream> {
        let mut made = TokenStream::new();
        let mut tokens = tokens.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) if self.parameters.contains(&ident.to_string()) => return None,
                TokenTree::Ident(ident) if ident == "Self" => made.extend(self.owner.clone()),
                TokenTree::Punct(tick) if tick.as_char() == '\'' => {
                    tokens.next();
                    made.extend(quote!('static));
                }
                TokenTree::Group(group) => {
                    let inner = self.tokens(group.stream())?;
                    let mut group = proc_macro2::Group::new(group.delimiter(), inner);
                    group.set_span(group.span());
                    made.extend([TokenTree::Group(group)]);
                }
                other => made.extend([other]),
            }
        }
        Some(made)
    }
}

fn types(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

fn primitive(name: &str) -> Option<Mask> {
    match name {
        "bool" => Some(Mask::BOOL),
        "String" | "str" | "char" => Some(Mask::TEXT),
        "f32" | "f64" => Some(Mask::NUMBER),
        _ if INTEGERS.contains(&name) => Some(Mask::INTEGER),
        _ => None,
    }
}

impl Value {
    /// Returns the kind of the value; all if it is not known here.
    pub(crate) fn kind(&self) -> Mask {
        match self {
            Self::Any | Self::Foreign(_) => Mask::ALL,
            Self::Kind(kind) => *kind,
            Self::List(_) => Mask::LIST,
            Self::Map(_) => Mask::MAP,
            Self::Optional(_) => Mask::OPTIONAL,
            Self::Record(_) => Mask::OBJECT,
        }
    }

    /// Returns what the items of a list or the values of a map are, whatever its keys are.
    pub(crate) fn part(&self) -> Option<&Self> {
        match self {
            Self::List(part) | Self::Map(part) => Some(part),
            Self::Foreign(place) if place.steps.is_empty() => place.values.as_deref(),
            _ => None,
        }
    }

    /// Takes a step; fails with what to say.
    pub(crate) fn step(&self, step: Step) -> Result<Self, String> {
        match (self, step) {
            (Self::Foreign(foreign), step) => Ok(Self::Foreign(foreign.step(step))),
            (Self::List(part), Step::Index | Step::Each)
            | (Self::Map(part), Step::Field(_) | Step::Reserved(_) | Step::Index) => Ok((**part).clone()),
            (Self::Map(_), Step::Each) => Ok(Self::Kind(Mask::TEXT)),
            (Self::Record(record), Step::Field(name)) => record.field(&name),
            (Self::Record(record), Step::Reserved(name)) => Err(record.reserved(&name)),
            (Self::List(_), Step::Field(name) | Step::Reserved(name)) => Err(format!(
                "this is a list, which has no field `{name}`: its items may have"
            )),
            (Self::Kind(kind), Step::Field(name) | Step::Reserved(name)) => {
                Err(format!("this is {}, which has no field `{name}`", kind.name()))
            }
            (Self::Kind(kind), Step::Index | Step::Each) => {
                Err(format!("this is {}, which has no items", kind.name()))
            }
            (Self::Any | Self::Optional(_) | Self::Record(_), _) => Ok(Self::Any),
        }
    }
}

impl Foreign {
    /// A type itself.
    pub(crate) fn of(ty: TokenStream) -> Self {
        Self {
            ty: Rc::new(ty),
            values: None,
            steps: Vec::new(),
        }
    }

    fn step(&self, step: Step) -> Self {
        let mut next = self.clone();
        next.steps.push(step);
        next
    }
}
