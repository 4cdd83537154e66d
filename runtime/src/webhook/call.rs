//! A call of a webhook, kept from taking too long and from taking the server down with it.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::timeout;

/// How long a webhook has by default; the API server's own default.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending<T> {
    Returned(T),
    Late,
    Panicked,
}

/// Runs a call to its end, or to the end of its time.
pub(super) async fn guarded<T>(patience: Duration, call: impl Future<Output = T>) -> Ending<T> {
    match timeout(patience, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(value)) => Ending::Returned(value),
        Ok(Err(panic)) => {
            tracing::error!(panic = text(panic.as_ref()), "a webhook panicked");
            Ending::Panicked
        }
        Err(_) => Ending::Late,
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("not a text")
}

/// Returns how long a webhook has, given what the API server says in the query (`timeout=10s`) and what the
/// configuration says: a little less than the shorter, so that the answer arrives before it is given up.
pub(super) fn patience(query: Option<&str>, configured: Duration) -> Duration {
    let asked = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .find_map(|pair| pair.strip_prefix("timeout="))
        .and_then(seconds);
    let timeout = asked.map_or(configured, |asked| asked.min(configured));
    timeout - (timeout / 10).min(Duration::from_millis(500))
}

/// Reads a duration as Go writes it, as far as the API server sends one: `10s`, `1m30s`, `500ms`.
fn seconds(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail
            .find(|char: char| char.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let unit = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()?;
        sum = sum.checked_add(part)?;
        rest = tail;
    }
    Some(sum).filter(|sum| !sum.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_before_it_is_given_up() {
        let check = |query: Option<&str>, milliseconds| {
            assert_eq!(
                patience(query, TIMEOUT),
                Duration::from_millis(milliseconds),
                "{query:?}"
            );
        };
        check(None, 9500);
        check(Some("timeout=30s"), 9500);
        check(Some("a=b&timeout=2s"), 1800);
        check(Some("timeout=1m30s"), 9500);
        check(Some("timeout=500ms"), 450);
        check(Some("timeout=1.5s"), 1350);
        check(Some("timeout="), 9500);
        check(Some("timeout=10"), 9500);
        check(Some("timeout=-1s"), 9500);
        check(Some("timeout=99999999999999999999999h"), 9500);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_takes_too_long_is_given_up() {
        let second = Duration::from_secs(1);
        assert_eq!(guarded(second, std::future::pending::<()>()).await, Ending::Late);
        assert_eq!(guarded(second, async { 1 }).await, Ending::Returned(1));
    }

    #[tokio::test]
    async fn a_panic_stays_inside() {
        let panics = async { panic!("no") };
        assert_eq!(guarded::<()>(TIMEOUT, panics).await, Ending::Panicked);
    }
}
