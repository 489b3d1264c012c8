//! A job's login at rest.

use serde::{Deserialize, Serialize};

use crate::Refused;
use crate::browser::Credentials;
use crate::seal::Seal;

/// Sealed for one job: in another job's row it does not open.
#[derive(Debug)]
pub(super) struct SealedLogin(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
struct Login {
    username: String,
    password: String,
}

impl SealedLogin {
    pub fn seal(seal: &Seal, job: &str, username: String, password: String) -> Self {
        let login = serde_json::to_vec(&Login { username, password })
            .expect("two strings serialise to JSON");
        Self(seal.seal(&purpose(job), &login))
    }

    pub fn open(&self, seal: &Seal, job: &str) -> Result<Credentials, Refused> {
        let opened = seal
            .unseal(&purpose(job), &self.0)
            .map_err(|error| Refused::Fault(error.to_string()))?;
        // Not the parser's own words: they may quote what they stumble over.
        let login: Login = serde_json::from_slice(&opened)
            .map_err(|_| Refused::Fault("a sealed login can't be read".to_owned()))?;
        Ok(Credentials::new(login.username, login.password))
    }
}

fn purpose(job: &str) -> String {
    format!("login of job {job}")
}
