//! The measurements, round by round.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kube::Client;
use tokio::time::sleep;

use super::access::Access;
use super::field::{Field, Who};
use super::results::{Results, quantile};
use super::{Compare, load};
use crate::Result;
use crate::process::Part;

/// How long a contestant has to come to rest.
const REST: Duration = Duration::from_secs(3);

/// How often a contestant lists the whole kind.
const LISTS: usize = 5;

/// How long one look at idle contestants takes.
const IDLE: Duration = Duration::from_secs(12);

/// What all rounds share.
pub(super) struct Rounds<'a> {
    field: &'a Field,
    client: &'a Client,
    access: &'a Access,
    options: &'a Compare,
    /// The number of the next update; each is used once, so that no round sees another's.
    next_update: usize,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(
        field: &'a Field,
        client: &'a Client,
        access: &'a Access,
        options: &'a Compare,
    ) -> Self {
        Self {
            field,
            client,
            access,
            options,
            next_update: 1,
        }
    }

    /// Measures contestants that have nothing to hold but the one object that proves them ready.
    pub(super) async fn empty(&mut self, results: &mut Results) -> Result<()> {
        load::prepare(self.client).await?;
        load::fill(self.client, 0..1).await?;
        for round in 0..self.options.runs {
            for who in self.field.order(round) {
                let began = wall_clock();
                let mut part = self.field.start(who, self.access, 1)?;
                let first = part.wait_for("first")?;
                results.add("start_one", who, (first - began) as f64 / 1e6);
                sleep(REST).await;
                results.add("rss_empty", who, part.memory()?.now as f64 / 1024.0);
                part.end()?;
            }
        }
        Ok(())
    }

    /// Measures contestants with all objects: sync, memory, and what an update costs.
    pub(super) async fn full(&mut self, results: &mut Results) -> Result<()> {
        for round in 0..self.options.runs {
            for who in self.field.order(round) {
                self.one(who, results).await?;
            }
            eprintln!("run {} of {}", round + 1, self.options.runs);
        }
        Ok(())
    }

    async fn one(&mut self, who: Who, results: &mut Results) -> Result<()> {
        let objects = self.options.objects;
        let mut bare = self.field.start_bare(self.access)?;
        bare.wait_for("first")?;
        let began = wall_clock();
        let mut part = self.field.start(who, self.access, objects)?;
        results.add("start", who, (part.wait_for("first")? - began) as f64 / 1e6);
        results.add("wall_initial", who, (part.wait_for("all")? - began) as f64 / 1e9);
        results.add("cpu_initial", who, part.cpu()?);
        sleep(REST).await;
        let memory = part.memory()?;
        results.add("rss_settled", who, memory.now as f64 / 1024.0);
        results.add("peak_over_settled", who, memory.peak as f64 / memory.now as f64);

        let count = self.options.seconds * load::RATE;
        let numbers = self.next_update..self.next_update + count;
        self.next_update += count;
        let before = (part.cpu()?, bare.cpu()?);
        load::update(self.client, objects, numbers.clone()).await?;
        sleep(Duration::from_millis(500)).await;
        let per_event = |seconds: f64| seconds * 1e6 / count as f64;
        results.add("cpu_per_event", who, per_event(part.cpu()? - before.0));
        results.add("cpu_per_event", Who::Floor, per_event(bare.cpu()? - before.1));

        let (seen, runs) = updates(part)?;
        let (reference, _) = updates(bare)?;
        let missed = numbers
            .clone()
            .filter(|number| !seen.contains_key(number))
            .count();
        if missed > 0 || runs < objects + count {
            return Err(format!("{}: {missed} updates missed, {runs} runs", who.name()).into());
        }
        let mut added: Vec<f64> = numbers
            .filter_map(|number| Some(seen.get(&number)?.after(*reference.get(&number)?)))
            .map(|nanoseconds| nanoseconds / 1e6)
            .collect();
        added.sort_by(f64::total_cmp);
        results.add("latency_added", who, quantile(&added, 0.5));
        results.add("latency_added_p99", who, quantile(&added, 0.99));
        Ok(())
    }

    /// Measures contestants that hold everything while nothing happens, all at the same time.
    pub(super) async fn idle(&mut self, results: &mut Results) -> Result<()> {
        let mut parts = Vec::new();
        for who in self.field.order(0) {
            let mut part = self.field.start_listing(who, self.access, self.options.objects)?;
            part.wait_for("all")?;
            // kube-rs hands its reconcilers no list.
            if who != Who::KubeRs {
                for list in 0..LISTS {
                    let took = part.wait_for("list")? as f64 / 1e6;
                    let name = if list == 0 { "list" } else { "list_again" };
                    results.add(name, who, took);
                }
            }
            parts.push((who, part));
        }
        sleep(2 * REST).await;
        for _ in 0..self.options.runs {
            let before: Result<Vec<f64>> = parts.iter().map(|(_, part)| part.cpu()).collect();
            sleep(IDLE).await;
            for ((who, part), before) in parts.iter().zip(before?) {
                let per_minute = (part.cpu()? - before) * 60.0 / IDLE.as_secs_f64();
                results.add("idle_cpu", *who, per_minute * 1e3);
            }
        }
        for (_, part) in parts {
            part.end()?;
        }
        Ok(())
    }

    /// Measures how long it takes until the other of two replicas acts, after the leader was told to stop.
    pub(super) async fn takeover(&mut self, results: &mut Results) -> Result<()> {
        for round in 0..self.options.runs {
            for who in self.field.order(round) {
                // It has no election.
                if who == Who::KubeRs {
                    continue;
                }
                let lease = format!("bench-{}-{round}", who.name().replace('_', "-"));
                let mut leader = self.field.start_electing(who, self.access, &lease)?;
                leader.wait_for("first")?;
                let mut standby = self.field.start_electing(who, self.access, &lease)?;
                sleep(2 * REST).await;
                let told = wall_clock();
                leader.terminate()?;
                let first = standby.wait_for("first")?;
                if first < told {
                    return Err(format!("{}: both replicas acted", who.name()).into());
                }
                results.add("takeover", who, (first - told) as f64 / 1e6);
                leader.end()?;
                standby.end()?;
            }
        }
        Ok(())
    }
}

/// Ends a part, and returns when it saw which update, and how often it ran.
fn updates(part: Part) -> Result<(BTreeMap<usize, Time>, usize)> {
    let (mut seen, mut runs) = (BTreeMap::new(), 0);
    for line in part.end()? {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("runs"), Some(count), None) => runs = count.parse()?,
            (Some("update"), Some(number), Some(at)) => {
                // The first sight of it counts.
                seen.entry(number.parse()?).or_insert(Time(at.parse()?));
            }
            _ => {}
        }
    }
    Ok((seen, runs))
}

/// Nanoseconds of the wall clock.
#[derive(Clone, Copy)]
struct Time(u64);

impl Time {
    /// Returns how much later this is; a contestant may well be faster than the yardstick.
    fn after(self, other: Self) -> f64 {
        self.0 as f64 - other.0 as f64
    }
}

/// Nanoseconds by the clock that all processes of a machine share.
#[expect(clippy::disallowed_methods, reason = "times are compared across processes")]
fn wall_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
