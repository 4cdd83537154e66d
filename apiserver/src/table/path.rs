//! The JSON paths of printer columns: `.spec.ports[0].name`, `.metadata.labels['a\.b']`,
//! `.status.conditions[?(@.type=="Ready")].status`.
//!
//! A path that cannot be read finds nothing, as an empty cell is the worst that can come of it.

use serde_json::Value;

/// Returns what a path leads to, in document order.
pub(super) fn find<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let path = path
        .trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .trim_start_matches('$');
    let Some(steps) = parse(path) else {
        return Vec::new();
    };
    steps.iter().fold(vec![value], |found, step| {
        found.into_iter().flat_map(|value| step.take(value)).collect()
    })
}

#[derive(Debug, PartialEq)]
enum Step {
    Field(String),
    /// Every field or item, `*`.
    All,
    /// An item; negative ones count from the end.
    Item(i64),
    /// Items from, up to but without, by.
    Slice(Option<i64>, Option<i64>),
    /// Items of which a path leads to something, or to a value that compares.
    Filter(Vec<Step>, Option<(Comparison, Value)>),
    /// Everything below, `..`.
    Descend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Step {
    fn take<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match (self, value) {
            (Self::Field(name), Value::Object(fields)) => fields.get(name).into_iter().collect(),
            (Self::All, Value::Object(fields)) => fields.values().collect(),
            (Self::All, Value::Array(items)) => items.iter().collect(),
            (Self::Item(index), Value::Array(items)) => {
                let place = place(*index, items.len());
                place.and_then(|place| items.get(place)).into_iter().collect()
            }
            (Self::Slice(from, to), Value::Array(items)) => {
                let bound = |index: &Option<i64>, otherwise| {
                    index
                        .and_then(|index| place(index, items.len()))
                        .unwrap_or(otherwise)
                };
                let (from, to) = (bound(from, 0), bound(to, items.len()).min(items.len()));
                items.get(from..to.max(from)).into_iter().flatten().collect()
            }
            (Self::Filter(steps, wanted), Value::Array(items)) => items
                .iter()
                .filter(|item| holds(item, steps, wanted.as_ref()))
                .collect(),
            (Self::Descend, value) => below(value),
            _ => Vec::new(),
        }
    }
}

fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if index < 0 { length + index } else { index }).ok()
}

fn below(value: &Value) -> Vec<&Value> {
    let children: Vec<&Value> = match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    std::iter::once(value)
        .chain(children.into_iter().flat_map(below))
        .collect()
}

fn holds(item: &Value, steps: &[Step], wanted: Option<&(Comparison, Value)>) -> bool {
    let found = steps.iter().fold(vec![item], |found, step| {
        found.into_iter().flat_map(|value| step.take(value)).collect()
    });
    match (found.first(), wanted) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(value), Some((comparison, wanted))) => compare(value, *comparison, wanted),
    }
}

fn compare(value: &Value, comparison: Comparison, wanted: &Value) -> bool {
    let order = match (value, wanted) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b))
        }
        (a, b) if a == b => Some(std::cmp::Ordering::Equal),
        _ => None,
    };
    let Some(order) = order else {
        return comparison == Comparison::NotEqual;
    };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, tail) = if let Some(tail) = rest.strip_prefix("..") {
            rest = tail;
            steps.push(Step::Descend);
            if tail.is_empty() || tail.starts_with('[') {
                continue;
            }
            field(tail)?
        } else if let Some(tail) = rest.strip_prefix('.') {
            if tail.is_empty() || tail.starts_with('[') {
                rest = tail;
                continue;
            }
            field(tail)?
        } else if let Some(tail) = rest.strip_prefix('[') {
            bracket(tail)?
        } else {
            field(rest)?
        };
        steps.push(step);
        rest = tail;
    }
    Some(steps)
}

/// A name up to the next dot or bracket; a backslash takes the next letter as it is.
fn field(text: &str) -> Option<(Step, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    let mut end = text.len();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.extend(letters.next().map(|(_, letter)| letter)),
            '.' | '[' => {
                end = at;
                break;
            }
            _ => name.push(letter),
        }
    }
    let step = if name == "*" {
        Step::All
    } else {
        Step::Field(name.clone())
    };
    (!name.is_empty()).then(|| (step, &text[end..]))
}

fn bracket(text: &str) -> Option<(Step, &str)> {
    if let Some(filter) = text.strip_prefix("?(") {
        let end = filter.find(")]")?;
        return Some((parse_filter(&filter[..end])?, &filter[end + 2..]));
    }
    if text.starts_with(['\'', '"']) {
        let quote = text.chars().next()?;
        let end = text[1..].find(&format!("{quote}]"))? + 1;
        let name = text[1..end].replace('\\', "");
        return Some((Step::Field(name), &text[end + 2..]));
    }
    let end = text.find(']')?;
    let (inner, tail) = (&text[..end], &text[end + 1..]);
    let step = match inner.split_once(':') {
        _ if inner == "*" => Step::All,
        Some((from, to)) => Step::Slice(from.parse().ok(), to.split(':').next()?.parse().ok()),
        None => Step::Item(inner.parse().ok()?),
    };
    Some((step, tail))
}

fn parse_filter(text: &str) -> Option<Step> {
    const OPERATORS: [(&str, Comparison); 6] = [
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let found = OPERATORS
        .iter()
        .find_map(|(sign, comparison)| Some((text.split_once(sign)?, *comparison)));
    let (path, wanted) = match found {
        Some(((path, value), comparison)) => (path, Some((comparison, literal(value.trim())?))),
        None => (text, None),
    };
    let steps = parse(path.trim().strip_prefix('@')?)?;
    Some(Step::Filter(steps, wanted))
}

fn literal(text: &str) -> Option<Value> {
    let quoted = ['\'', '"']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    match quoted {
        Some(text) => Some(Value::from(text)),
        None => serde_json::from_str(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let object = json!({
            "metadata": {"labels": {"a.b/c": "x"}, "name": "n"},
            "spec": {"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}], "size": 3},
            "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]},
        });
        for (path, expected) in [
            (".spec.size", json!([3])),
            ("{.spec.size}", json!([3])),
            (".spec.none", json!([])),
            (".spec.size.deeper", json!([])),
            (".metadata.labels.a\\.b/c", json!(["x"])),
            (".metadata.labels['a\\.b/c']", json!(["x"])),
            (".metadata.labels[\"a.b/c\"]", json!(["x"])),
            (".spec.ports[0].name", json!(["a"])),
            (".spec.ports[-1].name", json!(["b"])),
            (".spec.ports[*].name", json!(["a", "b"])),
            (".spec.ports[0:1].port", json!([1])),
            (".spec.ports[9].name", json!([])),
            (".status.conditions[?(@.type==\"Ready\")].status", json!(["True"])),
            (".status.conditions[?(@.type=='Other')].status", json!(["False"])),
            (".spec.ports[?(@.port>1)].name", json!(["b"])),
            (".spec.ports[?(@.port)].name", json!(["a", "b"])),
            ("..port", json!([1, 2])),
        ] {
            assert_eq!(json!(find(&object, path)), expected, "{path}");
        }
    }

    #[test]
    fn a_broken_path_finds_nothing() {
        for path in [
            ".spec[",
            ".spec.ports[x]",
            ".spec.ports[?(x)]",
            ".spec.ports[?(@.a==)]",
            "[",
            ".a['b",
        ] {
            assert_eq!(
                find(&json!({"spec": {"ports": [1]}}), path),
                Vec::<&Value>::new(),
                "{path}"
            );
        }
    }
}
