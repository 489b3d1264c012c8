//! The least that dropshot can do with a POST: read the body, answer a
//! constant. `cargo xtask bench` puts webhook intake beside it.

use dropshot::{
    ApiDescription, ConfigDropshot, HttpError, HttpResponseOk, RequestContext, ServerBuilder,
    UntypedBody, endpoint,
};

#[endpoint { method = POST, path = "/empty", request_body_max_bytes = 65_536 }]
async fn empty(
    _: RequestContext<()>,
    body: UntypedBody,
) -> Result<HttpResponseOk<usize>, HttpError> {
    Ok(HttpResponseOk(body.as_bytes().len()))
}

#[tokio::main]
async fn main() -> Result<(), String> {
    let mut api = ApiDescription::new();
    api.register(empty).map_err(|error| error.to_string())?;
    let server = ServerBuilder::new(api, (), slog::Logger::root(slog::Discard, slog::o!()))
        .config(ConfigDropshot {
            bind_address: ([127, 0, 0, 1], 0).into(),
            ..ConfigDropshot::default()
        })
        .start()
        .map_err(|error| error.to_string())?;
    println!("http://{}/empty", server.local_addr());
    server.await
}
