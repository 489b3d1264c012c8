//! The page, in a real browser.

use std::time::Duration;

use tokio::process::Command;

use crate::bench::Bench;
use crate::receiver::Receiver;

/// What the page shows after a while, as Chromium has it.
async fn shown(url: &str) -> Option<String> {
    let chromium = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let chromium = chromium
        .iter()
        .find(|path| std::path::Path::new(path).exists())?;
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--virtual-time-budget=3000", "--timeout=20000", url])
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(90), output).await;
    Some(String::from_utf8(output.unwrap().unwrap().stdout).unwrap())
}

#[tokio::test]
async fn the_page_shows_jobs_callbacks_and_requests() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let job = bench.job("failed", &receiver.url).await;
    receiver.next().await;
    bench.reaches(&job, "callback_sent").await;
    let Some(page) = shown(&format!("{}/_mock/", bench.url)).await else {
        eprintln!("there is no Chromium here: the page was not looked at");
        return;
    };
    assert!(page.contains(&job), "{page}");
    assert!(page.contains("callback_sent"), "{page}");
    assert!(page.contains("POST /api/webhooks/veilstream"), "{page}");
}
