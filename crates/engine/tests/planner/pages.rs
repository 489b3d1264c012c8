//! Pages as other frameworks mark them up, one feature each; broken by a
//! replacement in their text.

use axum::Router;
use axum::response::Html;
use futures::StreamExt;
use qualitymax_engine::browser::Browsers;
use qualitymax_engine::tools::Tools;

use crate::bench::{PLANNED_AT_ONCE, Specs, credentials, each_round, generate_on};

struct Page {
    name: &'static str,
    html: &'static str,
    description: &'static str,
    signs_in: bool,
    /// What breaks the feature, each in its way: this, replaced by that.
    broken: &'static [(&'static str, &'static str)],
}

macro_rules! html {
    ($name:literal) => {
        include_str!(concat!("../../../../fixtures/pages/", $name, ".html"))
    };
}

const PAGES: &[Page] = &[
    Page {
        name: "late-form",
        html: html!("late-form"),
        description: "Visitors fill in the form with the name 'Ada', submit it and see 'Thank you, Ada'",
        signs_in: false,
        broken: &[("`Thank you, ${name.value}`", "\"Failed\"")],
    },
    Page {
        name: "placeholder-login",
        html: html!("placeholder-login"),
        description: "A user can log in and sees the overview",
        signs_in: true,
        broken: &[("password.value !==", "true || password.value !==")],
    },
    Page {
        name: "floating-labels",
        html: html!("floating-labels"),
        description: "Submitting the newsletter form with the email 'nobody' shows 'Enter a valid e-mail address'",
        signs_in: false,
        broken: &[("\"Enter a valid e-mail address\"", "\"\"")],
    },
    Page {
        name: "delayed-route",
        html: html!("delayed-route"),
        description: "Visitors go to the collection and see 'Sextant'. When they open 'Plan your visit', the opening hours are shown",
        signs_in: false,
        broken: &[("<li>Sextant</li>", "")],
    },
    Page {
        name: "icon-buttons",
        html: html!("icon-buttons"),
        description: "Clicking 'Open settings' opens a dialog with the heading 'Settings'",
        signs_in: false,
        broken: &[("dialog.hidden = false", "void 0")],
    },
    Page {
        name: "tabs",
        html: html!("tabs"),
        description: "Clicking the Reviews tab shows 'Best shoes I ever had'",
        signs_in: false,
        broken: &[(".hidden = tab !== chosen", ".lang = \"en\"")],
    },
    Page {
        name: "options",
        html: html!("options"),
        description: "Choose Saturday as the day, choose the Balcony seat, and the price is €50.00",
        signs_in: false,
        broken: &[("? 5 : 0", "? 0 : 0")],
    },
    Page {
        name: "german-consent",
        html: html!("german-consent"),
        description: "Clicking 'Öffnungszeiten' shows 'Montag bis Samstag'",
        signs_in: false,
        broken: &[("Montag bis Samstag, 7 bis 18 Uhr", "undefined")],
    },
    Page {
        name: "pagination",
        html: html!("pagination"),
        description: "The list shows 3 books. Clicking Next shows 'Middlemarch'",
        signs_in: false,
        broken: &[("page += 1", "page += 2")],
    },
    Page {
        name: "toast",
        html: html!("toast"),
        description: "Enter the display name 'Robin', save the profile and see 'Profile saved'",
        signs_in: false,
        broken: &[("\"Profile saved\"", "\"Something went wrong\"")],
    },
    Page {
        name: "todo",
        html: html!("todo"),
        description: "Users can add a todo 'Buy milk', and then '1 item left' is shown",
        signs_in: false,
        broken: &[("list.append(item);", "")],
    },
    Page {
        name: "notice",
        html: html!("notice"),
        description: "Clicking Dismiss hides 'We have moved to Harbour Street'",
        signs_in: false,
        broken: &[("notice.remove()", "void 0")],
    },
    Page {
        name: "notice",
        html: html!("notice"),
        description: "Visitors can expand the directions",
        signs_in: false,
        broken: &[("directions.hidden = false", "void 0")],
    },
    Page {
        name: "notice",
        html: html!("notice"),
        description: "Visitors can dismiss the notice",
        signs_in: false,
        broken: &[("notice.remove()", "void 0")],
    },
    Page {
        name: "folded",
        html: html!("folded"),
        description: "The page shows 4 sections",
        signs_in: false,
        broken: &[(
            "<details><summary>What does delivery cost?</summary><p>€4.90, and nothing from €50.00.</p></details>",
            "",
        )],
    },
    Page {
        name: "folded",
        html: html!("folded"),
        description: "Visitors can expand 'How do I send something back?', which shows 'within 30 days'",
        signs_in: false,
        broken: &[("within 30 days", "")],
    },
    Page {
        name: "preferences",
        html: html!("preferences"),
        description: "Changing the language to 'Deutsch' and saving shows 'Einstellungen gespeichert'",
        signs_in: false,
        broken: &[("language.value === \"de\"", "false")],
    },
    Page {
        name: "preferences",
        html: html!("preferences"),
        description: "After deleting the draft, 'Unfinished invoice' is no longer shown",
        signs_in: false,
        broken: &[("draft.remove()", "void 0")],
    },
    Page {
        name: "preferences",
        html: html!("preferences"),
        description: "Set the page size to 2. The table has 2 rows",
        signs_in: false,
        broken: &[("at >= size.value", "false")],
    },
    Page {
        name: "contacts",
        html: html!("contacts"),
        description: "Test that users can add a new contact with the name 'Grace Hopper' and the email 'grace@navy.mil' and see it in the contacts list",
        signs_in: false,
        broken: &[("contacts.push([name, email]);", "")],
    },
    Page {
        name: "contacts",
        html: html!("contacts"),
        description: "Test that creating a contact without an email shows the error 'Email is required'",
        signs_in: false,
        broken: &[("if (!email)", "if (false)")],
    },
    Page {
        name: "checkout",
        html: html!("checkout"),
        description: "Test that a customer can complete checkout: fill in the shipping address, choose Express delivery, enter the payment details and place the order. They should see 'Order confirmed'.",
        signs_in: false,
        broken: &[("setTimeout(steps.done, 400)", "0")],
    },
    Page {
        name: "settings",
        html: html!("settings"),
        description: "Test that users can turn on email notifications and save their changes",
        signs_in: false,
        broken: &[(
            "\"Your changes have been saved\"",
            "\"Something went wrong\"",
        )],
    },
    Page {
        name: "settings",
        html: html!("settings"),
        description: "Test that users can change their time zone to Tokyo and that it is still Tokyo after reloading the page",
        signs_in: false,
        broken: &[("draft.tz = li.textContent;", "")],
    },
    Page {
        name: "signup",
        html: html!("signup"),
        description: "Test that users get an error when the passwords do not match",
        signs_in: false,
        broken: &[("password.value !== confirm.value", "false")],
    },
    Page {
        name: "signup",
        html: html!("signup"),
        description: "Test that new users can sign up with their name, email and password and see 'Check your inbox'",
        signs_in: false,
        broken: &[("<h1>Check your inbox</h1>", "<h1>Try again</h1>")],
    },
    Page {
        name: "comments",
        html: html!("comments"),
        description: "Test that users can delete their own comment",
        signs_in: false,
        broken: &[("comments.splice(comments.indexOf(c), 1);", "")],
    },
    Page {
        name: "comments",
        html: html!("comments"),
        description: "Test that users can edit their comment to 'Thanks for sharing' and see the updated text",
        signs_in: false,
        broken: &[("c.text = d.querySelector(\"textarea\").value;", "")],
    },
    Page {
        name: "settings",
        html: html!("settings"),
        description: "The 'Save changes' button is disabled until something changes",
        signs_in: false,
        broken: &[
            ("id=\"save\" disabled", "id=\"save\""),
            ("disabled = false; };", "disabled = true; };"),
        ],
    },
    Page {
        name: "comments",
        html: html!("comments"),
        description: "The Post button stays disabled while the comment is empty",
        signs_in: false,
        broken: &[
            ("<button disabled>", "<button>"),
            ("!e.target.value.trim()", "true"),
        ],
    },
    Page {
        name: "join",
        html: html!("join"),
        description: "'Join' can't be pressed until a name is given and a voice is selected",
        signs_in: false,
        broken: &[
            ("<button disabled>", "<button>"),
            ("terms.checked)", "false)"),
            (
                "name.value.trim() && voice.value",
                "(name.value || voice.value)",
            ),
        ],
    },
    Page {
        name: "join",
        html: html!("join"),
        description: "The Join button is enabled only after the terms are accepted. Joining then shows 'Welcome to the choir'",
        signs_in: false,
        broken: &[
            ("<button disabled>", "<button>"),
            ("terms.checked)", "false)"),
            (" && terms.checked)", ")"),
            ("textContent = `Welcome", "title = `Welcome"),
        ],
    },
    Page {
        name: "contacts",
        html: html!("contacts"),
        description: "On the Contacts page the user can click 'New contact' and see the form",
        signs_in: false,
        broken: &[
            ("document.body.append(box)", "void 0"),
            ("pages[location.pathname]", "pages[\"/\"]"),
        ],
    },
    Page {
        name: "tabs",
        html: html!("tabs"),
        description: "On the Reviews tab the visitor sees 'Best shoes I ever had'",
        signs_in: false,
        broken: &[(".hidden = tab !== chosen", ".lang = \"en\"")],
    },
    Page {
        name: "settings",
        html: html!("settings"),
        description: "Turning on dark mode and saving keeps it on after a reload",
        signs_in: false,
        broken: &[("JSON.stringify(draft)", "\"{}\"")],
    },
    Page {
        name: "signup",
        html: html!("signup"),
        description: "A password with fewer than 8 characters is rejected with 'Your password must have at least 8 characters'",
        signs_in: false,
        broken: &[("password.value.length < 8", "false")],
    },
];

/// Answers every path alike until it is dropped.
struct Served {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(html: String) -> Served {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().fallback(move || std::future::ready(Html(html.clone())));
    let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    Served { url, task }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_is_tested_however_its_page_is_marked_up() {
    each_round(prove_once).await;
}

async fn prove_once() {
    let tools = Tools::find();
    let browsers = &Browsers::new(tools.clone());
    let written: Vec<_> = futures::stream::iter(PAGES)
        .map(|page| async move {
            let healthy = serve(page.html.to_owned()).await;
            let credentials = page.signs_in.then(credentials);
            let test = generate_on(browsers, &healthy.url, page.description, credentials).await;
            (page, healthy, test)
        })
        .buffered(PLANNED_AT_ONCE)
        .collect()
        .await;

    let mut specs = Specs::new();
    let mut served = Vec::new();
    for (number, (page, healthy, test)) in written.into_iter().enumerate() {
        specs.require(page.description, &test, 80);
        let named = format!("{}-{number}", page.name);
        specs.add(&format!("healthy-{named}"), &test, &healthy.url, true);
        served.push(healthy);
        for (way, (from, to)) in page.broken.iter().enumerate() {
            let broken = page.html.replace(from, to);
            assert_ne!(broken, page.html, "{} has nothing to break", page.name);
            let broken = serve(broken).await;
            let named = format!("broken-{named}-{way}");
            specs.add(&named, &test, &broken.url, false);
            served.push(broken);
        }
    }
    specs.run(&tools).await;
}
