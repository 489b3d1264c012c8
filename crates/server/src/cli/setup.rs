//! `qualitymax setup`

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use engine::tools::{Progress, Step, setup};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Common, output};

/// Install what jobs and scans need and this machine lacks: Node.js, Playwright,
/// Chromium, ffmpeg, Semgrep, Bandit
#[derive(clap::Args)]
#[command(after_help = "\
What is there is taken as it is; running it again is safe. What the project
itself installs goes to QUALITYMAX_TOOLS_DIR
[default: ~/.local/share/qualitymax/tools].

Examples:
  qualitymax setup
  qualitymax setup --json | jq -r .chromium    # where everything is")]
pub(super) struct SetupArgs {}

pub(super) async fn run(common: &Common) -> Result<()> {
    let screen = Screen::new();
    let tools = setup(&mut |progress| screen.show(&progress)).await;
    screen.bar.finish_and_clear();
    let tools = tools?;
    if common.json {
        return output::json(&tools);
    }
    say!("Everything is there. Next: qualitymax serve");
    Ok(())
}

/// A line a step on stderr; on a terminal, what is being done moves below them.
struct Screen {
    bar: ProgressBar,
}

impl Screen {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {prefix:<18} {wide_msg}");
        bar.set_style(style.expect("the template is well-formed"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    fn show(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Found { step, at } => self.line("✓", *step, &shown(at)),
            Progress::Doing { step, what } => {
                self.bar.set_prefix(step.label());
                self.bar.set_message(output::printable(what));
                if self.bar.is_hidden() {
                    self.line("…", *step, what);
                }
            }
            Progress::Output { step, line } => {
                self.bar.set_prefix(step.label());
                self.bar.set_message(output::printable(line));
            }
            Progress::Installed { step, at, took } => {
                let took = took.as_secs_f64();
                self.line(
                    "✓",
                    *step,
                    &format!("{} (installed in {took:.1} s)", shown(at)),
                );
            }
            Progress::Failed { step, error } => self.line("✗", *step, &error.to_string()),
        }
    }

    fn line(&self, mark: &str, step: Step, text: &str) {
        self.bar.suspend(|| {
            command_line::tell!("{mark} {:<18} {}", step.label(), output::printable(text));
        });
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
