//! The forms in which an English verb stands.

/// How a verb stands in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `open`
    Base,
    /// `opens`
    Third,
    /// `opening`
    Gerund,
    /// `opened`
    Past,
}

/// The form of `base` that `word` is.
pub fn form_of(word: &str, base: &str) -> Option<Form> {
    let irregular = |forms: &[(&str, &str, Form)]| {
        forms
            .iter()
            .find(|(form, of, _)| *form == word && *of == base)
            .map(|(_, _, form)| *form)
    };
    if word == base {
        return Some(Form::Base);
    }
    if let Some(form) = irregular(&[
        ("is", "be", Form::Third),
        ("are", "be", Form::Third),
        ("was", "be", Form::Third),
        ("has", "have", Form::Third),
        ("goes", "go", Form::Third),
        ("shown", "show", Form::Past),
        ("hidden", "hide", Form::Past),
        ("set", "set", Form::Base),
        ("seen", "see", Form::Past),
        ("saw", "see", Form::Past),
        ("left", "leave", Form::Past),
        ("denied", "deny", Form::Past),
        ("given", "give", Form::Past),
        ("got", "get", Form::Past),
        ("found", "find", Form::Past),
        ("sent", "send", Form::Past),
        ("taken", "take", Form::Past),
        ("brought", "bring", Form::Past),
        ("led", "lead", Form::Past),
        ("chosen", "choose", Form::Past),
        ("written", "write", Form::Past),
        ("told", "tell", Form::Past),
        ("made", "make", Form::Past),
        ("said", "say", Form::Past),
        ("put", "put", Form::Base),
        ("read", "read", Form::Base),
    ]) {
        return Some(form);
    }
    let stem = base.strip_suffix('e').unwrap_or(base);
    let doubled = base.chars().last().map(|last| format!("{base}{last}"));
    let is = |suffix: &str| {
        word.strip_suffix(suffix).is_some_and(|start| {
            start == base || start == stem || doubled.as_deref() == Some(start)
        })
    };
    let third = word == format!("{base}s") || word == format!("{base}es");
    if third {
        Some(Form::Third)
    } else if base.len() > 2 && is("ing") || word == format!("{base}ing") {
        Some(Form::Gerund)
    } else if is("ed") || (base.ends_with('y') && word == format!("{}ied", &base[..base.len() - 1]))
    {
        Some(Form::Past)
    } else {
        None
    }
}
