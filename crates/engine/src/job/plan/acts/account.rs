//! Signing in and out.

use super::super::find::{self, CONTROLS};
use super::super::language::{Clause, Phrase, Verb};
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{covers, words};
use super::super::{forms, values};
use super::{Done, not_found, send, vanished};
use crate::browser::facts::Element;
use crate::job::steps::{Expectation, Value};

/// Whether the target has a login, the webhook one for it, and nobody tried it.
pub fn can_enter(on: &Rehearsal<'_>) -> bool {
    let way_in = || find::element(&on.now, CONTROLS, &words("log in"), false);
    !on.is_entered
        && on.request.credentials.is_some()
        && (find::login_form(&on.now).is_some() || way_in().is_some())
}

/// Signs in, as the first thing that a visitor with an account does.
pub async fn enter(on: &mut Rehearsal<'_>) -> Done {
    let bare = Clause::bare(String::new(), Verb::LogIn, Phrase::default());
    let is_looked_at = std::mem::replace(&mut on.is_looked_at, false);
    log_in(on, &bare).await?;
    on.is_looked_at = is_looked_at;
    on.keep();
    Ok(())
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
    on.is_entered = true;
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
        vanished(on, target).await?;
    }
    Ok(())
}

/// By the button, also where it is in a menu of the account.
pub async fn log_out(on: &mut Rehearsal<'_>) -> Done {
    let way_out =
        |on: &Rehearsal<'_>| find::element(&on.now, CONTROLS, &words("log out"), false).cloned();
    let mut button = way_out(on);
    if button.is_none() && on.is_left {
        return Ok(());
    }
    if button.is_none() {
        let menu = words("account user profile avatar menu");
        let named = |element: &&Element| {
            let name = words(&element.name);
            element.role == "button" && menu.iter().any(|word| name.contains(word))
        };
        if let Some(menu) = on.now.elements.iter().find(named).cloned() {
            on.click(&menu).await?;
            button = way_out(on);
        }
    }
    let button = button.ok_or_else(|| not_found("nothing to log out with"))?;
    on.click(&button).await?;
    on.is_left = true;
    if !on.is_looked_at {
        let target = button.locator;
        vanished(on, target).await?;
    }
    Ok(())
}
