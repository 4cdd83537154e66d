//! Fields that an apply sets and another manager owns: who, and which.

use std::fmt;

use crate::Kind;
use crate::cache::ObjectKey;
use crate::error::Error;

/// Other managers own fields that an apply sets to another value, so nothing was changed; the kind of the error is
/// [`ErrorKind::Contested`](crate::ErrorKind::Contested).
///
/// Leave such a field out of the child, as where an autoscaler has the number of replicas, or take it over with
/// `cx.apply(..).force()`. Trying again does not help by itself.
///
/// ```
/// use krate::write::ContestedFields;
///
/// fn who(error: &krate::Error) -> Option<&str> {
///     let contested = error.downcast_ref::<ContestedFields>()?;
///     Some(contested.fields.first()?.manager.as_str())
/// }
/// # let _ = who;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestedFields {
    /// The kind of the object.
    pub kind: String,
    /// The object.
    pub object: ObjectKey,
    /// Each field, in the server's order.
    pub fields: Vec<ContestedField>,
}

/// A field and the manager that owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestedField {
    /// The manager, such as `kubectl-edit`.
    pub manager: String,
    /// The path of the field, such as `.spec.replicas`.
    pub field: String,
}

impl fmt::Display for ContestedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}` was left alone: ", self.kind, self.object)?;
        for (position, ContestedField { manager, field }) in self.fields.iter().enumerate() {
            let comma = if position > 0 { ", " } else { "" };
            write!(f, "{comma}`{field}` belongs to `{manager}`")?;
        }
        f.write_str("; help: leave the field out, or take it over with `.force()`")
    }
}

impl std::error::Error for ContestedFields {}

/// Reads a refusal for conflicts; `None` if it is another one.
pub(super) fn read(kind: &Kind, key: &ObjectKey, error: &Error) -> Option<ContestedFields> {
    let details = error
        .status()
        .filter(|status| status.code == 409)?
        .details
        .as_ref()?;
    let conflicts = details
        .causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict");
    let fields: Vec<ContestedField> = conflicts
        .map(|cause| ContestedField {
            manager: manager(&cause.message).to_owned(),
            field: cause.field.clone(),
        })
        .collect();
    (!fields.is_empty()).then(|| ContestedFields {
        kind: kind.kind().to_owned(),
        object: key.clone(),
        fields,
    })
}

/// Returns the manager out of `conflict with "kubectl" using apps/v1`.
fn manager(message: &str) -> &str {
    message.split('"').nth(1).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use kube::core::Status;
    use serde_json::json;

    use super::*;

    fn refusal(reason: &str) -> Error {
        let status: Status = serde_json::from_value(json!({
            "status": "Failure", "message": "Apply failed with 1 conflict", "reason": "Conflict", "code": 409,
            "details": { "causes": [{
                "reason": reason, "message": "conflict with \"kubectl-scale\" with subresource \"scale\"",
                "field": ".spec.replicas",
            }] },
        }))
        .unwrap();
        Error::from(kube::Error::Api(status.boxed()))
    }

    #[test]
    fn a_conflict_says_who_owns_what() {
        let key = ObjectKey::namespaced("home", "web");
        let contested = read(&Kind::of::<Deployment>(), &key, &refusal("FieldManagerConflict")).unwrap();
        assert_eq!(
            contested.to_string(),
            "Deployment `home/web` was left alone: `.spec.replicas` belongs to `kubectl-scale`; \
             help: leave the field out, or take it over with `.force()`"
        );
    }

    #[test]
    fn another_refusal_is_no_contest() {
        let key = ObjectKey::namespaced("home", "web");
        assert_eq!(
            read(&Kind::of::<Deployment>(), &key, &refusal("FieldValueInvalid")),
            None
        );
    }
}
