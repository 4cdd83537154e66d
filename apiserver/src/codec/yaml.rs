//! YAML, as the JSON it stands for.

use serde_saphyr::{DuplicateKeyPolicy, Error, Options, from_str_with_options};

use super::decode_json;
use crate::schema::decode::Decoded;

/// Reads YAML; JSON is YAML too and is read as JSON.
///
/// # Errors
/// What is wrong.
pub fn decode_yaml(body: &[u8]) -> Result<Decoded, String> {
    if body.trim_ascii_start().first() == Some(&b'{')
        && let Ok(decoded) = decode_json(body)
    {
        return Ok(decoded);
    }
    let text = std::str::from_utf8(body).map_err(|_| "yaml: invalid UTF-8".to_owned())?;
    let strict = from_str_with_options(text, options(DuplicateKeyPolicy::Error));
    let (value, strict) = match strict {
        Ok(value) => (value, Vec::new()),
        Err(error) => {
            let complaint = duplicate(&error).ok_or_else(|| complain(&error))?;
            let lenient = from_str_with_options(text, options(DuplicateKeyPolicy::LastWins));
            (lenient.map_err(|error| complain(&error))?, vec![complaint])
        }
    };
    Ok(Decoded { value, strict })
}

fn options(duplicate_keys: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        duplicate_keys: duplicate_keys,
        with_snippet: false,
    }
}

fn duplicate(error: &Error) -> Option<String> {
    let Error::DuplicateMappingKey { key, location } = error else {
        return None;
    };
    let key = key.as_deref().unwrap_or_default();
    let line = location.line();
    Some(format!(
        "yaml: unmarshal errors:\n  line {line}: key {key:?} already set in map"
    ))
}

fn complain(error: &Error) -> String {
    let text = error.to_string();
    let (what, place) = text.split_once(" at line ").unwrap_or((&text, ""));
    // As Go's parser has it: the line comes first, and the first line is not mentioned.
    match place.split_once(',').map(|(line, _)| line) {
        Some(line) if line != "1" => format!("error converting YAML to JSON: yaml: line {line}: {what}"),
        _ => format!("error converting YAML to JSON: yaml: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_mean_the_same() {
        let expected = json!({"a": {"b": [1, "x", null, true]}, "c": "1"});
        for body in [
            "a:\n  b: [1, x, null, true]\nc: \"1\"\n",
            "{\"a\": {\"b\": [1, \"x\", null, true]}, \"c\": \"1\"}",
        ] {
            assert_eq!(decode_yaml(body.as_bytes()).unwrap().value, expected, "{body}");
        }
    }

    #[test]
    fn a_key_given_twice_is_noted_with_its_line() {
        let decoded = decode_yaml(b"spec:\n  size: 1\n  size: 2\n").unwrap();
        assert_eq!(decoded.value, json!({"spec": {"size": 2}}));
        assert_eq!(
            decoded.strict,
            ["yaml: unmarshal errors:\n  line 3: key \"size\" already set in map"]
        );
    }

    #[test]
    fn what_is_no_yaml_is_refused() {
        assert!(
            decode_yaml(b"a: [1")
                .unwrap_err()
                .starts_with("error converting YAML to JSON: yaml: ")
        );
    }
}
