//! The chain: a client around a client, with what requests pass in between.

use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use tower::{BoxError, Service};

use super::fence::{Fence, Unanswered, is_write};
use super::limit::Limiter;
use super::pass::{Passed, pass_on};
use super::{Limit, LimitReport};
use crate::Result;

/// The clients of one operator: all of them lead to the one it was given.
#[derive(Clone)]
pub(crate) struct Clients {
    bare: Client,
    shared: Client,
    limiter: Option<Limiter>,
}

/// What stands between a client and the one below.
#[derive(Clone)]
struct Link {
    below: Client,
    limiter: Option<Limiter>,
    fence: Option<Fence>,
}

impl Clients {
    /// Puts the chain before a client.
    ///
    /// # Errors
    ///
    /// If the limit would let nothing through.
    pub(crate) fn new(bare: Client, limit: Option<Limit>) -> Result<Self> {
        let limiter = limit.map(Limiter::new).transpose()?;
        let shared = match &limiter {
            Some(limiter) => link(&bare, Some(limiter.clone()), None),
            // Nothing to pass: not a hop more than needed.
            None => bare.clone(),
        };
        Ok(Self {
            bare,
            shared,
            limiter,
        })
    }

    /// Returns the client for everything that is bound to no term.
    pub(crate) fn shared(&self) -> &Client {
        &self.shared
    }

    /// Returns the client for the election: it waits for nobody, and no fence holds it up.
    pub(crate) fn bare(&self) -> &Client {
        &self.bare
    }

    /// Returns a client for a term: it, and every clone of it, writes only while the fence lets it.
    pub(crate) fn fenced(&self, fence: Fence) -> Client {
        link(&self.bare, self.limiter.clone(), Some(fence))
    }

    /// Returns what the limit has held up, `None` without a limit.
    pub(crate) fn limit(&self) -> Option<LimitReport> {
        self.limiter.as_ref().map(Limiter::report)
    }
}

fn link(below: &Client, limiter: Option<Limiter>, fence: Option<Fence>) -> Client {
    let namespace = below.default_namespace().to_owned();
    let link = Link {
        below: below.clone(),
        limiter,
        fence,
    };
    Client::new(link, namespace).with_valid_until(*below.valid_until())
}

impl Link {
    async fn pass(self, mut request: Request<Body>) -> Result<Response<Passed>, BoxError> {
        if let Some(limiter) = &self.limiter {
            let held = limiter.turn().await;
            request.extensions_mut().insert(held);
        }
        let Some(fence) = self.fence.filter(|_| is_write(&request)) else {
            return pass_on(self.below.send(request).await);
        };
        // After every wait: what was in time before it may be late now.
        let pass = fence.admit()?;
        tokio::select! {
            biased;
            () = pass.given_up() => Err(Unanswered.into()),
            answer = self.below.send(request) => pass_on(answer),
        }
    }
}

impl Service<Request<Body>> for Link {
    type Response = Response<Passed>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Passed>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // The client below queues by itself.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().pass(request))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::Api;
    use kube::api::{DeleteParams, PostParams};
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::{Error, ErrorKind};

    const SECOND: Duration = Duration::from_secs(1);

    /// What reached the server, and when.
    type Seen = Arc<Mutex<Vec<(String, Duration)>>>;

    /// A client whose server takes a time to answer each request with a config map.
    fn server(takes: Duration) -> (Client, Seen) {
        let (seen, start) = (Seen::default(), Instant::now());
        let log = Arc::clone(&seen);
        let service = tower::service_fn(move |request: Request<Body>| {
            log.lock()
                .unwrap()
                .push((request.method().to_string(), start.elapsed()));
            async move {
                sleep(takes).await;
                let answer = Body::from(br#"{"metadata":{"name":"a"}}"#.to_vec());
                Ok::<_, Infallible>(Response::new(answer))
            }
        });
        (Client::new(service, "default"), seen)
    }

    fn maps(client: Client) -> Api<ConfigMap> {
        Api::namespaced(client, "default")
    }

    fn methods(seen: &Seen) -> Vec<String> {
        seen.lock()
            .unwrap()
            .iter()
            .map(|(method, _)| method.clone())
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn past_the_deadline_a_kept_clone_reads_but_does_not_write() {
        let (bare, seen) = server(Duration::ZERO);
        let clients = Clients::new(bare, None).unwrap();
        let kept = maps(clients.fenced(Fence::until(Instant::now() + SECOND)));
        let params = PostParams::default();
        kept.create(&params, &ConfigMap::default()).await.unwrap();
        sleep(SECOND).await;
        let error = kept.create(&params, &ConfigMap::default()).await.unwrap_err();
        let error = Error::from(error);
        assert_eq!(error.kind(), ErrorKind::NotLeader);
        assert_eq!(
            error.to_string(),
            "ServiceError: nothing was sent: the term in which this process led is over"
        );
        let delete = kept.delete("a", &DeleteParams::default()).await.unwrap_err();
        assert_eq!(Error::from(delete).kind(), ErrorKind::NotLeader);
        kept.get("a").await.unwrap();
        assert_eq!(methods(&seen), ["POST", "GET"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_in_flight_when_the_term_ends_is_given_up_with_its_outcome_unknown() {
        let (bare, seen) = server(SECOND * 10);
        let clients = Clients::new(bare, None).unwrap();
        let fence = Fence::until(Instant::now() + SECOND * 5);
        let kept = maps(clients.fenced(fence.clone()));
        let writing =
            tokio::spawn(async move { kept.create(&PostParams::default(), &ConfigMap::default()).await });
        sleep(SECOND).await;
        fence.shut();
        fence.idle().await;
        let error = Error::from(writing.await.unwrap().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(methods(&seen), ["POST"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_waited_for_the_limit_past_the_deadline_is_refused() {
        let (bare, seen) = server(Duration::ZERO);
        let clients = Clients::new(bare, Some(Limit { qps: 0.5, burst: 1 })).unwrap();
        let kept = maps(clients.fenced(Fence::until(Instant::now() + SECOND)));
        kept.get("a").await.unwrap();
        let error = kept.create(&PostParams::default(), &ConfigMap::default()).await;
        assert_eq!(Error::from(error.unwrap_err()).kind(), ErrorKind::NotLeader);
        assert_eq!(methods(&seen), ["GET"]);
    }

    #[tokio::test(start_paused = true)]
    async fn all_clients_share_the_limit_but_the_election_does_not_wait() {
        let (bare, seen) = server(Duration::ZERO);
        let limit = Limit { qps: 1.0, burst: 2 };
        let clients = Clients::new(bare, Some(limit)).unwrap();
        let fenced = maps(clients.fenced(Fence::until(Instant::now() + SECOND * 60)));
        let shared = maps(clients.shared().clone());
        let election = maps(clients.bare().clone());
        let (one, other, two, more, lease) = tokio::join!(
            fenced.get("a"),
            shared.get("a"),
            fenced.get("a"),
            shared.get("a"),
            election.get("a"),
        );
        for answer in [one, other, two, more, lease] {
            answer.unwrap();
        }
        let mut at: Vec<u64> = seen.lock().unwrap().iter().map(|(_, at)| at.as_secs()).collect();
        at.sort_unstable();
        assert_eq!(at, [0, 0, 0, 1, 2]);
        let report = clients.limit().unwrap();
        assert_eq!((report.delayed, report.waited), (2, SECOND * 3));
    }
}
