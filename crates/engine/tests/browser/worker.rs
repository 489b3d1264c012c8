//! The worker as a process: it is replaced when it dies, and leaves nothing
//! behind when the engine goes.

use std::time::Duration;

use engine::browser::{BrowserError, Browsers};
use engine::tools::Tools;
use qualitymax_engine as engine;
use tokio::sync::Mutex;

use super::served::{html, serve};
use super::{open, options, story};

/// The processes below one, the process itself included, as `pid command`.
fn family(root: u32) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let mut fields = after_name.split(' ');
        if fields.next() == Some("Z") {
            continue;
        }
        let parent = fields
            .next()
            .and_then(|field| field.parse::<u32>().ok())
            .unwrap_or(0);
        let command = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        all.push((pid, parent, command));
    }
    let mut members = vec![root];
    loop {
        let more = all
            .iter()
            .filter(|(pid, parent, _)| members.contains(parent) && !members.contains(pid));
        let more: Vec<_> = more.map(|(pid, ..)| *pid).collect();
        if more.is_empty() {
            break;
        }
        members.extend(more);
    }
    all.into_iter()
        .filter(|(pid, ..)| members.contains(pid))
        .map(|(pid, _, command)| (pid, command))
        .collect()
}

/// Worker processes that this test process started.
fn workers() -> Vec<u32> {
    let own = family(std::process::id());
    own.iter()
        .filter(|(_, command)| command.contains("worker/main.mjs"))
        .map(|(pid, _)| *pid)
        .collect()
}

/// A worker of its own, and the processes that belong to it.
async fn private(target: &str) -> (Browsers, engine::browser::Session, Vec<u32>) {
    // Whose is a new worker, if two tests start one at a time?
    static STARTING: Mutex<()> = Mutex::const_new(());
    let _one_at_a_time = STARTING.lock().await;
    let before = workers();
    let browsers = Browsers::new(Tools::find());
    let session = browsers.open(options(target)).await.unwrap();
    let worker = workers()
        .into_iter()
        .find(|pid| !before.contains(pid))
        .unwrap();
    let family = family(worker);
    assert!(
        family
            .iter()
            .any(|(_, command)| command.contains("--headless")),
        "{family:?}"
    );
    (
        browsers,
        session,
        family.into_iter().map(|(pid, _)| pid).collect(),
    )
}

async fn assert_all_end(pids: &[u32]) {
    let running = || {
        pids.iter()
            .filter(|pid| family(**pid).iter().any(|(member, _)| member == *pid))
            .count()
    };
    for _ in 0..100 {
        if running() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} of {} processes are left", running(), pids.len());
}

#[test]
fn a_worker_that_was_killed_fails_its_sessions_and_is_replaced() {
    story(async {
        let served = serve([("/", html("<h1>Hello</h1>"))]).await;
        let (browsers, mut session, family) = private(&served.url).await;
        session.goto("/").await.unwrap();
        let worker = rustix::process::Pid::from_raw(i32::try_from(family[0]).unwrap()).unwrap();
        rustix::process::kill_process(worker, rustix::process::Signal::KILL).unwrap();
        assert!(matches!(
            session.facts().await,
            Err(BrowserError::Worker(_))
        ));
        assert_all_end(&family).await;
        let mut next = browsers.open(options(&served.url)).await.unwrap();
        assert_eq!(next.goto("/").await.unwrap().texts[0].text, "Hello");
    });
}

#[test]
fn worker_and_browser_end_with_the_engine() {
    story(async {
        let served = serve([("/", html("<h1>Hello</h1>"))]).await;
        let (browsers, session, family) = private(&served.url).await;
        // Its stdin closes, as it does when the engine's process is killed.
        drop(browsers);
        drop(session);
        assert_all_end(&family).await;
    });
}

#[test]
fn sessions_share_a_browser_and_nothing_else() {
    story(async {
        let page = html("<h1 id=seen></h1><script>
            seen.textContent = document.cookie || 'first visit'; document.cookie = 'visited=yes'</script>");
        let served = serve([("/", page)]).await;
        let (mut one, mut other) = (open(&served.url).await, open(&served.url).await);
        let (first, second) = tokio::join!(one.goto("/"), other.goto("/"));
        assert_eq!(first.unwrap().texts[0].text, "first visit");
        assert_eq!(second.unwrap().texts[0].text, "first visit");
        assert_eq!(one.goto("/").await.unwrap().texts[0].text, "visited=yes");
        one.reset().await.unwrap();
        assert_eq!(one.goto("/").await.unwrap().texts[0].text, "first visit");
    });
}

#[test]
fn a_browser_that_is_not_here_is_unavailable() {
    story(async {
        let tools = Tools {
            browser_dirs: Vec::new(),
            ..Tools::find()
        };
        let wanted = engine::browser::SessionOptions {
            browser: contract::types::Browser::Firefox,
            ..options("http://127.0.0.1:9")
        };
        let Err(BrowserError::Unavailable(why)) = Browsers::new(tools).open(wanted).await else {
            panic!("it opened");
        };
        insta::assert_snapshot!(why, @"firefox is not installed on this deployment; its operator can install it, as the user that the server runs as, with `npx playwright@1.65.1 install --with-deps firefox`");
    });
}

#[test]
fn a_target_that_is_not_there_is_named() {
    story(async {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let mut refused = open(&format!("http://{closed}")).await;
        let mut unknown = open("http://no-such-host.invalid").await;
        let said = [
            refused
                .goto("/")
                .await
                .unwrap_err()
                .to_string()
                .replace(&closed.to_string(), "closed"),
            unknown.goto("/a").await.unwrap_err().to_string(),
        ];
        insta::assert_snapshot!(said.join("\n"), @r"
        http://closed/ can't be opened: the connection was refused
        http://no-such-host.invalid/a can't be opened: its host name does not resolve
        ");
    });
}
