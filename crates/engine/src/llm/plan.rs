//! A browser test proposed by an LLM, for the planner to act out and judge.
//!
//! The LLM sees elements by number and answers with numbers: it can't name an
//! element that the crawl did not prove, and can't send the browser anywhere but
//! to a path of the target.

use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::client::{Llm, LlmError, Task};
use super::fence::Material;
use crate::browser::facts::PageFacts;
use crate::browser::locator::Locator;
use crate::job::steps::{Act, Expectation, Intent, IntentOutcome, Plan, Step, Value};

const MAX_PAGES: usize = 6;
const MAX_ELEMENTS: usize = 80;
const MAX_TEXTS: usize = 30;
const MAX_STEPS: usize = 60;
/// Of all pages together.
const MAX_MATERIAL: usize = 48_000;
const KEYS: [&str; 9] = [
    "Enter",
    "Escape",
    "Tab",
    "Space",
    "Backspace",
    "ArrowDown",
    "ArrowUp",
    "ArrowLeft",
    "ArrowRight",
];
/// Roles of what can be expected to appear.
const ROLES: [&str; 12] = [
    "heading",
    "link",
    "button",
    "alert",
    "status",
    "dialog",
    "region",
    "list",
    "table",
    "navigation",
    "textbox",
    "img",
];

static SCHEMA: LazyLock<Json> = LazyLock::new(|| {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["title", "intents"],
        "properties": {
            "title": {"type": "string", "minLength": 3, "maxLength": 120},
            "intents": {
                "type": "array",
                "minItems": 1,
                "maxItems": 15,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["says", "steps"],
                    "properties": {
                        "says": {"type": "string", "minLength": 1, "maxLength": 300},
                        "steps": {
                            "type": "array",
                            "maxItems": 20,
                            "items": {
                                "type": "object",
                                "additionalProperties": false,
                                "required": ["do", "element", "role", "text", "count"],
                                "properties": {
                                    "do": {"enum": [
                                        "goto", "click", "fill", "fill_username", "fill_password",
                                        "select", "check", "uncheck", "press",
                                        "expect_path", "expect_title", "expect_visible",
                                        "expect_hidden", "expect_text", "expect_value",
                                        "expect_count", "expect_checked", "expect_disabled",
                                        "expect_enabled",
                                    ]},
                                    "element": {"type": ["string", "null"], "maxLength": 20},
                                    "role": {"type": ["string", "null"], "enum": ROLES.iter().map(|role| json!(role)).chain([Json::Null]).collect::<Vec<_>>()},
                                    "text": {"type": ["string", "null"], "maxLength": 500},
                                    "count": {"type": ["integer", "null"], "minimum": 0, "maximum": 1000},
                                },
                            },
                        },
                    },
                },
            },
        },
    })
});

#[derive(Deserialize)]
struct Answer {
    title: String,
    intents: Vec<ProposedIntent>,
}

#[derive(Deserialize)]
struct ProposedIntent {
    says: String,
    steps: Vec<ProposedStep>,
}

#[derive(Deserialize)]
struct ProposedStep {
    r#do: String,
    element: Option<String>,
    role: Option<String>,
    text: Option<String>,
    count: Option<usize>,
}

/// A plan for what `description` asks for, on the pages that were crawled. No
/// intent in it counts as rehearsed: that is for the planner to find out.
pub async fn propose_plan(
    llm: &Llm,
    description: &str,
    pages: &[PageFacts],
) -> Result<Plan, LlmError> {
    let materials = [
        Material {
            what: "description",
            text: description.to_owned(),
        },
        Material {
            what: "pages",
            text: shown(pages),
        },
    ];
    let task = Task {
        name: "plan",
        instructions: "You plan an end-to-end test of a web site. Split the description into what \
            it asks for, clause by clause, in its order and its words (`says`), and give for each \
            the steps that a visitor takes and the checks that prove the clause. Elements are \
            named by their numbers, such as p0e3, groups by theirs, such as p0g1. \
            goto: `text` is a path such as /login. click, check, uncheck: `element`. \
            fill, select: `element` and `text`. fill_username and fill_password: `element` only; \
            the credentials are filled in later. press: `element`, and a key as `text`. \
            expect_path, expect_title: `text`. expect_visible, expect_hidden: `element`, or, for \
            what appears later, `role` and `text` or `text` alone. expect_text, expect_value: \
            `element` and `text`. expect_count: a group or a `role`, and `count`. \
            expect_checked, expect_disabled, expect_enabled: `element`. What a step does not need is null. Every \
            clause ends with a check that fails when the feature is broken; a check on what was \
            there before the step proves nothing. A clause that the pages do not answer to has no \
            steps.",
        schema: &SCHEMA,
        materials: &materials,
    };
    let answer: Answer = llm.ask(&task).await?;
    plan_of(answer, pages).ok_or(LlmError::Invalid)
}

/// None where a step names what is not there or leaves the site.
fn plan_of(answer: Answer, pages: &[PageFacts]) -> Option<Plan> {
    let mut plan = Plan {
        title: answer.title,
        ..Plan::default()
    };
    for proposed in answer.intents {
        let outcome = if proposed.steps.is_empty() {
            IntentOutcome::NotUnderstood {
                why: "nothing on the pages visited answers to it".to_owned(),
            }
        } else {
            IntentOutcome::NotSeen {
                seen: "it was not acted out yet".to_owned(),
            }
        };
        plan.intents.push(Intent {
            says: proposed.says,
            outcome,
        });
        let intent = plan.intents.len() - 1;
        for step in proposed.steps {
            let act = step.act(pages)?;
            plan.steps.push(Step { intent, act });
        }
    }
    (plan.steps.len() <= MAX_STEPS).then_some(plan)
}

impl ProposedStep {
    fn act(self, pages: &[PageFacts]) -> Option<Act> {
        let target = || located(self.element.as_deref()?, pages);
        let text = || self.text.clone().filter(|text| !text.is_empty());
        let later = || match (target(), self.role.clone(), text()) {
            (Some(target), _, _) => Some(target),
            (None, Some(role), name) => Some(Locator::Role {
                role,
                name,
                exact: false,
                level: None,
            }),
            (None, None, Some(text)) => Some(Locator::Text { text, exact: false }),
            (None, None, None) => None,
        };
        Some(match self.r#do.as_str() {
            "goto" => Act::Goto {
                path: own_path(text()?)?,
            },
            "click" => Act::Click { target: target()? },
            "fill" => Act::Fill {
                target: target()?,
                value: Value::Text {
                    text: self.text.clone()?,
                },
            },
            "fill_username" => Act::Fill {
                target: target()?,
                value: Value::Username,
            },
            "fill_password" => Act::Fill {
                target: target()?,
                value: Value::Password,
            },
            "select" => Act::Select {
                target: target()?,
                option: text()?,
            },
            "check" | "uncheck" => Act::Check {
                target: target()?,
                checked: self.r#do == "check",
            },
            "press" => Act::Press {
                target: target()?,
                key: text().filter(|key| KEYS.contains(&key.as_str()))?,
            },
            "expect_path" => Act::Expect(Expectation::Path {
                path: own_path(text()?)?,
            }),
            "expect_title" => Act::Expect(Expectation::Title { title: text()? }),
            "expect_visible" => Act::Expect(Expectation::Visible { target: later()? }),
            "expect_hidden" => Act::Expect(Expectation::Hidden { target: later()? }),
            "expect_text" => Act::Expect(Expectation::ContainsText {
                target: target()?,
                text: text()?,
            }),
            "expect_value" => Act::Expect(Expectation::FieldValue {
                target: target()?,
                value: self.text.clone()?,
            }),
            "expect_count" => Act::Expect(Expectation::Count {
                target: later()?,
                count: self.count?,
            }),
            "expect_checked" => Act::Expect(Expectation::Checked {
                target: target()?,
                checked: true,
            }),
            "expect_disabled" => Act::Expect(Expectation::Disabled { target: target()? }),
            "expect_enabled" => Act::Expect(Expectation::Enabled { target: target()? }),
            _ => return None,
        })
    }
}

/// A path of the target's own origin, however it is read.
fn own_path(path: String) -> Option<String> {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\n', '\r', '\t', '\0'])
        && path.len() <= 2048;
    is_own.then_some(path)
}

/// `p0e3`: element 3 of page 0; `p0g1`: group 1 of it.
fn located(id: &str, pages: &[PageFacts]) -> Option<Locator> {
    let (page, rest) = id
        .strip_prefix('p')?
        .split_once(|c: char| c.is_ascii_alphabetic())?;
    let page = pages.get(page.parse::<usize>().ok()?)?;
    let index: usize = rest.parse().ok()?;
    if id.contains('e') {
        return Some(page.elements.get(index)?.locator.clone());
    }
    id.contains('g')
        .then(|| page.collections.get(index).map(|it| it.items.clone()))?
}

/// What an LLM is shown of pages: no values of fields, no locators.
fn shown(pages: &[PageFacts]) -> String {
    let mut out = String::new();
    for (number, page) in pages.iter().take(MAX_PAGES).enumerate() {
        let path = url::Url::parse(&page.url).map_or_else(
            |_| "/".to_owned(),
            |url| url[url::Position::BeforePath..].to_owned(),
        );
        let _ = writeln!(
            out,
            "page {number}: {} ({})",
            cut(&path, 200),
            cut(&page.title, 120)
        );
        for (index, element) in page.elements.iter().take(MAX_ELEMENTS).enumerate() {
            let _ = write!(
                out,
                "  p{number}e{index} {} \"{}\"",
                element.role,
                cut(&element.name, 80)
            );
            for (what, said) in [
                ("type", &element.input_type),
                ("placeholder", &element.placeholder),
            ] {
                if !said.is_empty() {
                    let _ = write!(out, " {what}={}", cut(said, 40));
                }
            }
            if element.required {
                out.push_str(" required");
            }
            if element.disabled {
                out.push_str(" disabled");
            }
            if !element.options.is_empty() {
                let options: Vec<_> = element
                    .options
                    .iter()
                    .take(12)
                    .map(|it| cut(it, 40))
                    .collect();
                let _ = write!(out, " options: {}", options.join(" | "));
            }
            out.push('\n');
        }
        for (index, group) in page.collections.iter().take(20).enumerate() {
            let titles: Vec<_> = group
                .titles
                .iter()
                .flatten()
                .take(5)
                .map(|it| cut(it, 60))
                .collect();
            let _ = writeln!(
                out,
                "  p{number}g{index} group \"{}\" of {}: {}",
                cut(&group.label, 80),
                group.count,
                titles.join(" | ")
            );
        }
        for text in page.texts.iter().take(MAX_TEXTS) {
            let _ = writeln!(out, "  {}: {}", text.role, cut(&text.text, 160));
        }
    }
    cut(&out, MAX_MATERIAL)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
