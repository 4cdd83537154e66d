//! The guard: questions whose answers are kept.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::Client;
use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::warn;

use super::expiring::Expiring;
use super::review::{self, User};
use crate::Result;
use crate::environment::Environment;

/// How long it is known whose a token is, or that it is nobody's.
const KNOWN: Duration = Duration::from_secs(60);
/// How long a yes is kept.
const YES: Duration = Duration::from_secs(300);
/// How long a no is kept.
const NO: Duration = Duration::from_secs(30);
/// How many tokens and how many decisions are kept.
const KEPT: usize = 1024;
/// How many questions are put to the API server at once; further ones wait.
const AT_ONCE: usize = 8;
/// The longest token that is looked at; those of service accounts have one or two thousand letters.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Decides who may read a path, by asking the API server.
pub struct Guard {
    client: Client,
    environment: Environment,
    tokens: Mutex<Expiring<Digest, Option<User>>>,
    decisions: Mutex<Expiring<Wish, bool>>,
    permits: Semaphore,
}

/// What a guard says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// They may.
    Allowed,
    /// There is no token, or it is nobody's.
    Unknown,
    /// They may not.
    Denied {
        /// Who they are.
        user: String,
    },
    /// The API server did not answer.
    Undecided,
}

/// The SHA-256 of a token: what is kept is no secret.
type Digest = Vec<u8>;

/// Who wants to do what with which path.
type Wish = (User, String, String);

impl Guard {
    /// Returns a guard that knows nobody yet.
    #[must_use]
    pub fn new(client: Client, environment: Environment) -> Self {
        Self {
            client,
            environment,
            tokens: Mutex::new(Expiring::new(KEPT)),
            decisions: Mutex::new(Expiring::new(KEPT)),
            permits: Semaphore::new(AT_ONCE),
        }
    }

    /// Says whether whoever has this token may do that with a path; `verb` is the method in lower case.
    pub async fn judge(&self, token: Option<&str>, verb: &str, path: &str) -> Verdict {
        let Some(token) = token.filter(|token| token.len() <= LONGEST_TOKEN) else {
            return Verdict::Unknown;
        };
        match self.decide(token, verb, path).await {
            Ok(verdict) => verdict,
            Err(error) => {
                warn!(path, "failed to find out who may read it: {error}");
                Verdict::Undecided
            }
        }
    }

    async fn decide(&self, token: &str, verb: &str, path: &str) -> Result<Verdict> {
        let Some(user) = self.owner(token).await? else {
            return Ok(Verdict::Unknown);
        };
        let wish = (user, verb.to_owned(), path.to_owned());
        Ok(match self.may(&wish).await? {
            true => Verdict::Allowed,
            false => Verdict::Denied { user: wish.0.name },
        })
    }

    async fn owner(&self, token: &str) -> Result<Option<User>> {
        let digest = digest(token);
        let known = || locked(&self.tokens).get(&digest, Instant::now());
        if let Some(owner) = known() {
            return Ok(owner);
        }
        let _permit = self.permits.acquire().await;
        // Somebody else may have asked meanwhile.
        if let Some(owner) = known() {
            return Ok(owner);
        }
        let owner = review::owner(&self.client, &self.environment, token).await?;
        locked(&self.tokens).insert(digest.clone(), owner.clone(), KNOWN, Instant::now());
        Ok(owner)
    }

    async fn may(&self, wish: &Wish) -> Result<bool> {
        let known = || locked(&self.decisions).get(wish, Instant::now());
        if let Some(may) = known() {
            return Ok(may);
        }
        let _permit = self.permits.acquire().await;
        if let Some(may) = known() {
            return Ok(may);
        }
        let (user, verb, path) = wish;
        let may = review::may(&self.client, &self.environment, user, verb, path).await?;
        let lifetime = if may { YES } else { NO };
        locked(&self.decisions).insert(wish.clone(), may, lifetime, Instant::now());
        Ok(may)
    }
}

/// Hashes with what TLS hashes with, which is in the program already.
fn digest(token: &str) -> Digest {
    match TLS13_AES_128_GCM_SHA256 {
        SupportedCipherSuite::Tls13(suite) => {
            let hash = suite.common.hash_provider.hash(token.as_bytes());
            hash.as_ref().to_vec()
        }
        // Not reached: the suite is one of TLS 1.3. The token itself is as good a key, only not as discreet.
        SupportedCipherSuite::Tls12(_) => token.as_bytes().to_vec(),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard(..)")
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
