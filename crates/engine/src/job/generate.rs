//! Stage 3: the plan becomes a plain `.spec.ts`, as a person would have written
//! it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::steps::{Act, Expectation, Plan, Value};
use crate::browser::locator::{Locator, string_literal};

/// A generated Playwright test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// `login-and-dashboard`: the file is `<name>.spec.ts`.
    pub name: String,
    /// Title of the test: "Login and Dashboard Verification".
    pub title: String,
    /// TypeScript.
    pub source: String,
}

/// Prints the plan. Credentials are read from `TEST_USERNAME` and
/// `TEST_PASSWORD`; paths are relative to the runner's `baseURL`.
pub fn generate(plan: &Plan) -> Script {
    let mut source = String::from("import { test, expect } from '@playwright/test';\n\n");
    line(
        &mut source,
        &format!(
            "test({}, async ({{ page }}) => {{",
            string_literal(&plan.title)
        ),
    );
    if plan.answers_dialogs {
        line(
            &mut source,
            "  page.on('dialog', (dialog) => dialog.accept());",
        );
    }
    let mut intent = None;
    for (index, step) in plan.steps.iter().enumerate() {
        // The first steps, up to a cookie banner, only open the page.
        let opening =
            index < 2 && (matches!(step.act, Act::Goto { .. }) || is_consent(plan, index));
        if is_consent(plan, index) {
            line(&mut source, "  // Answer the cookie banner");
        } else if !opening && intent != Some(step.intent) {
            intent = Some(step.intent);
            let says = plan
                .intents
                .get(step.intent)
                .map_or("", |intent| &intent.says);
            line(&mut source, &format!("\n  // {}", comment(says)));
        }
        line(&mut source, &format!("  await {};", call(&step.act)));
    }
    line(&mut source, "});");
    Script {
        name: file_name(&plan.title),
        title: plan.title.clone(),
        source,
    }
}

/// The second step, recorded with the first before any intent was followed.
fn is_consent(plan: &Plan, index: usize) -> bool {
    index == 1
        && plan.opens_with_consent
        && matches!(
            plan.steps.get(index).map(|step| &step.act),
            Some(Act::Click { .. })
        )
}

fn call(act: &Act) -> String {
    let at = |target: &Locator| format!("page.{}", target.to_code());
    match act {
        Act::Goto { path } => format!("page.goto({})", string_literal(path)),
        Act::Click { target } => format!("{}.click()", at(target)),
        Act::Fill { target, value } => format!("{}.fill({})", at(target), typed(value)),
        Act::Select { target, option } => {
            format!("{}.selectOption({})", at(target), string_literal(option))
        }
        Act::Check {
            target,
            checked: true,
        } => format!("{}.check()", at(target)),
        Act::Check {
            target,
            checked: false,
        } => format!("{}.uncheck()", at(target)),
        Act::Press { target, key } => format!("{}.press({})", at(target), string_literal(key)),
        Act::Expect(expectation) => expect(expectation),
    }
}

fn expect(expectation: &Expectation) -> String {
    let on = |target: &Locator| format!("expect(page.{})", target.to_code());
    match expectation {
        Expectation::Path { path } => format!("expect(page).toHaveURL({})", string_literal(path)),
        Expectation::Title { title } => {
            format!("expect(page).toHaveTitle({})", string_literal(title))
        }
        Expectation::Visible { target } => format!("{}.toBeVisible()", on(target)),
        Expectation::Hidden { target } => format!("{}.toBeHidden()", on(target)),
        Expectation::Count { target, count } => format!("{}.toHaveCount({count})", on(target)),
        Expectation::Text { target, text } => {
            format!("{}.toHaveText({})", on(target), string_literal(text))
        }
        Expectation::ContainsText { target, text } => {
            format!("{}.toContainText({})", on(target), string_literal(text))
        }
        Expectation::FieldValue { target, value } => {
            format!("{}.toHaveValue({})", on(target), string_literal(value))
        }
        Expectation::Checked {
            target,
            checked: true,
        } => format!("{}.toBeChecked()", on(target)),
        Expectation::Checked {
            target,
            checked: false,
        } => format!("{}.not.toBeChecked()", on(target)),
        Expectation::Disabled { target } => format!("{}.toBeDisabled()", on(target)),
        Expectation::Enabled { target } => format!("{}.toBeEnabled()", on(target)),
    }
}

fn typed(value: &Value) -> String {
    match value {
        Value::Text { text } => string_literal(text),
        Value::Username => "process.env.TEST_USERNAME!".to_owned(),
        Value::Password => "process.env.TEST_PASSWORD!".to_owned(),
    }
}

/// The description is the partner's, and stays on its line whatever it holds.
fn comment(says: &str) -> String {
    let plain = |c: char| {
        if c.is_control() || c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') {
            ' '
        } else {
            c
        }
    };
    let says: String = says.chars().map(plain).take(120).collect();
    let says = says.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = says.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// "Login and Dashboard Verification" is `login-and-dashboard`.
fn file_name(title: &str) -> String {
    let title = title.trim_end_matches(" Verification").to_lowercase();
    let plain: String = title
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name: String = plain.split_whitespace().collect::<Vec<_>>().join("-");
    let name: String = name.chars().take(60).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        "page".to_owned()
    } else {
        name.to_owned()
    }
}

fn line(source: &mut String, text: &str) {
    // Writing to a String can't fail.
    let _ = writeln!(source, "{text}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::job::steps::{Intent, IntentOutcome, PlannedBy, Step};

    fn printed(says: &str, title: &str, text: &str) -> String {
        let target = Locator::Text {
            text: text.to_owned(),
            exact: true,
        };
        let plan = Plan {
            title: title.to_owned(),
            planned_by: PlannedBy::default(),
            opens_with_consent: false,
            answers_dialogs: false,
            intents: vec![Intent {
                says: says.to_owned(),
                outcome: IntentOutcome::Rehearsed,
            }],
            steps: vec![
                Step {
                    intent: 0,
                    act: Act::Goto {
                        path: text.to_owned(),
                    },
                },
                Step {
                    intent: 0,
                    act: Act::Expect(Expectation::ContainsText {
                        target,
                        text: text.to_owned(),
                    }),
                },
            ],
        };
        generate(&plan).source
    }

    #[test]
    fn it_reads_as_a_person_would_have_written_it() {
        insta::assert_snapshot!(printed("see the greeting", "Greeting Verification", "Hello"), @r"
        import { test, expect } from '@playwright/test';

        test('Greeting Verification', async ({ page }) => {
          await page.goto('Hello');

          // See the greeting
          await expect(page.getByText('Hello', { exact: true })).toContainText('Hello');
        });
        ");
    }

    proptest! {
        /// Whatever page or description say, it stays inside its literal or its comment.
        #[test]
        fn no_text_changes_the_shape_of_the_program(says: String, title: String, text: String) {
            let source = printed(&says, &title, &text);
            let shape: Vec<&str> = source.lines().map(|line| line.split(['(', '/']).next().unwrap_or(line)).collect();
            let plain = printed("a", "b", "c");
            let expected: Vec<&str> = plain.lines().map(|line| line.split(['(', '/']).next().unwrap_or(line)).collect();
            prop_assert_eq!(shape, expected);
        }
    }
}
