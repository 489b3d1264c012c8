//! Whatever a page does, the engine gets an answer, soon and of bounded size.

use std::time::{Duration, Instant};

use qualitymax_engine::browser::facts::PageFacts;
use qualitymax_engine::browser::{BrowserError, Session};
use qualitymax_engine::job::steps::{Act, Value};

use super::served::{Answer, html, serve};
use super::{label, open, role, story};

/// Opens a page within the time that a slow machine may need.
async fn visit(page: Answer) -> Result<(Session, PageFacts), BrowserError> {
    let served = serve([("/", page), ("/next", html("<h1>Next</h1>"))]).await;
    let mut session = open(&served.url).await;
    let started = Instant::now();
    let facts = session.goto("/").await;
    let took = started.elapsed();
    assert!(took < Duration::from_secs(40), "it took {took:?}");
    let facts = facts?;
    let size = serde_json::to_string(&facts).unwrap().len();
    assert!(size < 2_000_000, "{size} bytes of facts");
    // Whatever it was, the session is still good for another page.
    session.goto("/next").await?;
    Ok((session, facts))
}

#[test]
fn a_page_of_a_hundred_thousand_elements_is_read_in_part() {
    story(async {
        let page = "<div class=card><h3>Card</h3><button>Buy</button></div>".repeat(33_000);
        let (_, facts) = visit(html(format!("<h1>Everything</h1>{page}")))
            .await
            .unwrap();
        assert!(facts.texts.iter().any(|text| text.text == "Everything"));
    });
}

#[test]
fn a_text_of_megabytes_is_cut() {
    story(async {
        let long = "endless ".repeat(400_000);
        let page = format!(
            "<h1>{long}</h1><button title='x'>{long}</button><p>{long}</p><a href='/next?{}'>Next</a>",
            "q".repeat(100_000)
        );
        let (_, facts) = visit(html(page)).await.unwrap();
        assert!(facts.texts.iter().all(|text| text.text.len() < 2_000));
        assert!(facts.elements.iter().all(|one| one.name.len() < 1_000));
    });
}

#[test]
fn elements_nested_without_end_do_not_exhaust_the_stack() {
    story(async {
        let page = "<button>Before</button><script>let at = document.querySelector('main');
            for (let i = 0; i < 1500; i++) { const div = document.createElement('div'); at.append(div); at = div; }
            at.innerHTML = '<button>Deep</button>';</script>";
        let (_, facts) = visit(html(page)).await.unwrap();
        assert!(facts.elements.iter().any(|one| one.name == "Before"));
    });
}

#[test]
fn redirects_in_circles_are_refused() {
    story(async {
        let Err(BrowserError::Navigation(why)) = visit(Answer::Redirect("/")).await else {
            panic!("it arrived");
        };
        assert!(
            why.ends_with("can't be opened: it redirects in circles"),
            "{why}"
        );
    });
}

/// Side by side, as each of them takes its time.
#[test]
fn whoever_keeps_a_visitor_waiting_is_given_up() {
    story(async {
        tokio::join!(
            a_page_that_always_goes_elsewhere_is_given_up(),
            a_page_that_never_ends_is_read_as_far_as_it_came(),
            a_server_that_never_answers_is_given_up(),
            a_page_that_holds_the_thread_is_given_up_and_does_not_harm_others(),
        );
    });
}

async fn a_page_that_always_goes_elsewhere_is_given_up() {
    let page = html("<h1>Wait</h1><script>location.href = '/?' + Math.random()</script>");
    let visited = visit(page).await;
    assert!(
        !matches!(visited, Err(BrowserError::Worker(_))),
        "{visited:?}"
    );
}

async fn a_page_that_never_ends_is_read_as_far_as_it_came() {
    let half = "<!doctype html><title>Half</title><h1>Half a page</h1>";
    let (_, facts) = visit(Answer::NeverEnding(half)).await.unwrap();
    assert_eq!(facts.texts[0].text, "Half a page");
}

async fn a_server_that_never_answers_is_given_up() {
    let Err(BrowserError::Navigation(why)) = visit(Answer::Silence).await else {
        panic!("it arrived");
    };
    assert!(why.ends_with("can't be opened: no answer in time"), "{why}");
}

#[test]
fn a_download_is_no_page() {
    story(async {
        let Err(BrowserError::Navigation(why)) = visit(Answer::Download).await else {
            panic!("it arrived");
        };
        assert!(why.contains("download"), "{why}");
    });
}

#[test]
fn dialogs_and_popups_are_out_of_the_way() {
    story(async {
        let page = html("<h1>Hello</h1><button>Ask</button><script>
            alert('one'); confirm('two'); prompt('three');
            for (let i = 0; i < 10; i++) window.open('/next');
            addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'stay'; });
            document.querySelector('button').onclick = () => { document.querySelector('h1').textContent = confirm('Sure?') ? 'Yes' : 'No'; window.open('/next'); };
            </script>");
        let served = serve([("/", page), ("/next", html("<h1>Next</h1>"))]).await;
        let mut session = open(&served.url).await;
        session.goto("/").await.unwrap();
        let clicked = session
            .act(&Act::Click {
                target: role("button", "Ask"),
            })
            .await
            .unwrap()
            .facts;
        assert_eq!(clicked.texts[0].text, "Yes");
        assert!(clicked.asked, "the test needs a handler that says yes, too");
        assert_eq!(session.goto("/next").await.unwrap().texts[0].text, "Next");
    });
}

#[test]
fn a_page_that_never_rests_is_read_all_the_same() {
    story(async {
        let page = html("<h1>Clock</h1><p id=time></p><script>
            setInterval(() => { time.textContent = 'at ' + performance.now(); console.error('tick'); }, 5);
            setInterval(() => fetch('/missing'), 50);</script>");
        let started = Instant::now();
        let (_, facts) = visit(page).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(15));
        assert!(facts.console_errors.len() <= 50 && facts.failed_requests.len() <= 50);
        assert!(
            facts.failed_requests[0].ends_with("/missing 404"),
            "{:?}",
            facts.failed_requests
        );
    });
}

async fn a_page_that_holds_the_thread_is_given_up_and_does_not_harm_others() {
    let page = html("<h1>Busy</h1><script>setTimeout(() => { for (;;); }, 30)</script>");
    let Err(BrowserError::Action(why)) = visit(page).await else {
        panic!("it was read");
    };
    insta::assert_snapshot!(why, @"the page keeps the browser so busy that it can't be read");
    let served = serve([("/", html("<h1>Fine</h1>"))]).await;
    let mut other = open(&served.url).await;
    assert_eq!(other.goto("/").await.unwrap().texts[0].text, "Fine");
}

#[test]
fn scripts_of_the_page_cannot_forge_what_is_read() {
    story(async {
        let page = html("<h1>True</h1><form aria-label=Sign><input name=id aria-label=Id><button>Send</button></form><script>
            Array.prototype.map = () => ['forged']; Array.prototype.slice = () => [];
            JSON.stringify = () => 'forged'; document.querySelectorAll = () => [];
            Object.defineProperty(Element.prototype, 'textContent', { get: () => 'forged' });
            Map.prototype.get = () => 'forged';</script>");
        let (_, facts) = visit(page).await.unwrap();
        assert_eq!(facts.texts[0].text, "True");
        assert_eq!(facts.elements.len(), 2);
    });
}

#[test]
fn fields_that_hide_their_forms_properties_lead_nobody_in_circles() {
    story(async {
        let page = html(
            "<form><input name=parentElement><input name=children><input name=getAttribute></form>",
        );
        // Playwright's own engine is lost in such a form, too.
        let visited = visit(page).await;
        assert!(
            !matches!(visited, Err(BrowserError::Worker(_))),
            "{visited:?}"
        );
    });
}

#[test]
fn an_act_that_can_not_be_done_says_why() {
    story(async {
        let page = html("<button disabled>Off</button><button>Twin</button><button>Twin</button>
            <label>Kind <select><option>One</option></select></label><label>Fixed <input readonly value=x></label>
            <div style='position:relative'><button>Under</button><div id=cover style='position:absolute;inset:0'></div></div>");
        let served = serve([("/", page)]).await;
        // Side by side, as each of them waits for its element.
        let said = futures::future::join_all(
            [
                Act::Click {
                    target: role("button", "Off"),
                },
                Act::Click {
                    target: role("button", "Twin"),
                },
                Act::Click {
                    target: role("button", "Missing"),
                },
                Act::Click {
                    target: role("button", "Under"),
                },
                Act::Select {
                    target: role("combobox", "Kind"),
                    option: "Two".to_owned(),
                },
                Act::Fill {
                    target: label("Fixed"),
                    value: Value::Text {
                        text: "y".to_owned(),
                    },
                },
                Act::Fill {
                    target: label("Fixed"),
                    value: Value::Password,
                },
                Act::Goto {
                    path: "https://elsewhere.example/".to_owned(),
                },
            ]
            .map(async |act| {
                let mut session = open(&served.url).await;
                session.goto("/").await.unwrap();
                let why = session.act(&act).await.unwrap_err().to_string();
                why.replace(&served.url, "http://page")
            }),
        )
        .await;
        insta::assert_snapshot!(said.join("\n"), @r#"
        getByRole('button', { name: 'Off', exact: true }): element is not enabled
        getByRole('button', { name: 'Twin', exact: true }) matches 2 elements, not one
        getByRole('button', { name: 'Missing', exact: true }) matches no element
        getByRole('button', { name: 'Under', exact: true }) is covered by another element: <div id="cover"></div> intercepts pointer events
        getByRole('combobox', { name: 'Kind', exact: true }) has no such option
        getByLabel('Fixed', { exact: true }): element is not editable
        the step needs credentials, but none were given for the target
        https://elsewhere.example/ is not part of http://page
        "#);
    });
}
