//! A few faults on any arm: what holds on the embedded server holds on a real one.

use krate_testing::fault::{Fault, Injection, Target};
use krate_testing::{Cluster, Result, eventually};
use kube::api::ListParams;

use crate::shop::Shop;
use crate::world::{SECOND, World, pass};

/// What goes wrong while a shop changes; few, as they take their time on a real clock.
fn faults() -> Vec<Injection> {
    let refused = Fault::Refused {
        code: 503,
        retry_after: Some(1),
    };
    vec![
        Injection::new(Fault::ResponseLost).on(Target::writes()).times(4),
        Injection::new(Fault::Raced).on(Target::writes()).times(3),
        Injection::new(refused).on(Target::writes()).times(2),
        Injection::new(Fault::Expired).times(2),
        Injection::new(Fault::Truncated { events: 1 }).times(2),
        Injection::new(Fault::Delayed(SECOND)).times(3),
    ]
}

fn is_done(shop: &Shop, aisles: i32, tills: i32) -> bool {
    let status = shop.status.as_ref();
    let is_seen = |generation| generation == shop.metadata.generation;
    status.is_some_and(|it| (it.aisles, it.tills) == (aisles, tills) && is_seen(it.observed_generation))
}

async fn check(cluster: Cluster) -> Result<()> {
    let mut world = World::within(cluster, 17).await;
    world.run();
    world.open("corner", 3, 2).await.unwrap();
    eventually(&world.shops(), "corner", |it| is_done(it, 3, 2)).await?;

    faults().into_iter().for_each(|fault| world.faults.inject(fault));
    world.faults.hang_up(&Target::any());
    world.change("corner", 1, 4).await.unwrap();
    eventually(&world.shops(), "corner", |it| is_done(it, 1, 4)).await?;
    world.faults.heal();
    pass(SECOND * 5).await;

    let quiet = world.faults.record().len();
    let tills = world
        .tills()
        .list(&ListParams::default().labels("shop=corner"))
        .await
        .unwrap();
    assert_eq!(tills.items.len(), 4, "none is missing, and none was made twice");
    let picture = world.picture().await;
    let aisles: Vec<&String> = picture.keys().filter(|key| key.starts_with("aisle")).collect();
    assert_eq!(aisles, ["aisle corner-aisle-0"]);
    assert!(
        world.faults.struck() > 8,
        "the faults struck: {}",
        world.faults.struck()
    );
    pass(SECOND * 5).await;
    let late = world.writes(quiet);
    assert!(late.is_empty(), "{late:#?}");
    world.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_real_api_server_behind_faults_comes_to_the_same() -> Result<()> {
    match Cluster::real().await? {
        Some(cluster) => check(cluster).await,
        None => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn an_embedded_api_server_behind_faults_comes_to_the_same() -> Result<()> {
    check(Cluster::embedded()?).await
}
