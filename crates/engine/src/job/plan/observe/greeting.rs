//! Somebody is greeted or thanked, by what they are called.

use super::super::language::{Clause, Phrase};
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::words;
use super::text::see_text;
use super::{Done, filled_value, look};

/// "Greets the user by name": who is greeted is nothing to be seen.
pub fn greets(clause: &Clause) -> bool {
    let greets = ["greet", "welcom", "thank", "address"];
    let by = clause.object.places.iter().chain(&clause.object.with);
    greets.iter().any(|verb| clause.word.starts_with(verb))
        && clause.object.quote().is_none()
        && by.into_iter().any(is_calling)
}

/// "By name", "with their email address".
fn is_calling(said: &Phrase) -> bool {
    let calls = words("name email username login");
    said.words.iter().any(|word| calls.contains(word))
}

/// By what was typed; who signed in is called what no test may hold.
pub async fn greeted(on: &mut Rehearsal<'_>, mut thing: Phrase) -> Done {
    let said = thing.places.drain(..).chain(thing.with.drain(..));
    let calls: Vec<Phrase> = said.filter(is_calling).collect();
    let values: Vec<String> = calls.iter().filter_map(|it| filled_value(on, it)).collect();
    if values.is_empty() {
        let why = "what somebody is called who was not named here was not looked at";
        return Err(Failure::NotUnderstood(why.to_owned()));
    }
    // "Thank you" is said as well; to "greet" is not.
    if thing.words == words("thank you") {
        look(on, &thing, None).await?;
    }
    for value in values {
        see_text(on, &value, None).await?;
    }
    Ok(())
}
