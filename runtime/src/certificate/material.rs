//! What the Secret of a self-managed certificate holds.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use rustls::pki_types::CertificateDer;

use super::Pair;
use super::authority::Authority;
use super::pair::{Facts, certificates};
use crate::Result;

/// The serving certificate and its key, where `kubernetes.io/tls` has them.
pub(super) const CERTIFICATE: &str = "tls.crt";
pub(super) const KEY: &str = "tls.key";
/// All authorities a client has to trust, the newest first.
pub(super) const BUNDLE: &str = "ca.crt";
/// The authority that signs the next certificate, and its key.
pub(super) const AUTHORITY: &str = "authority.crt";
pub(super) const AUTHORITY_KEY: &str = "authority.key";

/// Marks Secrets that an operator made for itself.
pub(super) const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "krate");

pub(super) type Data = BTreeMap<String, ByteString>;

/// The content of the Secret; what is missing or unreadable is `None`.
#[derive(Default)]
pub(super) struct Material {
    pub(super) authority: Option<Authority>,
    pub(super) leaf: Option<Pair>,
    pub(super) bundle: Vec<CertificateDer<'static>>,
    data: Data,
}

impl Material {
    pub(super) fn read(data: Data) -> Self {
        let get = |key: &str| data.get(key).map(|bytes| bytes.0.as_slice()).unwrap_or_default();
        Self {
            authority: Authority::from_pem(get(AUTHORITY), get(AUTHORITY_KEY)).ok(),
            leaf: Pair::from_pem(get(CERTIFICATE), get(KEY)).ok(),
            bundle: bundle(get(BUNDLE)).unwrap_or_default(),
            data,
        }
    }

    /// Returns what clients have to trust, as it is stored.
    pub(super) fn bundle_pem(&self) -> &[u8] {
        self.data
            .get(BUNDLE)
            .map(|bytes| bytes.0.as_slice())
            .unwrap_or_default()
    }

    pub(super) fn data(&self) -> &Data {
        &self.data
    }
}

/// One that is unreadable spoils all of them: API servers refuse the bundle as a whole.
fn bundle(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let all = certificates(pem)?;
    all.iter().try_for_each(|one| Facts::of(one).map(drop))?;
    Ok(all)
}

/// Returns true if a Secret may be written: the operator made it, or somebody prepared an empty one for it.
pub(super) fn is_ours(secret: &Secret) -> bool {
    let label = secret
        .metadata
        .labels
        .as_ref()
        .and_then(|labels| labels.get(LABEL.0));
    let mut values = secret.data.iter().flat_map(BTreeMap::values);
    label.is_some_and(|label| label == LABEL.1) || values.all(|value| value.0.is_empty())
}

/// Returns certificates as one PEM text.
pub(super) fn pem(certificates: &[CertificateDer<'_>]) -> String {
    use base64::Engine;
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let encoded = base64::engine::general_purpose::STANDARD.encode(certificate);
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}
