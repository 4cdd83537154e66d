//! How a term ends when the lease is lost, and that nothing of it is written afterwards.

use krate::k8s_openapi::api::coordination::v1::Lease;
use krate::{Error, ErrorKind};
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::replica::{MOMENT, SECOND, WORK, Weather, World, election, until, write};

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_is_followed_and_stands_again_in_the_same_process() {
    let world = World::new();
    world.create("one").await;
    let first = world.start("first").await;
    let second = world.start("second").await;
    sleep(SECOND * 60).await;
    first.link.turns(Weather::Cut);
    let cut = Instant::now();
    until(SECOND * 20, "the second leads", || second.leads()).await;
    // Not before the lease is over, counted from the last renewal the second has seen, and not long after.
    let waited = cut.elapsed();
    assert!(waited > SECOND * 12 && waited < SECOND * 16, "{waited:?}");
    assert!(!first.leads());
    assert_eq!(first.report().losses, 1);

    // Back again it stands by, with its caches as they were.
    first.link.turns(Weather::Fair);
    sleep(SECOND * 30).await;
    assert!(!first.leads() && second.leads());
    let starts = |name: &str| {
        let start = format!("{name} starts default/one");
        world
            .diary
            .entries()
            .iter()
            .filter(|entry| **entry == start)
            .count()
    };
    assert_eq!((starts("first"), starts("second")), (1, 1));

    second.stop().await.unwrap();
    until(SECOND, "the first leads again", || first.leads()).await;
    sleep(MOMENT).await;
    assert_eq!(starts("first"), 2, "its queue is filled anew");
    assert_eq!((first.report().terms, first.lists()), (2, 1));
    first.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn runs_of_a_lost_term_are_cut_off_before_anybody_else_starts() {
    let world = World::new();
    world.create("one").await;
    let first = world
        .start_with("first", SECOND * 3600, |operator| operator)
        .await;
    let second = world.start("second").await;
    sleep(SECOND * 60).await;
    first.link.turns(Weather::Cut);
    until(SECOND * 20, "the second leads", || second.leads()).await;
    sleep(MOMENT).await;
    let expected = [
        "first starts default/one",
        "first cut off",
        "second starts default/one",
        "second wrote default/one",
    ];
    assert_eq!(world.diary.entries(), expected);
    let margin = world.diary.when("second starts default/one") - world.diary.when("first cut off");
    assert!(margin > SECOND * 4, "{margin:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_kept_from_a_lost_term_is_refused_also_when_the_process_leads_again() {
    let world = World::new();
    world.create("one").await;
    let first = world.start("first").await;
    let second = world.start("second").await;
    let kept = first.kept.lock().unwrap()[0].clone();
    write(&kept, "early", "first").await.unwrap();
    first.link.turns(Weather::Cut);
    until(SECOND * 20, "the second leads", || second.leads()).await;
    first.link.turns(Weather::Fair);

    let before = world.writes("first");
    let error = write(&kept, "late", "first").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLeader, "{error}");
    second.stop().await.unwrap();
    until(SECOND * 20, "the first leads again", || first.leads()).await;
    let error = write(&kept, "late", "first").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLeader, "{error}");
    sleep(MOMENT).await;
    let late: Vec<String> = world.writes("first").split_off(before.len());
    assert_eq!(late.len(), 1, "the run of the new term alone: {late:?}");

    // What the new term hands out writes, and the one for every replica always did.
    let new = first.kept.lock().unwrap()[1].clone();
    write(&new, "again", "first").await.unwrap();
    write(first.site.client(), "unfenced", "first").await.unwrap();
    first.stop().await.unwrap();
    let error = write(&new, "late", "first").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLeader, "after a stop: {error}");
}

#[tokio::test(start_paused = true)]
async fn two_replicas_never_both_write() {
    let world = World::new();
    let replicas = [
        ("first", world.start("first").await),
        ("second", world.start("second").await),
    ];
    // Whoever leads, both try to write all the time, with every client they ever had.
    for (number, weather) in [Weather::Cut, Weather::Fair, Weather::Cut].iter().enumerate() {
        world.create(&format!("map-{number}")).await;
        for _ in 0..200 {
            for (name, replica) in &replicas {
                let kept = replica.kept.lock().unwrap().clone();
                for client in &kept {
                    try_to_write(&world, client, name).await;
                }
            }
            sleep(SECOND / 10).await;
        }
        replicas[0].1.link.turns(*weather);
    }
    for (name, replica) in replicas {
        let writes = world.writes(name);
        let contended = writes.iter().filter(|write| write.contains("contended")).count();
        assert!(contended > 100, "{name} had its time: {contended}");
        replica.link.turns(Weather::Fair);
        replica.stop().await.unwrap();
    }
}

/// A write succeeds only where the lease is.
async fn try_to_write(world: &World, client: &kube::Client, name: &str) {
    match write(client, "contended", name).await {
        Ok(()) => {
            let holder = world.lease().await.spec.unwrap().holder_identity;
            assert_eq!(holder.as_deref(), Some(name));
        }
        Err(error) => {
            let expected = [ErrorKind::NotLeader, ErrorKind::Transport];
            assert!(expected.contains(&error.kind()), "{error:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_else_took_ends_the_term_at_the_next_renewal() {
    let world = World::new();
    let first = world.start("first").await;
    let leases: Api<Lease> = Api::namespaced(world.server.client(), "default");
    let theirs =
        json!({"spec": {"holderIdentity": "somebody", "leaseDurationSeconds": 600, "leaseTransitions": 9}});
    leases
        .patch(
            "copier.example.com",
            &PatchParams::default(),
            &Patch::Merge(theirs),
        )
        .await
        .unwrap();
    sleep(SECOND * 3).await;
    let report = first.report();
    assert!(!report.leading);
    assert_eq!(
        (report.holder.as_deref(), report.slow_paths),
        (Some("somebody"), 1)
    );
    first.stop().await.unwrap();
    let spec = world.lease().await.spec.unwrap();
    assert_eq!(
        spec.holder_identity.as_deref(),
        Some("somebody"),
        "never released for others"
    );
}

#[tokio::test(start_paused = true)]
async fn a_label_on_the_lease_costs_one_slow_renewal_and_no_term() {
    let world = World::new();
    let first = world.start("first").await;
    let leases: Api<Lease> = Api::namespaced(world.server.client(), "default");
    let label = json!({"metadata": {"labels": {"team": "shop"}}});
    leases
        .patch(
            "copier.example.com",
            &PatchParams::default(),
            &Patch::Merge(label),
        )
        .await
        .unwrap();
    sleep(SECOND * 60).await;
    let report = first.report();
    assert_eq!((report.leading, report.terms, report.slow_paths), (true, 1, 1));
    assert!(world.lease().await.metadata.labels.is_some(), "the label stays");
    first.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_costs_no_term() {
    let world = World::new();
    let first = world.start("first").await;
    sleep(SECOND).await;
    first.link.turns(Weather::Cut);
    sleep(SECOND * 6).await;
    assert!(first.leads() && first.report().error.is_some());
    first.link.turns(Weather::Fair);
    sleep(SECOND * 60).await;
    let report = first.report();
    assert_eq!((report.leading, report.terms, report.error), (true, 1, None));
    first.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn losing_the_lease_ends_the_operator_if_that_is_wanted() {
    let world = World::new();
    let first = world
        .start_with("first", WORK, |operator| {
            operator.leader_election(election().identity("first").exit_on_loss(true))
        })
        .await;
    first.link.turns(Weather::Cut);
    let error: Error = first.ended().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLeader, "{error}");
    assert_eq!(
        error.to_string(),
        "failed to run the leader election: failed to keep the lease `default/copier.example.com`: \
         not renewed within 10s; the election is set to exit on loss"
    );
}

#[tokio::test(start_paused = true)]
async fn what_goes_while_nobody_leads_is_forgotten_and_not_reconciled() {
    let world = World::new();
    world.create("one").await;
    world.create("two").await;
    let first = world.start("first").await;
    let second = world.start("second").await;
    world.delete("one").await;
    sleep(MOMENT).await;
    assert!(
        world
            .diary
            .entries()
            .contains(&"second forgot default/one".to_owned())
    );
    first.stop().await.unwrap();
    until(SECOND, "the second leads", || second.leads()).await;
    sleep(MOMENT).await;
    let by_second: Vec<String> = world
        .diary
        .entries()
        .into_iter()
        .filter(|entry| entry.starts_with("second") && !entry.contains("forgot"))
        .collect();
    assert_eq!(
        by_second,
        ["second starts default/two", "second wrote default/two"]
    );
    second.stop().await.unwrap();
}
