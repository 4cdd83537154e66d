//! What functions and operators cost, and how large what they yield may be.

use super::super::macros::SORT;
use super::super::rate::{REGEX, TEXT};
use super::estimate::total;
use super::known::{Kind, Known};
use super::range::Range;

/// The length of the longest regular expression behind a named format.
const FORMAT_REGEX: f64 = 128.0;

/// Returns what a call is known to cost and to yield; the cost of its target is not in it.
pub(super) fn call<'s>(name: &str, target: Option<&Known<'s>>, arguments: &[Known<'s>]) -> Known<'s> {
    let costs = total(arguments);
    let own = |kind: Kind, cost: Range| Known::of(kind, cost.plus(costs));
    let any = Known::of(Kind::Any, Range::NONE);
    let on = target.or_else(|| arguments.first()).unwrap_or(&any);
    let through = |known: &Known<'_>| known.size().scaled(TEXT);
    match (name, target, arguments) {
        ("_&&_" | "_||_", _, [left, right]) => {
            let most = left.cost.plus(right.cost).most;
            let least = left.cost.least;
            Known::of(Kind::Scalar, Range { least, most })
        }
        ("_?_:_", _, [condition, yes, no]) => either(condition, yes, no),
        ("dyn", _, [value]) => Known {
            cost: Range::ONE.plus(costs),
            kind: Kind::Any,
            ..value.clone()
        },
        ("_+_", _, [left, right]) => sum(left, right, costs),
        ("_==_" | "_!=_", _, [left, right]) if left.kind == Kind::Opaque || right.kind == Kind::Opaque => {
            own(Kind::Scalar, Range::ONE)
        }
        ("_==_" | "_!=_", _, [left, right]) => own(Kind::Scalar, compared(left, right)),
        ("_<_" | "_<=_" | "_>_" | "_>=_", _, [left, right]) => own(Kind::Scalar, ordered(left, right)),
        ("@in", _, [_, list]) => {
            let search = list.size();
            own(
                Kind::Scalar,
                match list.kind {
                    Kind::List => search,
                    Kind::Any => search.or(Range::ONE),
                    _ => Range::ONE,
                },
            )
        }
        ("_[_]", _, [of, _]) => of.element(Range::ONE.plus(costs)),
        ("startsWith" | "endsWith", _, [part]) => own(Kind::Scalar, through(part)),
        ("contains", Some(text), [part]) => own(Kind::Scalar, through(text).times(through(part))),
        ("matches", Some(text), [regex]) => own(Kind::Scalar, matched(text, regex)),
        ("find" | "findAll", Some(text), [regex, ..]) => {
            let kind = if name == "find" { Kind::Text } else { Kind::List };
            let found = own(kind, matched(text, regex));
            Known {
                element: Some((Kind::Text, None)),
                ..found.sized(Range::up_to(text.size().most))
            }
        }
        ("isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf", Some(list), _) => {
            searched(name, list, costs)
        }
        ("url", None, [text]) => own(Kind::Opaque, through(text)).sized(text.size()),
        ("lowerAscii" | "upperAscii" | "substring" | "trim", Some(text), _) => {
            own(Kind::Text, through(text)).sized(text.size())
        }
        ("replace", Some(text), [from, to, ..]) => own(Kind::Text, text.size().scaled(2.0 * TEXT))
            .sized(replaced(text.size(), from.size(), to.size())),
        ("split", Some(text), _) => {
            let most = arguments
                .get(1)
                .and_then(|limit| limit.number)
                .unwrap_or(text.size().most);
            let parts = own(Kind::List, text.size().scaled(2.0 * TEXT)).sized(Range::up_to(most));
            Known {
                element: Some((Kind::Text, None)),
                ..parts
            }
        }
        ("join", Some(list), _) => joined(list, arguments.first(), costs),
        ("ip" | "cidr" | "quantity" | "semver", None, [text, ..]) => own(Kind::Opaque, through(text)),
        ("isIP" | "isCIDR" | "isQuantity" | "isSemver", _, [text, ..]) => own(Kind::Scalar, through(text)),
        ("ip.isCanonical", _, [text]) => own(Kind::Scalar, text.size().scaled(2.0 * TEXT)),
        ("containsIP" | "containsCIDR", _, [other]) => own(Kind::Scalar, network(name, other)),
        ("validate", _, [text]) => own(Kind::Opaque, through(text).scaled(FORMAT_REGEX * REGEX)),
        ("sets.contains" | "sets.intersects" | "sets.equivalent", _, [left, right]) => {
            let factor = if name == "sets.equivalent" { 2.0 } else { 1.0 };
            let pairs = left.size().times(right.size()).scaled(factor);
            own(Kind::Scalar, pairs.plus(Range::ONE))
        }
        ("slice" | "reverse" | "flatten" | "distinct" | "sort" | "lists.range", ..) => {
            allocated(name, on, arguments, costs)
        }
        // As much as sorting the keys; of the items only the type is known then.
        (SORT, Some(list), [keys]) => Known {
            element: Some((list.element(Range::NONE).kind, None)),
            ..allocated("sort", keys, &[], costs)
        },
        ("bytes", None, [text]) if text.kind == Kind::Text => {
            let size = text.size();
            own(Kind::Bytes, through(text)).sized(Range {
                least: size.least,
                most: size.most.saturating_mul(4),
            })
        }
        ("string", None, [bytes]) if matches!(bytes.kind, Kind::Bytes | Kind::Any) => {
            let size = bytes.size();
            own(Kind::Text, through(bytes)).sized(Range {
                least: size.least / 4,
                most: size.most,
            })
        }
        ("strings.quote", _, [text]) => {
            let size = text.size();
            own(Kind::Text, through(text)).sized(Range {
                least: size.least.saturating_add(2),
                most: size.most.saturating_mul(2).saturating_add(2),
            })
        }
        ("format", Some(text), _) => own(Kind::Text, through(text)),
        _ => own(yields(name), Range::ONE),
    }
}

/// What the functions yield that cost one unit.
fn yields(name: &str) -> Kind {
    match name {
        "string" | "charAt" | "getScheme" | "getHost" | "getHostname" | "getPort" | "getEscapedPath"
        | "type" => Kind::Text,
        "getQuery" => Kind::Map,
        "add" | "sub" | "masked" | "ip" | "cidr" | "quantity" | "semver" | "named" | "format.named" => {
            Kind::Opaque
        }
        "_?._"
        | "_[?_]"
        | "optional.of"
        | "optional.none"
        | "optional.ofNonZeroValue"
        | "or"
        | "orValue"
        | "value"
        | "first"
        | "last" => Kind::Any,
        _ => Kind::Scalar,
    }
}

fn either<'s>(condition: &Known<'s>, yes: &Known<'s>, no: &Known<'s>) -> Known<'s> {
    let union = |a: (Range, Range), b: (Range, Range)| (a.0.or(b.0), a.1.or(b.1));
    Known {
        cost: condition.cost.plus(yes.cost.or(no.cost)),
        kind: yes.kind.clone(),
        place: None,
        element: yes.element.clone().or_else(|| no.element.clone()),
        size: Some(yes.size().or(no.size())),
        entries: yes.entries.zip(no.entries).map(|(yes, no)| union(yes, no)),
        number: None,
    }
}

/// Numbers add up at the cost of one, texts are copied, lists are only linked.
fn sum<'s>(left: &Known<'s>, right: &Known<'s>, costs: Range) -> Known<'s> {
    let kind = match left.kind {
        Kind::Any => right.kind.clone(),
        _ => left.kind.clone(),
    };
    let size = left.size().plus(right.size());
    let copied = size.scaled(TEXT).plus(costs);
    let linked = Range::ONE.plus(costs);
    match kind {
        Kind::Text | Kind::Bytes => Known::of(kind, copied).sized(size),
        Kind::List => Known {
            element: right.element.clone().or_else(|| left.element.clone()),
            entries: left
                .entries
                .zip(right.entries)
                .map(|(left, right)| (left.0.or(right.0), left.1.or(right.1))),
            ..Known::of(kind, linked).sized(size)
        },
        Kind::Any => Known::of(kind, copied.or(linked)).sized(size),
        _ => Known::of(kind, linked),
    }
}

/// Both are gone through until they differ, which is at the end of the shorter one at the latest.
fn compared(left: &Known<'_>, right: &Known<'_>) -> Range {
    let most = left.size().most.min(right.size().most);
    let least = u64::from(most > 0);
    Range { least, most }.scaled(TEXT)
}

fn ordered(left: &Known<'_>, right: &Known<'_>) -> Range {
    let texts = |known: &Known<'_>| matches!(known.kind, Kind::Text | Kind::Bytes);
    match (texts(left) || texts(right), &left.kind, &right.kind) {
        (true, ..) => compared(left, right),
        (false, Kind::Any, Kind::Any) => compared(left, right).or(Range::ONE),
        _ => Range::ONE,
    }
}

fn matched(text: &Known<'_>, regex: &Known<'_>) -> Range {
    let text = text.size().plus(Range::ONE).scaled(TEXT);
    text.times(regex.size().scaled(REGEX))
}

/// Every item is looked at, and texts gone through; or a text is.
fn searched<'s>(name: &str, list: &Known<'s>, costs: Range) -> Known<'s> {
    let kind = match name {
        "sum" | "max" | "min" => list.element(Range::NONE).kind,
        _ => Kind::Scalar,
    };
    if list.kind == Kind::Text {
        return Known::of(kind, list.size().scaled(TEXT).plus(costs));
    }
    let item = list.element(Range::NONE);
    let each = match item.kind {
        // The size of items is known by their place only.
        Kind::Text | Kind::Bytes => {
            let size = item
                .place
                .map_or(Range::UNKNOWN, |place| Range::up_to(place.most_elements()));
            Range::ONE.plus(size.scaled(TEXT))
        }
        _ => Range::ONE,
    };
    Known::of(kind, list.size().times(each).plus(costs))
}

/// The size of a text in which parts are replaced: the smallest parts by the largest, as often as they fit.
fn replaced(text: Range, from: Range, to: Range) -> Range {
    let most = if from.least == 0 {
        text.most
            .saturating_add(1)
            .saturating_mul(to.most)
            .saturating_add(text.most)
    } else if to.most <= from.least {
        text.most
    } else {
        text.most.div_ceil(from.least).saturating_mul(to.most)
    };
    let least = if from.most == 0 {
        text.least
            .saturating_add(1)
            .saturating_mul(to.least)
            .saturating_add(text.least)
    } else if from.most <= to.least {
        text.least
    } else {
        text.least.div_ceil(from.most).saturating_mul(to.least)
    };
    Range { least, most }
}

fn joined<'s>(list: &Known<'s>, separator: Option<&Known<'s>>, costs: Range) -> Known<'s> {
    let item = list.element(Range::NONE);
    let items = item
        .place
        .map_or(Range::UNKNOWN, |place| Range::up_to(place.most_elements()));
    let mut size = list.size().times(items);
    if let Some(separator) = separator {
        let between = Range {
            least: list.size().least.saturating_sub(1),
            most: list.size().most.saturating_sub(1),
        };
        size = size.plus(separator.size().times(between));
    }
    Known::of(Kind::Text, size.scaled(TEXT).plus(costs)).sized(size)
}

/// Addresses have four or sixteen bytes; what is no address yet is read first.
fn network(name: &str, other: &Known<'_>) -> Range {
    let bytes = Range { least: 4, most: 16 };
    let mut cost = bytes.plus(bytes).scaled(TEXT);
    if name == "containsCIDR" {
        cost = cost.plus(bytes.scaled(TEXT)).plus(Range::ONE);
    }
    if matches!(other.kind, Kind::Text | Kind::Any) {
        cost = cost.plus(other.size().scaled(TEXT));
    }
    cost
}

/// Functions that make a list.
#[expect(clippy::cast_precision_loss, reason = "a depth is a small number")]
fn allocated<'s>(name: &str, list: &Known<'s>, arguments: &[Known<'s>], costs: Range) -> Known<'s> {
    let size = list.size();
    let number = |index: usize, otherwise: u64| {
        arguments
            .get(index)
            .and_then(|one: &Known<'s>| one.number)
            .unwrap_or(otherwise)
    };
    let item = list.element(Range::NONE);
    let (factor, made) = match name {
        "slice" => {
            let count = number(1, size.most).saturating_sub(number(0, 0));
            (1.0, Range::exactly(count))
        }
        "lists.range" => (1.0, Range::exactly(number(0, u64::MAX))),
        "flatten" => (number(0, 1) as f64, size),
        "reverse" => (1.0, size),
        "sort" if matches!(item.kind, Kind::Text | Kind::Bytes) => (2.0 + TEXT, size.times(size)),
        _ => (2.0, size.times(size)),
    };
    // The call itself, and the list.
    let cost = made.scaled(factor).plus(Range::exactly(1 + 10));
    Known {
        element: Some((item.kind.clone(), item.place)),
        ..Known::of(Kind::List, cost.plus(costs)).sized(made)
    }
}
