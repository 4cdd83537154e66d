//! The queue against a model that is too simple to be wrong: a list of keys, searched from its start.

use std::collections::BTreeMap;

use fastrand::Rng;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_oneof, proptest};
use proptest::test_runner::RngSeed;

use super::*;

const MIN_INTERVAL: Duration = Duration::from_millis(40);
const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(30),
    max: Duration::from_millis(400),
};
const SEED: u64 = 3;

#[derive(Clone, Debug)]
enum Step {
    Add(u8, Level),
    AddAfter(u8, Level, u64),
    Pop,
    Finish(usize, Outcome),
    Forget(u8),
    Advance(u64),
    Drain,
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..6u8;
    let level = prop::sample::select(Level::ALL.to_vec());
    let outcome = prop_oneof![
        3 => Just(Outcome::Done),
        2 => (0..80u64).prop_map(|millis| Outcome::Requeue(Duration::from_millis(millis))),
        3 => Just(Outcome::Retry),
        1 => (0..80u64).prop_map(|millis| Outcome::RetryAfter(Duration::from_millis(millis))),
    ];
    prop_oneof![
        60 => (key.clone(), level.clone()).prop_map(|(key, level)| Step::Add(key, level)),
        30 => (key.clone(), level, 0..100u64).prop_map(|(key, level, after)| Step::AddAfter(key, level, after)),
        80 => Just(Step::Pop),
        70 => (0..8usize, outcome).prop_map(|(which, outcome)| Step::Finish(which, outcome)),
        10 => key.prop_map(Step::Forget),
        50 => (0..60u64).prop_map(Step::Advance),
        1 => Just(Step::Drain),
        1 => Just(Step::Close),
    ]
}

/// A request to run a key.
#[derive(Clone, Debug)]
struct Want {
    at: Option<Instant>,
    /// Place among equals.
    order: u64,
    level: Level,
    reason: Reason<u32>,
    also: Vec<u32>,
    omitted: u32,
}

#[derive(Default)]
struct Key {
    want: Option<Want>,
    running: bool,
    /// How urgent its last run was.
    level: Level,
    failures: u32,
    started: Option<Instant>,
}

/// What the queue is meant to do, by search instead of by structure.
struct Model {
    keys: BTreeMap<u8, Key>,
    passed_over: [u32; 3],
    order: u64,
    rng: Rng,
    min_interval: Duration,
    intake: Intake,
}

impl Model {
    fn new(min_interval: Duration) -> Self {
        Self {
            keys: BTreeMap::new(),
            passed_over: [0; 3],
            order: 0,
            rng: Rng::with_seed(SEED),
            min_interval,
            intake: Intake::Open,
        }
    }

    fn want(&mut self, key: u8, at: Option<Instant>, level: Level, reason: Reason<u32>, now: Instant) {
        self.order += 1;
        let new = Want {
            at,
            order: self.order,
            level,
            reason,
            also: Vec::new(),
            omitted: 0,
        };
        let min_interval = self.min_interval;
        let key = self.keys.entry(key).or_default();
        let want = match key.want.take() {
            None => new,
            // It is in line already: a timer adds nothing.
            Some(old) if old.at.is_none() && !key.running && new.at.is_some() => old,
            Some(old) => both(old, new),
        };
        let earliest = key.started.map(|started| started + min_interval);
        let hold = earliest.filter(|_| !key.running && !min_interval.is_zero());
        let at = want.at.max(hold).filter(|at| key.running || *at > now);
        key.want = Some(Want { at, ..want });
    }

    /// Timers that have run out stand in line in the order in which they ran out.
    fn expire(&mut self, now: Instant) {
        let mut due: Vec<(Instant, u64, u8)> = Vec::new();
        for (name, key) in &self.keys {
            let want = key.want.as_ref().filter(|_| !key.running);
            let at = want.and_then(|want| Some((want.at?, want.order)));
            due.extend(
                at.filter(|(at, _)| *at <= now)
                    .map(|(at, order)| (at, order, *name)),
            );
        }
        due.sort_unstable();
        for (_, _, name) in due {
            self.order += 1;
            let want = self
                .keys
                .get_mut(&name)
                .and_then(|key| key.want.as_mut())
                .unwrap();
            (want.at, want.order) = (None, self.order);
        }
    }

    fn ready(&self, level: Level) -> Vec<(u64, u8)> {
        let wants = self.keys.iter().filter(|(_, key)| !key.running);
        let wants = wants.filter_map(|(name, key)| Some((*name, key.want.as_ref()?)));
        let mut ready: Vec<(u64, u8)> = wants
            .filter(|(_, want)| want.at.is_none() && want.level == level)
            .map(|(name, want)| (want.order, name))
            .collect();
        ready.sort_unstable();
        ready
    }

    fn pop(&mut self, now: Instant) -> Option<Run<u8, u32>> {
        if self.intake == Intake::Closed {
            return None;
        }
        self.expire(now);
        for level in Level::ALL {
            if self.ready(level).is_empty() {
                self.passed_over[level as usize] = 0;
            }
        }
        let waiting: Vec<Level> = Level::ALL
            .into_iter()
            .filter(|level| !self.ready(*level).is_empty())
            .collect();
        let overdue = waiting
            .iter()
            .find(|level| self.passed_over[**level as usize] >= 8);
        let level = *overdue.or(waiting.last())?;
        for lower in waiting.into_iter().filter(|lower| *lower < level) {
            self.passed_over[lower as usize] += 1;
        }
        self.passed_over[level as usize] = 0;
        let (_, name) = self.ready(level)[0];
        let key = self.keys.get_mut(&name).unwrap();
        let want = key.want.take().unwrap();
        (key.running, key.started, key.level) = (true, Some(now), level);
        Some(Run {
            key: name,
            level,
            reason: want.reason,
            also: want.also,
            omitted: want.omitted,
            failures: key.failures,
            waited: Duration::ZERO,
        })
    }

    fn finish(&mut self, name: u8, outcome: Outcome, now: Instant) {
        let key = self.keys.get_mut(&name).unwrap();
        key.running = false;
        key.failures = match outcome {
            Outcome::Done | Outcome::Requeue(_) => 0,
            Outcome::Retry => key.failures + 1,
            Outcome::RetryAfter(_) => key.failures,
        };
        let again = key.want.take();
        let own = match outcome {
            Outcome::Done => None,
            Outcome::Requeue(after) => Some((after, Reason::Timer)),
            Outcome::Retry => Some((BACKOFF.delay(key.failures, self.rng.u64(..)), Reason::Retry)),
            Outcome::RetryAfter(after) => Some((after, Reason::Retry)),
        };
        let level = match outcome {
            Outcome::Retry | Outcome::RetryAfter(_) => key.level,
            Outcome::Done | Outcome::Requeue(_) => Level::Normal,
        };
        let own = own.map(|(after, reason)| Want {
            at: Some(now + after),
            order: 0,
            level,
            reason,
            also: Vec::new(),
            omitted: 0,
        });
        let next = match (again, own) {
            (Some(again), Some(own)) => Some(both(again, own)),
            (again, own) => again.or(own),
        };
        let next = next.filter(|next| match self.intake {
            Intake::Open => true,
            Intake::Draining => next.at.is_none(),
            Intake::Closed => false,
        });
        if let Some(next) = next {
            if self.intake != Intake::Open {
                key.started = None;
            }
            self.want(name, next.at, next.level, next.reason, now);
            let want = self.keys.get_mut(&name).and_then(|key| key.want.as_mut());
            let want = want.unwrap();
            (want.also, want.omitted) = (next.also, next.omitted);
        }
    }

    fn stop(&mut self, intake: Intake) {
        if self.intake == Intake::Closed {
            return;
        }
        self.intake = intake;
        for key in self.keys.values_mut() {
            let keep = key.running
                || intake == Intake::Draining && key.want.as_ref().is_some_and(|want| want.at.is_none());
            key.want = key.want.take().filter(|_| keep);
        }
    }
}

fn both(old: Want, new: Want) -> Want {
    let at = match (old.at, new.at) {
        (Some(old), Some(new)) => Some(old.min(new)),
        _ => None,
    };
    let level = old.level.max(new.level);
    let takes_over = matches!(new.reason, Reason::Added(_)) && !matches!(old.reason, Reason::Added(_));
    let reason = if takes_over {
        new.reason.clone()
    } else {
        old.reason.clone()
    };
    // A key in line keeps its place unless it rises.
    let order = if old.at.is_none() && level == old.level {
        old.order
    } else {
        new.order
    };
    let joins = matches!((&old.reason, &new.reason), (Reason::Added(_), Reason::Added(_)));
    let extra = match new.reason {
        Reason::Added(cause) if joins => Some(cause),
        _ => None,
    };
    let mut also = old.also;
    also.extend(extra.into_iter().chain(new.also));
    let kept = also.len().min(8);
    let omitted = old.omitted + new.omitted + u32::try_from(also.len() - kept).unwrap();
    also.truncate(kept);
    Want {
        at,
        order,
        level,
        reason,
        also,
        omitted,
    }
}

fn check(steps: Vec<Step>, min_interval: Duration) {
    let mut now = Instant::now();
    let mut queue: Queue<u8, u32> = Queue::new(BACKOFF, SEED).with_min_interval(min_interval);
    let mut model = Model::new(min_interval);
    let mut running: Vec<u8> = Vec::new();
    for (position, step) in steps.into_iter().enumerate() {
        let cause = u32::try_from(position).unwrap();
        let is_open = model.intake == Intake::Open;
        match step {
            Step::Add(key, level) => {
                queue.add(key, level, cause, now);
                if is_open {
                    model.want(key, None, level, Reason::Added(cause), now);
                }
            }
            Step::AddAfter(key, level, after) => {
                let after = Duration::from_millis(after);
                queue.add_after(key, level, cause, after, now);
                if is_open {
                    model.want(key, Some(now + after), level, Reason::Added(cause), now);
                }
            }
            Step::Pop => {
                // How long a key was in line has tests of its own.
                let run = queue.pop(now).map(|run| Run {
                    waited: Duration::ZERO,
                    ..run
                });
                assert_eq!(run, model.pop(now), "step {position}");
                if let Some(run) = run {
                    assert!(!running.contains(&run.key), "{} runs twice at once", run.key);
                    running.push(run.key);
                }
            }
            Step::Finish(which, outcome) if !running.is_empty() => {
                let key = running.remove(which % running.len());
                queue.finish(&key, outcome, now);
                model.finish(key, outcome, now);
            }
            Step::Finish(..) => {}
            Step::Forget(key) => {
                queue.forget(&key, now);
                if let Some(key) = model.keys.get_mut(&key) {
                    key.failures = 0;
                    key.want = key.want.take().filter(|want| key.running || want.at.is_none());
                }
            }
            Step::Advance(millis) => now += Duration::from_millis(millis),
            Step::Drain => {
                queue.drain();
                if is_open {
                    model.stop(Intake::Draining);
                }
            }
            Step::Close => {
                queue.close();
                model.stop(Intake::Closed);
            }
        }
        assert_eq!(queue.running(), running.len());
    }
    all_is_done_in_the_end(queue, running, now);
}

/// Every key that is ready or waiting is handed out sooner or later, and then nothing is remembered.
fn all_is_done_in_the_end(mut queue: Queue<u8, u32>, running: Vec<u8>, mut now: Instant) {
    for key in running {
        queue.finish(&key, Outcome::Done, now);
    }
    for _ in 0..100 {
        while let Some(run) = queue.pop(now) {
            queue.finish(&run.key, Outcome::Done, now);
        }
        match queue.next_timer() {
            Some(at) => now = at,
            None => break,
        }
    }
    assert!(queue.is_empty());
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_queue_does_what_the_model_does(steps in prop::collection::vec(step(), 0..200)) {
        check(steps, Duration::ZERO);
    }

    #[test]
    fn the_queue_does_what_the_model_does_with_an_interval(steps in prop::collection::vec(step(), 0..200)) {
        check(steps, MIN_INTERVAL);
    }
}
