//! Child processes: together with the helpers that they start, and what they say.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

/// The group that a child leads which was spawned with `process_group(0)`; all
/// of it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct ProcessGroup(Option<Pid>);

impl ProcessGroup {
    pub fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Fails where all of it has already ended, which is as well.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// The first `limit` bytes of what a child says. The rest is read as well, or the
/// child would wait for somebody to take it.
pub(crate) async fn said_on(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> String {
    let Some(mut pipe) = pipe else {
        return String::new();
    };
    let mut kept = Vec::new();
    // What was read before an error is still worth showing.
    let _ = (&mut pipe).take(limit).read_to_end(&mut kept).await;
    let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).into_owned()
}
