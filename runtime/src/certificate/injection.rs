//! Keeping the `caBundle` of targets right.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use kube::Client;
use serde_json::Value;
use tokio::time::Instant;
use tracing::{info, warn};

use super::Target;
use crate::{Error, ErrorKind, Result};

/// How often in a row a target is put right at once; then it waits, twice as long each time.
const PATIENCE: u32 = 3;
/// How long it waits at most.
const LONGEST: Duration = Duration::from_secs(300);
/// A target that was left alone for this long starts over.
const CALM: Duration = Duration::from_secs(600);

/// The targets of one replica, and since when they are as they should be.
pub(super) struct Injection {
    client: Client,
    targets: Vec<Aim>,
    /// What all targets were last seen with, and since when without a break.
    known: Option<(Vec<u8>, Instant)>,
}

struct Aim {
    target: Target,
    /// When it was last put right, and how often in a row.
    last: Option<Instant>,
    row: u32,
}

/// How the targets stand.
#[derive(Default)]
pub(super) struct Standing {
    /// Since when all of them have the bundle; `None` if one has not.
    pub(super) since: Option<Instant>,
    /// How many were put right now.
    pub(super) written: u64,
    /// When to look again at one that somebody keeps overwriting.
    pub(super) wait: Option<Duration>,
}

impl Injection {
    pub(super) fn new(client: Client, targets: &[Target]) -> Self {
        let aim = |target: &Target| Aim {
            target: target.clone(),
            last: None,
            row: 0,
        };
        Self {
            client,
            targets: targets.iter().map(aim).collect(),
            known: None,
        }
    }

    /// Puts every target right, and says how they stand; one that fails keeps no other from it.
    pub(super) async fn keep(&mut self, bundle: &[u8]) -> (Standing, Result<()>) {
        let mut standing = Standing::default();
        let mut outcome = Ok(());
        let mut all = true;
        for aim in &mut self.targets {
            match aim.keep(&self.client, bundle).await {
                Ok(Aimed::Right) => {}
                Ok(Aimed::Written) => standing.written += 1,
                Ok(Aimed::Waits(wait)) => {
                    all = false;
                    standing.wait = Some(standing.wait.map_or(wait, |other| other.min(wait)));
                }
                Err(error) => {
                    all = false;
                    outcome = outcome.and(Err(error));
                }
            }
        }
        let unbroken = standing.written == 0 && self.known.as_ref().is_some_and(|(known, _)| known == bundle);
        match (all, unbroken) {
            (false, _) => self.known = None,
            (true, true) => {}
            (true, false) => self.known = Some((bundle.to_vec(), Instant::now())),
        }
        standing.since = self.known.as_ref().map(|(_, since)| *since);
        (standing, outcome)
    }
}

enum Aimed {
    Right,
    Written,
    Waits(Duration),
}

impl Aim {
    async fn keep(&mut self, client: &Client, bundle: &[u8]) -> Result<Aimed> {
        let path = self.target.path();
        let doing = |error: Error| error.context(format!("put the caBundle of `{path}` right"));
        let Some(object) = get(client, &path).await.map_err(doing)? else {
            return Ok(Aimed::Right);
        };
        let patch = self.target.patch(&object, bundle);
        if patch.is_empty() {
            return Ok(Aimed::Right);
        }
        let (wait, now) = (self.wait(), Instant::now());
        let left = self.last.map(|last| (last + wait).saturating_duration_since(now));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Ok(Aimed::Waits(left));
        }
        match send(client, &path, patch).await {
            Ok(()) => {}
            // It has changed since; the watch that tells of it leads back here.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Conflict
                ) =>
            {
                return Ok(Aimed::Waits(Duration::from_secs(1)));
            }
            Err(error) => return Err(doing(error)),
        }
        let calm = self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) > CALM);
        self.row = if calm { 1 } else { self.row.saturating_add(1) };
        self.last = Some(now);
        if self.row == PATIENCE + 1 {
            warn!(
                target_name = self.target.name(),
                "somebody keeps overwriting the caBundle: leave it out of what is applied"
            );
        }
        info!(
            resource = self.target.resource(),
            name = self.target.name(),
            "wrote the caBundle"
        );
        Ok(Aimed::Written)
    }

    fn wait(&self) -> Duration {
        match self.row.checked_sub(PATIENCE) {
            None => Duration::ZERO,
            Some(beyond) => Duration::from_secs(1 << beyond.min(10)).min(LONGEST),
        }
    }
}

/// Objects are JSON here: what their other fields mean is nobody's business.
async fn get(client: &Client, path: &str) -> Result<Option<Value>> {
    let request = http::Request::get(path).body(Vec::new())?;
    match client.request::<Value>(request).await.map_err(Error::from) {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn send(client: &Client, path: &str, patch: Vec<Value>) -> Result<()> {
    let request = http::Request::patch(format!("{path}?fieldManager=krate-certificates"))
        .header(CONTENT_TYPE, "application/json-patch+json")
        .body(Value::from(patch).to_string().into_bytes())?;
    client.request::<Value>(request).await?;
    Ok(())
}
