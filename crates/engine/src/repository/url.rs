//! Which repository a URL names. Many spellings (`.git`, a trailing slash, the
//! case of letters) are one repository.

use std::path::PathBuf;

use url::Url;

/// Whose rules a host's paths follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forge {
    /// `owner/repository`
    Github,
    /// `group/.../repository`: groups nest.
    Gitlab,
}

/// A host that repositories may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub forge: Forge,
    /// `github.com`, or `git.example.com:8443`.
    pub authority: String,
    /// Certificate authority of a host inside a company, PEM.
    pub ca_file: Option<PathBuf>,
    /// The operator's word that the host may lie in a private network.
    pub private_network: bool,
}

impl Host {
    /// github.com and gitlab.com, which need no configuration.
    pub fn public() -> Vec<Self> {
        let host = |forge, authority: &str| Self {
            forge,
            authority: authority.to_owned(),
            ca_file: None,
            private_network: false,
        };
        vec![
            host(Forge::Github, "github.com"),
            host(Forge::Gitlab, "gitlab.com"),
        ]
    }

    /// `https://git.example.com:8443/`
    pub fn url(&self) -> Url {
        Url::parse(&format!("https://{}/", self.authority)).expect("an authority was parsed as one")
    }

    /// As a connection needs them.
    pub fn name_and_port(&self) -> (String, u16) {
        let url = self.url();
        let name = url.host_str().unwrap_or_default().to_owned();
        (name, url.port_or_known_default().unwrap_or(443))
    }
}

/// `github=git.example.com:8443`, `gitlab=git.example.com,/etc/ssl/own-ca.pem`
/// or `gitlab=git.internal,private,/etc/ssl/own-ca.pem`.
impl std::str::FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage =
            "write it as FORGE=HOST[:PORT][,private][,CA_FILE], FORGE being github or gitlab";
        let (forge, rest) = text.split_once('=').ok_or(usage)?;
        let forge = match forge {
            "github" => Forge::Github,
            "gitlab" => Forge::Gitlab,
            _ => return Err(usage.to_owned()),
        };
        let (authority, rest) = rest.split_once(',').unwrap_or((rest, ""));
        let (private_network, ca_file) = match rest.split_once(',') {
            Some(("private", ca_file)) => (true, ca_file),
            _ if rest == "private" => (true, ""),
            _ => (false, rest),
        };
        let known = Url::parse(&format!("https://{authority}/"))
            .ok()
            .filter(|url| url.path() == "/" && url.username().is_empty())
            .ok_or(usage)?;
        Ok(Self {
            forge,
            authority: authority_of(&known),
            ca_file: Some(ca_file)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            private_network,
        })
    }
}

/// A repository on a known host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryUrl {
    pub host: Host,
    /// `owner/repository`, as it was written.
    path: String,
}

impl RepositoryUrl {
    /// The refusal says what to send instead.
    pub fn parse(text: &str, hosts: &[Host]) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| shape(hosts))?;
        if url.scheme() != "https" {
            return Err(format!(
                "url: must be an https URL, and its scheme is {}",
                url.scheme()
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("url: must not hold credentials".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("url: must be the repository's own address, without ? or #".to_owned());
        }
        let authority = authority_of(&url);
        let host = hosts
            .iter()
            .find(|host| host.authority == authority)
            .ok_or_else(|| shape(hosts))?;
        let path = url.path().trim_start_matches('/').trim_end_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let segments: Vec<&str> = path.split('/').collect();
        let enough = match host.forge {
            Forge::Github => segments.len() == 2,
            Forge::Gitlab => (2..=21).contains(&segments.len()),
        };
        if !enough || !segments.iter().all(|segment| is_name(segment)) {
            return Err(match host.forge {
                Forge::Github => format!("url: must be https://{authority}/OWNER/REPOSITORY"),
                Forge::Gitlab => format!("url: must be https://{authority}/GROUP/.../REPOSITORY"),
            });
        }
        Ok(Self {
            host: host.clone(),
            path: path.to_owned(),
        })
    }

    /// What is handed to git.
    pub fn clone_url(&self) -> String {
        format!("https://{}/{}.git", self.host.authority, self.path)
    }

    /// The same for every spelling: both forges ignore the case of letters.
    pub fn identity(&self) -> String {
        format!("{}/{}", self.host.authority, self.path.to_lowercase())
    }

    /// `your-org/your-repo`, as it was written.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `your-repo`
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Both forges allow letters, digits, `-`, `_` and `.`, and nothing that a
/// command line or a file system could take for something else.
fn is_name(segment: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !segment.is_empty()
        && segment.chars().all(inner)
        && !segment.starts_with(['-', '.'])
        && !segment.ends_with('.')
}

fn shape(hosts: &[Host]) -> String {
    let known: Vec<_> = hosts.iter().map(|host| host.authority.as_str()).collect();
    format!(
        "url: must be the HTTPS URL of a GitHub or GitLab repository, on {}",
        known.join(" or ")
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<RepositoryUrl, String> {
        RepositoryUrl::parse(text, &Host::public())
    }

    #[test]
    fn every_spelling_is_one_repository() {
        let identity = parse("https://github.com/your-org/your-repo")
            .unwrap()
            .identity();
        for spelling in [
            "https://github.com/your-org/your-repo.git",
            "https://github.com/your-org/your-repo/",
            "https://github.com/your-org/your-repo.git/",
            "https://GitHub.com/Your-Org/Your-Repo",
            "https://github.com:443/your-org/your-repo",
        ] {
            assert_eq!(parse(spelling).unwrap().identity(), identity, "{spelling}");
        }
        let nested = parse("https://gitlab.com/group/sub/deeper/tool.git").unwrap();
        assert_eq!(nested.name(), "tool");
        assert_eq!(
            nested.clone_url(),
            "https://gitlab.com/group/sub/deeper/tool.git"
        );
    }

    #[test]
    fn anything_else_is_refused_in_words_that_help() {
        let refusals: Vec<_> = [
            "http://github.com/o/r",
            "git@github.com:o/r.git",
            "ssh://git@github.com/o/r",
            "https://user:pass@github.com/o/r",
            "https://github.com/o/r?x=1",
            "https://github.com/only-owner",
            "https://github.com/o/r/tree/main",
            "https://gitlab.com/group/project/-/tree/main",
            "https://github.com/o/--upload-pack=touch",
            "https://github.com/o/%2e%2e",
            "https://github.com.evil.example/o/r",
            "https://169.254.169.254/o/r",
        ]
        .into_iter()
        .map(|url| parse(url).unwrap_err())
        .collect();
        insta::assert_snapshot!(refusals.join("\n"), @r"
        url: must be an https URL, and its scheme is http
        url: must be the HTTPS URL of a GitHub or GitLab repository, on github.com or gitlab.com
        url: must be an https URL, and its scheme is ssh
        url: must not hold credentials
        url: must be the repository's own address, without ? or #
        url: must be https://github.com/OWNER/REPOSITORY
        url: must be https://github.com/OWNER/REPOSITORY
        url: must be https://gitlab.com/GROUP/.../REPOSITORY
        url: must be https://github.com/OWNER/REPOSITORY
        url: must be https://github.com/OWNER/REPOSITORY
        url: must be the HTTPS URL of a GitHub or GitLab repository, on github.com or gitlab.com
        url: must be the HTTPS URL of a GitHub or GitLab repository, on github.com or gitlab.com
        ");
    }

    #[test]
    fn an_operator_names_further_hosts() {
        let host: Host = "gitlab=Git.Example.com:8443,/etc/own-ca.pem"
            .parse()
            .unwrap();
        assert_eq!(host.authority, "git.example.com:8443");
        assert!(!host.private_network);
        let url = RepositoryUrl::parse("https://git.example.com:8443/a/b/c", &[host]).unwrap();
        assert_eq!(url.clone_url(), "https://git.example.com:8443/a/b/c.git");
        for (text, ca_file) in [
            ("github=git.internal,private", None),
            ("github=git.internal,private,/ca,1.pem", Some("/ca,1.pem")),
        ] {
            let host: Host = text.parse().unwrap();
            assert!(host.private_network, "{text}");
            assert_eq!(host.ca_file, ca_file.map(PathBuf::from), "{text}");
        }
        for wrong in ["git.example.com", "svn=x.example", "github=a/b", "github="] {
            assert!(wrong.parse::<Host>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_reaches_git_is_a_plain_https_url(text in "https://(github|gitlab)\\.com/\\PC{0,40}") {
            if let Ok(url) = parse(&text) {
                prop_assert!(url.clone_url().starts_with("https://git"));
                prop_assert!(!url.clone_url().contains(['@', ' ', '%', '?', '#', '\\']));
                prop_assert!(!url.clone_url().contains("/-") && !url.clone_url().contains("/."));
            }
        }
    }
}
