//! The contestant on krate: one controller, as a scaffold has it.

mod item;
mod record;

use std::process::ExitCode;
use std::sync::Arc;

use krate::Kind;
use krate::context::Filter;
use krate::election::LeaderElection;
use krate::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use item::ItemStatus;
use record::Record;

/// How often the whole kind is listed, if at all.
const LISTS: usize = 5;

/// Something with a payload.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.krate.dev",
    version = "v1",
    kind = "Item",
    namespaced,
    status = "ItemStatus"
)]
struct ItemSpec {
    /// Number of the last update.
    number: i64,
    /// Text that takes room.
    payload: String,
    /// Short texts.
    tags: Vec<String>,
}

#[derive(Reconciler)]
#[reconciler(for = Item)]
struct Recorder {
    record: Record,
}

impl Reconcile for Recorder {
    async fn reconcile(&self, item: Arc<Item>, cx: &Context<Self>) -> krate::Result<Action> {
        let is_last = self.record.run(item.spec.number);
        if is_last && std::env::var_os("BENCH_LISTS").is_some() {
            for _ in 0..LISTS {
                let began = Instant::now();
                let items = cx.list::<Item>(Filter::all()).await?;
                println!("list {}", began.elapsed().as_nanos());
                drop(items);
            }
        }
        Ok(Action::done())
    }
}

fn main() -> ExitCode {
    let record = Record::from_env();
    record.tell_at_the_end();
    let election = std::env::var("BENCH_ELECT").ok();
    let election = election.map(|lease| LeaderElection::new(lease).namespace("default"));
    krate::main(|| {
        let operator = Operator::new()
            .controller(Recorder { record })
            .leader_election(election);
        match std::env::var_os("BENCH_DECODED") {
            Some(_) => operator.keep_decoded(Kind::of::<Item>()),
            None => operator,
        }
    })
}
