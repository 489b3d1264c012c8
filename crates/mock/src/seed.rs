//! Chance that repeats itself: what is drawn depends on the seed, on what it is
//! drawn for and on how many were drawn for it before, and on nothing else.

use sha2::{Digest, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// An identifier of 26 letters and digits after `prefix`.
    pub(crate) fn id(self, prefix: &str, number: u64) -> String {
        // Crockford's alphabet, as ULIDs have it.
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let drawn = self.bytes(prefix, number);
        let letters = drawn
            .iter()
            .take(26)
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        prefix.chars().chain(letters).collect()
    }

    /// At least 0, below 1.
    pub(crate) fn share(self, of: &str, number: u64) -> f64 {
        let [a, b, c, d, ..] = self.bytes(of, number);
        f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
    }

    fn bytes(self, of: &str, number: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0.to_be_bytes());
        hash.update(number.to_be_bytes());
        hash.update(of);
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_does_not() {
        assert_eq!(Seed(1).id("pwj_", 1), Seed(1).id("pwj_", 1));
        assert_ne!(Seed(1).id("pwj_", 1), Seed(1).id("pwj_", 2));
        assert_ne!(Seed(1).id("pwj_", 1), Seed(2).id("pwj_", 1));
        let mean = (0..1000).map(|n| Seed(7).share("x", n)).sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
    }
}
