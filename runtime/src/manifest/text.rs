//! Objects as text: YAML as people read it, JSON as programs do.

use serde_json::{Value, json};

use crate::error::{Error, Result};

/// How objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A document each, as `kubectl apply` takes it.
    #[default]
    Yaml,
    /// A `List` for several, an object for one.
    Json,
}

impl Format {
    /// Returns the ending of a file of this format.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }
}

/// Returns objects as one text.
pub(super) fn stream<'a>(objects: impl Iterator<Item = &'a Value>, format: Format) -> Result<String> {
    match format {
        Format::Yaml => objects
            .map(|object| Ok(format!("---\n{}", yaml(object)?)))
            .collect(),
        Format::Json => pretty(&json!({
            "apiVersion": "v1",
            "kind": "List",
            "items": objects.collect::<Vec<_>>(),
        })),
    }
}

/// Returns objects as the content of a file that nobody should edit; `header` says so where comments are possible.
pub(super) fn file(header: &str, objects: &[&Value], format: Format) -> Result<String> {
    match (objects, format) {
        ([object], Format::Json) => pretty(object),
        (_, Format::Json) => stream(objects.iter().copied(), format),
        ([object], Format::Yaml) => Ok(format!("# {header}\n{}", yaml(object)?)),
        (_, Format::Yaml) => Ok(format!(
            "# {header}\n{}",
            stream(objects.iter().copied(), format)?
        )),
    }
}

fn yaml(object: &Value) -> Result<String> {
    // Folding would drop spaces at the end of a long text.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let text = serde_saphyr::to_string_with_options(object, options);
    let text = text.map_err(|error| Error::from(error).context("write YAML"))?;
    Ok(format!("{}\n", text.trim_end()))
}

fn pretty(value: &Value) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_reads_back_as_what_was_written() {
        let check = |value: Value| {
            let text = yaml(&json!({ "value": value })).unwrap();
            let back: Value = serde_saphyr::from_str(&text).unwrap();
            assert_eq!(back, json!({ "value": value }), "{text}");
        };
        check(json!(""));
        check(json!("yes"));
        check(json!("1.0"));
        check(json!("null"));
        check(json!("a: b # c"));
        check(json!("- x"));
        check(json!("^[a-z]([-a-z0-9]*[a-z0-9])?$"));
        check(json!("line one\nline two\n\n  indented\n"));
        check(json!("a word ".repeat(40)));
        check(json!(format!("{}\nand more", "a word ".repeat(40))));
        check(json!("  leading and trailing  "));
        check(json!(["a", 1, -1, 1.5, true, null, {}, []]));
        check(json!({ "x-kubernetes-list-map-keys": ["type"], "*": 1, "?": 2 }));
        check(json!("{{ braces }} 'quotes' \"double\" \\ back"));
    }

    #[test]
    fn a_file_says_that_it_is_generated() {
        let (one, two) = (json!({ "a": 1 }), json!({ "b": 2 }));
        assert_eq!(
            file("generated", &[&one], Format::Yaml).unwrap(),
            "# generated\na: 1\n"
        );
        assert_eq!(
            file("generated", &[&one, &two], Format::Yaml).unwrap(),
            "# generated\n---\na: 1\n---\nb: 2\n"
        );
        assert_eq!(
            file("generated", &[&one], Format::Json).unwrap(),
            "{\n  \"a\": 1\n}\n"
        );
    }
}
