//! Formats of numbers and strings, and what remains of those Kubernetes does not know.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;

/// Formats of texts the API server checks; any other only earns a warning on every apply.
const OF_TEXTS: [&str; 27] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "datetime",
    "duration",
    "email",
    "hexcolor",
    "hostname",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "k8s-long-name",
    "k8s-short-name",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
];

/// Bounds of Rust's integers that have no format of their own.
const BOUNDS: [(&str, f64, f64); 5] = [
    ("int8", -128.0, 127.0),
    ("int16", -32_768.0, 32_767.0),
    ("uint8", 0.0, 255.0),
    ("uint16", 0.0, 65_535.0),
    ("uint32", 0.0, 4_294_967_295.0),
];

/// Integers of 64 bits and more, and whether they may be negative.
///
/// An API server keeps integers in 64 bits with a sign: what does not fit would come back rounded, so it is refused.
const WIDE: [(&str, bool); 5] = [
    ("uint64", false),
    ("uint128", false),
    ("uint", false),
    ("int128", true),
    ("int", true),
];

/// Replaces a format the API server does not know by what it stands for.
pub(super) fn settle(props: &mut JSONSchemaProps) {
    let Some(format) = props.format.take() else { return };
    let known = match props.type_.as_deref() {
        Some("integer") => ["int32", "int64"].contains(&format.as_str()),
        Some("number") => ["float", "double"].contains(&format.as_str()),
        Some("string") | None => OF_TEXTS.contains(&format.as_str()),
        Some(_) => false,
    };
    if known {
        if props.type_.as_deref() == Some("string") {
            // An API server that looks for a format lets lists pass as texts, any list.
            (props.min_items, props.max_items) = (Some(1), Some(0));
        }
        props.format = Some(format);
    } else if let Some((_, least, greatest)) = BOUNDS.iter().find(|(name, ..)| *name == format) {
        props.minimum = props.minimum.or(Some(*least));
        props.maximum = props.maximum.or(Some(*greatest));
    } else if let Some((_, signed)) = WIDE.iter().find(|(name, _)| *name == format) {
        props.format = Some("int64".to_owned());
        props.minimum = props.minimum.or((!signed).then_some(0.0));
    } else if format == "ip" && props.any_of.is_none() {
        props.any_of = Some(["ipv4", "ipv6"].map(of_format).into());
    }
}

fn of_format(format: &str) -> JSONSchemaProps {
    JSONSchemaProps {
        format: Some(format.to_owned()),
        ..JSONSchemaProps::default()
    }
}
