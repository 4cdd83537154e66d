use super::*;

type TestQueue = Queue<u32, &'static str>;

const SECOND: Duration = Duration::from_secs(1);

fn queue() -> TestQueue {
    Queue::new(Backoff::default(), 7)
}

/// Takes and finishes everything that is ready at a time; returns the keys in order.
fn drain_ready(queue: &mut TestQueue, now: Instant) -> Vec<u32> {
    let mut keys = Vec::new();
    while let Some(run) = queue.pop(now) {
        queue.finish(&run.key, Outcome::Done, now);
        keys.push(run.key);
    }
    keys
}

#[test]
fn equals_run_in_order_of_arrival_and_once() {
    let (mut queue, now) = (queue(), Instant::now());
    for key in [3, 1, 2, 1, 3] {
        queue.add(key, Level::Normal, "", now);
    }
    assert_eq!(drain_ready(&mut queue, now), [3, 1, 2]);
    assert!(queue.is_empty());
}

// F1: kube scans a hash set from its start, so some keys of a busy queue never run.
#[test]
fn f1_a_busy_queue_starves_no_key() {
    let (mut queue, mut now) = (queue(), Instant::now());
    for key in 0..200 {
        queue.add(key, Level::Normal, "", now);
    }
    let mut runs = [0u32; 200];
    for _ in 0..3000 {
        now += Duration::from_millis(20);
        let run = queue.pop(now).unwrap();
        runs[run.key as usize] += 1;
        queue.finish(&run.key, Outcome::Requeue(Duration::from_millis(500)), now);
    }
    assert_eq!(runs, [15; 200], "every key runs as often as every other");
}

#[test]
fn a_key_never_runs_twice_at_once_and_additions_during_a_run_cause_one_more() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add(1, Level::Normal, "first", now);
    let run = queue.pop(now).unwrap();
    assert_eq!(run.reason, Reason::Added("first"));
    for cause in ["second", "third"] {
        queue.add(1, Level::Normal, cause, now);
        assert_eq!(queue.pop(now), None);
    }
    queue.finish(&1, Outcome::Done, now);
    assert_eq!(
        queue.pop(now).map(|run| run.reason),
        Some(Reason::Added("second"))
    );
    queue.finish(&1, Outcome::Done, now);
    assert_eq!(queue.pop(now), None);
    assert!(queue.is_empty());
}

#[test]
fn higher_levels_go_first_and_an_addition_raises_a_waiting_key() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add(1, Level::Low, "", now);
    queue.add(2, Level::Normal, "", now);
    queue.add(3, Level::Low, "", now);
    queue.add(4, Level::High, "", now);
    queue.add(3, Level::Normal, "", now);
    queue.add(2, Level::Low, "", now);
    assert_eq!(drain_ready(&mut queue, now), [4, 2, 3, 1]);
}

#[test]
fn a_lower_level_progresses_however_many_urgent_keys_arrive() {
    let (mut queue, now) = (queue(), Instant::now());
    for key in 0..10 {
        queue.add(key, Level::Low, "", now);
    }
    let mut low = Vec::new();
    for turn in 0..200 {
        queue.add(1000 + turn, Level::High, "", now);
        queue.add(5000 + turn, Level::Normal, "", now);
        let run = queue.pop(now).unwrap();
        queue.finish(&run.key, Outcome::Done, now);
        low.extend(Some(run.key).filter(|key| *key < 10));
    }
    assert_eq!(
        low,
        (0..10).collect::<Vec<u32>>(),
        "time stands still, and yet every low key ran"
    );
}

#[test]
fn the_earliest_time_wins() {
    let (mut queue, now) = (queue(), Instant::now());
    for seconds in [5, 2, 9] {
        queue.add_after(1, Level::Normal, "", SECOND * seconds, now);
    }
    assert_eq!(queue.next_timer(), Some(now + SECOND * 2));
    assert!(drain_ready(&mut queue, now + SECOND).is_empty());
    assert_eq!(drain_ready(&mut queue, now + SECOND * 2), [1]);
    assert!(
        drain_ready(&mut queue, now + SECOND * 20).is_empty(),
        "the later times are absorbed"
    );
}

#[test]
fn a_failed_key_backs_off_further_each_time_and_success_forgets() {
    let (mut queue, mut now) = (queue(), Instant::now());
    queue.add(1, Level::Normal, "", now);
    for failures in 0..30 {
        let run = queue.pop(now).unwrap();
        assert_eq!(run.failures, failures);
        queue.finish(&1, Outcome::Retry, now);
        let due = queue.next_timer().unwrap_or(now);
        assert!(
            due - now <= Backoff::default().limit(failures + 1),
            "after failure {}",
            failures + 1
        );
        now = due;
    }
    let run = queue.pop(now).unwrap();
    assert_eq!((run.failures, run.reason), (30, Reason::Retry));
    queue.finish(&1, Outcome::Done, now);
    queue.add(1, Level::Normal, "", now);
    assert_eq!(queue.pop(now).map(|run| run.failures), Some(0));
}

#[test]
fn the_same_seed_gives_the_same_jitter() {
    let schedule = |seed| {
        let (mut queue, now) = (
            TestQueue::new(
                Backoff {
                    base: SECOND,
                    max: SECOND * 60,
                },
                seed,
            ),
            Instant::now(),
        );
        for key in 0..5 {
            queue.add(key, Level::Normal, "", now);
            queue.pop(now);
            queue.finish(&key, Outcome::Retry, now);
        }
        queue
            .timers
            .keys()
            .map(|(at, _)| *at - now)
            .collect::<Vec<Duration>>()
    };
    assert_eq!(schedule(1), schedule(1));
    assert_ne!(schedule(1), schedule(2));
}

#[test]
fn a_new_event_ends_a_back_off_and_keeps_the_count() {
    let backoff = Backoff {
        base: SECOND * 100,
        max: SECOND * 1000,
    };
    let (mut queue, now) = (TestQueue::new(backoff, 1), Instant::now());
    queue.add(1, Level::Normal, "", now);
    queue.pop(now);
    queue.finish(&1, Outcome::Retry, now);
    assert_eq!(queue.pop(now), None);
    queue.add(1, Level::Normal, "event", now);
    let run = queue.pop(now).unwrap();
    assert_eq!((run.reason, run.failures), (Reason::Added("event"), 1));
    queue.finish(&1, Outcome::Retry, now);
    assert_eq!(
        (queue.pop(now), queue.waiting()),
        (None, 1),
        "the old back-off does not fire as well"
    );
}

#[test]
fn an_event_during_a_run_that_fails_runs_at_once() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add(1, Level::Normal, "", now);
    queue.pop(now);
    queue.add(1, Level::Normal, "event", now);
    queue.finish(&1, Outcome::Retry, now);
    assert_eq!(
        queue.pop(now).map(|run| (run.reason, run.failures)),
        Some((Reason::Added("event"), 1))
    );
}

#[test]
fn a_time_given_by_the_run_counts_neither_up_nor_down() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add(1, Level::Normal, "", now);
    queue.pop(now);
    queue.finish(&1, Outcome::Retry, now);
    let mut now = now + SECOND;
    for _ in 0..3 {
        assert_eq!(queue.pop(now).map(|run| run.failures), Some(1));
        queue.finish(&1, Outcome::RetryAfter(SECOND), now);
        now += SECOND;
    }
}

#[test]
fn a_forgotten_key_loses_its_failures_and_its_timer() {
    let backoff = Backoff {
        base: SECOND * 100,
        max: SECOND * 1000,
    };
    let (mut queue, now) = (TestQueue::new(backoff, 1), Instant::now());
    queue.add(1, Level::Normal, "", now);
    queue.pop(now);
    queue.finish(&1, Outcome::Retry, now);
    queue.forget(&1, now);
    assert!(queue.is_empty());
    assert_eq!(queue.next_timer(), None);
}

#[test]
fn runs_of_a_hot_key_keep_their_interval() {
    let (mut queue, start) = (queue().with_min_interval(SECOND), Instant::now());
    let mut starts = Vec::new();
    for millis in (0..5000).step_by(50) {
        let now = start + Duration::from_millis(millis);
        queue.add(1, Level::Normal, "", now);
        while let Some(run) = queue.pop(now) {
            starts.push(millis);
            queue.finish(&run.key, Outcome::Done, now);
        }
    }
    assert_eq!(starts, [0, 1000, 2000, 3000, 4000]);
    let later = start + SECOND * 10;
    assert_eq!(drain_ready(&mut queue, later), [1]);
    queue.pop(later + SECOND * 2);
    assert!(queue.is_empty(), "a key that cooled down is not remembered");
}

#[test]
fn a_draining_queue_hands_out_what_is_ready_and_drops_what_waits() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add(1, Level::Normal, "", now);
    queue.add(2, Level::Normal, "", now);
    queue.add_after(3, Level::Normal, "", SECOND, now);
    queue.pop(now);
    queue.add(1, Level::Normal, "again", now);
    queue.drain();
    queue.drain();
    queue.add(4, Level::Normal, "", now);
    queue.finish(&1, Outcome::Requeue(SECOND), now);
    assert!(!queue.is_drained());
    assert_eq!(drain_ready(&mut queue, now + SECOND * 5), [2, 1]);
    assert!(queue.is_drained() && queue.is_finished() && queue.is_empty());
}

#[test]
fn a_closed_queue_hands_nothing_out_and_lets_runs_finish() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add(1, Level::Normal, "", now);
    queue.add(2, Level::Normal, "", now);
    queue.pop(now);
    queue.close();
    queue.close();
    assert!(queue.is_finished() && !queue.is_drained());
    assert_eq!(queue.pop(now), None);
    queue.finish(&1, Outcome::Retry, now);
    assert!(queue.is_drained() && queue.is_empty());
}

#[test]
fn finishing_what_does_not_run_changes_nothing() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.finish(&1, Outcome::Retry, now);
    queue.add(1, Level::Normal, "", now);
    queue.finish(&1, Outcome::Retry, now);
    assert_eq!(drain_ready(&mut queue, now), [1]);
    assert_eq!(queue.running(), 0);
}

#[test]
fn times_beyond_reckoning_are_far_off_but_not_an_error() {
    let (mut queue, now) = (queue(), Instant::now());
    queue.add_after(1, Level::Normal, "", Duration::MAX, now);
    queue.add(2, Level::Normal, "", now);
    queue.pop(now);
    queue.finish(&2, Outcome::Requeue(Duration::MAX), now);
    assert_eq!(queue.waiting(), 2);
}

#[test]
fn a_million_keys_come_out_as_they_went_in() {
    let (mut queue, now) = (queue(), Instant::now());
    for key in 0..1_000_000 {
        queue.add(key, Level::ALL[key as usize % 2], "", now);
    }
    assert_eq!(
        (queue.ready(Level::Low), queue.ready(Level::Normal)),
        (500_000, 500_000)
    );
    let mut last = [None; 2];
    let mut taken = 0;
    while let Some(run) = queue.pop(now) {
        let last = &mut last[run.key as usize % 2];
        assert!(last.is_none_or(|last| last < run.key));
        *last = Some(run.key);
        queue.finish(&run.key, Outcome::Done, now);
        taken += 1;
    }
    assert_eq!(taken, 1_000_000);
    assert!(queue.is_empty());
    assert!(
        queue.entries.capacity() <= ROOM,
        "the room for a million is given back"
    );
}
