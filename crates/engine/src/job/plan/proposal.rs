//! A test that the partner's LLM proposes, acted out step by step: nothing in
//! it is believed before it was done in the browser.

use super::find::path_of;
use super::rehearsal::{Failure, Rehearsal};
use crate::browser::Session;
use crate::job::crawl::Crawl;
use crate::job::scrub::Scrubber;
use crate::job::steps::{Act, IntentOutcome, Plan, PlannedBy, Step};
use crate::job::{JobRequest, StageError};
use crate::llm::{Llm, propose_plan};

/// Why there is no test by the LLM.
pub enum Declined {
    /// The planner does without, and says this.
    Unusable(String),
    /// The stage itself can't go on.
    Stage(StageError),
}

pub async fn rehearsed(
    session: &mut Session,
    crawl: &Crawl,
    request: &JobRequest,
    llm: &Llm,
) -> Result<Plan, Declined> {
    // Whoever wrote the login into the description did not mean it for the LLM.
    let description =
        Scrubber::new(request.credentials.as_ref()).prompt(&request.feature_description);
    let proposed = propose_plan(llm, &description, &crawl.pages)
        .await
        .map_err(|error| Declined::Unusable(error.to_string()))?;
    let lacking = match () {
        () if !proposed.asserts() => Some("asserts nothing"),
        () if !proposed.asserts_in_the_end() => Some("asserts nothing after its last step"),
        () => None,
    };
    if let Some(lacking) = lacking {
        let why = format!("the test that it proposed {lacking}");
        return Err(Declined::Unusable(why));
    }
    let mut rehearsal = Rehearsal::start(session, request, false)
        .await
        .map_err(Declined::Stage)?;
    for (index, intent) in proposed.intents.into_iter().enumerate() {
        rehearsal.begin(intent.says);
        let steps = proposed.steps.iter().filter(|step| step.intent == index);
        let acted = act_out(&mut rehearsal, steps).await;
        let result = match (acted, intent.outcome) {
            (Ok(()), IntentOutcome::NotUnderstood { why }) => Err(Failure::NotUnderstood(why)),
            (Err(Failure::NotUnderstood(why) | Failure::Stage(StageError::Final(why))), _) => {
                let why = format!("the test that it proposed can't be acted out: {why}");
                return Err(Declined::Unusable(why));
            }
            (result, _) => result,
        };
        rehearsal.end(result).map_err(Declined::Stage)?;
    }
    let mut plan = rehearsal.finish(proposed.title);
    plan.planned_by = PlannedBy::Llm {
        model: llm.provider().model.clone(),
    };
    Ok(plan)
}

async fn act_out(
    on: &mut Rehearsal<'_>,
    steps: impl Iterator<Item = &Step>,
) -> Result<(), Failure> {
    for step in steps {
        match &step.act {
            Act::Expect(expectation) => {
                on.expect(expectation.clone()).await?;
            }
            // Every test opens the target first.
            Act::Goto { path } if !on.has_acted() && *path == path_of(&on.now.url) => {}
            act => on.act(act.clone()).await?,
        }
    }
    Ok(())
}
