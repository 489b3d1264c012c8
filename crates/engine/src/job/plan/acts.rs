//! What a person does: each kind of act found on the page and acted out.

use super::find::{self, CONTROLS};
use super::language::{Clause, Phrase};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{contains_text, covers, likeness, words};
use super::{forms, values};
use crate::browser::facts::Element;
use crate::job::steps::{Act, Expectation, Value};

type Done = Result<(), Failure>;

fn not_found(what: &str) -> Failure {
    Failure::NotUnderstood(format!("{what} was found on the pages visited"))
}

pub async fn log_in(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let all = format!("{} {}", clause.says, clause.subject.text).to_lowercase();
    let wrong = ["wrong", "invalid", "incorrect", "bad ", "unknown", "false"]
        .iter()
        .any(|word| all.contains(word));
    if on.request.credentials.is_none() && !wrong && clause.object.quote().is_none() {
        let why = "it needs a login, and the webhook gave no `auth`";
        return Err(Failure::NotUnderstood(why.to_owned()));
    }
    if find::login_form(&on.now).is_none() {
        let login = words("log in");
        let link = find::element(&on.now, CONTROLS, &login, false).cloned();
        on.click(&link.ok_or_else(|| not_found("no sign-in form"))?)
            .await?;
        while find::login_form(&on.now).is_none() && on.look_again().await? {}
    }
    let given = forms::given(&clause.object);
    let login = on.request.credentials.clone();
    let form = find::login_form(&on.now).ok_or_else(|| not_found("no sign-in form"))?;
    let (username, password, submit) = (
        form.username.cloned(),
        form.password.cloned(),
        form.submit.cloned(),
    );
    let stated = |asked: &str| {
        given
            .iter()
            .find(|given| covers(&given.field, &words(asked)))
            .and_then(|given| given.value.clone())
            .map(|text| match &login {
                // Named, as everywhere: a test holds no login.
                Some(login) if text == login.password => Value::Password,
                Some(login) if text == login.username => Value::Username,
                _ => Value::Text { text },
            })
    };
    let known = login.is_some();
    if let Some(field) = &username {
        let text = || Value::Text {
            text: values::EMAIL.to_owned(),
        };
        let own = if known { Value::Username } else { text() };
        let value = stated("email")
            .or_else(|| stated("username"))
            .unwrap_or(own);
        on.fill(field, value).await?;
    }
    let Some(field) = password else {
        return Err(not_found("no password field"));
    };
    let made_up = || Value::Text {
        text: values::WRONG_PASSWORD.to_owned(),
    };
    let own = if known && !wrong {
        Value::Password
    } else {
        made_up()
    };
    on.fill(&field, stated("password").unwrap_or(own)).await?;
    send(on, submit, &field).await?;
    let expects_entry = !wrong && !clause.negated;
    while expects_entry && find::login_form(&on.now).is_some() && on.look_again().await? {}
    let still_asked = find::login_form(&on.now).is_some();
    let target = field.locator;
    if !expects_entry {
        // The description usually says what is shown; that nobody got in stands by itself.
        if !on.is_looked_at {
            on.expect(Expectation::Visible { target }).await?;
        }
    } else if still_asked {
        let seen = on
            .complaint()
            .unwrap_or_else(|| "the sign-in form is still there".to_owned());
        on.expect_unseen(Expectation::Hidden { target }, seen);
    } else if let Some(way_out) =
        find::element(&on.now, CONTROLS, &words("log out"), false).cloned()
    {
        on.expect(Expectation::Visible {
            target: way_out.locator,
        })
        .await?;
    } else if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
        on.expect(Expectation::Path { path }).await?;
    } else {
        on.expect(Expectation::Hidden { target }).await?;
    }
    Ok(())
}

pub async fn log_out(on: &mut Rehearsal<'_>) -> Done {
    let button = find::element(&on.now, CONTROLS, &words("log out"), false).cloned();
    let button = button.ok_or_else(|| not_found("nothing to log out with"))?;
    on.click(&button).await?;
    if !on.is_looked_at {
        let target = button.locator;
        on.expect(Expectation::Hidden { target }).await?;
    }
    Ok(())
}

/// Opens the page that `phrase` names, by a link as a visitor would.
pub async fn visit(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    if let Some(path) = path_in(phrase) {
        on.act(Act::Goto { path }).await?;
        return arrived(on, &[]).await;
    }
    let asked = named(on, phrase);
    let loose = on.loose;
    let link = find::element(&on.now, CONTROLS, &asked, loose).cloned();
    let link = match link {
        Some(link) => link,
        None if is_home(&asked) || find::is_page(&on.now, &asked) => return Ok(()),
        None => return Err(not_found(&format!("no link called “{}”", phrase.name()))),
    };
    on.click(&link).await?;
    arrived(on, &asked).await
}

pub async fn click(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let asked = named(on, phrase);
    let loose = on.loose;
    let roles = [CONTROLS, &["checkbox", "radio"]].concat();
    let quoted = phrase.quotes.first().and_then(|quote| {
        on.now.elements.iter().find(|element| {
            roles.contains(&element.role.as_str()) && contains_text(&element.name, quote)
        })
    });
    let element = quoted
        .or_else(|| find::element(&on.now, &roles, &asked, loose))
        .or_else(|| find::control_of_item(&on.now, &asked, &place_words(phrase)))
        .cloned();
    let element =
        element.ok_or_else(|| not_found(&format!("nothing called “{}”", phrase.name())))?;
    on.item = Some(element.name.clone());
    on.click(&element).await?;
    if on.path_changed() {
        arrived(on, &[]).await?;
    } else if !on.is_looked_at {
        prove(on).await?;
    }
    Ok(())
}

pub async fn search(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let term = match phrase.quote() {
        Some(quote) => quote.to_owned(),
        None => phrase.text.clone(),
    };
    if term.is_empty() {
        return Err(Failure::NotUnderstood(
            "it does not say what to search for".to_owned(),
        ));
    }
    let by_role = on
        .now
        .elements
        .iter()
        .find(|element| element.role == "searchbox");
    let field = by_role
        .or_else(|| find::field(&on.now, &words("search")))
        .cloned();
    let field = field.ok_or_else(|| not_found("no search box"))?;
    on.fill(&field, Value::Text { text: term.clone() }).await?;
    let button = find::submit_of(&on.now, field.form).filter(|_| field.form.is_some());
    let button = button.cloned();
    send(on, button, &field).await?;
    on.term = Some(term);
    if !on.is_looked_at {
        prove(on).await?;
    }
    Ok(())
}

/// Adds a thing that is there (to a cart), or creates one by its name.
pub async fn add(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let add = words("add put buy create new");
    let item = pronoun(on, phrase);
    let asked = words(&item);
    let before = on.now.clone();
    if let Some(control) = find::control_of_item(&on.now, &add, &asked)
        .filter(|_| !asked.is_empty())
        .cloned()
    {
        on.click(&control).await?;
    } else if let Some(field) = creates(on, phrase) {
        let text = phrase
            .quote()
            .map_or_else(|| values::valid(&field), str::to_owned);
        on.fill(&field, Value::Text { text: text.clone() }).await?;
        let button = find::submit_of(&on.now, field.form).cloned();
        send(on, button, &field).await?;
        on.item = Some(text);
        return if on.is_looked_at {
            Ok(())
        } else {
            prove(on).await
        };
    } else {
        // Not on this page: on its own.
        let link = find::element(&on.now, CONTROLS, &asked, false).cloned();
        on.click(&link.ok_or_else(|| not_found(&format!("nothing to add “{item}” with")))?)
            .await?;
        let control = find::element(
            &on.now,
            CONTROLS,
            &[add, place_words(phrase)].concat(),
            true,
        )
        .cloned();
        on.click(&control.ok_or_else(|| not_found(&format!("nothing to add “{item}” with")))?)
            .await?;
    }
    on.item = Some(item);
    // The page counts: waiting for that keeps the next step from overtaking it.
    if let Some(counter) = changed_counter(&before.elements, &on.now.elements) {
        on.expect(Expectation::Visible {
            target: counter.locator,
        })
        .await?;
    } else if !on.is_looked_at {
        prove(on).await?;
    }
    Ok(())
}

pub async fn remove(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let item = pronoun(on, phrase);
    let verb = words("remove delete clear");
    let control = find::control_of_item(&on.now, &verb, &words(&item))
        .or_else(|| find::element(&on.now, CONTROLS, &words("remove"), true))
        .cloned();
    let control = control.ok_or_else(|| not_found(&format!("nothing to remove “{item}” with")))?;
    on.click(&control).await?;
    if !on.is_looked_at {
        let target = control.locator;
        on.expect(Expectation::Hidden { target }).await?;
    }
    on.item = Some(item);
    Ok(())
}

/// Sorting and choosing: an option of a select, a radio button, or a control.
pub async fn choose(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let mut asked = phrase.all_words();
    for (said, means) in [
        ("cheapest ascending lowest", "low high"),
        ("descending highest expensive", "high low"),
    ] {
        if words(said).iter().any(|word| asked.contains(word)) {
            asked.extend(words(means));
        }
    }
    let options = on
        .now
        .elements
        .iter()
        .filter(|element| element.role == "combobox")
        .flat_map(|element| element.options.iter().map(move |option| (element, option)));
    let like = |(_, option): &(&Element, &String)| in_order(&asked, &words(option));
    let chosen =
        find::best(options, like, 0.6).map(|(element, option)| (element.clone(), option.clone()));
    if let Some((element, option)) = chosen {
        let target = element.locator;
        on.act(Act::Select { target, option }).await?;
        return if on.is_looked_at {
            Ok(())
        } else {
            prove(on).await
        };
    }
    let radio = find::element(
        &on.now,
        &["radio", "checkbox"],
        &words(phrase.name()),
        false,
    )
    .cloned();
    match radio {
        Some(radio) => {
            on.act(Act::Check {
                target: radio.locator,
                checked: true,
            })
            .await
        }
        None => click(on, phrase).await,
    }
}

/// "Change the quantity to 3": whatever kind of field it is.
pub async fn change(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let stated = phrase.places.iter().chain(&phrase.with).find_map(|part| {
        let amount = part.amounts.first();
        let literal = part.quotes.first().or(amount).cloned();
        literal.or_else(|| (!part.text.is_empty()).then(|| part.text.clone()))
    });
    let field = find::field(&on.now, &phrase.words).cloned();
    let (Some(field), Some(text)) = (field, stated) else {
        // "Switch to the Reviews tab", "switch the currency to EUR" by its buttons.
        return choose(on, phrase).await;
    };
    let of_field = find::best(
        field.options.iter(),
        |option| likeness(&words(&text), &words(option)),
        0.6,
    );
    let target = field.locator.clone();
    if let Some(option) = of_field.cloned() {
        on.act(Act::Select { target, option }).await?;
    } else {
        on.fill(&field, Value::Text { text: text.clone() }).await?;
        let button = find::submit_of(&on.now, field.form).filter(|_| field.form.is_some());
        // What it leads to is looked at next: somebody has to send it.
        if let Some(button) = button.filter(|_| on.is_looked_at).cloned() {
            on.click(&button).await?;
        }
    }
    on.item = Some(text);
    if on.is_looked_at {
        Ok(())
    } else {
        prove(on).await
    }
}

/// By its button, or as the field itself does it.
async fn send(on: &mut Rehearsal<'_>, button: Option<Element>, field: &Element) -> Done {
    if let Some(button) = button {
        return on.click(&button).await;
    }
    let (target, key) = (field.locator.clone(), "Enter".to_owned());
    on.act(Act::Press { target, key }).await
}

/// Where an act is not followed by a clause that looks at what it did, what
/// changed on the page proves it.
pub async fn prove(on: &mut Rehearsal<'_>) -> Done {
    if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
        on.expect(Expectation::Path { path }).await?;
    }
    let lasting = |text: &str| {
        text.len() < 120
            && !text.contains('‹')
            && text.chars().filter(char::is_ascii_digit).count() < 3
    };
    let news = on.now.texts.iter().find(|block| {
        matches!(block.role.as_str(), "heading" | "alert" | "status")
            && lasting(&block.text)
            && !on.was_there(&block.text)
    });
    if let Some(block) = news.cloned() {
        on.expect(Expectation::Visible {
            target: block.locator,
        })
        .await?;
    }
    Ok(())
}

/// Asserts that the page meant was reached.
async fn arrived(on: &mut Rehearsal<'_>, asked: &[String]) -> Done {
    if on.now.status.is_some_and(|status| status >= 400) {
        let seen = on.scene();
        let name = asked.join(" ");
        let target = super::observe::heading(&name);
        on.expect_unseen(Expectation::Visible { target }, seen);
        return Ok(());
    }
    if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
        on.expect(Expectation::Path { path }).await?;
    }
    let heading = on
        .now
        .texts
        .iter()
        .find(|block| block.role == "heading" && covers(&words(&block.text), asked));
    if let Some(heading) = heading
        .filter(|heading| !on.was_there(&heading.text))
        .cloned()
    {
        on.expect(Expectation::Visible {
            target: heading.locator,
        })
        .await?;
    }
    Ok(())
}

/// The field in which something of this kind is named to create it.
fn creates(on: &Rehearsal<'_>, phrase: &Phrase) -> Option<Element> {
    let mut asked = phrase.words.clone();
    asked.extend(words("new"));
    let field = find::field(&on.now, &asked).or_else(|| {
        // A single field beside a button that adds.
        let adds = find::element(&on.now, &["button"], &words("add"), true)?;
        on.now
            .elements
            .iter()
            .find(|field| find::is_text_field(field) && field.form == adds.form)
    });
    // A list to type into, without a button.
    let field = field.or_else(|| forms::only_field(on).filter(|_| phrase.quote().is_some()));
    field.filter(|field| field.role != "searchbox").cloned()
}

/// A link or button whose name counts something, and now counts differently.
fn changed_counter(before: &[Element], now: &[Element]) -> Option<Element> {
    let plain = |name: &str| {
        name.chars()
            .filter(|c| !c.is_ascii_digit())
            .collect::<String>()
    };
    now.iter()
        .filter(|element| {
            CONTROLS.contains(&element.role.as_str())
                && element.name.chars().any(|c| c.is_ascii_digit())
        })
        .find(|element| {
            let same = |other: &&Element| {
                other.role == element.role && plain(&other.name) == plain(&element.name)
            };
            before
                .iter()
                .find(same)
                .is_some_and(|other| other.name != element.name)
        })
        .cloned()
}

/// How well `option` says what was asked, in the order in which it was.
fn in_order(asked: &[String], option: &[String]) -> f64 {
    let mut rest = asked.iter();
    let in_order = option
        .iter()
        .filter(|word| rest.any(|next| next == *word))
        .count();
    let shared = likeness(asked, option).min(1.0);
    if shared == 0.0 || option.is_empty() {
        return 0.0;
    }
    in_order as f64 / option.len() as f64
}

/// What the phrase names; "it" and "them" are what was spoken of last.
fn pronoun(on: &Rehearsal<'_>, phrase: &Phrase) -> String {
    let vague = phrase.words.is_empty()
        || phrase.says(&["it", "them", "item", "items", "product"]) && phrase.words.len() == 1;
    match (phrase.quote(), &on.item) {
        (Some(quote), _) => quote.to_owned(),
        (None, Some(item)) if vague => item.clone(),
        _ => phrase.text.clone(),
    }
}

fn named(on: &Rehearsal<'_>, phrase: &Phrase) -> Vec<String> {
    let generic = words("page screen button link tab site website section");
    let asked = words(&pronoun(on, phrase));
    let meant: Vec<String> = asked
        .iter()
        .filter(|word| !generic.contains(word))
        .cloned()
        .collect();
    if meant.is_empty() { asked } else { meant }
}

fn place_words(phrase: &Phrase) -> Vec<String> {
    phrase
        .places
        .iter()
        .flat_map(|place| words(place.name()))
        .collect()
}

/// `/pricing`, written out in the description.
fn path_in(phrase: &Phrase) -> Option<String> {
    let said = phrase
        .quotes
        .iter()
        .map(String::as_str)
        .chain(phrase.text.split(' '));
    let path = said.into_iter().find(|word| word.starts_with('/'));
    path.map(str::to_owned)
}

fn is_home(asked: &[String]) -> bool {
    let home = words("home homepage start app application main");
    asked.iter().all(|word| home.contains(word))
}
