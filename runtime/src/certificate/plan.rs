//! What the Secret should hold next: a function of what it holds, the time, and what the API server trusts.
//!
//! Rotation keeps one promise: whoever trusts the stored bundle, as it is or as it was before the last change, accepts
//! the certificate that is served. Hence the order:
//!
//! 1. A new authority joins the bundle while the old one's certificate is still served.
//! 2. Only once every webhook configuration and definition has the new bundle – for a while, so that every API server
//!    has heard of it – a certificate of the new authority is made.
//! 3. The old authority stays in the bundle until it has ended. None of its certificates outlives it, so then no replica
//!    can serve one any more, however late it heard of the new one. Its key is forgotten in step 1: nobody can
//!    sign with it in the meantime.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use rustls::pki_types::CertificateDer;

use super::authority::{Authority, Issued};
use super::material::{AUTHORITY, AUTHORITY_KEY, BUNDLE, CERTIFICATE, Data, KEY, Material, pem};
use super::trust::is_trusted;
use crate::Result;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longer than any operator runs, and far from the end of calendars.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// How long self-managed certificates live, and how early they are exchanged.
///
/// ```
/// use std::time::Duration;
/// use krate::certificate::Lifetimes;
///
/// let day = Duration::from_secs(24 * 3600);
/// let lifetimes = Lifetimes::new(365 * day, 90 * day);
/// assert_eq!(lifetimes, Lifetimes::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    authority: Duration,
    certificate: Duration,
    settle: Duration,
}

impl Lifetimes {
    /// Returns lifetimes of the authority, and of the certificates it signs.
    ///
    /// A certificate is exchanged when a third of its life is left, an authority when less than two lives of a
    /// certificate are left. An authority lives at least three times as long as a certificate, and nothing longer
    /// than a hundred years: what is given beyond that is cut.
    #[must_use]
    pub fn new(authority: Duration, certificate: Duration) -> Self {
        let certificate = certificate.clamp(Duration::from_secs(3), LONGEST / 3);
        Self {
            authority: authority.clamp(3 * certificate, LONGEST),
            certificate,
            settle: Duration::from_secs(300),
        }
    }

    /// Sets how long a new authority has to be known everywhere before it is used; 5 minutes at first.
    ///
    /// Every API server learns of a change by its own watch. They are fast, but nothing says when the last one has.
    #[must_use]
    pub fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle.min(LONGEST);
        self
    }

    pub(super) fn settling(&self) -> Duration {
        self.settle
    }

    fn authority_due(&self, ends: Timestamp) -> Timestamp {
        ends - 2 * self.certificate
    }

    fn certificate_due(&self, ends: Timestamp) -> Timestamp {
        ends - self.certificate / 3
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self::new(365 * DAY, 90 * DAY)
    }
}

/// What is to be done about the Secret.
pub(super) struct Step {
    /// What to write, if anything.
    pub(super) write: Option<Data>,
    /// What is done, for logs.
    pub(super) what: &'static str,
    /// When to look again if nothing changes before.
    pub(super) look: Timestamp,
}

/// Decides the next step; `injected` says that everybody who is to trust the stored bundle has had it for long enough.
pub(super) fn plan(
    material: &Material,
    names: &[String],
    lifetimes: &Lifetimes,
    now: Timestamp,
    injected: bool,
) -> Result<Step> {
    let mut what = "";
    let fresh;
    let alive = material
        .authority
        .as_ref()
        .filter(|authority| now < lifetimes.authority_due(authority.not_after()));
    let authority = match alive {
        Some(authority) => authority,
        None => {
            what = "made a new certificate authority";
            fresh = Authority::new(now, lifetimes.authority)?;
            &fresh
        }
    };

    let own = authority.certificate();
    let is_known = material.bundle.contains(own);
    let mut bundle = vec![own.clone()];
    bundle.extend(
        material
            .bundle
            .iter()
            .filter(|one| *one != own && is_alive(one, now))
            .cloned(),
    );
    if what.is_empty() && bundle != material.bundle {
        what = "brought the list of authorities up to date";
    }

    let state = LeafState::of(material, authority, names, lifetimes, now);
    let issue = match state {
        LeafState::Fresh => false,
        // Nobody can verify it, so nobody is hurt.
        LeafState::Useless => true,
        LeafState::Due { same_authority } => is_known && (same_authority || injected),
    };
    let mut issued = None;
    if issue {
        if what.is_empty() {
            what = "made a new certificate";
        }
        issued = Some(authority.issue(names, now, lifetimes.certificate)?);
    }

    let write = (!what.is_empty()).then(|| data(material, authority, &bundle, issued));
    let waits = !issue && matches!(state, LeafState::Due { .. });
    let ends = [
        waits.then(|| now + lifetimes.settle.max(Duration::from_secs(1))),
        Some(lifetimes.authority_due(authority.not_after())),
        material
            .leaf
            .as_ref()
            .map(|leaf| lifetimes.certificate_due(leaf.not_after())),
        bundle.iter().skip(1).filter_map(ends_at).min(),
    ];
    let look = ends.into_iter().flatten().filter(|time| *time > now).min();
    Ok(Step {
        write,
        what,
        look: look.unwrap_or(now + lifetimes.certificate / 3),
    })
}

/// How the serving certificate stands.
enum LeafState {
    Fresh,
    /// It should be exchanged, but serves.
    Due {
        same_authority: bool,
    },
    /// It serves nobody.
    Useless,
}

impl LeafState {
    fn of(
        material: &Material,
        authority: &Authority,
        names: &[String],
        lifetimes: &Lifetimes,
        now: Timestamp,
    ) -> Self {
        let Some(leaf) = &material.leaf else {
            return Self::Useless;
        };
        let some_name = leaf.names().get(..1).unwrap_or_default();
        // A replica whose clock is behind must not take for broken what another has just made.
        let then = now.max(leaf.not_before());
        if some_name.is_empty() || !is_trusted(&material.bundle, leaf.der(), some_name, then) {
            return Self::Useless;
        }
        let signed = std::slice::from_ref(authority.certificate());
        let same_authority = is_trusted(signed, leaf.der(), some_name, then);
        let covers = names.iter().all(|name| leaf.names().contains(name));
        let due = now >= lifetimes.certificate_due(leaf.not_after());
        match same_authority && covers && !due {
            true => Self::Fresh,
            false => Self::Due { same_authority },
        }
    }
}

fn data(
    material: &Material,
    authority: &Authority,
    bundle: &[CertificateDer<'static>],
    issued: Option<Issued>,
) -> Data {
    let mut data = material.data().clone();
    let mut put = |key: &str, text: String| data.insert(key.to_owned(), ByteString(text.into_bytes()));
    put(AUTHORITY, authority.pem().to_owned());
    put(AUTHORITY_KEY, authority.key_pem());
    put(BUNDLE, pem(bundle));
    if let Some(Issued { certificate, key }) = issued {
        put(CERTIFICATE, certificate);
        put(KEY, key);
    }
    data
}

fn is_alive(certificate: &CertificateDer<'_>, now: Timestamp) -> bool {
    ends_at(certificate).is_some_and(|ends| now < ends)
}

fn ends_at(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let facts = super::pair::Facts::of(certificate);
    facts.ok().map(|facts| facts.not_after)
}
