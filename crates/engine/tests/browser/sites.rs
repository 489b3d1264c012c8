//! The sample sites, as the crawl and the rehearsal see them.

use std::time::Duration;

use qualitymax_engine::browser::Checked;
use qualitymax_engine::browser::facts::PageFacts;
use qualitymax_engine::job::steps::{Act, Expectation, Value};
use sample_sites::{Running, Site};

use super::{browsers, label, open, options, role, signed_in_options, story};

pub async fn serve(site: Site) -> Running {
    sample_sites::start(site, ([127, 0, 0, 1], 0).into(), None)
        .await
        .expect("the site starts")
}

/// Every element as `role name: locator`.
fn elements(facts: &PageFacts) -> String {
    let lines = facts.elements.iter();
    lines
        .map(|one| format!("{} {}: {}", one.role, one.name, one.locator.to_code()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn collections(facts: &PageFacts) -> String {
    let lines = facts.collections.iter();
    lines
        .map(|one| {
            format!(
                "{} of {} [{}]: {}",
                one.count,
                one.label,
                one.kind,
                one.items.to_code()
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_login_with_the_given_credentials_leads_to_the_board_with_its_four_sections() {
    story(async {
        let site = serve(Site::Dashboard).await;
        let mut session = browsers()
            .open(signed_in_options(&site.url()))
            .await
            .unwrap();

        let login = session.goto("/login").await.unwrap();
        assert_eq!(
            login.consent.as_ref().unwrap().to_code(),
            "getByRole('button', { name: 'Accept all', exact: true })"
        );
        insta::assert_snapshot!(elements(&login), @r"
        link Tidewell: getByRole('link', { name: 'Tidewell', exact: true })
        textbox Email: getByRole('textbox', { name: 'Email', exact: true })
        textbox Password: getByLabel('Password', { exact: true })
        button Sign in: getByRole('button', { name: 'Sign in', exact: true })
        ");

        session
            .act(&Act::Fill {
                target: role("textbox", "Email"),
                value: Value::Username,
            })
            .await
            .unwrap();
        let filled = session
            .act(&Act::Fill {
                target: label("Password"),
                value: Value::Password,
            })
            .await
            .unwrap();
        let password = filled
            .facts
            .elements
            .iter()
            .find(|one| one.input_type == "password")
            .unwrap();
        assert_eq!(password.value, "");

        let board = session
            .act(&Act::Click {
                target: role("button", "Sign in"),
            })
            .await
            .unwrap()
            .facts;
        assert!(board.url.ends_with("/dashboard"));
        assert_eq!(board.consent, None);
        insta::assert_snapshot!(collections(&board), @r"
        4 of My tasks [region section column board]: getByRole('region')
        3 of To do [listitem li plain]: getByRole('region', { name: 'To do', exact: true }).getByRole('listitem')
        2 of In progress [listitem li plain]: getByRole('region', { name: 'In progress', exact: true }).getByRole('listitem')
        1 of Review [listitem li plain]: getByRole('region', { name: 'Review', exact: true }).getByRole('listitem')
        2 of Done [listitem li plain]: getByRole('region', { name: 'Done', exact: true }).getByRole('listitem')
        ");

        let reported = serde_json::to_string(&(login, filled.facts, board)).unwrap();
        assert!(!reported.contains("testpass123") && !reported.contains("test@example.com"));
        assert!(reported.contains("Welcome, ‹username›"));
        session.close().await;
    });
}

#[test]
fn each_card_of_a_list_has_its_own_button() {
    story(async {
        let site = serve(Site::Shop).await;
        let mut session = open(&site.url()).await;
        let shop = session.goto("/search?q=lamp").await.unwrap();
        insta::assert_snapshot!(elements(&shop), @r"
        link Fernhouse: getByRole('link', { name: 'Fernhouse', exact: true })
        searchbox Search products: getByRole('searchbox', { name: 'Search products', exact: true })
        button Search: getByRole('button', { name: 'Search', exact: true })
        link Cart (0): getByRole('link', { name: 'Cart (0)', exact: true })
        link All products: getByRole('link', { name: 'All products', exact: true })
        link Lighting: getByRole('link', { name: 'Lighting', exact: true })
        link Textiles: getByRole('link', { name: 'Textiles', exact: true })
        link Tableware: getByRole('link', { name: 'Tableware', exact: true })
        link Furniture: getByRole('link', { name: 'Furniture', exact: true })
        combobox Sort by: getByRole('combobox', { name: 'Sort by', exact: true })
        link Desk Lamp: getByRole('link', { name: 'Desk Lamp', exact: true })
        button Add to cart: getByRole('article', { name: 'Desk Lamp', exact: true }).getByRole('button', { name: 'Add to cart', exact: true })
        link Floor Lamp: getByRole('link', { name: 'Floor Lamp', exact: true })
        button Add to cart: getByRole('article', { name: 'Floor Lamp', exact: true }).getByRole('button', { name: 'Add to cart', exact: true })
        ");
        insta::assert_snapshot!(collections(&shop), @r"
        2 of Search results [listitem li article card product four plain products]: getByRole('listitem')
        2 of Search results [article card product]: getByRole('article')
        ");
        for element in &shop.elements {
            assert_eq!(
                session.count(&element.locator).await.unwrap(),
                1,
                "{}",
                element.locator.to_code()
            );
        }
        let add = shop
            .elements
            .iter()
            .rfind(|one| one.name == "Add to cart")
            .unwrap();
        let cart = session
            .act(&Act::Click {
                target: add.locator.clone(),
            })
            .await
            .unwrap()
            .facts;
        assert!(
            cart.texts
                .iter()
                .any(|text| text.text.contains("Floor Lamp")),
            "{:?}",
            cart.texts
        );
        let cart = session.goto("/cart").await.unwrap();
        insta::assert_snapshot!(collections(&cart), @"1 of Your cart [row tr]: getByRole('table').locator('tbody tr')");
        insta::assert_snapshot!(elements(&cart), @r"
        link Fernhouse: getByRole('link', { name: 'Fernhouse', exact: true })
        searchbox Search products: getByRole('searchbox', { name: 'Search products', exact: true })
        button Search: getByRole('button', { name: 'Search', exact: true })
        link Cart (1): getByRole('link', { name: 'Cart (1)', exact: true })
        link All products: getByRole('link', { name: 'All products', exact: true })
        link Lighting: getByRole('link', { name: 'Lighting', exact: true })
        link Textiles: getByRole('link', { name: 'Textiles', exact: true })
        link Tableware: getByRole('link', { name: 'Tableware', exact: true })
        link Furniture: getByRole('link', { name: 'Furniture', exact: true })
        link Floor Lamp: getByRole('link', { name: 'Floor Lamp', exact: true })
        spinbutton Quantity of Floor Lamp: getByRole('spinbutton', { name: 'Quantity of Floor Lamp', exact: true })
        button Update: getByRole('button', { name: 'Update', exact: true })
        button Remove Floor Lamp: getByRole('button', { name: 'Remove Floor Lamp', exact: true })
        link Continue shopping: getByRole('link', { name: 'Continue shopping', exact: true })
        ");
    });
}

#[test]
fn a_form_tells_its_fields_options_and_complaints() {
    story(async {
        let site = serve(Site::Form).await;
        let mut session = open(&site.url()).await;
        let form = session.goto("/").await.unwrap();
        let fields = form.elements.iter().filter(|one| one.form.is_some());
        let fields = fields
            .map(|one| {
                let must = if one.required { " required" } else { "" };
                format!(
                    "{} {}{must} {:?}: {}",
                    one.role,
                    one.name,
                    one.options,
                    one.locator.to_code()
                )
            })
            .collect::<Vec<_>>();
        insta::assert_snapshot!(fields.join("\n"), @r#"
        textbox Full name required []: getByRole('textbox', { name: 'Full name', exact: true })
        textbox Email required []: getByRole('textbox', { name: 'Email', exact: true })
        combobox Company size required ["Please choose", "1 to 10 people", "11 to 50 people", "51 to 250 people", "More than 250 people"]: getByRole('combobox', { name: 'Company size', exact: true })
        radio Starter required ["Starter", "Team", "Business"]: getByRole('radio', { name: 'Starter', exact: true })
        radio Team required ["Starter", "Team", "Business"]: getByRole('radio', { name: 'Team', exact: true })
        radio Business required ["Starter", "Team", "Business"]: getByRole('radio', { name: 'Business', exact: true })
        textbox Message required []: getByRole('textbox', { name: 'Message', exact: true })
        checkbox I agree to the terms required []: getByRole('checkbox', { name: 'I agree to the terms', exact: true })
        button Send []: getByRole('button', { name: 'Send', exact: true })
        "#);

        session
            .act(&Act::Select {
                target: label("Company size"),
                option: form
                    .elements
                    .iter()
                    .find(|one| one.tag == "select")
                    .unwrap()
                    .options[1]
                    .clone(),
            })
            .await
            .unwrap();
        session
            .act(&Act::Check {
                target: role("checkbox", None),
                checked: true,
            })
            .await
            .unwrap();
        let sent = session
            .act(&Act::Click {
                target: role("button", "Send"),
            })
            .await
            .unwrap()
            .facts;
        let told = sent.texts.iter().filter(|one| one.text.contains("Enter"));
        let told = told
            .map(|one| format!("{} {}: {}", one.role, one.text, one.locator.to_code()))
            .collect::<Vec<_>>();
        insta::assert_snapshot!(told.join("\n"), @r"
        alert Please check the form Enter your full name Enter your email address Choose a plan Enter a message of at least 10 characters: getByRole('alert')
        paragraph Enter your full name: getByRole('paragraph').filter({ hasText: 'Enter your full name' })
        paragraph Enter your email address: getByRole('paragraph').filter({ hasText: 'Enter your email address' })
        paragraph Enter a message of at least 10 characters: getByRole('paragraph').filter({ hasText: 'Enter a message of at least 10 characters' })
        ");
        let checked = Expectation::Checked {
            target: role("checkbox", None),
            checked: true,
        };
        assert_eq!(
            session
                .check(&checked, Duration::from_secs(1))
                .await
                .unwrap(),
            Checked::Held
        );
    });
}

#[test]
fn a_banner_is_left_alone_when_asked_and_comes_back_after_a_reset() {
    story(async {
        let site = serve(Site::Dashboard).await;
        let mut untouched = browsers()
            .open(qualitymax_engine::browser::SessionOptions {
                skip_cookie_consent: true,
                ..options(&site.url())
            })
            .await
            .unwrap();
        let facts = untouched.goto("/login").await.unwrap();
        assert_eq!(facts.consent, None);
        assert!(facts.elements.iter().any(|one| one.name == "Accept all"));

        let mut session = open(&site.url()).await;
        assert!(session.goto("/").await.unwrap().consent.is_some());
        assert!(session.goto("/login").await.unwrap().consent.is_none());
        session.reset().await.unwrap();
        assert!(session.goto("/").await.unwrap().consent.is_some());
    });
}
