//! Test cases: stored as sent, or generated from a description's words.

use std::num::NonZeroU64;

use contract::{ApiError, types};

use crate::partners::PartnerId;
use crate::world::World;

pub(crate) fn create(
    world: &World,
    partner: PartnerId,
    request: types::TestCaseRequest,
) -> Result<types::TestCase, ApiError> {
    let mut state = world.state();
    state.project(partner, request.project_id)?;
    let stored = state.store_test_cases(request.project_id, [request]);
    stored.into_iter().next().ok_or_else(ApiError::internal)
}

pub(crate) fn generate(
    world: &World,
    partner: PartnerId,
    request: &types::TestCasesGenerateRequest,
) -> Result<types::GeneratedTestCases, ApiError> {
    let mut state = world.state();
    state.project(partner, request.project_id)?;
    let count = usize::try_from(request.count.get()).unwrap_or(usize::MAX);
    let drafts = drafts(request.project_id, &request.description, count);
    Ok(types::GeneratedTestCases {
        project_id: request.project_id,
        test_cases: state.store_test_cases(request.project_id, drafts),
        script: None,
    })
}

/// A test case with what every generated one has.
pub(crate) fn draft(project_id: i64, title: &str, category: &str) -> types::TestCaseRequest {
    types::TestCaseRequest {
        project_id,
        title: title.chars().take(500).collect(),
        description: String::new(),
        steps: "1. Open the application\n2. Do what the title says\n3. Look at the result"
            .to_owned(),
        expected_results: "The result is as described".to_owned(),
        category: category.to_owned(),
        priority: priority(3),
        tags: vec!["generated".to_owned()],
    }
}

pub(crate) fn priority(of: u64) -> NonZeroU64 {
    NonZeroU64::new(of).unwrap_or(NonZeroU64::MIN)
}

/// For each thing that the description names, then once more with wrong input,
/// and so on, until there are as many as were asked for.
fn drafts(project: i64, description: &str, count: usize) -> Vec<types::TestCaseRequest> {
    const WAYS: [(&str, u64); 5] = [
        ("with valid input", 1),
        ("with invalid input", 2),
        ("with empty input", 3),
        ("after reloading the page", 4),
        ("on a slow connection", 5),
    ];
    let named = description
        .rsplit_once("including")
        .map_or(description, |(_, things)| things);
    let things: Vec<String> = named
        .split([',', ';', '.', '\n'])
        .map(|thing| thing.trim().trim_start_matches("and ").trim().to_owned())
        .filter(|thing| !thing.is_empty())
        .collect();
    let things = if things.is_empty() {
        vec![description.trim().to_owned()]
    } else {
        things
    };
    WAYS.iter()
        .cycle()
        .enumerate()
        .flat_map(|(round, way)| things.iter().map(move |thing| (round, way, thing)))
        .take(count)
        .map(|(round, (way, urgency), thing)| {
            let mut letters = thing.chars();
            let thing: String = letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or_default();
            let again = match round / WAYS.len() {
                0 => String::new(),
                more => format!(", variant {}", more + 1),
            };
            types::TestCaseRequest {
                description: description.to_owned(),
                priority: priority(*urgency),
                ..draft(project, &format!("{thing} {way}{again}"), "e2e")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_is_named_comes_before_its_variants() {
        let drafts = drafts(
            15,
            "Generate tests for user authentication flow including login, logout, password reset, and session expiry",
            5,
        );
        let titles: Vec<&str> = drafts.iter().map(|draft| draft.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "Login with valid input",
                "Logout with valid input",
                "Password reset with valid input",
                "Session expiry with valid input",
                "Login with invalid input",
            ]
        );
    }
}
