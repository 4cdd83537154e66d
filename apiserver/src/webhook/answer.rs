//! From an HTTP answer to its JSON, or to the words a Kubernetes client has for it.

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use serde_json::Value;

/// Returns the JSON of an answer.
///
/// # Errors
/// The text of a client's error for the status code, or what is wrong with the body.
pub(super) fn read(answer: Response<Bytes>) -> Result<Value, String> {
    let code = answer.status().as_u16();
    let parsed = serde_json::from_slice::<Value>(answer.body());
    if (200..=206).contains(&code) {
        return parsed.map_err(|error| format!("couldn't get version/kind; json parse error: {error}"));
    }
    if let Ok(status) = parsed
        && status["kind"] == "Status"
        && let Some(message) = status["message"].as_str()
    {
        return Err(message.to_owned());
    }
    Err(complaint(code, &text(&answer)))
}

/// The body, if it is for people.
fn text(answer: &Response<Bytes>) -> String {
    let kind = answer.headers().get(CONTENT_TYPE).map(|kind| kind.to_str());
    match kind {
        None => {}
        Some(Ok(kind)) if kind.starts_with("text/") => {}
        Some(_) => return "unknown".to_owned(),
    }
    String::from_utf8_lossy(answer.body()).trim().to_owned()
}

fn complaint(code: u16, said: &str) -> String {
    let fixed = match code {
        400 => "the server rejected our request for an unknown reason",
        401 => "the server has asked for the client to provide credentials",
        403 if !said.is_empty() => said,
        404 => "the server could not find the requested resource",
        405 => "the server does not allow this method on the requested resource",
        406 => "the server was unable to respond with a content type that the client supports",
        409 => "the server reported a conflict",
        413 => "the request is too large",
        415 => "the body of the request was in an unknown format",
        422 => "the server rejected our request due to an error in our request",
        429 => "the server has received too many requests and has asked us to try again later",
        503 => "the server is currently unable to handle the request",
        504 => {
            "the server was unable to return a response in the time allotted, but may still be processing the request"
        }
        500.. => {
            return format!("an error on the server ({said:?}) has prevented the request from succeeding");
        }
        _ => {
            return format!(
                "the server responded with the status code {code} but did not return more information"
            );
        }
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: u16, kind: &str, body: &'static str, expected: Result<&str, &str>) {
        let answer = Response::builder().status(code).header(CONTENT_TYPE, kind);
        let found = read(answer.body(Bytes::from(body)).unwrap());
        let found = found.map(|value| value.to_string());
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(found, expected, "{code} {body}");
    }

    #[test]
    fn an_answer_is_read_as_a_client_reads_it() {
        check(200, "application/json", "{\"a\":1}", Ok("{\"a\":1}"));
        check(
            500,
            "text/plain",
            "boom\n",
            Err("an error on the server (\"boom\") has prevented the request from succeeding"),
        );
        check(
            500,
            "application/json",
            "{}",
            Err("an error on the server (\"unknown\") has prevented the request from succeeding"),
        );
        check(
            404,
            "text/plain",
            "404 page not found",
            Err("the server could not find the requested resource"),
        );
        check(
            409,
            "application/json",
            "{\"kind\":\"Status\",\"message\":\"why\"}",
            Err("why"),
        );
    }
}
