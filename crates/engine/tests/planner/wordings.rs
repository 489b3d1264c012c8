//! The same features as different people would ask for them.

use futures::StreamExt;
use qualitymax_engine::browser::Browsers;
use qualitymax_engine::tools::Tools;
use sample_sites::Site::{self, Dashboard, Form, Shop};

use crate::bench::{PLANNED_AT_ONCE, Specs, credentials, each_round, generate_on};
use crate::sites::serve;

/// A description, and the breaks that its test has to notice.
struct Wording {
    site: Site,
    says: &'static str,
    breaks: &'static [&'static str],
    /// Whether it is made into a test on broken sites, too.
    also_where_broken: bool,
}

const fn wording(site: Site, says: &'static str, breaks: &'static [&'static str]) -> Wording {
    Wording {
        site,
        says,
        breaks,
        also_where_broken: false,
    }
}

/// What is promised is easily lost here where it is not to be seen.
const fn promise(site: Site, says: &'static str, breaks: &'static [&'static str]) -> Wording {
    Wording {
        also_where_broken: true,
        ..wording(site, says, breaks)
    }
}

const WORDINGS: &[Wording] = &[
    wording(
        Dashboard,
        "As a user, I want to sign in so that I can see my tasks",
        &["login-refused", "login-loops"],
    ),
    wording(
        Dashboard,
        "Verify that logging in with an incorrect password is rejected with 'Invalid email or password'.",
        &["wrong-password-accepted"],
    ),
    wording(
        Dashboard,
        "Ensure the user can log out. After signing out the text \"You have been signed out\" appears.",
        &["logout-broken"],
    ),
    wording(Dashboard, "Logging out", &["logout-broken"]),
    wording(
        Dashboard,
        "When I log in and create a task named \"Call the printer\", it shows up in the To do column",
        &["add-task-lost"],
    ),
    wording(
        Dashboard,
        "Users change their display name to 'Robin' on the Settings page and save. The page then says 'Settings saved'.",
        &["login-refused"],
    ),
    wording(
        Dashboard,
        "The reports page lists 5 weeks",
        &["login-loops"],
    ),
    wording(
        Shop,
        "Searching for \"mug\" should return exactly one product",
        &["search-ignores-query", "search-empty"],
    ),
    wording(
        Shop,
        "Search for lamp. The results contain Desk Lamp and Floor Lamp.",
        &["search-empty"],
    ),
    wording(
        Shop,
        "Searching for 'sofa' shows no products",
        &["search-ignores-query"],
    ),
    wording(
        Shop,
        "Add the Wool Blanket and the Glass Carafe to the cart. The total should be $98.50",
        &["wrong-total", "add-to-cart-lost"],
    ),
    wording(
        Shop,
        "Put the Ceramic Mug in the cart, go to the cart and delete it. 'Ceramic Mug' is no longer displayed",
        &["remove-broken"],
    ),
    wording(
        Shop,
        "Opening the Floor Lamp shows its price of $89.00",
        &["detail-404"],
    ),
    wording(
        Shop,
        "Sorting by price (high to low) puts the Oak Side Table first",
        &["sort-ignored"],
    ),
    wording(
        Shop,
        "Add the Desk Lamp to the cart, open the cart and change the quantity to 3. The total is $117.00",
        &["wrong-total", "add-to-cart-lost"],
    ),
    wording(
        Shop,
        "Customers were able to add a Wall Shelf to their basket",
        &["add-to-cart-lost", "duplicate-add"],
    ),
    wording(
        Form,
        "As a visitor I fill out the contact form and press Send, then I see a thank you message",
        &["submit-500", "silent-submit", "wrong-confirmation"],
    ),
    wording(
        Form,
        "Users should be able to send an enquiry",
        &["submit-500", "silent-submit", "wrong-confirmation"],
    ),
    wording(
        Form,
        "Leaving the email empty shows the error 'Enter your email address'",
        &["accepts-missing-required"],
    ),
    wording(
        Form,
        "Submitting the contact form without a message gives an error",
        &["accepts-missing-required"],
    ),
    wording(
        Form,
        "The contact form can't be submitted with an invalid email",
        &["accepts-invalid-email"],
    ),
    wording(
        Form,
        "Click Pricing in the navigation. Ensure the Business plan is listed.",
        &["pricing-card-missing", "nav-broken"],
    ),
    wording(
        Form,
        "The pricing page shows three plans",
        &["pricing-card-missing", "nav-broken"],
    ),
    wording(
        Form,
        "Check the About page: it should mention 'Four hundred teams'",
        &[],
    ),
    promise(
        Shop,
        "A shopper who looks for 'blanket' only sees the Wool Blanket",
        &["search-ignores-query"],
    ),
    promise(
        Shop,
        "Adding the Floor Lamp twice shows a total of $178.00 in the cart",
        &["duplicate-add"],
    ),
    promise(
        Form,
        "A visitor submits the contact form and lands on a page that thanks them by name",
        &["wrong-confirmation", "name-lost"],
    ),
    promise(
        Form,
        "If the email address is invalid, the form shows 'Enter a valid email address' and is not sent",
        &["accepts-invalid-email"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn however_a_feature_is_described_its_test_notices_when_it_breaks() {
    each_round(prove_once).await;
}

async fn prove_once() {
    let tools = Tools::find();
    let browsers = &Browsers::new(tools.clone());
    let written: Vec<_> = futures::stream::iter(WORDINGS)
        .map(|wording| async move {
            let healthy = serve(wording.site, None).await;
            let credentials = matches!(wording.site, Dashboard).then(credentials);
            let test = generate_on(browsers, &healthy.url(), wording.says, credentials).await;
            (wording, healthy, test)
        })
        .buffered(PLANNED_AT_ONCE)
        .collect()
        .await;

    let promises = WORDINGS.iter().filter(|wording| wording.also_where_broken);
    let broken = promises.flat_map(|wording| wording.breaks.iter().map(move |it| (wording, *it)));
    let already: Vec<_> = futures::stream::iter(broken)
        .map(|(wording, broken)| async move {
            let site = serve(wording.site, Some(broken)).await;
            let test = generate_on(browsers, &site.url(), wording.says, None).await;
            (format!("already-{}-{broken}", wording.site), site, test)
        })
        .buffered(PLANNED_AT_ONCE)
        .collect()
        .await;

    let mut specs = Specs::new();
    let mut served = Vec::new();
    for (name, site, test) in already {
        specs.require(&name, &test, 45);
        specs.add(&name, &test, &site.url(), false);
        served.push(site);
    }
    for (number, (wording, healthy, test)) in written.into_iter().enumerate() {
        let Wording {
            site, says, breaks, ..
        } = wording;
        specs.require(says, &test, 80);
        specs.add(&format!("{site}-{number}"), &test, &healthy.url(), true);
        served.push(healthy);
        for broken in *breaks {
            let site = serve(*site, Some(broken)).await;
            let name = format!("{}-{number}-{broken}", site.site());
            specs.add(&name, &test, &site.url(), false);
            served.push(site);
        }
    }
    specs.run(&tools).await;
}
