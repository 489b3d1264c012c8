//! How far a run is, on standard error.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{hint, line};
use crate::check::Check;
use crate::http::Waiting;
use crate::report::{CheckReport, Status};
use crate::run::Watcher;

/// So often is a line written where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// A line that moves, and each failure as it is found; where no terminal is, as in
/// CI, a plain line now and then, so that silence is not taken for a hang.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    last: Arc<Mutex<Last>>,
}

struct Last {
    /// The check that ended last.
    check: String,
    told: Instant,
}

impl Progress {
    pub fn new() -> Self {
        let bar = ProgressBar::no_length();
        let template = "{spinner} {pos}/{len} checks {wide_bar} {elapsed} {msg}";
        bar.set_style(ProgressStyle::with_template(template).expect("a template that is known"));
        let last = Last {
            check: String::new(),
            told: Instant::now(),
        };
        Self {
            bar,
            last: Arc::new(Mutex::new(last)),
        }
    }

    /// So many checks are to come.
    pub fn expect(&self, checks: usize) {
        self.bar.set_length(checks as u64);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    pub fn done(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, text: &str) {
        if self.bar.is_hidden() {
            // Nobody may read on; that is no reason to end.
            command_line::tell!("{text}");
        } else {
            self.bar.println(text);
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Watcher for Progress {
    fn begins(&self, checks: &[Check]) {
        self.expect(checks.len());
    }

    fn ends(&self, report: &CheckReport) {
        self.bar.inc(1);
        self.bar.set_message(report.id.clone());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.check.clone_from(&report.id);
        if !matches!(report.status, Status::Passed | Status::Skipped) {
            self.bar.println(line(report));
        }
    }

    fn hint(&self, text: &str) {
        self.bar.println(hint(text));
    }

    fn ticks(&self, waiting: Option<&Waiting>) {
        // A moment is not worth a word.
        let waiting = waiting
            .filter(|it| it.left > Duration::from_secs(2))
            .map(wait);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.bar.is_hidden() {
            let message = waiting.unwrap_or_else(|| last.check.clone());
            self.bar.set_message(message);
        } else if last.told.elapsed() >= EVERY {
            last.told = Instant::now();
            let all = self.bar.length().unwrap_or_default();
            let waiting = waiting.map_or_else(String::new, |wait| format!(", {wait}"));
            self.say(&format!("{} of {all} checks{waiting}", self.bar.position()));
        }
    }

    fn takes(&self, minutes: u64, keys: usize) {
        let with = match keys {
            1 => "one key".to_owned(),
            keys => format!("{keys} keys"),
        };
        self.say(&format!(
            "With {with} the rate limits make this run take about {minutes} minutes; more keys (--key) make it shorter, --only and --budget too"
        ));
    }
}

fn wait(waiting: &Waiting) -> String {
    format!(
        "waiting {} s for the rate limit of {}",
        waiting.left.as_secs() + 1,
        waiting.operation
    )
}
