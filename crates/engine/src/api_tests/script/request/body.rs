//! What a call sends as its body: the base that the operation's tests share,
//! with the case's change.

use serde_json::Value;

use super::super::BaseBody;
use super::super::typescript::{key, list, member, text, value};
use super::Caller;
use crate::api_tests::cases::Send;
use crate::api_tests::document::Encoding;
use crate::api_tests::requests::BodyValue;
use crate::api_tests::schema::{Spot, Step};

impl Caller<'_> {
    /// `data: ...`, `form: ...` or `multipart: ...`
    pub(super) fn body(&self, send: &Send, indent: usize) -> Option<String> {
        match send {
            Send::NoBody => return None,
            // A text would be made into JSON.
            Send::Raw { text: raw, .. } => {
                return Some(format!("data: Buffer.from({})", text(raw)));
            }
            _ => {}
        }
        let body = self.request.body.as_ref()?;
        let expression = match (send, self.base) {
            (Send::Body(whole), Some(base)) => self.merged(base, body, whole, indent),
            (Send::BodyChange(spot, to), Some(base)) => {
                self.changed(base, body, spot, to.as_ref(), indent)
            }
            (_, Some(base)) => self.changed(base, body, &Spot::default(), None, indent),
            (_, None) => value(&body.value, indent),
        };
        if body.encoding == Encoding::Json && is_text(body, send) {
            return Some(format!("data: Buffer.from(JSON.stringify({expression}))"));
        }
        let option = match body.encoding {
            Encoding::Form => "form",
            Encoding::Multipart => "multipart",
            _ => "data",
        };
        Some(format!("{option}: {expression}"))
    }

    /// The base with what the whole has beyond it.
    fn merged(&self, base: &BaseBody, body: &BodyValue, whole: &Value, indent: usize) -> String {
        let (Some(planned), Some(whole)) = (body.value.as_object(), whole.as_object()) else {
            return value(whole, indent);
        };
        let mut parts = vec![format!("...{}", base.expression())];
        parts.extend(self.bindings(body, None));
        for (name, more) in whole {
            if !planned.contains_key(name) {
                parts.push(format!("{}: {}", key(name), value(more, indent + 2)));
            }
        }
        list('{', parts.into_iter(), '}', indent)
    }

    fn changed(
        &self,
        base: &BaseBody,
        body: &BodyValue,
        spot: &Spot,
        to: Option<&Value>,
        indent: usize,
    ) -> String {
        if spot.0.is_empty()
            && let Some(to) = to
        {
            return value(to, indent);
        }
        let base_expression = base.expression();
        let bindings = self.bindings(body, spot.0.first());
        if let ([Step::Property(name)], None, true) =
            (spot.0.as_slice(), to, body.encoding != Encoding::Json)
        {
            // In a form nothing is undefined.
            return format!("without({base_expression}, {})", text(name));
        }
        if spot.0.is_empty() {
            if bindings.is_empty() {
                return base_expression;
            }
            let parts = std::iter::once(format!("...{base_expression}")).chain(bindings);
            return list('{', parts, '}', indent);
        }
        // A base that is made anew is not made twice: nested changes go by
        // what it was made into.
        nested(&base.local(spot), &spot.0, to, bindings, indent)
    }

    /// Properties that hold ids, except the one that is changed.
    fn bindings(&self, body: &BodyValue, changed: Option<&Step>) -> Vec<String> {
        body.bound
            .iter()
            .filter(|(name, _)| changed != Some(&Step::Property(name.clone())))
            .map(|(name, bound)| format!("{}: {}", key(name), self.scope.expression(bound)))
            .collect()
    }
}

/// Whether the body as a whole is a JSON text or null, which Playwright would
/// not write as JSON.
pub(super) fn is_text(body: &BodyValue, send: &Send) -> bool {
    let whole = match send {
        Send::Body(whole) => whole,
        Send::BodyChange(Spot(steps), Some(whole)) if steps.is_empty() => whole,
        _ => &body.value,
    };
    whole.is_string() || whole.is_null()
}

/// `{ ...base, lines: [{ ...base.lines[0], quantity: 0 }] }`
fn nested(
    base: &str,
    steps: &[Step],
    to: Option<&Value>,
    mut bindings: Vec<String>,
    indent: usize,
) -> String {
    let Some((first, rest)) = steps.split_first() else {
        return to.map_or_else(|| "undefined".to_owned(), |to| value(to, indent));
    };
    match first {
        Step::Property(name) => {
            let inner = nested(&member(base, name), rest, to, Vec::new(), indent + 2);
            let mut parts = vec![format!("...{base}")];
            parts.append(&mut bindings);
            parts.push(format!("{}: {inner}", key(name)));
            list('{', parts.into_iter(), '}', indent)
        }
        // Only first items are changed.
        Step::Item(_) => {
            let inner = nested(&format!("{base}[0]"), rest, to, Vec::new(), indent + 2);
            list(
                '[',
                [inner, format!("...{base}.slice(1)")].into_iter(),
                ']',
                indent,
            )
        }
    }
}
