//! `sha256=<hex>`: HMAC-SHA256 over raw bytes, as the webhook
//! (`X-Partner-Signature`) and the callback (`X-QualityMax-Signature`) carry it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header does not begin with `sha256=`.
    #[error("the signature must begin with `sha256=`")]
    Prefix,
    /// What follows the prefix is not 64 hex digits.
    #[error("`sha256=` must be followed by the 64 hex digits of an HMAC-SHA256")]
    Hex,
    /// Another secret, or other bytes, were signed.
    #[error("the signature does not match the raw body and the webhook secret")]
    Mismatch,
}

/// The header value for these exact bytes: `sha256=` and 64 lower-case hex digits.
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    format!(
        "sha256={}",
        hex::encode(mac(secret, body).finalize().into_bytes())
    )
}

/// Whether `header` is the signature of these exact bytes. Takes the same time
/// whichever byte differs. Upper-case digits are the same number, so they hold.
pub fn verify(secret: &[u8], body: &[u8], header: &str) -> Result<(), SignatureError> {
    let digits = header
        .strip_prefix("sha256=")
        .ok_or(SignatureError::Prefix)?;
    let mut given = [0_u8; 32];
    hex::decode_to_slice(digits, &mut given).map_err(|_| SignatureError::Hex)?;
    mac(secret, body)
        .verify_slice(&given)
        .map_err(|_| SignatureError::Mismatch)
}

fn mac(secret: &[u8], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn agrees_with_the_published_vector() {
        let signed = sign(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            signed,
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_header() {
        let good = sign(b"secret", b"body");
        assert_eq!(
            verify(b"secret", b"body", &good["sha256=".len()..]),
            Err(SignatureError::Prefix)
        );
        assert_eq!(
            verify(b"secret", b"body", "sha256=xyz"),
            Err(SignatureError::Hex)
        );
        assert_eq!(
            verify(b"secret", b"body", &good[..good.len() - 2]),
            Err(SignatureError::Hex)
        );
        assert_eq!(
            verify(b"other", b"body", &good),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(
            verify(b"secret", b"body", &good.replace("sha256=", "SHA256=")),
            Err(SignatureError::Prefix)
        );
    }

    proptest! {
        #[test]
        fn what_was_signed_verifies_and_nothing_else(secret: Vec<u8>, body: Vec<u8>, at: prop::sample::Index, flip in 1_u8..) {
            let header = sign(&secret, &body);
            prop_assert_eq!(verify(&secret, &body, &header), Ok(()));
            prop_assert_eq!(verify(&secret, &body, &header.replace("sha256=", "sha256= ")), Err(SignatureError::Hex));
            if !body.is_empty() {
                let mut tampered = body.clone();
                tampered[at.index(body.len())] ^= flip;
                prop_assert_eq!(verify(&secret, &tampered, &header), Err(SignatureError::Mismatch));
            }
        }

        #[test]
        fn no_header_makes_it_panic(header: String) {
            prop_assert!(verify(b"secret", b"body", &header).is_err());
        }
    }
}
