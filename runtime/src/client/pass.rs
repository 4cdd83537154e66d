//! Answers of a client below, for the client above.

use http::Response;
use http_body_util::BodyExt;
use http_body_util::combinators::MapErr;
use kube::client::Body;
use tower::BoxError;

use crate::error::passed;

/// A body whose errors are [`passed`] on.
pub(super) type Passed = MapErr<Body, fn(kube::Error) -> BoxError>;

/// Hands an answer on, and what may go wrong with it and its body.
pub(super) fn pass_on(answer: kube::Result<Response<Body>>) -> Result<Response<Passed>, BoxError> {
    let pass: fn(kube::Error) -> BoxError = passed;
    match answer {
        Ok(answer) => Ok(answer.map(|body| body.map_err(pass))),
        Err(error) => Err(passed(error)),
    }
}
