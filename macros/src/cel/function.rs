//! The functions rules of custom resources may call: the language's own, and Kubernetes' libraries.
//!
//! What takes a part of the syntax for itself, such as `all(x, ..)`, is not here but in `check`.

use crate::wire::Mask;

/// One way to call a function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// What stands before the dot, if something has to.
    pub(super) receiver: Option<Mask>,
    pub(super) arguments: &'static [Mask],
    pub(super) gives: Gives,
}

/// What a function gives back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gives {
    /// Not known.
    Any,
    /// A value of this kind.
    Kind(Mask),
    /// A list of such values.
    List(Mask),
    /// Such a value, or none.
    Optional(Mask),
    /// What it is called on.
    Receiver,
    /// An item of the list it is called on.
    Item,
}

/// Names that only ever come before a dot and a function.
pub(super) const LIBRARIES: [&str; 6] = ["format", "ip", "lists", "optional", "sets", "strings"];

/// Libraries that exist elsewhere, and which rules of custom resources do not have.
pub(super) const ELSEWHERE: [&str; 6] = ["authorizer", "base64", "cel", "jsonpatch", "math", "regex"];

/// Formats that can be had by name.
pub(super) const FORMATS: [&str; 13] = [
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

const ALL: Mask = Mask::ALL;
const BOOL: Mask = Mask::BOOL;
const INT: Mask = Mask::INTEGER;
const UINT: Mask = Mask::UNSIGNED;
const DOUBLE: Mask = Mask::NUMBER;
const TEXT: Mask = Mask::TEXT;
const BYTES: Mask = Mask::BYTES;
const TIME: Mask = Mask::TIME;
const DURATION: Mask = Mask::DURATION;
const LIST: Mask = Mask::LIST;
const QUANTITY: Mask = Mask::QUANTITY;
const IP: Mask = Mask::IP;
const CIDR: Mask = Mask::CIDR;
const URL: Mask = Mask::URL;
const SEMVER: Mask = Mask::SEMVER;
const FORMAT: Mask = Mask::FORMAT;
const OPTIONAL: Mask = Mask::OPTIONAL;
const SIZED: Mask = TEXT.or(BYTES).or(LIST).or(Mask::MAP);
const NUMBERS: Mask = INT.or(UINT).or(DOUBLE);

macro_rules! functions {
    ($($(($receiver:expr).)? $name:literal($($argument:expr),*) -> $gives:ident$(($of:expr))?;)*) => {
        /// Every way to call every function.
        pub(super) const FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            receiver: functions!(@receiver $($receiver)?),
            arguments: &[$($argument),*],
            gives: Gives::$gives$(($of))?,
        },)*];
    };
    (@receiver) => { None };
    (@receiver $receiver:expr) => { Some($receiver) };
}

functions! {
    // The language.
    "size"(SIZED) -> Kind(INT);
    (SIZED)."size"() -> Kind(INT);
    "bool"(BOOL.or(TEXT)) -> Kind(BOOL);
    "bytes"(BYTES.or(TEXT)) -> Kind(BYTES);
    "double"(NUMBERS.or(TEXT)) -> Kind(DOUBLE);
    "duration"(DURATION.or(TEXT).or(INT)) -> Kind(DURATION);
    "dyn"(ALL) -> Any;
    "int"(NUMBERS.or(TEXT).or(TIME).or(DURATION)) -> Kind(INT);
    "string"(NUMBERS.or(TEXT).or(BOOL).or(BYTES).or(TIME).or(DURATION).or(IP).or(CIDR)) -> Kind(TEXT);
    "timestamp"(TIME.or(TEXT).or(INT)) -> Kind(TIME);
    "type"(ALL) -> Kind(Mask::TYPE);
    "uint"(NUMBERS.or(TEXT)) -> Kind(UINT);
    "matches"(TEXT, TEXT) -> Kind(BOOL);
    (TEXT)."matches"(TEXT) -> Kind(BOOL);
    (TEXT)."contains"(TEXT) -> Kind(BOOL);
    (TEXT)."startsWith"(TEXT) -> Kind(BOOL);
    (TEXT)."endsWith"(TEXT) -> Kind(BOOL);
    (TIME)."getDate"() -> Kind(INT);
    (TIME)."getDate"(TEXT) -> Kind(INT);
    (TIME)."getDayOfMonth"() -> Kind(INT);
    (TIME)."getDayOfMonth"(TEXT) -> Kind(INT);
    (TIME)."getDayOfWeek"() -> Kind(INT);
    (TIME)."getDayOfWeek"(TEXT) -> Kind(INT);
    (TIME)."getDayOfYear"() -> Kind(INT);
    (TIME)."getDayOfYear"(TEXT) -> Kind(INT);
    (TIME)."getFullYear"() -> Kind(INT);
    (TIME)."getFullYear"(TEXT) -> Kind(INT);
    (TIME)."getMonth"() -> Kind(INT);
    (TIME)."getMonth"(TEXT) -> Kind(INT);
    (TIME.or(DURATION))."getHours"() -> Kind(INT);
    (TIME)."getHours"(TEXT) -> Kind(INT);
    (TIME.or(DURATION))."getMinutes"() -> Kind(INT);
    (TIME)."getMinutes"(TEXT) -> Kind(INT);
    (TIME.or(DURATION))."getSeconds"() -> Kind(INT);
    (TIME)."getSeconds"(TEXT) -> Kind(INT);
    (TIME.or(DURATION))."getMilliseconds"() -> Kind(INT);
    (TIME)."getMilliseconds"(TEXT) -> Kind(INT);
    // Optional values.
    "optional.of"(ALL) -> Optional(ALL);
    "optional.ofNonZeroValue"(ALL) -> Optional(ALL);
    "optional.none"() -> Optional(ALL);
    (OPTIONAL)."hasValue"() -> Kind(BOOL);
    (OPTIONAL)."value"() -> Item;
    (OPTIONAL)."orValue"(ALL) -> Item;
    (OPTIONAL)."or"(OPTIONAL) -> Receiver;
    "optional.unwrap"(LIST) -> List(ALL);
    (LIST)."unwrapOpt"() -> List(ALL);
    // Texts.
    (TEXT)."charAt"(INT) -> Kind(TEXT);
    (TEXT)."indexOf"(TEXT) -> Kind(INT);
    (TEXT)."indexOf"(TEXT, INT) -> Kind(INT);
    (TEXT)."lastIndexOf"(TEXT) -> Kind(INT);
    (TEXT)."lastIndexOf"(TEXT, INT) -> Kind(INT);
    (TEXT)."lowerAscii"() -> Kind(TEXT);
    (TEXT)."upperAscii"() -> Kind(TEXT);
    (TEXT)."trim"() -> Kind(TEXT);
    (TEXT)."replace"(TEXT, TEXT) -> Kind(TEXT);
    (TEXT)."replace"(TEXT, TEXT, INT) -> Kind(TEXT);
    (TEXT)."split"(TEXT) -> List(TEXT);
    (TEXT)."split"(TEXT, INT) -> List(TEXT);
    (TEXT)."substring"(INT) -> Kind(TEXT);
    (TEXT)."substring"(INT, INT) -> Kind(TEXT);
    (TEXT)."format"(LIST) -> Kind(TEXT);
    (TEXT)."find"(TEXT) -> Kind(TEXT);
    (TEXT)."findAll"(TEXT) -> List(TEXT);
    (TEXT)."findAll"(TEXT, INT) -> List(TEXT);
    (LIST)."join"() -> Kind(TEXT);
    (LIST)."join"(TEXT) -> Kind(TEXT);
    "strings.quote"(TEXT) -> Kind(TEXT);
    // Lists.
    (LIST)."isSorted"() -> Kind(BOOL);
    (LIST)."sum"() -> Item;
    (LIST)."min"() -> Item;
    (LIST)."max"() -> Item;
    (LIST)."indexOf"(ALL) -> Kind(INT);
    (LIST)."lastIndexOf"(ALL) -> Kind(INT);
    (LIST)."slice"(INT, INT) -> Receiver;
    (LIST)."flatten"() -> List(ALL);
    (LIST)."flatten"(INT) -> List(ALL);
    (LIST)."distinct"() -> Receiver;
    (LIST)."reverse"() -> Receiver;
    (LIST)."sort"() -> Receiver;
    (LIST)."first"() -> Optional(ALL);
    (LIST)."last"() -> Optional(ALL);
    "lists.range"(INT) -> List(INT);
    "sets.contains"(LIST, LIST) -> Kind(BOOL);
    "sets.equivalent"(LIST, LIST) -> Kind(BOOL);
    "sets.intersects"(LIST, LIST) -> Kind(BOOL);
    // Quantities.
    "quantity"(TEXT) -> Kind(QUANTITY);
    "isQuantity"(TEXT) -> Kind(BOOL);
    (QUANTITY)."isInteger"() -> Kind(BOOL);
    (QUANTITY)."asInteger"() -> Kind(INT);
    (QUANTITY)."asApproximateFloat"() -> Kind(DOUBLE);
    "sign"(QUANTITY) -> Kind(INT);
    (QUANTITY)."add"(QUANTITY.or(INT)) -> Kind(QUANTITY);
    (QUANTITY)."sub"(QUANTITY.or(INT)) -> Kind(QUANTITY);
    (QUANTITY)."isGreaterThan"(QUANTITY) -> Kind(BOOL);
    (QUANTITY)."isLessThan"(QUANTITY) -> Kind(BOOL);
    (QUANTITY)."compareTo"(QUANTITY) -> Kind(INT);
    // Addresses.
    "ip"(TEXT) -> Kind(IP);
    "isIP"(TEXT) -> Kind(BOOL);
    "ip.isCanonical"(TEXT) -> Kind(BOOL);
    (IP)."family"() -> Kind(INT);
    (IP)."isUnspecified"() -> Kind(BOOL);
    (IP)."isLoopback"() -> Kind(BOOL);
    (IP)."isLinkLocalMulticast"() -> Kind(BOOL);
    (IP)."isLinkLocalUnicast"() -> Kind(BOOL);
    (IP)."isGlobalUnicast"() -> Kind(BOOL);
    "cidr"(TEXT) -> Kind(CIDR);
    "isCIDR"(TEXT) -> Kind(BOOL);
    (CIDR)."containsIP"(IP.or(TEXT)) -> Kind(BOOL);
    (CIDR)."containsCIDR"(CIDR.or(TEXT)) -> Kind(BOOL);
    (CIDR)."ip"() -> Kind(IP);
    (CIDR)."masked"() -> Kind(CIDR);
    (CIDR)."prefixLength"() -> Kind(INT);
    "url"(TEXT) -> Kind(URL);
    "isURL"(TEXT) -> Kind(BOOL);
    (URL)."getScheme"() -> Kind(TEXT);
    (URL)."getHost"() -> Kind(TEXT);
    (URL)."getHostname"() -> Kind(TEXT);
    (URL)."getPort"() -> Kind(TEXT);
    (URL)."getEscapedPath"() -> Kind(TEXT);
    (URL)."getQuery"() -> Any;
    // Versions.
    "semver"(TEXT) -> Kind(SEMVER);
    "semver"(TEXT, BOOL) -> Kind(SEMVER);
    "isSemver"(TEXT) -> Kind(BOOL);
    "isSemver"(TEXT, BOOL) -> Kind(BOOL);
    (SEMVER)."major"() -> Kind(INT);
    (SEMVER)."minor"() -> Kind(INT);
    (SEMVER)."patch"() -> Kind(INT);
    (SEMVER)."isGreaterThan"(SEMVER) -> Kind(BOOL);
    (SEMVER)."isLessThan"(SEMVER) -> Kind(BOOL);
    (SEMVER)."compareTo"(SEMVER) -> Kind(INT);
    // Formats.
    "format.named"(TEXT) -> Optional(FORMAT);
    (FORMAT)."validate"(TEXT) -> Optional(LIST);
}

/// Names of types, which are values too.
pub(super) const TYPES: [&str; 11] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
];

/// Names of types that have a library of their own.
pub(super) const TYPES_OF_LIBRARIES: [(&str, &str); 4] = [
    ("net", "IP"),
    ("net", "CIDR"),
    ("google.protobuf", "Duration"),
    ("google.protobuf", "Timestamp"),
];

/// What takes names of variables in place of values.
pub(super) const COMPREHENSIONS: [&str; 12] = [
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "optMap",
    "optFlatMap",
    "sortBy",
    "transformList",
    "transformMap",
    "transformMapEntry",
];

#[cfg(test)]
#[path = "function_tests.rs"]
mod tests;
