//! Single values: which types they may have, what they become, and when they are left out.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use crate::schema::{Additional, Node, Type, go, quantity};

/// A scalar as the real server's types tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    String,
    Bytes,
    Bool,
    Int32,
    Int64,
    Float,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
}

/// Why a value does not fit.
pub(super) enum Mistake {
    Type,
    /// The type fits, the text does not.
    Text(String),
}

impl Scalar {
    /// Returns the scalar at `node`, whose definition is called `name`; nothing if anything goes there.
    pub(super) fn of(node: Node<'_>, name: &str) -> Option<Self> {
        match name {
            "Quantity" => return Some(Self::Quantity),
            "IntOrString" => return Some(Self::IntOrString),
            "MicroTime" => return Some(Self::MicroTime),
            "Time" => return Some(Self::Time),
            _ => {}
        }
        let format = node.schema().format.as_deref();
        match node.schema().kind? {
            Type::String if format == Some("byte") => Some(Self::Bytes),
            Type::String => Some(Self::String),
            Type::Boolean => Some(Self::Bool),
            Type::Integer if format == Some("int32") => Some(Self::Int32),
            Type::Integer => Some(Self::Int64),
            Type::Number => Some(Self::Float),
            Type::Array | Type::Object => None,
        }
    }

    /// Returns the type as error texts name it.
    pub(super) fn go_type(self) -> &'static str {
        match self {
            Self::String | Self::Time | Self::MicroTime | Self::Quantity => "string",
            Self::Bytes => "[]uint8",
            Self::Bool => "bool",
            Self::Int32 | Self::IntOrString => "int32",
            Self::Int64 => "int64",
            Self::Float => "float64",
        }
    }

    /// Returns whether its errors quote the number they are about.
    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::Int32 | Self::Int64 | Self::IntOrString)
    }

    /// Returns what is stored for `value`.
    pub(super) fn take(self, value: Value) -> Result<Value, Mistake> {
        let fits = match (self, &value) {
            (Self::Quantity, _) => return take_quantity(&value),
            (Self::Bytes, Value::String(text)) => return check(base64_error(text), value),
            (Self::Time, Value::String(text)) => return take_time(text),
            (Self::MicroTime, Value::String(text)) => return check(go::time_error(text, true), value),
            (Self::String | Self::IntOrString, Value::String(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Float, Value::Number(_)) => true,
            (Self::Int32 | Self::IntOrString, Value::Number(number)) => number
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_ok()),
            (Self::Int64, Value::Number(number)) => number.is_i64(),
            _ => false,
        };
        if fits { Ok(value) } else { Err(Mistake::Type) }
    }
}

fn check(error: Option<String>, value: Value) -> Result<Value, Mistake> {
    error.map_or(Ok(value), |text| Err(Mistake::Text(text)))
}

fn take_quantity(value: &Value) -> Result<Value, Mistake> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let canonical =
        quantity::canonical(&text).ok_or_else(|| Mistake::Text(quantity::MALFORMED.to_owned()))?;
    Ok(Value::String(canonical))
}

/// Times are kept in UTC and whole seconds.
fn take_time(text: &str) -> Result<Value, Mistake> {
    if let Some(error) = go::time_error(text, false) {
        return Err(Mistake::Text(error));
    }
    let time = text.parse::<jiff::Timestamp>();
    Ok(Value::String(time.map_or_else(
        |_| text.to_owned(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )))
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

fn base64_error(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    LENIENT.decode(&plain).err()?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    // Four characters are read at a time: too few are found wanting where they start.
    let incomplete = plain.len() - plain.len() % 4;
    let offset = plain.bytes().position(|byte| !legal(byte)).unwrap_or(incomplete);
    Some(format!("illegal base64 data at input byte {offset}"))
}

/// Returns whether a number has no fraction and fits an integer.
pub(super) fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9.0e15
}

/// Returns what a null item of a list or value of a map stands for.
pub(super) fn zero(node: Node<'_>) -> Value {
    match node.schema().kind {
        Some(Type::Object) => Value::Object(Map::new()),
        Some(Type::String) => Value::from(""),
        Some(Type::Boolean) => Value::from(false),
        Some(Type::Integer | Type::Number) => Value::from(0),
        Some(Type::Array) => Value::Array(Vec::new()),
        None => Value::Null,
    }
}

/// Returns whether the field is left out when the object is written: nulls, and what is empty and optional.
pub(super) fn is_omitted(value: &Value, field: Node<'_>, owner: Node<'_>, name: &str) -> bool {
    let required = owner.schema().required.iter().any(|one| one == name);
    // Any JSON, such as the default of a CRD's schema: what is empty is meant.
    if field.schema().kind.is_none() && !field.schema().int_or_string {
        return value.is_null();
    }
    let definition = owner
        .site()
        .reference
        .as_deref()
        .map(go::last)
        .unwrap_or_default();
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty() && !required && !LISTS.contains(&(definition, name)),
        Value::Object(map) => {
            let is_map = matches!(field.schema().additional, Additional::Schema(_));
            let meant = (definition, name) == ("JSONSchemaProps", "dependencies");
            map.is_empty() && is_map && !required && !meant
        }
        Value::String(text) => text.is_empty() && !required && !is_pointer(definition, name),
        Value::Bool(false) => !required && (BOOLS.contains(&name) || FLAGS.contains(&(definition, name))),
        Value::Number(number) => number.as_i64() == Some(0) && !required && is_plain_number(definition, name),
        Value::Bool(true) => false,
    }
}

/// Optional lists whose emptiness means something.
const LISTS: &[(&str, &str)] = &[
    ("ObjectMeta", "managedFields"),
    ("Role", "rules"),
    ("ClusterRole", "rules"),
];

/// Optional strings whose empty value means something.
const STRINGS: &[&str] = &[
    "apiGroup",
    "appProtocol",
    "claimName",
    "deprecationWarning",
    "fieldManager",
    "hostname",
    "ingressClassName",
    "loadBalancerClass",
    "nodeName",
    "preferredHolder",
    "preemptionPolicy",
    "runtimeClassName",
    "storageClassName",
    "strategy",
    "timeZone",
    "volumeAttributesClassName",
    "volumeMode",
];

/// Others, which are plain in other definitions.
const POINTERS: &[(&str, &str)] = &[
    ("CustomResourceSubresourceScale", "labelSelectorPath"),
    ("JSONSchemaProps", "$ref"),
    ("LeaseSpec", "holderIdentity"),
    ("ValidationRule", "reason"),
    ("WebhookClientConfig", "url"),
];

/// Of those, the ones that are plain in some definitions.
const PLAIN_STRINGS: &[(&str, &str)] = &[
    ("PodSpec", "hostname"),
    ("PodSpec", "nodeName"),
    ("RoleRef", "apiGroup"),
    ("Subject", "apiGroup"),
];

fn is_pointer(definition: &str, name: &str) -> bool {
    POINTERS.contains(&(definition, name))
        || (STRINGS.contains(&name) && !PLAIN_STRINGS.contains(&(definition, name)))
}

/// Flags that are left out when false.
const BOOLS: &[&str] = &[
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "notReady",
    "paused",
    "publishNotReadyAddresses",
    "readOnly",
    "stdin",
    "stdinOnce",
    "tty",
    "unschedulable",
];

/// Others, which are kept in other definitions.
const FLAGS: &[(&str, &str)] = &[
    ("CustomResourceDefinitionSpec", "preserveUnknownFields"),
    ("CustomResourceDefinitionVersion", "deprecated"),
];

/// Numbers that are left out when 0.
const NUMBERS: &[(&str, &[&str])] = &[
    ("CustomResourceColumnDefinition", &["priority"]),
    ("ContainerPort", &["hostPort"]),
    ("DaemonSetSpec", &["minReadySeconds"]),
    ("DeploymentSpec", &["minReadySeconds"]),
    ("Event", &["count"]),
    ("ObjectMeta", &["generation"]),
    ("Probe", &["initialDelaySeconds"]),
    ("ReplicaSetSpec", &["minReadySeconds"]),
    ("ReplicationControllerSpec", &["minReadySeconds"]),
    ("ServicePort", &["nodePort"]),
    ("StatefulSetSpec", &["minReadySeconds"]),
    (
        "DeploymentStatus",
        &[
            "availableReplicas",
            "observedGeneration",
            "readyReplicas",
            "replicas",
            "unavailableReplicas",
            "updatedReplicas",
        ],
    ),
    (
        "ReplicaSetStatus",
        &[
            "availableReplicas",
            "fullyLabeledReplicas",
            "observedGeneration",
            "readyReplicas",
        ],
    ),
    (
        "StatefulSetStatus",
        &[
            "currentReplicas",
            "observedGeneration",
            "readyReplicas",
            "updatedReplicas",
        ],
    ),
    (
        "DaemonSetStatus",
        &[
            "numberAvailable",
            "numberUnavailable",
            "observedGeneration",
            "updatedNumberScheduled",
        ],
    ),
    ("JobStatus", &["active", "failed", "succeeded"]),
];

fn is_plain_number(definition: &str, name: &str) -> bool {
    NUMBERS
        .iter()
        .any(|(owner, names)| *owner == definition && names.contains(&name))
}
