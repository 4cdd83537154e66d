//! What an error of a webhook becomes: an answer with a status.

use kube::core::Status;

use super::webhook::Target;
use crate::error::{Error, ErrorKind};
use crate::webhook::field::{FieldError, FieldErrors};

/// Returns the status with which an object of a name is refused.
pub(super) fn status(error: &Error, target: &Target, name: &str) -> Status {
    if let Some(errors) = error.downcast_ref::<FieldErrors>() {
        return errors.status(&target.group, &target.kind, name);
    }
    if let Some(field) = error.downcast_ref::<FieldError>() {
        return FieldErrors::from(field.clone()).status(&target.group, &target.kind, name);
    }
    if let Some(undecoded) = error.downcast_ref::<Undecoded>() {
        return plain(400, "BadRequest", &undecoded.to_string());
    }
    if let Some(status) = error.status() {
        return status.clone();
    }
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Other | ErrorKind::Forbidden | ErrorKind::Invalid => plain(403, "Forbidden", &text),
        ErrorKind::Timeout => plain(504, "Timeout", &text),
        _ => plain(500, "InternalError", &text),
    }
}

/// Returns the status of a call that was not understood, took too long or panicked.
pub(super) fn plain(code: u16, reason: &str, message: &str) -> Status {
    Status::failure(message, reason).with_code(code)
}

/// An object that is not what the type of the webhook says.
#[derive(Debug, thiserror::Error)]
#[error("the {what} is no {kind} this operator understands: {problem}")]
pub(super) struct Undecoded {
    pub(super) what: &'static str,
    pub(super) kind: String,
    pub(super) problem: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::field;

    #[test]
    fn each_kind_of_error_has_its_answer() {
        let target = Target {
            group: "x.io".into(),
            version: "v1".into(),
            kind: "Foo".into(),
            plural: "foos".into(),
        };
        let check = |error: Error, code: u16, reason: &str, message: &str| {
            let status = status(&error, &target, "a");
            let shown = (status.code, status.reason.as_str(), status.message.as_str());
            assert_eq!(shown, (code, reason, message));
        };
        let size = field("spec.size").invalid(2, "must be odd");
        let invalid = "Foo.x.io \"a\" is invalid: spec.size: Invalid value: 2: must be odd";
        check(size.clone().into(), 422, "Invalid", invalid);
        check(
            FieldErrors::from(size).into_result().unwrap_err(),
            422,
            "Invalid",
            invalid,
        );
        check(Error::new("not on Fridays"), 403, "Forbidden", "not on Fridays");
        check(Error::terminal(Error::new("no")), 403, "Forbidden", "no");
        let quota = Status::failure("too much", "Forbidden").with_code(403);
        check(
            kube::Error::Api(quota.boxed()).into(),
            403,
            "Forbidden",
            "too much",
        );
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        check(late.into(), 504, "Timeout", "timed out");
        let broken = Error::new("connection reset").with_kind(ErrorKind::Transport);
        check(broken, 500, "InternalError", "connection reset");
    }
}
