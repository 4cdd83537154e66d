//! Structural schemas: what an API server accepts, from what a Rust type says.
//!
//! [`structural_schema`] asks `schemars` for the type's JSON Schema with its definitions, and converts it in one
//! pass (`convert`): references are written out, alternatives merged (`union`) into what they share (`widen`) and what
//! each demands beyond that (`restrict`), constraints put together (`combine`), formats mapped to those Kubernetes knows
//! (`format`), Kubernetes' own types given their list types (`kubernetes`), optional enums said so that null is
//! accepted (`nullable`), defaults fitted to what the server takes (`default`).
//! The result is checked against the structural rules (`check`) before anybody sees it.
//! Where Rust is richer than a structural schema, the schema is wider than the type, never narrower: the server
//! may accept what deserialization refuses, but takes whatever serialization writes.

mod check;
mod combine;
mod convert;
mod default;
#[doc(hidden)]
pub mod edit;
mod error;
mod format;
mod kubernetes;
mod nullable;
mod restrict;
mod union;
mod widen;

#[cfg(test)]
mod choice_tests;
#[cfg(test)]
mod tests;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

pub use check::check_structural;
pub use error::{SchemaError, SchemaProblem};

/// How many times a type that contains itself is written out; deeper levels accept anything.
///
/// A type asks for another depth with `#[x_kube(recursion_depth = 4)]`.
pub const RECURSION_DEPTH: usize = 2;

/// The keyword by which a definition asks for its own depth.
const DEPTH_KEYWORD: &str = "x-krate-recursion-depth";

/// The keyword by which a type or field asks for descriptions.
const DESCRIPTIONS_KEYWORD: &str = "x-krate-descriptions";

/// How a schema is made, where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaOptions {
    /// How much is said of Kubernetes' own types.
    pub descriptions: Descriptions,
    /// How many times a type that contains itself is written out, unless it says so itself.
    pub recursion_depth: usize,
}

/// How much is said of Kubernetes' own types, such as an embedded pod template.
///
/// A client-side `kubectl apply` keeps the definition in an annotation, and all annotations together may have 262,144
/// bytes. One pod template with all its documentation has more.
///
/// A type or a field asks for another measure with `#[x_kube(descriptions = "full")]`, for everything inside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Descriptions {
    /// All of their documentation, as `kubectl explain` would show it.
    Full,
    /// One sentence for the type, nothing for its fields.
    #[default]
    Short,
    /// Nothing.
    None,
}

impl Descriptions {
    /// What the author of a schema asked for.
    fn asked(keywords: &Map<String, Value>) -> Option<Self> {
        match keywords.get(DESCRIPTIONS_KEYWORD)?.as_str()? {
            "full" => Some(Self::Full),
            "short" => Some(Self::Short),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

impl Default for SchemaOptions {
    fn default() -> Self {
        Self {
            descriptions: Descriptions::default(),
            recursion_depth: RECURSION_DEPTH,
        }
    }
}

impl SchemaOptions {
    /// Sets how much is said of Kubernetes' own types.
    #[must_use]
    pub fn descriptions(mut self, descriptions: Descriptions) -> Self {
        self.descriptions = descriptions;
        self
    }

    /// Sets how many times a type that contains itself is written out.
    #[must_use]
    pub fn recursion_depth(mut self, depth: usize) -> Self {
        self.recursion_depth = depth;
        self
    }
}

/// Returns the structural schema of a type.
///
/// # Errors
///
/// Fails when the type's JSON Schema says what a structural schema cannot; the error names type and paths.
///
/// # Examples
///
/// ```
/// use schemars::JsonSchema;
///
/// #[derive(JsonSchema)]
/// struct Port {
///     number: u16,
/// }
///
/// let schema = krate::crd::structural_schema::<Port>().unwrap();
/// let number = &schema.properties.unwrap()["number"];
/// assert_eq!(number.maximum, Some(65535.0));
/// assert_eq!(number.format, None);
/// ```
pub fn structural_schema<T: JsonSchema>() -> Result<JSONSchemaProps, SchemaError> {
    structural_schema_with::<T>(SchemaOptions::default())
}

/// Returns the structural schema of a type, made as the options say.
///
/// # Errors
///
/// Fails as [`structural_schema`] does.
pub fn structural_schema_with<T: JsonSchema>(options: SchemaOptions) -> Result<JSONSchemaProps, SchemaError> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    convert_schema_with(&T::schema_name(), schema.as_value(), options)
}

/// Returns the structural form of a JSON Schema (draft 2020-12), whose definitions are under `$defs`.
///
/// # Errors
///
/// Fails as [`structural_schema`] does.
pub fn convert_schema(type_name: &str, schema: &Value) -> Result<JSONSchemaProps, SchemaError> {
    convert_schema_with(type_name, schema, SchemaOptions::default())
}

fn convert_schema_with(
    type_name: &str,
    schema: &Value,
    options: SchemaOptions,
) -> Result<JSONSchemaProps, SchemaError> {
    let (mut props, mut problems) = convert::convert(schema, options);
    default::settle(&mut props);
    problems.extend(check_structural(&props));
    if problems.is_empty() {
        Ok(props)
    } else {
        Err(SchemaError::new(type_name, problems))
    }
}
