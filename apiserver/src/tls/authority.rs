//! The certificate authority of one server.

use std::io;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::ClientCertificates;
use crate::environment::Environment;

/// Names every serving certificate is for: what clients on the machine and inside the cluster call the server.
const NAMES: [&str; 7] = [
    "localhost",
    "127.0.0.1",
    "::1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
];

/// Signs serving and client certificates, and is what clients trust.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    environment: Environment,
}

/// A certificate with its key.
pub struct Pair {
    /// The certificate as PEM.
    pub certificate_pem: String,
    /// The private key as PEM.
    pub key_pem: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Returns a new authority, valid for ten years from the environment's now.
    ///
    /// # Errors
    ///
    /// If the machine yields no entropy for the key.
    pub fn new(environment: &Environment) -> io::Result<Self> {
        let mut params = params(environment, 10, &[]).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        params.distinguished_name = name("krate-apiserver-ca", None);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?,
            environment: environment.clone(),
        })
    }

    /// Returns the authority's certificate as PEM: what clients have to trust.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Returns a certificate to serve with, for this machine, the cluster's service, and the names in `further`.
    ///
    /// # Errors
    ///
    /// If a name is not a valid DNS name or address, or the machine yields no entropy.
    pub fn server(&self, further: &[String]) -> io::Result<Pair> {
        let mut names: Vec<String> = NAMES.iter().map(|one| (*one).to_owned()).collect();
        names.extend(
            further
                .iter()
                .filter(|one| !NAMES.contains(&one.as_str()))
                .cloned(),
        );
        let mut params = params(&self.environment, 1, &names).map_err(io::Error::other)?;
        params.distinguished_name = name("kube-apiserver", None);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    /// Returns a certificate that lets its holder act as `user` in `group`.
    ///
    /// # Errors
    ///
    /// If the machine yields no entropy.
    pub fn client(&self, user: &str, group: Option<&str>) -> io::Result<Pair> {
        let mut params = params(&self.environment, 1, &[]).map_err(io::Error::other)?;
        params.distinguished_name = name(user, group);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> io::Result<Pair> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok(Pair {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?,
        })
    }

    /// Returns what a listener needs: HTTP/2 and 1.1 by ALPN, client certificates asked for but not demanded.
    pub(crate) fn server_config(
        &self,
        further: &[String],
    ) -> io::Result<(ServerConfig, Arc<ClientCertificates>)> {
        let Pair { certificate, key, .. } = self.server(further)?;
        let clients = ClientCertificates::new(self.issuer.der(), self.environment.clone())?;
        let clients = Arc::new(clients);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_client_cert_verifier(clients.clone())
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok((config, clients))
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pair")
            .field("certificate_pem", &self.certificate_pem)
            .finish_non_exhaustive()
    }
}

fn params(
    environment: &Environment,
    years: i16,
    names: &[String],
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    let today = environment.now().to_zoned(TimeZone::UTC).date();
    // A day of grace for clients whose clock is behind.
    let (year, month, day) = ymd(today.saturating_sub(1.day()));
    params.not_before = rcgen::date_time_ymd(year, month, day);
    let (year, month, day) = ymd(today.saturating_add(years.years()));
    params.not_after = rcgen::date_time_ymd(year, month, day);
    Ok(params)
}

fn ymd(date: Date) -> (i32, u8, u8) {
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    (i32::from(date.year()), month, day)
}

fn name(common: &str, organization: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(organization) = organization {
        name.push(DnType::OrganizationName, organization);
    }
    name.push(DnType::CommonName, common);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authn::{Identity, Peer};

    fn environment(epoch: &str) -> Environment {
        Environment::seeded(epoch.parse().unwrap(), 1)
    }

    fn peer(authority: &Authority, pair: &Pair) -> Peer {
        let (_, clients) = authority.server_config(&[]).unwrap();
        clients.peer(Some(std::slice::from_ref(&pair.certificate)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_certificate_names_user_and_group() {
        let authority = Authority::new(&environment("2026-01-01T00:00:00Z")).unwrap();
        let pair = authority.client("alice", Some("devs")).unwrap();
        let Peer::Certificate(identity) = peer(&authority, &pair) else {
            panic!("the authority takes its own certificate");
        };
        assert_eq!(identity.user, "alice");
        assert_eq!(identity.groups, ["devs", "system:authenticated"]);
        let credential = &identity.extra["authentication.kubernetes.io/credential-id"][0];
        assert!(credential.starts_with("X509SHA256="), "{credential}");
        assert_ne!(identity, Identity::admin());
    }

    #[tokio::test(start_paused = true)]
    async fn a_certificate_of_another_authority_is_refused() {
        let environment = environment("2026-01-01T00:00:00Z");
        let (ours, other) = (
            Authority::new(&environment).unwrap(),
            Authority::new(&environment).unwrap(),
        );
        let pair = other.client("alice", None).unwrap();
        assert_eq!(peer(&ours, &pair), Peer::InvalidCertificate);
    }

    #[tokio::test(start_paused = true)]
    async fn a_certificate_ends_after_a_year() {
        let authority = Authority::new(&environment("2026-01-01T00:00:00Z")).unwrap();
        let pair = authority.client("alice", None).unwrap();
        tokio::time::advance(std::time::Duration::from_secs(370 * 24 * 3600)).await;
        assert_eq!(peer(&authority, &pair), Peer::InvalidCertificate);
    }

    #[tokio::test(start_paused = true)]
    async fn a_serving_certificate_is_no_client_certificate() {
        let authority = Authority::new(&environment("2026-01-01T00:00:00Z")).unwrap();
        let pair = authority.server(&[]).unwrap();
        assert_eq!(peer(&authority, &pair), Peer::InvalidCertificate);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bad_name_is_an_error() {
        let authority = Authority::new(&environment("2026-01-01T00:00:00Z")).unwrap();
        assert!(authority.server(&["not a name \u{e4}".to_owned()]).is_err());
    }
}
