//! Options of creates, updates and patches.

use serde_json::json;

use super::query::Query;
use crate::status::{Error, FieldError, Result};

/// What happens to fields a kind does not have, and to fields given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldValidation {
    /// They are dropped silently.
    Ignore,
    /// They are dropped and the answer warns of them.
    #[default]
    Warn,
    /// The request is refused.
    Strict,
}

/// The form of a patch, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Merge by the kind's list keys.
    Strategic,
    /// Server-side apply.
    Apply,
}

/// Options of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Do everything but store it.
    pub dry_run: bool,
    /// Who the changed fields belong to; empty takes it from the user agent.
    pub field_manager: String,
    /// What to do about unknown and repeated fields.
    pub field_validation: FieldValidation,
    /// Take fields from other managers.
    pub force: bool,
}

impl PatchKind {
    /// Returns the form a content type names, parameters aside.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/json-patch+json" => Some(Self::Json),
            "application/merge-patch+json" => Some(Self::Merge),
            "application/strategic-merge-patch+json" => Some(Self::Strategic),
            "application/apply-patch+yaml" => Some(Self::Apply),
            _ => None,
        }
    }
}

impl WriteOptions {
    /// Reads the options of a create.
    ///
    /// # Errors
    /// 422 for values that are not supported.
    pub fn create(query: &Query) -> Result<Self> {
        Self::parse(query, "CreateOptions", Vec::new())
    }

    /// Reads the options of an update.
    ///
    /// # Errors
    /// 422 for values that are not supported.
    pub fn update(query: &Query) -> Result<Self> {
        Self::parse(query, "UpdateOptions", Vec::new())
    }

    /// Reads the options of a patch.
    ///
    /// # Errors
    /// 422 for values that are not supported.
    pub fn patch(query: &Query, kind: PatchKind) -> Result<Self> {
        let mut errors = Vec::new();
        if kind == PatchKind::Apply {
            if query.text("fieldManager").is_empty() {
                errors.push(FieldError::required(
                    "fieldManager",
                    "is required for apply patch",
                ));
            }
        } else if query.flag("force").is_some() {
            errors.push(FieldError::forbidden(
                "force",
                "may not be specified for non-apply patch",
            ));
        }
        Self::parse(query, "PatchOptions", errors)
    }

    fn parse(query: &Query, kind: &str, mut errors: Vec<FieldError>) -> Result<Self> {
        let manager = query.text("fieldManager");
        errors.extend(manager_errors(manager));
        errors.extend(dry_run_error(query.all("dryRun")));
        let field_validation = match query.text("fieldValidation") {
            "" | "Warn" => FieldValidation::Warn,
            "Ignore" => FieldValidation::Ignore,
            "Strict" => FieldValidation::Strict,
            other => {
                let supported = ["", "Ignore", "Strict", "Warn"];
                errors.push(FieldError::not_supported(
                    "fieldValidation",
                    &json!(other),
                    &supported,
                ));
                FieldValidation::Warn
            }
        };
        if !errors.is_empty() {
            return Err(Error::invalid("meta.k8s.io", kind, "", &errors));
        }
        Ok(Self {
            dry_run: query.first("dryRun").is_some_and(|value| !value.is_empty()),
            field_manager: manager.to_owned(),
            field_validation,
            force: query.flag("force") == Some(true),
        })
    }
}

/// Returns what is wrong with the values of `dryRun`.
pub(super) fn dry_run_error<'a>(values: impl Iterator<Item = &'a str>) -> Option<FieldError> {
    let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    let wrong = values.iter().any(|value| *value != "All");
    wrong.then(|| FieldError::not_supported("dryRun", &json!(values), &["All"]))
}

fn manager_errors(manager: &str) -> Vec<FieldError> {
    const LONGEST: usize = 128;
    let mut errors = Vec::new();
    if manager.len() > LONGEST {
        errors.push(FieldError::too_long("fieldManager", LONGEST));
    }
    if manager.chars().any(char::is_control) {
        let detail = "should only contain printable characters";
        errors.push(FieldError::invalid("fieldManager", &json!(manager), detail));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Result<WriteOptions>, expected: &str) {
        assert_eq!(found.unwrap_err().message, expected);
    }

    #[test]
    fn unsupported_values_are_refused_in_the_words_of_the_server() {
        let create = |query: &str| WriteOptions::create(&Query::parse(query));
        check(
            create("dryRun=Foo"),
            "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Foo\"]: supported values: \"All\"",
        );
        check(
            create("fieldValidation=Foo"),
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"Foo\": \
             supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
        );
        check(
            create(&format!("fieldManager={}", "x".repeat(129))),
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes",
        );
    }

    #[test]
    fn only_apply_may_force_and_apply_needs_a_manager() {
        let patch = |query: &str, kind| WriteOptions::patch(&Query::parse(query), kind);
        check(
            patch("force=true", PatchKind::Merge),
            "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch",
        );
        check(
            patch("", PatchKind::Apply),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        );
        assert!(
            patch("fieldManager=m&force=true", PatchKind::Apply)
                .unwrap()
                .force
        );
    }
}
