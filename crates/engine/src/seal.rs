//! Sealing of secrets at rest, and the keys that are derived for signing links:
//! everything stands on one master key of the deployment.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use sha2::Sha256;

use crate::OpenError;

/// Where an operator may give the key: 32 bytes in hex or base64.
const VARIABLE: &str = "QUALITYMAX_MASTER_KEY";
const FILE: &str = "master.key";
const NONCE_LEN: usize = 24;

/// XChaCha20-Poly1305 under the master key. Cheap to clone; `Debug` shows
/// nothing.
#[derive(Clone)]
pub struct Seal {
    key: Arc<[u8; 32]>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Seal").finish_non_exhaustive()
    }
}

/// What was sealed was not sealed by this key for this purpose, or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this deployment's master key")]
pub struct Unopened;

impl Seal {
    /// The key from `QUALITYMAX_MASTER_KEY`, else from `master.key` in the data
    /// directory, which is created (mode 0600) where there is none.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let key = match std::env::var(VARIABLE) {
            Ok(given) => {
                parse(&given).ok_or_else(|| bad(VARIABLE, "is not 32 bytes in hex or base64"))?
            }
            Err(std::env::VarError::NotPresent) => from_file(&data_dir.join(FILE))?,
            Err(std::env::VarError::NotUnicode(_)) => return Err(bad(VARIABLE, "is not text")),
        };
        Ok(Self { key: Arc::new(key) })
    }

    /// Seals `plain` so that it opens for the same `purpose` only: a value
    /// moved to another row does not open there.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = XNonce::generate();
        let sealed = self
            .cipher()
            .encrypt(
                &nonce,
                Payload {
                    msg: plain,
                    aad: purpose.as_bytes(),
                },
            )
            .expect("a secret is far smaller than the cipher's limit");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Self::seal`] sealed for `purpose`.
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, message) = sealed.split_at_checked(NONCE_LEN).ok_or(Unopened)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| Unopened)?;
        let payload = Payload {
            msg: message,
            aad: purpose.as_bytes(),
        };
        self.cipher().decrypt(&nonce, payload).map_err(|_| Unopened)
    }

    /// A key of its own for `purpose`, the same in every process.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.as_slice())
            .expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key))
    }
}

/// Letters and digits from the operating system's random source, 5.9 bits each.
pub(crate) fn random_text(length: usize) -> String {
    use rand::distr::{Alphanumeric, SampleString};
    // It fails only where the operating system has no randomness to give, and
    // then no secret can be made.
    Alphanumeric.sample_string(&mut UnwrapErr(SysRng), length)
}

fn from_file(path: &Path) -> Result<[u8; 32], OpenError> {
    let name = path.display().to_string();
    if path.metadata().is_ok_and(|file| file.mode() & 0o077 != 0) {
        return Err(OpenError::MasterKey(format!(
            "{name} can be read by others than its owner; `chmod 600 {name}` closes it"
        )));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).ok_or_else(|| bad(&name, "is not 32 bytes in hex or base64")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = <[u8; 32]>::from(Key::generate());
            // Written beside and renamed, so that no other process sees half a
            // key; linked rather than renamed, so that the first one wins.
            let write = || -> std::io::Result<()> {
                let beside = path.with_extension(format!("{}.tmp", std::process::id()));
                let mut file = std::fs::OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(&beside)?;
                writeln!(file, "{}", hex::encode(key))?;
                file.sync_all()?;
                let linked = std::fs::hard_link(&beside, path);
                std::fs::remove_file(&beside)?;
                linked
            };
            match write() {
                Ok(()) => Ok(key),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => from_file(path),
                Err(error) => Err(bad(&name, &format!("can't be written: {error}"))),
            }
        }
        Err(error) => Err(bad(&name, &format!("can't be read: {error}"))),
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    let text = text.trim();
    let bytes = hex::decode(text)
        .or_else(|_| BASE64_STANDARD.decode(text))
        .or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(text))
        .ok()?;
    bytes.try_into().ok()
}

fn bad(where_from: &str, why: &str) -> OpenError {
    OpenError::MasterKey(format!(
        "{where_from} {why}; `openssl rand -hex 32` makes a key"
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_key_file_is_made_once_and_is_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Seal::open(dir.path()).unwrap().seal("test", b"secret");
        let mode = std::fs::metadata(dir.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = Seal::open(dir.path()).unwrap();
        assert_eq!(again.unseal("test", &sealed).unwrap(), b"secret");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_key_file_is_an_error_and_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        write_key(dir.path(), "half a key", 0o600);
        let error = Seal::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("openssl rand -hex 32"), "{error}");
        assert!(!error.contains("half a key"), "{error}");
    }

    fn write_key(dir: &Path, key: &str, mode: u32) {
        let path = dir.join(FILE);
        std::fs::write(&path, key).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused_with_the_way_to_close_it() {
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o644, 0o640, 0o604, 0o666] {
            write_key(dir.path(), &hex::encode([7; 32]), mode);
            let error = Seal::open(dir.path()).unwrap_err().to_string();
            let chmod = format!("`chmod 600 {}`", dir.path().join(FILE).display());
            assert!(error.contains(&chmod), "{mode:o}: {error}");
        }
        write_key(dir.path(), &hex::encode([7; 32]), 0o400);
        Seal::open(dir.path()).unwrap();
    }

    #[test]
    fn hex_and_both_kinds_of_base64_are_keys() {
        let key = [0xfb; 32];
        assert_eq!(parse(&hex::encode(key)), Some(key));
        for text in [
            "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=",
            "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
        ] {
            assert_eq!(parse(text), Some(key), "{text}");
        }
        assert_eq!(parse("short"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_sealed_opens_for_its_purpose_alone(
            plain: Vec<u8>,
            at: prop::sample::Index,
            flip in 1_u8..,
        ) {
            let seal = Seal { key: Arc::new([7; 32]) };
            let mut sealed = seal.seal("row 1", &plain);
            prop_assert_eq!(seal.unseal("row 1", &sealed), Ok(plain));
            prop_assert_eq!(seal.unseal("row 2", &sealed), Err(Unopened));
            let other = Seal { key: Arc::new([8; 32]) };
            prop_assert_eq!(other.unseal("row 1", &sealed), Err(Unopened));
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert_eq!(seal.unseal("row 1", &sealed), Err(Unopened));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let seal = Seal { key: Arc::new([7; 32]) };
            prop_assert_eq!(seal.unseal("row", &bytes), Err(Unopened));
        }
    }
}
