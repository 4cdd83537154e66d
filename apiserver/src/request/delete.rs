//! Options of deletes: in the body, or in the query if there is no body.

use serde_json::{Value, json};

use super::query::Query;
use super::write::dry_run_error;
use crate::status::{Error, FieldError, Result};

/// What becomes of the objects that the deleted one owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted first.
    Foreground,
    /// They are deleted afterwards.
    Background,
    /// They stay and lose their owner.
    Orphan,
}

/// What the object must be for the delete to happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// Its uid.
    pub uid: Option<String>,
    /// Its resourceVersion.
    pub resource_version: Option<String>,
}

/// Options of a delete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Seconds the object may take to end.
    pub grace_period: Option<i64>,
    /// What becomes of owned objects; `None` leaves it to the kind.
    pub propagation: Option<Propagation>,
    /// What the object must be.
    pub preconditions: Preconditions,
    /// Do everything but delete it.
    pub dry_run: bool,
}

impl DeleteOptions {
    /// Reads the options from a decoded body, or from the query if there is none.
    ///
    /// # Errors
    /// 400 for a body of another kind, 422 for values that are not supported.
    pub fn parse(query: &Query, body: Option<&Value>) -> Result<Self> {
        match body {
            Some(body) => Self::from_body(body),
            None => Self::from_query(query),
        }
    }

    fn from_query(query: &Query) -> Result<Self> {
        let policy = query
            .first("propagationPolicy")
            .filter(|policy| !policy.is_empty());
        let dry_run: Vec<&str> = query.all("dryRun").collect();
        let propagation = propagation(policy, query.flag("orphanDependents"), &dry_run)?;
        Ok(Self {
            grace_period: query.number("gracePeriodSeconds")?,
            propagation,
            preconditions: Preconditions::default(),
            dry_run: !dry_run.is_empty(),
        })
    }

    fn from_body(body: &Value) -> Result<Self> {
        check_kind(body)?;
        let policy = body.get("propagationPolicy").and_then(Value::as_str);
        let orphan = body.get("orphanDependents").and_then(Value::as_bool);
        let dry_run = body.get("dryRun").and_then(Value::as_array);
        let dry_run: Vec<&str> = dry_run.into_iter().flatten().filter_map(Value::as_str).collect();
        let precondition = |field: &str| {
            let value = body.get("preconditions")?.get(field)?;
            Some(value.as_str()?.to_owned())
        };
        Ok(Self {
            grace_period: body.get("gracePeriodSeconds").and_then(Value::as_i64),
            propagation: propagation(policy, orphan, &dry_run)?,
            preconditions: Preconditions {
                uid: precondition("uid"),
                resource_version: precondition("resourceVersion"),
            },
            dry_run: !dry_run.is_empty(),
        })
    }
}

fn check_kind(body: &Value) -> Result<()> {
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
    let (kind, version) = (text("kind"), text("apiVersion"));
    if kind.is_empty() || kind == "DeleteOptions" {
        return Ok(());
    }
    let scheme = "pkg/runtime/scheme.go:111";
    let message = format!("no kind {kind:?} is registered for version {version:?} in scheme {scheme:?}");
    Err(Error::bad_request(message))
}

fn propagation(policy: Option<&str>, orphan: Option<bool>, dry_run: &[&str]) -> Result<Option<Propagation>> {
    const FIELD: &str = "propagationPolicy";
    let mut errors = Vec::new();
    if let (Some(policy), Some(_)) = (policy, orphan) {
        let detail = "orphanDependents and deletionPropagation cannot be both set";
        errors.push(FieldError::invalid(FIELD, &json!(policy), detail));
    }
    let mut found = orphan.map(|orphan| {
        if orphan {
            Propagation::Orphan
        } else {
            Propagation::Background
        }
    });
    match policy {
        None => {}
        Some("Foreground") => found = Some(Propagation::Foreground),
        Some("Background") => found = Some(Propagation::Background),
        Some("Orphan") => found = Some(Propagation::Orphan),
        Some(other) => {
            let supported = ["Foreground", "Background", "Orphan", "nil"];
            errors.push(FieldError::not_supported(FIELD, &json!(other), &supported));
        }
    }
    errors.extend(dry_run_error(dry_run.iter().copied()));
    if errors.is_empty() {
        return Ok(found);
    }
    Err(Error::invalid("meta.k8s.io", "DeleteOptions", "", &errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(value: &Value) -> Result<DeleteOptions> {
        DeleteOptions::parse(&Query::default(), Some(value))
    }

    #[test]
    fn a_body_and_a_query_say_the_same() {
        let from_body =
            body(&json!({"propagationPolicy": "Foreground", "gracePeriodSeconds": 5, "dryRun": ["All"]}));
        let query = Query::parse("propagationPolicy=Foreground&gracePeriodSeconds=5&dryRun=All");
        assert_eq!(from_body.unwrap(), DeleteOptions::parse(&query, None).unwrap());
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_the_words_of_the_server() {
        let cases = [
            (
                json!({"propagationPolicy": "Foo"}),
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Foo\": \
                 supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
            ),
            (
                json!({"orphanDependents": true, "propagationPolicy": "Orphan"}),
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Orphan\": \
                 orphanDependents and deletionPropagation cannot be both set",
            ),
            (
                json!({"kind": "X", "apiVersion": "v1"}),
                "no kind \"X\" is registered for version \"v1\" in scheme \
                 \"pkg/runtime/scheme.go:111\"",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(body(&value).unwrap_err().message, expected, "{value}");
        }
    }
}
