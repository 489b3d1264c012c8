//! Gap analyses: a few gaps a category, each with its stored test case.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::time::Duration;

use contract::ApiError;
use contract::types::{self, GapCategory, GapStatus};

use crate::partners::PartnerId;
use crate::scenario::Findings;
use crate::test_cases;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Analysis {
    partner: PartnerId,
    started_at: Duration,
    pub(crate) ends_at: Duration,
    result: Result<types::GapResult, String>,
}

pub(crate) fn start(
    world: &World,
    partner: PartnerId,
    request: &types::GapAnalysisRequest,
    named: Option<&str>,
) -> Result<types::GapAnalysisStarted, ApiError> {
    let named = named.map(|name| world.scenario(Some(name))).transpose()?;
    let mut state = world.state();
    let repository = state.repository(partner, request.repository_id)?;
    let scenario = named.unwrap_or_else(|| repository.scenario.clone());
    let project = repository.project;
    let now = world.clock.now();
    let id = world
        .seed
        .id("gap_analysis_", state.number_of_next_analysis());
    let result = match scenario.findings {
        Findings::Failed => Err("The repository could not be checked out.".to_owned()),
        Findings::None => Ok(result(&mut Vec::new(), &request.categories, 0)),
        _ => {
            let most = usize::try_from(request.max_tests_per_category.get()).unwrap_or(usize::MAX);
            let found = gaps(&request.categories, most);
            let requests = found.iter().map(|gap| gap.test_case(project));
            let stored = state.store_test_cases(project, requests);
            let mut gaps: Vec<types::Gap> = found
                .iter()
                .zip(&stored)
                .map(|(gap, test_case)| gap.with(test_case.id))
                .collect();
            Ok(result(&mut gaps, &request.categories, stored.len()))
        }
    };
    let analysis = Analysis {
        partner,
        started_at: now,
        ends_at: now + scenario.duration,
        result,
    };
    state.analyses.insert(id.clone(), analysis);
    Ok(types::GapAnalysisStarted {
        status_url: format!("/api/v1/partner/gap-analysis/{id}"),
        job_id: id,
        status: GapStatus::Queued,
    })
}

/// 404 where there is none, 403 where it is another partner's.
pub(crate) fn get(
    world: &World,
    partner: PartnerId,
    id: &str,
) -> Result<types::GapAnalysis, ApiError> {
    let state = world.state();
    let analysis = state
        .analyses
        .get(id)
        .ok_or_else(|| ApiError::not_found("There is no such gap analysis."))?;
    if analysis.partner != partner {
        return Err(ApiError::forbidden(
            "This gap analysis belongs to another partner.",
        ));
    }
    let now = world.clock.now();
    let took = analysis.ends_at - analysis.started_at;
    let since = now.saturating_sub(analysis.started_at);
    let ended = now >= analysis.ends_at;
    let status = match &analysis.result {
        Ok(_) if ended => GapStatus::Completed,
        Err(_) if ended => GapStatus::Failed,
        _ if since >= took / 5 => GapStatus::Running,
        _ => GapStatus::Queued,
    };
    Ok(types::GapAnalysis {
        job_id: id.to_owned(),
        status,
        progress: match status {
            GapStatus::Queued => 0.0,
            GapStatus::Completed => 1.0,
            // In tenths, and not done before it is.
            _ => ((since.as_secs_f64() / took.as_secs_f64() * 10.0).floor() / 10.0).min(0.9),
        },
        result: analysis.result.clone().ok().filter(|_| ended),
        error_message: analysis.result.clone().err().filter(|_| ended),
    })
}

struct Found {
    category: GapCategory,
    unit: &'static str,
    file: &'static str,
    line: u64,
    risk: &'static str,
}

/// Riskiest first.
fn gaps(categories: &[GapCategory], most: usize) -> Vec<Found> {
    use GapCategory::{E2e, Integration, Security};
    const ALL: [(GapCategory, &str, &str, u64, &str); 15] = [
        (
            Security,
            "POST /payments",
            "src/api/payments.py",
            31,
            "money moves and no test tries it without a session",
        ),
        (
            Security,
            "DELETE /users/{id}",
            "src/api/users.py",
            77,
            "destructive, and its permission check is not tested",
        ),
        (
            Security,
            "POST /password-reset",
            "src/api/auth.py",
            58,
            "a token is redeemed and its expiry is not tested",
        ),
        (
            Security,
            "GET /export",
            "src/export.py",
            17,
            "a parameter reaches a shell",
        ),
        (
            Security,
            "POST /upload",
            "src/api/files.py",
            12,
            "file names from outside are not tested",
        ),
        (
            E2e,
            "Checkout",
            "src/pages/checkout.tsx",
            1,
            "the way to an order has no end-to-end test",
        ),
        (
            E2e,
            "Login",
            "src/pages/login.tsx",
            1,
            "everything else stands behind it",
        ),
        (
            E2e,
            "Password reset",
            "src/pages/reset.tsx",
            1,
            "users who are locked out depend on it",
        ),
        (
            E2e,
            "Dashboard",
            "src/pages/dashboard.tsx",
            1,
            "the first page after login is not visited",
        ),
        (
            E2e,
            "Settings",
            "src/pages/settings.tsx",
            1,
            "a form that is never submitted",
        ),
        (
            Integration,
            "charge_card",
            "src/payments.py",
            104,
            "calls a payment provider and handles its refusals",
        ),
        (
            Integration,
            "send_receipt",
            "src/mail.py",
            22,
            "sends mail and swallows errors",
        ),
        (
            Integration,
            "sync_inventory",
            "src/stock.py",
            40,
            "writes two tables outside of a transaction",
        ),
        (
            Integration,
            "refresh_token",
            "src/auth.py",
            66,
            "time-dependent and untested at its edges",
        ),
        (
            Integration,
            "import_csv",
            "src/imports.py",
            9,
            "parses what users upload",
        ),
    ];
    let mut counts: HashMap<GapCategory, usize> = HashMap::new();
    ALL.into_iter()
        .filter(|(category, ..)| {
            let count = counts.entry(*category).or_default();
            *count += 1;
            (categories.is_empty() || categories.contains(category)) && *count <= most
        })
        .map(|(category, unit, file, line, risk)| Found {
            category,
            unit,
            file,
            line,
            risk,
        })
        .collect()
}

impl Found {
    fn test_case(&self, project: i64) -> types::TestCaseRequest {
        types::TestCaseRequest {
            description: format!("{} ({}:{})", self.risk, self.file, self.line),
            ..test_cases::draft(
                project,
                &format!("Cover {}", self.unit),
                &self.category.to_string(),
            )
        }
    }

    fn with(&self, test_case_id: i64) -> types::Gap {
        types::Gap {
            category: self.category,
            unit: self.unit.to_owned(),
            file: self.file.to_owned(),
            line: NonZeroU64::new(self.line).unwrap_or(NonZeroU64::MIN),
            risk: self.risk.to_owned(),
            test_case_id,
        }
    }
}

/// Every category asked for is counted, also where it has no gap.
fn result(
    gaps: &mut Vec<types::Gap>,
    categories: &[GapCategory],
    generated: usize,
) -> types::GapResult {
    let all = [
        GapCategory::E2e,
        GapCategory::Security,
        GapCategory::Integration,
    ];
    let wanted = if categories.is_empty() {
        &all
    } else {
        categories
    };
    let count = |category| gaps.iter().filter(|gap| gap.category == category).count() as i64;
    types::GapResult {
        tests_generated: generated as i64,
        categories: wanted
            .iter()
            .map(|&category| (category.to_string(), count(category)))
            .collect(),
        gaps: std::mem::take(gaps),
    }
}
