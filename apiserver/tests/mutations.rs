//! Whatever is sent, the server answers: requests of the conformance scenarios, damaged at random, one after another.
//!
//! The damage follows from a seed, so a failure names the request to repeat.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "conformance/scenario.rs"]
#[expect(dead_code, reason = "only the requests are used here, not the answers")]
mod scenario;

#[path = "conformance/normal.rs"]
#[expect(dead_code, reason = "scenarios refer to it")]
mod normal;

use std::fs;
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use http::Request;
use http_body_util::BodyExt;
use jiff::Timestamp;
use krate_apiserver::Server;
use krate_apiserver::environment::Environment;
use scenario::{Method, Scenario};
use tokio::time::timeout;
use tower::ServiceExt;

/// How often each request is damaged anew.
const ROUNDS: u64 = 12;

#[derive(Debug, Clone)]
struct Shot {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn shots() -> Vec<Shot> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| Scenario::read(file).exchanges)
        .filter_map(shot_of)
        .collect()
}

fn shot_of(exchange: scenario::Exchange) -> Option<Shot> {
    let method = match exchange.method {
        Method::Other(method) => method,
        Method::Get | Method::Watch => "GET".to_owned(),
        Method::Start | Method::End | Method::Pause => return None,
    };
    let body = exchange.body.into_bytes();
    Some(Shot {
        method,
        path: exchange.path,
        headers: exchange.headers,
        body,
    })
}

fn damaged(shot: &Shot, rng: &mut Rng) -> Shot {
    let mut shot = shot.clone();
    match rng.u8(..6) {
        0 => {
            shot.method = rng
                .choice(["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "TRACE"])
                .unwrap()
                .to_owned()
        }
        1 => shot.path = String::from_utf8_lossy(&damaged_bytes(shot.path.into_bytes(), rng)).into_owned(),
        2 => shot.headers.push((
            "content-type".to_owned(),
            "application/strategic-merge-patch+json".to_owned(),
        )),
        3 => shot.headers.push((
            "accept".to_owned(),
            "application/json;as=Table;g=meta.k8s.io;v=v1".to_owned(),
        )),
        _ => shot.body = damaged_bytes(shot.body, rng),
    }
    shot
}

/// Cuts, repeats, swaps or replaces bytes; often by those that mean something in JSON and URLs.
fn damaged_bytes(mut bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    const TELLING: &[u8] = b"{}[]\",:/?&=%$.0-\\n\0\xff";
    for _ in 0..rng.usize(1..4) {
        if bytes.is_empty() {
            bytes.push(*rng.choice(TELLING).unwrap());
            continue;
        }
        let (from, to) = (rng.usize(..bytes.len()), rng.usize(..bytes.len()));
        let (from, to) = (from.min(to), from.max(to));
        match rng.u8(..4) {
            0 => drop(bytes.drain(from..to)),
            1 => bytes.extend_from_within(from..to),
            2 => bytes.swap(from, to),
            _ => bytes[from] = *rng.choice(TELLING).unwrap(),
        }
    }
    bytes
}

/// Returns nothing for what is not even HTTP: hyper refuses that before the server sees it.
fn request_of(shot: &Shot) -> Option<Request<http_body_util::Full<bytes::Bytes>>> {
    let request = Request::builder()
        .method(shot.method.as_str())
        .uri(shot.path.as_str());
    let add = |request: http::request::Builder, (key, value): &(String, String)| request.header(key, value);
    shot.headers
        .iter()
        .fold(request, add)
        .body(shot.body.clone().into())
        .ok()
}

#[tokio::test(start_paused = true)]
async fn damaged_requests_get_an_answer_and_harm_nothing() {
    let server = Server::builder()
        .environment(Environment::seeded(Timestamp::UNIX_EPOCH, 1))
        .build()
        .unwrap();
    let mut answered = 0;
    for seed in 0..ROUNDS {
        let mut rng = Rng::with_seed(seed);
        for shot in shots() {
            let shot = damaged(&shot, &mut rng);
            let Some(request) = request_of(&shot) else {
                continue;
            };
            let sent = async {
                let response = server
                    .service()
                    .oneshot(request)
                    .await
                    .expect("the service never fails");
                let status = response.status().as_u16();
                // A watch may go on for hours of its own clock: the head and the first events are enough.
                let body = timeout(Duration::from_secs(3), response.into_body().collect()).await;
                let text = body.map(|body| String::from_utf8_lossy(&body.unwrap().to_bytes()).into_owned());
                (status, text.unwrap_or_default())
            };
            let (status, text) = sent.await;
            answered += 1;
            assert!(
                !text.contains("panic"),
                "seed {seed}: {shot:?} was answered with {status} {text}"
            );
        }
    }
    assert!(answered > 1000, "only {answered} requests were sent");
    let health = server
        .service()
        .oneshot(Request::get("/readyz").body(String::new()).unwrap())
        .await
        .unwrap();
    assert_eq!(health.status(), 200, "the server is no longer ready");
}
