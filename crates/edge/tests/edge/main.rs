//! What a client sees on the wire, whatever it sends.
#![allow(clippy::unwrap_used)]

mod bodies;
mod heads;
mod lifetime;
mod raw;
mod upstream;

use std::net::SocketAddr;
use std::time::Duration;

use contract::{ApiError, JsonBody, types};
use dropshot::{ApiDescription, HttpResponseOk, Path, RequestContext, endpoint};
use http::header::{HeaderName, HeaderValue};
use qualitymax_edge::{Edge, Limits, ok, set_header};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Limits short enough to wait for.
fn quick() -> Limits {
    Limits {
        head_time: Duration::from_millis(400),
        body_time: Duration::from_millis(400),
        answer_time: Duration::from_millis(800),
        drain_time: Duration::from_secs(5),
        ..Limits::default()
    }
}

/// An edge with three of the contract's operations behind it.
struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut api = ApiDescription::new();
        api.register(webhook).unwrap();
        api.register(import).unwrap();
        api.register(report).unwrap();
        let beside = axum::Router::new()
            .route("/healthz", axum::routing::get(|| async { "fine" }))
            .route("/echo", axum::routing::post(|body: String| async { body }));
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let served = tokio::spawn(async move {
            Edge::new(listener)
                .with_limits(limits)
                .beside(beside)
                .serve(api, (), stopped)
                .await
                .unwrap();
        });
        Self {
            address,
            stop,
            served,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct Slug {
    partner_slug: String,
}

/// Refuses the slug `nobody` unread; answers how many bytes it read.
#[endpoint { method = POST, path = "/api/webhooks/{partner_slug}", request_body_max_bytes = 262_144 }]
async fn webhook(
    rqctx: RequestContext<()>,
    path: Path<Slug>,
    body: JsonBody<types::WebhookRequest>,
) -> Result<HttpResponseOk<usize>, ApiError> {
    let read = async {
        if path.into_inner().partner_slug == "nobody" {
            return Err(ApiError::not_found("No partner has this slug."));
        }
        Ok(body.read().await?.bytes().len())
    };
    ok(read.await, rqctx)
}

/// Breaks down.
#[endpoint { method = POST, path = "/api/v1/partner/repositories/import", request_body_max_bytes = 32_768 }]
async fn import(
    _: RequestContext<()>,
    body: JsonBody<types::RepositoryImportRequest>,
) -> Result<HttpResponseOk<usize>, ApiError> {
    body.read().await?;
    panic!("as a test wants it");
}

#[derive(Deserialize, JsonSchema)]
struct Job {
    job_id: String,
}

/// Answers which job; never for `stuck`, after a while for `slow`.
#[endpoint { method = GET, path = "/api/v1/partner/jobs/{job_id}/report" }]
async fn report(
    rqctx: RequestContext<()>,
    path: Path<Job>,
) -> Result<HttpResponseOk<String>, ApiError> {
    let job = path.into_inner().job_id;
    let name = HeaderName::from_static("ratelimit");
    set_header(name, HeaderValue::from_static("\"free\";r=59;t=60"));
    match job.as_str() {
        "busy" => return ok(Err(ApiError::too_many_requests("Wait.", 42)), rqctx),
        "stuck" => std::future::pending().await,
        "slow" => tokio::time::sleep(Duration::from_millis(300)).await,
        // It does not say why, as a handler should.
        "nothing" => return Err(ApiError::not_found("There is no such job.")),
        _ => {}
    }
    ok(Ok(job), rqctx)
}
