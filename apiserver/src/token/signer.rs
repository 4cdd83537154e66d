//! ES256 signatures of JSON web tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// A key pair made at start, and its public name.
#[derive(Debug)]
pub(super) struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
    key_id: String,
}

impl Signer {
    pub(super) fn generate() -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).map_err(|_| Unspecified)?;
        let key_id = encode(digest(&SHA256, key.public_key().as_ref()));
        Ok(Self { key, random, key_id })
    }

    /// Returns `claims` as a signed token.
    pub(super) fn sign(&self, claims: &Value) -> Result<String, Unspecified> {
        let header = json!({"alg": "ES256", "kid": self.key_id});
        let body = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.key.sign(&self.random, body.as_bytes())?;
        Ok(format!("{body}.{}", encode(signature)))
    }

    /// Returns the claims of a token this key signed.
    pub(super) fn open(&self, token: &str) -> Option<Value> {
        let (body, signature) = token.rsplit_once('.')?;
        let (header, claims) = body.split_once('.')?;
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        if header["alg"] != "ES256" || header["kid"] != self.key_id.as_str() {
            return None;
        }
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.key.public_key())
            .verify(body.as_bytes(), &decode(signature)?)
            .ok()?;
        serde_json::from_slice(&decode(claims)?).ok()
    }

    /// Returns the public key as a JSON web key set.
    pub(super) fn key_set(&self) -> Value {
        // An uncompressed point: a tag byte, then both coordinates.
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        json!({"keys": [{
            "use": "sig", "kty": "EC", "kid": self.key_id, "crv": "P-256", "alg": "ES256",
            "x": encode(x), "y": encode(y),
        }]})
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_with_the_key_that_signed_it_alone() {
        let (ours, other) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let token = ours.sign(&json!({"sub": "x"})).unwrap();
        assert_eq!(ours.open(&token), Some(json!({"sub": "x"})));
        assert_eq!(other.open(&token), None);
    }

    #[test]
    fn a_changed_token_does_not_open() {
        let signer = Signer::generate().unwrap();
        let token = signer.sign(&json!({"sub": "x"})).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let forged = encode(json!({"sub": "y"}).to_string());
        let unsigned = encode(json!({"alg": "none"}).to_string());
        for bad in [
            format!("{}.{forged}.{}", parts[0], parts[2]),
            format!("{unsigned}.{}.", parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            String::new(),
            "..".to_owned(),
        ] {
            assert_eq!(signer.open(&bad), None, "{bad}");
        }
    }

    #[test]
    fn the_published_key_verifies_tokens() {
        let signer = Signer::generate().unwrap();
        let token = signer.sign(&json!({"sub": "x"})).unwrap();
        let key = &signer.key_set()["keys"][0];
        let mut point = vec![4];
        for axis in ["x", "y"] {
            point.extend(decode(key[axis].as_str().unwrap()).unwrap());
        }
        let (body, signature) = token.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(body.as_bytes(), &decode(signature).unwrap())
            .unwrap();
    }
}
