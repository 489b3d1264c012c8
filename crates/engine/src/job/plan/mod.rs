//! Stage 2: the description becomes intents, intents are matched to elements,
//! and each step is acted out live.

mod acts;
mod find;
mod forms;
mod language;
mod observe;
mod proposal;
mod rehearsal;
mod title;
mod values;
mod words;

use language::{Clause, Phrase, Verb};
use proposal::Declined;
use rehearsal::{Failure, Rehearsal};

use super::crawl::Crawl;
use super::score;
use super::steps::{IntentOutcome, Plan, PlannedBy};
use super::{JobRequest, StageError};
use crate::browser::Session;
use crate::llm::Llm;

pub use find::path_of;
pub use words::{covers, words};

/// So many clauses are followed; a test of more is no test of one feature.
const MOST_CLAUSES: usize = 40;

/// Plans a test and rehearses it: the one that `llm` proposes on the pages of
/// `crawl`, if it stands the rehearsal, else one that follows the description
/// clause by clause. `attempt` counts from 1; a later attempt is content with
/// looser matches.
pub async fn plan(
    session: &mut Session,
    crawl: &Crawl,
    request: &JobRequest,
    attempt: u32,
    llm: Option<&Llm>,
) -> Result<Plan, StageError> {
    let Some(llm) = llm else {
        return by_clauses(session, request, attempt).await;
    };
    let proposed = proposal::rehearsed(session, crawl, request, llm).await;
    let (doubtful, why) = match proposed {
        Ok(plan) if all_was_seen(&plan) => return Ok(plan),
        // Broken, or made up: the description's own words decide, if they can.
        Ok(plan) => (
            Some(plan),
            "what the test that it proposed asserts was not seen".to_owned(),
        ),
        Err(Declined::Unusable(why)) => (None, why),
        Err(Declined::Stage(error)) => return Err(error),
    };
    tracing::info!(partner = request.partner.0, why, "planned without the LLM");
    let own = by_clauses(session, request, attempt).await?;
    let score = |plan: &Plan| score::assess(plan, None).score;
    Ok(match doubtful {
        Some(doubtful) if score(&doubtful) > score(&own) => doubtful,
        _ => Plan {
            planned_by: PlannedBy::PlannerInstead { why },
            ..own
        },
    })
}

fn all_was_seen(plan: &Plan) -> bool {
    !plan
        .intents
        .iter()
        .any(|intent| matches!(intent.outcome, IntentOutcome::NotSeen { .. }))
}

async fn by_clauses(
    session: &mut Session,
    request: &JobRequest,
    attempt: u32,
) -> Result<Plan, StageError> {
    let description = &request.feature_description;
    let mut clauses = language::clauses(description);
    if clauses.is_empty() {
        clauses = bare(description);
    }
    clauses.truncate(MOST_CLAUSES);
    let mut rehearsal = Rehearsal::start(session, request, attempt > 1).await?;
    for (index, clause) in clauses.iter().enumerate() {
        rehearsal.is_looked_at = clauses
            .get(index + 1)
            .is_some_and(|next| !next.verb.is_act());
        rehearsal.begin(clause.says.clone());
        let mut result = patiently(&mut rehearsal, clause).await;
        // Behind a login that the description takes for granted.
        if rehearsal.missed(&result) && !is_login(clause) && acts::can_enter(&rehearsal) {
            rehearsal.forget();
            rehearsal.wait_anew();
            result = match acts::enter(&mut rehearsal).await {
                Ok(()) => patiently(&mut rehearsal, clause).await,
                Err(failure) => Err(failure),
            };
        }
        // In a form of several steps: in the next one.
        while rehearsal.may_be_early(&result) && clause.verb.is_act() && !is_login(clause) {
            let Some(next) = acts::way_on(&rehearsal) else {
                break;
            };
            rehearsal.forget();
            result = rehearsal.click(&next).await;
            if result.is_err() || rehearsal.now.shows_the_same(&rehearsal.before) {
                break;
            }
            rehearsal.keep();
            rehearsal.wait_anew();
            result = patiently(&mut rehearsal, clause).await;
        }
        rehearsal.end_of(clause.verb, result)?;
    }
    if rehearsal.begin_the_end() {
        let result = acts::prove_the_end(&mut rehearsal).await;
        rehearsal.end(result)?;
    }
    Ok(rehearsal.finish(title::title(&clauses)))
}

fn is_login(clause: &Clause) -> bool {
    clause.verb == Verb::LogIn
}

/// Follows a clause, again where the page was late with what it speaks of.
async fn patiently(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    let mut result = follow(on, clause).await;
    while on.may_be_early(&result) {
        match on.begin_again().await {
            Ok(true) => result = follow(on, clause).await,
            Ok(false) => break,
            Err(failure) => result = Err(failure),
        }
    }
    result
}

async fn follow(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    if !clause.says.chars().any(char::is_alphanumeric) {
        let why = "it says nothing that could be looked for";
        return Err(Failure::NotUnderstood(why.to_owned()));
    }
    // "Change the name on the settings page": there first.
    if clause.verb.is_act() && !matches!(clause.verb, Verb::LogIn | Verb::Visit) {
        for place in &clause.object.places {
            observe::go_to_page(on, place).await?;
        }
    }
    // "The menu button opens the navigation": somebody has to press it.
    if clause.verb == Verb::Land && clause.subject.says(&["button", "link", "icon", "tab"]) {
        acts::press_named(on, &clause.subject).await?;
    }
    carry_out(on, clause).await
}

/// Follows a clause, where it is.
async fn carry_out(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    match clause.verb {
        Verb::LogIn => acts::log_in(on, clause).await,
        Verb::LogOut => acts::log_out(on).await,
        Verb::Visit => acts::visit(on, &clause.object).await,
        Verb::Click => acts::click(on, &clause.object).await,
        Verb::Use => acts::use_control(on, clause).await,
        Verb::Choose | Verb::Sort => acts::choose(on, clause).await,
        Verb::Tick => acts::tick(on, clause, true).await,
        Verb::Untick => acts::tick(on, clause, false).await,
        Verb::Change => acts::change(on, clause).await,
        Verb::Reload => acts::reload(on).await,
        Verb::Gate => acts::gate(on, clause).await,
        Verb::Match if clause.negated => forms::mismatch(on, clause).await,
        Verb::Match => observe::see(on, clause).await,
        // "Enters a wrong password": to get in with it.
        Verb::Fill if acts::tries_wrongly(on, clause) => acts::log_in(on, clause).await,
        Verb::Complete => acts::walk_through(on, &clause.object).await,
        Verb::Fill
            if clause
                .object
                .says(&["checkout", "purchase", "order", "booking"]) =>
        {
            acts::walk_through(on, &clause.object).await
        }
        Verb::Fill if clause.negated => forms::leave_all(on).await,
        Verb::Fill => forms::fill(on, clause).await,
        Verb::Submit => forms::submit(on, clause).await,
        Verb::Leave => forms::leave_empty(on, clause).await,
        Verb::Search => acts::search(on, &clause.object).await,
        // "Write a comment and post it": what was typed is sent.
        Verb::Add if clause.object.is_vague() && !on.filled.is_empty() => {
            acts::use_control(on, clause).await
        }
        Verb::Add => acts::add(on, &clause.object).await,
        Verb::Remove => acts::remove(on, &clause.object).await,
        Verb::Be if clause.supposed && forms::is_field(on, &clause.subject) => {
            forms::slip(on, clause).await
        }
        Verb::Be if observe::is_state(&clause.object) => observe::see(on, clause).await,
        Verb::See | Verb::Be if clause.negated => observe::gone(on, clause).await,
        Verb::See | Verb::Be => observe::see(on, clause).await,
        Verb::Land => observe::land(on, clause).await,
        Verb::First => observe::first(on, clause).await,
        Verb::Refused => observe::refused(on, clause).await,
        Verb::Gone => observe::gone(on, clause).await,
    }
}

/// "The login flow", "Checkout": no verb, so the noun says it.
fn bare(description: &str) -> Vec<Clause> {
    let asked = words(description);
    let says = words::folded(description).chars().take(160).collect();
    let verb = match () {
        () if covers(&asked, &words("login")) => Verb::LogIn,
        () if covers(&asked, &words("logout")) => Verb::LogOut,
        () => Verb::See,
    };
    let object = Phrase {
        text: words::folded(description),
        words: asked,
        ..Phrase::default()
    };
    vec![Clause::bare(says, verb, object)]
}
