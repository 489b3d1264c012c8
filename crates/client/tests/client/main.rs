//! What a partner relies on when using the client, against a server that keeps
//! the raw requests.
#![allow(clippy::unwrap_used)]

mod artifacts;
mod callbacks;
mod operations;
mod signing;

use qualitymax_client::{Client, Credentials, connect};
use serde_json::Value;
use wiremock::{MockServer, Request};

const KEY: &str = "qm-test-token";
const SECRET: &str = "webhook-secret";

fn client(server: &MockServer) -> Client {
    connect(&server.uri(), Credentials::new(KEY, SECRET)).unwrap()
}

fn contract() -> Value {
    serde_json::from_str(include_str!("../../../../openapi.json")).unwrap()
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap())
}
