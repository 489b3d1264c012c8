//! SAST scans: what they find depends on the repository's scenario and on the
//! engines asked for.

use std::num::NonZeroU64;
use std::time::Duration;

use contract::ApiError;
use contract::types::{self, SastEngine, ScanStatus, Severity};

use crate::partners::PartnerId;
use crate::scenario::Findings;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Scan {
    partner: PartnerId,
    started_at: Duration,
    pub(crate) ends_at: Duration,
    findings: Vec<types::Finding>,
    failure: Option<String>,
}

pub(crate) fn start(
    world: &World,
    partner: PartnerId,
    request: &types::SastScanRequest,
    named: Option<&str>,
) -> Result<types::SastScanStarted, ApiError> {
    let named = named.map(|name| world.scenario(Some(name))).transpose()?;
    let mut state = world.state();
    let repository = state.repository(partner, request.repository_id)?;
    let scenario = named.unwrap_or_else(|| repository.scenario.clone());
    let now = world.clock.now();
    let id = world.seed.id("scan_", state.number_of_next_scan());
    let scan = Scan {
        partner,
        started_at: now,
        ends_at: now + scenario.duration,
        findings: findings(scenario.findings, &request.engines),
        failure: (scenario.findings == Findings::Failed)
            .then(|| "The repository could not be checked out.".to_owned()),
    };
    state.scans.insert(id.clone(), scan);
    Ok(types::SastScanStarted {
        status_url: format!("/api/v1/partner/sast/scan/{id}"),
        job_id: id,
        status: ScanStatus::Pending,
    })
}

/// 404 where there is none, 403 where it is another partner's.
pub(crate) fn get(
    world: &World,
    partner: PartnerId,
    id: &str,
) -> Result<types::SastScan, ApiError> {
    let state = world.state();
    let scan = state
        .scans
        .get(id)
        .ok_or_else(|| ApiError::not_found("There is no such scan."))?;
    if scan.partner != partner {
        return Err(ApiError::forbidden("This scan belongs to another partner."));
    }
    let now = world.clock.now();
    let status = match now {
        now if now >= scan.ends_at && scan.failure.is_some() => ScanStatus::Failed,
        now if now >= scan.ends_at => ScanStatus::Completed,
        now if now >= scan.started_at + (scan.ends_at - scan.started_at) / 5 => ScanStatus::Running,
        _ => ScanStatus::Pending,
    };
    let findings = match status {
        ScanStatus::Completed => scan.findings.clone(),
        _ => Vec::new(),
    };
    let count = |severity| findings.iter().filter(|it| it.severity == severity).count() as i64;
    Ok(types::SastScan {
        scan_id: id.to_owned(),
        status,
        verdict: (status == ScanStatus::Completed).then(|| {
            if count(Severity::Critical) > 0 {
                types::SastScanVerdict::Fail
            } else {
                types::SastScanVerdict::Pass
            }
        }),
        findings_count: findings.len() as i64,
        critical_count: count(Severity::Critical),
        high_count: count(Severity::High),
        medium_count: count(Severity::Medium),
        findings,
        error_message: scan
            .failure
            .clone()
            .filter(|_| status == ScanStatus::Failed),
    })
}

/// Most severe first; of both engines where none is named.
fn findings(kind: Findings, engines: &[SastEngine]) -> Vec<types::Finding> {
    use SastEngine::{Bandit, Semgrep};
    use Severity::{Critical, High, Medium};
    const ALL: [(SastEngine, Severity, &str, &str, u64, &str, &str); 4] = [
        (
            Semgrep,
            Critical,
            "command-injection",
            "src/export.py",
            17,
            "A request's parameter reaches a shell. Pass arguments as a list",
            "CWE-78",
        ),
        (
            Semgrep,
            High,
            "sql-injection",
            "src/db.py",
            42,
            "Possible SQL injection. Bind parameters instead of formatting the query",
            "CWE-89",
        ),
        (
            Bandit,
            Medium,
            "B324",
            "src/tokens.py",
            9,
            "Use of weak MD5 hash for security",
            "CWE-327",
        ),
        (
            Semgrep,
            Medium,
            "open-redirect",
            "src/views.py",
            88,
            "A redirect follows a parameter. Compare it with a list of hosts",
            "CWE-601",
        ),
    ];
    let wanted = |severity| match kind {
        Findings::None | Findings::Failed => false,
        Findings::Some => severity != Critical,
        Findings::Critical => true,
    };
    ALL.into_iter()
        .filter(|(engine, severity, ..)| {
            wanted(*severity) && (engines.is_empty() || engines.contains(engine))
        })
        .map(
            |(_, severity, rule, file, line, message, cwe)| types::Finding {
                rule_id: rule.to_owned(),
                severity,
                file: file.to_owned(),
                line_start: NonZeroU64::new(line).unwrap_or(NonZeroU64::MIN),
                message: message.to_owned(),
                cwe_id: Some(cwe.to_owned()),
            },
        )
        .collect()
}
