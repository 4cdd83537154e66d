//! What the leader does beside its controllers, from term to term.

use krate::operator::Leading;
use krate::{Error, Operator, Result};
use tokio::time::sleep;

use crate::replica::{Diary, MOMENT, SECOND, WORK, Weather, World, until, write};

/// A duty that notes when it begins and ends, and writes once.
fn noted(
    diary: &Diary,
    name: &'static str,
) -> impl Fn(Leading) -> futures::future::BoxFuture<'static, Result<()>> + Send + Sync + 'static {
    /// Notes it if the duty is dropped.
    struct Dropped(Diary, &'static str);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.note(format!("{} drops it", self.1));
        }
    }
    let diary = diary.clone();
    move |leading| {
        let diary = diary.clone();
        Box::pin(async move {
            diary.note(format!("{name} begins"));
            let dropped = Dropped(diary.clone(), name);
            write(leading.client(), name, name).await?;
            leading.ended().await;
            sleep(SECOND).await;
            std::mem::forget(dropped);
            diary.note(format!("{name} ends"));
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_duty_runs_where_the_lease_is_and_anew_in_each_term() {
    let world = World::new();
    let with_duty = |name: &'static str| {
        let diary = world.diary.clone();
        move |operator: Operator| operator.while_leading("the duty", noted(&diary, name))
    };
    let first = world.start_with("first", WORK, with_duty("first")).await;
    let second = world.start_with("second", WORK, with_duty("second")).await;
    sleep(SECOND).await;
    assert_eq!(world.diary.entries(), ["first begins"]);

    first.link.turns(Weather::Cut);
    until(SECOND * 20, "the second leads", || second.leads()).await;
    first.link.turns(Weather::Fair);
    second.stop().await.unwrap();
    until(SECOND * 5, "the first leads again", || first.leads()).await;
    sleep(MOMENT).await;
    first.stop().await.unwrap();
    let expected = [
        "first begins",
        "first drops it",
        "second begins",
        "second ends",
        "first begins",
        "first ends",
    ];
    assert_eq!(world.diary.entries(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_duty_that_fails_stops_the_operator() {
    let world = World::new();
    let failing = |_: Leading| async { Err(Error::new("told to fail")) };
    let first = world
        .start_with("first", WORK, |operator| {
            operator.while_leading("the duty", failing)
        })
        .await;
    let error = first.ended().await.unwrap_err().to_string();
    assert_eq!(error, "failed to run the duty: told to fail");
}

#[tokio::test(start_paused = true)]
async fn without_an_election_a_duty_runs_once() {
    let world = World::new();
    let diary = world.diary.clone();
    let (copier, kept) = world.copier("only", WORK);
    let operator = Operator::new()
        .controller(copier)
        .while_leading("the duty", noted(&diary, "only"))
        .while_leading("another", |leading| async move {
            assert!(leading.term().is_none());
            Ok(())
        });
    let only = world.run("only", kept, operator).await;
    sleep(SECOND * 60).await;
    only.stop().await.unwrap();
    assert_eq!(world.diary.entries(), ["only begins", "only ends"]);
}
