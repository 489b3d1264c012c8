//! What the edge costs: the same two operations from dropshot alone and behind
//! the edge. Prints both URLs; put a load on each, such as
//! `wrk -t1 -c64 -d5 URL/api/v1/partner/jobs/pwj_1/report`.

use contract::{ApiError, JsonBody, types};
use dropshot::{ApiDescription, HttpResponseOk, Path, RequestContext, ServerBuilder, endpoint};
use qualitymax_edge::Edge;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize, JsonSchema)]
struct Slug {
    #[expect(dead_code)]
    partner_slug: String,
}

#[endpoint { method = POST, path = "/api/webhooks/{partner_slug}", request_body_max_bytes = 131_072 }]
async fn webhook(
    _: RequestContext<()>,
    _: Path<Slug>,
    body: JsonBody<types::WebhookRequest>,
) -> Result<HttpResponseOk<usize>, ApiError> {
    Ok(HttpResponseOk(body.read().await?.bytes().len()))
}

#[derive(Deserialize, JsonSchema)]
struct Job {
    job_id: String,
}

#[endpoint { method = GET, path = "/api/v1/partner/jobs/{job_id}/report" }]
async fn report(
    _: RequestContext<()>,
    path: Path<Job>,
) -> Result<HttpResponseOk<String>, ApiError> {
    Ok(HttpResponseOk(path.into_inner().job_id))
}

fn api() -> Result<ApiDescription<()>, Box<dyn std::error::Error>> {
    let mut api = ApiDescription::new();
    api.register(webhook)?;
    api.register(report)?;
    Ok(api)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let silent = slog::Logger::root(slog::Discard, slog::o!());
    let alone = ServerBuilder::new(api()?, (), silent).start()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("dropshot alone: http://{}", alone.local_addr());
    println!("behind an edge: http://{}", listener.local_addr()?);
    Edge::new(listener)
        .serve(api()?, (), std::future::pending())
        .await?;
    Ok(())
}
