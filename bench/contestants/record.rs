//! What a contestant remembers and says; the words are those of the peer in Go, see its `main.go`.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What was seen so far; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    expect: u64,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    runs: u64,
    updates: Vec<(i64, u64)>,
}

impl Record {
    /// Returns an empty record that expects as many runs as the environment says.
    pub(crate) fn from_env() -> Self {
        let expect = std::env::var("BENCH_EXPECT").ok();
        Self {
            expect: expect.and_then(|text| text.parse().ok()).unwrap_or_default(),
            seen: Arc::default(),
        }
    }

    /// Notes one run of an object; a number above zero is that of an update. Returns true if it was the last expected.
    pub(crate) fn run(&self, number: i64) -> bool {
        let now = wall_clock();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.runs += 1;
        if seen.runs == 1 {
            say(&format!("first {now}"));
        }
        if seen.runs == self.expect {
            say(&format!("all {now}"));
        }
        if number > 0 {
            seen.updates.push((number, now));
        }
        seen.runs == self.expect
    }

    /// Tells everything and ends the process once standard input ends.
    pub(crate) fn tell_at_the_end(&self) {
        let record = self.clone();
        std::thread::spawn(move || {
            // Whatever ends it, it has ended.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let seen = record.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let updates = seen.updates.iter();
            let lines: String = updates
                .map(|(number, at)| format!("update {number} {at}\n"))
                .collect();
            say(&format!("runs {}\n{lines}", seen.runs));
            std::process::exit(0);
        });
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more: then there is nobody to tell that, either.
    let _ = writeln!(out, "{}", line.trim_end()).and_then(|()| out.flush());
}

/// Nanoseconds by the clock that all processes of a machine share.
#[expect(clippy::disallowed_methods, reason = "times are compared across processes")]
fn wall_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
