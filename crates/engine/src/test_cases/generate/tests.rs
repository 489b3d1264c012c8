use proptest::prelude::*;

use super::knowledge::Meaning;
use super::*;

fn titles(description: &str, count: usize) -> Vec<String> {
    generate(description, count)
        .into_iter()
        .map(|draft| draft.title)
        .collect()
}

/// The example of the API's documentation.
#[test]
fn every_feature_that_is_named_comes_before_any_is_gone_into() {
    let description = "Generate tests for user authentication flow including login, logout, \
                       password reset, and session expiry";
    insta::assert_debug_snapshot!(titles(description, 5), @r#"
    [
        "Log in with valid credentials",
        "Log out",
        "Reset a forgotten password by e-mail",
        "Be logged out after the time of inactivity",
        "Log in with a wrong password",
    ]
    "#);
    let drafts = generate(description, 1);
    insta::assert_debug_snapshot!(drafts, @r#"
    [
        TestCaseDraft {
            title: "Log in with valid credentials",
            description: "Happy path: login.",
            steps: [
                "Go to the login page",
                "Enter the e-mail address of a registered user",
                "Enter that user's password",
                "Submit the form",
            ],
            expected_results: "The user is logged in and sees the page that follows a login; their name or account menu is shown.",
            category: "e2e",
            priority: 1,
            tags: [
                "auth",
                "happy-path",
            ],
        },
    ]
    "#);
}

#[test]
fn verbs_share_the_thing_that_they_are_done_to() {
    let description = "Verify admins can create, edit and delete projects, and that editors cannot \
                       delete them. Upload of files up to 5 MB.";
    insta::assert_debug_snapshot!(titles(description, 9), @r#"
    [
        "Create a project with valid data",
        "Edit a project",
        "Delete a project",
        "Upload a valid file",
        "Create a project without its required fields",
        "Upload a file of a type that is not allowed",
        "The limit \"up to 5 MB\" with 5 MB and with 6 MB",
        "Edit a project to something invalid",
        "Change one's mind about deleting a project",
    ]
    "#);
    let create = &generate(description, 1)[0];
    assert_eq!(
        create.steps[0],
        "Log in as an admin and open the form for a new project"
    );
    assert_eq!(
        titles("GPX track import", 1),
        ["Import GPX tracks from a valid file"]
    );
}

#[test]
fn what_is_not_known_is_tested_in_the_descriptions_own_words() {
    insta::assert_debug_snapshot!(
        titles("Customers can earn stars by walking; stars expire after 30 days", 6),
        @r#"
        [
            "A customer can earn stars by walking",
            "The rule holds: stars expire after 30 days",
            "Without the right to: earn stars by walking",
            "Shortly before and shortly after 30 days",
            "Where the rule does not apply: stars expire after 30 days",
            "Invalid entries: earn stars by walking",
        ]
        "#
    );
    insta::assert_debug_snapshot!(titles("The loyalty points ledger", 3), @r#"
    [
        "Loyalty points ledger: works as described",
        "Loyalty points ledger: without the right to use it",
        "Loyalty points ledger: entries left out",
    ]
    "#);
    assert_eq!(
        titles("Prüfe die Anmeldung", 1),
        ["Prüfe die Anmeldung: works as described"]
    );
}

#[test]
fn words_in_another_setting_mean_something_else() {
    let of = |description: &str| titles(description, 50).join("\n");
    assert!(!of("The elevation profile of a route").contains("Change the profile"));
    assert!(of("Users can change their profile").contains("Change the profile"));
    assert!(!of("A bookshop lists books").contains("Book a free slot"));
    assert!(!of("Create test cases for the sitemap").contains("Create a"));
    // What is named in its own right is not an umbrella's.
    assert!(!of("Authentication: only logout").contains("Log in with valid credentials"));
    assert!(of("Authentication").contains("Log in with valid credentials"));
}

#[test]
fn numbers_are_taken_at_their_word() {
    let limits: Vec<_> = titles(
        "Login is locked after 3 attempts, passwords have at least 8 characters, at most 72 \
         characters; sessions end after 30 minutes, up to 5 MB, less than 2 items",
        50,
    )
    .into_iter()
    .filter(|title| title.contains("limit") || title.contains("Shortly"))
    .collect();
    insta::assert_debug_snapshot!(limits, @r#"
    [
        "Shortly before and shortly after 3 attempts",
        "The limit \"at least 8 characters\" with 8 characters and with 7 characters",
        "The limit \"at most 72 characters\" with 72 characters and with 73 characters",
        "Shortly before and shortly after 30 minutes",
        "The limit \"up to 5 MB\" with 5 MB and with 6 MB",
        "The limit \"less than 2 items\" with 1 item and with 2 items",
        "Less than 2 items: values right at the limits",
    ]
    "#);
}

#[test]
fn there_are_never_more_than_asked_for_and_no_filler_where_nothing_is_left() {
    for count in 1..=50 {
        let drafts = generate("login and checkout", count);
        assert_eq!(drafts.len(), count.min(21), "{count}");
    }
}

#[test]
fn the_knowledge_is_sound() {
    let knowledge = Knowledge::get();
    let general = [
        &knowledge.thing,
        &knowledge.action,
        &knowledge.rule,
        &knowledge.across,
    ];
    for feature in knowledge.features.iter().chain(general) {
        assert!(feature.cases.len() >= 4, "{}", feature.feature);
        assert!(
            feature.cases.iter().any(|case| case.priority <= 2),
            "{}: nothing in it is urgent",
            feature.feature
        );
        for case in &feature.cases {
            let place = format!("{}: {}", feature.feature, case.title);
            assert!((1..=5).contains(&case.priority), "{place}");
            assert!(!case.steps.is_empty(), "{place}");
            for text in case.steps.iter().chain([&case.title, &case.expect]) {
                let begins = text.chars().next().unwrap();
                assert!(begins.is_uppercase() || begins == '{', "{place}: {text}");
                assert!(text.len() < 300, "{place}: {text}");
            }
            assert!(case.expect.ends_with('.'), "{place}: {}", case.expect);
        }
    }
    for umbrella in &knowledge.umbrellas {
        for feature in &umbrella.features {
            assert!(knowledge.index_of(feature).is_some(), "{feature}");
        }
    }
    // Each phrase means one thing only.
    for phrases in knowledge.phrases.values() {
        for (index, (phrase, meaning)) in phrases.iter().enumerate() {
            for (other, also) in &phrases[..index] {
                assert!(phrase != other || meaning == also, "{phrase:?}");
            }
        }
    }
    let found = knowledge.phrase_at(&["shopping", "carts"]).unwrap();
    let cart = knowledge.index_of("cart").unwrap();
    assert_eq!(found, (2, Meaning::Feature(cart)));
}

/// Every feature is found by each of its own words.
#[test]
fn each_phrase_finds_its_feature() {
    for feature in &Knowledge::get().features {
        for phrase in &feature.words {
            let found = description::read(&format!("Check {phrase}"));
            assert!(
                found.iter().any(|it| std::ptr::eq(it.feature, feature)),
                "{phrase}: {:?}",
                found
                    .iter()
                    .map(|it| &it.feature.feature)
                    .collect::<Vec<_>>()
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_description_gives_distinct_complete_test_cases(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "login", "users can", "delete", "projects", "and", ", ", ". ", "search for",
                    "them", "at most 0 items", "after 99999999999999999999 days", "{thing}", "{",
                    "the", "e-mail", "upload", "manage", "ß", "İ", "\u{0}", "\n", "'", "cannot",
                ]).prop_map(str::to_owned),
                ".{0,12}",
            ],
            0..20,
        ),
        count in 1_usize..=50,
    ) {
        let description = parts.join(" ");
        let drafts = generate(&description, count);
        prop_assert!(drafts.len() <= count);
        let mut keys = HashSet::new();
        for draft in &drafts {
            prop_assert!(keys.insert(draft.title_key()), "{}", draft.title);
            prop_assert!(!draft.steps.is_empty() && !draft.expected_results.is_empty());
            prop_assert!((1..=5).contains(&draft.priority));
            if !description.contains('{') {
                let left_open = draft.steps.iter().any(|step| step.contains('{'));
                prop_assert!(!left_open, "{:?}", draft.steps);
            }
        }
        prop_assert_eq!(drafts, generate(&description, count));
    }
}
