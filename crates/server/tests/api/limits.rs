//! Rate limits: the documented numbers, per API key and operation.

use contract::{OPERATIONS, Operation};
use reqwest::{Method, RequestBuilder};

use crate::bench::{Bench, Partner, least, refusal, status};

/// A request to `operation` that its limit counts, whatever becomes of it.
fn request(bench: &Bench, operation: &Operation, partner: &Partner) -> RequestBuilder {
    if operation.id == "trigger_test_generation" {
        return bench.webhook(partner, &least());
    }
    let path: Vec<_> = operation
        .path
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "none"
            } else {
                segment
            }
        })
        .collect();
    let method: Method = operation.method.parse().unwrap();
    bench
        .http
        .request(method, format!("{}{}", bench.url, path.join("/")))
        .header("x-qualitymax-api-key", &partner.key)
        .header("content-type", "application/json")
        .body("{}")
}

#[tokio::test]
async fn of_every_operation_exactly_the_documented_number_passes_in_a_minute() {
    let bench = Bench::start().await;
    for operation in OPERATIONS {
        let limit = operation.rate_limit;
        for turn in 0..limit.requests {
            let answer = request(&bench, operation, &bench.ours)
                .send()
                .await
                .unwrap();
            assert_ne!(answer.status(), 429, "{} {turn}", operation.id);
            let left = answer.headers()["ratelimit"].to_str().unwrap();
            let expected = format!(";r={};", limit.requests - turn - 1);
            assert!(left.contains(&expected), "{left}");
        }
        let answer = request(&bench, operation, &bench.ours)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 429, "{}", operation.id);
        assert_eq!(answer.headers()["retry-after"], "60");
    }
    bench.advance(60);
    for operation in OPERATIONS {
        let again = status(request(&bench, operation, &bench.ours)).await;
        assert_ne!(again, 429, "{}", operation.id);
    }
}

#[tokio::test]
async fn whoever_waits_as_long_as_told_is_served() {
    let bench = Bench::start().await;
    for _ in 0..10 {
        assert_eq!(status(bench.webhook(&bench.ours, &least())).await, 200);
        bench.advance(2);
    }
    let answer = bench.webhook(&bench.ours, &least()).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("ratelimit"), "\"llm\";r=0;t=40");
    assert_eq!(header("ratelimit-policy"), "\"llm\";q=10;w=60");
    assert_eq!(header("retry-after"), "40");
    let (status, detail) = refusal(bench.webhook(&bench.ours, &least())).await;
    assert_eq!(
        (status, detail.as_str()),
        (
            429,
            "Rate limit exceeded: 10 requests a minute. Retry in 40 seconds."
        )
    );
    bench.advance(39);
    assert_eq!(
        crate::bench::status(bench.webhook(&bench.ours, &least())).await,
        429
    );
    bench.advance(1);
    assert_eq!(
        crate::bench::status(bench.webhook(&bench.ours, &least())).await,
        200
    );
}

#[tokio::test]
async fn one_partners_limit_is_not_anothers() {
    let bench = Bench::start().await;
    for _ in 0..11 {
        status(bench.webhook(&bench.ours, &least())).await;
    }
    assert_eq!(status(bench.webhook(&bench.ours, &least())).await, 429);
    assert_eq!(status(bench.webhook(&bench.theirs, &least())).await, 200);
    assert_eq!(
        status(bench.get_as(&bench.ours, "/jobs/pwj_1/report")).await,
        404
    );
}

#[tokio::test]
async fn the_limit_is_asked_before_the_signature_and_after_the_partner() {
    let bench = Bench::start().await;
    for _ in 0..10 {
        assert_eq!(status(bench.unsigned(&bench.ours, b"{}")).await, 401);
    }
    assert_eq!(status(bench.unsigned(&bench.ours, b"{}")).await, 429);
    let mut elsewhere = bench.ours.clone();
    elsewhere.slug = bench.theirs.slug;
    assert_eq!(status(bench.unsigned(&elsewhere, b"{}")).await, 403);
}

#[tokio::test]
async fn invalid_keys_are_not_counted() {
    let bench = Bench::start().await;
    let mut unknown = bench.ours.clone();
    unknown.key = "qm-unknown".to_owned();
    for _ in 0..20 {
        assert_eq!(status(bench.unsigned(&unknown, b"{}")).await, 401);
    }
}
