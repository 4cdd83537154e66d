//! Who a client certificate is for.

use ring::digest::{SHA256, digest};

use super::der::{Element, elements};
use crate::authn::Identity;

const VERSION: u8 = 0xa0;
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// Returns the identity a certificate stands for: its common name is the user, its organizations are the groups.
///
/// `None` if the certificate names nobody. Whether it is to be trusted is decided elsewhere.
pub(super) fn identity(certificate: &[u8]) -> Option<Identity> {
    let attributes = attributes(certificate)?;
    let of = |wanted: &'static [u8]| {
        let matching = attributes.iter().filter(move |(oid, _)| *oid == wanted);
        matching.map(|(_, text)| text.clone())
    };
    let user = of(COMMON_NAME).next_back().filter(|name| !name.is_empty())?;
    let identity = Identity::new(user, of(ORGANIZATION));
    Some(identity.with_extra(
        "authentication.kubernetes.io/credential-id",
        fingerprint(certificate),
    ))
}

/// Returns the object identifiers and texts of the subject, in order.
fn attributes(certificate: &[u8]) -> Option<Vec<(&[u8], String)>> {
    let whole = elements(certificate).next()?;
    let signed = elements(whole.content).next()?;
    // Serial number, signature algorithm, issuer and validity stand before the subject.
    let subject = elements(signed.content).filter(|one| one.tag != VERSION).nth(4)?;
    let sets = elements(subject.content).flat_map(|set| elements(set.content));
    Some(sets.filter_map(|pair| attribute(&pair)).collect())
}

fn attribute<'a>(pair: &Element<'a>) -> Option<(&'a [u8], String)> {
    let mut parts = elements(pair.content);
    let (oid, text) = (parts.next()?, parts.next()?);
    let text = std::str::from_utf8(text.content).ok()?;
    Some((oid.content, text.to_owned()))
}

fn fingerprint(certificate: &[u8]) -> String {
    let hash = digest(&SHA256, certificate);
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("X509SHA256={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_names_nobody() {
        for bytes in [&[][..], &[0x30, 0], &[0x30, 2, 0x30, 0], &[0xff; 40]] {
            assert_eq!(identity(bytes), None, "{bytes:?}");
        }
    }
}
