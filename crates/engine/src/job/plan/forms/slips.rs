//! Forms sent with the slips that a description asks for, and what the page
//! then has to say.

use super::{Given, fill_form, is_wrong, missing, sent, submit};
use crate::browser::facts::Element;
use crate::browser::locator::Locator;
use crate::job::plan::language::{Clause, Phrase, Verb};
use crate::job::plan::observe::by_role;
use crate::job::plan::rehearsal::{Failure, Rehearsal};
use crate::job::plan::words::{likeness, words};
use crate::job::plan::{acts, find, values};
use crate::job::steps::Expectation;

type Done = Result<(), Failure>;

/// Whether a field is called so.
pub fn is_field(on: &Rehearsal<'_>, subject: &Phrase) -> bool {
    let fields = on.now.elements.iter().filter(|it| find::is_text_field(it));
    let like = |it: &&Element| likeness(&subject.words, &words(&it.name));
    find::best(fields, like, 0.5).is_some()
}

/// "If the email address is invalid": the form is sent with that one slip.
pub async fn slip(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let mut object = Phrase::default();
    let mut field = clause.subject.clone();
    if is_wrong(&clause.object) {
        field.rename(&format!("{} {}", clause.object.text, field.text));
        object.with.push(field);
    } else {
        object.without.push(field);
    }
    let sends = Clause::bare(clause.says.clone(), Verb::Submit, object);
    submit(on, &sends).await
}

/// "Nothing is filled in": the form is sent as it is, by who looks at it next.
pub async fn leave_all(on: &mut Rehearsal<'_>) -> Done {
    if !on.is_looked_at {
        return Ok(());
    }
    let form = Phrase::named("empty form");
    submit(on, &Clause::bare(String::new(), Verb::Submit, form)).await
}

/// "Leave the email empty": the form is sent without it.
pub async fn leave_empty(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    let mut clause = clause.clone();
    let mut left = std::mem::take(&mut clause.object);
    let says_so = words("empty blank field unfilled out");
    left.words.retain(|word| !says_so.contains(word));
    clause.object.without.push(left);
    submit(on, &clause).await
}

/// "The passwords do not match": a form is sent in which the last of its
/// passwords is another.
pub async fn mismatch(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let passwords = on.now.elements.iter();
    let mut passwords = passwords.filter(|field| field.input_type == "password");
    let first = passwords.next();
    let (Some(_), Some(again)) = (first, passwords.next_back()) else {
        // "Nothing matches the search for 'qqq'"
        if clause.object.quote().is_some() {
            return acts::search(on, &clause.object).await;
        }
        return Err(missing("no two fields that have to match"));
    };
    let other = Given {
        field: words(&format!("{} {}", again.name, again.hints)),
        value: Some(values::WRONG_PASSWORD.to_owned()),
    };
    let form = again.form;
    let known = form.ok_or_else(|| missing("no form"))?;
    fill_form(on, known, &[other]).await?;
    let button = find::submit_of(&on.now, form).cloned();
    on.click(&button.ok_or_else(|| missing("nothing to send it with"))?)
        .await?;
    sent(on, clause, true, false).await
}

/// Asserts that the page complains.
pub async fn complaint(on: &mut Rehearsal<'_>) -> Result<(), Failure> {
    let complaint = on
        .now
        .texts
        .iter()
        .find(|block| block.role == "alert" && !on.was_there(&block.text))
        .cloned();
    let beside_field = || {
        let marked = on.now.elements.iter();
        let text = marked
            .filter(|element| element.invalid)
            .find_map(|element| {
                Some(element.description.clone()).filter(|description| !description.is_empty())
            })?;
        Some(Locator::Text { text, exact: false })
    };
    let anyhow = || on.new_complaint().map(|block| block.locator.clone());
    let target = complaint.map(|block| block.locator);
    match target.or_else(beside_field).or_else(anyhow) {
        Some(target) => on.expect(Expectation::Visible { target }).await.map(drop),
        None => {
            let seen = on.scene();
            let target = by_role("alert");
            on.expect_unseen(Expectation::Visible { target }, seen);
            Ok(())
        }
    }
}

/// "A password with fewer than 8 characters is rejected": it is typed first,
/// where it was not.
pub async fn refuse(on: &mut Rehearsal<'_>, typed: &Phrase) -> Done {
    let mut object = Phrase::default();
    let short = |it: &&Phrase| it.says(&["fewer", "less", "shorter", "short"]);
    let short = typed.with.iter().chain([typed]).find(short);
    let value = match (typed.quote(), short) {
        (Some(quote), _) => quote.to_owned(),
        (None, Some(said)) => {
            let most = said.count.map_or(1, |least| least.saturating_sub(1));
            values::WRONG_PASSWORD.chars().take(most).collect()
        }
        (None, None) if is_wrong(typed) && typed.says(&["email"]) => "not-an-email".to_owned(),
        (None, None) => return Err(missing("no value that should be refused")),
    };
    let mut field = Phrase::named(&typed.text);
    field.quotes.push(value);
    object.with.push(field);
    let looked_at = std::mem::replace(&mut on.is_looked_at, true);
    let sends = Clause::bare(String::new(), Verb::Submit, object);
    let done = submit(on, &sends).await;
    on.is_looked_at = looked_at;
    done
}
