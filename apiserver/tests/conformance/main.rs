//! Replays recorded exchanges with a real kube-apiserver against the embedded one.
//!
//! Each `scenarios/*.http` file is a story told in requests; below each request stands what a real
//! kube-apiserver 1.36 answered, with uids, times and revisions replaced by stand-ins.
//! Exchanges that still differ are listed by `differences.txt`, one per line: the test fails when one is
//! missing from it, and when one that is listed no longer differs.
//!
//! With `KRATE_SCENARIOS=crd-lifecycle,discovery` only those are played.
//!
//! To record the answers anew, point the test at a real server with an admin's token:
//! `KRATE_RECORD=https://127.0.0.1:6443 KRATE_RECORD_TOKEN=… cargo test -p krate-apiserver --test conformance`.

mod embedded;
mod normal;
mod real;
mod scenario;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use normal::Normalizer;
use scenario::{Answer, Exchange, Scenario};

/// Something that answers requests: the embedded server, or a real one while recording.
trait Backend {
    async fn call(&mut self, exchange: &Exchange) -> Answer;
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn scenario_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder().join("scenarios")).expect("the scenarios are part of the checkout");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|file| is_wanted(&file.file_stem().expect("a file's name").to_string_lossy()))
        .collect();
    files.sort();
    files
}

fn is_wanted(scenario: &str) -> bool {
    let wanted = std::env::var("KRATE_SCENARIOS").unwrap_or_default();
    wanted.is_empty() || wanted.split(',').any(|name| name == scenario)
}

#[tokio::test(start_paused = true)]
async fn the_embedded_server_answers_as_the_real_one_did() {
    let mut differing = BTreeSet::new();
    let mut compared = 0;
    for file in scenario_files() {
        let scenario = Scenario::read(&file);
        if real::wanted() {
            let recorded = play(&scenario, &mut real::Real::from_env()).await;
            scenario.write(&file, &recorded);
            continue;
        }
        let answers = play(&scenario, &mut embedded::Embedded::start().await).await;
        for (exchange, answer) in scenario.exchanges.iter().zip(&answers) {
            compared += 1;
            if exchange.answer != *answer {
                let name = format!("{}: {}", scenario.name, exchange.title);
                report(&name, &exchange.answer, answer);
                differing.insert(name);
            }
        }
    }
    if !real::wanted() {
        judge(compared, &differing);
    }
}

/// Plays a scenario and returns the normalized answers.
async fn play(scenario: &Scenario, backend: &mut impl Backend) -> Vec<Answer> {
    let mut normalizer = Normalizer::default();
    let mut answers = Vec::new();
    for exchange in &scenario.exchanges {
        let filled = exchange.filled(&normalizer);
        let answer = match filled.until {
            None => backend.call(&filled).await,
            Some(status) => settle(backend, &filled, status).await,
        };
        normalizer.save(&filled, &answer);
        answers.push(normalizer.answer(answer));
    }
    answers
}

/// Repeats a request until it is answered with `status`: what controllers do takes a moment.
async fn settle(backend: &mut impl Backend, exchange: &Exchange, status: u16) -> Answer {
    for _ in 0..100 {
        let answer = backend.call(exchange).await;
        if answer.status == status {
            return answer;
        }
        backend.call(&Exchange::pause()).await;
    }
    backend.call(exchange).await
}

fn report(name: &str, expected: &Answer, seen: &Answer) {
    println!("differs  {name}\n  real     {expected}\n  embedded {seen}");
}

fn judge(compared: usize, differing: &BTreeSet<String>) {
    let text = fs::read_to_string(folder().join("differences.txt")).expect("the list of known differences");
    let lines = text.lines().filter(|line| {
        let scenario = line.split(": ").next().unwrap_or_default();
        !line.is_empty() && !line.starts_with('#') && is_wanted(scenario)
    });
    let known: BTreeSet<String> = lines.map(str::to_owned).collect();
    println!("{compared} exchanges compared, {} differ", differing.len());
    let new: Vec<_> = differing.difference(&known).collect();
    let mended: Vec<_> = known.difference(differing).collect();
    assert!(
        new.is_empty(),
        "these answers differ from the real server's: {new:#?}"
    );
    assert!(
        mended.is_empty(),
        "these no longer differ, remove them from differences.txt: {mended:#?}"
    );
}
