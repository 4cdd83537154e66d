//! The yardstick: a watch and nothing else. It sees each update as early as a client can.

mod record;

use std::pin::pin;

use futures::{AsyncBufReadExt, io};
use kube::Client;
use kube::api::{ListParams, WatchParams};
use kube::core::Request;
use serde_json::Value;

use record::Record;

const ITEMS: &str = "/apis/bench.krate.dev/v1/items";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let record = Record::from_env();
    record.tell_at_the_end();
    let client = Client::try_default().await?;
    let one = ListParams::default().limit(1);
    let list: Value = client.request(Request::new(ITEMS).list(&one)?).await?;
    let version = list["metadata"]["resourceVersion"]
        .as_str()
        .ok_or("a list without a version")?;
    let watch = Request::new(ITEMS).watch(&WatchParams::default(), version)?;
    let mut body = pin!(client.request_stream(watch).await?);
    record.run(0);
    let mut line = Vec::new();
    while body.read_until(b'\n', &mut line).await? > 0 {
        if let Some(number) = number(&line) {
            record.run(number);
        }
        line.clear();
    }
    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
}

/// Finds the number of the update in an event; reading the whole event is not what a yardstick is for.
fn number(line: &[u8]) -> Option<i64> {
    let name = b"\"number\":";
    let at = line.windows(name.len()).position(|window| window == name)? + name.len();
    let digits = line[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number, digit| {
        Some(number.unwrap_or(0) * 10 + i64::from(digit - b'0'))
    })
}
