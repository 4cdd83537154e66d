//! The operator of a measurement, in a process of its own.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use krate::operator::Stop;
use krate::prelude::*;
use tokio::sync::Notify;

use crate::Result;
use crate::item::Item;

/// Counts how often each object was reconciled.
#[derive(Reconciler)]
#[reconciler(for = Item)]
struct Counter {
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    runs: Mutex<BTreeMap<(String, String), u32>>,
    changed: Notify,
}

impl Reconcile for Counter {
    async fn reconcile(&self, item: Arc<Item>, _cx: &Context<Self>) -> krate::Result<Action> {
        let meta = &item.metadata;
        let key = (
            meta.namespace.clone().unwrap_or_default(),
            meta.name.clone().unwrap_or_default(),
        );
        *self
            .seen
            .runs
            .lock()
            .expect("no holder panics")
            .entry(key)
            .or_default() += 1;
        self.seen.changed.notify_one();
        Ok(Action::done())
    }
}

/// Reconciles until `objects` objects were seen, says so with the number of runs, and stays until standard input ends.
pub(crate) async fn operate(objects: usize) -> Result<()> {
    let seen = Arc::new(Seen::default());
    let stop = Stop::new();
    let operator = Operator::new().controller(Counter { seen: seen.clone() });
    let stopping = stop.clone();
    let running = tokio::spawn(async move { operator.run_until(&stopping).await });
    while seen.runs.lock().expect("no holder panics").len() < objects {
        seen.changed.notified().await;
    }
    println!("synced");
    // A doubled run would come now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let runs: u32 = seen.runs.lock().expect("no holder panics").values().sum();
    println!("{runs}");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    stop.request();
    running.await??;
    Ok(())
}
