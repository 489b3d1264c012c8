//! An answer on its way out, as a mutant sees it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub(super) struct Reply {
    head: Parts,
    body: Bytes,
    json: Value,
    /// From 1: answers to this operation so far, with this one.
    pub(super) turn: u64,
}

impl Reply {
    pub(super) fn new(head: Parts, body: Bytes, turn: u64) -> Self {
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self {
            head,
            body,
            json,
            turn,
        }
    }

    pub(super) fn into_parts(mut self) -> (Parts, Bytes) {
        let headers = &mut self.head.headers;
        if headers.remove(http::header::CONTENT_LENGTH).is_some() {
            headers.insert(http::header::CONTENT_LENGTH, self.body.len().into());
        }
        (self.head, self.body)
    }

    pub(super) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    pub(super) fn succeeded(&self) -> bool {
        self.head.status.is_success()
    }

    pub(super) fn headers(&mut self) -> &mut HeaderMap {
        &mut self.head.headers
    }

    pub(super) fn set_header(&mut self, name: HeaderName, value: &'static str) {
        self.head
            .headers
            .insert(name, HeaderValue::from_static(value));
    }

    pub(super) fn json(&self) -> &Value {
        &self.json
    }

    /// Answers with another status, and the same body.
    pub(super) fn set_status(&mut self, status: u16) {
        self.head.status = StatusCode::from_u16(status).expect("mutants name statuses");
    }

    /// Answers a success with this in the place of `status`.
    pub(super) fn turn_into(&mut self, from: u16, to: u16, body: Value) {
        if self.status() == from {
            self.set_status(to);
            self.set_json(body);
        }
    }

    pub(super) fn set_json(&mut self, value: Value) {
        self.body = value.to_string().into();
        self.json = value;
        self.set_header(CONTENT_TYPE, "application/json");
    }

    pub(super) fn set_text(&mut self, kind: &'static str, text: &'static str) {
        self.set_header(CONTENT_TYPE, kind);
        self.body = Bytes::from_static(text.as_bytes());
        self.json = Value::Null;
    }

    /// Changes the body of a success.
    pub(super) fn edit(&mut self, edit: impl FnOnce(&mut Value)) {
        if self.succeeded() {
            let mut json = self.json.take();
            edit(&mut json);
            self.set_json(json);
        }
    }

    pub(super) fn set(&mut self, pointer: &str, value: impl Into<Value>) {
        self.edit(|json| set(json, pointer, value.into()));
    }

    pub(super) fn remove(&mut self, pointer: &str) {
        self.edit(|json| drop(remove(json, pointer)));
    }

    pub(super) fn rename(&mut self, pointer: &str, name: &str) {
        self.edit(|json| rename(json, pointer, name));
    }

    pub(super) fn add(&mut self, pointer: &str, more: i64) {
        self.edit(|json| add(json, pointer, more));
    }

    /// Says it as text, whatever it was.
    pub(super) fn quote(&mut self, pointer: &str) {
        self.edit(|json| quote(json, pointer));
    }
}

/// Sets what is there; what is not there stays away.
pub(super) fn set(json: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = json.pointer_mut(pointer) {
        *place = value;
    }
}

pub(super) fn remove(json: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    json.pointer_mut(parent)?
        .as_object_mut()?
        .shift_remove(name)
}

pub(super) fn rename(json: &mut Value, pointer: &str, name: &str) {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    if let Some(value) = remove(json, pointer)
        && let Some(object) = json.pointer_mut(parent).and_then(Value::as_object_mut)
    {
        object.insert(name.to_owned(), value);
    }
}

pub(super) fn add(json: &mut Value, pointer: &str, more: i64) {
    if let Some(place) = json.pointer_mut(pointer)
        && let Some(number) = place.as_i64()
    {
        *place = json!(number + more);
    }
}

pub(super) fn quote(json: &mut Value, pointer: &str) {
    if let Some(place) = json.pointer_mut(pointer)
        && !place.is_string()
    {
        *place = Value::String(place.to_string());
    }
}
