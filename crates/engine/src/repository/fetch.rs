//! Fetching from forges: through the egress policy, a few at a time.

use std::path::PathBuf;

use tokio::sync::Semaphore;

use super::git::{Git, GitError, Head};
use super::incoming::Incoming;
use super::url::{Host, RepositoryUrl};
use crate::Refused;
use crate::egress::{Denied, Policy, Proxy};

/// Exchanges with forges under way at a time.
const AT_ONCE: usize = 4;

/// The way to whichever forges there are.
#[derive(Debug)]
pub(super) struct Forges {
    policy: Policy,
    /// Where it is fetched to.
    dir: PathBuf,
    exchanges: Semaphore,
}

/// A repository that was just fetched; it goes unless it is kept.
pub(super) struct Fetched {
    pub incoming: Incoming,
    pub head: Head,
}

impl Fetched {
    /// As the row has it beside the branch.
    pub fn requested_branch<'a>(&self, requested: &'a str) -> Option<&'a str> {
        (self.head.branch != requested).then_some(requested)
    }
}

impl Forges {
    pub fn new(policy: Policy, dir: PathBuf) -> Self {
        Self {
            policy,
            dir,
            exchanges: Semaphore::new(AT_ONCE),
        }
    }

    /// The branch as it stands, or the remote's default where it has none of
    /// that name.
    pub async fn fetch(&self, url: &RepositoryUrl, branch: &str) -> Result<Fetched, GitError> {
        let fault = |error: std::io::Error| GitError::Fault(error.to_string());
        let _exchange = self.exchanges.acquire().await;
        let incoming = Incoming::create_in(&self.dir).map_err(fault)?;
        let proxy = self.way_to(&url.host).await?;
        let git = Git {
            proxy: Some(proxy.url()),
            ..Git::default()
        };
        let head = git.fetch(url, branch, &incoming.repository()).await?;
        Ok(Fetched { incoming, head })
    }

    /// The proxy through which git reaches a host. Into a private network it
    /// leads only where the operator said so, and then to that host alone.
    async fn way_to(&self, host: &Host) -> Result<Proxy, GitError> {
        let started = if host.private_network {
            let (name, port) = host.name_and_port();
            Proxy::start_for(self.policy, name, port).await
        } else {
            if let Err(denied) = self.policy.check_reachable(&host.url()).await {
                if matches!(denied, Denied::NotPublic(_)) {
                    tracing::warn!(
                        host = host.authority,
                        "a git host in a private network is refused unless it is named with \
                         `,private`"
                    );
                }
                return Err(GitError::Unreachable(denied.to_string()));
            }
            Proxy::start(self.policy).await
        };
        started.map_err(|error| GitError::Fault(error.to_string()))
    }
}

impl From<GitError> for Refused {
    fn from(error: GitError) -> Self {
        match error {
            GitError::Fault(_) => Self::Fault(error.to_string()),
            _ => Self::Invalid(error.to_string()),
        }
    }
}
