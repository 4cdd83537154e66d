//! Formats of numbers and strings, and what remains of those Kubernetes does not know.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;

/// Formats the API server checks; any other only earns a warning on every apply.
const KNOWN: [&str; 29] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "double",
    "duration",
    "email",
    "float",
    "hexcolor",
    "hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
    "datetime",
];

/// Bounds of Rust's integers that have no format of their own.
///
/// 64 bits and more get no upper bound: it is beyond what JSON numbers carry exactly.
const BOUNDS: [(&str, Option<f64>, Option<f64>); 10] = [
    ("int8", Some(-128.0), Some(127.0)),
    ("int16", Some(-32_768.0), Some(32_767.0)),
    ("uint8", Some(0.0), Some(255.0)),
    ("uint16", Some(0.0), Some(65_535.0)),
    ("uint32", Some(0.0), Some(4_294_967_295.0)),
    ("uint64", Some(0.0), None),
    ("uint128", Some(0.0), None),
    ("uint", Some(0.0), None),
    ("int128", None, None),
    ("int", None, None),
];

/// Replaces a format the API server does not know by the bounds it stands for.
pub(super) fn settle(props: &mut JSONSchemaProps) {
    let Some(format) = props.format.take_if(|format| !KNOWN.contains(&format.as_str())) else {
        return;
    };
    if let Some((_, least, greatest)) = BOUNDS.iter().find(|(name, ..)| *name == format) {
        props.minimum = props.minimum.or(*least);
        props.maximum = props.maximum.or(*greatest);
    }
}
