//! Every fault by itself: it may cost time and requests, and nothing else.

use std::fmt::Write;

use krate_testing::fault::{Fault, Injection, Target, Verb};
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::json;

use crate::world::{NAMESPACE, Picture, SECOND, World, pass};

/// What goes wrong.
#[derive(Clone, Debug)]
enum Trouble {
    Nothing,
    /// Requests go wrong, once watches that run have been hung up.
    Injected(Vec<Injection>),
    ServerRestarts,
    OperatorIsKilled,
    /// The operator is killed, and the next one reads lists of yesterday.
    OperatorIsKilledAndListsAreStale,
    DefinitionComesLate,
    DefinitionIsRecreated,
    Forbidden,
}

/// How it went.
struct Row {
    name: String,
    struck: usize,
    requests: usize,
    runs: usize,
    picture: Picture,
    /// Writes after everything had come to rest.
    late: Vec<String>,
}

fn troubles() -> Vec<(String, Trouble)> {
    let one = |fault: &Fault| {
        (
            format!("{fault:?}"),
            Trouble::Injected(vec![Injection::new(fault.clone())]),
        )
    };
    let mut all: Vec<(String, Trouble)> = Fault::catalogue().iter().map(one).collect();
    // These would go on for ever if they struck every request.
    all.retain(|(name, _)| !["Stale", "Unanswered", "Raced"].contains(&name.as_str()));
    let sometimes = |fault: Fault| Trouble::Injected(vec![Injection::new(fault).chance(300)]);
    let writes = |fault: Fault| Trouble::Injected(vec![Injection::new(fault).on(Target::writes()).times(6)]);
    let more = [
        ("lost responses now and then", sometimes(Fault::ResponseLost)),
        ("lost requests now and then", sometimes(Fault::RequestLost)),
        ("time-outs after the commit", writes(Fault::Unanswered)),
        ("lost responses of six writes", writes(Fault::ResponseLost)),
        ("a rival before each of six writes", writes(Fault::Raced)),
        (
            "stale lists after a gap",
            Trouble::Injected(vec![
                Injection::new(Fault::Expired).times(6),
                Injection::new(Fault::Stale).times(9),
            ]),
        ),
        (
            "slow lists",
            Trouble::Injected(vec![
                Injection::new(Fault::Expired).times(3),
                Injection::new(Fault::Slow(SECOND * 20)).on(Target::verbs([Verb::List])),
            ]),
        ),
        ("the server restarts", Trouble::ServerRestarts),
        ("the operator is killed", Trouble::OperatorIsKilled),
        (
            "the operator is killed, lists are stale",
            Trouble::OperatorIsKilledAndListsAreStale,
        ),
        ("the CRD is missing, then installed", Trouble::DefinitionComesLate),
        ("the CRD is deleted and recreated", Trouble::DefinitionIsRecreated),
        ("403, then granted", Trouble::Forbidden),
    ];
    all.extend(more.map(|(name, trouble)| (name.to_owned(), trouble)));
    all
}

async fn begin(world: &mut World, trouble: &Trouble) {
    match trouble {
        Trouble::Injected(injections) => {
            injections
                .iter()
                .cloned()
                .for_each(|injection| world.faults.inject(injection));
            world.faults.hang_up(&Target::any());
        }
        Trouble::ServerRestarts => world.faults.restart(SECOND * 10),
        Trouble::OperatorIsKilled => world.kill().await,
        Trouble::OperatorIsKilledAndListsAreStale => {
            world.kill().await;
            // Children that the server names are counted, and who counts a list that is no longer true makes more.
            // A server does not do that to lists without a version; names that are known bear even this.
            for kind in ["shops", "configmaps"] {
                let target = Target::lists().of(kind);
                world.faults.inject(Injection::new(Fault::Stale).on(target));
            }
            world.run();
        }
        Trouble::Forbidden => world.forbid().await,
        Trouble::Nothing | Trouble::DefinitionComesLate | Trouble::DefinitionIsRecreated => {}
    }
}

async fn end(world: &mut World, trouble: &Trouble) {
    world.faults.heal();
    match trouble {
        Trouble::OperatorIsKilled => world.run(),
        Trouble::Forbidden => world.grant().await,
        Trouble::DefinitionIsRecreated => {
            world.uninstall().await;
            for _ in 0..60 {
                pass(SECOND).await;
            }
            assert!(!world.is_installed().await, "the definition does not go");
            world.install().await;
            for (name, aisles, tills) in [("corner", 1, 3), ("kiosk", 1, 1), ("stall", 2, 1)] {
                world.open(name, aisles, tills).await.unwrap();
            }
        }
        _ => {}
    }
}

/// What people do in the course of a day; the same whatever goes wrong.
async fn day(trouble: &Trouble) -> (World, usize, Picture) {
    let mut world = World::new(11).await;
    if matches!(trouble, Trouble::DefinitionComesLate) {
        world.uninstall().await;
        world.run();
        pass(SECOND * 60).await;
        world.install().await;
    } else {
        world.run();
    }
    for (name, aisles, tills) in [("corner", 2, 2), ("market", 3, 3), ("kiosk", 1, 1)] {
        world.open(name, aisles, tills).await.unwrap();
    }
    pass(SECOND * 10).await;

    begin(&mut world, trouble).await;
    world.change("corner", 1, 3).await.unwrap();
    world.close("market").await.unwrap();
    world.open("stall", 2, 1).await.unwrap();
    world
        .aisles()
        .delete("kiosk-aisle-0", &DeleteParams::default())
        .await
        .unwrap();
    let vandal = Patch::Merge(json!({"data": {"number": "thirteen"}}));
    world
        .aisles()
        .patch("corner-aisle-0", &PatchParams::default(), &vandal)
        .await
        .unwrap();
    pass(SECOND * 60).await;
    end(&mut world, trouble).await;

    pass(SECOND * 300).await;
    let picture = world.picture().await;
    let quiet = world.faults.record().len();
    (world, quiet, picture)
}

async fn play(name: String, trouble: &Trouble) -> Row {
    let (mut world, quiet, picture) = day(trouble).await;
    let (struck, runs) = (world.faults.struck(), world.diary.pages().runs);
    pass(SECOND * 900).await;
    let late = world
        .writes(quiet)
        .into_iter()
        .map(|record| record.asked.url)
        .collect();
    assert!(
        world.diary.pages().crowded.is_empty(),
        "{name}: two runs of one shop at once"
    );
    world.stop().await;
    Row {
        name,
        struck,
        requests: quiet,
        runs,
        picture,
        late,
    }
}

#[tokio::test(start_paused = true)]
async fn after_every_fault_the_cluster_is_as_it_would_be_without() {
    let calm = play("nothing".to_owned(), &Trouble::Nothing).await;
    assert!(
        calm.picture.contains_key("aisle stall-aisle-1"),
        "{:#?}",
        calm.picture
    );
    assert!(
        !calm.picture.keys().any(|key| key.contains("market")),
        "{:#?}",
        calm.picture
    );
    let mut table = format!(
        "{:<45} {:>6}  {:<9} {:>14} {:>5}\n",
        "fault", "struck", "converged", "extra requests", "runs"
    );
    let mut wrong = String::new();
    let mut rows = vec![];
    for (name, trouble) in troubles() {
        rows.push(play(name, &trouble).await);
    }
    rows.insert(
        0,
        Row {
            picture: calm.picture.clone(),
            name: calm.name.clone(),
            late: calm.late.clone(),
            ..calm
        },
    );
    for row in &rows {
        let converged = row.picture == calm.picture && row.late.is_empty();
        let extra = i64::try_from(row.requests).unwrap() - i64::try_from(calm.requests).unwrap();
        let Row {
            name, struck, runs, ..
        } = row;
        let verdict = if converged { "yes" } else { "NO" };
        writeln!(
            table,
            "{name:<45} {struck:>6}  {verdict:<9} {extra:>+14} {runs:>5}"
        )
        .unwrap();
        if !converged {
            let differs = calm
                .picture
                .iter()
                .filter(|(key, value)| row.picture.get(*key) != Some(value));
            let differs: Vec<_> = differs.map(|(key, _)| (key, row.picture.get(key))).collect();
            let extra: Vec<_> = row
                .picture
                .iter()
                .filter(|(key, _)| !calm.picture.contains_key(*key))
                .collect();
            writeln!(
                wrong,
                "{name}: {differs:?}, and {extra:?}; written late: {:?}",
                row.late
            )
            .unwrap();
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "in namespace {NAMESPACE}:\n{table}\n{wrong}");
}
