//! `qualitymax llm`

use std::io::Read;

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use engine::llm::{ApiKey, ConfiguredProvider, Provider, ProviderError, ProviderKind};

use super::{Common, output};

/// Where a key is taken from: never from the command line, which others see.
const VARIABLE: &str = "QUALITYMAX_LLM_KEY";

#[derive(Subcommand)]
pub(super) enum LlmCommand {
    /// Set or replace a partner's LLM provider
    #[command(after_help = "\
Examples:
  QUALITYMAX_LLM_KEY=sk-... qualitymax llm set --partner veilstream --provider openai --model gpt-5
  qualitymax llm set --partner veilstream --provider anthropic --model claude-sonnet-4-5 --key-stdin < key
  qualitymax llm set --partner veilstream --provider ollama --model llama3.3
  qualitymax llm set --partner veilstream --provider openai --model qwen3 \\
      --base-url http://10.0.0.7:8000/v1 --private-network

The key is kept sealed by the deployment's master key.")]
    Set {
        /// The partner's slug
        #[arg(long, value_name = "SLUG")]
        partner: String,
        /// The protocol that the service speaks
        #[arg(long, value_enum)]
        provider: Kind,
        /// The model's name, as the service knows it
        #[arg(long)]
        model: String,
        /// Where the service is, if not at its usual place
        #[arg(long, value_name = "URL")]
        base_url: Option<String>,
        /// Allow a base URL within a private network, or without TLS
        #[arg(long)]
        private_network: bool,
        /// Read the key from standard input instead of QUALITYMAX_LLM_KEY
        #[arg(long)]
        key_stdin: bool,
    },
    /// Show a partner's LLM provider; never its key
    #[command(after_help = "Example:\n  qualitymax llm show --partner veilstream")]
    Show {
        /// The partner's slug
        #[arg(long, value_name = "SLUG")]
        partner: String,
    },
    /// Ask a partner's LLM provider one small question, to see that it works
    #[command(after_help = "Example:\n  qualitymax llm check --partner veilstream")]
    Check {
        /// The partner's slug
        #[arg(long, value_name = "SLUG")]
        partner: String,
    },
    /// Remove a partner's LLM provider and its key
    #[command(after_help = "Example:\n  qualitymax llm remove --partner veilstream")]
    Remove {
        /// The partner's slug
        #[arg(long, value_name = "SLUG")]
        partner: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// OpenAI, and what speaks its chat completions
    Openai,
    Anthropic,
    Ollama,
}

impl From<Kind> for ProviderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Openai => Self::OpenAi,
            Kind::Anthropic => Self::Anthropic,
            Kind::Ollama => Self::Ollama,
        }
    }
}

pub(super) async fn run(common: &Common, command: LlmCommand) -> Result<()> {
    let engine = common.open().await?;
    let llm = engine.llm();
    match command {
        LlmCommand::Set {
            partner,
            provider,
            model,
            base_url,
            private_network,
            key_stdin,
        } => {
            let key = key(key_stdin)?;
            let provider = Provider::new(
                provider.into(),
                &model,
                base_url.as_deref(),
                private_network,
                key,
            )
            .map_err(explained)?;
            llm.set(&partner, &provider).await?;
            let shown = llm.show(&partner).await?;
            print(common, shown.as_ref(), &partner)
        }
        LlmCommand::Show { partner } => {
            let shown = llm.show(&partner).await?;
            print(common, shown.as_ref(), &partner)
        }
        LlmCommand::Check { partner } => {
            llm.check(&partner).await?;
            if common.json {
                return output::json(&serde_json::json!({"works": true}));
            }
            say!("The LLM provider of {partner} works.");
            Ok(())
        }
        LlmCommand::Remove { partner } => {
            let removed = llm.remove(&partner).await?;
            if common.json {
                return output::json(&serde_json::json!({"removed": removed}));
            }
            if removed {
                say!("The LLM provider of {partner} is removed, with its key.");
            } else {
                say!("{}", none(&partner));
            }
            Ok(())
        }
    }
}

fn key(from_stdin: bool) -> Result<Option<ApiKey>> {
    let given = if from_stdin {
        let mut given = String::new();
        std::io::stdin()
            .lock()
            .take(16 * 1024)
            .read_to_string(&mut given)
            .context("standard input")?;
        given
    } else {
        match std::env::var(VARIABLE) {
            Ok(given) => given,
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => bail!("{VARIABLE} is not text"),
        }
    };
    Ok(Some(ApiKey::new(&given)?))
}

fn explained(error: ProviderError) -> anyhow::Error {
    match error {
        ProviderError::NoKey => {
            anyhow::anyhow!("{error}: give it in {VARIABLE}, or on standard input with --key-stdin")
        }
        ProviderError::Plain => anyhow::anyhow!("{error} with --private-network"),
        other => other.into(),
    }
}

fn print(common: &Common, provider: Option<&ConfiguredProvider>, partner: &str) -> Result<()> {
    if common.json {
        return output::json(&provider);
    }
    let Some(provider) = provider else {
        say!("{}", none(partner));
        return Ok(());
    };
    let text = |text: &str| text.to_owned();
    output::fields(vec![
        [text("provider"), provider.provider.to_string()],
        [text("model"), provider.model.clone()],
        [text("base URL"), provider.base_url.clone()],
        [
            text("private network"),
            text(if provider.private_network {
                "allowed"
            } else {
                "not allowed"
            }),
        ],
        [
            text("key"),
            provider.key.clone().unwrap_or_else(|| text("none")),
        ],
        [text("set"), output::time(provider.updated_at)],
    ]);
    Ok(())
}

fn none(partner: &str) -> String {
    format!("{partner} has no LLM provider: everything works without one.")
}
