//! A certificate with its key, read from PEM and known to belong together.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

use crate::{Error, Result};

/// A certificate to serve with, its chain and its private key; cheap to clone.
///
/// Whoever holds one knows that the key belongs to the certificate. Whether anybody trusts it, and whether it is
/// valid now, is another matter.
#[derive(Clone)]
pub struct Pair {
    key: Arc<CertifiedKey>,
    facts: Arc<Facts>,
}

/// What a certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) names: Vec<String>,
}

impl Pair {
    /// Reads a chain, the serving certificate first, and the private key of that certificate.
    ///
    /// # Errors
    ///
    /// If either is not PEM, or the key is not that of the certificate.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self> {
        let chain = certificates(certificate)?;
        let own = chain
            .first()
            .ok_or_else(|| Error::new("there is no certificate in it"))?;
        let facts = Arc::new(Facts::of(own)?);
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| Error::from(error).context("read the private key"))?;
        let provider = rustls::crypto::ring::default_provider();
        let key = CertifiedKey::from_der(chain, key, &provider)
            .map_err(|error| Error::from(error).context("use the private key with the certificate"))?;
        Ok(Self {
            key: Arc::new(key),
            facts,
        })
    }

    /// Returns when it starts to be valid.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.facts.not_before
    }

    /// Returns when it ends.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.facts.not_after
    }

    /// Returns the DNS names and addresses it is for, as it lists them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.facts.names
    }

    /// Returns the serving certificate, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.key.cert.first().map(AsRef::as_ref).unwrap_or_default()
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }
}

impl Facts {
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self> {
        let parsed = parse(certificate)?;
        let time = |seconds| Timestamp::from_second(seconds).map_err(Error::from);
        Ok(Self {
            not_before: time(parsed.validity().not_before.timestamp())?,
            not_after: time(parsed.validity().not_after.timestamp())?,
            names: names(&parsed)?,
        })
    }
}

/// Reads every certificate of a PEM text.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::from(error).context("read a certificate"))
}

pub(super) fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>> {
    let parsed = x509_parser::parse_x509_certificate(certificate);
    // The parser's error borrows from the certificate.
    let parsed = parsed.map_err(|error| Error::new(error.to_string()).context("read a certificate"));
    parsed.map(|(_, certificate)| certificate)
}

fn names(certificate: &X509Certificate<'_>) -> Result<Vec<String>> {
    let alternative = certificate.subject_alternative_name();
    let alternative = alternative.map_err(|error| Error::new(error.to_string()).context("read its names"))?;
    let names = alternative.iter().flat_map(|names| &names.value.general_names);
    Ok(names.filter_map(text).collect())
}

fn text(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let v6 = <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from);
            v4.or(v6).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the key.
        f.debug_tuple("Pair").field(&self.facts).finish()
    }
}
