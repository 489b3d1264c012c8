//! What is expected of a page, and what is said of it where it is not so.

use std::time::Duration;

use qualitymax_engine::browser::Checked;
use qualitymax_engine::job::steps::Expectation;
use sample_sites::Site;

use super::sites::serve;
use super::{open, role, story};

#[test]
fn expectations_say_what_was_there_instead() {
    story(async {
        let site = serve(Site::Shop).await;
        let mut session = open(&site.url()).await;
        session.goto("/search?q=lamp").await.unwrap();
        let products = role("article", None);
        let soon = Duration::from_millis(200);
        let mut seen = Vec::new();
        for (expectation, holds) in [
            (
                Expectation::Path {
                    path: "/search?q=lamp".to_owned(),
                },
                true,
            ),
            (
                Expectation::Path {
                    path: "/search".to_owned(),
                },
                false,
            ),
            (
                Expectation::Title {
                    title: "Search results – Fernhouse".to_owned(),
                },
                true,
            ),
            (
                Expectation::Title {
                    title: "Search".to_owned(),
                },
                false,
            ),
            (
                Expectation::Count {
                    target: products.clone(),
                    count: 2,
                },
                true,
            ),
            (
                Expectation::Count {
                    target: products.clone(),
                    count: 3,
                },
                false,
            ),
            (
                Expectation::ContainsText {
                    target: products.clone(),
                    text: "Lamp".to_owned(),
                },
                true,
            ),
            (
                Expectation::ContainsText {
                    target: products.clone(),
                    text: "Desk".to_owned(),
                },
                false,
            ),
            (
                Expectation::Visible {
                    target: role("heading", "Desk Lamp"),
                },
                true,
            ),
            (
                Expectation::Visible {
                    target: role("heading", "Wool Blanket"),
                },
                false,
            ),
            (Expectation::Visible { target: products }, false),
            (
                Expectation::Hidden {
                    target: role("heading", "Desk Lamp"),
                },
                false,
            ),
            (
                Expectation::Text {
                    target: role("heading", "Search results"),
                    text: "Search results".to_owned(),
                },
                true,
            ),
            (
                Expectation::Text {
                    target: role("heading", "Search results"),
                    text: "Search".to_owned(),
                },
                false,
            ),
            (
                Expectation::FieldValue {
                    target: role("searchbox", None),
                    value: "lamp".to_owned(),
                },
                true,
            ),
            (
                Expectation::FieldValue {
                    target: role("searchbox", None),
                    value: "mug".to_owned(),
                },
                false,
            ),
            (
                Expectation::Disabled {
                    target: role("button", "Search"),
                },
                false,
            ),
        ] {
            match session.check(&expectation, soon).await.unwrap() {
                Checked::Held => assert!(holds, "{expectation:?} should not hold"),
                Checked::Failed { seen: instead } => {
                    assert!(!holds, "{expectation:?} should hold, but {instead}");
                    seen.push(instead);
                }
            }
        }
        insta::assert_snapshot!(seen.join("\n"), @r"
        the page is at /search?q=lamp
        the title is “Search results – Fernhouse”
        there are 2 of getByRole('article')
        the text is “Floor Lamp Lighting $89.00 Add to cart”
        there is no getByRole('heading', { name: 'Wool Blanket', exact: true })
        getByRole('article') matches 2 elements, not one
        getByRole('heading', { name: 'Desk Lamp', exact: true }) is visible
        the text is “Search results”
        the field holds “lamp”
        getByRole('button', { name: 'Search', exact: true }) is enabled
        ");
    });
}
