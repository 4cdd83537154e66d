//! The path of a field: `spec.ports[0].name`.

use std::fmt;

use serde::Serialize;

use super::error::{FieldError, FieldReason, shown};

/// The path of a field, from the root of the object; what the errors about it are made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath {
    path: String,
}

/// Names a field by its path in the object, as a user writes it: `spec.ports[0].name`.
///
/// ```
/// use krate::webhook::field;
///
/// let size = field("spec.size").invalid(2, "must be odd");
/// assert_eq!(size.to_string(), "spec.size: Invalid value: 2: must be odd");
/// ```
#[must_use]
pub fn field(path: impl Into<String>) -> FieldPath {
    FieldPath { path: path.into() }
}

impl FieldPath {
    /// Returns the path of a field inside this one.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        field(format!("{}{dot}{name}", self.path))
    }

    /// Returns the path of an item of this list.
    ///
    /// ```
    /// # use krate::webhook::field;
    /// let name = field("spec.ports").index(0).child("name");
    /// assert_eq!(name.to_string(), "spec.ports[0].name");
    /// ```
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        field(format!("{}[{index}]", self.path))
    }

    /// Returns the path of an entry of this map.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        field(format!("{}[{key}]", self.path))
    }

    /// Says that the value breaks a rule, and which.
    #[must_use]
    pub fn invalid(&self, value: impl Serialize, detail: impl fmt::Display) -> FieldError {
        self.error(FieldReason::Invalid, Some(shown(&value)), detail)
    }

    /// Says that the value has the wrong type.
    #[must_use]
    pub fn type_invalid(&self, value: impl Serialize, detail: impl fmt::Display) -> FieldError {
        self.error(FieldReason::TypeInvalid, Some(shown(&value)), detail)
    }

    /// Says that the value is none of those there are.
    ///
    /// ```
    /// # use krate::webhook::field;
    /// let mode = field("spec.mode").not_supported("C", ["A", "B"]);
    /// assert_eq!(
    ///     mode.to_string(),
    ///     r#"spec.mode: Unsupported value: "C": supported values: "A", "B""#,
    /// );
    /// ```
    #[must_use]
    pub fn not_supported<V: AsRef<str>>(
        &self,
        value: impl Serialize,
        supported: impl IntoIterator<Item = V>,
    ) -> FieldError {
        let supported: Vec<String> = supported
            .into_iter()
            .map(|value| shown(&value.as_ref()))
            .collect();
        let detail = if supported.is_empty() {
            String::new()
        } else {
            format!("supported values: {}", supported.join(", "))
        };
        self.error(FieldReason::NotSupported, Some(shown(&value)), detail)
    }

    /// Says that the field has to be given; `detail` may be empty.
    #[must_use]
    pub fn required(&self, detail: impl fmt::Display) -> FieldError {
        self.error(FieldReason::Required, None, detail)
    }

    /// Says that the field may not be given or changed, and why.
    #[must_use]
    pub fn forbidden(&self, detail: impl fmt::Display) -> FieldError {
        self.error(FieldReason::Forbidden, None, detail)
    }

    /// Says that the value is there twice, where each may be there once.
    #[must_use]
    pub fn duplicate(&self, value: impl Serialize) -> FieldError {
        self.error(FieldReason::Duplicate, Some(shown(&value)), "")
    }

    /// Says that the value refers to what is not there.
    #[must_use]
    pub fn not_found(&self, value: impl Serialize) -> FieldError {
        self.error(FieldReason::NotFound, Some(shown(&value)), "")
    }

    /// Says that the text is longer than `max` bytes.
    #[must_use]
    pub fn too_long(&self, max: usize) -> FieldError {
        self.error(
            FieldReason::TooLong,
            None,
            format!("may not be more than {max} bytes"),
        )
    }

    /// Says that the list or map has more than `max` items.
    #[must_use]
    pub fn too_many(&self, actual: usize, max: usize) -> FieldError {
        let items = if max == 1 { "item" } else { "items" };
        self.error(
            FieldReason::TooMany,
            Some(actual.to_string()),
            format!("must have at most {max} {items}"),
        )
    }

    /// Says that the field could not be looked at, which is not the user's fault.
    #[must_use]
    pub fn internal(&self, detail: impl fmt::Display) -> FieldError {
        self.error(FieldReason::Internal, None, detail)
    }

    fn error(&self, reason: FieldReason, value: Option<String>, detail: impl fmt::Display) -> FieldError {
        FieldError::new(self.path.clone(), reason, value, &detail.to_string())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
