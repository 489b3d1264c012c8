//! A callback, as a mutant sees it.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::effect::{Active, Effect};
use crate::job::Message;

/// A signed callback.
pub(super) struct Draft<'a> {
    pub(super) body: Vec<u8>,
    pub(super) signature: Option<String>,
    pub(super) secret: &'a [u8],
}

impl Draft<'_> {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Signs something else than the body that is sent.
    pub(super) fn sign_over(&mut self, bytes: &[u8]) {
        self.signature = Some(signature::sign(self.secret, bytes));
    }

    /// Changes the signature's text.
    pub(super) fn rewrite(&mut self, rewrite: impl FnOnce(&str) -> String) {
        self.signature = self.signature.as_deref().map(rewrite);
    }
}

impl Active {
    /// The payload to be signed.
    pub(crate) fn payload(&self, body: Vec<u8>) -> Vec<u8> {
        let edited = match self.effect() {
            Some(Effect::Payload(edit)) => payload(&body, edit),
            Some(Effect::Echo(edit)) => echo(&body, edit),
            _ => None,
        };
        edited.unwrap_or(body)
    }

    pub(crate) fn signed(&self, message: Message, secret: &[u8]) -> Message {
        let Some(Effect::Message(edit)) = self.effect() else {
            return message;
        };
        let mut draft = Draft {
            body: message.body.to_vec(),
            signature: message.signature,
            secret,
        };
        edit(&mut draft);
        Message {
            body: draft.body.into(),
            signature: draft.signature,
        }
    }

    pub(crate) fn delivery(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Option<reqwest::RequestBuilder> {
        match self.effect() {
            Some(Effect::Delivery(edit)) => edit(request),
            _ => Some(request),
        }
    }
}

/// `custom_data` keeps its text, to the digit, where the edit leaves it alone.
fn payload(body: &[u8], edit: fn(&mut Value)) -> Option<Vec<u8>> {
    let texts: HashMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    let custom_data = texts.get("custom_data")?;
    let mut value: Value = serde_json::from_slice(body).ok()?;
    // Stands for the text until everything else is written.
    const PLACE: &str = "\u{e000}custom_data\u{e000}";
    value["custom_data"] = Value::from(PLACE);
    edit(&mut value);
    let quoted = Value::from(PLACE).to_string();
    let text = value.to_string().replacen(&quoted, custom_data.get(), 1);
    Some(text.into_bytes())
}

fn echo(body: &[u8], edit: fn(&mut Value)) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    edit(value.get_mut("custom_data")?);
    serde_json::to_vec(&value).ok()
}
