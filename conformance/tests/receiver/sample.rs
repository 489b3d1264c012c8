//! The sample receivers of `fixtures/receivers`, started.

use std::process::Stdio;

use clap::ValueEnum;
use sample_receivers::{Fault, Running};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub const SECRET: &str = "a-secret-of-the-tests";

#[derive(Clone, Copy, Debug)]
pub enum Language {
    Rust,
    Python,
    Node,
}

/// Stopped when dropped.
pub struct Sample {
    pub url: String,
    pub state_url: String,
    _running: Server,
}

enum Server {
    Here(#[allow(dead_code, reason = "held until it is dropped")] Running),
    Process(#[allow(dead_code, reason = "held until it is dropped")] Child),
}

impl Sample {
    pub async fn start(language: Language, fault: Option<Fault>) -> Self {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/receivers");
        match language {
            Language::Rust => {
                let running = sample_receivers::start(0, SECRET, fault).await.unwrap();
                Self {
                    url: running.callback_url(),
                    state_url: running.state_url(),
                    _running: Server::Here(running),
                }
            }
            Language::Python => {
                process("python3", &format!("{directory}/receiver.py"), fault).await
            }
            Language::Node => process("node", &format!("{directory}/receiver.mjs"), fault).await,
        }
    }
}

async fn process(program: &str, script: &str, fault: Option<Fault>) -> Sample {
    let mut command = Command::new(program);
    command.args([script, "--secret", SECRET]);
    if let Some(fault) = fault {
        let value = fault.to_possible_value().unwrap();
        command.args(["--fault", value.get_name()]);
    }
    let mut child = command
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut url = async |before: &str| {
        let line = lines.next_line().await.unwrap().unwrap();
        line.strip_prefix(before).unwrap().to_owned()
    };
    Sample {
        url: url("callbacks at ").await,
        state_url: url("state at ").await,
        _running: Server::Process(child),
    }
}
