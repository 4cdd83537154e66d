//! The functions rules may call, with the types they take and give.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::kind::{Found, Kind};

/// One way to call a function.
#[derive(Debug)]
pub(super) struct Signature {
    /// It is called on a value, which is the first it takes.
    pub(super) on_value: bool,
    takes: Vec<Kind<'static>>,
    gives: Kind<'static>,
}

static FUNCTIONS: LazyLock<BTreeMap<&'static str, Vec<Signature>>> = LazyLock::new(|| {
    let mut functions: BTreeMap<&'static str, Vec<Signature>> = BTreeMap::new();
    let lines = include_str!("functions.txt").lines();
    for (name, signature) in lines.filter_map(read) {
        functions.entry(name).or_default().push(signature);
    }
    functions
});

/// Returns the ways to call a function; `None` if there is none of this name.
pub(super) fn signatures(name: &str) -> Option<&'static [Signature]> {
    let name = match name {
        "_<=_" | "_>_" | "_>=_" => "_<_",
        other => other,
    };
    FUNCTIONS.get(name).map(Vec::as_slice)
}

fn read(line: &'static str) -> Option<(&'static str, Signature)> {
    let line = Some(line).filter(|line| !line.starts_with('#'))?;
    let (on, call) = match line.split_once(" . ") {
        Some((on, call)) => (Some(on), call),
        None => (None, line),
    };
    let (name, rest) = call.split_once('(')?;
    let (arguments, rest) = several(rest);
    let signature = Signature {
        on_value: on.is_some(),
        takes: on.map(|on| kind(on).0).into_iter().chain(arguments).collect(),
        gives: kind(rest.trim_start()).0,
    };
    Some((name, signature))
}

/// Types up to a closing bracket, and what follows it.
fn several(text: &'static str) -> (Vec<Kind<'static>>, &'static str) {
    let mut kinds = Vec::new();
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return (kinds, after);
        }
        let (one, after) = kind(rest);
        kinds.push(one);
        rest = after.trim_start_matches([',', ' ']);
        if rest.is_empty() {
            return (kinds, rest);
        }
    }
}

fn kind(text: &'static str) -> (Kind<'static>, &'static str) {
    let end = text.find([',', '(', ')']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if let Some(inside) = rest.strip_prefix('(') {
        let (inner, rest) = several(inside);
        let mut inner = inner.into_iter();
        let mut next = || inner.next().unwrap_or(Kind::Any);
        let made = match name {
            "list" => Kind::list(next()),
            "optional" => Kind::optional(next()),
            "type" => Kind::Type(Box::new(next())),
            _ => {
                let key = next();
                Kind::map(key, next())
            }
        };
        return (made, rest);
    }
    let named = match name {
        "dyn" => Kind::Any,
        // Numbers below those the checker hands out.
        "A" => Kind::Open(usize::MAX),
        "B" => Kind::Open(usize::MAX - 1),
        name => Kind::Named(name),
    };
    (named, rest)
}

impl Signature {
    /// Returns what a call with these types gives; `None` if it cannot be called with them.
    pub(super) fn call<'s>(&self, found: &mut Found<'s>, given: &[Kind<'s>]) -> Option<Kind<'s>> {
        if self.takes.len() != given.len() {
            return None;
        }
        let (a, b) = (found.open(), found.open());
        let mut tried = found.clone();
        for (wanted, given) in self.takes.iter().zip(given) {
            if !tried.fits(&with(wanted, &a, &b), given) {
                return None;
            }
        }
        *found = tried;
        Some(found.settled(&with(&self.gives, &a, &b)))
    }
}

/// A type with its letters replaced.
fn with<'s>(kind: &Kind<'static>, a: &Kind<'s>, b: &Kind<'s>) -> Kind<'s> {
    match kind {
        Kind::Open(usize::MAX) => a.clone(),
        Kind::Open(_) => b.clone(),
        Kind::List(of) => Kind::list(with(of, a, b)),
        Kind::Map(key, value) => Kind::map(with(key, a, b), with(value, a, b)),
        Kind::Optional(of) => Kind::optional(with(of, a, b)),
        Kind::Type(of) => Kind::Type(Box::new(with(of, a, b))),
        Kind::Named(name) => Kind::Named(name),
        other => other.clone(),
    }
}
