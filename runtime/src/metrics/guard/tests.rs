//! The guard against a scripted API server, on paused time.

use std::sync::Arc;

use http::{Request, Response};
use jiff::Timestamp;
use kube::client::Body;
use serde_json::{Value, json};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Answers reviews: `good` and `poor` are tokens, and only `good` may.
#[derive(Clone, Default)]
struct Server {
    asked: Arc<Mutex<Vec<String>>>,
    failures: Arc<Mutex<usize>>,
}

impl Server {
    fn guard(&self) -> Guard {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move {
                let path = request.uri().path().to_owned();
                let body = request.into_body().collect_bytes().await?;
                let review: Value = serde_json::from_slice(&body).unwrap();
                tokio::time::sleep(SECOND / 10).await;
                let (code, answer) = server.answer(&path, review);
                let answer = Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, kube::Error>(Response::builder().status(code).body(answer).unwrap())
            }
        });
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        Guard::new(Client::new(service, "default"), environment)
    }

    fn answer(&self, path: &str, mut review: Value) -> (u16, Value) {
        let kind = path.rsplit('/').next().unwrap_or_default();
        self.asked.lock().unwrap().push(kind.to_owned());
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            let busy =
                json!({"kind": "Status", "code": 503, "message": "busy", "reason": "x", "status": "Failure"});
            return (503, busy);
        }
        let token = review["spec"]["token"].as_str().unwrap_or_default().to_owned();
        review["status"] = match kind {
            "tokenreviews" if token == "good" || token == "poor" => json!({
                "authenticated": true,
                "user": {"username": token, "groups": ["scrapers"], "uid": "1", "extra": {"a": ["b"]}},
            }),
            "tokenreviews" => json!({"error": "not known"}),
            _ => {
                assert_eq!(review["spec"]["groups"], json!(["scrapers"]));
                assert_eq!(review["spec"]["extra"], json!({"a": ["b"]}));
                assert_eq!(
                    review["spec"]["nonResourceAttributes"],
                    json!({"path": "/metrics", "verb": "get"})
                );
                json!({"allowed": review["spec"]["user"] == "good"})
            }
        };
        (201, review)
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn judge(guard: &Guard, token: &str) -> Verdict {
    guard.judge(Some(token), "get", "/metrics").await
}

#[tokio::test(start_paused = true)]
async fn only_who_the_server_lets_may() {
    let server = Server::default();
    let guard = server.guard();
    assert_eq!(judge(&guard, "good").await, Verdict::Allowed);
    assert_eq!(
        judge(&guard, "poor").await,
        Verdict::Denied { user: "poor".into() }
    );
    assert_eq!(judge(&guard, "forged").await, Verdict::Unknown);
    assert_eq!(guard.judge(None, "get", "/metrics").await, Verdict::Unknown);
    server.asked();
    assert_eq!(
        judge(&guard, &"x".repeat(LONGEST_TOKEN + 1)).await,
        Verdict::Unknown
    );
    assert!(
        server.asked().is_empty(),
        "what cannot be a token is nobody's question"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_are_kept_for_their_time() {
    let server = Server::default();
    let guard = server.guard();
    let asked_after = async |token: &str, wait: Duration| {
        tokio::time::sleep(wait).await;
        judge(&guard, token).await;
        server.asked()
    };
    let (who, what) = ("tokenreviews", "subjectaccessreviews");
    assert_eq!(asked_after("good", Duration::ZERO).await, [who, what]);
    assert!(asked_after("good", KNOWN - SECOND).await.is_empty());
    assert_eq!(asked_after("good", SECOND * 2).await, [who], "a yes lives longer");
    assert_eq!(asked_after("good", YES).await, [who, what]);
    assert_eq!(asked_after("poor", Duration::ZERO).await, [who, what]);
    assert!(asked_after("poor", NO - SECOND).await.is_empty());
    assert_eq!(
        asked_after("poor", SECOND * 2).await,
        [what],
        "a no lives shorter"
    );
    assert_eq!(asked_after("forged", Duration::ZERO).await, [who]);
    assert!(
        asked_after("forged", SECOND).await.is_empty(),
        "a bad token is not asked for again"
    );
}

#[tokio::test(start_paused = true)]
async fn many_at_once_with_one_token_ask_once_per_permit() {
    let server = Server::default();
    let guard = server.guard();
    let all = (0..100).map(|_| judge(&guard, "good"));
    let verdicts = futures::future::join_all(all).await;
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Allowed));
    assert!(
        server.asked().len() <= AT_ONCE * 2,
        "the rest is answered from what is kept"
    );
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_is_asked_again_and_one_that_stays_busy_leaves_it_undecided() {
    let server = Server::default();
    let guard = server.guard();
    *server.failures.lock().unwrap() = 2;
    assert_eq!(judge(&guard, "good").await, Verdict::Allowed);
    assert_eq!(server.asked().len(), 4);
    *server.failures.lock().unwrap() = usize::MAX;
    assert_eq!(judge(&guard, "poor").await, Verdict::Undecided);
    assert_eq!(server.asked().len(), 5);
    *server.failures.lock().unwrap() = 0;
    let denied = Verdict::Denied { user: "poor".into() };
    assert_eq!(judge(&guard, "poor").await, denied, "no answer is not kept");
}

#[test]
fn what_is_kept_of_a_token_is_its_digest() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let hex: String = digest("").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, empty);
}
