//! `qualitymax-conformance receiver`

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};
use url::Url;

use super::{Target, check_until, known, selected};
use crate::cli::{CliError, Missing, OutputArgs, SelectionArgs, http_url, interruption, time};
use crate::report::terminal::Progress;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
qualitymax-conformance receiver --url http://127.0.0.1:8090/callback --secret ...\n  \
qualitymax-conformance receiver --url ... --secret ... --state-url http://127.0.0.1:8090/state\n  \
qualitymax-conformance receiver --only receiver.tampered --verbose\n  \
qualitymax-conformance receiver --list\n\n\
It delivers some 50 callbacks, the largest of them 2.5 MB, good ones and forged\n\
ones. Point it at a development or staging integration.\n\n\
With --state-url, a URL that answers GET with {\"processed\": n}, the number of\n\
results processed so far, it also sees whether a duplicate was processed twice.\n\n\
Exit codes:\n  \
0  it takes what it has to take and refuses what it has to refuse\n  \
1  it does not; with --strict, also where only the contract says so\n  \
2  wrong usage: an option or a name is not understood\n  \
3  no verdict: nothing listens there, the report can't be written, or it was\n     \
interrupted by Ctrl-C or SIGTERM before anything was found")]
pub(crate) struct ReceiverArgs {
    /// Where your integration receives callbacks
    #[arg(
        long,
        env = "QUALITYMAX_RECEIVER_URL",
        value_parser = http_url
    )]
    url: Option<Url>,
    /// Webhook secret that it verifies with
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Answers GET with how many results were processed
    #[arg(
        long,
        value_name = "URL",
        env = "QUALITYMAX_RECEIVER_STATE_URL",
        value_parser = http_url
    )]
    state_url: Option<Url>,
    /// What every callback echoes, for an integration that looks up what it sent
    #[arg(long, value_name = "JSON", value_parser = object)]
    custom_data: Option<Map<String, Value>>,
    /// How long it may take to answer
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "15s")]
    answer_within: Duration,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ReceiverArgs {
    pub(crate) async fn perform(self) -> Result<u8, CliError> {
        let selection = self.selection.read();
        let checks = selected(&selection);
        if self.selection.list {
            selection.names_are_known(&known())?;
            let lines = checks
                .iter()
                .map(|check| (check.id, check.level, check.proves));
            return self.output.list(lines, super::checks().len());
        }
        let secret = self.secret.filter(|secret| !secret.is_empty());
        let needed = [
            (self.url.is_none(), Missing::RECEIVER_URL),
            (secret.is_none(), Missing::SECRET),
        ];
        let (Some(url), Some(secret)) = (self.url, secret) else {
            return Err(CliError::missing(&needed));
        };
        self.output.is_writable()?;
        let target = Target {
            state_url: self.state_url,
            custom_data: self.custom_data,
            answer_within: self.answer_within,
            ..Target::new(url, secret)
        };
        let progress = Progress::new();
        progress.expect(checks.len());
        let interruption = interruption(&progress)?;
        let report = check_until(&target, &selection, &progress, &interruption).await;
        progress.done();
        self.output.deliver(&report?)
    }
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}
