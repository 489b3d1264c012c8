//! `$ref`: only inside the document. Nothing is ever fetched.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::api_tests::SpecError;

/// A chain of references that only refer on: more than any document needs.
const MAX_HOPS: usize = 32;

/// What `value` stands for: itself, or what its `$ref` leads to.
pub fn follow<'d>(root: &'d Value, mut value: &'d Value) -> Result<&'d Value, SpecError> {
    for _ in 0..MAX_HOPS {
        let Some(reference) = reference(value) else {
            return Ok(value);
        };
        value = look_up(root, reference)?;
    }
    Err(SpecError::EndlessReference {
        reference: reference(value).unwrap_or_default().to_owned(),
    })
}

pub fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// `#/components/schemas/Order`
pub fn look_up<'d>(root: &'d Value, reference: &str) -> Result<&'d Value, SpecError> {
    let pointer = pointer(reference).ok_or_else(|| SpecError::RemoteReference {
        reference: reference.to_owned(),
    })?;
    root.pointer(&pointer)
        .ok_or_else(|| SpecError::DanglingReference {
            reference: reference.to_owned(),
        })
}

/// The JSON pointer of a reference into the document itself.
pub fn pointer(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
    (pointer.is_empty() || pointer.starts_with('/')).then(|| pointer.into_owned())
}
