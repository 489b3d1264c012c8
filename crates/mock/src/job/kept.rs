//! The jobs that the mock remembers.

use std::collections::{HashMap, VecDeque};

use super::{Job, Run, Test};

#[derive(Debug, Default)]
pub(crate) struct Jobs {
    /// In the order of their acceptance.
    kept: VecDeque<Job>,
    /// Before the first that is kept.
    forgotten: usize,
    by_id: HashMap<String, usize>,
    /// Job and test of an execution.
    by_execution: HashMap<String, (usize, usize)>,
}

impl Jobs {
    /// The index of the job that is accepted next; it stays the job's own.
    pub(crate) fn next_index(&self) -> usize {
        self.forgotten + self.kept.len()
    }

    /// Past `keep` jobs, forgets the oldest, unless it is still under way.
    pub(crate) fn push(&mut self, job: Job, keep: usize) {
        let index = self.next_index();
        for (test, run) in job.course.runs() {
            let execution = run.execution_id.clone();
            self.by_execution.insert(execution, (index, test));
        }
        self.by_id.insert(job.id.clone(), index);
        self.kept.push_back(job);
        // Two at most, so that no request pays for many.
        for _ in 0..2 {
            if self.kept.len() > keep && self.kept.front().is_some_and(Job::is_done) {
                self.forget_first();
            }
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Job> {
        self.kept.get(index.checked_sub(self.forgotten)?)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Job> {
        self.kept.get_mut(index.checked_sub(self.forgotten)?)
    }

    pub(crate) fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Job> {
        self.get(self.index_of(id)?)
    }

    pub(crate) fn by_execution(&self, execution: &str) -> Option<(&Job, &Test, &Run)> {
        let &(index, test) = self.by_execution.get(execution)?;
        let job = self.get(index)?;
        let test = job.course.tests.get(test)?;
        Some((job, test, test.run.as_ref()?))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Job> {
        self.kept.iter()
    }

    fn forget_first(&mut self) {
        let Some(job) = self.kept.pop_front() else {
            return;
        };
        self.forgotten += 1;
        self.by_id.remove(&job.id);
        for (_, run) in job.course.runs() {
            self.by_execution.remove(&run.execution_id);
        }
    }
}
