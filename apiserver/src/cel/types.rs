//! What type an expression has, as far as that can be told: enough to find names nobody declared and results that
//! are of no use.

use kube_cel::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr,
};

use super::engine::TYPES;
use super::name::escape;
use crate::schema::{Node, Type};

/// A type; `Unknown` goes with everything.
#[derive(Debug, Clone)]
pub(super) enum Kind<'s> {
    Unknown,
    Bool,
    Int,
    Double,
    Text,
    Null,
    /// A list or a map of what is not known.
    Many,
    /// A value its schema describes; `whole` ones have a type and a name.
    Described {
        node: Node<'s>,
        whole: bool,
    },
}

/// Something that is wrong, and what of the text it is about.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) message: String,
    /// Where in the text it is told.
    pub(super) offset: usize,
}

/// Functions that are the language's or Kubernetes'; a rule of a CRD may call no other.
const FUNCTIONS: &[&str] = &[
    "add",
    "asApproximateFloat",
    "asInteger",
    "bool",
    "bytes",
    "charAt",
    "cidr",
    "compareTo",
    "contains",
    "containsCIDR",
    "containsIP",
    "distinct",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "family",
    "find",
    "findAll",
    "first",
    "flatten",
    "format",
    "format.byte",
    "format.date",
    "format.datetime",
    "format.dns1035Label",
    "format.dns1035LabelPrefix",
    "format.dns1123Label",
    "format.dns1123LabelPrefix",
    "format.dns1123Subdomain",
    "format.dns1123SubdomainPrefix",
    "format.labelValue",
    "format.named",
    "format.qualifiedName",
    "format.uri",
    "format.uuid",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getEscapedPath",
    "getFullYear",
    "getHost",
    "getHostname",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getPort",
    "getQuery",
    "getScheme",
    "getSeconds",
    "hasValue",
    "indexOf",
    "int",
    "ip",
    "ip.isCanonical",
    "isCIDR",
    "isGlobalUnicast",
    "isGreaterThan",
    "isIP",
    "isInteger",
    "isLessThan",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isLoopback",
    "isQuantity",
    "isSemver",
    "isSorted",
    "isURL",
    "isUnspecified",
    "join",
    "last",
    "lastIndexOf",
    "lists.range",
    "lowerAscii",
    "major",
    "masked",
    "matches",
    "max",
    "min",
    "minor",
    "named",
    "optional.none",
    "optional.of",
    "optional.ofNonZeroValue",
    "or",
    "orValue",
    "patch",
    "prefixLength",
    "quantity",
    "range",
    "replace",
    "reverse",
    "semver",
    "sets.contains",
    "sets.equivalent",
    "sets.intersects",
    "sign",
    "size",
    "slice",
    "sort",
    "split",
    "startsWith",
    "string",
    "strings.quote",
    "sub",
    "substring",
    "sum",
    "timestamp",
    "trim",
    "type",
    "uint",
    "upperAscii",
    "url",
    "validate",
    "value",
    "equivalent",
    "intersects",
    "none",
    "of",
    "ofNonZeroValue",
    "quote",
];

/// Names that only ever come before a dot and a function.
const LIBRARIES: [&str; 6] = ["format", "ip", "lists", "optional", "sets", "strings"];

pub(super) struct Checker<'s, 't> {
    pub(super) text: &'t str,
    pub(super) variables: Vec<(String, Kind<'s>)>,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'s> Checker<'s, '_> {
    /// Returns the type of an expression and notes what is wrong inside it.
    pub(super) fn kind(&mut self, expression: &IdedExpr) -> Kind<'s> {
        match &expression.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Kind::Bool,
                LiteralValue::Double(_) => Kind::Double,
                LiteralValue::Int(_) => Kind::Int,
                LiteralValue::String(_) => Kind::Text,
                LiteralValue::Null => Kind::Null,
                _ => Kind::Unknown,
            },
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => {
                for element in &list.elements {
                    self.kind(element);
                }
                Kind::Many
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.kind(&entry.key);
                        self.kind(&entry.value);
                    }
                }
                Kind::Many
            }
            _ => Kind::Unknown,
        }
    }

    fn variable(&mut self, name: &str) -> Kind<'s> {
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        if let Some((_, kind)) = known {
            return kind.clone();
        }
        if !name.starts_with('@') && !TYPES.contains(&name) {
            self.undeclared(name, self.word(name));
        }
        Kind::Unknown
    }

    fn select(&mut self, select: &SelectExpr) -> Kind<'s> {
        let operand = self.kind(&select.operand);
        let found = field(&operand, &select.field);
        if found.is_none() {
            let dotted = format!(".{}", select.field);
            self.mistakes.push(Mistake {
                message: format!("undefined field '{}'", select.field),
                offset: self.text.find(&dotted).unwrap_or_default(),
            });
        }
        match (select.test, found) {
            (true, _) => Kind::Bool,
            (_, found) => found.unwrap_or(Kind::Unknown),
        }
    }

    fn call(&mut self, call: &CallExpr) -> Kind<'s> {
        let name = call.func_name.as_str();
        let library = call.target.as_deref().and_then(|target| match &target.expr {
            Expr::Ident(name) if LIBRARIES.contains(&name.as_str()) => Some(name),
            _ => None,
        });
        if let (Some(target), None) = (&call.target, library) {
            self.kind(target);
        }
        let arguments: Vec<Kind<'s>> = call.args.iter().map(|argument| self.kind(argument)).collect();
        match (name, arguments.as_slice()) {
            (
                "_&&_"
                | "_||_"
                | "!_"
                | "@in"
                | "@not_strictly_false"
                | "startsWith"
                | "endsWith"
                | "matches"
                | "hasValue"
                | "isSorted",
                _,
            ) => Kind::Bool,
            ("_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_", [left, right]) => {
                self.compared(name, left, right);
                Kind::Bool
            }
            ("_?_:_", [_, yes, _]) => yes.clone(),
            ("_+_" | "_-_" | "_*_" | "_/_" | "_%_" | "-_", [first, ..]) => match first {
                Kind::Described { node, .. } => scalar(*node).unwrap_or(Kind::Unknown),
                first => first.clone(),
            },
            _ if name.starts_with(['_', '-', '!', '@']) => Kind::Unknown,
            ("size" | "int", _) => Kind::Int,
            ("string" | "format" | "join" | "lowerAscii" | "upperAscii" | "trim" | "replace", _)
                if library.is_none() =>
            {
                Kind::Text
            }
            _ => {
                let qualified = library.map(|library| format!("{library}.{name}"));
                let is_known = |name: &str| FUNCTIONS.contains(&name);
                if !is_known(name) && !qualified.is_some_and(|qualified| is_known(&qualified)) {
                    let offset = self.text.find(&format!("{name}(")).map(|at| at + name.len());
                    self.undeclared(name, offset.unwrap_or_default());
                }
                Kind::Unknown
            }
        }
    }

    /// Only numbers of different kinds can be compared with each other.
    fn compared(&mut self, operator: &str, left: &Kind<'s>, right: &Kind<'s>) {
        let (Some(one), Some(other)) = (basic(left), basic(right)) else {
            return;
        };
        let numbers = ["int", "double"];
        if one == other || (numbers.contains(&one) && numbers.contains(&other)) {
            return;
        }
        let sign = operator.trim_matches('_');
        self.mistakes.push(Mistake {
            message: format!("found no matching overload for '{operator}' applied to '({one}, {other})'"),
            offset: self.text.find(sign).unwrap_or_default(),
        });
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Kind<'s> {
        let range = self.kind(&comprehension.iter_range);
        let result = self.kind(&comprehension.accu_init);
        let depth = self.variables.len();
        self.variables
            .push((comprehension.iter_var.clone(), element(&range)));
        if let Some(second) = &comprehension.iter_var2 {
            self.variables.push((second.clone(), Kind::Unknown));
        }
        self.variables
            .push((comprehension.accu_var.clone(), Kind::Unknown));
        self.kind(&comprehension.loop_cond);
        self.kind(&comprehension.loop_step);
        let made = self.kind(&comprehension.result);
        self.variables.truncate(depth);
        match (made, result) {
            (Kind::Unknown, result @ (Kind::Bool | Kind::Many)) => result,
            (made, _) => made,
        }
    }

    fn undeclared(&mut self, name: &str, offset: usize) {
        self.mistakes.push(Mistake {
            message: format!("undeclared reference to '{name}' (in container '')"),
            offset,
        });
    }

    /// Where a name stands by itself.
    fn word(&self, name: &str) -> usize {
        let inside = |character: Option<char>| {
            character.is_some_and(|one| one == '_' || one == '.' || one.is_ascii_alphanumeric())
        };
        let mut places = self.text.match_indices(name).map(|(at, _)| at);
        let alone = places.find(|at| {
            let before = self.text[..*at].chars().next_back();
            let after = self.text[at + name.len()..].chars().next();
            !inside(before) && !after.is_some_and(|one| one == '_' || one.is_ascii_alphanumeric())
        });
        alone.unwrap_or_default()
    }
}

/// Returns the type of a field; `None` if there is no such field.
fn field<'s>(operand: &Kind<'s>, name: &str) -> Option<Kind<'s>> {
    let Kind::Described { node, whole } = operand else {
        return Some(Kind::Unknown);
    };
    let schema = node.schema();
    let mut declared = schema.properties.keys();
    if let Some(real) = declared.find(|real| escape(real).as_deref() == Some(name)) {
        return node.property(real).map(described);
    }
    if let Some(values) = node.values() {
        return Some(described(values));
    }
    let implied = *whole || schema.embedded_resource;
    match name {
        "apiVersion" | "kind" if implied => Some(Kind::Text),
        "metadata" if implied => Some(Kind::Unknown),
        _ if schema.kind == Some(Type::Object) => None,
        _ => Some(Kind::Unknown),
    }
}

fn described(node: Node<'_>) -> Kind<'_> {
    Kind::Described { node, whole: false }
}

/// Returns what a comprehension over a value goes through.
fn element<'s>(range: &Kind<'s>) -> Kind<'s> {
    match range {
        Kind::Described { node, .. } => match node.items() {
            Some(items) => described(items),
            None => Kind::Unknown,
        },
        _ => Kind::Unknown,
    }
}

fn scalar(node: Node<'_>) -> Option<Kind<'_>> {
    let schema = node.schema();
    if schema.int_or_string {
        return None;
    }
    match (schema.kind?, schema.format.as_deref()) {
        (Type::Boolean, _) => Some(Kind::Bool),
        (Type::Integer, _) => Some(Kind::Int),
        (Type::Number, _) => Some(Kind::Double),
        (Type::String, Some("byte" | "date" | "date-time" | "duration")) => None,
        (Type::String, _) => Some(Kind::Text),
        (Type::Object | Type::Array, _) => Some(Kind::Many),
    }
}

/// The name of a basic type.
pub(super) fn basic(kind: &Kind<'_>) -> Option<&'static str> {
    match kind {
        Kind::Bool => Some("bool"),
        Kind::Int => Some("int"),
        Kind::Double => Some("double"),
        Kind::Text => Some("string"),
        Kind::Described { node, .. } => scalar(*node).and_then(|kind| basic(&kind)),
        Kind::Unknown | Kind::Null | Kind::Many => None,
    }
}

/// Whether a value of this type is certainly none of the basic type `wanted`.
pub(super) fn is_other(kind: &Kind<'_>, wanted: &str) -> bool {
    match kind {
        Kind::Unknown => false,
        Kind::Described { node, .. } => scalar(*node).is_some_and(|kind| is_other(&kind, wanted)),
        kind => basic(kind) != Some(wanted),
    }
}
