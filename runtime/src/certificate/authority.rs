//! A certificate authority of the operator's own.

use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::pki_types::CertificateDer;

use super::pair::{certificates, parse};
use crate::{Error, Result};

/// Clients whose clock is behind are to believe a certificate that was just made.
const BACKDATED: Duration = Duration::from_secs(3600);

/// Signs serving certificates.
pub(super) struct Authority {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    not_after: Timestamp,
}

/// A certificate and its key, as PEM.
pub(super) struct Issued {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    /// Makes an authority with a new key.
    pub(super) fn new(now: Timestamp, lifetime: Duration) -> Result<Self> {
        // The time tells two authorities apart where people read certificates.
        let params = params(format!("operator-ca@{}", now.as_second()));
        let mut dated = dated(params.clone(), now, now + lifetime);
        dated.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate()?;
        let certificate = dated.self_signed(&key)?;
        Ok(Self {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
            not_after: now + lifetime,
        })
    }

    /// Reads an authority that [`new`](Self::new) made.
    pub(super) fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self> {
        let pem = String::from_utf8(certificate.to_vec())?;
        let mut all = certificates(certificate)?;
        let (Some(certificate), true) = (all.pop(), all.is_empty()) else {
            return Err(Error::new("an authority is one certificate"));
        };
        let key = KeyPair::from_pem(std::str::from_utf8(key)?)?;
        let (name, not_after) = {
            let parsed = parse(&certificate)?;
            if parsed.public_key().subject_public_key.data.as_ref() != key.der_bytes() {
                return Err(Error::new("the key is not that of the authority"));
            }
            let mut names = parsed.subject().iter_common_name();
            let (Some(name), None) = (names.next(), names.next()) else {
                return Err(Error::new("the authority was not made by this operator"));
            };
            let name = name.as_str().map_err(|error| Error::new(error.to_string()))?;
            let not_after = parsed.validity().not_after.timestamp();
            (name.to_owned(), Timestamp::from_second(not_after)?)
        };
        Ok(Self {
            certificate,
            pem,
            issuer: Issuer::new(params(name), key),
            not_after,
        })
    }

    pub(super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    pub(super) fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    pub(super) fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Makes a serving certificate with a new key; it does not outlive the authority.
    pub(super) fn issue(&self, names: &[String], now: Timestamp, lifetime: Duration) -> Result<Issued> {
        let mut params = dated(serving(names)?, now, (now + lifetime).min(self.not_after));
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        Ok(Issued {
            certificate: params.signed_by(&key, &self.issuer)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// Makes a serving certificate that vouches for itself.
pub(super) fn self_signed(names: &[String], now: Timestamp, lifetime: Duration) -> Result<Issued> {
    let key = KeyPair::generate()?;
    let certificate = dated(serving(names)?, now, now + lifetime).self_signed(&key)?;
    Ok(Issued {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

fn params(name: String) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn serving(names: &[String]) -> Result<CertificateParams> {
    let failed =
        |error: rcgen::Error| Error::from(error).context(format!("make a certificate for {names:?}"));
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params.distinguished_name = DistinguishedName::new();
    // A common name has room for 64 characters, and nobody verifies by it any more.
    if let Some(name) = names.iter().find(|name| name.len() <= 64) {
        params.distinguished_name.push(DnType::CommonName, name.as_str());
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn dated(mut params: CertificateParams, now: Timestamp, until: Timestamp) -> CertificateParams {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let since = |time: Timestamp| Duration::from_secs(u64::try_from(time.as_second()).unwrap_or_default());
    params.not_before = epoch + since(now).saturating_sub(BACKDATED);
    params.not_after = epoch + since(until);
    params
}
