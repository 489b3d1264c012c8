//! Who is let in, and in which order that is asked.

use std::time::Duration;

use engine::partner::KeyKind;

use crate::bench::{Bench, accepted, least, refusal, status};

#[tokio::test]
async fn both_documented_key_formats_are_accepted() {
    let bench = Bench::start().await;
    let mut partner = bench.ours.clone();
    for (kind, prefix) in [(KeyKind::ApiToken, "qm-"), (KeyKind::GithubActions, "qm_")] {
        partner.take_key(&bench.engine, kind).await;
        assert!(partner.key.starts_with(prefix));
        accepted(bench.webhook(&partner, &least())).await;
    }
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_answered_but_401() {
    let bench = Bench::start().await;
    let mut partner = bench.ours.clone();
    for key in ["qm-unknown", "qm_unknown", "nonsense", "", "qm-\u{e9}"] {
        partner.key = key.to_owned();
        let (status, detail) = refusal(bench.webhook(&partner, &least())).await;
        assert_eq!(
            (status, detail.as_str()),
            (
                401,
                "Invalid API key. Send a valid one in the X-QualityMax-API-Key header."
            )
        );
        assert_eq!(
            status,
            refusal(bench.get_as(&partner, "/jobs/pwj_1/report"))
                .await
                .0
        );
    }
    let (status, detail) = refusal(bench.get("/api/v1/partner/jobs/pwj_1/report")).await;
    assert_eq!(
        (status, detail.as_str()),
        (
            401,
            "Missing API key. Send a valid one in the X-QualityMax-API-Key header."
        )
    );
    let twice = bench
        .get_as(&bench.ours, "/jobs/pwj_1/report")
        .header("x-qualitymax-api-key", &bench.ours.key);
    assert_eq!(refusal(twice).await.0, 401);
}

/// RFC 9110, section 15.5.2: a 401 says how to authenticate.
#[tokio::test]
async fn a_401_names_the_header_that_is_missing_or_wrong() {
    let bench = Bench::start().await;
    let signed = |signature: &'static str| {
        bench
            .unsigned(&bench.ours, b"{}")
            .header("x-partner-signature", signature)
    };
    let key = r#"ApiKey realm="QualityMax Partner API", header="X-QualityMax-API-Key""#;
    let signature =
        r#"PartnerSignature realm="QualityMax Partner API", header="X-Partner-Signature""#;
    for (request, challenge) in [
        (bench.get("/api/v1/partner/jobs/pwj_1/report"), key),
        (bench.get("/api/webhooks/veilstream"), ""),
        (bench.get("/app/api/projects"), key),
        (bench.unsigned(&bench.ours, b"{}"), signature),
        (signed("sha256=00"), signature),
    ] {
        let answer = request.send().await.unwrap();
        let given = answer.headers().get("www-authenticate");
        assert_eq!(given.map_or("", |it| it.to_str().unwrap()), challenge);
    }
}

#[tokio::test]
async fn a_revoked_key_is_unknown_from_the_next_request_on() {
    let bench = Bench::start().await;
    accepted(bench.webhook(&bench.ours, &least())).await;
    let partners = bench.engine.partners();
    partners.revoke_key(bench.ours.key_id).await.unwrap();
    assert_eq!(refusal(bench.webhook(&bench.ours, &least())).await.0, 401);
}

#[tokio::test]
async fn the_order_is_key_partner_signature_body() {
    let bench = Bench::start().await;
    let mut request = bench.ours.clone();
    let spoilt = b"{\"url\": 1}".as_slice();

    // Everything is wrong: the key is named.
    request.slug = "nobody";
    request.key = "qm-unknown".to_owned();
    assert_eq!(refusal(bench.unsigned(&request, spoilt)).await.0, 401);
    // The key is right: the partner is named.
    request.key.clone_from(&bench.ours.key);
    let nobody = (404, "No partner has this slug.".to_owned());
    assert_eq!(refusal(bench.unsigned(&request, spoilt)).await, nobody);
    request.slug = bench.theirs.slug;
    let other = (403, "This API key belongs to another partner.".to_owned());
    assert_eq!(refusal(bench.unsigned(&request, spoilt)).await, other);
    // The partner is right: the signature is named.
    request.slug = bench.ours.slug;
    let (status, detail) = refusal(bench.unsigned(&request, spoilt)).await;
    assert_eq!(status, 401);
    assert!(detail.starts_with("Missing signature."), "{detail}");
    // The signature is right: the body is named.
    let (status, detail) = refusal(bench.webhook(&request, spoilt)).await;
    assert_eq!(status, 400);
    assert!(detail.contains("url"), "{detail}");
}

#[tokio::test]
async fn a_signature_is_over_the_raw_bytes_with_the_partners_own_secret() {
    let bench = Bench::start().await;
    let body = least();
    let signed = |header: String| {
        bench
            .unsigned(&bench.ours, &body)
            .header("x-partner-signature", header)
    };
    let right = signature::sign(bench.ours.secret.as_bytes(), &body);
    assert_eq!(status(signed(right.clone())).await, 200);
    assert_eq!(status(signed(right.replace("sha256=", ""))).await, 401);
    assert_eq!(status(signed("sha256=".to_owned())).await, 401);
    let foreign = signature::sign(bench.theirs.secret.as_bytes(), &body);
    let (code, detail) = refusal(signed(foreign)).await;
    assert_eq!(code, 401);
    assert!(!detail.contains(&bench.ours.secret), "{detail}");
    // The same JSON in other bytes.
    let mut spaced = body.clone();
    spaced.push(b'\n');
    let unlike = bench
        .unsigned(&bench.ours, &spaced)
        .header("x-partner-signature", right);
    assert_eq!(status(unlike).await, 401);
    accepted(bench.webhook(&bench.ours, &spaced)).await;
}

#[tokio::test]
async fn after_a_rotation_either_secret_holds_until_the_overlap_ends() {
    let bench = Bench::start().await;
    let (old, mut new) = (bench.ours.clone(), bench.ours.clone());
    let rotate = async |overlap| {
        let partners = bench.engine.partners();
        partners.rotate_secret(old.slug, overlap).await.unwrap().0
    };
    new.secret = rotate(Duration::from_secs(3600)).await;
    accepted(bench.webhook(&old, &least())).await;
    accepted(bench.webhook(&new, &least())).await;
    let newest = rotate(Duration::ZERO).await;
    assert_eq!(status(bench.webhook(&old, &least())).await, 401);
    assert_eq!(status(bench.webhook(&new, &least())).await, 401);
    new.secret = newest;
    accepted(bench.webhook(&new, &least())).await;
}

#[tokio::test]
async fn a_partner_sees_nothing_of_another() {
    let bench = Bench::start().await;
    let job = accepted(bench.webhook(&bench.ours, &least())).await;
    let path = format!("/jobs/{job}/report");
    assert_eq!(status(bench.get_as(&bench.ours, &path)).await, 200);
    let (code, detail) = refusal(bench.get_as(&bench.theirs, &path)).await;
    assert_eq!(
        (code, detail.as_str()),
        (403, "The job belongs to another partner.")
    );
    let unknown = refusal(bench.get_as(&bench.theirs, "/jobs/pwj_0/report")).await;
    assert_eq!(unknown, (404, "There is no such job.".to_owned()));

    let projects = bench.engine.projects();
    let partner = bench.engine.partners().by_slug(bench.ours.slug).await;
    let ours = projects.list(partner.unwrap().unwrap().id).await.unwrap();
    let test_case = serde_json::json!({ "project_id": ours[0].id, "title": "Logs in" });
    let theirs = bench.post_as(&bench.theirs, "/test-cases", &test_case);
    assert_eq!(refusal(theirs).await.0, 403);
}
