//! The engine's own requests to URLs from outside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use http::{Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use super::{CONNECT_TIMEOUT, Denied, Policy};

/// Redirects followed by one [`Client::get`].
const MAX_REDIRECTS: usize = 5;

/// An HTTP client that reaches only what the policy allows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    policy: Policy,
}

/// The answer to a GET.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Where it was found, after redirects.
    pub url: Url,
    pub status: StatusCode,
    pub content_type: Option<String>,
    pub body: Bytes,
}

/// Why a request got no answer; fit to be shown to who gave the URL.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooManyRedirects,
    #[error("a redirect leads to no valid URL")]
    BadRedirect,
    #[error("{0}")]
    Failed(String),
}

impl Client {
    pub fn new(policy: Policy) -> Self {
        let http = reqwest::Client::builder()
            .user_agent(concat!("QualityMax/", env!("CARGO_PKG_VERSION")))
            // Redirects are followed here, one checked URL at a time.
            .redirect(reqwest::redirect::Policy::none())
            // A proxy of the environment would resolve names on its own.
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(Arc::new(CheckedNames(policy)))
            .build()
            .expect("a client without certificates of its own can be built");
        Self { http, policy }
    }

    /// GETs `url`, follows redirects, and reads at most `max_bytes`, all within
    /// `timeout`.
    pub async fn get(
        &self,
        url: &Url,
        max_bytes: usize,
        timeout: Duration,
    ) -> Result<Fetched, FetchError> {
        tokio::time::timeout(timeout, self.follow(url.clone(), max_bytes))
            .await
            .map_err(|_| FetchError::TimedOut(timeout))?
    }

    /// POSTs once and returns the answer's status. Redirects are not followed,
    /// and the answer's body is not read.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        timeout: Duration,
    ) -> Result<StatusCode, FetchError> {
        self.policy.check_url(url)?;
        let request = self.http.post(url.clone()).headers(headers).body(body);
        let answer = tokio::time::timeout(timeout, request.send())
            .await
            .map_err(|_| FetchError::TimedOut(timeout))?
            .map_err(failed)?;
        Ok(answer.status())
    }

    async fn follow(&self, mut url: Url, max_bytes: usize) -> Result<Fetched, FetchError> {
        for _ in 0..=MAX_REDIRECTS {
            self.policy.check_url(&url)?;
            let answer = self
                .http
                .request(Method::GET, url.clone())
                .send()
                .await
                .map_err(failed)?;
            let location = answer.headers().get(LOCATION);
            let Some(location) = location.filter(|_| answer.status().is_redirection()) else {
                return read(url, answer, max_bytes).await;
            };
            let location = location.to_str().map_err(|_| FetchError::BadRedirect)?;
            url = url.join(location).map_err(|_| FetchError::BadRedirect)?;
        }
        Err(FetchError::TooManyRedirects)
    }
}

async fn read(
    url: Url,
    mut answer: reqwest::Response,
    max_bytes: usize,
) -> Result<Fetched, FetchError> {
    let content_type = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(FetchError::TooLarge(max_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched {
        url,
        status: answer.status(),
        content_type,
        body: body.freeze(),
    })
}

/// reqwest's innermost reason, which is the one that says what happened; never
/// the URL, whose query may hold a token.
fn failed(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if let Some(denied) = innermost.downcast_ref::<Denied>() {
        return FetchError::Denied(denied.clone());
    }
    FetchError::Failed(innermost.to_string())
}

/// Resolves through the policy, so that a connection goes to an address that
/// was checked: a name that changes its mind in between gains nothing.
struct CheckedNames(Policy);

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0;
        Box::pin(async move {
            // Port 0 stands for the URL's.
            let found: Vec<SocketAddr> = policy.resolve(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn client() -> Client {
        Client::new(Policy {
            allow_loopback: true,
        })
    }

    async fn server(answers: &[(&str, ResponseTemplate)]) -> MockServer {
        let server = MockServer::start().await;
        for (at, answer) in answers {
            Mock::given(path(*at))
                .respond_with(answer.clone())
                .mount(&server)
                .await;
        }
        server
    }

    fn url(server: &MockServer, path: &str) -> Url {
        Url::parse(&server.uri()).unwrap().join(path).unwrap()
    }

    fn to(location: &str) -> ResponseTemplate {
        ResponseTemplate::new(302).insert_header("location", location)
    }

    #[tokio::test]
    async fn a_document_is_fetched_through_its_redirects() {
        let document = ResponseTemplate::new(200).set_body_raw("{}", "application/json");
        let server = server(&[("/old", to("/new")), ("/new", document)]).await;
        let fetched = client()
            .get(&url(&server, "/old"), 10, LIMIT)
            .await
            .unwrap();
        assert_eq!(fetched.url, url(&server, "/new"));
        assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
        assert_eq!(
            (fetched.status, &fetched.body[..]),
            (StatusCode::OK, &b"{}"[..])
        );
    }

    #[tokio::test]
    async fn each_redirect_is_checked_by_itself() {
        let server = server(&[
            ("/inside", to("http://169.254.169.254/latest/meta-data/")),
            ("/file", to("file:///etc/passwd")),
            ("/login", to("http://user:password@127.0.0.1/")),
            ("/round", to("/round")),
        ])
        .await;
        let get = async |path: &str| {
            client()
                .get(&url(&server, path), 10, LIMIT)
                .await
                .unwrap_err()
        };
        assert!(matches!(
            get("/inside").await,
            FetchError::Denied(Denied::NotPublic(_))
        ));
        assert!(matches!(
            get("/file").await,
            FetchError::Denied(Denied::Scheme)
        ));
        assert!(matches!(
            get("/login").await,
            FetchError::Denied(Denied::Credentials)
        ));
        assert!(matches!(get("/round").await, FetchError::TooManyRedirects));
    }

    #[tokio::test]
    async fn size_and_time_are_bounded() {
        let big = ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 1000]);
        let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
        let server = server(&[("/big", big), ("/slow", slow)]).await;
        let big = client().get(&url(&server, "/big"), 999, LIMIT).await;
        assert!(matches!(big, Err(FetchError::TooLarge(999))));
        assert!(
            client()
                .get(&url(&server, "/big"), 1000, LIMIT)
                .await
                .is_ok()
        );
        let brief = Duration::from_millis(100);
        let slow = client().get(&url(&server, "/slow"), 10, brief).await;
        assert!(matches!(slow, Err(FetchError::TimedOut(_))));
    }

    #[tokio::test]
    async fn a_name_that_resolves_inside_is_not_connected_to() {
        let server = server(&[("/", ResponseTemplate::new(200))]).await;
        let mut by_name = url(&server, "/");
        by_name.set_host(Some("localhost")).unwrap();
        let strict = Client::new(Policy {
            allow_loopback: false,
        });
        let refused = strict.get(&by_name, 10, LIMIT).await;
        assert!(
            matches!(refused, Err(FetchError::Denied(Denied::NotPublic(_)))),
            "{refused:?}"
        );
        let posted = strict
            .post(&by_name, HeaderMap::new(), Bytes::new(), LIMIT)
            .await;
        assert!(matches!(posted, Err(FetchError::Denied(_))), "{posted:?}");
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_post_does_not_follow_redirects() {
        let server = server(&[
            ("/hook", to("/elsewhere")),
            ("/elsewhere", ResponseTemplate::new(200)),
        ])
        .await;
        let status = client()
            .post(
                &url(&server, "/hook"),
                HeaderMap::new(),
                Bytes::new(),
                LIMIT,
            )
            .await
            .unwrap();
        assert_eq!(status, StatusCode::FOUND);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}
