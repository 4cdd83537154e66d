//! How leadership passes from one replica to the next when all goes well.

use krate::Operator;
use krate::controller::Controller;
use krate::k8s_openapi::api::events::v1::Event;
use krate::operator::Stop;
use kube::Api;
use kube::api::ListParams;
use tokio::time::{Instant, sleep};

use crate::replica::{MOMENT, SECOND, WORK, Weather, World, election, until};

#[tokio::test(start_paused = true)]
async fn one_of_two_leads_and_a_stop_hands_over_at_once() {
    let world = World::new();
    world.create("one").await;
    let first = world.start("first").await;
    let second = world.start("second").await;
    sleep(SECOND * 60).await;
    assert_eq!(
        world.diary.entries(),
        ["first starts default/one", "first wrote default/one"]
    );
    assert!(first.leads() && !second.leads());
    assert_eq!(second.report().holder.as_deref(), Some("first"));
    assert_eq!(second.site.caches().reports()[0].objects, 1, "warm");

    let stopped = Instant::now();
    first.stop().await.unwrap();
    until(SECOND, "the second leads", || second.leads()).await;
    sleep(MOMENT).await;
    let start = world.diary.when("second starts default/one");
    assert!(start - stopped < MOMENT, "{:?}", start - stopped);
    assert_eq!(second.lists(), 1, "taking over costs no list");
    let spec = world.lease().await.spec.unwrap();
    assert_eq!(
        (spec.holder_identity.as_deref(), spec.lease_transitions),
        (Some("second"), Some(1))
    );
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_a_watch_of_the_lease_a_standby_polls() {
    let world = World::new();
    world.create("one").await;
    let first = world.start("first").await;
    let second = world.start("second").await;
    second.link.turns(Weather::NoLeaseWatch);
    // The watch that is open already ends some time.
    sleep(SECOND * 600).await;
    first.stop().await.unwrap();
    until(SECOND * 5, "the second leads", || second.leads()).await;
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_not_released_is_left_to_expire() {
    let world = World::new();
    let first = world
        .start_with("first", WORK, |operator| {
            operator.leader_election(election().identity("first").release_on_stop(false))
        })
        .await;
    let second = world.start("second").await;
    sleep(SECOND * 60).await;
    first.stop().await.unwrap();
    sleep(SECOND * 12).await;
    assert!(!second.leads());
    until(SECOND * 4, "the second leads", || second.leads()).await;
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn runs_in_flight_at_a_stop_write_under_their_term_and_the_lease_goes_last() {
    let world = World::new();
    world.create("one").await;
    // Longer than a lease, so that only renewals keep it.
    let first = world.start_with("first", SECOND * 25, |operator| operator).await;
    let second = world.start("second").await;
    sleep(SECOND).await;
    first.stop().await.unwrap();
    until(SECOND, "the second leads", || second.leads()).await;
    sleep(MOMENT).await;
    let expected = [
        "first starts default/one",
        "first wrote default/one",
        "second starts default/one",
        "second wrote default/one",
    ];
    assert_eq!(world.diary.entries(), expected);
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn controllers_that_need_no_election_run_on_every_replica() {
    let world = World::new();
    world.create("one").await;
    let first = world.start("first").await;
    let (copier, kept) = world.copier("second", WORK);
    let everywhere = Operator::new()
        .controller(Controller::new(copier).needs_leader_election(false))
        .leader_election(election().identity("second"));
    let second = world.run("second", kept, everywhere).await;
    sleep(SECOND).await;
    assert!(first.leads() && !second.leads());
    assert_eq!(world.writes("second").len(), 1);
    // It goes on whatever becomes of the election.
    first.stop().await.unwrap();
    until(SECOND, "the second leads", || second.leads()).await;
    world.create("two").await;
    sleep(MOMENT).await;
    assert_eq!(world.writes("second").len(), 2);
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_stands_by_stops_at_once_and_leaves_the_lease_alone() {
    let world = World::new();
    let first = world.start("first").await;
    let second = world.start("second").await;
    let stopped = Instant::now();
    second.stop().await.unwrap();
    assert!(stopped.elapsed() < MOMENT);
    assert!(first.leads());
    let holder = world.lease().await.spec.unwrap().holder_identity;
    assert_eq!(holder.as_deref(), Some("first"));
    first.stop().await.unwrap();
    assert_eq!(world.lease().await.spec.unwrap().holder_identity, None);
}

#[tokio::test(start_paused = true)]
async fn the_events_of_the_lease_say_who_leads() {
    let world = World::new();
    let first = world.start("first").await;
    first.stop().await.unwrap();
    let events: Api<Event> = Api::namespaced(world.server.client(), "default");
    let events = events.list(&ListParams::default()).await.unwrap().items;
    let notes: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event.regarding.as_ref().and_then(|about| about.kind.as_deref()),
                event.note.as_deref(),
            )
        })
        .collect();
    assert_eq!(notes, [(Some("Lease"), Some("first became leader"))]);
}

#[tokio::test(start_paused = true)]
async fn times_that_do_not_fit_are_refused_before_anything_is_asked() {
    let world = World::new();
    let operator = Operator::new()
        .client(world.server.client())
        .leader_election(election().renew_deadline(SECOND * 15));
    let error = operator.run_until(&Stop::new()).await.unwrap_err();
    assert!(
        error.to_string().contains("must be above the renew deadline"),
        "{error}"
    );
    assert!(world.server.request_log().entries().is_empty());
}
