use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::context::fake::Fake;

/// A subscriber of an operator's own, which panics at the first span it sees.
#[derive(Default)]
struct Stumbles {
    has_stumbled: AtomicBool,
}

impl Subscriber for Stumbles {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        assert!(self.has_stumbled.swap(true, Ordering::Relaxed), "the first span");
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn engine() -> Engine {
    let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
    let named = ("test".to_owned(), Kind::of::<Secret>());
    let gone: Gone = Arc::new(|_| {});
    let (meter, journal) = (ControllerMeter::default(), Journal::new(0));
    Engine::new(named, Options::default(), environment, meter, journal, gone)
}

fn add(engine: &Engine, name: &str) {
    let key = ObjectKey::cluster(name);
    engine.shared.queue.add(key, Level::Normal, Cause::Initial);
}

/// Returns a tenure that lasts until the token is cancelled.
fn tenure(stop: &CancellationToken) -> Tenure {
    Tenure {
        client: Fake::new([]).run.shared.client.clone(),
        term: None,
        stop: stop.clone(),
        cut: CancellationToken::new(),
    }
}

/// Returns what tells of each key that it ran.
fn telling(tell: impl Fn(ObjectKey) + Send + Sync + 'static) -> RunKey {
    Arc::new(move |ticket| {
        tell(ticket.key);
        Box::pin(async { Ok(Action::done()) })
    })
}

#[tokio::test(start_paused = true)]
async fn a_panic_outside_of_the_reconciler_costs_one_run_and_no_worker() {
    let _stumbles = tracing::subscriber::set_default(Stumbles::default());
    let (engine, stop) = (engine(), CancellationToken::new());
    let (ran, mut runs) = mpsc::unbounded_channel();
    let run = telling(move |key| drop(ran.send(key)));
    let (tenure, outside) = (tenure(&stop), Outside::default());
    let working = engine.run(run, &tenure, &outside, || {
        ["a", "b"].iter().for_each(|name| add(&engine, name))
    });
    let ended = timeout(Duration::from_secs(60), async {
        tokio::join!(working, async {
            let key = runs.recv().await;
            stop.cancel();
            key
        })
    });
    assert_eq!(ended.await.unwrap().1, Some(ObjectKey::cluster("b")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_key_runs_while_others_are_put_in() {
    let (engine, stop) = (engine(), CancellationToken::new());
    let (ran, runs) = std::sync::mpsc::channel();
    let run = telling(move |key| drop(ran.send(key)));
    let (tenure, outside) = (tenure(&stop), Outside::default());
    let filled = engine.clone();
    let fill = move || {
        add(&filled, "a");
        let first = runs.recv_timeout(Duration::from_secs(60));
        stop.cancel();
        assert_eq!(first, Ok(ObjectKey::cluster("a")));
    };
    engine.run(run, &tenure, &outside, fill).await;
}
