//! SARIF 2.1.0, for code hosts and editors: what every report of ours has.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// A document with one run. `root` says what the results' places are relative to.
pub(crate) fn document(rules: &[Value], results: &[Value], root: &str) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "qualitymax",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": root}}},
            "results": results,
        }],
    })
}

/// Where a result is: a file below the root, and the lines of it.
pub(crate) fn place(file: &str, region: Value) -> Value {
    // What RFC 3986 reserves, but for slashes.
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/');
    let uri = utf8_percent_encode(file, ESCAPED).to_string();
    json!({
        "artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"},
        "region": region,
    })
}
