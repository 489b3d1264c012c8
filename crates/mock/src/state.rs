//! What the mock remembers: everything that partners sent and what came of it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use contract::{ApiError, types};
use tokio_util::sync::CancellationToken;

use crate::gaps::Analysis;
use crate::job::Jobs;
use crate::job::deliver::Schedule;
use crate::partners::PartnerId;
use crate::scans::Scan;
use crate::scenario::Chosen;

/// All of it. A reset puts a new one in its place.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) projects: BTreeMap<i64, Project>,
    pub(crate) repositories: BTreeMap<i64, Repository>,
    pub(crate) test_cases: BTreeMap<i64, types::TestCase>,
    pub(crate) scans: HashMap<String, Scan>,
    pub(crate) analyses: HashMap<String, Analysis>,
    pub(crate) jobs: Jobs,
    pub(crate) schedule: Schedule,
    /// Cancelled when all of it is forgotten, or the mock ends.
    pub(crate) epoch: CancellationToken,
    next_project: i64,
    next_repository: i64,
    next_test_case: i64,
    pub(crate) next_script: i64,
    pub(crate) next_execution: u64,
    next_scan: u64,
    next_analysis: u64,
}

#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) partner: PartnerId,
    pub(crate) name: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) partner: PartnerId,
    /// The same for every spelling of its URL.
    pub(crate) identity: String,
    pub(crate) name: String,
    pub(crate) project: i64,
    pub(crate) scenario: Chosen,
}

impl State {
    /// Ids begin where the published examples have theirs.
    pub(crate) fn new(epoch: CancellationToken) -> Self {
        Self {
            projects: BTreeMap::new(),
            repositories: BTreeMap::new(),
            test_cases: BTreeMap::new(),
            scans: HashMap::new(),
            analyses: HashMap::new(),
            jobs: Jobs::default(),
            schedule: Schedule::new(),
            epoch,
            next_project: 15,
            next_repository: 42,
            next_test_case: 501,
            next_script: 123,
            next_execution: 0,
            next_scan: 0,
            next_analysis: 0,
        }
    }

    /// The partner's project of that name, created where there is none.
    pub(crate) fn ensure_project(&mut self, partner: PartnerId, name: &str) -> i64 {
        let found = self
            .projects
            .iter()
            .find(|(_, project)| project.partner == partner && project.name == name);
        if let Some((id, _)) = found {
            return *id;
        }
        let project = Project {
            partner,
            name: name.to_owned(),
        };
        let id = take(&mut self.next_project);
        self.projects.insert(id, project);
        id
    }

    /// 404 where there is none, 403 where it is another partner's.
    pub(crate) fn project(&self, partner: PartnerId, id: i64) -> Result<&Project, ApiError> {
        match self.projects.get(&id) {
            None => Err(ApiError::not_found(format!("There is no project {id}."))),
            Some(project) if project.partner != partner => Err(ApiError::forbidden(format!(
                "Project {id} belongs to another partner."
            ))),
            Some(project) => Ok(project),
        }
    }

    /// The id, and whether it was there before.
    pub(crate) fn ensure_repository(&mut self, repository: Repository) -> (i64, bool) {
        let found = self.repositories.iter().find(|(_, known)| {
            known.partner == repository.partner && known.identity == repository.identity
        });
        if let Some((id, _)) = found {
            return (*id, true);
        }
        let id = take(&mut self.next_repository);
        self.repositories.insert(id, repository);
        (id, false)
    }

    /// 404 where there is none, 403 where it is another partner's.
    pub(crate) fn repository(&self, partner: PartnerId, id: i64) -> Result<&Repository, ApiError> {
        match self.repositories.get(&id) {
            None => Err(ApiError::not_found(
                "Repository not found. Import it first via POST /api/v1/partner/repositories/import",
            )),
            Some(known) if known.partner != partner => Err(ApiError::forbidden(format!(
                "Repository {id} belongs to another partner."
            ))),
            Some(known) => Ok(known),
        }
    }

    /// Stores test cases as new ones; their ids are given here.
    pub(crate) fn store_test_cases(
        &mut self,
        project_id: i64,
        requests: impl IntoIterator<Item = types::TestCaseRequest>,
    ) -> Vec<types::TestCase> {
        let mut stored = Vec::new();
        for request in requests {
            let test_case = types::TestCase {
                id: take(&mut self.next_test_case),
                project_id,
                title: request.title,
                description: request.description,
                steps: request.steps,
                expected_results: request.expected_results,
                category: request.category,
                priority: request.priority,
                tags: request.tags,
            };
            self.test_cases.insert(test_case.id, test_case.clone());
            stored.push(test_case);
        }
        stored
    }

    pub(crate) fn number_of_next_scan(&mut self) -> u64 {
        self.next_scan += 1;
        self.next_scan
    }

    pub(crate) fn number_of_next_analysis(&mut self) -> u64 {
        self.next_analysis += 1;
        self.next_analysis
    }

    /// Whether anything is still to come at `now`: jobs, callbacks, scans,
    /// analyses.
    pub(crate) fn is_busy(&self, now: Duration) -> bool {
        self.jobs.iter().any(|job| !job.is_done())
            || self.scans.values().any(|scan| scan.ends_at > now)
            || self
                .analyses
                .values()
                .any(|analysis| analysis.ends_at > now)
    }
}

fn take(next: &mut i64) -> i64 {
    let id = *next;
    *next += 1;
    id
}
