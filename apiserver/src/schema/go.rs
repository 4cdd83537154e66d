//! Names and texts that show through from the real server's implementation language.

use super::{Additional, Node, Type};

/// Returns the type of a place as the real server's error texts name it, for example `[]v1.Container`.
#[must_use]
pub fn type_name(node: Node<'_>) -> String {
    if let Some(name) = node.site().reference.as_deref() {
        return match last(name) {
            "Time" | "MicroTime" | "Quantity" => "string".to_owned(),
            "IntOrString" => "int32".to_owned(),
            _ => qualified(name),
        };
    }
    let schema = node.schema();
    match (schema.kind, schema.format.as_deref()) {
        (Some(Type::String), Some("byte")) => "[]uint8".to_owned(),
        (Some(Type::String) | None, _) => "string".to_owned(),
        (Some(Type::Boolean), _) => "bool".to_owned(),
        (Some(Type::Integer), Some("int32")) => "int32".to_owned(),
        (Some(Type::Integer), _) => "int64".to_owned(),
        (Some(Type::Number), _) => "float64".to_owned(),
        (Some(Type::Array), _) => format!("[]{}", node.items().map(type_name).unwrap_or_default()),
        (Some(Type::Object), _) => match &schema.additional {
            Additional::Schema(_) => {
                format!("map[string]{}", node.values().map(type_name).unwrap_or_default())
            }
            _ => "map[string]interface {}".to_owned(),
        },
    }
}

/// Returns a definition's own name, for example `PodSpec`.
#[must_use]
pub fn last(definition: &str) -> &str {
    definition.rsplit('.').next().unwrap_or(definition)
}

/// Returns a definition's name with its package's last part, for example `v1.PodSpec`.
fn qualified(definition: &str) -> String {
    let mut parts = definition.rsplit('.');
    let name = parts.next().unwrap_or_default();
    match parts.next() {
        Some(package) => format!("{package}.{name}"),
        None => name.to_owned(),
    }
}

/// Returns what is wrong with a time, in the words of Go's `time.Parse`; `micro` asks for six fractional digits.
#[must_use]
pub fn time_error(text: &str, micro: bool) -> Option<String> {
    let seconds = if micro { "05.000000" } else { "05" };
    let layout = format!("2006-01-02T15:04:{seconds}Z07:00");
    let elements: &[&str] = if micro {
        &[
            "2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", ".000000", "Z07:00",
        ]
    } else {
        &[
            "2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00",
        ]
    };
    let mut rest = text;
    for element in elements {
        let Some(tail) = consume(element, rest, micro) else {
            return Some(format!(
                "parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {element:?}"
            ));
        };
        rest = tail;
    }
    if !rest.is_empty() {
        return Some(format!("parsing time {text:?}: extra text: {rest:?}"));
    }
    let range = |what: &str| Some(format!("parsing time {text:?}: {what} out of range"));
    let month: u8 = text[5..7].parse().unwrap_or_default();
    match text.parse::<jiff::Timestamp>() {
        Ok(_) => None,
        Err(_) if !(1..=12).contains(&month) => range("month"),
        Err(_) if text[11..13] > *"23" => range("hour"),
        Err(_) if text[14..16] > *"59" => range("minute"),
        Err(_) if text[17..19] > *"59" => range("second"),
        Err(_) => range("day"),
    }
}

/// Takes one element of the layout off the front of `text`.
fn consume<'t>(element: &str, text: &'t str, micro: bool) -> Option<&'t str> {
    let digits = |count: usize, text: &'t str| -> Option<&'t str> {
        let head = text.as_bytes().get(..count)?;
        head.iter().all(u8::is_ascii_digit).then(|| &text[count..])
    };
    match element {
        "2006" => digits(4, text),
        "05" => {
            let rest = digits(2, text)?;
            Some(if micro { rest } else { skip_fraction(rest) })
        }
        ".000000" => digits(6, text.strip_prefix('.')?),
        "Z07:00" => match text.strip_prefix('Z') {
            Some(rest) => Some(rest),
            None => digits(2, digits(2, text.strip_prefix(['+', '-'])?)?.strip_prefix(':')?),
        },
        literal if literal.len() == 1 => text.strip_prefix(literal),
        _ => digits(2, text),
    }
}

fn skip_fraction(text: &str) -> &str {
    match text.strip_prefix('.') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_time_is_told_by_its_first_bad_element() {
        for (text, micro, error) in [
            ("2026-01-01T00:00:00Z", false, None),
            ("2026-01-01T00:00:00.5+02:00", false, None),
            ("2026-01-01T00:00:00.000000Z", true, None),
            (
                "xx",
                false,
                Some(r#"parsing time "xx" as "2006-01-02T15:04:05Z07:00": cannot parse "xx" as "2006""#),
            ),
            (
                "2026-01-01T00:00:00Z",
                true,
                Some(
                    "parsing time \"2026-01-01T00:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": \
                     cannot parse \"Z\" as \".000000\"",
                ),
            ),
            (
                "2026-13-01T00:00:00Z",
                false,
                Some("parsing time \"2026-13-01T00:00:00Z\": month out of range"),
            ),
            (
                "2026-02-30T00:00:00Z",
                false,
                Some("parsing time \"2026-02-30T00:00:00Z\": day out of range"),
            ),
        ] {
            assert_eq!(time_error(text, micro).as_deref(), error, "{text}");
        }
    }
}
