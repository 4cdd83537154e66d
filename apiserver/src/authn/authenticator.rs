//! From the credentials of a request to an identity.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Extensions, HeaderMap, header::AUTHORIZATION};

use super::Identity;
use crate::status::{Error, Result};
use crate::token::{Issuer, Lookup, Refusal};

/// How a request came in; what carries requests from outside puts it into their extensions.
///
/// A request without one was made in process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// Over a connection without a client certificate.
    Network,
    /// Over a connection with a client certificate of ours.
    Certificate(Identity),
    /// Over a connection with a client certificate nobody here signed, or one that has expired.
    InvalidCertificate,
}

/// Knows every valid credential.
#[derive(Debug)]
pub struct Authenticator {
    fixed: BTreeMap<String, Identity>,
    issuer: Arc<Issuer>,
    in_process: Identity,
}

/// A valid token: whose it is, and for which of the wanted audiences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who the token stands for.
    pub identity: Identity,
    /// Wanted audiences it is valid for.
    pub audiences: Vec<String>,
}

impl Authenticator {
    /// Returns an authenticator that takes the tokens of `issuer`; requests made in process without an identity
    /// are the administrator's.
    #[must_use]
    pub fn new(issuer: Arc<Issuer>) -> Self {
        Self {
            fixed: BTreeMap::new(),
            issuer,
            in_process: Identity::admin(),
        }
    }

    /// Returns the authenticator with a fixed bearer token for `identity`.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>, identity: Identity) -> Self {
        self.fixed.insert(token.into(), identity);
        self
    }

    /// Returns the authenticator with another identity for requests made in process without one.
    #[must_use]
    pub fn with_in_process(mut self, identity: Identity) -> Self {
        self.in_process = identity;
        self
    }

    /// Returns what issues and checks service account tokens.
    #[must_use]
    pub fn issuer(&self) -> &Arc<Issuer> {
        &self.issuer
    }

    /// Returns who sent a request with these headers and extensions.
    ///
    /// An [`Identity`] among the extensions is taken as it is; then a bearer token counts, then the certificate of
    /// the connection.
    ///
    /// # Errors
    ///
    /// 401 if credentials were shown and none is valid.
    pub fn identify(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
        lookup: &Lookup<'_>,
    ) -> Result<Identity> {
        if let Some(identity) = extensions.get::<Identity>() {
            return Ok(identity.clone());
        }
        let peer = extensions.get::<Peer>();
        if let Some(Peer::Certificate(identity)) = peer {
            return Ok(identity.clone());
        }
        match (bearer(headers), peer) {
            (Some(token), _) => self
                .verify(token, &[], lookup)
                .map(|verified| verified.identity)
                .map_err(|_| Error::unauthorized()),
            (None, Some(Peer::InvalidCertificate)) => Err(Error::unauthorized()),
            (None, Some(_)) => Ok(Identity::anonymous()),
            (None, None) => Ok(self.in_process.clone()),
        }
    }

    /// Returns whose token this is and which of the audiences `wanted` it is for; none wanted means the server.
    ///
    /// # Errors
    ///
    /// Says why the token is refused.
    pub fn verify(&self, token: &str, wanted: &[String], lookup: &Lookup<'_>) -> Result<Verified, Refusal> {
        let Some(identity) = self.fixed.get(token) else {
            return self.issuer.verify(token, wanted, lookup);
        };
        let own = self.issuer.url();
        if wanted.is_empty() || wanted.iter().any(|audience| audience == own) {
            let identity = identity.clone();
            let audiences = vec![own.to_owned()];
            return Ok(Verified { identity, audiences });
        }
        Err(Refusal::unknown())
    }
}

/// Returns the bearer token of a request; another scheme, or an empty token, is none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    fn authenticator() -> Authenticator {
        let environment = Environment::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
        let issuer = Issuer::new(environment).expect("ring makes a key");
        Authenticator::new(Arc::new(issuer)).with_token("secret", Identity::new("alice", ["devs"]))
    }

    fn identify(authorization: Option<&str>, peer: Option<Peer>) -> Result<String, u16> {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        if let Some(peer) = peer {
            extensions.insert(peer);
        }
        authenticator()
            .identify(&headers, &extensions, &|_, _, _| None)
            .map(|identity| identity.user)
            .map_err(|error| error.code)
    }

    #[tokio::test(start_paused = true)]
    async fn a_bearer_token_is_known_or_refused() {
        let network = || Some(Peer::Network);
        let check = |value: &str, expected: Result<&str, u16>| {
            let found = identify(Some(value), network());
            assert_eq!(found.as_deref(), expected.as_ref().copied(), "{value}");
        };
        check("Bearer secret", Ok("alice"));
        check("bearer   secret", Ok("alice"));
        check("Bearer wrong", Err(401));
        check("Bearer a.b.c", Err(401));
        check("Bearer ", Ok("system:anonymous"));
        check("Basic c2VjcmV0", Ok("system:anonymous"));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_anonymous_from_outside_and_the_administrator_inside() {
        assert_eq!(
            identify(None, Some(Peer::Network)),
            Ok("system:anonymous".to_owned())
        );
        assert_eq!(identify(None, None), Ok("admin".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_certificate_counts_only_if_it_is_ours() {
        let bob = Peer::Certificate(Identity::new("bob", [""; 0]));
        assert_eq!(identify(None, Some(bob)), Ok("bob".to_owned()));
        assert_eq!(identify(None, Some(Peer::InvalidCertificate)), Err(401));
        assert_eq!(
            identify(Some("Bearer secret"), Some(Peer::InvalidCertificate)),
            Ok("alice".to_owned())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_identity_given_in_process_is_taken_as_it_is() {
        let mut extensions = Extensions::new();
        extensions.insert(Identity::anonymous());
        let found = authenticator().identify(&HeaderMap::new(), &extensions, &|_, _, _| None);
        assert_eq!(found, Ok(Identity::anonymous()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_fixed_token_is_for_the_server_alone() {
        let wanted = |list: &[&str]| -> Vec<String> { list.iter().map(|one| (*one).to_owned()).collect() };
        let check = |list: &[&str], expected: Result<&[&str], &str>| {
            let found = authenticator().verify("secret", &wanted(list), &|_, _, _| None);
            let found = found
                .map(|verified| verified.audiences)
                .map_err(|refusal| refusal.to_string());
            assert_eq!(found, expected.map(wanted).map_err(str::to_owned));
        };
        let own = "https://kubernetes.default.svc";
        check(&[], Ok(&[own]));
        check(&[own, "z"], Ok(&[own]));
        check(&["z"], Err("invalid bearer token"));
    }
}
