//! What is said in everyday words, or in none.

use qualitymax_engine::browser::{Browsers, Credentials};
use qualitymax_engine::tools::Tools;
use sample_sites::Site;

use crate::bench::{credentials, generate_on};
use crate::sites::serve;

const LOGIN: &str = "Users can login and see their dashboard with 4 task sections";

#[tokio::test(flavor = "multi_thread")]
async fn a_login_whose_password_is_a_word_of_the_page_is_followed() {
    // Any password signs in there.
    let site = serve(Site::Dashboard, Some("wrong-password-accepted")).await;
    let browsers = Browsers::new(Tools::find());
    let usual = generate_on(&browsers, &site.url(), LOGIN, Some(credentials())).await;
    for password in ["password", "Password", "text"] {
        let login = Credentials::new(credentials().username, password).described_in(LOGIN);
        let test = generate_on(&browsers, &site.url(), LOGIN, Some(login)).await;
        assert_eq!(test.source, usual.source, "{password}");
        assert_eq!(test.quality, usual.quality, "{password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_without_a_word_is_not_followed() {
    let site = serve(Site::Shop, None).await;
    let browsers = Browsers::new(Tools::find());
    for nothing in ["   ", "?!", "\u{200b}"] {
        let test = generate_on(&browsers, &site.url(), nothing, None).await;
        assert!(
            !test.source.contains("expect("),
            "{nothing:?}: {}",
            test.source
        );
        assert!(test.quality.score < 40, "{nothing:?}: {:?}", test.quality);
    }
}
