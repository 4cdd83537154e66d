//! Options of lists and watches.

use serde_json::json;

use super::query::Query;
use crate::status::{Error, FieldError, Result};

/// How a `resourceVersion` is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionMatch {
    /// Exactly that state.
    Exact,
    /// That state or a later one.
    NotOlderThan,
}

/// Options of a list or watch, as given; selectors are parsed by `selector`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// `labelSelector`.
    pub label_selector: String,
    /// `fieldSelector`.
    pub field_selector: String,
    /// `resourceVersion`; empty means the latest.
    pub resource_version: String,
    /// `resourceVersionMatch`.
    pub version_match: Option<VersionMatch>,
    /// `limit`; `None` is no limit.
    pub limit: Option<usize>,
    /// `continue`.
    pub continue_token: String,
    /// `timeoutSeconds`.
    pub timeout_seconds: Option<u64>,
    /// `allowWatchBookmarks`.
    pub bookmarks: bool,
    /// `sendInitialEvents`.
    pub send_initial_events: Option<bool>,
}

impl ListOptions {
    /// Reads the options of a list, or of a watch.
    ///
    /// # Errors
    /// 400 for numbers that are none, 422 for combinations that make no sense.
    pub fn parse(query: &Query, watch: bool) -> Result<Self> {
        let limit = query.number("limit")?;
        let timeout = query.number("timeoutSeconds")?;
        let text = |name: &str| query.text(name).to_owned();
        let options = Self {
            label_selector: text("labelSelector"),
            field_selector: text("fieldSelector"),
            resource_version: text("resourceVersion"),
            version_match: match query.text("resourceVersionMatch") {
                "Exact" => Some(VersionMatch::Exact),
                "NotOlderThan" => Some(VersionMatch::NotOlderThan),
                _ => None,
            },
            limit: limit
                .and_then(|limit| usize::try_from(limit).ok())
                .filter(|limit| *limit > 0),
            continue_token: text("continue"),
            timeout_seconds: timeout
                .and_then(|seconds| u64::try_from(seconds).ok())
                .filter(|one| *one > 0),
            bookmarks: query.flag("allowWatchBookmarks") == Some(true),
            send_initial_events: query.flag("sendInitialEvents"),
        };
        let asked = query.text("resourceVersionMatch");
        let errors = if watch {
            options.watch_errors(asked)
        } else {
            options.list_errors(asked)
        };
        refuse(&errors)?;
        Ok(options)
    }

    /// Returns `resourceVersion` as a number; `None` if it is not given.
    ///
    /// # Errors
    /// The text of the failure, which each verb wraps in its own way.
    pub fn revision(&self) -> Result<Option<u64>, String> {
        parse_revision(&self.resource_version)
    }

    fn list_errors(&self, asked: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !asked.is_empty() {
            if self.resource_version.is_empty() {
                errors.push(forbidden_match(
                    "resourceVersionMatch is forbidden unless resourceVersion is provided",
                ));
            }
            errors.extend(self.continued());
            if self.version_match.is_none() {
                let supported = ["Exact", "NotOlderThan", ""];
                errors.push(FieldError::not_supported(
                    "resourceVersionMatch",
                    &json!(asked),
                    &supported,
                ));
            }
            if self.version_match == Some(VersionMatch::Exact) && self.resource_version == "0" {
                errors.push(forbidden_match(
                    "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
                ));
            }
        }
        if self.send_initial_events.is_some() {
            errors.push(FieldError::forbidden(
                "sendInitialEvents",
                "sendInitialEvents is forbidden for list",
            ));
        }
        errors
    }

    fn watch_errors(&self, asked: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let fits = self.version_match == Some(VersionMatch::NotOlderThan);
        if self.send_initial_events.is_some() && !fits {
            errors.push(forbidden_match(
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            ));
        }
        if !asked.is_empty() {
            if self.send_initial_events.is_none() {
                errors.push(forbidden_match(
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
                ));
            }
            if !fits {
                errors.push(FieldError::not_supported(
                    "resourceVersionMatch",
                    &json!(asked),
                    &["NotOlderThan"],
                ));
            }
            errors.extend(self.continued());
        }
        errors
    }

    fn continued(&self) -> Option<FieldError> {
        let detail = "resourceVersionMatch is forbidden when continue is provided";
        (!self.continue_token.is_empty()).then(|| forbidden_match(detail))
    }
}

/// Reads a `resourceVersion`; empty is `None`.
pub(crate) fn parse_revision(text: &str) -> Result<Option<u64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let syntax = || {
        let value = json!(text);
        format!("resourceVersion: Invalid value: {value}: strconv.ParseUint: parsing {value}: invalid syntax")
    };
    text.parse().map(Some).map_err(|_| syntax())
}

fn forbidden_match(detail: &str) -> FieldError {
    FieldError::forbidden("resourceVersionMatch", detail)
}

fn refuse(errors: &[FieldError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("meta.k8s.io", "ListOptions", "", errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, watch: bool, expected: &str) {
        let found = match ListOptions::parse(&Query::parse(query), watch) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error
                .message
                .replace("ListOptions.meta.k8s.io \"\" is invalid: ", ""),
        };
        assert_eq!(found, expected, "{query} watch={watch}");
    }

    #[test]
    fn lists_refuse_what_makes_no_sense() {
        let cases = [
            ("resourceVersion=1&resourceVersionMatch=Exact", "ok"),
            ("limit=-1", "ok"),
            (
                "resourceVersionMatch=Exact",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
            ),
            (
                "resourceVersion=0&resourceVersionMatch=Exact",
                "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
            ),
            (
                "resourceVersion=1&resourceVersionMatch=Foo",
                "resourceVersionMatch: Unsupported value: \"Foo\": supported values: \"Exact\", \"NotOlderThan\", \"\"",
            ),
            (
                "resourceVersion=1&resourceVersionMatch=NotOlderThan&continue=x",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
            ),
            (
                "sendInitialEvents=true",
                "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
            ),
            (
                "timeoutSeconds=abc",
                "strconv.ParseInt: parsing \"abc\": invalid syntax",
            ),
        ];
        for (query, expected) in cases {
            check(query, false, expected);
        }
    }

    #[test]
    fn watches_refuse_what_makes_no_sense() {
        let cases = [
            ("sendInitialEvents=true&resourceVersionMatch=NotOlderThan", "ok"),
            (
                "sendInitialEvents=true",
                "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            ),
            (
                "resourceVersionMatch=NotOlderThan",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            ),
            (
                "sendInitialEvents=true&resourceVersionMatch=Exact",
                "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, \
                 resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\"]",
            ),
        ];
        for (query, expected) in cases {
            check(query, true, expected);
        }
    }
}
