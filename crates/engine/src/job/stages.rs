//! What the walk asks for at each stage, and the real thing: the browser, the
//! runner, and the functions of the stages' own files.

use std::path::Path;

use contract::types;

use super::crawl::{self, Crawl};
use super::execute::{self, Run};
use super::generate::{self, Script};
use super::plan;
use super::score;
use super::steps::Plan;
use super::{JobRequest, StageError};
use crate::browser::{Browsers, Session, SessionOptions};
use crate::egress::{Denied, Policy, Proxy};
use crate::llm::Providers;
use crate::tools::Tools;

/// The seam at which tests of the walk put in what no real browser can be made
/// to do on request: faults, panics, and never coming back.
pub(super) trait Stages: Clone + Send + Sync + 'static {
    /// What crawl and plan share: a browser session.
    type Visit: Send;

    fn open(
        &self,
        request: &JobRequest,
    ) -> impl Future<Output = Result<Self::Visit, StageError>> + Send;

    fn crawl(
        &self,
        visit: &mut Self::Visit,
        request: &JobRequest,
    ) -> impl Future<Output = Result<Crawl, StageError>> + Send;

    fn plan(
        &self,
        visit: &mut Self::Visit,
        crawl: &Crawl,
        request: &JobRequest,
        attempt: u32,
    ) -> impl Future<Output = Result<Plan, StageError>> + Send;

    fn generate(&self, plan: &Plan) -> Script;

    fn execute(
        &self,
        script: &Script,
        request: &JobRequest,
        workspace: &Path,
    ) -> impl Future<Output = Result<Run, StageError>> + Send;

    fn assess(&self, plan: &Plan, run: Option<&Run>) -> types::Quality;
}

/// The stages on a real browser; all it loads goes through the egress policy.
#[derive(Clone, Debug)]
pub(crate) struct OnBrowser {
    pub browsers: Browsers,
    pub tools: Tools,
    pub policy: Policy,
    pub llm: Providers,
}

/// A session and its way out.
pub(super) struct Visit {
    session: Session,
    _proxy: Proxy,
}

impl OnBrowser {
    /// A proxy of its own; what a target that leads inside would be answered is
    /// said here once, in clear words.
    async fn way_out(&self, request: &JobRequest) -> Result<Proxy, StageError> {
        self.policy
            .check_reachable(&request.target)
            .await
            .map_err(|denied| {
                let text = format!("The target can't be visited: {denied}.");
                match denied {
                    // A name may be new, or a resolver slow.
                    Denied::Unresolved(_) => StageError::Transient(text),
                    _ => StageError::Final(text),
                }
            })?;
        Proxy::start(self.policy)
            .await
            .map_err(|error| StageError::Transient(format!("No egress proxy: {error}.")))
    }
}

impl Stages for OnBrowser {
    type Visit = Visit;

    async fn open(&self, request: &JobRequest) -> Result<Visit, StageError> {
        let proxy = self.way_out(request).await?;
        let options = SessionOptions {
            browser: request.options.browser,
            headless: request.options.headless,
            target: request.target.clone(),
            proxy: Some(proxy.url()),
            skip_cookie_consent: request.options.skip_cookie_consent,
            credentials: request.credentials.clone(),
        };
        let session = self.browsers.open(options).await?;
        Ok(Visit {
            session,
            _proxy: proxy,
        })
    }

    async fn crawl(&self, visit: &mut Visit, request: &JobRequest) -> Result<Crawl, StageError> {
        crawl::crawl(&mut visit.session, request).await
    }

    async fn plan(
        &self,
        visit: &mut Visit,
        crawl: &Crawl,
        request: &JobRequest,
        attempt: u32,
    ) -> Result<Plan, StageError> {
        // A later attempt is the planner's own.
        let llm = match attempt {
            1 => self.llm.of_partner(request.partner).await,
            _ => None,
        };
        plan::plan(&mut visit.session, crawl, request, attempt, llm.as_ref()).await
    }

    fn generate(&self, plan: &Plan) -> Script {
        generate::generate(plan)
    }

    async fn execute(
        &self,
        script: &Script,
        request: &JobRequest,
        workspace: &Path,
    ) -> Result<Run, StageError> {
        let proxy = self.way_out(request).await?;
        execute::execute(&self.tools, script, request, Some(&proxy.url()), workspace).await
    }

    fn assess(&self, plan: &Plan, run: Option<&Run>) -> types::Quality {
        score::assess(plan, run)
    }
}
