//! Ctrl-C and SIGTERM: the first ends the run with its report, the second at once.

use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{CliError, NO_VERDICT};
use crate::report::terminal::Progress;
use crate::run::Interruption;

pub(crate) fn interruption(progress: &Progress) -> Result<Interruption, CliError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::Signals)?;
    let (first, interrupted) = oneshot::channel();
    let progress = progress.clone();
    tokio::spawn(async move {
        let mut first = Some(first);
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            match first.take() {
                Some(first) => drop(first.send(())),
                None => {
                    progress.done();
                    std::process::exit(NO_VERDICT.into());
                }
            }
        }
    });
    let interrupted = interrupted.map(|_| ());
    Ok(interrupted.boxed().shared())
}
