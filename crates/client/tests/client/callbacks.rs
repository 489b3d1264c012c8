//! Verifying what arrives at the callback URL.

use qualitymax_client::{SignatureError, types::CallbackPayload, verify_callback};

use crate::SECRET;

const BODY: &[u8] = include_bytes!("../../../../fixtures/golden/callback.json");

#[test]
fn the_documented_callback_verifies_over_its_raw_bytes_and_parses() {
    let header = signature::sign(SECRET.as_bytes(), BODY);
    assert_eq!(verify_callback(SECRET.as_bytes(), BODY, &header), Ok(()));
    let payload: CallbackPayload = serde_json::from_slice(BODY).unwrap();
    assert_eq!(payload.results.total_tests, 1);

    // The same JSON in other bytes is not what was signed.
    let compact = serde_json::to_vec(&payload).unwrap();
    assert_eq!(
        verify_callback(SECRET.as_bytes(), &compact, &header),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn a_forged_callback_is_refused_wherever_it_differs() {
    let header = signature::sign(SECRET.as_bytes(), BODY);
    let digits = "sha256=".len()..header.len();
    // First, last and every digit between: none is compared less than another.
    for at in digits {
        let mut forged = header.clone().into_bytes();
        forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(
            verify_callback(SECRET.as_bytes(), BODY, &forged),
            Err(SignatureError::Mismatch)
        );
    }
    for (header, error) in [
        ("", SignatureError::Prefix),
        (&header["sha256=".len()..], SignatureError::Prefix),
        ("sha1=abc", SignatureError::Prefix),
        ("sha256=", SignatureError::Hex),
        (&header[..header.len() - 2], SignatureError::Hex),
        (&format!("{header}00"), SignatureError::Hex),
    ] {
        assert_eq!(
            verify_callback(SECRET.as_bytes(), BODY, header),
            Err(error),
            "{header}"
        );
    }
    assert_eq!(
        verify_callback(b"another secret", BODY, &header),
        Err(SignatureError::Mismatch)
    );
}
