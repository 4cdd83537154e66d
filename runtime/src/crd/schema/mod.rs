//! Structural schemas: what an API server accepts, from what a Rust type says.
//!
//! [`structural_schema`] asks `schemars` for the type's JSON Schema with its definitions, and converts it in one
//! pass (`convert`): references are written out, alternatives merged (`union`), constraints put together
//! (`combine`), formats mapped to those Kubernetes knows (`format`), Kubernetes' own types given their list types
//! (`kubernetes`), optional enums said so that null is accepted (`nullable`).
//! The result is checked against the structural rules (`check`) before anybody sees it.
//! Where Rust is richer than a structural schema, the schema is wider than the type, never narrower: the server
//! may accept what deserialization refuses, but not the other way round.

mod check;
mod combine;
mod convert;
#[doc(hidden)]
pub mod edit;
mod error;
mod format;
mod kubernetes;
mod nullable;
mod union;

#[cfg(test)]
mod tests;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

pub use check::check_structural;
pub use error::{SchemaError, SchemaProblem};

/// How many times a type that contains itself is written out; deeper levels accept anything.
pub const RECURSION_DEPTH: usize = 2;

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
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    convert_schema(&T::schema_name(), schema.as_value())
}

/// Returns the structural form of a JSON Schema (draft 2020-12), whose definitions are under `$defs`.
///
/// # Errors
///
/// Fails as [`structural_schema`] does.
pub fn convert_schema(type_name: &str, schema: &Value) -> Result<JSONSchemaProps, SchemaError> {
    let (props, mut problems) = convert::convert(schema);
    problems.extend(check_structural(&props));
    if problems.is_empty() {
        Ok(props)
    } else {
        Err(SchemaError::new(type_name, problems))
    }
}
