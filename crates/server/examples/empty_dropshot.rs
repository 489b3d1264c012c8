//! The least that dropshot can do with a webhook: read the body, answer a
//! constant; with `--edge` behind the edge. `cargo xtask bench` puts webhook
//! intake beside it.

use dropshot::{
    ApiDescription, ConfigDropshot, HttpError, HttpResponseOk, Path, RequestContext, ServerBuilder,
    UntypedBody, endpoint,
};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Partner {
    #[allow(dead_code)]
    partner_slug: String,
}

#[endpoint { method = POST, path = "/api/webhooks/{partner_slug}", request_body_max_bytes = 65_536 }]
async fn empty(
    _: RequestContext<()>,
    _: Path<Partner>,
    body: UntypedBody,
) -> Result<HttpResponseOk<usize>, HttpError> {
    Ok(HttpResponseOk(body.as_bytes().len()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut api = ApiDescription::new();
    api.register(empty)?;
    if std::env::args().any(|argument| argument == "--edge") {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("http://{}/api/webhooks/empty", listener.local_addr()?);
        edge::Edge::new(listener)
            .serve(api, (), std::future::pending())
            .await?;
        return Ok(());
    }
    let server = ServerBuilder::new(api, (), slog::Logger::root(slog::Discard, slog::o!()))
        .config(ConfigDropshot {
            bind_address: ([127, 0, 0, 1], 0).into(),
            ..ConfigDropshot::default()
        })
        .start()?;
    println!("http://{}/api/webhooks/empty", server.local_addr());
    Ok(server.await?)
}
